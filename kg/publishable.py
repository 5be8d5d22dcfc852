"""What of a judged dataset may be published: all but what is for checking only and what follows from that, judged by itself.

It has to conform by itself: what is for checking only may be what described a work that others cite. So it is judged again, where there is
another statement now (``kg.again``); and what follows is derived of what is published, for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, parse

from kg.again import judge_again
from kg.dataset import Dataset
from kg.graph import derived_graph, follow
from kg.layout import shapes_folders
from kg.parallel import HERE, Executor
from kg.shapes import DERIVED, load_shapes
from kg.validate import Judging, Verdict


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
    said = (*verdict.results, *verdict.waived)
    judging.add(written, judge_again(written, judging.store, published, changed, said, executor))
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
