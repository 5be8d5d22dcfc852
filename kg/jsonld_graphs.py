"""A whole dataset as JSON-LD, graph by graph, each in parts that hold nothing of each other: many can share in the work."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, BinaryIO, Final

from pyoxigraph import RdfFormat, Triple, parse

from kg import vocabulary as v
from kg.context import Context
from kg.earlier import NOTHING, Earlier, name_of
from kg.indented import indented
from kg.jsonld import Nodes, context_of, context_text
from kg.parallel import Executor, worth_it
from kg.scratch import Scratch
from kg.sorting import sorted_lines
from kg.spans import Part, Spans

AT_ONCE: Final = 2**21
"""Bytes of N-Quads whose nodes are put together at a time."""
_IN_MEMORY: Final = 2**25
"""Bytes of the nodes of a graph that wait in memory until they are in order; more wait on disk."""
_MARGIN: Final = " " * 8
_BETWEEN: Final = f",\n{_MARGIN}".encode()


def write_dataset(
    path: Path,
    context: Context,
    stream: BinaryIO,
    scratch: Scratch,
    executor: Executor,
    size: int = AT_ONCE,
    earlier: Earlier = NOTHING,
    written: str = "",
) -> None:
    """Each named graph with its nodes, by IRI. The file has N-Quads sorted by graph, subject, predicate and object.

    The nodes of ``size`` bytes or so are made at a time, in the same bytes. What was made of the same ``earlier`` is taken from the file
    ``written``.
    """
    many = worth_it(path.stat().st_size)
    spans = Spans(path, scratch.path / "spans", executor, many, size)
    context = _context_of(spans, context)
    stream.write(f'{{\n  "@context": {context_text(context)},\n  "graph": ['.encode())
    names = {part: name_of(context_text(context).encode(), spans.read(part)) for part in spans.parts}
    said = {part: json.loads(found) for part, name in names.items() if (found := earlier.find(name)) is not None}
    made = executor.map(_Made(spans, context), [part for part in spans.parts if part not in said], 1, many)
    before = b"\n"
    for graph, its in groupby(spans.parts, lambda part: part[0]):
        parts = list(its)
        texts = (_standing(said[part], earlier, written) if part in said else next(made) for part in parts)
        name = indented(Nodes((), context).named(graph.decode()[1:-1]))
        stream.write(before + f'    {{\n      "id": {name},\n      "graph": [\n{_MARGIN}'.encode())
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as nodes:
            places = _write(nodes, sorted_lines(_placed(texts, nodes)), stream)
        for number, part in enumerate(parts):
            earlier.note(names[part], json.dumps(places[number]))
        stream.write(b"\n      ]\n    }")
        before = b",\n"
    stream.write(b"\n  ]\n}\n" if spans.parts else b"]\n}\n")
    spans.remove()


def _standing(places: list[tuple[str, int, int]], earlier: Earlier, written: str) -> Iterator[tuple[str, bytes]]:
    """The nodes that stood at some places before, in the order of these; those that stood near each other are read together."""
    for _, near in groupby(places, lambda place: place[1] // AT_ONCE):
        its = list(near)
        begin = its[0][1]
        text = earlier.read(written, begin, its[-1][2])
        yield from ((root, text[start - begin : end - begin]) for root, start, end in its)


def _placed(found: Iterable[Iterable[tuple[str, bytes]]], nodes: IO[bytes]) -> Iterator[bytes]:
    """Put the texts of nodes into a file; a line for each node says where its text is, and of which part it is."""
    for number, part in enumerate(found):
        for root, text in part:
            start = nodes.tell()
            nodes.write(text + _BETWEEN)
            yield f"{root} {start} {nodes.tell()} {number}\n".encode()


def _write(nodes: IO[bytes], lines: Iterator[bytes], stream: BinaryIO) -> dict[int, list[tuple[str, int, int]]]:
    """Write texts in the order of the lines that say where they are; those that stand together already are taken together.

    Returned is where the nodes of each part stand now.
    """
    places: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    begin, end, at = 0, 0, stream.tell()
    for line in lines:
        root, *rest = line.decode().split(" ")
        start, stop, number = map(int, rest)
        if start != end:
            _copy(nodes, begin, end, stream)
            begin = start
        end, after = stop, at + stop - start
        places[number].append((root, at, after - len(_BETWEEN)))
        at = after
    _copy(nodes, begin, end - len(_BETWEEN), stream)
    return places


def _copy(nodes: IO[bytes], start: int, end: int, stream: BinaryIO) -> None:
    nodes.seek(start)
    while start < end:
        start += stream.write(nodes.read(min(end - start, AT_ONCE)))


class _Made:
    """The nodes of a part that no other node holds, by IRI, as text."""

    def __init__(self, spans: Spans, context: Context) -> None:
        self._spans, self._context = spans, context

    def __call__(self, part: Part) -> list[tuple[str, bytes]]:
        nodes = Nodes((quad.triple for quad in parse(self._spans.read(part), format=RdfFormat.N_QUADS)), self._context)
        return [(str(root), indented(nodes.node(root), _MARGIN).encode()) for root in nodes.roots()]


def _context_of(spans: Spans, context: Context) -> Context:
    """The context without the prefixes that are schemes there; only where one may be are lines taken apart."""
    found = spans.schemes & {prefix.encode() for prefix in context.ontology.prefixes.namespaces}
    if not found:
        return context
    with spans.path.open("rb") as lines:
        suspects = (line for line in lines if any(b"<" + each + b":" in line for each in found))
        quads = (quad for line in suspects for quad in parse(line, format=RdfFormat.N_QUADS))
        return context_of(
            (triple for quad in quads for triple in (quad.triple, Triple(quad.graph_name, v.RDF_TYPE, quad.graph_name))), context
        )
