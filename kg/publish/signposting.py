"""Links that lead a program from a page to all that belongs to it: FAIR Signposting, level 1 in the pages, level 2 as link sets.

Recipes: https://signposting.org/FAIR/; link sets are JSON as of RFC 9264. In a page a file of the release is named relative to it,
so that it works on any host; a link set may be read anywhere, so there everything is absolute.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kg.formats import DOCUMENTS, LINKSET, TURTLE, media_type
from kg.publish.content import Content
from kg.publish.embed import EXTENSION
from kg.publish.file import Body
from kg.publish.frame import Site, site_of
from kg.publish.written import Written

_DATASET: Final = "dataset.html"
_SCHEMA: Final = "https://schema.org/"
_DESCRIBED_BY: Final = "describedby"
SUCCESSOR: Final = "successor-version"


@dataclass(frozen=True, slots=True)
class Link:
    """A typed link: its relation (https://www.iana.org/assignments/link-relations/), where it leads, and what is there.

    ``href`` is absolute, or the path of a file of the release.
    """

    rel: str
    href: str
    type: str = ""


def linksets(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the link set of each disease and of the dataset."""
    site = site_of(content)
    signposts = Signposts(site, written)
    pages = [disease.value.removeprefix(content.dataset.base) for disease in content.diseases]
    yield from written.traces.files("link sets", signposts.linkset_of, pages, site)
    links = signposts.dataset()
    diseases = [_file("item", f"{page}.html") for page in pages]
    collected = {link.href: [_file("collection", _DATASET)] for link in links if link.rel == "item"}
    contexts = {_DATASET: [*links, *diseases], "": links, **_describes(_DATASET, links), **collected}
    yield LINKSET, signposts.linkset(contexts)


class Signposts:
    """The links of the pages of a release, as far as its files are there."""

    def __init__(self, site: Site, written: Written) -> None:
        self._site = site
        self._there = written.documents
        self._dumps = sorted(file.path for file in written.files if file.is_dump_of(site.name))

    def disease(self, page: str) -> list[Link]:
        """The links of the page of a disease; ``page`` is its path without an extension."""
        return [
            Link("cite-as", self._site.base + page),
            *self._described_by(f"{page}.{format.extension}" for format in DOCUMENTS),
            Link("type", f"{_SCHEMA}AboutPage"),
            Link("type", f"{_SCHEMA}MedicalWebPage"),
            *self._license(),
            _file("collection", _DATASET),
            _file("linkset", f"{page}.{LINKSET}"),
        ]

    def work(self, page: str) -> list[Link]:
        """The links of the page of a cited work."""
        return [
            Link("cite-as", self._site.base + page),
            *self._described_by(f"{page}.{format.extension}" for format in DOCUMENTS),
            Link("type", f"{_SCHEMA}AboutPage"),
            *self._license(),
            _file("collection", _DATASET),
        ]

    def tombstone(self, page: str, successors: Iterable[str]) -> list[Link]:
        """The links of a tombstone; ``successors`` are the pages of what stands in its place (RFC 5829, section 3.3)."""
        return [
            Link("cite-as", self._site.base + page),
            *self._described_by(f"{page}.{format.extension}" for format in DOCUMENTS),
            *(_file(SUCCESSOR, each) for each in successors if each),
            *self._license(),
        ]

    def dataset(self) -> list[Link]:
        """The links of the page of the dataset, and of the home page."""
        return [
            Link("cite-as", self._site.iri),
            *self._described_by((f"void.{TURTLE.extension}", f"dataset.{EXTENSION}")),
            Link("type", f"{_SCHEMA}AboutPage"),
            Link("type", f"{_SCHEMA}Dataset"),
            *self._license(),
            *(_file("item", path) for path in self._dumps),
            _file("linkset", LINKSET),
        ]

    def linkset_of(self, page: str) -> list[tuple[str, bytes]]:
        """Path and bytes of the link set of the page of a disease."""
        links = self.disease(page)
        return [(f"{page}.{LINKSET}", self.linkset({f"{page}.html": links, **_describes(f"{page}.html", links)}))]

    def linkset(self, contexts: dict[str, list[Link]]) -> bytes:
        """A link set: the links of each context, by the path of its file; empty is the home of the site."""
        listed = []
        for anchor, links in contexts.items():
            targets: dict[str, list[dict[str, str]]] = {}
            for link in links:
                href = link.href if "://" in link.href else self._site.base + link.href
                targets.setdefault(link.rel, []).append({"href": href, **({"type": link.type} if link.type else {})})
            listed.append({"anchor": self._site.base + anchor, **targets})
        return (json.dumps({"linkset": listed}, ensure_ascii=False, separators=(",", ":")) + "\n").encode()

    def _described_by(self, paths: Iterable[str]) -> list[Link]:
        return [_file(_DESCRIBED_BY, path) for path in paths if path in self._there]

    def _license(self) -> list[Link]:
        return [Link("license", self._site.license.href)] if self._site.license.href else []


def _file(rel: str, path: str) -> Link:
    return Link(rel, path, media_type(path))


def _describes(page: str, links: list[Link]) -> dict[str, list[Link]]:
    """The way back: what describes a page says so."""
    return {link.href: [_file("describes", page)] for link in links if link.rel == _DESCRIBED_BY}
