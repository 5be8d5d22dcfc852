"""The site of a release: a page for each disease, and the pages that lead to them. Pages are bytes, made once, at build time."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import Environment
from markupsafe import Markup

from kg.catalogue import Catalogue
from kg.layout import shapes_folders
from kg.publish.content import Content, Written
from kg.publish.embed import EXTENSION, script
from kg.publish.frame import Site, render, site_of
from kg.publish.overview import comparisons, counts, facets, search_index, tree
from kg.publish.templating import ASSETS, check_viewer, environment
from kg.shapes import load_shapes


def site(content: Content, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file of the site: its assets and its pages, which link to the files that there are already.

    Raises KgError where the ontology asks for something that the templates do not have.
    """
    surroundings = environment()
    head = site_of(content)
    shapes = load_shapes(shapes_folders(content.dataset.folder))
    catalogue = Catalogue(content.by_subject, content.dataset.ontology, shapes.core, content.dataset.base, head.language)
    for layout in catalogue.layouts:
        check_viewer(surroundings, layout.viewer or "fields", layout.kind.iri.value)
    for path in sorted(ASSETS.iterdir()):
        yield f"assets/{path.name}", path.read_bytes()
    yield from pages(surroundings, head, catalogue, written)


def pages(surroundings: Environment, site: Site, catalogue: Catalogue, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each page, and of the index that the search of the home page reads."""
    there = {file.path for file in written.files}
    downloads = sorted((file for file in written.files if "/" not in file.path), key=lambda file: file.path)
    for disease in catalogue.diseases:
        page = catalogue.page(disease)
        document = f"{page.path.removesuffix('html')}{EXTENSION}"
        embedded = Markup(script(written.read(document))) if document in there else Markup("")  # noqa: S704 (script escapes it)
        yield page.path, render(surroundings, "disease.html", site=site, root="../", page=page, embedded=embedded)
    yield "assets/search.json", search_index(catalogue)
    tally = counts(catalogue)
    home = {"tree": tree(catalogue), "facets": facets(catalogue), "counts": tally, "diseases": len(catalogue.diseases)}
    yield "index.html", render(surroundings, "index.html", site=site, root="./", **home)
    yield "compare.html", render(surroundings, "compare.html", site=site, root="./", comparisons=comparisons(catalogue))
    more = {"counts": tally, "diseases": len(catalogue.diseases), "downloads": downloads}
    yield "dataset.html", render(surroundings, "dataset.html", site=site, root="./", **more)
