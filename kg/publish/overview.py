"""What the whole of a dataset amounts to: counts and coverage, and what the search looks through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.fields import SEARCH
from kg.works import evidence_lines


@dataclass(frozen=True, slots=True)
class Count:
    """How many facts of a kind there are, of how many diseases, resting on how many evidence lines."""

    heading: str
    about: str
    facts: int
    diseases: int
    lines: int


def counts(catalogue: Catalogue) -> tuple[Count, ...]:
    """Facts, diseases and evidence lines for each kind of fact, in the order of a page."""
    found = []
    for layout in catalogue.layouts:
        by_disease = [catalogue.facts_of(disease, layout) for disease in catalogue.diseases]
        facts = [fact for each in by_disease for fact in each]
        lines = sum(len(evidence_lines(catalogue.naming, fact)) for fact in facts)
        found.append(Count(layout.heading, layout.about, len(facts), sum(1 for each in by_disease if each), lines))
    return tuple(found)


def search_index(catalogue: Catalogue) -> bytes:
    """JSON: for each disease its page, its name, and what else it is found by; the script of the home page reads it.

    ``schemes`` names the vocabularies whose prefix is not their name, so that ``Orphanet 101088`` finds ``ORPHA:101088``.
    """
    schemes: dict[str, str] = {}
    entries = [[catalogue.naming.path(d), catalogue.naming.value(d).text, list(_words(catalogue, d, schemes))] for d in catalogue.diseases]
    document: dict[str, Any] = {"schemes": dict(sorted(schemes.items())), "diseases": entries}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _words(catalogue: Catalogue, disease: NamedNode, schemes: dict[str, str]) -> Iterator[str]:
    found = {v.local_name(disease.value).replace("_", ":"): None}
    for layout in catalogue.layouts:
        if SEARCH in layout.shown_in:
            for value in catalogue.main_values(disease, layout):
                found |= dict.fromkeys(text for text in (value.text, value.code) if text)
                prefix = value.code.partition(":")[0]
                if value.scheme and prefix.casefold() != value.scheme.casefold():
                    schemes[prefix] = value.scheme
    return iter(found)
