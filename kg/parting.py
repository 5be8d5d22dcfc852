"""The statements of a dataset shared out to parts.

What an IRI without its fragment names, such as a disease with its facts and their evidence, is in one part, whatever says it; by a
checksum, so that a change is in its own part. Of nodes of other parts a part has what ``kg.needs`` says that it needs. Memory holds the
names of the nodes that statements lead to, not the statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from kg import vocabulary as v
from kg.needs import Needs, NotLocalError
from kg.part import TOGETHER_NAMES, Part, iri_of, part_of
from kg.scratch import Scratch

MANY: Final = 50_000
"""No more statements are put into every part."""
_BUFFERED: Final = 2_000
_TYPE: Final = str(v.RDF_TYPE).encode()
_BELOW: Final = str(v.RDFS_SUBCLASS_OF).encode()


class Parting:
    """Shares statements out to so many parts. Raises NotLocalError where they cannot be told apart.

    ``instances`` are nodes, as N-Quads writes them, that every part has to know beside those that statements say to be such.
    """

    def __init__(self, parts: int, needs: Needs, base: str, instances: Iterable[str] = ()) -> None:
        self._below = f"<{base}".encode()
        scratch = Scratch()
        self.folder = scratch.path
        """A folder for what is made of the parts; it is there as long as they are."""
        self.parts = [Part(number, parts, self._path(f"own-{number}"), self._path(f"others-{number}"), scratch) for number in range(parts)]
        self.common: list[bytes] = []
        """What every part knows, as lines of N-Quads, once all is sorted."""
        self._led: list[set[bytes]] = [set() for _ in range(parts)]
        """The nodes that the statements of each part lead to."""
        self._near, self._everywhere, self._classes, self._inside = map(_names, (needs.near, needs.everywhere, needs.classes, needs.inside))
        self._noted = self._near | self._everywhere | TOGETHER_NAMES | {_TYPE, _BELOW}
        self._instances = {each.encode() for each in instances}

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.nq"

    def sort(self, blocks: Iterable[Sequence[bytes]]) -> None:
        """Share out blocks of lines of N-Quads."""
        waiting: list[list[bytes]] = [[] for _ in self.parts]
        with self._path("near").open("wb") as near:
            for block in blocks:
                self._sort(block, waiting, near)
                self._demand_few()
            for part, lines in zip(self.parts, waiting, strict=True):
                _write(part.own, lines)
        self.common.extend(self._about(self._instances))
        self._demand_few()

    def _sort(self, block: Sequence[bytes], waiting: Sequence[list[bytes]], near: BinaryIO) -> None:
        last, home, inside, led, lines = b"", b"", b"", set[bytes](), list[bytes]()
        for line in block:
            s, p, rest = line.split(b" ", 2)
            if s != last:
                _demand_plain(s)
                last, home, number = s, s.partition(b"#")[0].rstrip(b">"), part_of(s, len(self.parts))
                inside, led, lines = home + b"#", self._led[number], waiting[number]
                if len(lines) > _BUFFERED:
                    _write(self.parts[number].own, lines)
                    lines.clear()
            lines.append(line)
            o = iri_of(rest)
            if o and not o.startswith(inside) and o != home + b">":
                led.add(o)
                _demand_plain(o)
                if p in TOGETHER_NAMES:
                    raise NotLocalError(f"{o.decode()} is said to belong to {s.decode()}, which is not called after it")
            if p in self._noted or s.startswith(b"_:") or rest.startswith(b"_:"):
                self._note(line, s, p, rest, near)

    def _note(self, line: bytes, s: bytes, p: bytes, rest: bytes, near: BinaryIO) -> None:
        """Take note of a statement that others may have to know, or by which parts cannot be told apart."""
        if s.startswith(b"_:") or rest.startswith(b"_:"):
            raise NotLocalError("some statements are about blank nodes")
        if not s.startswith(self._below) and (p in TOGETHER_NAMES or (p == _TYPE and iri_of(rest) in self._inside)):
            raise NotLocalError(f"{s.decode()} is a fact, its evidence or a disease, and not called after the dataset")
        if p == _BELOW and iri_of(rest) in self._inside:
            raise NotLocalError(f"{s.decode()} is said to be a class of facts, evidence or diseases")
        if p in self._near:
            near.write(line)
        if p in self._everywhere:
            self.common.append(line)
        if p == _TYPE and iri_of(rest) in self._classes:
            self._instances.add(s)

    def _demand_few(self) -> None:
        if len(self.common) > MANY:
            raise NotLocalError("very much would have to be in every part")

    def _about(self, nodes: set[bytes]) -> Iterator[bytes]:
        """All statements about some nodes that every part has to know."""
        for number in sorted({part_of(node, len(self.parts)) for node in nodes}):
            with self.parts[number].own.open("rb") as lines:
                for line in lines:
                    s, p, _ = line.split(b" ", 2)
                    if s in nodes:
                        if p in TOGETHER_NAMES:
                            raise NotLocalError(f"{s.decode()} is a fact and something that every part has to know")
                        yield line

    def know(self, settled: Iterable[bytes], led: Iterable[str]) -> None:
        """Write what each part has to know of nodes of others, those among them that lines by which it is settled lead to.

        What settles it by itself may lead to ``led`` as well.
        """
        wanted: dict[bytes, list[int]] = defaultdict(list)
        for each in self._led:
            each.update(_names(led))
        for line in settled:
            s, _, rest = line.split(b" ", 2)
            self._led[part_of(s, len(self.parts))].add(iri_of(rest))
        for part, nodes in zip(self.parts, self._led, strict=True):
            for node in nodes:
                wanted[node].append(part.number)
            nodes.clear()
        others: list[list[bytes]] = [[] for _ in self.parts]
        with self._path("near").open("rb") as lines:
            for line in lines:
                s = line[: line.index(b" ")]
                for number in wanted.get(s, ()):
                    if number != part_of(s, len(self.parts)):
                        others[number].append(line)
                        if len(others[number]) > _BUFFERED:
                            _write(self.parts[number].others, others[number])
                            others[number].clear()
        self._path("near").unlink()
        for part, known in zip(self.parts, others, strict=True):
            _write(part.others, [*known, *self.common])


def _demand_plain(iri: bytes) -> None:
    """See to it that an IRI is written in one way; pyoxigraph escapes nothing in them."""
    if b"\\" in iri:
        raise NotLocalError(f"{iri.decode()} is written with an escape")


def _names(iris: Iterable[str]) -> frozenset[bytes]:
    return frozenset(f"<{each}>".encode() for each in iris)


def _write(path: Path, lines: Sequence[bytes]) -> None:
    with path.open("ab") as file:
        file.writelines(lines)
