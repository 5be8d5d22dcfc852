"""A document per disease, for programs: its facts with their evidence, withdrawn ones, works cited, and the labels of what they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from kg import vocabulary as v
from kg.context import Context
from kg.formats import JSON_LD, N_TRIPLES, TURTLE
from kg.jsonld import Nodes, context_of, document
from kg.publish.citations import Citations
from kg.publish.content import Content
from kg.publish.embed import EXTENSION
from kg.publish.file import Body
from kg.publish.projection import Projection
from kg.publish.written import Written
from kg.serialize import write
from kg.terms import resource_of, subject_of
from kg.tombstones import facts


def documents(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the documents of each disease, each work and each tombstone: Turtle, N-Triples, JSON-LD.

    Of a disease also what its page embeds, and its facts to be cited.
    """
    made = Documents(content)
    things = [*content.diseases, *content.works, *content.tombstones]
    yield from written.traces.files("documents", made.files, things, made.given, made.ahead)


class Documents:
    """The documents of each disease, work and tombstone of a release, node by node."""

    def __init__(self, content: Content) -> None:
        self._base, self._about = content.dataset.base, content.by_subject
        self.context = Context(content.dataset.ontology, content.dataset.base)
        self._projection = Projection(content)
        self._citations = Citations(content)
        self._diseases = frozenset(content.diseases)
        self._withdrawn = facts(content.by_subject)
        self._ontologys = frozenset(_only_in_ontology(content))
        self.given = sorted(map(str, self._ontologys)), sorted(map(str, self._about[content.head]))

    def ahead(self, nodes: Sequence[NamedNode]) -> None:
        """Work out what the documents of some nodes need that is made for many at once."""
        self._projection.ask(node for node in nodes if node in self._diseases)

    def files(self, node: NamedNode) -> list[tuple[str, bytes]]:
        """Path and bytes of the documents of a disease, a work or a tombstone."""
        path, triples = node.value.removeprefix(self._base), self.triples(node)
        found = [(f"{path}.{each.extension}", write(triples, each, self.context.ontology)) for each in (TURTLE, N_TRIPLES)]
        found.append((f"{path}.{JSON_LD.extension}", self.json_ld(node, triples)))
        if node in self._diseases:
            told = self._projection.of(node)
            found.append((f"{path}.{EXTENSION}", told.page_about(node)))
            found += self._citations.files(path, self._about.facts(node), told)
        return found

    def triples(self, disease: NamedNode) -> list[Triple]:
        """The triples of the document of a disease, a work or a tombstone, its own first."""
        about = self._about
        nodes = [disease, *about.facts(disease)]
        nodes += [resource_of(t) for fact in nodes[1:] for t in about.get(fact, []) if t.predicate == v.EVIDENCE]
        nodes += self._withdrawn.get(disease, ())
        body = [triple for node in nodes for triple in about.get(node, [])]
        works = sorted({resource_of(t) for t in body if t.predicate in (v.SOURCE, v.VIA)}, key=str)
        body += [triple for work in works for triple in about.get(work, [])]
        named = sorted({t.object for t in body if isinstance(t.object, NamedNode)} - {disease}, key=str)
        return list(dict.fromkeys([*body, *(label for node in named for label in self._labels(node))]))

    def _labels(self, node: NamedNode) -> list[Triple]:
        return [t for t in self._about.labels(node) if t not in self._ontologys]

    def json_ld(self, disease: NamedNode, triples: list[Triple]) -> bytes:
        """The same triples, nested: the disease with its facts, and what else they cite under ``included``."""
        labels: dict[str, dict[str, str]] = {}
        labelled = {t for t in triples if t.predicate == v.RDFS_LABEL and t.subject != disease}
        for triple in sorted(labelled, key=str):
            assert isinstance(triple.object, Literal)
            labels.setdefault(subject_of(triple).value, {})[triple.object.language or "@none"] = triple.object.value
        rest = [t for t in triples if t not in labelled]
        nodes = Nodes(rest, context_of(rest, self.context), labels)
        included = [nodes.node(root) for root in nodes.roots() if root != disease]
        body = nodes.node(disease)
        return document(nodes.context, {**body, "included": included} if included else body)


def _only_in_ontology(content: Content) -> Iterator[Triple]:
    """The labels that only the ontology gives: a document leaves them to it."""
    for t in content.dataset.ontology.triples:
        if t.predicate == v.RDFS_LABEL:
            graphs = {quad.graph_name for quad in content.store.quads_for_pattern(t.subject, t.predicate, t.object, None)}
            if graphs <= {v.ONTOLOGY_GRAPH}:
                yield t
