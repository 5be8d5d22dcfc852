"""What a release is made of: the statements, sorted and by subject, and the parts that make files of them."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.graph import derived_graph
from kg.parallel import HERE, Aside, Executor, cores
from kg.publish.asked import Asking
from kg.publish.described import GRAPH, described
from kg.publish.file import Body
from kg.publish.written import Written
from kg.ranges import Unsorted
from kg.reads import Reads
from kg.scratch import Scratch
from kg.serialize import to_bytes
from kg.subjects import Subjects
from kg.terms import Value, resource_of, subject_of, value_of
from kg.tombstones import things

_READ: Final = 2**23
"""Bytes of statements that are put in order with others at a time, more or less."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All quads, the triples in the union of the graphs but the metadata, the statements of facts, and the hash of all.

    That is SHA-256 of the canonical N-Quads (RDFC-1.0, https://www.w3.org/TR/rdf-canon/), in hexadecimal: without blank nodes, which
    readers refuse, canonical are the lines in the order of their bytes.
    """

    quads: int
    triples: int
    facts: int
    rdfc: str


@dataclass(frozen=True)
class Content:
    """What was written, what follows from it, and the ontology; and what the dataset says of itself.

    Statements are lines of N-Quads in sorted files in a temporary folder, and lines, triples and nodes are read from there as they are
    needed: memory holds what is being written. ``store`` has all of them but the metadata, to be asked. From there comes what was derived;
    what was written comes from the dataset, but where the store is ``filled`` with more than that, such as imports. ``executor`` does the
    work.
    """

    dataset: Dataset
    store: Store
    executor: Executor = HERE
    filled: bool = False

    @cached_property
    def scratch(self) -> Scratch:
        """Where statements are that do not fit into memory."""
        return Scratch(self.executor.shared)

    @cached_property
    def reads(self) -> Reads:
        """What is read of it while something is made."""
        return Reads()

    @cached_property
    def by_subject(self) -> Subjects:
        """The triples of the union of all graphs but the metadata by subject."""
        listed = (v.DISEASE, v.SOURCE_CLASS, v.TOMBSTONE, v.IMPORT)
        return Subjects(self.scratch, "sorted.nq", self._unsorted(), self.reads, listed, self.executor)

    def _unsorted(self) -> list[Unsorted]:
        graphs = sorted(self.store.named_graphs(), key=str) if self.filled else [derived_graph(self.dataset)]
        with ThreadPoolExecutor(cores()) as threads:  # the store lets others work meanwhile
            dumped = list(threads.map(self._dump, enumerate(graphs)))
        if self.filled:
            return dumped
        file = self.scratch.path / "written.nq"
        with file.open("wb") as stream:  # not by way of the store, which would rewrite literals
            serialize(self.dataset.ontology.quads(), stream, format=RdfFormat.N_QUADS)
            stream.writelines(self.dataset.quads.blocks())
        return [Unsorted(file), *dumped]

    def _dump(self, numbered: tuple[int, NamedNode | BlankNode]) -> Unsorted:
        number, graph = numbered
        file = self.scratch.path / f"unsorted-{number}"
        self.store.dump(str(file), format=RdfFormat.N_QUADS, from_graph=graph)
        return Unsorted(file, f" {graph} .\n".encode())

    @cached_property
    def metadata(self) -> list[Triple]:
        """What the dataset says of itself, sorted; its counts are those of the union of all other graphs."""
        [found] = self._counted.results() if self._counted else [self._described(self.head)]
        return found

    @cached_property
    def _counted(self) -> Aside[NamedNode, list[Triple]] | None:
        """The same, made by a process of its own; nothing where the store is on disk, and cannot be shared."""
        return Aside(self._described, [self.head]) if self.dataset.in_memory else None

    @cached_property
    def asking(self) -> Asking:
        """The questions that come with the project, put to the union of all other graphs."""
        return Asking(self.store, self.dataset.ontology, self.scratch.path, self.dataset.in_memory)

    def begin(self) -> None:
        """Have that worked out from now on which is asked of the whole, and takes long: the counts, and the answers to questions."""
        _ = self._counted, self.asking

    def _described(self, head: NamedNode) -> list[Triple]:
        return described(self.dataset, self.store, head, self.about.get(v.LICENSE))

    @cached_property
    def own(self) -> list[bytes]:
        """The lines of the metadata, in a graph of their own.

        What another graph says already, such as the title, is not repeated there: an engine that does not look for duplicates
        in the union of graphs, as Oxigraph does not, would find it twice.
        """
        graph = NamedNode(self.dataset.base + GRAPH)
        new = [t for t in self.metadata if t not in self.by_subject.get(subject_of(t), ())]
        quads = (Quad(t.subject, t.predicate, t.object, graph) for t in new)
        return sorted(to_bytes(quads, RdfFormat.N_QUADS).splitlines(keepends=True))

    def measured(self) -> Whole:
        """How much there is, and its hash; the quads of the metadata count as quads."""
        index, sha256 = self.by_subject.index, hashlib.sha256()
        for chunk in with_lines(self.by_subject, self.own):
            sha256.update(chunk)
        return Whole(index.quads + len(self.own), index.triples, index.facts, sha256.hexdigest())

    @cached_property
    def head(self) -> NamedNode:
        """The dataset itself, which dataset.yaml is about."""
        return next(subject_of(q) for q in self.dataset.quads.saying(v.BASE))

    @cached_property
    def about(self) -> dict[NamedNode, Value]:
        """What dataset.yaml says, by property."""
        return {quad.predicate: value_of(quad) for quad in self.dataset.quads.about(self.head)}

    def said(self, predicate: NamedNode) -> str:
        """What dataset.yaml says, as text; nothing where it says nothing."""
        return self.about[predicate].value if predicate in self.about else ""

    @property
    def name(self) -> str:
        """The name of the dataset, which its dumps are called by: ``rarefacts`` of ``dataset/rarefacts``."""
        return v.local_name(self.head.value)

    @property
    def diseases(self) -> list[NamedNode]:
        """Every disease, sorted by IRI."""
        return self.by_subject.of_type(v.DISEASE)

    @property
    def works(self) -> list[NamedNode]:
        """Every work that has a record, sorted by IRI."""
        return self.by_subject.of_type(v.SOURCE_CLASS)

    @property
    def imports(self) -> list[NamedNode]:
        """Every import, sorted by IRI."""
        return self.by_subject.of_type(v.IMPORT)

    @cached_property
    def withdrawn(self) -> dict[str, list[str]]:
        """Withdrawn diseases and works, and what stands in their place, by path below the base IRI; sorted."""
        base = self.dataset.base
        replaced = {node: [resource_of(t) for t in self.by_subject[node] if t.predicate == v.REPLACED_BY] for node in self.tombstones}
        return {node.value.removeprefix(base): [each.value.removeprefix(base) for each in found] for node, found in replaced.items()}

    @property
    def tombstones(self) -> list[NamedNode]:
        """Every withdrawn disease and work, sorted by IRI."""
        return things(self.by_subject)


def with_lines(subjects: Subjects, lines: Sequence[bytes]) -> Iterator[bytes]:
    """All statements of a file and other sorted lines, in the order of their bytes."""
    parts, rest = subjects.parts(_READ) or [(0, 0)], lines
    for part, following in pairwise([*parts, None]):
        assert part is not None
        here = bisect_left(rest, subjects.first(following)) if following else len(rest)
        body = subjects.read(part)
        yield b"".join(sorted([*body.splitlines(keepends=True), *rest[:here]])) if here else body
        rest = rest[here:]


Part = Callable[[Content, Written], Iterator[tuple[str, Body]]]
"""A part of a release: path and body of each file that it makes, one by one; it sees the files of the parts before it."""
