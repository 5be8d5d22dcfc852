"""Shapes judged again after a change: only where another statement came or went, and what holds across parts.

SHACL Core rests on what is near a node: its own statements, those that point to it, and the classes of what these lead to
(``kg.candidates``). So do constraints in SPARQL that can be asked part by part (``kg.touched``). What was said of nodes about which nothing
is another still holds; all other constraints may look anywhere, and are always asked of the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode, Quad, Store

from kg import vocabulary as v
from kg.core import is_local, reports
from kg.dataset import Dataset
from kg.division import divided
from kg.judge import SPARQL_COMPONENT, Result, in_order, judge, results_of
from kg.needs import NotLocalError
from kg.parallel import HERE, Executor
from kg.shapes import Shapes
from kg.touched import differing, touched

_NODES: Final = 20_000
"""To judge more nodes is no quicker than to judge all."""
_LARGE: Final = 300_000
"""Of fewer statements all constraints are asked before it is known which of them rest on what is near."""


def judge_again(
    shapes: Shapes, store: Store, dataset: Dataset, changed: set[Quad] | None, said: Collection[Result], executor: Executor = HERE
) -> list[Result]:
    """The results of the shapes of what was written over a store, sorted, each once.

    ``said`` are those there were before some statements were ``changed``, which came or went; None where nothing is known of before.
    Raises KgError.
    """
    core = _core(shapes, store, changed, said, executor)
    local, nodes = _near(store, dataset, changed)
    if nodes is None:
        return judge(shapes, store, dataset.ontology, dataset.base, executor, core=core)
    again = {node.value for node in nodes}
    found = [each for each in said if each.component == SPARQL_COMPONENT and each.shape in local and each.focus not in again]
    near, across = (tuple(each for each in shapes.constraints if (each.shape in local) == its) for its in (True, False))
    if nodes:
        found += judge(replace(shapes, constraints=near), store, dataset.ontology, dataset.base, executor, only=nodes, core=[])
    found += judge(replace(shapes, constraints=across), store, dataset.ontology, dataset.base, executor, core=core)
    return in_order(found)


def _near(store: Store, dataset: Dataset, changed: set[Quad] | None) -> tuple[set[str], frozenset[NamedNode] | None]:
    """The shapes whose constraints can be asked part by part, and the nodes that they have to be asked about; None for all."""
    if changed is None or len(dataset.quads) + (dataset.entered.statements if dataset.entered else 0) < _LARGE:
        return set(), None
    try:
        division = divided(dataset.folder, dataset.ontology)
    except NotLocalError:
        return set(), None
    local = {each.shape for each in division.written.constraints} - {each.shape for each in division.across}
    return local, touched(differing(changed, store), store, division.needs)


def _core(shapes: Shapes, store: Store, changed: set[Quad] | None, said: Iterable[Result], executor: Executor) -> list[Result]:
    """What pySHACL says: of nodes that nothing was changed about what it said."""
    nodes = None if changed is None or (changed and not is_local(shapes.core, store)) else affected(changed, store)
    judged_now = reports(shapes.core, store, executor, nodes) if nodes is None or nodes else ()
    found = [result for report in judged_now for result in results_of(report)]
    if nodes is None:
        return found
    again = {node.value for node in nodes}
    kept = [result for result in said if result.component != SPARQL_COMPONENT and result.focus not in again]
    return kept + [result for result in found if result.focus in again]


def affected(changed: Iterable[Quad], store: Store) -> frozenset[NamedNode] | None:
    """The nodes of which pySHACL may say something else after statements came or went; None where that may be any node."""
    nodes: set[object] = set()
    for quad in changed:
        if quad.predicate == v.RDFS_SUBCLASS_OF:
            return None
        nodes.update((quad.subject, quad.object))
        if quad.predicate == v.RDF_TYPE:  # whoever has it for a value, either way
            nodes.update(each.subject for each in store.quads_for_pattern(None, None, quad.subject, None))
            nodes.update(each.object for each in store.quads_for_pattern(quad.subject, None, None, None))
        if len(nodes) > _NODES:
            return None
    return frozenset(node for node in nodes if isinstance(node, NamedNode))
