"""Files as gzip (RFC 1952), without a name or a time, so that they are the same every time; many share in the work.

A file is cut into chunks, and each is compressed with what stands before it at hand, as pigz does; together they are one member. A chunk
that stood in the file before, behind the same, is not compressed again.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

from kg.cuts import Named, Part
from kg.earlier import NOTHING, Earlier, name_of
from kg.parallel import Executor, worth_it

_LINES: Final = 2**14
"""So many lines are a chunk, more or less: it ends before a line whose hash says so, wherever that stands (``kg.cuts``)."""
_SHORTEST: Final = 2**18
"""Bytes of a chunk at least, so that many such lines make no small ones."""
_BLOCK: Final = 2**24
_WINDOW: Final = 2**15
"""So many bytes before a chunk are looked back at, by what deflate is (RFC 1951)."""
_LEVEL: Final = 7
"""Of zlib: 9 takes three times as long, for files that are smaller by one part in thirty."""
_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def packed(path: Path, executor: Executor, packed_path: str = "", earlier: Earlier = NOTHING) -> Iterator[bytes]:
    """The bytes of a file as gzip. What was made of it ``earlier`` is in the file ``packed_path``."""
    size, checksum, chunks = path.stat().st_size, 0, list(_chunks(path))
    named: list[Named] = []
    for start, end in chunks:
        window, chunk = _read(path, start, end)
        checksum = zlib.crc32(chunk, checksum)
        named.append(Named(start, end, name_of(window, chunk, b"last" if end == size else b"")))
    before = {each: json.loads(said) for each in named if (said := earlier.find(each.name)) is not None}
    deflated = executor.map(_Deflate(path, size), [(each.start, each.end) for each in named if each not in before], 1, worth_it(size))
    at = len(_HEAD)
    yield _HEAD
    for each in named:
        body = earlier.read(packed_path, *before[each]) if each in before else next(deflated)
        earlier.note(each.name, json.dumps([at, at + len(body)]))
        at += len(body)
        yield body
    yield struct.pack("<LL", checksum, size & 0xFFFFFFFF)


def _chunks(path: Path) -> Iterator[Part]:
    """Where each chunk begins and ends; an empty file is one."""
    ends, at = [0], 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK) + file.readline():
            lines = block.splitlines(keepends=True)
            starts = list(accumulate(map(len, lines), initial=at))
            found = (starts[number] for number, hashed in enumerate(map(zlib.crc32, lines)) if hashed * _LINES < 2**32)
            for cut in found:
                if cut - ends[-1] >= _SHORTEST:
                    ends.append(cut)
            at = starts[-1]
    return pairwise([*ends, at])


def _read(path: Path, start: int, end: int) -> tuple[bytes, bytes]:
    """A chunk, and what stands before it."""
    before = min(start, _WINDOW)
    with path.open("rb") as file:
        file.seek(start - before)
        return file.read(before), file.read(end - start)


class _Deflate:
    """What a chunk of a file of so many bytes is compressed to."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size

    def __call__(self, part: Part) -> bytes:
        window, chunk = _read(self._path, *part)
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_DEFAULT_STRATEGY, window)
        return deflate.compress(chunk) + deflate.flush(zlib.Z_FINISH if part[1] == self._size else zlib.Z_SYNC_FLUSH)
