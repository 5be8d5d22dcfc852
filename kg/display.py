"""What a page shows: plain values, worked out of triples by the layouts of ``kg.fields``. Templates need nothing else.

Nothing here knows a kind of fact. Evidence is numbered into one reference list per page, in the order of the page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.fields import Field, Layout

PAGE_LANGUAGE: Final = "en"
"""The language of the templates' own words; every other text says which language it is in."""
_NUMBER: Final = re.compile(r"\d+")
LINKED_SCHEMES: Final = ("https://", "http://")


def link(iri: str) -> str:
    """The IRI where it is one that a page may link to (http, https), and nothing otherwise."""
    return iri if iri.lower().startswith(LINKED_SCHEMES) else ""


def plain(text: str) -> str:
    """A text without accents and case."""
    return "".join(each for each in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(each))


def in_order(text: str) -> tuple[str, str]:
    """What texts are put in order by: accents and case do not count, and ``type 2`` comes before ``type 10``."""
    return _NUMBER.sub(lambda digits: digits[0].zfill(12), plain(text)), text


@dataclass(frozen=True, slots=True)
class Value:
    """One value for people: its text and language, where it leads, and the word or code that it has for programs.

    ``note`` says in which relation it stands, where that could be another: a contraindicated action is no treatment.
    """

    text: str
    language: str = ""
    href: str = ""
    word: str = ""
    code: str = ""
    scheme: str = ""
    datatype: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A field of a fact, a source or an evidence line, with its values."""

    field: Field
    values: tuple[Value, ...]

    @property
    def key(self) -> str:
        """The word of the field in records."""
        return self.field.key

    @property
    def label(self) -> str:
        """The name of the field for people, from ``sh:name``."""
        return self.field.label


@dataclass(frozen=True, slots=True)
class Reference:
    """A work of the reference list: its number on this page, its own page, what is known of it, and how often the page cites it.

    ``read_in`` has the numbers of the works that report it, where it was not read itself.
    """

    number: int
    iri: str
    path: str
    anchor: str
    rows: tuple[Row, ...]
    cited: int
    read_in: tuple[int, ...] = ()

    def get(self, key: str) -> tuple[Value, ...]:
        """The values of a field by its word in records: ``title``, ``accessed``."""
        return _get(self.rows, key)


@dataclass(frozen=True, slots=True)
class Line:
    """An evidence line: the number of its work, of the work that reports it (0 where it was read itself), and the rest."""

    anchor: str
    number: int
    via: int
    disputes: bool
    locator: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a page shows it: its anchor, what it says field by field, where it stands, and its evidence."""

    anchor: str
    iri: str
    object: Value
    relation: Value
    rows: tuple[Row, ...]
    about: tuple[Row, ...]
    negated: bool
    status: Value
    lines: tuple[Line, ...]
    share: float | None
    rank: tuple[float, ...]

    def get(self, key: str) -> tuple[Value, ...]:
        """The values of a field by its word in records: ``level``, ``appliesTo``."""
        return _get(self.rows, key) or _get(self.about, key)

    @property
    def accepted(self) -> bool:
        """Whether it is neither disputed nor withdrawn."""
        return self.status.word == "accepted"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the works that support it, in order."""
        return tuple(sorted({line.number for line in self.lines if not line.disputes}))

    @property
    def against(self) -> tuple[int, ...]:
        """The numbers of the works that dispute it, in order."""
        return tuple(sorted({line.number for line in self.lines if line.disputes}))


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one kind about one main value, such as all that is said of one feature."""

    object: Value
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The facts of one kind on a page, grouped by their main value; ``choices`` lists the values of fields that have a list."""

    layout: Layout
    groups: tuple[Group, ...]
    choices: dict[str, tuple[Value, ...]]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts of the section, in the order of the page."""
        return tuple(fact for group in self.groups for fact in group.facts)


@dataclass(frozen=True, slots=True)
class Relative:
    """A disease near by in the classification, with those key facts that set it apart from the disease of the page."""

    disease: Value
    facts: tuple[tuple[str, tuple[Value, ...]], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the page of one disease shows."""

    iri: str
    path: str
    accession: str
    name: Value
    key_facts: tuple[tuple[str, tuple[Value, ...]], ...]
    sections: tuple[Section, ...]
    references: tuple[Reference, ...]
    parents: tuple[Relative, ...]
    siblings: tuple[Relative, ...]
    subtypes: tuple[Relative, ...]
    more_siblings: bool
    more_subtypes: int
    about: tuple[Row, ...]

    @property
    def facts(self) -> Iterator[Fact]:
        """All facts of the page, in order."""
        return (fact for section in self.sections for fact in section.facts)


def _get(rows: tuple[Row, ...], key: str) -> tuple[Value, ...]:
    return next((row.values for row in rows if row.key == key), ())
