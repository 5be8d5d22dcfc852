"""What changed last, for feed readers: an Atom feed (RFC 4287, https://www.rfc-editor.org/rfc/rfc4287)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from kg.formats import media_type
from kg.publish.frame import Site

FEED: Final = "feed.atom"
LIMIT: Final = 50
"""How many entries the feed has."""
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def latest(changed: dict[str, str]) -> list[tuple[str, str]]:
    """What changed or was withdrawn last, with the day, by IRI where days are equal; those without a day are left out."""
    dated = ((disease, day) for disease, day in changed.items() if day)
    return sorted(sorted(dated), key=lambda each: each[1], reverse=True)[:LIMIT]


def atom(site: Site, entries: Iterable[tuple[str, str, str]]) -> bytes:
    """The feed: IRI, name and day of each disease whose facts changed and of each thing that was withdrawn, the latest first.

    A fact is dated by the day, so each time is the first moment of it in UTC. Ids are the IRIs, which never change.
    """
    listed = list(entries)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<feed xmlns={_quoted(_NAMESPACE)} xml:lang={_quoted(site.language)}>",
        f"<id>{_text(site.base + FEED)}</id>",
        f"<title>{_text(site.title)}: what changed last</title>",
        f"<updated>{_moment(listed[0][2] if listed else site.issued)}</updated>",
        f"<author><name>{_text(site.publisher or site.title)}</name></author>",
        _link("self", site.base + FEED),
        _link("alternate", f"{site.base}index.html"),
        *([f"<link rel={_quoted('license')} href={_quoted(site.license.href)}/>"] if site.license.href else []),
    ]
    for disease, name, day in listed:
        lines += [
            "<entry>",
            f"<id>{_text(disease)}</id>",
            f"<title>{_text(name)}</title>",
            f"<updated>{_moment(day)}</updated>",
            _link("alternate", f"{disease}.html"),
            "</entry>",
        ]
    return "".join(f"{line}\n" for line in [*lines, "</feed>"]).encode()


def _link(rel: str, href: str) -> str:
    return f"<link rel={_quoted(rel)} type={_quoted(media_type(href))} href={_quoted(href)}/>"


def _moment(day: str) -> str:
    return f"{_text(day)}T00:00:00Z"


def _text(text: str) -> str:
    """A text as XML 1.0 can hold it (https://www.w3.org/TR/xml/#charsets)."""
    return escape(_NO_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", text))
