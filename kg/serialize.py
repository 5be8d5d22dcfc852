"""A graph as text: the same bytes every time, whatever the order in which it was put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, BinaryIO

from pyoxigraph import Quad, RdfFormat, Triple, parse, serialize

from kg.formats import Format
from kg.ontology import Ontology
from kg.sorting import as_file


def sorted_triples(triples: Iterable[Triple]) -> list[Triple]:
    """Each triple once, by subject, predicate and object."""
    return sorted(set(triples), key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))


def write(statements: Iterable[Quad] | Iterable[Triple], format: Format, ontology: Ontology) -> bytes:
    """Statements in a format, in the order given, with only the prefixes that they need."""
    listed: list[Any] = list(statements)
    used = ontology.prefixes.namespaces if format.rdf in (RdfFormat.TURTLE, RdfFormat.TRIG) else {}
    text = "\n".join(map(str, listed)) if used else ""
    prefixes = {prefix: namespace for prefix, namespace in used.items() if f"<{namespace}" in text}
    return to_bytes(listed, format.rdf, prefixes)


def write_lines(lines: Callable[[], Iterable[bytes]], format: Format, ontology: Ontology, stream: BinaryIO) -> None:
    """The same for statements that do not fit into memory: ``lines`` gives them as N-Quads, each time it is called."""
    used = ontology.prefixes.namespaces if format.rdf in (RdfFormat.TURTLE, RdfFormat.TRIG) else {}
    named = {f"<{namespace}".encode(): prefix for prefix, namespace in used.items()}
    found = {named[start] for start in found_in(lines(), named)} if named else set()
    prefixes = {prefix: namespace for prefix, namespace in used.items() if prefix in found}
    serialize(parse(as_file(lines()), format=RdfFormat.N_QUADS), stream, format=format.rdf, prefixes=prefixes)


def found_in(lines: Iterable[bytes], words: Iterable[bytes]) -> set[bytes]:
    """Which of some words stand anywhere in lines."""
    rest, wanted = iter(lines), set(words)
    found: set[bytes] = set()
    while wanted and (text := b"".join(islice(rest, 10_000))):
        here = {word for word in wanted if word in text}
        found |= here
        wanted -= here
    return found


def to_bytes(statements: Iterable[Any], format: RdfFormat, prefixes: dict[str, str] | None = None) -> bytes:
    """pyoxigraph's serializer without an output, which gives bytes."""
    body = serialize(statements, format=format, prefixes=prefixes)
    assert body is not None
    return body
