"""How a static host is to answer, whatever host it is: one table, of which the files for each host are made.

- An IRI that is no file, such as ``disease/X``, is answered with 303 and the document that fits the Accept header
  (https://www.w3.org/TR/cooluris/#r303gendocument). The page where ``text/html`` is asked for without a weight, as browsers do;
  else the first type that the header names and that is offered; else the page. Static rules cannot compare weights, so they
  ignore them otherwise, also ``q=0``, and there is no 406.
- What was withdrawn, and each document about it, is answered with 410 and its tombstone, in the form that is asked for.
- Every answer may be read by scripts of any site (CORS), redirects and pages too: whoever follows a redirect is refused where one answer
  on the way may not be read. Pages run nothing but our own scripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kg.formats import COMPRESSED, CSV, DOCUMENTS, HOST_FILES, LINKSET, MEDIA_TYPES, SPARQL, content_type
from kg.publish.content import Content
from kg.publish.elsewhere import GRAPHS, elsewhere
from kg.publish.frame import site_of
from kg.publish.signposting import SUCCESSOR, Link, Signposts
from kg.publish.written import Written

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Query, Accept-Ranges, Allow, Content-Encoding, Content-Range, ETag, Link, Location, Retry-After, Vary"
    ),
}
"""What every answer has (https://www.w3.org/TR/CSP3/, https://fetch.spec.whatwg.org/#x-content-type-options-header and #cors-check)."""

HTML_ASKED: Final = r"text/html(?!\s*;)"
"""An Accept header that asks for a page without a weight."""


@dataclass(frozen=True)
class Rules:
    """The answers of a host. ``prefix`` is the path of the base IRI, such as ``/rarefacts/``.

    ``apart`` says that no file of the release lies below that path, as seen from its top.
    ``withdrawn`` has the path of each withdrawn thing below it, with the paths of what stands in its place.
    ``told`` has the path of each thing that has no document of its own with that of the thing whose documents tell of it, but for the
    graphs of things that have a page: such a graph is told of by the documents of the thing.
    """

    prefix: str
    base: str
    dataset: str
    folder: str
    example: str
    page_links: tuple[Link, ...]
    home_links: tuple[Link, ...]
    apart: bool
    withdrawn: dict[str, list[str]]
    told: dict[str, str]

    @property
    def rows(self) -> dict[str, str]:
        """The same of what lies beside the page of a question, where nothing of that lies beside any other page."""
        return _by_accept({MEDIA_TYPES[extension]: extension for extension in (CSV, SPARQL)})

    @property
    def accepted(self) -> dict[str, str]:
        """Extension of each document that is offered beside the page, by the regular expression of the Accept headers for it."""
        return _by_accept({format.media_type: format.extension for format in DOCUMENTS})

    @property
    def types(self) -> dict[str, str]:
        """The Content-Type of each extension, the longest first."""
        handed_out = MEDIA_TYPES.keys() - HOST_FILES
        return {extension: content_type(extension) for extension in sorted(handed_out, key=lambda each: (-each.count("."), each))}

    @property
    def compressed(self) -> tuple[str, ...]:
        """The extensions of files that may have a twin, compressed with gzip."""
        return COMPRESSED

    def page_link(self, stem: str) -> str:
        """The Link header of the page of a disease; ``stem`` is how the host's language says the name of its file."""
        links = [(link.href.replace(self.example, f"{self.folder}/{stem}"), link) for link in self.page_links]
        return ", ".join(_link(self._from_page(href), link) for href, link in links)

    @property
    def tombstones(self) -> str:
        """The regular expression of the extension of a tombstone."""
        return "|".join(["html", *self.accepted.values()])

    def successors(self, path: str) -> str:
        """The Link header of a withdrawn thing; nothing where nothing stands in its place."""
        return ", ".join(f'<{self.base}{each}>; rel="{SUCCESSOR}"' for each in self.withdrawn[path])

    @property
    def home_link(self) -> str:
        """The Link header of the home page and of the page of the dataset, but for its dumps, which the link set has."""
        return ", ".join(_link(link.href, link) for link in self.home_links if link.rel != "item")

    def _from_page(self, href: str) -> str:
        """An address as seen from the page of a disease."""
        return href.removeprefix(f"{self.folder}/") if href.startswith(f"{self.folder}/") else href if "://" in href else f"../{href}"


def rules_of(content: Content, written: Written) -> Rules:
    """The rules of a release."""
    site = site_of(content)
    signposts = Signposts(site, written)
    pages = sorted(file.path.removesuffix(f".{LINKSET}") for file in written.files if file.path.endswith(f".{LINKSET}"))
    example = pages[0] if pages else "disease/none"
    prefix = urlsplit(site.base).path
    paths = {file.path for file in written.files}
    told = elsewhere(content, paths)
    return Rules(
        prefix=prefix,
        base=site.base,
        dataset=site.iri.removeprefix(site.base),
        folder=example.rpartition("/")[0],
        example=example,
        page_links=tuple(signposts.disease(example)),
        home_links=tuple(signposts.dataset()),
        apart=not any(f"/{path}".startswith(prefix) for path in paths),
        withdrawn=content.withdrawn,
        told={path: there for path, there in told.items() if path != f"{GRAPHS}{there}" or f"{there}.html" not in paths},
    )


def _by_accept(extensions: dict[str, str]) -> dict[str, str]:
    """Extensions of media types, each by the regular expression of the Accept headers that name its type first of these."""
    any_of = "|".join(map(re.escape, extensions))
    return {f"^(?:(?!{any_of}).)*{re.escape(type_)}": extension for type_, extension in extensions.items()}


def _link(href: str, link: Link) -> str:
    kind = f'; type="{link.type}"' if link.type else ""
    return f'<{href}>; rel="{link.rel}"{kind}'
