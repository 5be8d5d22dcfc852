"""Triples in the words of schema.org as one tree from a root: JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with its context inside."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from kg import vocabulary as v
from kg.terms import Value, subject_of, value_of

_NAMESPACE: Final = "http://schema.org/"
_ABOUT: Final = f"{_NAMESPACE}mainEntity"
_TYPE: Final = v.RDF_TYPE.value
_PLAIN: Final = "@none"

_Values = dict[str, list[Value]]
_Holders = dict[NamedNode, tuple[NamedNode, str] | None]


@dataclass(frozen=True, slots=True)
class _Node:
    """What is said of a node by the IRI of each property, types first.

    The nodes that it names, those of them of which something is said, by property, and of which sorts the values of each property are.
    """

    values: _Values
    named: frozenset[NamedNode]
    inner: tuple[tuple[str, NamedNode], ...]
    sorts: tuple[tuple[str, frozenset[str | None]], ...]


_NOTHING: Final = _Node({}, frozenset(), (), ())


class Nest:
    """Triples, sorted, that are written as one tree from a root: each node in full where it is nearest to the root, else by its IRI."""

    def __init__(self, triples: Iterable[Triple], language: str) -> None:
        self._language = language
        said: dict[NamedNode, _Values] = {}
        self._pages: dict[Value, NamedNode] = {}
        for triple in triples:
            subject, value, predicate = subject_of(triple), value_of(triple), triple.predicate.value
            said.setdefault(subject, {}).setdefault(predicate, []).append(value)
            if predicate == _ABOUT:
                self._pages[value] = subject
        self._nodes = {node: _node_of(values, said.keys(), language) for node, values in said.items()}

    def __contains__(self, node: object) -> bool:
        return node in self._nodes

    def part(self, node: NamedNode, named: frozenset[NamedNode], all_named: frozenset[NamedNode]) -> Nest:
        """What is told of one of many nodes: what its page, and what is ``named`` by it, lead to; nothing that others of them name.

        ``all_named`` is what all of them name.
        """
        found = copy(self)
        found._pages = {node: self._pages[node]} if node in self._pages else {}
        todo = [each for each in (*found._pages.values(), *(named & self._nodes.keys())) if each in self._nodes]
        found._nodes = dict.fromkeys(todo, _NOTHING)
        for each in todo:
            its = self._nodes[each]
            if not its.named & all_named <= named:
                its = self._without(its, all_named - named)
            found._nodes[each] = its
            new = dict.fromkeys((value for _, value in its.inner if value not in found._nodes), _NOTHING)
            found._nodes |= new
            todo.extend(new)
        return found

    def _without(self, node: _Node, others: frozenset[NamedNode]) -> _Node:
        values = {predicate: [each for each in its if each not in others] for predicate, its in node.values.items()}
        return _node_of({predicate: its for predicate, its in values.items() if its}, self._nodes.keys(), self._language)

    def page_about(self, node: NamedNode) -> bytes:
        """The document of the page about a node. Raises KeyError where there is none."""
        return self.document(self._pages[node])

    def said(self, node: Value, term: str) -> list[str]:
        """What is said of a node by a property of schema.org, such as ``text`` of a claim; nothing where nothing is said."""
        values = self._nodes.get(node, _NOTHING).values if isinstance(node, NamedNode) else {}
        return [value.value for value in values.get(_NAMESPACE + term, ())]

    def document(self, root: NamedNode) -> bytes:
        """The root with all that it leads to, in UTF-8."""
        holders = self._holders(root)
        context = _context((self._nodes[node] for node in holders), self._language)
        body = {"@context": context, **self._written(root, holders, context)}
        return (json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n").encode()

    def _holders(self, root: NamedNode) -> _Holders:
        """Every node that the root leads to, with the node and property that hold it: those nearest to the root."""
        holders: _Holders = {root: None}
        queue = [root]
        for node in queue:
            for predicate, value in self._nodes[node].inner:
                if value not in holders:
                    holders[value] = (node, predicate)
                    queue.append(value)
        return holders

    def _written(self, node: NamedNode, holders: _Holders, context: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"@id": node.value}
        known = self._nodes[node]
        held = {pair for pair in known.inner if holders[pair[1]] == (node, pair[0])}
        for predicate, values in known.values.items():
            key = "@type" if predicate == _TYPE else predicate.removeprefix(_NAMESPACE)
            written: list[Any] = []
            for value in values:
                if held and isinstance(value, NamedNode) and (predicate, value) in held:
                    written.append(self._written(value, holders, context))
                else:
                    written.append(_term(value) if key == "@type" else _value(value, context.get(key), self._language))
            body[key] = written[0] if len(written) == 1 else written
        return body


def _node_of(values: _Values, known: Container[NamedNode], language: str) -> _Node:
    ordered = dict(sorted(values.items(), key=_types_first))
    links = [(p, each) for p, its in ordered.items() for each in its if isinstance(each, NamedNode)]
    sorts = ((p, frozenset(_sort(each, known, language) for each in its)) for p, its in ordered.items() if p != _TYPE)
    return _Node(ordered, frozenset(each for _, each in links), tuple(pair for pair in links if pair[1] in known), tuple(sorts))


def _context(nodes: Iterable[_Node], language: str) -> dict[str, Any]:
    """Terms are schema.org's; where all values of one are of a sort, the context says it once and they are plain strings."""
    sorts: dict[str, set[str | None]] = {}
    for node in nodes:
        for predicate, found in node.sorts:
            sorts.setdefault(predicate, set()).update(found)
    context: dict[str, Any] = {"@vocab": _NAMESPACE, "@language": language}
    for term, all_found in sorted((predicate.removeprefix(_NAMESPACE), found) for predicate, found in sorts.items()):
        only = next(iter(all_found)) if len(all_found) == 1 else None
        if only is not None:
            context[term] = {"@language": None} if only == _PLAIN else {"@type": only}
    return context


def _sort(value: Value, known: Container[NamedNode], language: str) -> str | None:
    """What the definition of a term has to say so that the value can be a string; None where it need not or cannot."""
    if isinstance(value, NamedNode):
        return None if value in known else "@id"
    if value.language or value.datatype == v.XSD_STRING:
        return None if value.language else _PLAIN
    return _term(value.datatype)


def _value(value: Value, definition: dict[str, Any] | None, language: str) -> Any:
    if definition is not None:
        return value.value
    if isinstance(value, NamedNode):
        return {"@id": value.value}
    if value.language:
        return value.value if value.language == language else {"@value": value.value, "@language": value.language}
    return {"@value": value.value} if value.datatype == v.XSD_STRING else {"@value": value.value, "@type": _term(value.datatype)}


def _types_first(pair: tuple[str, list[Value]]) -> tuple[bool, str]:
    return pair[0] != _TYPE, pair[0]


def _term(value: Value) -> str:
    return value.value.removeprefix(_NAMESPACE)
