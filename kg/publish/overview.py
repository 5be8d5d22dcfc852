"""What the pages beside those of the diseases show: the index to browse, the search index, comparisons, counts and coverage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Value
from kg.fields import INDEX, SEARCH, Layout
from kg.works import evidence_lines


@dataclass(frozen=True, slots=True)
class Branch:
    """A disease in the classification, with what is classified under it."""

    disease: Value
    below: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A kind of fact to browse by: each main value with the diseases that have it."""

    key: str
    heading: str
    entries: tuple[tuple[Value, tuple[Value, ...]], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Diseases by the main values of a kind of fact; a cell holds, for each value compared by, how many works allow it."""

    key: str
    heading: str
    columns: tuple[Value, ...]
    scale: tuple[Value, ...]
    rows: tuple[tuple[Value, tuple[tuple[int, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many facts of a kind there are, of how many diseases, resting on how many evidence lines."""

    heading: str
    about: str
    facts: int
    diseases: int
    lines: int


def tree(catalogue: Catalogue) -> tuple[Branch, ...]:
    """The classification from its tops down. A disease with two parents stands under both; a circle is cut where it closes."""
    tops = [disease for disease in catalogue.diseases if not catalogue.parents[disease]]
    return tuple(_branch(catalogue, top, ()) for top in tops)


def _branch(catalogue: Catalogue, disease: NamedNode, above: tuple[NamedNode, ...]) -> Branch:
    below = [child for child in catalogue.children.get(disease, []) if child not in (*above, disease)]
    return Branch(catalogue.naming.value(disease), tuple(_branch(catalogue, child, (*above, disease)) for child in below))


def facets(catalogue: Catalogue) -> tuple[Facet, ...]:
    """The kinds of fact to browse by, but for the classification, which is the tree."""
    shown = [layout for layout in catalogue.layouts if INDEX in layout.shown_in and v.DISEASE not in layout.kind.object.ranges]
    return tuple(_facet(catalogue, layout) for layout in shown)


def _facet(catalogue: Catalogue, layout: Layout) -> Facet:
    found: dict[Value, list[Value]] = {}
    for disease in catalogue.diseases:
        for value in catalogue.main_values(disease, layout):
            found.setdefault(value, []).append(catalogue.naming.value(disease))
    entries = sorted(found.items(), key=lambda entry: (entry[0].text.casefold(), entry[0].href))
    return Facet(layout.key, layout.heading, tuple((value, tuple(diseases)) for value, diseases in entries))


def comparisons(catalogue: Catalogue) -> tuple[Comparison, ...]:
    """One for each kind of fact that says what diseases are compared by."""
    return tuple(found for layout in catalogue.layouts if (found := _comparison(catalogue, layout)))


def _comparison(catalogue: Catalogue, layout: Layout) -> Comparison | None:
    main, by = layout.field(v.RDF_OBJECT), layout.field(layout.compared_by)
    if main is None or by is None or not main.choices or not by.choices:
        return None
    said = catalogue.naming.objects
    rows = []
    for disease in catalogue.diseases:
        works: dict[tuple[object, object], set[object]] = {}
        for fact in catalogue.standing(disease, layout):
            for column in said(fact, v.RDF_OBJECT):
                for allowed in said(fact, by.iri):
                    works.setdefault((column, allowed), set()).update(said(fact, v.CITED))
        if works:
            cells = tuple(tuple(len(works.get((column, step), ())) for step in by.choices) for column in main.choices)
            rows.append((catalogue.naming.value(disease), cells))
    show = catalogue.naming.value
    return Comparison(layout.key, layout.heading, tuple(map(show, main.choices)), tuple(map(show, by.choices)), tuple(rows))


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
    """JSON: for each disease its page, its name, and what else it is found by; the script of the home page reads it."""
    entries = [[catalogue.naming.path(d), catalogue.naming.value(d).text, list(_words(catalogue, d))] for d in catalogue.diseases]
    document: dict[str, Any] = {"diseases": entries}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _words(catalogue: Catalogue, disease: NamedNode) -> Iterator[str]:
    found = {v.local_name(disease.value).replace("_", ":"): None}
    for layout in catalogue.layouts:
        if SEARCH in layout.shown_in:
            for value in catalogue.main_values(disease, layout):
                found |= dict.fromkeys(text for text in (value.text, value.code, _spoken(value)) if text)
    return iter(found)


def _spoken(value: Value) -> str:
    """A code under the name of its vocabulary: ``Orphanet 101088`` of ``ORPHA:101088``; nothing where that is no other word."""
    prefix, _, local = value.code.partition(":")
    return f"{value.scheme} {local}" if value.scheme and prefix.casefold() != value.scheme.casefold() else ""
