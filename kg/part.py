"""A part of a dataset: all statements about its nodes, and what else it has to know (both N-Quads, in files)."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg import vocabulary as v
from kg.needs import TOGETHER, Needs
from kg.scratch import Scratch

STATEMENTS: Final = 400_000
"""So many are in a part, more or less: they are judged in some hundred megabytes of memory."""
TOGETHER_NAMES: Final = frozenset(f"<{each}>".encode() for each in TOGETHER)
_OBJECT: Final = str(v.RDF_OBJECT).encode()


def parts_for(statements: int) -> int:
    """How many parts so many statements are in: a power of two, so that a statement more seldom makes other parts of all."""
    number = 1
    while number * STATEMENTS < statements:
        number *= 2
    return number


def part_of(iri: bytes, parts: int) -> int:
    """The part that a node is in: that of the document which its IRI names, written as in N-Quads, with or without the last bracket."""
    return zlib.crc32(iri.partition(b"#")[0].rstrip(b">")) % parts


@dataclass(frozen=True, slots=True)
class Part:
    """A part by its number, of so many; its files are there as long as ``scratch``."""

    number: int
    parts: int
    own: Path
    others: Path
    scratch: Scratch

    def __reduce__(self) -> tuple[Callable[..., Part], tuple[object, ...]]:
        texts = (zlib.compress(path.read_bytes(), 1) for path in (self.own, self.others))
        return _unpacked, (self.number, self.parts, *texts)  # whoever it is sent to need not see the files

    def has(self, iri: str) -> bool:
        """Whether it is the part that a node is in."""
        return part_of(f"<{iri}".encode(), self.parts) == self.number

    def digest(self) -> bytes:
        """A digest of all its statements."""
        with self.own.open("rb") as own, self.others.open("rb") as others:
            return hashlib.file_digest(own, "sha256").digest() + hashlib.file_digest(others, "sha256").digest()

    def gather(self, needs: Needs, base: str) -> tuple[Path, int]:
        """A file with what is asked across parts, and how many statements these are.

        Those are about its nodes that are marked, or link diseases, and about what these hold (``kg.locality.gathered``).
        """
        marks = {(f"<{p}>".encode(), f"<{o}>".encode()) for p, o in needs.marks}
        marking, below, chosen, held = {p for p, _ in marks}, f"<{base}".encode(), set[bytes](), defaultdict[bytes, set[bytes]](set)
        with self.own.open("rb") as lines:
            for line in lines:
                s, p, rest = line.split(b" ", 2)
                if p in TOGETHER_NAMES:
                    held[s].add(iri_of(rest))
                elif (p in marking and (p, iri_of(rest)) in marks) or (needs.links and p == _OBJECT and rest.startswith(below)):
                    chosen.add(s)
        chosen |= {each for node in chosen for each in held.get(node, ())}
        path, number = self.own.with_name(f"gathered-{self.number}.nq"), 0
        with self.own.open("rb") as lines, path.open("wb") as file:
            for line in lines:
                if line[: line.index(b" ")] in chosen:
                    file.write(line)
                    number += 1
        return path, number


def _unpacked(number: int, parts: int, own: bytes, others: bytes) -> Part:
    scratch = Scratch()
    part = Part(number, parts, scratch.path / "own.nq", scratch.path / "others.nq", scratch)
    part.own.write_bytes(zlib.decompress(own))
    part.others.write_bytes(zlib.decompress(others))
    return part


def iri_of(rest: bytes) -> bytes:
    """The IRI that the rest of a line of N-Quads begins with; nothing where it begins with something else."""
    return rest[: rest.index(b">") + 1] if rest.startswith(b"<") else b""
