"""What a shape demands, in words: each constraint of SHACL Core (https://www.w3.org/TR/shacl/#core-components) and its values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from kg import vocabulary as v
from kg.terms import Value as Term

_LISTED: Final = {
    SH["in"]: "is one of",
    SH.languageIn: "is in one of the languages",
    SH.ignoredProperties: "has no other property than those of its fields and",
}
_LOGICAL: Final = {
    SH["and"]: "conforms to each of",
    SH["or"]: "conforms to at least one of",
    SH.xone: "conforms to exactly one of",
    SH["not"]: "does not conform to",
    SH.node: "conforms to",
    SH.qualifiedValueShape: "counts where it conforms to",
}
_PLAIN: Final = {
    SH.datatype: "is of the datatype",
    SH["class"]: "is an instance of",
    SH.hasValue: "has among its values",
    SH.minInclusive: "is at least",
    SH.maxInclusive: "is at most",
    SH.minExclusive: "is more than",
    SH.maxExclusive: "is less than",
    SH.maxLength: "has at most so many characters:",
    SH.equals: "has the same values as",
    SH.disjoint: "has no value in common with",
    SH.lessThan: "is less than",
    SH.lessThanOrEquals: "is not more than",
    SH.qualifiedMinCount: "has at least so many that count:",
    SH.qualifiedMaxCount: "has at most so many that count:",
}
_NODE_KINDS: Final = {
    SH.IRI: "is an IRI",
    SH.Literal: "is a literal",
    SH.BlankNode: "is a blank node",
    SH.BlankNodeOrIRI: "is no literal",
    SH.BlankNodeOrLiteral: "is no IRI",
    SH.IRIOrLiteral: "is no blank node",
}
_ELSEWHERE: Final = frozenset(
    {SH.property, SH.sparql, SH.path, SH.message, SH.severity, SH.name, SH.description, SH.group, SH.order, SH.defaultValue, SH.flags}
    | {SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.closed, RDF.type, RDFS.label, RDFS.comment}
    | {URIRef(v.NEVER_WAIVED.value)}
)
_DEPTH: Final = 8


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that is demanded: words, then the terms or the pattern that they are about."""

    words: str
    terms: tuple[Term, ...] = ()
    code: str = ""
    nested: tuple[tuple[Demand, ...], ...] = ()


def demands(shapes: Graph, shape: Node, depth: int = 0) -> tuple[Demand, ...]:
    """All that a shape demands but what its SPARQL constraints and its property shapes do, in a fixed order."""
    found = [*_count(shapes, shape)]
    for predicate in sorted(set(shapes.predicates(shape)) - _ELSEWHERE - {SH.minCount, SH.maxCount}, key=str):
        for value in sorted(shapes.objects(shape, predicate), key=str):
            found += _demand(shapes, shape, URIRef(str(predicate)), value, depth)
    if (shape, SH.closed, Literal(True)) in shapes and not shapes.value(shape, SH.ignoredProperties):
        found.append(Demand("has no other property than those of its fields"))
    return tuple(found)


def _count(shapes: Graph, shape: Node) -> Iterator[Demand]:
    least, most = ("".join(sorted(map(str, shapes.objects(shape, p)))[:1]) for p in (SH.minCount, SH.maxCount))
    if least == most == "1":
        yield Demand("has exactly one value")
    elif most == "0":
        yield Demand("has no value")
    elif least == most != "":
        yield Demand(f"has exactly {least} values")
    else:
        if least not in ("", "0"):
            yield Demand("has at least one value" if least == "1" else f"has at least {least} values")
        if most:
            yield Demand("has at most one value" if most == "1" else f"has at most {most} values")


def _demand(shapes: Graph, shape: Node, predicate: URIRef, value: Node, depth: int) -> Iterator[Demand]:
    if predicate in _LISTED:
        yield Demand(_LISTED[predicate], tuple(map(to_term, shapes.items(value))))
    elif predicate in _LOGICAL and depth < _DEPTH:
        members = list(shapes.items(value)) if (value, RDF.first, None) in shapes else [value]
        named = tuple(to_term(each) for each in members if not isinstance(each, BNode))
        nested = tuple(demands(shapes, each, depth + 1) for each in members if isinstance(each, BNode))
        yield Demand(_LOGICAL[predicate], named, nested=nested)
    elif predicate == SH.nodeKind:
        yield Demand(_NODE_KINDS.get(URIRef(str(value)), "is of the kind"), () if value in _NODE_KINDS else (to_term(value),))
    elif predicate == SH.pattern:
        flags = shapes.value(shape, SH.flags)
        yield Demand(f"matches the pattern (flags {flags})" if flags else "matches the pattern", code=str(value))
    elif predicate == SH.minLength:
        yield Demand("is not empty" if str(value) == "1" else f"has at least {value} characters")
    elif predicate == SH.uniqueLang:
        yield from [Demand("has no two values in one language")] if str(value) == "true" else []
    elif not isinstance(value, BNode):
        yield Demand(_PLAIN.get(predicate, f"{predicate.removeprefix(str(SH))}:"), (to_term(value),))


def to_term(node: Node) -> Term:
    """A node of rdflib as a term of ours; a blank node goes by its text."""
    if isinstance(node, URIRef):
        return pyoxigraph.NamedNode(str(node))
    if not isinstance(node, Literal):
        return pyoxigraph.Literal(str(node))
    if node.language:
        return pyoxigraph.Literal(str(node), language=node.language)
    return (
        pyoxigraph.Literal(str(node), datatype=pyoxigraph.NamedNode(str(node.datatype))) if node.datatype else pyoxigraph.Literal(str(node))
    )
