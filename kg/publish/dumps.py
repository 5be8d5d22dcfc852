"""The dumps of the whole, in each format of RDF, and the JSON-LD context."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from heapq import merge
from pathlib import Path
from typing import BinaryIO, Final

from kg.context import Context
from kg.formats import COMPRESSED, GZIP, JSON_LD, N_QUADS, TRIG, TURTLE, Format
from kg.graph import constructed, projections
from kg.jsonld import document
from kg.jsonld_graphs import write_dataset
from kg.layout import ontology_folders
from kg.parallel import MANY
from kg.publish.content import Content, triples_of
from kg.publish.file import Body
from kg.publish.tables import compress
from kg.publish.written import Written
from kg.serialize import write_lines
from kg.sorting import once, sorted_lines

RDF12: Final = "rdf12"
_LARGE: Final = 2**25
"""From so many bytes on, it pays to share the forms out."""


def dumps(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the dumps, compressed as well where they are large, and of the context.

    Those with graphs also hold what the dataset says of itself, so that an endpoint loaded with one describes itself; a dump of
    one graph is the union of all graphs but that one.
    """
    whole = f"{content.name}.{N_QUADS.extension}"
    yield whole, lambda stream: stream.writelines(content.graphs())
    dumped = written.folder / whole
    made = _Dumps(content, dumped)
    many = 1 if dumped.stat().st_size >= _LARGE else MANY
    for found in content.executor.map(made.write, list(made.forms), 1, many):
        for path in found:
            yield path.name, lambda stream, path=path: _move(path, stream)
    yield "context.jsonld", document(made.context, {})


class _Dumps:
    """What is made of the sorted quads, form by form."""

    def __init__(self, content: Content, quads: Path) -> None:
        self.context = Context(content.dataset.ontology, content.dataset.base)
        self._name, self._quads, self._statements, self._folder = content.name, quads, content.by_subject.path, content.scratch.path
        self._reifiers = content.scratch.path / f"{RDF12}.nt"
        query = projections(ontology_folders(content.dataset.folder))[RDF12]
        with self._reifiers.open("wb") as file:  # here, not in another process: a store is not for two
            file.writelines(sorted_lines(constructed(content.store, RDF12, query, content.dataset.ontology)))

    @property
    def forms(self) -> dict[str, Callable[[BinaryIO], None]]:
        """What writes each form, by the name of its file."""
        return {
            f"{self._quads.name}.{GZIP}": lambda stream: compress(self._quads, stream),
            f"{self._name}.{TRIG.extension}": lambda stream: self._lines(self._graphs, TRIG, stream),
            f"{self._name}.{TURTLE.extension}": lambda stream: self._lines(self._triples, TURTLE, stream),
            f"{self._name}.{JSON_LD.extension}": lambda stream: write_dataset(self._graphs, self.context, stream),
            f"{self._name}-{RDF12}.{TURTLE.extension}": lambda stream: self._lines(self._reified, TURTLE, stream),
        }

    def write(self, name: str) -> list[Path]:
        """Write a form, and what it is compressed to, into the temporary folder."""
        path = self._folder / name
        with path.open("wb") as file:
            self.forms[name](file)
        if path.suffix[1:] not in COMPRESSED:
            return [path]
        packed = path.with_name(f"{name}.{GZIP}")
        with packed.open("wb") as file:
            compress(path, file)
        return [path, packed]

    def _lines(self, lines: Callable[[], Iterator[bytes]], format: Format, stream: BinaryIO) -> None:
        write_lines(lines, format, self.context.ontology, stream)

    def _graphs(self) -> Iterator[bytes]:
        with self._quads.open("rb") as lines:
            yield from lines

    def _triples(self) -> Iterator[bytes]:
        return triples_of(self._statements)

    def _reified(self) -> Iterator[bytes]:
        with self._reifiers.open("rb") as reifiers:
            yield from once(merge(self._triples(), reifiers))


def _move(path: Path, stream: BinaryIO) -> None:
    with path.open("rb") as file:
        shutil.copyfileobj(file, stream, 2**20)
    path.unlink()
