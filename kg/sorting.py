"""Lines in order, however many there are: sorted in parts that fit into memory, the parts on disk, then merged.

N-Quads and N-Triples have a statement a line, and the order of the bytes of UTF-8 is that of its characters, so sorted lines are statements
sorted by subject, predicate, object and graph.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from typing import IO, Final, TypeVar

T = TypeVar("T")

IN_MEMORY: Final = 64 * 2**20
"""So many bytes of lines are sorted at a time."""


def sorted_lines(lines: Iterable[bytes], most: int = IN_MEMORY) -> Iterator[bytes]:
    """Lines in the order of their bytes; each must end in a line feed.

    What does not fit into ``most`` bytes goes by way of temporary files (``TMPDIR`` says where).
    """
    with ExitStack() as parts:
        files: list[IO[bytes]] = []
        part: list[bytes] = []
        size = 0
        for line in lines:
            part.append(line)
            size += len(line)
            if size >= most:
                files.append(parts.enter_context(_on_disk(part)))
                part, size = [], 0
        part.sort()
        yield from merge(*files, part) if files else part


def _on_disk(part: list[bytes]) -> IO[bytes]:
    part.sort()
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    file.writelines(part)
    file.seek(0)
    return file


def once(items: Iterable[T]) -> Iterator[T]:
    """What is there, without what is the same as the item before."""
    return (item for item, _ in groupby(items))


class _Lines(io.RawIOBase):
    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed wants any buffer
        if not self._left:
            self._left = next(self._lines, b"")
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)


def as_file(lines: Iterable[bytes]) -> IO[bytes]:
    """Lines as a file, for what reads nothing else."""
    return io.BufferedReader(_Lines(lines), 2**16)
