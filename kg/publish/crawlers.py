"""What crawlers, feed readers and language models read first: ``sitemap.xml``, ``robots.txt``, ``feed.atom`` and ``llms.txt``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.formats import MEDIA_TYPES
from kg.naming import Naming
from kg.publish.content import Content
from kg.publish.exports import Export
from kg.publish.feed import FEED, atom, latest
from kg.publish.file import File
from kg.publish.frame import NOT_FOUND, site_of
from kg.publish.written import Written

_SITEMAP: Final = "sitemap"
_URLS_A_SITEMAP: Final = 50_000
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def crawlers(content: Content, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the files; they name documents and dumps, so they come last."""
    rows = Export("lastmod", content.dataset).ask(content.store)
    base = content.dataset.base
    changed = {disease.value: day.value if day else "" for disease, day in rows if disease}
    last = max(changed.values(), default="")
    pages = []
    for file in written.files:
        stem, _, extension = file.path.rpartition(".")
        if extension == "html" and file.path != NOT_FOUND and stem not in content.withdrawn:
            pages.append((file.path, changed.get(base + stem, last)))
    yield from sitemaps(base, sorted(pages))
    yield "robots.txt", robots(base)
    site = site_of(content)
    naming = Naming(content.by_subject, content.dataset.ontology, base, site.language)
    gone = {node.value: naming.objects(node, v.WITHDRAWN_ON)[0].value for node in content.tombstones}
    yield FEED, atom(site, ((iri, _told(NamedNode(iri), naming), day) for iri, day in latest(changed | gone)))
    example = min(disease.value.removeprefix(base) + ".html" for disease in content.diseases) if content.diseases else "sitemap.xml"
    dumps = [file for file in written.files if file.is_dump_of(content.name)]
    yield "llms.txt", llms(site.title, site.description, base, dumps, example)


def _told(node: NamedNode, naming: Naming) -> str:
    """What the feed calls a disease, or what was withdrawn."""
    title = naming.best(naming.objects(node, v.TITLE)) if v.TOMBSTONE in naming.objects(node, v.RDF_TYPE) else None
    return f"Withdrawn: {title.value}" if title else naming.value(node).text


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
