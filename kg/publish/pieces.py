"""The sorted statements part by part: what each part is in each format, so that many can share in the work.

In Turtle and TriG a text of statements is that of the first ones followed by that of the others, wherever the subject changes: only the
prefixes stand before all, those that are used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pyoxigraph import Quad, RdfFormat, Triple, parse

from kg.cuts import Named
from kg.cuts import Part as Place
from kg.earlier import name_of
from kg.formats import N_QUADS, TRIG, TURTLE
from kg.ontology import Ontology
from kg.parallel import Travelling
from kg.serialize import named_in, unheaded
from kg.subjects import Subjects

AT_ONCE: Final = 2**22
"""Bytes of N-Quads in a part, more or less: some ten thousand statements are in memory at a time."""
CLOSING: Final = b"}\n"
"""What closes a graph in TriG; what opens it is ``Piece.openings``."""
RDF12: Final = "rdf12"
"""The projection with the reifiers of RDF 1.2."""
LINES, GRAPHS, TRIPLES, REIFIED = f".{N_QUADS.extension}", f".{TRIG.extension}", f".{TURTLE.extension}", f"-{RDF12}.{TURTLE.extension}"
FORMS: Final = (LINES, GRAPHS, TRIPLES, REIFIED)
"""How the names of the dumps end that are put together from pieces; the first two have graphs."""
NO_GRAPH: Final = ""
"""Stands for the union of all graphs, which the other two forms are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a part is in each form and graph, in the file ``path``, or in the dumps from before; and which namespaces are named there."""

    name: str
    path: Path | None
    texts: dict[str, dict[str, Place]]
    openings: dict[str, str]
    named: list[str]
    named_reified: list[str]

    def said(self, texts: dict[str, dict[str, Place]]) -> str:
        """It as text, once it stands elsewhere."""
        return json.dumps([texts, self.openings, self.named, self.named_reified])

    @classmethod
    def of(cls, name: str, said: str) -> Piece:
        """What was said of one that stands in the dumps from before."""
        return cls(name, None, *json.loads(said))


class Pieces(Travelling):
    """The forms of a part. ``reifiers`` has statements to be added in RDF 1.2, sorted, and those of a part are where ``divided`` says."""

    def __init__(self, subjects: Subjects, reifiers: Path, divided: dict[Named, Place], ontology: Ontology, folder: Path) -> None:
        self._subjects, self._reifiers, self._divided, self._folder = subjects, reifiers, divided, folder
        self._prefixes = ontology.prefixes.namespaces

    def name(self, part: Named) -> str:
        """What tells all that a piece is made of."""
        return name_of(part.name.encode(), self._added(part))

    def __call__(self, part: Named) -> Piece:
        """A part of the sorted statements."""
        return self.piece(self._subjects.read(part), self.name(part), self._added(part))

    def _added(self, part: Named) -> bytes:
        start, end = self._divided[part]
        with self._reifiers.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def piece(self, body: bytes, name: str, reifiers: bytes = b"") -> Piece:
        """Sorted N-Quads that end with a subject."""
        lines, quads = body.splitlines(keepends=True), list(parse(body, format=RdfFormat.N_QUADS))
        statements: dict[bytes, Triple] = {}
        graphs: dict[str, tuple[list[bytes], list[Quad]]] = {}
        for line, quad in zip(lines, quads, strict=True):
            end = line.rindex(b" <")
            its = graphs.setdefault(line[end + 1 : -3].decode(), ([], []))
            its[0].append(line)
            its[1].append(quad)
            if line[:end] not in statements:
                statements[line[:end]] = quad.triple
        texts: dict[str, dict[str, Place]] = {form: {} for form in FORMS}
        openings = {}
        with (self._folder / f"piece-{name}").open("wb") as file:
            texts[TRIPLES][NO_GRAPH] = _put(file, unheaded(statements.values(), TURTLE, self._prefixes))
            named = named_in(b"\n".join(statements), self._prefixes)
            added = (line.removesuffix(b" .") for line in reifiers.splitlines())
            statements |= zip(added, (quad.triple for quad in parse(reifiers, format=RdfFormat.N_QUADS)), strict=True)
            reified = [statements[each] for each in sorted(statements)]
            texts[REIFIED][NO_GRAPH] = _put(file, unheaded(reified, TURTLE, self._prefixes))
            for graph, its in graphs.items():
                opening, brace, rest = unheaded(its[1], TRIG, self._prefixes).partition(b"{\n")
                openings[graph] = (opening + brace).decode()
                texts[LINES][graph] = _put(file, b"".join(its[0]))
                texts[GRAPHS][graph] = _put(file, rest.removesuffix(CLOSING))
        also = named_in(reifiers, self._prefixes)
        return Piece(name, Path(file.name), texts, openings, *(sorted(each.decode() for each in found) for found in (named, named | also)))


def _put(file: BinaryIO, body: bytes) -> Place:
    start = file.tell()
    file.write(body)
    return start, start + len(body)
