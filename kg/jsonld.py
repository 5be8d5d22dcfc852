"""Triples as JSON-LD: nested, compact, pleasant to read; the same bytes every time.

A disease holds its facts under their kinds, a fact holds its evidence lines; everything else is a node of its own.
It is built straight from the table of the context: framing by a general processor is forty times slower.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from kg import vocabulary as v
from kg.context import ID, LANGUAGE_MAP, VOCAB, Coercion, Context
from kg.ontology import Kind
from kg.terms import subject_of

Properties = dict[NamedNode, list[Any]]


class Nodes:
    """The triples of one graph, ready to be written as node objects."""

    def __init__(self, triples: Iterable[Triple], context: Context, labels: dict[str, dict[str, str]] | None = None) -> None:
        self.context = context
        self.labels = labels or {}
        self.kinds = {kind.iri: kind for kind in context.ontology.kinds.values()}
        self.index: dict[NamedNode, Properties] = {}
        self.facts: dict[NamedNode, list[NamedNode]] = {}
        for triple in sorted(triples, key=str):
            self.index.setdefault(subject_of(triple), {}).setdefault(triple.predicate, []).append(triple.object)
        for node, properties in self.index.items():
            if self._kind(properties) and len(properties.get(v.RDF_SUBJECT, [])) == 1:
                self.facts.setdefault(properties[v.RDF_SUBJECT][0], []).append(node)
        self.lines = {line for properties in self.index.values() for line in properties.get(v.EVIDENCE, []) if line in self.index}
        self._nested = self.lines | {fact for subject, facts in self.facts.items() if subject in self.index for fact in facts}

    def _kind(self, properties: Properties) -> Kind | None:
        return next((self.kinds[cls] for cls in properties.get(v.RDF_TYPE, []) if cls in self.kinds), None)

    def roots(self) -> list[NamedNode]:
        """The nodes that no other node holds, sorted."""
        return [node for node in self.index if node not in self._nested]

    def node(self, iri: NamedNode) -> dict[str, Any]:
        """A node object with everything that it holds."""
        properties = self.index[iri]
        kind = self._kind(properties)
        body: dict[str, Any] = {"id": self._id(iri.value)}
        if v.RDF_TYPE in properties:
            body["type"] = _one([self._vocab(cls.value) for cls in properties[v.RDF_TYPE]])
        scoped = self.context.scoped(kind) if kind else {}
        shown = {p for p in properties if p not in (v.RDF_TYPE, v.EVIDENCE) and not (kind and p == v.RDF_SUBJECT)}
        table = {**self.context.coercions, **scoped}
        ordered = [p for p in scoped if p in shown] + sorted(shown - scoped.keys(), key=lambda p: self._key(p, table))
        for predicate in ordered:
            body[self._key(predicate, table)] = self._values(properties[predicate], table.get(predicate))
        if v.EVIDENCE in properties:
            body["evidence"] = [self.node(line) if line in self.index else {"id": self._id(line.value)} for line in properties[v.EVIDENCE]]
        for key, fact in sorted(((self._kind_key(fact), fact) for fact in self.facts.get(iri, [])), key=lambda pair: pair[0]):
            body.setdefault(key, []).append(self.node(fact))
        return body

    def _kind_key(self, fact: NamedNode) -> str:
        kind = self._kind(self.index[fact])
        assert kind is not None
        return kind.key

    def _key(self, predicate: NamedNode, table: dict[NamedNode, Coercion]) -> str:
        coercion = table.get(predicate)
        return coercion.key if coercion else self._vocab(predicate.value)

    def _values(self, values: list[Any], coercion: Coercion | None) -> Any:
        if coercion and coercion.type == LANGUAGE_MAP and all(isinstance(each, Literal) and each.language for each in values):
            tagged: dict[str, list[str]] = {}
            for literal in values:
                tagged.setdefault(literal.language, []).append(literal.value)
            return {tag: _one(texts) for tag, texts in sorted(tagged.items())}
        if coercion and coercion.type == LANGUAGE_MAP:
            # a language map has no room for anything else, so such values go under the full IRI
            return [self._value(each, None) for each in values]
        written = [self._value(each, coercion.type if coercion else None) for each in values]
        return written if coercion and coercion.multiple else _one(written)

    def _value(self, value: Any, type_: str | None) -> Any:
        if isinstance(value, NamedNode):
            return self._resource(value.value, type_)
        if value.language:
            return {"@value": value.value, "@language": value.language}
        datatype = value.datatype
        if type_ == datatype.value and datatype == v.XSD_BOOLEAN and value.value in ("true", "false"):
            return value.value == "true"
        if type_ == datatype.value and datatype == v.XSD_INTEGER:
            return int(value.value)
        if type_ == datatype.value:
            return value.value
        if datatype == v.XSD_STRING:
            return value.value if type_ is None else {"@value": value.value}
        return {"@value": value.value, "@type": self._vocab(datatype.value)}

    def _resource(self, iri: str, type_: str | None) -> Any:
        """A word of our vocabulary or a record of ours is a string; what lies outside is always an object, labelled if we can."""
        if type_ == VOCAB and iri.startswith(v.RF):
            return self._vocab(iri)
        if iri in self.labels:
            return {"id": self._id(iri), "label": self.labels[iri]}
        if type_ == VOCAB and iri in self.context.words:
            return self.context.words[iri]
        return self._id(iri) if type_ == ID and iri.startswith(self.context.base) else {"id": self._id(iri)}

    def _id(self, iri: str) -> str:
        if iri.startswith(self.context.base) and len(iri) > len(self.context.base):
            relative = iri[len(self.context.base) :]
            if ":" not in relative and not relative.startswith(("/", "?", "#")):
                return relative
        return self.context.ontology.prefixes.contract(iri) or iri

    def _vocab(self, iri: str) -> str:
        word = self.context.words.get(iri)
        if word is not None:
            return word
        local = iri.removeprefix(v.RF)
        if local != iri and local not in self.context.document:
            return local
        return self.context.ontology.prefixes.contract(iri) or iri


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def dumps(document: dict[str, Any]) -> bytes:
    """JSON in UTF-8, two spaces a level, with a newline at the end."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def dataset_document(graphs: dict[NamedNode, list[Triple]], context: Context) -> bytes:
    """A whole dataset: each named graph with its nodes."""
    body = []
    for name in sorted(graphs, key=str):
        nodes = Nodes(graphs[name], context)
        body.append({"id": nodes._id(name.value), "graph": [nodes.node(root) for root in nodes.roots()]})
    return dumps({"@context": context.document, "graph": body})
