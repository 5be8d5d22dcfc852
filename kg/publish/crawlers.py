"""What crawlers and language models read first: ``sitemap.xml``, ``robots.txt`` and ``llms.txt``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from xml.sax.saxutils import escape

from kg.formats import GZIP, MEDIA_TYPES, TURTLE

_SITEMAP: Final = "sitemap"
_URLS_A_SITEMAP: Final = 50_000
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the release, as metadata speaks of it."""

    path: str
    size: int
    sha256: str

    @property
    def extensions(self) -> list[str]:
        """What follows its dots, the last first, without ``gz``."""
        return [suffix[1:] for suffix in reversed(PurePosixPath(self.path).suffixes) if suffix[1:] != GZIP]


def for_crawlers(
    title: str, about: str, base: str, changed: Mapping[str, str], files: list[File], dumps: list[File]
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the files; ``changed`` has the day of the latest change by the IRI of a disease."""
    latest = max(changed.values(), default="")
    html = any(file.path.endswith(".html") for file in files)
    pages = []
    for file in files:
        stem, _, extension = file.path.rpartition(".")
        if extension == ("html" if html else TURTLE.extension) and (html or base + stem in changed):
            pages.append((file.path, changed.get(base + stem, latest)))
    yield from sitemaps(base, sorted(pages))
    yield "robots.txt", robots(base)
    yield "llms.txt", llms(title, about, base, dumps, min((path for path, _ in pages), default=f"{_SITEMAP}.xml"))


def sitemaps(base: str, pages: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Sitemaps 0.9 (https://www.sitemaps.org/protocol.html) of pages and the day each last changed; above 50,000 with an index."""
    parts = [pages[start : start + _URLS_A_SITEMAP] for start in range(0, len(pages), _URLS_A_SITEMAP)] or [[]]
    if len(parts) == 1:
        yield f"{_SITEMAP}.xml", _sitemap("urlset", "url", base, pages)
        return
    names = [f"{_SITEMAP}-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield name, _sitemap("urlset", "url", base, part)
    latest = [(name, max(day for _, day in part)) for name, part in zip(names, parts, strict=True)]
    yield f"{_SITEMAP}.xml", _sitemap("sitemapindex", "sitemap", base, latest)


def _sitemap(root: str, item: str, base: str, entries: list[tuple[str, str]]) -> bytes:
    lines = [f"  <{item}><loc>{escape(base + path)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{item}>" for path, day in entries]
    head = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{_NAMESPACE}">']
    return "".join(f"{line}\n" for line in [*head, *lines, f"</{root}>"]).encode()


def robots(base: str) -> bytes:
    """``robots.txt`` (RFC 9309): everything may be read, and where the sitemap is."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {base}{_SITEMAP}.xml\n".encode()


def llms(title: str, about: str, base: str, dumps: list[File], example: str) -> bytes:
    """``llms.txt`` (https://llmstxt.org/): what is here and how to use it, in Markdown, for a language model that was sent here."""
    dump = "\n".join(f"- [{file.path}]({base}{file.path}): {MEDIA_TYPES[file.extensions[0]]}, {file.size} bytes" for file in dumps)
    return f"""# {title}

> {about}

Cite a fact by its IRI, and name the works that it cites. What is negated, disputed or withdrawn is in here as such: read `negated`
and `status` before you state a fact. Nothing here is medical advice.

## Documents

- [sitemap.xml]({base}{_SITEMAP}.xml): every document, with the day of its latest change
- [{example}]({base}{example}): one of them, a disease with its facts and their evidence
- [void.ttl]({base}void.ttl): the dataset, its files, its vocabulary in numbers, and questions in SPARQL that it answers
- [context.jsonld]({base}context.jsonld): what the keys of the JSON-LD mean

## The whole

{dump}
""".encode()
