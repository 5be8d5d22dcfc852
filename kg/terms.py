"""Terms of our own graphs, typed. Our data has neither blank nodes nor triple terms: readers refuse them (``kg.foreign``)."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad, Triple

Value = NamedNode | Literal


def subject_of(statement: Quad | Triple) -> NamedNode:
    """The subject, which is an IRI."""
    assert isinstance(statement.subject, NamedNode)
    return statement.subject


def value_of(statement: Quad | Triple) -> Value:
    """The object, which is an IRI or a literal."""
    assert isinstance(statement.object, NamedNode | Literal)
    return statement.object


def resource_of(statement: Quad | Triple) -> NamedNode:
    """The object of a statement that is known to link two resources."""
    assert isinstance(statement.object, NamedNode)
    return statement.object
