"""What has to be there for a query to be asked of a part of a dataset (``kg.locality``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from rdflib import URIRef

from kg import vocabulary as v

SUBJECT, OBJECT, PREDICATE, EVIDENCE = (URIRef(each.value) for each in (v.RDF_SUBJECT, v.RDF_OBJECT, v.RDF_PREDICATE, v.EVIDENCE))
TOGETHER: Final = frozenset({SUBJECT, EVIDENCE})
"""The predicates between nodes of one part."""


class NotLocalError(Exception):
    """A query cannot be asked in this way; why."""


@dataclass
class Needs:
    """What has to be there beside the own statements of a part, or of what is gathered; IRIs, and pairs of predicate and object.

    ``links`` tells that each fact whose object is a node of the dataset is gathered as well; the instances of classes that are ``inside``
    have to be nodes of the dataset.
    """

    near: set[str] = field(default_factory=set)
    everywhere: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    marks: set[tuple[str, str]] = field(default_factory=set)
    links: bool = False
    inside: set[str] = field(default_factory=set)

    def add(self, other: Needs) -> None:
        """Need what another needs too."""
        self.near |= other.near
        self.everywhere |= other.everywhere
        self.classes |= other.classes
        self.marks |= other.marks
        self.links = self.links or other.links
        self.inside |= other.inside
