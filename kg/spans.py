"""Where the nodes of each document stand in a file of N-Quads that are sorted by graph, subject, predicate and object.

A document is ``disease/X`` with ``disease/X#fact``; nodes of other documents stand between them. Documents whose nodes hold each other
in a graph, as a fact is held by what it is about and an evidence line by its fact, are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from kg import vocabulary as v
from kg.cuts import cut_before, document_of
from kg.parallel import Executor
from kg.sorting import sorted_lines

_CHUNK: Final = 2**24
_SCHEME: Final = re.compile(rb"<([^/:<>\s]*):")
_HOLDING: Final = (str(v.RDF_SUBJECT).encode() + b" ", str(v.EVIDENCE).encode() + b" ")

Part = tuple[bytes, int, int]
"""A graph, and where the spans of some of its documents are listed."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What there is in a chunk: a line for each span, documents that hold others, and what looks like the scheme of an IRI."""

    spans: list[bytes] = field(default_factory=list)
    held: set[tuple[bytes, bytes, bytes]] = field(default_factory=set)
    schemes: set[bytes] = field(default_factory=set)


class Spans:
    """The spans of a file, document by document, listed in ``listed``; ``parts`` are of about ``size`` bytes, and of one graph each."""

    def __init__(self, path: Path, listed: Path, executor: Executor, many: int, size: int) -> None:
        self.path, self._listed = path, listed
        self.schemes: set[bytes] = set()
        joined: dict[tuple[bytes, bytes], bytes] = {}
        unsorted = listed.with_name(f"{listed.name}.unsorted")
        with unsorted.open("wb") as file:
            for seen in executor.map(_Chunks(path), range(0, path.stat().st_size, _CHUNK), 1, many):
                file.writelines(seen.spans)
                self.schemes |= seen.schemes
                for graph, *pair in sorted(seen.held):
                    holder, held = (_first(joined, graph, document) for document in pair)
                    if holder != held:
                        joined[graph, holder] = held
        self.parts = list(self._list(unsorted, joined, size))
        unsorted.unlink()

    def _list(self, unsorted: Path, joined: dict[tuple[bytes, bytes], bytes], size: int) -> Iterator[Part]:
        with unsorted.open("rb") as spans, self._listed.open("wb") as listed:
            ordered = sorted_lines(_together(spans, joined))
            for graph, its in groupby(ordered, lambda line: line[: line.index(b" ")]):
                start, much, before = listed.tell(), 0, 0
                for document, lines in groupby(its, lambda line: line.split(b" ", 2)[1]):
                    if cut_before(document, before, much, size) and much:
                        yield graph, start, listed.tell()
                        start, much = listed.tell(), 0
                    before = 0
                    for line in lines:
                        before += int(line.rpartition(b" ")[2])
                        listed.write(line)
                    much += before
                yield graph, start, listed.tell()

    def remove(self) -> None:
        """Remove the list."""
        self._listed.unlink()

    def read(self, part: Part) -> bytes:
        """The statements of a part, sorted."""
        with self._listed.open("rb") as file:
            file.seek(part[1])
            spans = sorted(tuple(map(int, line.split(b" ")[2:])) for line in file.read(part[2] - part[1]).splitlines())
        with self.path.open("rb") as file:
            found = []
            for start, length in spans:
                file.seek(start)
                found.append(file.read(length))
        return b"".join(found)


def _together(spans: Iterable[bytes], joined: dict[tuple[bytes, bytes], bytes]) -> Iterator[bytes]:
    for line in spans:
        graph, document, rest = line.split(b" ", 2)
        yield b" ".join((graph, _first(joined, graph, document), rest))


def _first(joined: dict[tuple[bytes, bytes], bytes], graph: bytes, document: bytes) -> bytes:
    passed = []
    while (graph, document) in joined:
        passed.append((graph, document))
        document = joined[passed[-1]]
    for each in passed:
        joined[each] = document  # so that a long chain is followed once, not for each of its documents
    return document


class _Chunks:
    """What there is in the lines that begin within a chunk of a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, start: int) -> _Seen:
        with self._path.open("rb") as file:
            if start:
                file.seek(start - 1)
                file.readline()
            at = file.tell()
            body = file.read(max(start + _CHUNK - at, 0))
            body += file.readline() if body and not body.endswith(b"\n") else b""
        seen = _Seen(schemes=set(_SCHEME.findall(body)))
        subject = graph = document = b" "
        begins = at
        for line in body.splitlines(keepends=True):
            if not (line.startswith(subject) and line.endswith(graph)):
                subject = line[: line.index(b" ") + 1]
                before, graph = graph, line[line.rindex(b" <") :]
                other = document_of(subject)
                if other != document or graph != before:
                    _add(seen, before, document, begins, at)
                    document, begins = other, at
            if line.startswith(_HOLDING, len(subject)):
                held = document_of(line.split(b" ", 3)[2])
                if held and held != document:
                    seen.held.add((graph[1:-3], document, held))
            at += len(line)
        _add(seen, graph, document, begins, at)
        return seen


def _add(seen: _Seen, graph: bytes, document: bytes, start: int, end: int) -> None:
    if end > start:
        seen.spans.append(b"%b %b %015d %d\n" % (graph[1:-3], document, start, end - start))
