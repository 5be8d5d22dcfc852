"""Pages of what was withdrawn: a tombstone under each IRI, and the list of them, to which the page of the dataset leads.

A fact has no page, and its tombstone stands on that of its disease, where the permalink leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jinja2 import Environment
from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Row, Value
from kg.publish.file import Body
from kg.publish.frame import Site, render
from kg.publish.signposting import Signposts
from kg.publish.written import Written
from kg.signpost import Signpost


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a thing: what it was (``disease``), its title, the fields of its shape, and what stands in its place.

    Of a fact, ``path`` ends with its ``anchor`` on the page of the disease that it was about, which is ``of``.
    """

    path: str
    iri: str
    sort: str
    title: Value
    rows: tuple[Row, ...]
    replaced_by: tuple[Value, ...]
    anchor: str = ""
    of: Value | None = None

    def get(self, key: str) -> tuple[Value, ...]:
        """The values of a field by its word in records: ``reason``, ``withdrawnOn``."""
        return next((row.values for row in self.rows if row.key == key), ())


def withdrawn(surroundings: Environment, site: Site, catalogue: Catalogue, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the tombstone of each withdrawn thing, by IRI, and of the page that lists them, and facts with them."""
    made = _Tombstones(surroundings, site, catalogue, Signposts(site, written))
    yield from written.traces.files("tombstones", made.page, catalogue.tombstones, site)
    facts = [fact for each in catalogue.withdrawn_facts.values() for fact in each]
    found = [_tombstone(catalogue, node) for node in sorted([*catalogue.tombstones, *facts], key=lambda node: node.value)]
    yield "withdrawn.html", render(surroundings, "withdrawn.html", site=site, root="./", tombstones=found)


def withdrawn_facts(catalogue: Catalogue, disease: NamedNode) -> list[Tombstone]:
    """What is left of the withdrawn facts about a disease, by IRI."""
    return [_tombstone(catalogue, fact) for fact in catalogue.withdrawn_facts.get(disease, ())]


@dataclass(frozen=True)
class _Tombstones:
    """The pages of what was withdrawn."""

    surroundings: Environment
    site: Site
    catalogue: Catalogue
    signposts: Signposts

    def page(self, node: NamedNode) -> list[tuple[str, bytes]]:
        """Path and bytes of the page of a tombstone."""
        page = _tombstone(self.catalogue, node)
        links = self.signposts.tombstone(page.path.removesuffix(".html"), [value.href for value in page.replaced_by])
        return [(page.path, render(self.surroundings, "tombstone.html", site=self.site, root="../", page=page, links=links))]


def _tombstone(catalogue: Catalogue, node: NamedNode) -> Tombstone:
    naming, show = catalogue.naming, Signpost(catalogue.naming, {}).value
    below, _, anchor = node.value.removeprefix(naming.base).partition("#")
    title = naming.best(naming.objects(node, v.TITLE))
    sorts = [catalogue.ontology.label(cls) for cls, path in catalogue.ontology.record_paths.items() if below.startswith(path)]
    found = Tombstone(
        path=naming.path(node),
        iri=node.value,
        sort=sorts[0] if sorts else "",
        title=naming.value(title) if title else Value(below),
        rows=catalogue.drafts.rows(node, catalogue.tombstone_fields),
        replaced_by=tuple(show(each) for each in naming.objects(node, v.REPLACED_BY)),
    )
    if not anchor:
        return found
    disease = NamedNode(naming.base + below)
    return replace(
        found,
        path=f"{naming.path(disease)}#{anchor}",
        sort=catalogue.ontology.label(v.FACT),
        replaced_by=tuple(naming.value(each) for each in naming.objects(node, v.REPLACED_BY)),
        anchor=anchor,
        of=naming.value(disease),
    )
