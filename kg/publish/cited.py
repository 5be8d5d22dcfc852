"""Pages of the works that facts rest on: what is known of each, and what it is cited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment
from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue, CitedFor
from kg.display import Reference, Value
from kg.facts import Citation
from kg.fields import Layout
from kg.publish.file import Body
from kg.publish.frame import Site, render
from kg.publish.signposting import Signposts
from kg.publish.written import Written


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


def cited(surroundings: Environment, site: Site, catalogue: Catalogue, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the page of each work that has a record, by IRI."""
    made = _Works(surroundings, site, catalogue, Signposts(site, written))
    yield from written.traces.files("pages of works", made.page, catalogue.works, site)


@dataclass(frozen=True)
class _Works:
    """The pages of works."""

    surroundings: Environment
    site: Site
    catalogue: Catalogue
    signposts: Signposts

    def page(self, work: NamedNode) -> list[tuple[str, bytes]]:
        """Path and bytes of the page of a work."""
        page = _page(self.catalogue, work, self.catalogue.uses.get(work, CitedFor()))
        links = self.signposts.work(page.path.removesuffix(".html"))
        return [(page.path, render(self.surroundings, "work.html", site=self.site, root="../", page=page, links=links))]


def _page(catalogue: Catalogue, work: NamedNode, cites: CitedFor) -> Cited:
    layouts = {layout.key: layout for layout in catalogue.layouts}
    uses: dict[NamedNode, list[Use]] = {}
    for each in cites.first:
        uses.setdefault(each.disease, []).append(_use(catalogue, each, layouts[each.kind]))
    return Cited(
        path=catalogue.naming.path(work),
        iri=work.value,
        reference=catalogue.reference(work, cites.facts),
        uses=tuple(Uses(catalogue.naming.value(disease), tuple(facts)) for disease, facts in uses.items()),
        facts=cites.facts,
        read_for=cites.read_for,
    )


def _use(catalogue: Catalogue, cited: Citation, layout: Layout) -> Use:
    said, fact = catalogue.naming.objects, cited.fact
    value = next(iter(catalogue.said_by(fact, layout)), Value(""))
    href = f"{catalogue.naming.path(cited.disease)}#{fact.value.partition('#')[2]}"
    status = next((catalogue.naming.value(each) for each in said(fact, v.STATUS) if each != v.ACCEPTED), Value(""))
    return Use(layout.heading, value, href, bool(said(fact, v.NEGATED)), cited.disputes, status)
