"""What a release is made of: the graph with its indexes, the files that there are already, and the parts that make more files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from pyoxigraph import NamedNode, Quad, Store, Triple

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.formats import GZIP, media_type
from kg.graph import store_of
from kg.publish.described import DUMPS, GRAPH, described
from kg.serialize import sorted_quads, sorted_triples
from kg.terms import Value, resource_of, subject_of, value_of


@dataclass(frozen=True)
class Content:
    """All quads of a release: what was written, what follows from it, the ontology, and what the dataset says of itself."""

    dataset: Dataset
    derived: tuple[Quad, ...]

    @cached_property
    def quads(self) -> list[Quad]:
        """What is in the dataset, but for what it says of itself; sorted, each once."""
        return sorted_quads([*self.dataset.ontology.quads(), *self.dataset.quads, *self.derived])

    @cached_property
    def metadata(self) -> list[Triple]:
        """What the dataset says of itself, sorted; its counts are those of ``triples``."""
        return described(self.dataset, self.store, self.head, self.about.get(v.LICENSE))

    @cached_property
    def everything(self) -> list[Quad]:
        """All quads, those of the metadata in a graph of their own; sorted, each once.

        What another graph says already, such as the title, is not repeated there: an engine that does not look for duplicates
        in the union of graphs, as Oxigraph does not, would find it twice.
        """
        graph, said = NamedNode(self.dataset.base + GRAPH), set(self.triples)
        return sorted_quads([*self.quads, *(Quad(t.subject, t.predicate, t.object, graph) for t in self.metadata if t not in said)])

    @cached_property
    def triples(self) -> list[Triple]:
        """The union of all graphs but the metadata, sorted, each once."""
        return sorted_triples(quad.triple for quad in self.quads)

    @cached_property
    def by_subject(self) -> dict[NamedNode, list[Triple]]:
        """The triples of the union by subject."""
        index: dict[NamedNode, list[Triple]] = {}
        for triple in self.triples:
            index.setdefault(subject_of(triple), []).append(triple)
        return index

    @cached_property
    def head(self) -> NamedNode:
        """The dataset itself, which dataset.yaml is about."""
        return next(subject_of(q) for q in self.dataset.quads if q.predicate == v.BASE)

    @cached_property
    def about(self) -> dict[NamedNode, Value]:
        """What dataset.yaml says, by property."""
        return {quad.predicate: value_of(quad) for quad in self.dataset.quads if quad.subject == self.head}

    def said(self, predicate: NamedNode) -> str:
        """What dataset.yaml says, as text; nothing where it says nothing."""
        return self.about[predicate].value if predicate in self.about else ""

    @cached_property
    def store(self) -> Store:
        """All quads but the metadata, to be asked."""
        return store_of(self.quads)

    @property
    def name(self) -> str:
        """The name of the dataset, which its dumps are called by: ``rarefacts`` of ``dataset/rarefacts``."""
        return v.local_name(self.head.value)

    @cached_property
    def diseases(self) -> list[NamedNode]:
        """Every disease, sorted by IRI."""
        return self._of_type(v.DISEASE)

    @cached_property
    def works(self) -> list[NamedNode]:
        """Every work that has a record, sorted by IRI."""
        return self._of_type(v.SOURCE_CLASS)

    @cached_property
    def withdrawn(self) -> dict[str, list[str]]:
        """What has a tombstone and what stands in its place, by path below the base IRI; sorted."""
        base = self.dataset.base
        replaced = {node: [resource_of(t) for t in self.by_subject[node] if t.predicate == v.REPLACED_BY] for node in self.tombstones}
        return {node.value.removeprefix(base): [each.value.removeprefix(base) for each in found] for node, found in replaced.items()}

    @cached_property
    def tombstones(self) -> list[NamedNode]:
        """Every withdrawn thing, sorted by IRI."""
        return self._of_type(v.TOMBSTONE)

    def _of_type(self, cls: NamedNode) -> list[NamedNode]:
        return sorted({subject_of(q) for q in self.dataset.quads if q.predicate == v.RDF_TYPE and q.object == cls}, key=str)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the release, as its manifest has it; the size is in bytes."""

    path: str
    size: int
    sha256: str

    @property
    def extensions(self) -> list[str]:
        """What follows its dots, the last first, without ``gz``."""
        return [suffix[1:] for suffix in reversed(PurePosixPath(self.path).suffixes) if suffix[1:] != GZIP]

    @property
    def media_type(self) -> str:
        """Its media type, by its extension. Raises KeyError where that is not in the table of formats."""
        return media_type(self.path)

    def is_dump_of(self, name: str) -> bool:
        """Whether it holds a whole dataset of that name, in some form."""
        return self.path.removeprefix(name) in DUMPS


def _nothing(path: str) -> bytes:
    raise KeyError(path)


@dataclass(frozen=True, slots=True)
class Written:
    """The files that there are already, in the order in which they were made, and their bytes."""

    files: list[File] = field(default_factory=list)
    read: Callable[[str], bytes] = _nothing


Part = Callable[[Content, Written], Iterator[tuple[str, bytes]]]
"""A part of a release: path and bytes of each file that it makes, one by one; it sees the files of the parts before it."""
