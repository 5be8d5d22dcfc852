"""The tokens of a page, where it is written so strictly that anybody can tell them: from the same tokens follows the same tree."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

KEPT = ("src", "action", "rel", "id")
"""The attributes of which more is looked at than that they are there."""
Tokens = list[tuple[object, ...]]
_REFERENCE = "&(?:amp|lt|gt|quot|#[0-9]+);"
_TOKEN = re.compile(
    rf"""<(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>(?:\s+[a-zA-Z:][a-zA-Z0-9:-]*(?:="(?:[^<>&"\0]|{_REFERENCE})*+")?)*+)\s*(?P<empty>/?)>"""
    rf"""|</(?P<end>[a-zA-Z][a-zA-Z0-9]*)>|(?P<text>(?:[^<>&\0]|{_REFERENCE})++)|(?P<doctype><!doctype html>)"""
)
_ATTRIBUTE = re.compile(r'\s+([a-zA-Z:][a-zA-Z0-9:-]*)(?:="([^"]*)")?')


def tokens(body: bytes, kept: Callable[[str], str] = str) -> Tokens | None:
    """All that the tree of a page follows from, in order: tags with the names of attributes, and whether a text is more than blanks.

    Of some attributes there is what is to be ``kept`` of their value. None where a page is not written as strictly as this takes it to be:
    ``<``, ``>``, ``&`` and ``"`` stand for themselves nowhere. Of a page that is, a browser reads these tokens
    (https://html.spec.whatwg.org/#tokenization); what it takes for text from a tag on that begins a script or the like ends with the same
    tag.
    """
    page, place, found = body.decode("utf-8"), 0, Tokens()
    while place < len(page):
        match = _TOKEN.match(page, place)
        if match is None:
            return None
        place = match.end()
        if match["tag"]:
            attributes = _ATTRIBUTE.findall(match["attributes"])
            values = sorted((name, kept(html.unescape(value)) if name in KEPT else "") for name, value in attributes)
            found.append((match["tag"], match["empty"], *values))
        else:
            found.append((str(match.lastgroup), match["end"] or bool(html.unescape(match["text"] or "").strip(" \t\n\f\r"))))
    return found
