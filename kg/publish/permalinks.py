"""The permalinks of facts that a release has from some of its graphs, read from its dump without reading the rest of it."""

from __future__ import annotations

import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from kg import vocabulary as v
from kg.publish.released import Release

_SAID: Final = tuple(f"> {each} ".encode() for each in (v.RDF_SUBJECT, f"{v.RDF_TYPE} {v.TOMBSTONE}"))
"""What follows the IRI of a fact, and that of what is left of one."""


def permalinks(release: Release, graphs: Iterable[str]) -> Iterator[str]:
    """The IRIs of the facts, and of what is left of withdrawn ones, in graphs of a release. Raises OSError where its dump cannot be read.

    The dump in N-Quads is sorted by graph, so each is looked up, in some 60 steps, whatever else there is.
    """
    with _dump(release) as dump:
        for start, end in _places(dump, graphs):
            yield from _among(dump, start, end)


def permalinks_but(release: Release, graphs: Iterable[str]) -> Iterator[str]:
    """The same in all graphs but these, for which all of the dump but these is looked through."""
    with _dump(release) as dump:
        begin = 0
        for start, end in _places(dump, graphs):
            yield from _among(dump, begin, start)
            begin = end
        yield from _among(dump, begin, len(dump))


@contextmanager
def _dump(release: Release) -> Iterator[mmap.mmap]:
    with release.dump("nq").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as dump:
        yield dump


def _places(dump: mmap.mmap, graphs: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where each of some graphs begins and ends, in their order in the dump."""

    def graph_at(position: int) -> bytes:
        """The graph of the line that has a byte of the dump, and the blank by which graphs are put in order."""
        end = dump.find(b"\n", position)
        return dump[dump.rfind(b" <", 0, end) + 1 : end - 1]

    end = 0
    for graph in sorted(f"<{each}> ".encode() for each in graphs):
        start = bisect_left(range(len(dump)), graph, end, key=graph_at)
        end = bisect_right(range(len(dump)), graph, start, key=graph_at)
        yield start, end


def _among(dump: mmap.mmap, start: int, end: int) -> Iterator[str]:
    for said in _SAID:
        at = dump.find(said, start, end)
        while at >= 0:
            subject = dump[dump.rfind(b"\n", 0, at) + 2 : at]
            if b"#" in subject and b">" not in subject:  # a text may say anything
                yield subject.decode()
            at = dump.find(said, at + 1, end)
