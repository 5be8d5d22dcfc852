"""Files as gzip (RFC 1952), without a name or a time, so that they are the same every time; many share in the work.

A file is cut into chunks, and each is compressed with what stands before it at hand, as pigz does; together they are one member. A chunk
that stood in the file before, behind the same, is not compressed again. A chunk ends before a line whose hash says so, wherever that
stands (``kg.cuts``); lines within the shortest length are not looked at, as in *FastCDC*
(https://www.usenix.org/system/files/conference/atc16/atc16-paper-xia.pdf).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from kg.cuts import Named, Part
from kg.earlier import NOTHING, Earlier, name_of
from kg.parallel import Executor, cores, worth_it

_LINES: Final = 2**11
"""One line in so many has a hash that says so."""
_SHORTEST: Final = 2**20
"""Bytes of a chunk at least."""
_WINDOW: Final = 2**15
"""So many bytes before a chunk are looked back at, by what deflate is (RFC 1951)."""
_LEVEL: Final = 7
"""Of zlib: 9 takes three times as long, for files that are smaller by one part in thirty."""
_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def packed(path: Path, executor: Executor, packed_path: str = "", earlier: Earlier = NOTHING) -> Iterator[bytes]:
    """The bytes of a file as gzip. What was made of it ``earlier`` is in the file ``packed_path``."""
    size, checksum = path.stat().st_size, 0
    with ThreadPoolExecutor(cores()) as threads:  # what hashes lets others work meanwhile
        named = list(threads.map(partial(_named, path, size), _chunks(path, size)))
    before = {each: json.loads(said) for each in named if (said := earlier.find(each.name)) is not None}
    deflated = executor.map(_Deflate(path, size), [(each.start, each.end) for each in named if each not in before], 1, worth_it(size))
    at = len(_HEAD)
    yield _HEAD
    for each in named:
        checksum = zlib.crc32(_read(path, each.start, each.end)[1], checksum)
        body = earlier.read(packed_path, *before[each]) if each in before else next(deflated)
        earlier.note(each.name, json.dumps([at, at + len(body)]))
        at += len(body)
        yield body
    yield struct.pack("<LL", checksum, size & 0xFFFFFFFF)


def _chunks(path: Path, size: int) -> Iterator[Part]:
    """Where each chunk of a file of so many bytes begins and ends; an empty file is one."""
    begin = 0
    with path.open("rb") as file:
        while begin + _SHORTEST < size:
            at = file.seek(begin + _SHORTEST - 1)
            at += len(file.readline())
            for line in file:
                if zlib.crc32(line) * _LINES < 2**32:
                    yield begin, at
                    begin = at
                    break
                at += len(line)
            else:
                break
    yield begin, size


def _named(path: Path, size: int, part: Part) -> Named:
    """A chunk of a file of so many bytes, by all that tells what it is compressed to."""
    return Named(*part, name_of(*_read(path, *part), b"last" if part[1] == size else b""))


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
