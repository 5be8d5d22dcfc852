"""Lines in order, however many there are: sorted in parts that fit into memory, the parts on disk, then merged.

N-Quads and N-Triples have a statement a line, and the order of the bytes of UTF-8 is that of its characters, so sorted lines are statements
sorted by subject, predicate, object and graph.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from pathlib import Path
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


def lines_within(path: Path, start: int, end: int) -> bytes:
    """The lines of a file that begin between two places, in bytes; each must end in a line feed."""
    with path.open("rb") as file:
        if start:
            file.seek(start - 1)
            file.readline()
        body = file.read(max(end - file.tell(), 0))
        return body if not body or body.endswith(b"\n") else body + file.readline()
