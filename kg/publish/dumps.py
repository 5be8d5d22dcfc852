"""The dumps of the whole, in each format of RDF, and the JSON-LD context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad, Triple

from kg.context import Context
from kg.formats import COMPRESSED, GZIP, JSON_LD, N_QUADS, TRIG, TURTLE
from kg.graph import construct, projections
from kg.jsonld import dataset_document
from kg.jsonld import dumps as json_ld
from kg.layout import ontology_folders
from kg.publish.content import Content, Written
from kg.publish.tables import compressed
from kg.serialize import sorted_triples, write

RDF12 = "rdf12"


def dumps(content: Content, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the dumps, compressed as well where they are large, and of the context.

    Those with graphs also hold what the dataset says of itself, so that an endpoint loaded with one describes itself; a dump of
    one graph is the union of all graphs but that one.
    """
    for path, body in _dumps(content):
        yield path, body
        if path.rpartition(".")[2] in COMPRESSED:
            yield f"{path}.{GZIP}", compressed(body)
    yield "context.jsonld", json_ld({"@context": Context(content.dataset.ontology, content.dataset.base).document})


def _dumps(content: Content) -> Iterator[tuple[str, bytes]]:
    ontology = content.dataset.ontology
    context = Context(ontology, content.dataset.base)
    yield f"{content.name}.{N_QUADS.extension}", write(content.everything, N_QUADS, ontology)
    yield f"{content.name}.{TRIG.extension}", write(content.everything, TRIG, ontology)
    yield f"{content.name}.{TURTLE.extension}", write(content.triples, TURTLE, ontology)
    yield f"{content.name}.{JSON_LD.extension}", dataset_document(_by_graph(content.everything), context)
    yield f"{content.name}-rdf12.{TURTLE.extension}", write(sorted_triples([*content.triples, *_reifiers(content)]), TURTLE, ontology)


def _by_graph(quads: Iterable[Quad]) -> dict[NamedNode, list[Triple]]:
    graphs: dict[NamedNode, list[Triple]] = {}
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        graphs.setdefault(quad.graph_name, []).append(quad.triple)
    return graphs


def _reifiers(content: Content) -> list[Triple]:
    query = projections(ontology_folders(content.dataset.folder))[RDF12]
    return construct(content.store, RDF12, query, content.dataset.ontology)
