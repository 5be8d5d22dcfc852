"""A record: one YAML file about one disease, source, waiver or withdrawn thing; read into quads that know their place.

A record is YAML-LD written for hands. Its keys are the terms of the JSON-LD context (see ``Context.scoped``), with shorthands: facts stand
under their kind by their own name, withdrawn ones under ``withdrawn``; evidence may be one line (``KEY via KEY at PLACE``); ``modified``
and ``checked`` at the top hold for all below; a label may follow the key of a record. What is not understood is refused, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import NamedNode, Quad

from kg import vocabulary as v
from kg.errors import Place, UnreadableError
from kg.evidence import evidence_body, evidence_name
from kg.ontology import Kind, Property, RecordType
from kg.places import Places
from kg.record_types import record_type
from kg.statements import Statements
from kg.terms import Value
from kg.tree import Mapping, Node, Scalar, Sequence
from kg.values import ValueRefusedError, Values, did_you_mean

_FACT_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_GONE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")  # facts of imports and of RDF files have such names
_FOR_FACTS, _FOR_EVIDENCE = v.MODIFIED, (v.CHECKED, v.CURATOR)


def read_record(tree: Node, values: Values, places: Places) -> list[Quad]:
    """The quads of a record, in the graph that is named after it. Raises UnreadableError with every mistake."""
    kind, key, label = record_type(tree, values.ontology)
    assert isinstance(tree, Mapping)
    reader = _Reader(values, places, NamedNode(f"{values.base}graph/{kind.path}{key.text}"))
    subject = NamedNode(values.base + kind.path + key.text)
    reader.record(tree, kind, subject, key.place)
    reader.compare(subject, key, label)
    if reader.problems:
        raise UnreadableError(reader.problems)
    return reader.quads


@dataclass
class _Reader(Statements):
    names: dict[str, Place] = field(default_factory=dict)
    defaults: dict[NamedNode, list[tuple[Value, Place]]] = field(default_factory=dict)

    @cached_property
    def _flat(self) -> dict[str, Property]:
        """The keys that may stand anywhere; subject, predicate and object have keys of their own in each kind."""
        triple = (v.RDF_SUBJECT, v.RDF_PREDICATE, v.RDF_OBJECT)
        return {key: prop for key, prop in self.values.ontology.properties.items() if prop.iri not in triple}

    def record(self, tree: Mapping, kind: RecordType, subject: NamedNode, place: Place) -> None:
        ontology = self.values.ontology
        with_facts = kind.iri == v.DISEASE
        facts = ontology.kinds if with_facts else {}
        language, entries = self.language_of(tree)
        self.places.add(place, subject.value)
        self.state(subject, v.RDF_TYPE, kind.iri, place)
        for key, node in entries:
            if key.text == kind.key:
                continue
            if key.text in facts:
                sort = facts[key.text]
                for name, body in self._by_name(node, key.text, sort.label, f"{sort.object.key}, evidence", _FACT_ID):
                    self._fact(sort, name, body, subject, language)
                continue
            if with_facts and key.text == self._gone:
                for name, body in self._by_name(node, key.text, "withdrawn fact", "title, withdrawnOn, reason", _GONE_ID):
                    self._withdrawal(name, body, subject, language)
                continue
            if (prop := self.property_of(key, self._flat, [*facts, self._gone] if with_facts else ())) is None:
                continue
            found = self.values_of(node, prop, language)
            if with_facts and (prop.iri == _FOR_FACTS or prop.iri in _FOR_EVIDENCE):
                self.defaults[prop.iri] = found
            if not (with_facts and prop.iri in _FOR_EVIDENCE):
                self.state_all(subject, prop, found, key)

    @cached_property
    def _gone(self) -> str:
        """The key that withdrawn facts stand under."""
        return next(key for key, kind in self.values.ontology.record_types.items() if kind.iri == v.TOMBSTONE)

    def _by_name(self, node: Node, where: str, called: str, keys: str, pattern: re.Pattern[str]) -> Iterator[tuple[Scalar, Mapping]]:
        """What stands under a key by its own name, which is that of nothing else in the record."""
        if not isinstance(node, Mapping):
            self.problem(node.place, "wrong-type", f'"{where}" wants facts by name: the name of a fact, a colon, and its keys below')
            return
        if not node.entries:
            self.problem(node.place, "no-value", f'"{where}" has no facts; write one or remove the key')
        for key, body in node.entries:
            if not pattern.fullmatch(key.text):
                self.problem(key.place, "fact-name", f'"{key.text}" cannot name a fact; use small letters, digits and "-"')
            elif key.text in self.names:
                message = f'"{key.text}" names another fact in line {self.names[key.text].line}; each fact needs a name of its own'
                self.problem(key.place, "duplicate-id", message)
            elif not isinstance(body, Mapping):
                self.problem(body.place, "wrong-type", f'{called} "{key.text}" wants keys: {keys} and the like')
            else:
                self.names[key.text] = key.place
                yield key, body

    def _withdrawal(self, key: Scalar, body: Mapping, disease: NamedNode, language: str) -> None:
        fact = NamedNode(f"{disease.value}#{key.text}")
        self.places.add(key.place, fact.value)
        self.state(fact, v.RDF_TYPE, v.TOMBSTONE, key.place)
        self.state(fact, v.PART_OF, disease, key.place)
        language, entries = self.language_of(body, language)
        for name, node in entries:
            if prop := self.property_of(name, self._flat):
                self.state_all(fact, prop, self.values_of(node, prop, language), name)

    def _fact(self, kind: Kind, key: Scalar, body: Mapping, disease: NamedNode, language: str) -> None:
        fact = NamedNode(f"{disease.value}#{key.text}")
        self.places.add(key.place, fact.value)
        self.state(fact, v.RDF_TYPE, kind.iri, key.place)
        self.state(fact, v.RDF_SUBJECT, disease, key.place)
        language, entries = self.language_of(body, language)
        properties: dict[str, Property] = {**self._flat, kind.object.key: kind.object}
        if kind.predicate:
            properties[kind.predicate.key] = kind.predicate
        given: set[NamedNode] = set()
        for name, node in entries:
            prop = self.property_of(name, properties)
            if prop is None:
                continue
            given.add(prop.iri)
            if prop.iri == v.EVIDENCE:
                self._evidence(node, fact, language)
            elif prop.iri == v.RDF_PREDICATE:
                self.state_all(fact, prop, self._predicates(node, prop, kind), name)
            else:
                self.state_all(fact, prop, self.values_of(node, prop, language), name)
        if v.RDF_PREDICATE not in given and kind.default_predicate is not None:
            self.state(fact, v.RDF_PREDICATE, kind.default_predicate, key.place)
        self._state_defaults(fact, [_FOR_FACTS], given)

    def _predicates(self, node: Node, prop: Property, kind: Kind) -> list[tuple[Value, Place]]:
        known = {self.values.ontology.term(predicate): predicate for predicate in kind.predicates}
        if isinstance(node, Scalar) and node.text in known:
            return [(known[node.text], node.place)]
        said = node.text if isinstance(node, Scalar) else "a list or map"
        self.problem(node.place, "unknown-name", f'"{prop.key}" has no value "{said}"{did_you_mean(said, known)}')
        return []

    def _evidence(self, node: Node, fact: NamedNode, language: str) -> None:
        lines: dict[str, Place] = {}
        for item in node.items if isinstance(node, Sequence) else [node]:
            try:
                body = evidence_body(item)
                name = evidence_name(body)
            except ValueRefusedError as error:
                self.problem(item.place, error.rule, str(error))
                continue
            if name in lines:
                message = f'is a second evidence line "{name}" of this fact (first in line {lines[name].line}); give one an id: of its own'
                self.problem(item.place, "duplicate-id", message)
            else:
                lines[name] = item.place
                self._evidence_line(body, fact, NamedNode(f"{fact.value}.{name}"), language)

    def _evidence_line(self, body: Mapping, fact: NamedNode, line: NamedNode, language: str) -> None:
        self.places.add(body.place, line.value)
        self.state(fact, v.EVIDENCE, line, body.place)
        self.state(line, v.RDF_TYPE, v.EVIDENCE_LINE, body.place)
        language, entries = self.language_of(body, language)
        given: set[NamedNode] = set()
        for key, node in entries:
            prop = None if key.text == "id" else self.property_of(key, self._flat)
            if prop is not None:
                given.add(prop.iri)
                self.state_all(line, prop, self.values_of(node, prop, language), key)
        if v.DIRECTION not in given:
            self.state(line, v.DIRECTION, v.SUPPORTS, body.place)
        self._state_defaults(line, _FOR_EVIDENCE, given)

    def _state_defaults(self, subject: NamedNode, predicates: Iterable[NamedNode], given: set[NamedNode]) -> None:
        for predicate in predicates:
            if predicate not in given:
                for value, place in self.defaults.get(predicate, []):
                    self.state(subject, predicate, value, place)
