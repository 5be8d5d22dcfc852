"""FAIR Signposting (https://signposting.org/FAIR/): the typed links of a page, as the value of a Link header.

A page's own ``<link>`` elements are what the release says; what they leave out is worked out of the table of resources.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from kg.formats import BY_EXTENSION
from kg.serve.resources import File, Resources

_RELATIONS: Final = ("author", "cite-as", "collection", "describedby", "item", "license", "linkset", "type")
_HEAD: Final = 1 << 14


def link_header(file: File, body: bytes, resources: Resources) -> str:
    """The value of Link for a document; nothing for a file that is about no thing and says nothing."""
    siblings = resources.siblings(file)
    pages = [each for each in siblings if each.is_page]
    data = [each for each in siblings if each.extension in BY_EXTENSION]
    thing = resources.base + file.path.rpartition(".")[0]
    if not file.is_page:
        there = [_link(_name(page), "describes", page.media_type) for page in pages]
        return ", ".join([_link(thing, "cite-as"), *there]) if there else ""
    stated = _Head()
    stated.feed(body[:_HEAD].decode("utf-8", errors="replace"))
    links = list(stated.links)
    said = {relation for _, relation, _ in links}
    if data:
        links += [(thing, "cite-as", "")] if "cite-as" not in said else []
        links += [(_name(each), "describedby", each.media_type) for each in data] if "describedby" not in said else []
    return ", ".join(_link(*each) for each in links)


def _name(file: File) -> str:
    return file.path.rpartition("/")[2]


def _link(target: str, relation: str, media_type: str = "") -> str:
    return f'<{target}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")


class _Head(HTMLParser):
    """Target, relation and media type of the links that a page states, as far as Signposting knows the relation."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the relations of a ``<link>``."""
        values = {name: value or "" for name, value in attrs}
        target, media_type = values.get("href", ""), values.get("type", "")
        if tag != "link" or not all(text.isascii() and text.isprintable() and not set(text) & set('<>" ') for text in (target, media_type)):
            return
        for relation in values.get("rel", "").split():
            if relation in _RELATIONS:
                self.links.append((target, relation, media_type))
