"""Where in the files each node, property and value stands, so that a verdict can point at it."""

from __future__ import annotations

import re
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from kg.errors import Place
from kg.vocabulary import local_name


class Places:
    """Filled while files are read; asked when something is wrong."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, ...], Place] = {}
        self._foreign: dict[str, tuple[Path, str]] = {}

    def add(self, place: Place, *keys: str) -> None:
        """Remember the place of a node, of its property, or of its property's value; the first one stays."""
        self._places.setdefault(keys, place)

    def add_foreign(self, path: Path, name: str, quads: list[Quad]) -> None:
        """Remember which RDF file a node comes from; its line is looked for when it is asked for."""
        for quad in quads:
            if isinstance(quad.subject, NamedNode):
                self._foreign.setdefault(quad.subject.value, (path, name))

    def find(self, focus: str, path: str = "", value: str = "") -> Place | None:
        """The narrowest place known for a node, its property and the property's value."""
        for keys in ((focus, path, value), (focus, path), (focus,)):
            if all(keys) and keys in self._places:
                return self._places[keys]
        return self._find_foreign(focus, value)

    def _find_foreign(self, focus: str, value: str) -> Place | None:
        if focus not in self._foreign:
            return None
        path, name = self._foreign[focus]
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines_with(lines, focus):
            if value and value in lines[line - 1]:
                return Place(name, line)
        return Place(name, next(iter(lines_with(lines, focus)), 1))


def lines_with(lines: list[str], iri: str) -> list[int]:
    """The lines, counted from 1, that mention an IRI: whole, by its last segment, or by what follows its last ``_``.

    RDF parsers give no positions, and Turtle has many ways to write one IRI; the way that finds a line first wins.
    """
    tail = iri.rsplit("/", 1)[-1]
    for needle in (iri, tail, local_name(iri), local_name(iri).rsplit("_", 1)[-1]):
        token = re.compile(rf"(?<![\w-]){re.escape(needle)}(?![\w-])")
        found = [number for number, line in enumerate(lines, 1) if token.search(line)]
        if found:
            return found
    return []
