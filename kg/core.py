"""SHACL Core over a store: Oxigraph finds where something may be wrong, pySHACL judges that and writes every report.

Shapes of which Oxigraph cannot say where (``kg.compiled``) are judged by pySHACL over the whole graph, which takes
time and memory in proportion to it. Candidates are handed over as ``sh:targetNode``: it means the same as the targets
that it stands in for, and unlike pySHACL's own ``focus_nodes`` it takes literals and blank nodes and filters nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from warnings import catch_warnings, simplefilter

from pyoxigraph import NamedNode, Store
from rdflib import Graph
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from kg.candidates import candidates, data_of, part_of_data, part_of_shapes
from kg.compiled import Plan, class_kinds, compile_shapes
from kg.errors import KgError
from kg.lookup import Lookup
from kg.parallel import HERE, Executor
from kg.searches import TARGETS
from kg.shapes import to_rdflib

_BATCH: Final = 2000  # pySHACL's memory grows with what it is given at once, its fixed cost is that of some 20 records
_AT_HAND: Final = 16  # so many batches are in memory at a time, to be shared out


def reports(
    shapes: Graph,
    store: Store,
    executor: Executor = HERE,
    only: frozenset[NamedNode] | None = None,
    has: Callable[[str], bool] | None = None,
) -> Iterator[Graph]:
    """The validation reports of shapes over the union of a store's graphs, together those of pySHACL over all of it. Raises KgError.

    Where ``only`` some focus nodes are asked about, others are looked at no more than shapes without queries need. Of a store that is a
    part (``kg.part``), none but the nodes that it ``has`` are judged.
    """
    lookup = Lookup(shapes)
    plan, kinds = compile_shapes(lookup, data_of(store)), class_kinds(lookup)
    with _without_log("rdflib.term"):  # it logs a traceback for each literal that is none of its datatype; the report says so better
        found = [(shape, node) for shape, node in candidates(plan, store, only) if has is None or has(str(node))]
        batches = [found[start : start + _BATCH] for start in range(0, len(found), _BATCH)]
        for start in range(0, len(batches), _AT_HAND):
            parts = [(part_of_data(store, batch), part_of_shapes(shapes, batch, kinds)) for batch in batches[start : start + _AT_HAND]]
            yield from executor.map(_report_of, parts, batch=1, many=2)
        if plan.whole:
            yield report_of(whole_graph(store), _shapes_without(shapes, plan, kinds))


def is_local(shapes: Graph, store: Store) -> bool:
    """Whether every shape is judged where something may be wrong, and only IRIs are: then its verdicts rest on what is near."""
    targets = (*shapes.objects(None, SH.targetNode), *shapes.objects(None, SH.targetObjectsOf))
    return not compile_shapes(Lookup(shapes), data_of(store)).whole and not targets


def _report_of(part: tuple[Graph, Graph]) -> Graph:
    return report_of(*part)


def report_of(data: Graph, shapes: Graph) -> Graph:
    """pySHACL's report over a graph. Raises KgError where it has none, or where a shape leads back to itself and it would give up."""
    import pyshacl  # noqa: PLC0415 (takes long, and where nothing may be wrong nobody asks it)
    from pyshacl.errors import ReportableRuntimeError, ShapeRecursionWarning  # noqa: PLC0415 (of pySHACL, which takes long)
    from pyshacl.rdfutil.stringify import stringify_blank_node  # noqa: PLC0415 (of pySHACL, which takes long)

    stringify_blank_node.dict_cache.clear()  # it keeps texts of blank nodes by the address of a graph, where another one may be now

    with _without_log("rdflib.term"), catch_warnings():  # in a process of its own this is not the caller's logger
        simplefilter("error", ShapeRecursionWarning)
        try:
            _, report, text = pyshacl.validate(data, shacl_graph=shapes, allow_warnings=True, allow_infos=True, inplace=True)
        except (ReportableRuntimeError, ShapeRecursionWarning) as error:
            raise KgError(f"shapes: pySHACL could not judge: {error}") from None
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
