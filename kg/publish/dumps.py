"""The dumps of the whole, in each format of RDF, and the JSON-LD context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import BinaryIO, Final

from kg.context import Context
from kg.formats import COMPRESSED, GZIP, JSON_LD, N_QUADS, TRIG, TURTLE
from kg.graph import constructed, projections
from kg.jsonld import document
from kg.jsonld_graphs import write_dataset
from kg.layout import ontology_folders
from kg.parallel import worth_it
from kg.publish.content import Content
from kg.publish.file import Body, in_chunks
from kg.publish.packing import packed
from kg.publish.pieces import AT_ONCE, CLOSING, Pieces, Slice
from kg.publish.written import Written
from kg.serialize import headed, named_in
from kg.sorting import once, sorted_lines
from kg.subjects import Part

RDF12: Final = "rdf12"


def dumps(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the dumps, compressed as well where they are large, and of the context.

    Those with graphs also hold what the dataset says of itself, so that an endpoint loaded with one describes itself; a dump of
    one graph is the union of all graphs but that one.
    """
    made, folder, executor = _Dumps(content), written.folder, content.executor
    context = Context(content.dataset.ontology, content.dataset.base)

    quads = f"{content.name}.{N_QUADS.extension}"
    forms: dict[str, Body] = {
        quads: in_chunks(made.quads),
        f"{content.name}.{TRIG.extension}": in_chunks(made.trig),
        f"{content.name}.{TURTLE.extension}": in_chunks(made.triples),
        f"{content.name}.{JSON_LD.extension}": lambda stream: write_dataset(folder / quads, context, stream, content.scratch, executor),
        f"{content.name}-{RDF12}.{TURTLE.extension}": in_chunks(made.reified),
    }
    for name, body in forms.items():
        yield name, body
        if name.rpartition(".")[2] in COMPRESSED:
            yield f"{name}.{GZIP}", in_chunks(partial(packed, folder / name, executor))
    yield "context.jsonld", document(context, {})
    made.remove()


class _Dumps:
    """The sorted statements in each format, put together from what each part of them is."""

    def __init__(self, content: Content) -> None:
        dataset, parts = content.dataset, content.by_subject.parts(AT_ONCE)
        reifiers = content.scratch.path / f"{RDF12}.nt"
        query = projections(ontology_folders(dataset.folder))[RDF12]
        with reifiers.open("wb") as file:
            lines = once(sorted_lines(constructed(content.store, RDF12, query, dataset.ontology)))
            divided = _divide(lines, parts, [content.by_subject.first(part) for part in parts], file)
        pieces = Pieces(content.by_subject, reifiers, divided, dataset.ontology, content.scratch.path)
        made = content.executor.map(pieces, parts, 1, worth_it(content.by_subject.index.size))
        self._pieces = list(islice(made, 1))  # a process is not to be forked while a thread is in the engine
        with ThreadPoolExecutor(1) as thread:
            own = thread.submit(lambda: content.own)  # the counts in it take long, and the engine lets others work meanwhile
            self._pieces += made
        self._all = [*self._pieces, pieces.piece(b"".join(own.result()), "own")]
        self._graphs = sorted({graph for piece in self._all for graph in piece.graphs}, key=lambda graph: graph + b" ")
        self._prefixes = dataset.ontology.prefixes.namespaces

    def remove(self) -> None:
        """Remove the parts."""
        for piece in self._all:
            piece.path.unlink()

    def quads(self) -> Iterator[bytes]:
        """All quads as N-Quads, sorted by graph, subject, predicate and object."""
        for graph in self._graphs:
            yield from (piece.read(piece.graphs[graph].lines) for piece in self._all if graph in piece.graphs)

    def trig(self) -> Iterator[bytes]:
        """The same as TriG."""
        named = frozenset().union(*(piece.named for piece in self._all))
        yield headed(named | named_in(b"\n".join(self._graphs), self._prefixes), TRIG, self._prefixes)
        for graph in self._graphs:
            its = [(piece, piece.graphs[graph]) for piece in self._all if graph in piece.graphs]
            yield its[0][1].opening
            yield from (piece.read(those.trig) for piece, those in its)
            yield CLOSING

    def triples(self) -> Iterator[bytes]:
        """The union of the graphs as Turtle, sorted, each triple once."""
        yield headed(frozenset().union(*(piece.named for piece in self._pieces)), TURTLE, self._prefixes)
        yield from (piece.read(piece.triples) for piece in self._pieces)

    def reified(self) -> Iterator[bytes]:
        """The same with the reifiers of RDF 1.2."""
        yield headed(frozenset().union(*(piece.named_reified for piece in self._pieces)), TURTLE, self._prefixes)
        yield from (piece.read(piece.reified) for piece in self._pieces)


def _divide(lines: Iterable[bytes], parts: list[Part], firsts: list[bytes], file: BinaryIO) -> dict[Part, Slice]:
    """Write sorted lines, and tell which of them belong to each part, by the first subjects of the parts."""
    starts = [0]
    for line in lines:
        while len(starts) < len(parts) and line.partition(b" ")[0] >= firsts[len(starts)]:
            starts.append(file.tell())
        file.write(line)
    starts += [file.tell()] * (len(parts) + 1 - len(starts))
    return {part: (starts[number], starts[number + 1]) for number, part in enumerate(parts)}
