"""Shapes with their targets as SPARQL queries for the focus nodes that may violate them, and those that have to go without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rdflib import URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Node

from kg.conditions import NotCompiledError, iri
from kg.lookup import Lookup
from kg.searches import TARGETS, Data, Search, class_of, properties_towards, searches

_TYPES: Final = frozenset({SH.NodeShape, SH.PropertyShape})
_EXPECTED: Final = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)

_START: Final = "SELECT DISTINCT ?this WHERE { "
_CLASSES: Final = re.compile(r"VALUES \?target \{ (?P<classes>[^{}]*) \} \?this a \?target \. ")
_COUNTED: Final = re.compile(r"""(\?this a [^{}"]*)?\{ SELECT \?this WHERE \{ """)
"""What counts values, which the engine does for all nodes if nothing within says for which."""


@dataclass(frozen=True, slots=True, order=True)
class Query:
    """A query for candidates, and what it begins with if that finds few by itself; it finds no others, whatever shape it is of."""

    text: str
    first: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A shape as queries for its candidates, the nodes it names as targets, the properties its paths go against, what no query can test."""

    shape: Node
    queries: tuple[Query, ...]
    nodes: tuple[Node, ...]
    towards: frozenset[URIRef]
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The shapes that are judged by way of candidates, and for each other shape with targets why it is not."""

    compiled: tuple[Compiled, ...]
    whole: dict[Node, str]


def compile_shapes(shapes: Lookup, data: Data) -> Plan:
    """All shapes with targets, sorted."""
    compiled: list[Compiled] = []
    whole: dict[Node, str] = {}
    custom = any(shapes.subjects(p, SH.ConstraintComponent) for p in (RDFS.subClassOf, RDF.type))
    for shape in sorted(_with_targets(shapes), key=str):
        try:
            if custom:
                raise NotCompiledError("the shapes bring constraint components of their own")
            compiled.append(_compile(shapes, shape, data))
        except NotCompiledError as error:
            whole[shape] = str(error)
    return Plan(tuple(compiled), whole)


def _with_targets(shapes: Lookup) -> set[Node]:
    classes = {subject for kind in class_kinds(shapes) for subject in shapes.subjects(RDF.type, kind)}
    said = {subject for subject in classes if any(str(p).startswith(str(SH)) for p in shapes.predicates(subject))}
    return said | {subject for target in TARGETS for subject in shapes.subjects(target)}


def class_kinds(shapes: Lookup) -> frozenset[Node]:
    """The classes of classes: a shape of one of these has its instances for targets (https://www.w3.org/TR/shacl/#implicit-targetClass)."""
    return frozenset({RDFS.Class, OWL.Class, *shapes.subjects(RDFS.subClassOf, RDFS.Class)})


def _compile(shapes: Lookup, shape: Node, data: Data) -> Compiled:
    classes = [*shapes.objects(shape, SH.targetClass)]
    if not class_kinds(shapes).isdisjoint(shapes.types(shape)):
        if not _surely_a_shape(shapes, shape):
            raise NotCompiledError("it is a class, and nothing says that it is a shape")
        classes.append(shape)
    found = searches(shapes, shape, data)
    lines = [[iri(each) for each in data.below(class_of(cls)) if data.instances(each)] for cls in classes]
    queries = [_of_class(line, search) for line in lines if line for search in found]
    triples = [f"?this {iri(p)} ?target ." for p in shapes.objects(shape, SH.targetSubjectsOf)]
    triples += [f"?target {iri(p)} ?this ." for p in shapes.objects(shape, SH.targetObjectsOf)]
    queries += [_query(f"{triple} {search.pattern}", search) for triple in triples for search in found]
    nodes = tuple(shapes.objects(shape, SH.targetNode)) if found else ()
    blind = tuple(sorted({words for search in found for words in search.blind}))
    return Compiled(shape, tuple(sorted(queries)), nodes, properties_towards(shapes, shape), blind)


def _surely_a_shape(shapes: Lookup, shape: Node) -> bool:
    """Whether pySHACL takes a node for a shape whether or not it has targets."""
    types = shapes.types(shape)
    said = {*TARGETS, SH.property, SH.node}.intersection(shapes.predicates(shape))
    return bool(types & _TYPES or said or any(shapes.subjects(each, shape) for each in _EXPECTED))


def _of_class(classes: list[str], search: Search) -> Query:
    """A search among the instances of classes. What finds few by itself comes first, since instances are many."""
    if len(classes) == 1:
        return _query(f"?this a {classes[0]} . {search.pattern}", search)
    if search.alone:
        return _query(f"{search.pattern} ?this a ?target . FILTER(?target IN ({', '.join(classes)}))", search)
    return _query(f"VALUES ?target {{ {' '.join(classes)} }} ?this a ?target . {search.pattern}", search)


def _query(pattern: str, search: Search) -> Query:
    group = f" GROUP BY ?this HAVING ({search.having})" if search.having else ""
    return Query(f"{_START}{pattern} }}{group}", f"{_START}{search.pattern} }}" if search.alone else "")


def about(query: str, nodes: Iterable[str]) -> str:
    """The query about some nodes only. Classes are then tested: given two lists of values, the engine begins with the classes."""
    pattern = query.removeprefix(_START)
    if match := _CLASSES.match(pattern):
        pattern = f"?this a ?target . FILTER(?target IN ({', '.join(match['classes'].split())})) {pattern[match.end() :]}"
    values = f"VALUES ?this {{ {' '.join(nodes)} }} "
    if match := _COUNTED.match(pattern):
        pattern = f"{match[0]}{values}{pattern[match.end() :]}"
    return f"{_START}{values}{pattern}"


def lines_of(plan: Plan) -> Iterator[str]:
    """A line for each shape that is judged over the whole graph, or at every value, with the reason, and one for all others."""
    queries = [len(each.queries) for each in plan.compiled if each.queries]
    yield f"{len(queries)} shapes are judged where {sum(queries)} queries find that something may be wrong"
    for each in plan.compiled:
        if each.blind:
            yield f"{each.shape} is judged at every value: no query can test {', '.join(each.blind)}"
    for shape, reason in plan.whole.items():
        yield f"{shape} is judged over the whole graph: {reason}"
