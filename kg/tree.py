"""A record as a tree of nodes that know their place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kg.errors import Place

ScalarKind = Literal["text", "integer", "number", "boolean", "nothing"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as written, and what YAML 1.2 takes it for.

    ``cut`` tells of a comment behind it, without quotes between, that may have been meant as more of a text.
    """

    place: Place
    text: str
    kind: ScalarKind
    quoted: bool = False
    cut: bool = False


@dataclass(slots=True)
class Mapping:
    """Keys with their values, in the order of the file."""

    place: Place
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)


@dataclass(slots=True)
class Sequence:
    """Items in the order of the file."""

    place: Place
    items: list[Node] = field(default_factory=list)


Node = Scalar | Mapping | Sequence
