"""What every page has in common: what the site says of the dataset, and how a template becomes bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jinja2 import Environment

from kg import vocabulary as v
from kg.display import link
from kg.naming import Naming
from kg.publish.content import Content

ENDPOINT: Final = "sparql"
"""Where a server of the release answers queries, below the base IRI; a host for files only has nothing there."""
NOT_FOUND: Final = "404.html"
"""What a host for files shows where there is nothing. It stands for any address, so its links begin at the path of the base IRI."""


@dataclass(frozen=True, slots=True)
class License:
    """A licence: where its text is, and its short name."""

    href: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says of the dataset."""

    base: str
    iri: str
    name: str
    language: str
    title: str
    description: str
    version: str
    issued: str
    publisher: str
    license: License
    previous: str = ""


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
    name = title.value if title else content.name
    return Site(
        base=content.dataset.base,
        iri=content.head.value,
        name=content.name,
        language=plain[v.LANGUAGE],
        title=name,
        description=description.value if description else name,
        version=plain[v.VERSION],
        issued=plain[v.ISSUED],
        publisher=plain[v.PUBLISHER],
        license=_license(plain[v.LICENSE]),
        previous=content.said(v.PREVIOUS_VERSION),
    )


def _license(iri: str) -> License:
    """``CC BY 4.0`` of ``https://creativecommons.org/licenses/by/4.0/``; the address itself where that is not the pattern."""
    parts = iri.rstrip("/").split("/")
    is_cc = "creativecommons.org" in parts and len(parts) >= 2
    return License(link(iri), f"CC {parts[-2].upper()} {parts[-1]}" if is_cc else iri)
