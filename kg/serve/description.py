"""What the endpoint says of itself: SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/).

With it come the VoID of the release, which holds the questions as examples, and the limits of the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import vocabulary as v
from kg.formats import GRAPHS, RESULTS
from kg.serialize import sorted_triples, to_bytes
from kg.serve.about import About
from kg.serve.limits import Limits, table
from kg.terms import Value

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_SCHEMA: Final = "http://schema.org/"


def description(endpoint: str, about: About, base: str, limits: Limits) -> dict[str, bytes]:
    """The service description of an endpoint, by name of format."""
    said = [quad.triple for quad in about.quads]
    triples = sorted_triples([*said, *_service(endpoint, base + about.dataset, said), *_limits(endpoint, limits)])
    prefixes = {**about.prefixes.namespaces, "sd": _SD}
    quads = [Quad(triple.subject, triple.predicate, triple.object) for triple in triples]
    return {format.name: to_bytes(quads if format.has_graphs else triples, format.rdf, prefixes) for format in GRAPHS}


def _service(endpoint: str, dataset: str, said: list[Triple]) -> Iterator[Triple]:
    service, default, union = (NamedNode(endpoint + part) for part in ("", "#dataset", "#union"))
    yield from _of(service, v.RDF_TYPE, _sd("Service"))
    yield from _of(service, _sd("endpoint"), service)
    yield from _of(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield from _of(service, _sd("feature"), _sd("UnionDefaultGraph"))
    yield from _of(service, _sd("defaultDataset"), default)
    for iri in (*(format.iri for format in RESULTS.values()), *(format.rdf.iri for format in GRAPHS)):
        yield from _of(service, _sd("resultFormat"), NamedNode(iri))
    yield from _of(default, v.RDF_TYPE, _sd("Dataset"))
    yield from _of(default, _sd("defaultGraph"), union)
    yield from _of(union, v.RDF_TYPE, _sd("Graph"))
    comment = "The union of all named graphs, unless the query says FROM or the request names graphs. Known prefixes need not be declared."
    yield from _of(union, v.RDFS_COMMENT, Literal(comment, language="en"))
    triples = NamedNode("http://rdfs.org/ns/void#triples")
    for triple in said:
        if triple.subject == NamedNode(dataset) and triple.predicate == triples:
            yield Triple(union, triples, triple.object)


def _limits(endpoint: str, limits: Limits) -> Iterator[Triple]:
    """Each limit as schema.org's PropertyValue, named as the option that sets it."""
    for limit in table(limits):
        node = NamedNode(f"{endpoint}#limit-{limit.name}")
        yield from _of(NamedNode(endpoint), _schema("additionalProperty"), node)
        yield from _of(node, v.RDF_TYPE, _schema("PropertyValue"))
        yield from _of(node, _schema("name"), Literal(limit.name))
        yield from _of(node, _schema("value"), Literal(f"{limit.value:g}", datatype=NamedNode(v.XSD + "decimal")))
        yield from _of(node, _schema("unitText"), Literal(limit.unit))
        yield from _of(node, _schema("description"), Literal(limit.what, language="en"))


def _of(subject: NamedNode, predicate: NamedNode, value: Value) -> Iterator[Triple]:
    yield Triple(subject, predicate, value)


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)


def _schema(name: str) -> NamedNode:
    return NamedNode(_SCHEMA + name)
