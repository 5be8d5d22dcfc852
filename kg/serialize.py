"""A graph as text: the same bytes every time, whatever the order in which it was put together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg import vocabulary as v
from kg.formats import Format
from kg.ontology import Ontology

_NAMES: Final = re.compile(rb"<[^<>\s]*")


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


def headed(named: Collection[bytes], format: Format, prefixes: Mapping[str, str]) -> bytes:
    """What declares the prefixes of those namespaces that are named, as ``named_in`` tells, before a text without a head."""
    used = {prefix: namespace for prefix, namespace in prefixes.items() if _begins(namespace) in named}
    whole = to_bytes([Quad(v.RDFS_RESOURCE, v.RDF_TYPE, v.RDFS_RESOURCE)], format.rdf, used)
    return whole.removesuffix(_without_head(whole, used))


def unheaded(statements: Iterable[Quad] | Iterable[Triple], format: Format, prefixes: Mapping[str, str]) -> bytes:
    """Statements in Turtle or TriG, in the order given, without what declares the prefixes."""
    return _without_head(to_bytes(statements, format.rdf, dict(prefixes)), prefixes)


def _without_head(text: bytes, prefixes: Mapping[str, str]) -> bytes:
    return text.split(b"\n", len(prefixes))[-1]  # a line declares a prefix


def named_in(text: bytes, prefixes: Mapping[str, str]) -> frozenset[bytes]:
    """Which namespaces what looks like an IRI begins with, anywhere in N-Quads or N-Triples."""
    found = b"".join(set(_NAMES.findall(text)))  # each once, since most stand there a hundred times
    return frozenset(start for start in map(_begins, prefixes.values()) if start in found)


def _begins(namespace: str) -> bytes:
    return f"<{namespace}".encode()


def to_bytes(statements: Iterable[Any], format: RdfFormat, prefixes: dict[str, str] | None = None) -> bytes:
    """pyoxigraph's serializer without an output, which gives bytes."""
    body = serialize(statements, format=format, prefixes=prefixes)
    assert body is not None
    return body
