"""The mapping of somebody's table: which of its columns say what, and how a cell becomes the values of a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kg import vocabulary as v
from kg.errors import Place
from kg.ontology import Kind, Property

_NUMBERS = (v.XSD_INTEGER, v.XSD_DECIMAL)
_TEXTS = (v.RDF_LANG_STRING, v.XSD_STRING)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the value of a key comes from: a constant, or a column.

    ``prefix`` is put before bare identifiers, ``split`` (a regular expression) separates values, ``strip`` has characters that may stand
    around all of them, ``unpad`` takes zeros off the front of identifiers. With ``words`` only these are known, and one of them that means
    nothing is empty. ``quantity`` is what number of a share the key gives, by the ontology; the sign of a share in per cent is left out.
    """

    prop: Property
    place: Place
    constant: tuple[str, ...] = ()
    column: str = ""
    prefix: str = ""
    split: str = ""
    strip: str = ""
    unpad: bool = False
    words: Mapping[str, str] | None = None
    quantity: str = ""

    def read(self, row: Mapping[str, str], empty: frozenset[str]) -> Iterator[tuple[str, bool]]:
        """Each value of a row, and whether it is known; empty ones are passed over."""
        if not self.column:
            yield from ((each, True) for each in self.constant)
            return
        text = row[self.column].strip(self.strip + " ") if self.strip else row[self.column]
        for part in re.split(self.split, text) if self.split else [text]:
            word = part.strip()
            if word in empty or not word:
                continue
            if self.words is not None:
                if word not in self.words:
                    yield word, False
                elif self.words[word]:
                    yield self.words[word], True
            else:
                yield self._value(word), True

    def _value(self, word: str) -> str:
        expected = self.prop.ranges[0] if self.prop.ranges else None
        if expected in _TEXTS:
            return word
        if expected in _NUMBERS:
            return canonical(word.removesuffix("%").rstrip() if self.quantity == "percent" else word)
        curie = re.sub(r"^([A-Za-z]\w*):\s+", r"\1:", word)
        if self.unpad:
            curie = re.sub(r"^([A-Za-z]\w*:)?0+(?=[0-9])", r"\1", curie)
        return f"{self.prefix}:{curie}" if self.prefix and ":" not in curie else curie


def canonical(number: str) -> str:
    """A number as stores write it (``12.5`` for ``12.50``); what is none is left as it is, to be refused."""
    exact = Decimal(number) if re.fullmatch(r"[0-9]{1,14}(\.[0-9]{1,14})?", number) else None  # what a Decimal holds without rounding
    return number if exact is None else f"{exact.normalize():f}"


@dataclass(frozen=True, slots=True)
class Where:
    """Rows in which a column has one of some words, and, where they are skipped, why."""

    column: str
    words: frozenset[str]
    place: Place
    because: str = ""

    def holds(self, row: Mapping[str, str]) -> bool:
        """Whether a row is among them."""
        return row[self.column] in self.words


@dataclass(frozen=True, slots=True)
class Rule:
    """A fact that each row states (where ``when`` holds): its kind, its object, and its other keys."""

    kind: Kind
    object: Cell
    others: tuple[Cell, ...]
    evidence: tuple[Cell, ...]
    when: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping: how the table is read, and what its rows say.

    ``columns`` has those that it uses, with their places in its file; ``leave`` those that are left out, each with the reason; ``before``
    is the number of lines above the header.
    """

    disease: Cell
    rules: tuple[Rule, ...]
    skip: tuple[Where, ...]
    empty: frozenset[str]
    leave: Mapping[str, str]
    sheet: str
    delimiter: str
    before: int
    columns: Mapping[str, Place]
