"""The dumps of the whole, in each format of RDF, and the JSON-LD context."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from kg.context import Context
from kg.formats import COMPRESSED, GZIP, JSON_LD, N_QUADS, TRIG, TURTLE
from kg.graph import constructed, projections
from kg.graphs import write_dataset
from kg.jsonld import document
from kg.layout import ontology_folders
from kg.publish.content import Content
from kg.publish.tables import compress
from kg.publish.written import Body, Written
from kg.serialize import write_lines
from kg.sorting import once, sorted_lines

RDF12 = "rdf12"


def dumps(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the dumps, compressed as well where they are large, and of the context.

    Those with graphs also hold what the dataset says of itself, so that an endpoint loaded with one describes itself; a dump of
    one graph is the union of all graphs but that one.
    """
    for path, body in _dumps(content, written):
        yield path, body
        if path.rpartition(".")[2] in COMPRESSED:
            yield f"{path}.{GZIP}", lambda stream, path=path: compress(written.folder / path, stream)  # type: ignore[misc]
    yield "context.jsonld", document(Context(content.dataset.ontology, content.dataset.base), {})


def _dumps(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    ontology = content.dataset.ontology
    context = Context(ontology, content.dataset.base)
    whole = f"{content.name}.{N_QUADS.extension}"

    def graphs() -> Iterator[bytes]:
        with (written.folder / whole).open("rb") as lines:
            yield from lines

    def reified() -> Iterator[bytes]:
        return once(merge(content.triples(), reifiers()))

    def reifiers() -> Iterator[bytes]:
        query = projections(ontology_folders(content.dataset.folder))[RDF12]
        return sorted_lines(constructed(content.store, RDF12, query, ontology))

    yield whole, lambda stream: stream.writelines(content.graphs())
    yield f"{content.name}.{TRIG.extension}", lambda stream: write_lines(graphs, TRIG, ontology, stream)
    yield f"{content.name}.{TURTLE.extension}", lambda stream: write_lines(content.triples, TURTLE, ontology, stream)
    yield f"{content.name}.{JSON_LD.extension}", lambda stream: write_dataset(graphs, context, stream)
    yield f"{content.name}-rdf12.{TURTLE.extension}", lambda stream: write_lines(reified, TURTLE, ontology, stream)
