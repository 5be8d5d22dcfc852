"""Terms of our own graphs, typed. Our data has neither blank nodes nor triple terms: readers refuse them (``kg.foreign``).

A term is made anew each time that a statement is asked for it, so it is asked for once.
"""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad, Triple

Value = NamedNode | Literal


def subject_of(statement: Quad | Triple) -> NamedNode:
    """The subject, which is an IRI."""
    term = statement.subject
    assert isinstance(term, NamedNode)
    return term


def value_of(statement: Quad | Triple) -> Value:
    """The object, which is an IRI or a literal."""
    term = statement.object
    assert isinstance(term, Value)
    return term


def resource_of(statement: Quad | Triple) -> NamedNode:
    """The object of a statement that is known to link two resources."""
    term = statement.object
    assert isinstance(term, NamedNode)
    return term
