"""The files of a release: dumps of the whole, and a document per disease. Everything is made in memory, path by path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kg import vocabulary as v
from kg.context import Context
from kg.dataset import Dataset
from kg.formats import CSV, GZIP, JSON_LD, N_QUADS, N_TRIPLES, TRIG, TSV, TURTLE
from kg.graph import construct, projections, store_of
from kg.jsonld import Nodes, dataset_document, dumps
from kg.layout import ontology_folders
from kg.publish.crawlers import File
from kg.publish.embed import EXTENSION, Embedding
from kg.publish.metadata import description
from kg.publish.tables import Tables, compressed
from kg.serialize import sorted_quads, sorted_triples, write
from kg.terms import resource_of, subject_of

RDF12 = "rdf12"
_COMPRESSED = (N_QUADS.extension, TURTLE.extension, JSON_LD.extension)


@dataclass(frozen=True)
class Content:
    """All quads of a release: what was written, what follows from it, and the ontology."""

    dataset: Dataset
    derived: tuple[Quad, ...]

    @cached_property
    def quads(self) -> list[Quad]:
        """Sorted, each once."""
        return sorted_quads([*self.dataset.ontology.quads(), *self.dataset.quads, *self.derived])

    @cached_property
    def triples(self) -> list[Triple]:
        """The union of all graphs, sorted, each once."""
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
    def store(self) -> Store:
        """All quads, to be asked."""
        return store_of(self.quads)

    @cached_property
    def embedding(self) -> Embedding:
        """What pages embed, in the words of schema.org."""
        return Embedding(self.dataset, self.store)

    @property
    def name(self) -> str:
        """The name of the dataset, which its dumps are called by: ``rarefacts`` of ``dataset/rarefacts``."""
        return v.local_name(self.head.value)

    def diseases(self) -> list[NamedNode]:
        """Every disease, sorted by IRI."""
        return sorted({subject_of(q) for q in self.dataset.quads if q.predicate == v.RDF_TYPE and q.object == v.DISEASE}, key=str)


def release_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file of a release but its manifest and what speaks of the other files (``description_files``)."""
    for path, body in _dumps(content):
        yield path, body
        if path.rpartition(".")[2] in _COMPRESSED:
            yield f"{path}.{GZIP}", compressed(body)
    yield "context.jsonld", dumps({"@context": Context(content.dataset.ontology, content.dataset.base).document})
    yield from _tables(content)
    yield from _documents(content)


def description_files(content: Content, files: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of what speaks of the other files, as the manifest lists them, so it is asked for after all of them."""
    listed = [File(file["path"], file["size"], file["sha256"]) for file in files]
    yield from description(content.dataset, content.name, content.head, content.store, listed)


def _dumps(content: Content) -> Iterator[tuple[str, bytes]]:
    ontology = content.dataset.ontology
    context = Context(ontology, content.dataset.base)
    yield f"{content.name}.{N_QUADS.extension}", write(content.quads, N_QUADS, ontology)
    yield f"{content.name}.{TRIG.extension}", write(content.quads, TRIG, ontology)
    yield f"{content.name}.{TURTLE.extension}", write(content.triples, TURTLE, ontology)
    yield f"{content.name}.{JSON_LD.extension}", dataset_document(_by_graph(content.quads), context)
    yield f"{content.name}-rdf12.{TURTLE.extension}", write(sorted_triples([*content.triples, *_reifiers(content)]), TURTLE, ontology)


def _tables(content: Content) -> Iterator[tuple[str, bytes]]:
    tables = Tables(content.dataset, content.name, content.store)
    yield f"{content.name}-facts.{CSV}", tables.facts()
    yield f"{content.name}.sssom.{TSV}", tables.mappings()


def _documents(content: Content) -> Iterator[tuple[str, bytes]]:
    ontology = content.dataset.ontology
    documents = _Documents(content, Context(ontology, content.dataset.base))
    for disease in content.diseases():
        path = disease.value.removeprefix(content.dataset.base)
        triples = documents.triples(disease)
        yield f"{path}.{TURTLE.extension}", write(triples, TURTLE, ontology)
        yield f"{path}.{N_TRIPLES.extension}", write(triples, N_TRIPLES, ontology)
        yield f"{path}.{JSON_LD.extension}", documents.json_ld(disease, triples)
        yield f"{path}.{EXTENSION}", content.embedding.document(disease)


def _by_graph(quads: Iterable[Quad]) -> dict[NamedNode, list[Triple]]:
    graphs: dict[NamedNode, list[Triple]] = {}
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        graphs.setdefault(quad.graph_name, []).append(quad.triple)
    return graphs


def _reifiers(content: Content) -> list[Triple]:
    query = projections(ontology_folders(content.dataset.folder))[RDF12]
    return construct(content.store, RDF12, query, content.dataset.ontology)


class _Documents:
    """One document per disease: its facts with their evidence, the works they cite, and the labels of what they name."""

    def __init__(self, content: Content, context: Context) -> None:
        self.content = content
        self.context = context
        self.facts: dict[NamedNode, list[NamedNode]] = {}
        for triple in content.triples:
            if triple.predicate == v.RDF_SUBJECT:
                self.facts.setdefault(resource_of(triple), []).append(subject_of(triple))
        self.labels = sorted_triples(q.triple for q in (*content.dataset.quads, *content.derived) if q.predicate == v.RDFS_LABEL)
        self.labels_of: dict[NamedNode, list[Triple]] = {}
        for label in self.labels:
            self.labels_of.setdefault(subject_of(label), []).append(label)

    def triples(self, disease: NamedNode) -> list[Triple]:
        """The triples of a document, the disease's own first."""
        about = self.content.by_subject
        nodes = [disease, *self.facts.get(disease, [])]
        nodes += [resource_of(t) for fact in nodes[1:] for t in about.get(fact, []) if t.predicate == v.EVIDENCE]
        body = [triple for node in nodes for triple in about.get(node, [])]
        works = sorted({resource_of(t) for t in body if t.predicate in (v.SOURCE, v.VIA)}, key=str)
        body += [triple for work in works for triple in about.get(work, [])]
        named = sorted({t.object for t in body if isinstance(t.object, NamedNode)} - {disease}, key=str)
        return list(dict.fromkeys([*body, *(label for node in named for label in self.labels_of.get(node, []))]))

    def json_ld(self, disease: NamedNode, triples: list[Triple]) -> bytes:
        """The same triples, nested: the disease with its facts, and what else they cite under ``included``."""
        labels: dict[str, dict[str, str]] = {}
        labelled = {t for t in triples if t.predicate == v.RDFS_LABEL and t.subject != disease}
        for triple in sorted(labelled, key=str):
            assert isinstance(triple.object, Literal)
            labels.setdefault(subject_of(triple).value, {})[triple.object.language or "@none"] = triple.object.value
        nodes = Nodes((t for t in triples if t not in labelled), self.context, labels)
        others = [nodes.node(root) for root in nodes.roots() if root != disease]
        document = {"@context": nodes.context.document, **nodes.node(disease)}
        return dumps({**document, "included": others} if others else document)
