"""The sorted statements part by part: what each part is in each format, so that many can share in the work.

In Turtle and TriG a text of statements is that of the first ones followed by that of the others, wherever the subject changes: only the
prefixes stand before all, those that are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pyoxigraph import Quad, RdfFormat, Triple, parse

from kg.formats import TRIG, TURTLE
from kg.ontology import Ontology
from kg.parallel import Travelling
from kg.serialize import named_in, unheaded
from kg.subjects import Part, Subjects

AT_ONCE: Final = 2**23
"""Bytes of N-Quads in a part: some ten thousand statements are in memory at a time."""

Slice = tuple[int, int]
"""Where something begins and ends in a file, in bytes."""


@dataclass(frozen=True, slots=True)
class InGraph:
    """The statements of a part in one graph, as N-Quads and as TriG, which is opened by ``opening`` and closed by ``CLOSING``."""

    lines: Slice
    trig: Slice
    opening: bytes


CLOSING: Final = b"}\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a part is in each format, in a file; and which namespaces are named there."""

    path: Path
    triples: Slice
    reified: Slice
    graphs: dict[bytes, InGraph]
    named: frozenset[bytes]
    named_reified: frozenset[bytes]

    def read(self, where: Slice) -> bytes:
        """What is in its file."""
        with self.path.open("rb") as file:
            file.seek(where[0])
            return file.read(where[1] - where[0])


class Pieces(Travelling):
    """The formats of a part. ``reifiers`` has statements to be added in RDF 1.2, sorted, and those of a part are where ``divided`` says."""

    def __init__(self, subjects: Subjects, reifiers: Path, divided: dict[Part, Slice], ontology: Ontology, folder: Path) -> None:
        self._subjects, self._reifiers, self._divided, self._folder = subjects, reifiers, divided, folder
        self._prefixes = ontology.prefixes.namespaces

    def __call__(self, part: Part) -> Piece:
        """A part of the sorted statements."""
        start, end = self._divided[part]
        with self._reifiers.open("rb") as file:
            file.seek(start)
            reifiers = file.read(end - start)
        return self.piece(self._subjects.read(part), f"piece-{part[0]}", reifiers)

    def piece(self, body: bytes, name: str, reifiers: bytes = b"") -> Piece:
        """Sorted N-Quads that end with a subject."""
        lines, quads = body.splitlines(keepends=True), list(parse(body, format=RdfFormat.N_QUADS))
        statements: dict[bytes, Triple] = {}
        graphs: dict[bytes, tuple[list[bytes], list[Quad]]] = {}
        for line, quad in zip(lines, quads, strict=True):
            end = line.rindex(b" <")
            its = graphs.setdefault(line[end + 1 : -3], ([], []))
            its[0].append(line)
            its[1].append(quad)
            if line[:end] not in statements:
                statements[line[:end]] = quad.triple
        with (self._folder / name).open("wb") as file:
            triples = _put(file, unheaded(statements.values(), TURTLE, self._prefixes))
            named = named_in(b"\n".join(statements), self._prefixes)
            added = (line.removesuffix(b" .") for line in reifiers.splitlines())
            statements |= zip(added, (quad.triple for quad in parse(reifiers, format=RdfFormat.N_QUADS)), strict=True)
            reified = _put(file, unheaded([statements[each] for each in sorted(statements)], TURTLE, self._prefixes))
            written = {graph: self._in_graph(*its, file) for graph, its in graphs.items()}
        return Piece(Path(file.name), triples, reified, written, named, named | named_in(reifiers, self._prefixes))

    def _in_graph(self, lines: list[bytes], quads: list[Quad], file: BinaryIO) -> InGraph:
        opening, brace, rest = unheaded(quads, TRIG, self._prefixes).partition(b"{\n")
        return InGraph(_put(file, b"".join(lines)), _put(file, rest.removesuffix(CLOSING)), opening + brace)


def _put(file: BinaryIO, body: bytes) -> Slice:
    start = file.tell()
    file.write(body)
    return start, start + len(body)
