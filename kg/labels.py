"""The labels of terms, which the label after ``!`` is compared with."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, Quad

from kg import vocabulary as v
from kg.terms import subject_of

Labels = dict[str, tuple[str, ...]]
"""By IRI; first that by which messages call a term."""


def labels_of(quads: Iterable[Quad], language: str) -> Labels:
    """The labels that some quads give: first those in a language, then English ones, then the others."""
    found: dict[str, set[Literal]] = {}
    for quad in quads:
        if quad.predicate == v.RDFS_LABEL and isinstance(quad.object, Literal):
            found.setdefault(subject_of(quad).value, set()).add(quad.object)

    def rank(label: Literal) -> tuple[bool, bool, str, str]:
        own = (label.language or "").lower()
        return (own != language.lower(), own != "en", own, label.value)

    return {iri: tuple(dict.fromkeys(label.value for label in sorted(labels, key=rank))) for iri, labels in found.items()}
