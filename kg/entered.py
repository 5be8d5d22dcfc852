"""The imports of a dataset on disk, as they have entered it: what is judged, and how what is published differs from that.

Imports that are for checking only are judged with the others, and nothing that follows from them may be published, only what the works
are that they were made of. They are more than statements to be left out: by what they say two diseases may meet, a fact yield, or a work
be described. So what is published is what enters without them, worked out at the same time: each node is read once for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

from kg.identity import Conflict
from kg.imports import Import, graph_of, nodes
from kg.ontology import Ontology
from kg.scratch import Scratch
from kg.settle import Entering, Settled, Within


@dataclass(frozen=True)
class Entered:
    """Files of N-Quads, in a folder that is removed with this object; ``statements`` are those of all that is judged.

    ``common`` is judged and published; ``checking`` is judged only, and ``publishing`` is there in its stead when it is published. The last
    two are there where it was asked for what is published, and there are imports for checking only.
    """

    common: Path
    checking: Path | None
    publishing: Path | None
    statements: int
    conflicts: tuple[Conflict, ...]
    within: tuple[Within, ...]
    accessions: Mapping[str, str]
    scratch: Scratch

    @property
    def folder(self) -> Path:
        """A folder for what is made of it, such as a store."""
        return self.scratch.path

    @property
    def judged(self) -> Sequence[Path]:
        """The files with what is judged."""
        return [self.common, *([self.checking] if self.checking else [])]


def entered(ontology: Ontology, base: str, quads: Iterable[Quad], imports: Iterable[Import], publishing: bool) -> Entered:
    """Put imports together with what the dataset says, on disk: memory holds the names of the nodes, not what is said of them.

    For publishing, what is published is told apart where there are imports for checking only.
    """
    listed, own = sorted(imports, key=lambda each: each.name), list(quads)
    everything = Settled(ontology, base, own)
    published = Settled(ontology, base, own) if publishing and any(each.private for each in listed) else None
    _learn(listed, everything, published)
    scratch, statements = Scratch(), 0
    paths = [scratch.path / f"{name}.nq" for name in ("common", "checking", "publishing")]
    with ExitStack() as files:
        common, checking, instead = (files.enter_context(path.open("w", encoding="utf-8", newline="\n")) for path in paths)
        for judged, without in _entering(listed, base, everything, published):
            statements += sum(len(each.pairs) for each in judged)
            (common if without is None else checking).writelines(map(Entering.n_quads, judged))
            instead.writelines(map(Entering.n_quads, without or ()))
    apart = paths[1:] if published is not None else (None, None)
    within = tuple(everything.within)
    return Entered(paths[0], apart[0], apart[1], statements, everything.conflicts, within, everything.accessions, scratch)


def _learn(imports: Iterable[Import], everything: Settled, published: Settled | None) -> None:
    for found in imports:
        learning = [everything] if published is None or found.private else [everything, published]
        for node in nodes(found):
            for settled in learning:
                settled.learn(node)
    for settled in [everything] if published is None else [everything, published]:
        settled.decide()


def _entering(
    imports: Iterable[Import], base: str, everything: Settled, published: Settled | None
) -> Iterator[tuple[list[Entering], list[Entering] | None]]:
    """What becomes of each node where all imports are there; and of what is published, where that is something else."""
    for found in imports:
        graph = f"<{graph_of(base, found.name)}>"
        for node in nodes(found):
            judged = list(everything.enter(node, graph, found.shown))
            if published is None:
                yield judged, None
            else:
                kept = not found.private or node.iri in found.works
                without = list(published.enter(node, graph, found.shown)) if kept else []
                yield judged, None if judged == without else without
