"""What the whole of a dataset amounts to: counts and coverage, and what the search looks through."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Value
from kg.fields import SEARCH


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
        by_disease = [each.counts[layout.key] for each in catalogue.digests.values() if layout.key in each.counts]
        facts, lines = (sum(each[at] for each in by_disease) for at in (0, 1))
        found.append(Count(layout.heading, layout.about, facts, len(by_disease), lines))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A work that imported facts cite, who brought it out and under which licence, and how many facts its import has."""

    work: Value
    publisher: str
    version: str
    license: Value | None
    facts: int


def attributions(catalogue: Catalogue, imports: Iterable[NamedNode]) -> tuple[Attribution, ...]:
    """The works that each import is made of, import by import."""
    naming = catalogue.naming
    found = []
    for each in imports:
        facts = next((int(o.value) for o in naming.objects(each, v.FACTS_WRITTEN)), 0)
        for work in (o for o in naming.objects(each, v.CITED) if isinstance(o, NamedNode)):
            title, licence = naming.best(naming.objects(work, v.TITLE)), next(iter(naming.objects(work, v.LICENSE)), None)
            publisher, version = (next((o.value for o in naming.objects(work, p)), "") for p in (v.PUBLISHER, v.VERSION))
            shown = Value(title.value if title else v.local_name(work.value), href=naming.href(work))
            found.append(Attribution(shown, publisher, version, naming.value(licence) if licence else None, facts))
    return tuple(found)


def search_index(catalogue: Catalogue) -> bytes:
    """JSON: for each disease its page, its name, and what else it is found by; the script of the home page reads it.

    ``schemes`` names the vocabularies whose prefix is not their name, so that ``Orphanet 101088`` finds ``ORPHA:101088``.
    ``certain`` has, for each disease, the places among its words of those that mean it and nothing else: a gene, a broader entry of a
    vocabulary or an abbreviation finds a disease, but does not name it.
    """
    schemes: dict[str, str] = {}
    entries: list[tuple[str, str, list[str]]] = [
        (catalogue.naming.path(d), catalogue.naming.value(d).text, list(_words(catalogue, d, schemes))) for d in catalogue.diseases
    ]
    known = (catalogue.digests[disease].certain for disease in catalogue.diseases)
    certain = [[at for at, word in enumerate(words) if word in sure] for (_, _, words), sure in zip(entries, known, strict=True)]
    document: dict[str, Any] = {"schemes": dict(sorted(schemes.items())), "diseases": entries, "certain": certain}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _words(catalogue: Catalogue, disease: NamedNode, schemes: dict[str, str]) -> Iterator[str]:
    found = {v.local_name(disease.value).replace("_", ":"): None}
    for layout in catalogue.layouts:
        if SEARCH in layout.shown_in:
            for value in catalogue.digests[disease].values.get(layout.key, ()):
                found |= dict.fromkeys(text for text in (value.text, value.code) if text)
                prefix = value.code.partition(":")[0]
                if value.scheme and prefix.casefold() != value.scheme.casefold():
                    schemes[prefix] = value.scheme
    return iter(found)
