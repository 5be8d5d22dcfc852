"""Quads that were read and are gone through now and then: they stay packed, so that memory does not hold them all as objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol

from pyoxigraph import NamedNode, Quad, RdfFormat

from kg.serialize import to_bytes


class Part(Iterable[Quad], Sized, Protocol):
    """Some quads, in order, that are made when they are asked for."""

    def may_be_about(self, subject: NamedNode) -> bool:
        """Whether one of them may have this subject."""

    def says(self, predicates: Iterable[NamedNode]) -> bool:
        """Whether one of them has one of some predicates."""

    @property
    def n_quads(self) -> bytes:
        """The same as N-Quads, a line each."""


class Quads(Iterable[Quad], Sized):
    """Quads in the order of their parts."""

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        self._parts: list[Part | list[Quad]] = []
        self.extend(quads)

    def extend(self, quads: Iterable[Quad]) -> None:
        """Add quads that are objects already, and stay so."""
        self._parts.append(list(quads))

    def add(self, part: Part) -> None:
        """Add quads that are not objects yet."""
        self._parts.append(part)

    def about(self, subject: NamedNode) -> Iterator[Quad]:
        """The quads with a subject."""
        return (quad for quad in self._of(lambda part: part.may_be_about(subject)) if quad.subject == subject)

    def saying(self, *predicates: NamedNode) -> Iterator[Quad]:
        """The quads with one of some predicates."""
        return (quad for quad in self._of(lambda part: part.says(predicates)) if quad.predicate in predicates)

    def _of(self, wanted: Callable[[Part], bool]) -> Iterator[Quad]:
        for part in self._parts:
            if isinstance(part, list) or wanted(part):
                yield from part

    def blocks(self) -> Iterator[bytes]:
        """All of them as N-Quads, a line each, block by block."""
        for part in self._parts:
            yield to_bytes(part, RdfFormat.N_QUADS) if isinstance(part, list) else part.n_quads

    def __iter__(self) -> Iterator[Quad]:
        for part in self._parts:
            yield from part

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quads) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # more may be added; mypy has no other way to say so
