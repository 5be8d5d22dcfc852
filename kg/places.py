"""Where in the files each node, property and value stands, so that a verdict can point at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple

from kg.errors import Place
from kg.vocabulary import local_name

_TOKEN = re.compile(r"[A-Za-z0-9_-]+")


class Places:
    """Filled while files are read; asked when something is wrong."""

    def __init__(self) -> None:
        self._places: dict[str, dict[tuple[str, ...], Place]] = {}
        self._foreign: dict[tuple[str, ...], _Text] = {}
        self._later: dict[str, list[Callable[[], Iterable[tuple[tuple[str, ...], Place]]]]] = {}

    def add(self, place: Place, *keys: str) -> None:
        """Remember the place of a node, of its property, or of its property's value; the first one stays."""
        self._places.setdefault(_document(keys[0]), {}).setdefault(keys, place)

    def add_later(self, subject: str, found: Callable[[], Iterable[tuple[tuple[str, ...], Place]]]) -> None:
        """The places of a record about a subject, asked for once something is wrong with it or with one of its facts."""
        self._later.setdefault(_document(subject), []).append(found)

    def found(self) -> list[tuple[tuple[str, ...], Place]]:
        """What was added so far, each with its keys."""
        for document in list(self._later):
            self._recall(document)
        return [each for places in self._places.values() for each in places.items()]

    def forget(self, subject: str) -> None:
        """A record about a subject is gone, or is read again."""
        self._later.pop(_document(subject), None)
        self._places.pop(_document(subject), None)

    def add_foreign(self, path: Path, name: str, statements: Iterable[Quad | Triple]) -> None:
        """Remember which RDF file statements come from; a line is looked for when it is asked for."""
        text = _Text(path, name)
        for quad in statements:
            if isinstance(quad.subject, NamedNode):
                value = getattr(quad.object, "value", "")
                self._foreign.setdefault((quad.subject.value, quad.predicate.value, value), text)
                self._foreign.setdefault((quad.subject.value,), text)

    def find(self, focus: str, path: str = "", value: str = "") -> Place | None:
        """The narrowest place known for a node, its property and the property's value."""
        self._recall(_document(focus))
        if (focus, path, value) in self._foreign:
            return self._foreign[focus, path, value].find(focus, value)
        places = self._places.get(_document(focus), {})
        for keys in ((focus, path, value), (focus, path), (focus,)):
            if all(keys) and keys in places:
                return places[keys]
        return self._foreign[(focus,)].find(focus, value) if (focus,) in self._foreign else None

    def _recall(self, document: str) -> None:
        for found in self._later.pop(document, ()):
            for keys, place in found():
                self.add(place, *keys)


def _document(iri: str) -> str:
    """What a subject and its facts have in common."""
    return iri.partition("#")[0]


class _Text:
    """An RDF file by the words of its lines. RDF parsers give no positions, and Turtle has many ways to write one IRI."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    @cached_property
    def _lines(self) -> dict[str, list[int]]:
        """The lines of each word, each file read once."""
        found: dict[str, list[int]] = {}
        text = self._path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.split("\n"), 1):
            for word in set(_TOKEN.findall(line)):
                found.setdefault(word, []).append(number)
        return found

    def find(self, focus: str, value: str) -> Place:
        """The first line that mentions a node, if possible with the value; the top of the file where none does."""
        lines = self._with(focus)
        both = sorted(set(lines) & set(self._with(value))) if value else []
        return Place(self._name, next(iter(both or lines), 1))

    def _with(self, term: str) -> list[int]:
        """The lines with all words of a term's last segment, or of what follows its last ``_``, as a CURIE would have it."""
        for text in (term.rsplit("/", 1)[-1], local_name(term), local_name(term).rsplit("_", 1)[-1]):
            lists = [self._lines.get(word, []) for word in _TOKEN.findall(text)]
            common = set(lists[0]).intersection(*lists[1:]) if lists else set()
            if common:
                return sorted(common)
        return []
