"""SHACL Core over a store: Oxigraph finds where something may be wrong, pySHACL judges that and writes every report.

Shapes of which Oxigraph cannot say where (``kg.compiled``) are judged by pySHACL over the whole graph, which takes
time and memory in proportion to it. Candidates are handed over as ``sh:targetNode``: it means the same as the targets
that it stands in for, and unlike pySHACL's own ``focus_nodes`` it takes literals and blank nodes and filters nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pyoxigraph import NamedNode, Store
from rdflib import Graph
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from kg.candidates import candidates, data_of, part_of_data, part_of_shapes
from kg.compiled import Plan, class_kinds, compile_shapes
from kg.errors import KgError
from kg.lookup import Lookup
from kg.searches import TARGETS
from kg.shapes import to_rdflib

_BATCH: Final = 2000  # pySHACL's memory grows with what it is given at once, its fixed cost is that of some 20 records


def reports(shapes: Graph, store: Store, only: frozenset[NamedNode] | None = None) -> Iterator[Graph]:
    """The validation reports of shapes over the union of a store's graphs, together those of pySHACL over all of it. Raises KgError.

    Where ``only`` some focus nodes are asked about, others are looked at no more than shapes without queries need.
    """
    lookup = Lookup(shapes)
    plan, kinds = compile_shapes(lookup, data_of(store)), class_kinds(lookup)
    found = candidates(plan, store, only)
    with _without_log("rdflib.term"):  # it logs a traceback for each literal that is none of its datatype; the report says so better
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            yield report_of(part_of_data(store, batch), part_of_shapes(shapes, batch, kinds))
        if plan.whole:
            yield report_of(whole_graph(store), _shapes_without(shapes, plan, kinds))


def is_local(shapes: Graph, store: Store) -> bool:
    """Whether every shape is judged where something may be wrong, and only IRIs are: then its verdicts rest on what is near."""
    targets = (*shapes.objects(None, SH.targetNode), *shapes.objects(None, SH.targetObjectsOf))
    return not compile_shapes(Lookup(shapes), data_of(store)).whole and not targets


def report_of(data: Graph, shapes: Graph) -> Graph:
    """pySHACL's report over a graph. Raises KgError where it has none."""
    import pyshacl  # noqa: PLC0415 (takes long, and where nothing may be wrong nobody asks it)

    _, report, text = pyshacl.validate(data, shacl_graph=shapes, allow_warnings=True, allow_infos=True, inplace=True)
    if not isinstance(report, Graph):
        raise KgError(f"shapes: pySHACL could not judge: {text}")
    return report


def whole_graph(store: Store) -> Graph:
    """The union of a store's graphs, for pySHACL."""
    data = Graph()
    for triple in to_rdflib(quad.triple for quad in store):
        data.add(triple)
    return data


def _shapes_without(shapes: Graph, plan: Plan, kinds: frozenset[Node]) -> Graph:
    """The shapes, but those that are judged already have no targets."""
    judged, rest = {each.shape for each in plan.compiled}, Graph()
    for s, p, o in shapes:
        if s not in judged or not (p in TARGETS or (p == RDF.type and o in kinds)):
            rest.add((s, p, o))
    return rest


@contextmanager
def _without_log(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
