"""Pages of the works that facts rest on: what is known of each, and what it is cited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment
from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Reference, Value
from kg.fields import Layout
from kg.publish.frame import Site, render
from kg.publish.signposting import Signposts
from kg.publish.written import Written
from kg.works import evidence_lines

FACTS_SHOWN: Final = 300
"""So many facts stand on the page of a work; the facts as CSV have all."""


@dataclass(frozen=True, slots=True)
class Use:
    """A fact that a work is cited for: its kind, its main value, where it stands, and whether the work speaks against it.

    ``status`` is empty where the fact is accepted.
    """

    heading: str
    value: Value
    href: str
    negated: bool
    disputes: bool
    status: Value


@dataclass(frozen=True, slots=True)
class Uses:
    """The facts about one disease that a work is cited for."""

    disease: Value
    facts: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """The page of a work. ``read_for`` is how many facts it was read for that it reports from other works."""

    path: str
    iri: str
    reference: Reference
    uses: tuple[Uses, ...]
    facts: int
    read_for: int

    @property
    def more(self) -> int:
        """How many facts are left out."""
        return self.facts - sum(len(each.facts) for each in self.uses)


_Found = list[tuple[NamedNode, Layout, NamedNode, bool]]


def cited(surroundings: Environment, site: Site, catalogue: Catalogue, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the page of each work that has a record, by IRI."""
    signposts = Signposts(site, written.files)
    found, read_for = _uses(catalogue)
    for work in catalogue.works:
        page = _page(catalogue, work, found.get(work, []), read_for.get(work, 0))
        links = signposts.work(page.path.removesuffix(".html"))
        yield page.path, render(surroundings, "work.html", site=site, root="../", page=page, links=links)


def _uses(catalogue: Catalogue) -> tuple[dict[NamedNode, _Found], dict[NamedNode, int]]:
    """For each work the facts that cite it, in the order of pages; and how many facts it was read for."""
    found: dict[NamedNode, _Found] = {}
    read_for: dict[NamedNode, int] = {}
    said = catalogue.naming.objects
    for disease in catalogue.diseases:
        for layout in catalogue.layouts:
            for fact in catalogue.facts_of(disease, layout):
                lines = evidence_lines(catalogue.naming, fact)
                sources = {o: v.DISPUTES in said(line, v.DIRECTION) for line in lines for o in said(line, v.SOURCE)}
                for work, disputes in sources.items():
                    if isinstance(work, NamedNode):
                        found.setdefault(work, []).append((disease, layout, fact, disputes))
                for work in {o for line in lines for o in said(line, v.VIA) if isinstance(o, NamedNode)}:
                    read_for[work] = read_for.get(work, 0) + 1
    return found, read_for


def _page(catalogue: Catalogue, work: NamedNode, found: _Found, read_for: int) -> Cited:
    uses: dict[NamedNode, list[Use]] = {}
    for disease, layout, fact, disputes in found[:FACTS_SHOWN]:
        uses.setdefault(disease, []).append(_use(catalogue, disease, layout, fact, disputes))
    return Cited(
        path=catalogue.naming.path(work),
        iri=work.value,
        reference=catalogue.reference(work, len(found)),
        uses=tuple(Uses(catalogue.naming.value(disease), tuple(facts)) for disease, facts in uses.items()),
        facts=len(found),
        read_for=read_for,
    )


def _use(catalogue: Catalogue, disease: NamedNode, layout: Layout, fact: NamedNode, disputes: bool) -> Use:
    said = catalogue.naming.objects
    value = next(iter(catalogue.said_by(fact, layout)), Value(""))
    href = f"{catalogue.naming.path(disease)}#{fact.value.partition('#')[2]}"
    status = next((catalogue.naming.value(each) for each in said(fact, v.STATUS) if each != v.ACCEPTED), Value(""))
    return Use(layout.heading, value, href, bool(said(fact, v.NEGATED)), disputes, status)
