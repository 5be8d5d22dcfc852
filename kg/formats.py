"""The one table of formats; nothing else knows a media type or a file extension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True, slots=True)
class Format:
    """A serialization of RDF: its name on the command line, extension, media type and parser."""

    name: str
    extension: str
    media_type: str
    rdf: RdfFormat

    @property
    def has_graphs(self) -> bool:
        """Whether it can hold a dataset of named graphs, not just one graph."""
        return self.rdf.supports_datasets


TURTLE: Final = Format("turtle", "ttl", "text/turtle", RdfFormat.TURTLE)
TRIG: Final = Format("trig", "trig", "application/trig", RdfFormat.TRIG)
N_TRIPLES: Final = Format("ntriples", "nt", "application/n-triples", RdfFormat.N_TRIPLES)
N_QUADS: Final = Format("nquads", "nq", "application/n-quads", RdfFormat.N_QUADS)
JSON_LD: Final = Format("jsonld", "jsonld", "application/ld+json", RdfFormat.JSON_LD)

FORMATS: Final = (TURTLE, TRIG, N_TRIPLES, N_QUADS, JSON_LD)
BY_EXTENSION: Final = {format.extension: format for format in FORMATS}
BY_NAME: Final = {format.name: format for format in FORMATS}

CSV: Final = "csv"
TSV: Final = "tsv"
GZIP: Final = "gz"
BIBTEX: Final = "bib"
RIS: Final = "ris"
TEXT: Final = "txt"
SPARQL: Final = "rq"
LINKSET: Final = "linkset.json"
MEDIA_TYPES: Final = {
    **{format.extension: format.media_type for format in FORMATS},
    "atom": "application/atom+xml",
    BIBTEX: "application/x-bibtex",  # neither is registered; these are what doi.org and its clients call them
    RIS: "application/x-research-info-systems",
    CSV: "text/csv",
    GZIP: "application/gzip",
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    SPARQL: "application/sparql-query",
    LINKSET: "application/linkset+json",
    "svg": "image/svg+xml",
    TSV: "text/tab-separated-values",
    TEXT: "text/plain",
    "xml": "application/xml",
}
"""Media types (https://www.iana.org/assignments/media-types/) by file extension, of everything that a release holds."""


def media_type(path: str) -> str:
    """The media type of a file, by the longest extension that the table has. Raises KeyError where it has none."""
    name = path.rpartition("/")[2]
    parts = name.split(".")
    endings = (".".join(parts[start:]) for start in range(len(parts)))
    return MEDIA_TYPES[next((ending for ending in endings if ending in MEDIA_TYPES), name)]


RESULTS: Final = {
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
}
"""Formats of SELECT and ASK results (https://www.w3.org/TR/sparql11-overview/#sparql11-results)."""
