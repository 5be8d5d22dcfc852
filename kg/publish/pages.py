"""The site of a release: a page for each disease, and the pages that lead to them. Pages are bytes, made once, at build time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup
from pyoxigraph import NamedNode

from kg.catalogue import Catalogue
from kg.fields import INDEX
from kg.layout import shapes_folders
from kg.publish.browse import TREE_AT_HOME, TREE_WHOLE, entry_path, facet_path, foremost, letters, listings, tree
from kg.publish.cited import cited
from kg.publish.compare import comparisons, patterns
from kg.publish.content import Content
from kg.publish.digests import from_text, to_text
from kg.publish.embed import EXTENSION, script
from kg.publish.facets import INLINE, facets, slug
from kg.publish.file import Body
from kg.publish.frame import NOT_FOUND, Site, render, site_of
from kg.publish.overview import attributions, counts, search_index
from kg.publish.signposting import Signposts
from kg.publish.templating import ASSETS, check_viewer, environment, versioned
from kg.publish.withdrawn import withdrawn, withdrawn_facts
from kg.publish.written import Written
from kg.shapes import load_shapes

_TWINS = (("ttl", "Turtle"), ("jsonld", "JSON-LD"), ("nt", "N-Triples"))
_CITATIONS = (("txt", "text"), ("bib", "BibTeX"), ("ris", "RIS"))
"""What may lie beside the page of a disease, by extension, as its links say it."""


def site(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of each file of the site: its assets and its pages, which link to the files that there are already.

    Raises KgError where the ontology asks for something that the templates do not have.
    """
    surroundings = environment()
    head = site_of(content)
    shapes = load_shapes(shapes_folders(content.dataset.folder))
    survey = partial(written.traces.values, "digests", write=to_text, read=from_text)
    catalogue = Catalogue(content.by_subject, content.dataset.ontology, shapes.core, content.dataset.base, head.language, survey)
    for layout in catalogue.layouts:
        check_viewer(surroundings, layout.viewer or "fields", layout.kind.iri.value)
    for path in sorted(ASSETS.iterdir()):
        yield f"assets/{path.name}", path.read_bytes()
    yield from pages(surroundings, head, catalogue, written, content.imports)


def pages(
    surroundings: Environment, site: Site, catalogue: Catalogue, written: Written, imports: Sequence[NamedNode] = ()
) -> Iterator[tuple[str, Body]]:
    """Path and body of each page, and of what their scripts read."""
    downloads = sorted((file for file in written.files if not re.search(r"/|\.html$", file.path)), key=lambda file: file.path)
    signposts, there = Signposts(site, written), written.documents
    about: dict[str, object] = {"links": signposts.dataset(), "embedded": _embedded(written.folder, there, f"dataset.{EXTENSION}")}
    assert catalogue.surveyed is not None  # before one page is made, which sees of it what it asks for
    made = DiseasePages(surroundings, site, catalogue, written.folder, there, signposts)
    yield from written.traces.files("pages of diseases", made.page, catalogue.diseases, site)
    yield from cited(surroundings, site, catalogue, written)
    yield from withdrawn(surroundings, site, catalogue, written)
    index = "assets/search.json", search_index(catalogue)
    yield index
    yield from _home_and_index(surroundings, site, catalogue, {**about, "index": versioned(*index)})
    yield from _comparisons(surroundings, site, catalogue)
    more: dict[str, object] = {"counts": counts(catalogue), "diseases": len(catalogue.diseases), "downloads": downloads}
    more["attributions"] = attributions(catalogue, imports)
    yield "dataset.html", render(surroundings, "dataset.html", site=site, root="./", **about, **more)
    yield NOT_FOUND, render(surroundings, NOT_FOUND, site=site, root=urlsplit(site.base).path)


def _embedded(folder: Path, there: Mapping[str, str], document: str) -> Markup:
    """A document of the release as an element of a page; nothing where there is no such document."""
    return Markup(script((folder / document).read_bytes())) if document in there else Markup("")  # noqa: S704 (script escapes it)


@dataclass(frozen=True)
class DiseasePages:
    """The pages of diseases, one by one; ``there`` are the files of the release that there are already, in its ``folder``."""

    surroundings: Environment
    site: Site
    catalogue: Catalogue
    folder: Path
    there: Mapping[str, str]
    signposts: Signposts

    def page(self, disease: NamedNode) -> list[tuple[str, bytes]]:
        """Path and bytes of the page of a disease."""
        page = self.catalogue.page(disease)
        stem = page.path.removesuffix("html")
        listed = next((layout.key for layout in self.catalogue.links if INDEX in layout.shown_in), "")
        shown = {
            "page": page,
            "patterns": patterns(self.catalogue, disease),
            "withdrawn": withdrawn_facts(self.catalogue, disease),
            "links": self.signposts.disease(stem.removesuffix(".")),
            "embedded": _embedded(self.folder, self.there, stem + EXTENSION),
            "documents": [twin for twin in _TWINS if stem + twin[0] in self.there],
            "citations": [twin for twin in _CITATIONS if stem + twin[0] in self.there],
            "index_of_subtypes": entry_path(listed, slug(page.name)) if listed and page.more_subtypes else "",
        }
        return [(page.path, render(self.surroundings, "disease.html", site=self.site, root="../", **shown))]


def _home_and_index(surroundings: Environment, site: Site, catalogue: Catalogue, about: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    tally, found = counts(catalogue), facets(catalogue)
    ways = [(facet, facet_path(facet), foremost(facet), letters(facet)) for facet in found]
    home = {"tree": tree(catalogue, TREE_AT_HOME), "ways": ways, "counts": tally, "diseases": len(catalogue.diseases)}
    yield "index.html", render(surroundings, "index.html", site=site, root="./", **about, **home)
    whole = tree(catalogue, TREE_WHOLE)
    for facet in found:
        for listing in listings(facet):
            shown = {"listing": listing, "tree": whole if facet.is_tree and listing.path == facet_path(facet) else None}
            root = "../" * listing.path.count("/")
            known = {"ways": ways, "entry_path": entry_path, "inline": INLINE}
            yield listing.path, render(surroundings, "browse.html", site=site, root=root, **known, **shown)


def _comparisons(surroundings: Environment, site: Site, catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    whole = comparisons(catalogue)
    documents = {each.key: (f"assets/compare-{each.key}.json", each.document()) for each in whole}
    yield from documents.values()
    addresses = {key: versioned(*document) for key, document in documents.items()}
    first = [(each, each.pages) for each in whole]
    yield "compare.html", render(surroundings, "compare.html", site=site, root="./", comparisons=first, addresses=addresses)
    for comparison, parts in first:
        for number, (path, part) in enumerate(parts[1:], 2):
            shown = {"comparison": comparison, "part": part, "number": number, "parts": parts}
            yield path, render(surroundings, "compare-part.html", site=site, root="../", **shown)
