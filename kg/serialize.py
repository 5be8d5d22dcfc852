"""A graph as text: the same bytes every time, whatever the order in which it was put together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, serialize

from kg.formats import Format
from kg.ontology import Ontology


def sorted_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Each quad once, by graph, subject, predicate and object; Turtle writers group only neighbours."""
    return sorted(set(quads), key=lambda q: (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)))


def sorted_triples(triples: Iterable[Triple]) -> list[Triple]:
    """Each triple once, by subject, predicate and object."""
    return sorted(set(triples), key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))


def write(statements: Iterable[Quad] | Iterable[Triple], format: Format, ontology: Ontology) -> bytes:
    """Statements in a format, in the order given, with only the prefixes that they need."""
    listed: list[Any] = list(statements)
    used = ontology.prefixes.namespaces if format.rdf in (RdfFormat.TURTLE, RdfFormat.TRIG) else {}
    text = "\n".join(str(each) for each in listed)
    prefixes = {prefix: namespace for prefix, namespace in used.items() if f"<{namespace}" in text}
    return to_bytes(listed, format.rdf, prefixes)


def to_bytes(statements: Iterable[Any], format: RdfFormat, prefixes: dict[str, str] | None = None) -> bytes:
    """pyoxigraph's serializer without an output, which gives bytes."""
    body = serialize(statements, format=format, prefixes=prefixes)
    assert body is not None
    return body


def rdfc_hash(quads: Iterable[Quad]) -> str:
    """SHA-256 of the canonical N-Quads (RDFC-1.0, https://www.w3.org/TR/rdf-canon/), in hexadecimal."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(to_bytes([quad], RdfFormat.N_QUADS) for quad in dataset)
    return hashlib.sha256(b"".join(lines)).hexdigest()
