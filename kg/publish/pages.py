"""The site of a release: a page for each disease, and the pages that lead to them. Pages are bytes, made once, at build time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import link
from kg.layout import shapes_folders
from kg.naming import Naming
from kg.publish.dumps import Content
from kg.publish.embed import EXTENSION, script
from kg.publish.overview import comparisons, counts, facets, search_index, tree
from kg.publish.templating import ASSETS, check_viewer, environment
from kg.shapes import load_shapes

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class License:
    """A licence: where its text is, and its short name."""

    href: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says of the dataset."""

    base: str
    language: str
    title: str
    description: str
    version: str
    issued: str
    publisher: str
    license: License


def site_files(content: Content, files: Iterable[Mapping[str, Any]], read: Read | None = None) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file of the site; ``files`` are the entries of the manifest that there are already, to be downloaded.

    ``read`` gives the bytes of such a file by its path: pages embed what they say in the words of schema.org.

    Raises KgError where the ontology asks for something that the templates do not have.
    """
    surroundings = environment()
    site = site_of(content)
    shapes = load_shapes(shapes_folders(content.dataset.folder))
    ontology = content.dataset.ontology
    catalogue = Catalogue(content.by_subject, ontology, shapes.core, content.dataset.base, site.language)
    for layout in catalogue.layouts:
        check_viewer(surroundings, layout.viewer or "fields", layout.kind.iri.value)
    for path in sorted(ASSETS.iterdir()):
        yield f"assets/{path.name}", path.read_bytes()
    yield from pages(surroundings, site, catalogue, files, read)


def pages(
    surroundings: Environment, site: Site, catalogue: Catalogue, files: Iterable[Mapping[str, Any]], read: Read | None = None
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each page, and of the index that the search of the home page reads."""
    for disease in catalogue.diseases:
        page = catalogue.page(disease)
        embedded = Markup(script(read(f"{page.path.removesuffix('html')}{EXTENSION}"))) if read else Markup("")  # noqa: S704 (script escapes it)
        yield page.path, render(surroundings, "disease.html", site=site, root="../", page=page, embedded=embedded)
    yield "assets/search.json", search_index(catalogue)
    tally = counts(catalogue)
    home = {"tree": tree(catalogue), "facets": facets(catalogue), "counts": tally, "diseases": len(catalogue.diseases)}
    yield "index.html", render(surroundings, "index.html", site=site, root="./", **home)
    yield "compare.html", render(surroundings, "compare.html", site=site, root="./", comparisons=comparisons(catalogue))
    listed = sorted((file for file in files if "/" not in file["path"]), key=lambda file: str(file["path"]))
    downloads = [file for file in listed if not file["path"].endswith(".html")]
    more = {"counts": tally, "diseases": len(catalogue.diseases), "downloads": downloads}
    yield "dataset.html", render(surroundings, "dataset.html", site=site, root="./", **more)


def render(surroundings: Environment, template: str, **values: object) -> bytes:
    """A page, in UTF-8."""
    return surroundings.get_template(template).render(**values).encode()


def site_of(content: Content) -> Site:
    """What dataset.yaml says of the dataset."""
    naming = Naming(content.by_subject, content.dataset.ontology, content.dataset.base, "")
    said = {predicate: naming.objects(content.head, predicate) for predicate in (v.LANGUAGE, v.VERSION, v.ISSUED, v.PUBLISHER, v.LICENSE)}
    plain = {predicate: values[0].value if values else "" for predicate, values in said.items()}
    naming.language = plain[v.LANGUAGE]
    title, description = (naming.best(naming.objects(content.head, predicate)) for predicate in (v.TITLE, v.DESCRIPTION))
    return Site(
        base=content.dataset.base,
        language=plain[v.LANGUAGE],
        title=title.value if title else content.name,
        description=description.value if description else "",
        version=plain[v.VERSION],
        issued=plain[v.ISSUED],
        publisher=plain[v.PUBLISHER],
        license=_license(plain[v.LICENSE]),
    )


def _license(iri: str) -> License:
    """``CC BY 4.0`` of ``https://creativecommons.org/licenses/by/4.0/``; the address itself where that is not the pattern."""
    parts = iri.rstrip("/").split("/")
    is_cc = "creativecommons.org" in parts and len(parts) >= 2
    return License(link(iri), f"CC {parts[-2].upper()} {parts[-1]}" if is_cc else iri)
