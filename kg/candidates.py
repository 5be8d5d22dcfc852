"""The focus nodes that may violate shapes, as Oxigraph finds them, and what of the data pySHACL needs to judge those.

A verdict over this part is the verdict over the whole: what pySHACL asks of a focus node of a compiled shape are its own
triples, those by which paths go against a property, and the classes of its values with the classes above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import islice
from typing import Final

import pyoxigraph
from pyoxigraph import QuerySolutions, Store, Triple
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH, XSD
from rdflib.term import Node

from kg import vocabulary as v
from kg.compiled import Compiled, Plan, Query, about
from kg.conditions import NotCompiledError
from kg.searches import TARGETS, Data
from kg.shapes import to_node, to_rdflib

_THREADS: Final = 2
_FEW: Final = 1000
"""Fewer nodes are named in a query; where a pattern finds more of them, the class is asked for as well."""
Subject = pyoxigraph.NamedNode | pyoxigraph.BlankNode


def data_of(store: Store) -> Data:
    """What compiling asks of a store, each question answered once."""

    def used(p: URIRef) -> bool:
        return next(store.quads_for_pattern(None, pyoxigraph.NamedNode(p), None), None) is not None

    def instances(cls: URIRef) -> bool:
        return next(store.quads_for_pattern(None, v.RDF_TYPE, pyoxigraph.NamedNode(cls)), None) is not None

    return Data(cache(partial(_named_below, store)), cache(used), cache(instances))


def below(store: Store, cls: pyoxigraph.NamedNode) -> tuple[Subject, ...]:
    """A class, first, and those below it in the data (https://www.w3.org/TR/shacl/#dfn-shacl-subclass)."""
    found: dict[Subject, None] = {cls: None}
    for each in (waiting := list(found)):
        for quad in store.quads_for_pattern(None, v.RDFS_SUBCLASS_OF, each, None):
            if isinstance(quad.subject, Subject) and quad.subject not in found:
                found[quad.subject] = None
                waiting.append(quad.subject)
    return tuple(found)


def _named_below(store: Store, cls: URIRef) -> tuple[URIRef, ...]:
    found = below(store, pyoxigraph.NamedNode(cls))
    if not all(isinstance(each, pyoxigraph.NamedNode) for each in found):
        raise NotCompiledError(f"a class below {cls} has no IRI")
    return tuple(URIRef(each.value) for each in found)


def candidates(plan: Plan, store: Store, only: frozenset[pyoxigraph.NamedNode] | None = None) -> list[tuple[Compiled, Node]]:
    """The focus nodes of each compiled shape that may violate it, of all or of some, each once, sorted.

    What a query begins with is asked before it, once for all shapes: mostly it finds nothing, and then the query need not be asked. Two
    queries are asked at a time, without the GIL. Not two shapes: one with most of the nodes would be searched by itself at the end.
    """
    some = None if only is None else sorted(map(str, only))
    queries = [(shape, query) for shape in plan.compiled for query in shape.queries]

    def found(asked: tuple[Compiled, Query]) -> set[tuple[Compiled, Node]]:
        shape, query = asked
        nodes = first.get(query.first) if some is None else some
        text = query.text if nodes is None else about(query.text, nodes)
        return set() if nodes == [] else {(shape, to_node(node)) for node in _ask(store, text)}

    pairs = {(shape, node) for shape in plan.compiled for node in shape.nodes if only is None or _term(node) in only}
    with ThreadPoolExecutor(_THREADS) as pool:
        patterns = list(dict.fromkeys(query.first for _, query in queries if query.first and some is None))
        first = dict(zip(patterns, pool.map(lambda pattern: _few(store, pattern), patterns), strict=True))
        pairs.update(*pool.map(found, queries))
    return sorted(pairs, key=lambda pair: (str(pair[0].shape), str(_term(pair[1]))))


def _few(store: Store, query: str) -> list[str] | None:
    """The nodes that a query finds, sorted; None where they are many, or one of them cannot be named."""
    nodes = list(_ask(store, f"{query} LIMIT {_FEW}"))
    return None if len(nodes) == _FEW or any(isinstance(node, pyoxigraph.BlankNode) for node in nodes) else sorted(map(str, nodes))


def _ask(store: Store, query: str) -> Iterator[pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | Triple]:
    answer = store.query(query, use_default_graph_as_union=True)
    assert isinstance(answer, QuerySolutions)
    return (solution["this"] for solution in answer)


def part_of_shapes(shapes: Graph, judged: Iterable[tuple[Compiled, Node]], kinds: frozenset[Node]) -> Graph:
    """The shapes that are asked about and what they are made of, with the candidates for their only targets.

    ``kinds`` are the classes of classes, which would make more targets.
    """
    part = Graph()
    waiting: list[Node] = []
    for compiled, node in judged:
        part.add((compiled.shape, SH.targetNode, node))
        waiting.append(compiled.shape)
    seen: set[Node] = set()
    while waiting:
        subject = waiting.pop()
        if subject in seen:
            continue
        seen.add(subject)
        for _, p, o in shapes.triples((subject, None, None)):
            if p not in TARGETS and not (p == RDF.type and o in kinds):
                part.add((subject, p, o))
                waiting.append(o)
    return part


def part_of_data(store: Store, judged: Iterable[tuple[Compiled, Node]]) -> Graph:
    """What pySHACL needs of a store to judge candidates."""
    part = Graph()
    for triple in to_rdflib(_needed(store, judged)):
        part.add(triple)
    return part


def _needed(store: Store, judged: Iterable[tuple[Compiled, Node]]) -> Iterator[Triple]:
    neighbours: dict[Subject, None] = {}
    for compiled, focus in judged:
        node = _term(focus)
        for p in sorted(compiled.towards):
            for quad in store.quads_for_pattern(None, pyoxigraph.NamedNode(p), node, None):
                yield quad.triple
                if isinstance(quad.subject, Subject):
                    neighbours[quad.subject] = None
        if isinstance(node, pyoxigraph.BlankNode):  # pySHACL looks up in which graph a blank node is, and fails where it is in none
            yield from (quad.triple for quad in islice(store.quads_for_pattern(None, None, node, None), 1))
        if isinstance(node, Subject):
            neighbours[node] = None
            for quad in store.quads_for_pattern(node, None, None, None):
                yield quad.triple
                if isinstance(quad.object, Subject):
                    neighbours[quad.object] = None
    yield from _written_out(store, [each for each in neighbours if isinstance(each, pyoxigraph.BlankNode)])
    yield from _classes(store, neighbours)


def _written_out(store: Store, nodes: list[pyoxigraph.BlankNode]) -> Iterator[Triple]:
    """What messages say of blank nodes: all that hangs on them."""
    seen = set(nodes)
    for node in nodes:
        for quad in store.quads_for_pattern(node, None, None, None):
            yield quad.triple
            if isinstance(quad.object, pyoxigraph.BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                nodes.append(quad.object)


def _classes(store: Store, nodes: Iterable[Subject]) -> Iterator[Triple]:
    """The types of nodes, and what stands above these."""
    classes: dict[Subject, None] = {}
    for node in nodes:
        for quad in store.quads_for_pattern(node, v.RDF_TYPE, None, None):
            yield quad.triple
            if isinstance(quad.object, Subject):
                classes[quad.object] = None
    for cls in (waiting := list(classes)):
        for quad in store.quads_for_pattern(cls, v.RDFS_SUBCLASS_OF, None, None):
            yield quad.triple
            if isinstance(quad.object, Subject) and quad.object not in classes:
                classes[quad.object] = None
                waiting.append(quad.object)


def _term(node: Node) -> Subject | pyoxigraph.Literal:
    if isinstance(node, URIRef):
        return pyoxigraph.NamedNode(str(node))
    if isinstance(node, BNode):
        return pyoxigraph.BlankNode(str(node))
    assert isinstance(node, Literal)
    if node.language:
        return pyoxigraph.Literal(str(node), language=node.language)
    return pyoxigraph.Literal(str(node), datatype=pyoxigraph.NamedNode(str(node.datatype or XSD.string)))
