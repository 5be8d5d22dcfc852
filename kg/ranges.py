"""Files of N-Quads sorted by many, as a sample sort does it.

Some lines of the files say at which subjects the order is cut into ranges of about the same size. Each chunk of the files is sorted in
memory and cut there, and each range is put together from its share of all chunks. No step looks at a line but to compare it, in C.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Generic, TypeVar

from kg.parallel import Executor, worth_it
from kg.sorting import lines_within

R = TypeVar("R")

AT_ONCE: Final = 2**25
"""So many bytes of lines are in the memory of a process at a time; as text, as lines, and as text again."""
_SAMPLES: Final = 16
"""So many lines are looked at for each range."""


@dataclass(frozen=True, slots=True)
class Unsorted:
    """A file of N-Quads, or one of N-Triples whose lines are to end as ``ending`` says, with the name of their graph."""

    path: Path
    ending: bytes = b""


Chunk = tuple[Unsorted, int, int]
Run = tuple[Path, list[int]]
"""A file of sorted lines, and where each range begins in it."""


def sorted_ranges(
    unsorted: Sequence[Unsorted], folder: Path, executor: Executor, work: Callable[[list[bytes]], R], size: int = AT_ONCE
) -> Iterator[tuple[Path, R]]:
    """Files of lines in the order of their bytes, range by range, each line once; and what ``work`` makes of the lines of each.

    No subject has lines in two ranges. The files that are given are removed on the way.
    """
    chunks = list(_chunks(unsorted, size))
    total = sum(end - start for its in chunks for _, start, end in its)
    cuts = _cuts(chunks, total // size)
    many = worth_it(total)
    runs = list(executor.map(_Sorted(cuts, folder), list(enumerate(chunks)), 1, many))
    for each in unsorted:
        each.path.unlink()
    yield from executor.map(_Merged(runs, folder, work), range(len(cuts) + 1), 1, many)
    for path, _ in runs:
        path.unlink()


def _chunks(unsorted: Sequence[Unsorted], size: int) -> Iterator[list[Chunk]]:
    """All files in chunks of about so many bytes; small files share one."""
    chunk: list[Chunk] = []
    room = size
    for each in unsorted:
        whole, start = each.path.stat().st_size, 0
        while start < whole:
            end = min(whole, start + room)
            chunk.append((each, start, end))
            room -= end - start
            start = end
            if not room:
                yield chunk
                chunk, room = [], size
    if chunk:
        yield chunk


def _cuts(chunks: list[list[Chunk]], ranges: int) -> list[bytes]:
    """The beginnings of the lines at which so many ranges begin, but for the first."""
    if ranges < 2:
        return []
    step = max(sum(end - start for its in chunks for _, start, end in its) // (ranges * _SAMPLES), 1)
    sample: list[bytes] = []
    at = 0
    for unsorted, start, end in (each for its in chunks for each in its):
        with unsorted.path.open("rb") as file:
            while at < end - start:
                file.seek(start + at)
                file.readline()
                sample.append(file.readline())
                at += step
        at -= end - start
    subjects = sorted(line[: line.index(b" ") + 1] for line in sample if line)
    return sorted(set(subjects[_SAMPLES::_SAMPLES]))


class _Sorted:
    """A chunk, sorted into a file."""

    def __init__(self, cuts: list[bytes], folder: Path) -> None:
        self._cuts, self._folder = cuts, folder

    def __call__(self, numbered: tuple[int, list[Chunk]]) -> Run:
        lines: list[bytes] = []
        for unsorted, start, end in numbered[1]:
            body = lines_within(unsorted.path, start, end)
            lines += (body.replace(b" .\n", unsorted.ending) if unsorted.ending else body).splitlines(keepends=True)
        lines.sort()
        places = [0, *(bisect_left(lines, cut) for cut in self._cuts), len(lines)]
        starts = [0]
        with (self._folder / f"run-{numbered[0]}").open("wb") as file:
            for first, last in pairwise(places):
                file.write(b"".join(lines[first:last]))
                starts.append(file.tell())
        return Path(file.name), starts


class _Merged(Generic[R]):
    """A range, put together from all runs: they are sorted, which the sort of the standard library makes use of."""

    def __init__(self, runs: list[Run], folder: Path, work: Callable[[list[bytes]], R]) -> None:
        self._runs, self._folder, self._work = runs, folder, work

    def __call__(self, number: int) -> tuple[Path, R]:
        lines: list[bytes] = []
        for path, starts in self._runs:
            with path.open("rb") as file:
                file.seek(starts[number])
                lines += file.read(starts[number + 1] - starts[number]).splitlines(keepends=True)
        lines = list(dict.fromkeys(sorted(lines)))
        path = self._folder / f"range-{number}"
        path.write_bytes(b"".join(lines))
        return path, self._work(lines)
