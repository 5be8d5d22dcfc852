"""What the queries of ``ontology/exports/`` yield: rows of tables, asked of the whole, or of the facts some hundred at a time.

An export that comes with kg looks at a fact, at what the fact names, and at the sources of its evidence, nothing else but the prefixes.
So its rows are those of a small store in memory that has so much, for the facts of each part of the sorted statements in turn, and a test
holds them against those of the whole. Of an export that a dataset brings nothing of that kind is known: it is asked of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

from kg import vocabulary as v
from kg.cuts import Named, Part
from kg.dataset import Dataset
from kg.errors import KgError
from kg.files import own_text, written
from kg.guard import guard
from kg.layout import files_in, ontology_folders
from kg.parallel import Travelling
from kg.reads import Remembered
from kg.subjects import Subjects

Cell = NamedNode | Literal | None

AT_ONCE: Final = 2**20
"""Bytes of the statements whose facts are asked for at once: some hundred facts."""
_ABOUT: Final = str(v.RDF_SUBJECT).encode()
_SOURCE: Final = str(v.SOURCE).encode()
_SUBJECT: Final = re.compile(rb"^\S+", re.MULTILINE)
_REMEMBERED: Final = 5_000
"""So many nodes that facts name are at hand: kinds, properties, terms and sources that many of them share."""


class Export:
    """A query of ``ontology/exports/``. Raises KgError naming it where it cannot be asked."""

    def __init__(self, name: str, dataset: Dataset) -> None:
        folders = ontology_folders(dataset.folder)
        path = {path.stem: path for path in files_in(folders, "exports/*.rq")}[name]  # the dataset's, where it has one of that name
        self.comes_with_kg = path.is_relative_to(folders[0])
        self._file, self._text = written(path), own_text(path)
        self._prefixes = dataset.ontology.prefixes.namespaces

    @cached_property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [variable.value for variable in self._answer(Store()).variables]

    def ask(self, store: Store) -> Iterator[list[Cell]]:
        """Its rows, as they come."""
        return ([_cell(value) for value in solution] for solution in self._answer(store))

    def _answer(self, store: Store) -> QuerySolutions:
        try:
            guard(self._text)
            answer = store.query(self._text, use_default_graph_as_union=True, prefixes=self._prefixes)
        except (KgError, SyntaxError, ValueError) as error:
            raise KgError(f"{self._file}: {error}") from None
        if not isinstance(answer, QuerySolutions):
            raise KgError(f"{self._file}: is no SELECT query; an export is a table")
        return answer


class Around(Travelling):
    """What the facts in a part of the sorted statements lead to. ``declared`` are the nodes that declare prefixes."""

    def __init__(self, subjects: Subjects, store: Store) -> None:
        self._subjects = subjects
        self._of = Remembered(subjects.reads, self._look_up, _REMEMBERED)
        self.declared = sorted({str(quad.subject).encode() for quad in store.quads_for_pattern(None, v.SH_NAMESPACE, None)})

    def store(self, part: Part | Named) -> Store:
        """A store of the statements of a part, of what they name, of the sources of that, and of the prefixes.

        What a fact of another part is about is not in it: so there it is none, and its rows are only those of its own part.
        """
        own = self._subjects.read(part)
        texts, seen, nodes = [own], set(_SUBJECT.findall(own)), [*self.declared, *sorted(_named(own))]
        for node in nodes:
            if node not in seen:
                seen.add(node)
                text, sources = self._of(node)
                texts.append(text)
                nodes.extend(sources)
        store = Store()
        store.load(input=b"".join(texts), format=RdfFormat.N_QUADS)
        return store

    def _look_up(self, node: bytes) -> tuple[bytes, list[bytes]]:
        """What is said of a node that is named, and the sources that it has as an evidence line."""
        text = self._subjects.text(node)
        if _ABOUT not in text and _SOURCE not in text:
            return text, []
        lines = [line.split(b" ", 3) for line in text.splitlines(keepends=True)]
        about = b"".join(b" ".join(line) for line in lines if line[1] != _ABOUT)
        return about, [line[2] for line in lines if line[1] == _SOURCE]


def _named(text: bytes) -> set[bytes]:
    """The IRIs that statements name as their properties and objects."""
    found: set[bytes] = set()
    for line in text.splitlines():
        _, predicate, rest = line.split(b" ", 2)
        found.add(predicate)
        if rest.startswith(b"<"):
            found.add(rest[: rest.index(b">") + 1])
    return found


def _cell(value: object) -> Cell:
    assert value is None or isinstance(value, NamedNode | Literal)
    return value
