"""A whole dataset as JSON-LD, written as it comes: graph by graph, a large graph document by document."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby, islice
from typing import BinaryIO, Final

from pyoxigraph import RdfFormat, Triple, parse

from kg import vocabulary as v
from kg.context import Context
from kg.indented import indented
from kg.jsonld import Nodes, context_of, context_text
from kg.sorting import sorted_lines

AT_ONCE: Final = 50_000
"""Graphs of so many statements are written from memory."""
_SCHEME: Final = re.compile(rb"<([^/:>]*):")
_MARGIN: Final = " " * 8
_HOLDING: Final = (str(v.RDF_SUBJECT).encode(), str(v.EVIDENCE).encode())


def write_dataset(lines: Callable[[], Iterable[bytes]], context: Context, stream: BinaryIO, most: int = AT_ONCE) -> None:
    """Each named graph with its nodes. ``lines`` gives N-Quads sorted by graph, subject, predicate and object, each time it is called.

    Graphs of more than ``most`` statements are written part by part, in the same bytes.
    """
    context = _context_of(lines, context)
    stream.write(f'{{\n  "@context": {context_text(context)},\n  "graph": ['.encode())
    before = "\n"
    for graph, its in groupby(lines(), _graph):
        name = Nodes((), context).named(graph.decode()[1:-1])
        stream.write(f'{before}    {{\n      "id": {indented(name)},\n      "graph": ['.encode())
        _write(_nodes(its, context, most), stream)
        stream.write(b"\n      ]\n    }")
        before = ",\n"
    stream.write(b"\n  ]\n}\n" if before != "\n" else b"]\n}\n")


def _write(texts: Iterable[str], stream: BinaryIO) -> None:
    before = "\n"
    for text in texts:
        stream.write(f"{before}{_MARGIN}{text}".encode())
        before = ",\n"


def _context_of(lines: Callable[[], Iterable[bytes]], context: Context) -> Context:
    """The context without the prefixes that are schemes there; only where one may be are lines taken apart."""
    found = _schemes(lines()) & {prefix.encode() for prefix in context.ontology.prefixes.namespaces}
    if not found:
        return context
    suspects = (line for line in lines() if any(b"<" + each + b":" in line for each in found))
    quads = (quad for line in suspects for quad in parse(line, format=RdfFormat.N_QUADS))
    return context_of((triple for quad in quads for triple in (quad.triple, Triple(quad.graph_name, v.RDF_TYPE, quad.graph_name))), context)


def _schemes(lines: Iterable[bytes]) -> set[bytes]:
    """The schemes of all IRIs, and what looks like one in a text."""
    rest = iter(lines)
    found: set[bytes] = set()
    while text := b"".join(islice(rest, 10_000)):
        found.update(_SCHEME.findall(text))
    return found


def _nodes(lines: Iterator[bytes], context: Context, most: int) -> Iterator[str]:
    """The nodes of one graph that no other node holds, by IRI, as text."""
    first = list(islice(lines, most + 1))
    if len(first) <= most:
        yield from (text for _, text in _texts(first, context))
        return
    # in a text of JSON a line feed can only be one between tokens, so another white space can stand for it
    found = (text for part in _together(chain(first, lines)) for text in _texts(part, context))
    keyed = (f"{root} {text}".replace("\n", "\r").encode() + b"\n" for root, text in found)
    for line in sorted_lines(keyed):
        yield line[:-1].decode().replace("\r", "\n").partition(" ")[2]


def _texts(lines: Iterable[bytes], context: Context) -> Iterator[tuple[str, str]]:
    nodes = Nodes((quad.triple for quad in parse(b"".join(lines), format=RdfFormat.N_QUADS)), context)
    return ((str(root), indented(nodes.node(root), _MARGIN)) for root in nodes.roots())


def _together(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines of a graph in parts such that no node holds a node of another part.

    Nodes of a document (``disease/X`` and ``disease/X#fact``) are in one part, and documents whose nodes hold each other.
    """
    with tempfile.TemporaryFile() as kept:
        joined: dict[bytes, bytes] = {}
        for line in lines:
            kept.write(line)
            subject, predicate, rest = line.split(b" ", 2)
            if predicate in _HOLDING:
                one, other = _first(joined, _document(subject)), _first(joined, _document(rest))
                if one != other:
                    joined[one] = other
        kept.seek(0)
        keyed = sorted_lines(_first(joined, _document(line)) + b" " + line for line in kept)
        for _, part in groupby(keyed, key=lambda line: line.partition(b" ")[0]):
            yield [line.partition(b" ")[2] for line in part]


def _first(joined: dict[bytes, bytes], document: bytes) -> bytes:
    while document in joined:
        document = joined[document]
    return document


def _document(line: bytes) -> bytes:
    """The IRI that a line begins with, without its fragment."""
    return line[: line.index(b">")].partition(b"#")[0] if line.startswith(b"<") else b""


def _graph(line: bytes) -> bytes:
    return line[line.rindex(b" <") + 1 : -3]
