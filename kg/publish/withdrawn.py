"""Pages of what was withdrawn: a tombstone under each IRI, and the list of them, to which the page of the dataset leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment
from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Row, Value
from kg.fields import fields_of
from kg.publish.content import Written
from kg.publish.frame import Site, render
from kg.publish.signposting import Signposts
from kg.shapes import Shapes
from kg.signpost import Signpost

PAGE = "withdrawn.html"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a thing: what it was (``disease``), its title, the fields of its shape, and what stands in its place."""

    path: str
    iri: str
    sort: str
    title: Value
    rows: tuple[Row, ...]
    replaced_by: tuple[Value, ...]

    def get(self, key: str) -> tuple[Value, ...]:
        """The values of a field by its word in records: ``reason``, ``withdrawnOn``."""
        return next((row.values for row in self.rows if row.key == key), ())


def withdrawn(surroundings: Environment, site: Site, catalogue: Catalogue, shapes: Shapes, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the tombstone of each withdrawn thing, by IRI, and of the page that lists them."""
    signposts = Signposts(site, written.files)
    found = tombstones(catalogue, shapes)
    for each in found:
        stem = each.path.removesuffix(".html")
        links = signposts.tombstone(stem, [value.href for value in each.replaced_by])
        yield each.path, render(surroundings, "tombstone.html", site=site, root="../", page=each, links=links)
    yield PAGE, render(surroundings, "withdrawn.html", site=site, root="./", tombstones=found)


def tombstones(catalogue: Catalogue, shapes: Shapes) -> tuple[Tombstone, ...]:
    """Every tombstone of a graph, by IRI."""
    fields = fields_of(v.TOMBSTONE, catalogue.ontology, shapes.core)
    naming, show = catalogue.naming, Signpost(catalogue.naming, {}).value
    sorts = {path: catalogue.ontology.label(cls) for cls, path in catalogue.ontology.record_paths.items()}
    found = []
    for node in sorted((n for n in catalogue.by_subject if v.TOMBSTONE in naming.objects(n, v.RDF_TYPE)), key=lambda n: n.value):
        below = node.value.removeprefix(naming.base)
        title = naming.best(naming.objects(node, v.TITLE))
        found.append(
            Tombstone(
                path=naming.path(node),
                iri=node.value,
                sort=next((label for path, label in sorts.items() if below.startswith(path)), ""),
                title=naming.value(title) if title else Value(below),
                rows=catalogue.drafts.rows(node, fields),
                replaced_by=tuple(show(each) for each in naming.objects(node, v.REPLACED_BY) if isinstance(each, NamedNode)),
            )
        )
    return tuple(found)
