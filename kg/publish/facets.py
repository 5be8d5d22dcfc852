"""What diseases can be browsed by: each kind of fact that the ontology says to list, with its values and their diseases."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Value, in_order, plain
from kg.fields import INDEX, Layout
from kg.publish.compare import columns_and_scale

INLINE: Final = 12
"""So many diseases are named where their value is listed; more have a page of their own."""
_DIGITS, _OTHERS = "0–9", "…"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with the diseases that it is said of, and the name that it has in addresses."""

    value: Value
    slug: str
    diseases: tuple[Value, ...]

    @property
    def letter(self) -> str:
        """What it is filed under: its first letter without accents, ``0–9``, or ``…`` for other scripts."""
        return filed_under(self.value.text)

    @property
    def anchor(self) -> str:
        """Where it stands on its page."""
        return f":by-{self.slug}"


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to browse: its entries in order. A tree is what links diseases to diseases."""

    key: str
    heading: str
    entries: tuple[Entry, ...]
    is_tree: bool
    is_text: bool


def facets(catalogue: Catalogue) -> tuple[Facet, ...]:
    """One for each kind of fact that is shown in the index, in the order of a page; those without an entry are left out."""
    found = (_facet(catalogue, layout) for layout in catalogue.layouts if INDEX in layout.shown_in)
    return tuple(facet for facet in found if facet.entries)


def _facet(catalogue: Catalogue, layout: Layout) -> Facet:
    found: dict[Value, list[Value]] = {value: [] for value in _scale(catalogue, layout)}
    is_compared = bool(found)
    for disease in catalogue.diseases:
        shown = catalogue.naming.value(disease)
        for value in _levels(catalogue, layout, disease) if is_compared else catalogue.digests[disease].values.get(layout.key, ()):
            found.setdefault(value, []).append(shown)
    entries: list[Entry] = []
    taken: Counter[str] = Counter()
    for value in found if is_compared else sorted(found, key=place):
        if found[value]:
            name = slug(value)
            taken[name.casefold()] += 1
            number = taken[name.casefold()]
            entries.append(Entry(value, name if number == 1 else f"{name}-{number}", tuple(found[value])))
    ranges = layout.kind.object.ranges
    return Facet(layout.key, layout.heading, tuple(entries), v.DISEASE in ranges, v.RDF_LANG_STRING in ranges)


def _scale(catalogue: Catalogue, layout: Layout) -> list[Value]:
    """Where diseases are compared by a kind of fact, they are listed by each main value with each level, in the order of the shape."""
    columns, scale = columns_and_scale(layout) or ((), ())
    return [_level(catalogue, column, step) for column in columns for step in scale]


def _levels(catalogue: Catalogue, layout: Layout, disease: NamedNode) -> list[Value]:
    columns, scale = columns_and_scale(layout) or ((), ())
    found = catalogue.digests[disease].levels.get(layout.key, {})
    return [_level(catalogue, column, step) for column in columns for step in scale if found.get((column, step))]


def _level(catalogue: Catalogue, column: NamedNode, step: NamedNode) -> Value:
    first, second = catalogue.naming.value(column), catalogue.naming.value(step)
    return Value(f"{first.text}: {second.text}", first.language or second.language, word=f"{first.word}-{second.word}")


def slug(value: Value) -> str:
    """A name for addresses: of the code or the word; letters, digits and ``_`` only, so that ``-`` can set a number apart."""
    own = value.href.rpartition("/")[2].removesuffix(".html") if value.href.endswith(".html") else ""
    return _UNSAFE.sub("_", " ".join([value.code or own or value.word or value.text, value.note])).strip("_")[:80] or "other"


def filed_under(text: str) -> str:
    """The first letter or digit of a text decides."""
    first = next((each for each in plain(text) if each.isalnum()), "")
    return first.upper() if "a" <= first <= "z" else _DIGITS if first.isdecimal() and first.isascii() else _OTHERS


def place(value: Value) -> tuple[int, tuple[str, str], str, str]:
    """What values are put in order by: Latin letters, digits, other scripts; then the text."""
    letter = filed_under(value.text)
    return (_DIGITS, _OTHERS).index(letter) + 1 if letter in (_DIGITS, _OTHERS) else 0, in_order(value.text), value.href, value.note
