"""What is said of a node, by property: most is asked for many times while one thing is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pyoxigraph import NamedNode

from kg.reads import Remembered
from kg.subjects import Subjects
from kg.terms import Value, value_of

_KEPT: Final = 5_000
"""So many nodes are at hand: those of the facts of a disease, and what many name."""
Said = Mapping[NamedNode, Sequence[Value]]
"""Values by property, sorted."""


def said_in(about: Subjects) -> Remembered[NamedNode, Said]:
    """What is said of each node; nothing where nothing is."""
    return Remembered(about.reads, partial(_by_property, about), _KEPT)


def _by_property(about: Subjects, node: NamedNode) -> Said:
    found: dict[NamedNode, list[Value]] = {}
    for triple in about.get(node, ()):
        found.setdefault(triple.predicate, []).append(value_of(triple))
    return found
