"""The triples of a shapes graph by subject and predicate: what compiles shapes asks thousands of times, and rdflib answers slowly."""

from __future__ import annotations

from rdflib import Graph, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node


class Lookup:
    """A graph, indexed once, in the order of its triples."""

    def __init__(self, graph: Graph) -> None:
        self._by_subject: dict[Node, dict[URIRef, list[Node]]] = {}
        for s, p, o in graph:
            assert isinstance(p, URIRef)
            self._by_subject.setdefault(s, {}).setdefault(p, []).append(o)

    def subjects(self, predicate: URIRef, value: Node | None = None) -> list[Node]:
        """The subjects that have a predicate, with this value where one is given."""
        return [s for s, said in self._by_subject.items() if predicate in said and (value is None or value in said[predicate])]

    def predicates(self, subject: Node) -> list[URIRef]:
        """The predicates that a subject has."""
        return list(self._by_subject.get(subject, ()))

    def objects(self, subject: Node, predicate: URIRef) -> list[Node]:
        """The objects of a subject and predicate."""
        return self._by_subject.get(subject, {}).get(predicate, [])

    def one(self, subject: Node, predicate: URIRef) -> Node | None:
        """The first object of a subject and predicate, or None."""
        return next(iter(self.objects(subject, predicate)), None)

    def has(self, subject: Node, *predicates: URIRef) -> bool:
        """Whether a subject has one of the predicates."""
        return any(predicate in self._by_subject.get(subject, ()) for predicate in predicates)

    def types(self, subject: Node) -> frozenset[Node]:
        """The classes that a subject is said to be of."""
        return frozenset(self.objects(subject, RDF.type))
