"""What releases are made of, for tests of their parts: of a dataset as it is, or with other statements."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad, Store

import kg
from kg.dataset import Dataset
from kg.graph import derived_graph, store_of
from kg.publish.content import Content


def content_of(folder: Path) -> Content:
    """That of a dataset folder."""
    report = kg.check(folder)
    assert report.dataset is not None and report.verdict is not None
    return Content(report.dataset, report.verdict.store)


def derived(dataset: Dataset, store: Store) -> list[Quad]:
    """What follows from a dataset, in a store that has that."""
    return list(store.quads_for_pattern(None, None, None, derived_graph(dataset)))


def stated(dataset: Dataset, follows: Iterable[Quad] = ()) -> Content:
    """That of a dataset as it is in memory, and of what is said to follow from it."""
    return Content(dataset, store_of([*dataset.ontology.quads(), *dataset.quads, *follows]))


def other(content: Content, dataset: Dataset) -> Content:
    """The same with another dataset, from which the same follows."""
    return stated(dataset, derived(content.dataset, content.store))
