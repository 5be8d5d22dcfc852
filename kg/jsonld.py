"""Triples as JSON-LD: nested, compact, pleasant to read; the same bytes every time.

A disease holds its facts under their kinds, a fact holds its evidence lines; everything else is a node of its own.
It is built straight from the table of the context: framing by a general processor is forty times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from kg import vocabulary as v
from kg.context import ID, LANGUAGE_MAP, VOCAB, Coercion, Context
from kg.indented import indented
from kg.prefixes import Prefixes
from kg.scope import Scope, contracted, scope_of
from kg.terms import subject_of

Properties = dict[NamedNode, list[Any]]
_SAFE_INTEGER: Final = re.compile("0|-?[1-9][0-9]{0,14}")
"""What every reader of JSON takes for the same integer, and writes back as it was."""
_RELATIVE: Final = re.compile(r"(?![@/?#.])(?!.*/\.)[^:]+")
"""What is surely resolved to itself behind the base: no keyword, no scheme, no step up or aside."""


class Nodes:
    """The triples of one graph, ready to be written as node objects under ``context.document``: that of ``context_of``."""

    def __init__(self, triples: Iterable[Triple], context: Context, labels: dict[str, dict[str, str]] | None = None) -> None:
        triples = sorted(triples, key=str)
        self.context = context
        self.labels = labels or {}
        kinds = {kind.iri: kind for kind in context.ontology.kinds.values()}
        self.index: dict[NamedNode, Properties] = {}
        for triple in triples:
            self.index.setdefault(subject_of(triple), {}).setdefault(triple.predicate, []).append(triple.object)
        classes = ((node, cls) for node, properties in self.index.items() for cls in reversed(properties.get(v.RDF_TYPE, [])))
        self.kind_of = {node: kinds[cls] for node, cls in classes if cls in kinds}
        held = {line for properties in self.index.values() for line in properties.get(v.EVIDENCE, []) if line in self.index}
        # two levels and no more, so that whatever links in circles is still written
        self.lines = {line for line in held - self.kind_of.keys() if v.EVIDENCE not in self.index[line]}
        holders = self.index.keys() - self.kind_of.keys() - self.lines
        self.facts: dict[NamedNode, list[NamedNode]] = {}
        for node in self.index:
            subjects = self.index[node].get(v.RDF_SUBJECT, []) if node in self.kind_of else []
            if len(subjects) == 1 and subjects[0] in holders:
                self.facts.setdefault(subjects[0], []).append(node)
        self._nested = self.lines | {fact for facts in self.facts.values() for fact in facts}

    def roots(self) -> list[NamedNode]:
        """The nodes that no other node holds, sorted."""
        return [node for node in self.index if node not in self._nested]

    def node(self, iri: NamedNode, scope: Scope | None = None) -> dict[str, Any]:
        """A node object with everything that it holds."""
        properties = self.index[iri]
        kind = self.kind_of.get(iri) if iri in self._nested else None
        scope = scope_of(self.context, kind) if kind or scope is None else scope
        body: dict[str, Any] = {"id": self.named(iri.value)}
        classes = [cls for cls in properties.get(v.RDF_TYPE, []) if isinstance(cls, NamedNode)]
        if classes:
            body["type"] = _one([scope.vocab(cls.value) for cls in classes])
        for predicate, key, coercion in scope.ordered(tuple(properties)):
            if predicate == v.EVIDENCE or (kind and predicate == v.RDF_SUBJECT):
                continue
            objects = properties[predicate]
            if predicate == v.RDF_TYPE:
                objects = [each for each in objects if each not in classes]
            if objects:
                body[key] = self._values(objects, coercion, scope)
        if v.EVIDENCE in properties:
            key, coercion = scope.key(v.EVIDENCE)
            body[key] = [self._line(line, scope) for line in properties[v.EVIDENCE]]
        for key, fact in sorted(((self.kind_of[fact].key, fact) for fact in self.facts.get(iri, [])), key=lambda pair: pair[0]):
            body.setdefault(key, []).append(self.node(fact))
        return body

    def _line(self, line: Any, scope: Scope) -> Any:
        if line in self.lines:
            return self.node(line, scope)
        return {"id": self.named(line.value)} if isinstance(line, NamedNode) else self._value(line, VOCAB, scope)

    def _values(self, values: list[Any], coercion: Coercion | None, scope: Scope) -> Any:
        if (
            coercion
            and coercion.type == LANGUAGE_MAP
            and all(isinstance(each, Literal) and each.language and not each.direction for each in values)
        ):
            tagged: dict[str, list[str]] = {}
            for literal in values:
                tagged.setdefault(literal.language, []).append(literal.value)
            return {tag: _one(texts) for tag, texts in sorted(tagged.items())}
        if coercion and coercion.type == LANGUAGE_MAP:
            # a language map has no room for anything else, but such a key may also hold a list
            return [self._value(each, None, scope) for each in values]
        written = [self._value(each, coercion.type if coercion else None, scope) for each in values]
        return written if coercion and coercion.multiple else _one(written)

    def _value(self, value: Any, type_: str | None, scope: Scope) -> Any:
        if isinstance(value, NamedNode):
            return self._resource(value.value, type_, scope)
        if value.language:
            direction = {"@direction": str(value.direction)} if value.direction else {}
            return {"@value": value.value, "@language": value.language, **direction}
        datatype = value.datatype
        if type_ == datatype.value and datatype == v.XSD_BOOLEAN and value.value in ("true", "false"):
            return value.value == "true"
        if type_ == datatype.value and datatype == v.XSD_INTEGER and _SAFE_INTEGER.fullmatch(value.value):
            return int(value.value)
        if type_ == datatype.value:
            return value.value
        if datatype == v.XSD_STRING:
            return value.value if type_ is None else {"@value": value.value}
        return {"@value": value.value, "@type": scope.vocab(datatype.value)}

    def _resource(self, iri: str, type_: str | None, scope: Scope) -> Any:
        """A word of our vocabulary or a record of ours is a string; what lies outside is always an object, labelled if we can."""
        if type_ == VOCAB and iri.startswith(v.RF):
            return scope.vocab(iri)
        if iri in self.labels:
            return {"id": self.named(iri), "label": self.labels[iri]}
        if type_ == VOCAB and iri in self.context.words:
            return scope.vocab(iri)
        return self.named(iri) if type_ == ID and iri.startswith(self.context.base) else {"id": self.named(iri)}

    def named(self, iri: str) -> str:
        """How a node is named: relative to the base, by its prefix, or in full."""
        base = self.context.base
        if base.endswith("/") and iri.startswith(base) and _RELATIVE.fullmatch(iri, len(base)):
            return iri[len(base) :]
        return contracted(self.context, iri)


def context_of(triples: Iterable[Triple], context: Context) -> Context:
    """The context without the prefixes that an IRI in the triples begins with as its scheme: ``<HP:1>`` is not ``HP_1``."""
    taken = schemes(triples) & context.ontology.prefixes.namespaces.keys()
    return _without(context, frozenset(taken)) if taken else context


def schemes(triples: Iterable[Triple]) -> set[str]:
    """The schemes of all IRIs in triples."""
    terms = (term for t in triples for term in (t.subject, t.predicate, t.object.datatype if isinstance(t.object, Literal) else t.object))
    return {term.value.partition(":")[0] for term in terms if isinstance(term, NamedNode)}


@lru_cache(maxsize=8)
def _without(context: Context, taken: frozenset[str]) -> Context:
    prefixes = context.ontology.prefixes
    namespaces = {prefix: namespace for prefix, namespace in prefixes.namespaces.items() if prefix not in taken}
    ontology = copy(context.ontology)
    ontology.__dict__["prefixes"] = Prefixes(namespaces, prefixes.aliases)
    return Context(ontology, context.base)


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


@lru_cache(maxsize=8)
def context_text(context: Context) -> str:
    """The value of ``@context`` as text: the same in every document, so it is written once."""
    return indented(context.document, "  ")


def document(context: Context, body: dict[str, Any]) -> bytes:
    """A document with its context, in UTF-8, two spaces a level, with a newline at the end."""
    rest = f",{indented(body)[1:]}" if body else "\n}"
    return f'{{\n  "@context": {context_text(context)}{rest}\n'.encode()
