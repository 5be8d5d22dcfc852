"""Files as gzip (RFC 1952), without a name or a time, so that they are the same every time; many share in the work.

A file is cut into chunks, and each is compressed with what stands before it at hand, as pigz does; together they are one member.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.parallel import Executor, worth_it

_CHUNK: Final = 2**22
_WINDOW: Final = 2**15
"""So many bytes before a chunk are looked back at, by what deflate is (RFC 1951)."""
_LEVEL: Final = 7
"""Of zlib: 9 takes three times as long, for files that are smaller by one part in thirty."""
_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def packed(path: Path, executor: Executor) -> Iterator[bytes]:
    """The bytes of a file as gzip."""
    size = path.stat().st_size
    deflated = executor.map(_Deflate(path, size), range(0, size or 1, _CHUNK), 1, worth_it(size))
    checksum = 0
    yield _HEAD
    for body, chunk in zip(deflated, _chunks(path), strict=True):
        checksum = zlib.crc32(chunk, checksum)
        yield body
    yield struct.pack("<LL", checksum, size & 0xFFFFFFFF)


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        yield file.read(_CHUNK)
        while chunk := file.read(_CHUNK):
            yield chunk


class _Deflate:
    """What a chunk of a file is compressed to."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size

    def __call__(self, start: int) -> bytes:
        before = min(start, _WINDOW)
        with self._path.open("rb") as file:
            file.seek(start - before)
            window, chunk = file.read(before), file.read(_CHUNK)
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_DEFAULT_STRATEGY, window)
        last = start + _CHUNK >= self._size
        return deflate.compress(chunk) + deflate.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
