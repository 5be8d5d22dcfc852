"""What was withdrawn, told apart: things, whose IRIs have documents, and facts, whose permalinks lead to the page of their disease."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.reads import Noted
from kg.subjects import Subjects

_TABLE: Final = "withdrawn facts"


def things(by_subject: Subjects) -> list[NamedNode]:
    """Every withdrawn disease and work, by IRI."""
    return [node for node in by_subject.of_type(v.TOMBSTONE) if "#" not in node.value]


def facts(by_subject: Subjects) -> Mapping[NamedNode, tuple[NamedNode, ...]]:
    """The withdrawn facts of each disease that has some, by IRI; which there are of a disease is noted where it is read."""
    found = defaultdict(list)
    for node in by_subject.of_type(v.TOMBSTONE):
        disease, _, name = node.value.partition("#")
        if name:
            found[NamedNode(disease)].append(node)
    return Noted(by_subject.reads, _TABLE, {disease: tuple(those) for disease, those in found.items()})
