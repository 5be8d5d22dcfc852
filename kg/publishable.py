"""What of a judged dataset may be published: all but what is for checking only and what follows from that, judged by itself.

It has to conform by itself: what is for checking only may be what described a work that others cite. SHACL Core rests on what is near a
node (``kg.verdicts``), and so do rules that can be asked part by part (``kg.touched``): of these it is judged again for the nodes about
which there is another statement now. Rules that hold across parts are judged again as a whole; and what follows is derived of what is
published, for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.core import is_local, reports
from kg.dataset import Dataset
from kg.division import divided
from kg.graph import derived_graph, follow
from kg.judge import SPARQL_COMPONENT, Result, in_order, judge, results_of
from kg.layout import shapes_folders
from kg.needs import NotLocalError
from kg.parallel import HERE, Executor
from kg.shapes import DERIVED, Shapes, load_shapes
from kg.touched import differing, touched
from kg.validate import Judging, Verdict
from kg.verdicts import affected


def publishable(dataset: Dataset, verdict: Verdict, executor: Executor = HERE) -> tuple[Dataset, Verdict]:
    """A dataset that was read for publishing, without what is for checking only, and the verdict on that; its store becomes that of this.

    Everything stays as it is where nothing is for checking only.
    """
    if dataset.entered is None or dataset.entered.publishing is None:
        return dataset, verdict
    published = replace(dataset, imports=[each for each in dataset.imports if not each.private])
    judging = Judging(published, verdict.store, executor)
    changed = _leave(dataset, verdict.store)
    written, derived = (load_shapes(shapes_folders(dataset.folder), stage) for stage in (None, DERIVED))
    judging.add(written, _written(judging, written, changed, verdict))
    follow(published, judging.store)
    judging.take(derived)
    return published, judging.verdict()


def _leave(dataset: Dataset, store: Store) -> set[Quad]:
    """Take out of a store what is not published, put in what is there in its stead, and settle that; which statements came or went."""
    assert dataset.entered is not None
    graph = derived_graph(dataset)
    before = {*_quads(dataset.entered.checking), *store.quads_for_pattern(None, None, None, graph)}
    for quad in before:
        store.remove(quad)
    new = set(_quads(dataset.entered.publishing))
    store.extend(new)
    follow(dataset, store, "settling")
    return before ^ {*new, *store.quads_for_pattern(None, None, None, graph)}


def _quads(path: Path | None) -> Iterator[Quad]:
    return parse(path=str(path), format=RdfFormat.N_QUADS) if path else iter(())


def _written(judging: Judging, shapes: Shapes, changed: set[Quad], verdict: Verdict) -> list[Result]:
    """What is said of what is published: what was said of nodes about which nothing is another, and what is said now of the others."""
    dataset, store, executor = judging.dataset, judging.store, judging.executor
    core, (local, nodes) = _core(shapes, changed, verdict, executor), _near(judging, changed)
    if nodes is None:
        return judge(shapes, store, dataset.ontology, dataset.base, executor, core=core)
    again = {node.value for node in nodes}
    said = (each for each in (*verdict.results, *verdict.waived) if each.component == SPARQL_COMPONENT and each.shape in local)
    found = [each for each in said if each.focus not in again]
    near, across = (tuple(each for each in shapes.constraints if (each.shape in local) == its) for its in (True, False))
    found += judge(replace(shapes, constraints=near), store, dataset.ontology, dataset.base, executor, nodes, core=[])
    found += judge(replace(shapes, constraints=across), store, dataset.ontology, dataset.base, executor, core=core)
    return in_order(found)


def _near(judging: Judging, changed: set[Quad]) -> tuple[set[str], frozenset[NamedNode] | None]:
    """The shapes whose constraints can be asked part by part, and the nodes that they have to be asked about; None for all."""
    try:
        division = divided(judging.dataset.folder, judging.dataset.ontology)
    except NotLocalError:
        return set(), None
    local = {each.shape for each in division.written.constraints} - {each.shape for each in division.across}
    return local, touched(differing(changed, judging.store), judging.store, division.needs)


def _core(shapes: Shapes, changed: set[Quad], verdict: Verdict, executor: Executor) -> list[Result] | None:
    """What pySHACL says of what is published: of nodes that nothing was changed about what it said; None where all have to be judged."""
    nodes = affected(changed, verdict.store) if is_local(shapes.core, verdict.store) else None
    if nodes is None:
        return None
    again = {node.value for node in nodes}
    said = [result for result in (*verdict.results, *verdict.waived) if result.component != SPARQL_COMPONENT and result.focus not in again]
    found = (result for report in reports(shapes.core, verdict.store, executor, nodes) for result in results_of(report))
    return said + [result for result in found if result.focus in again]
