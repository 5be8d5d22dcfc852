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

RDF_XML: Final = Format("rdfxml", "rdf", "application/rdf+xml", RdfFormat.RDF_XML)
"""Written for clients that ask for it, never read: its parser falls for entities that multiply."""

FORMATS: Final = (TURTLE, TRIG, N_TRIPLES, N_QUADS, JSON_LD)
BY_EXTENSION: Final = {format.extension: format for format in FORMATS}
BY_NAME: Final = {format.name: format for format in FORMATS}

CSV: Final = "csv"
TSV: Final = "tsv"
XML: Final = "xml"
GZIP: Final = "gz"
BIBTEX: Final = "bib"
RIS: Final = "ris"
TEXT: Final = "txt"
SPARQL: Final = "rq"
LINKSET: Final = "linkset.json"
HOST_FILES: Final = ("_headers", "_redirects", "conf", "htaccess")
"""What a host reads and does not hand out: how the names of such files end."""
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
    **dict.fromkeys(HOST_FILES, "text/plain"),
    TSV: "text/tab-separated-values",
    TEXT: "text/plain",
    XML: "application/xml",
}
"""Media types (https://www.iana.org/assignments/media-types/) by file extension, of everything that a release holds."""

DOCUMENTS: Final = (TURTLE, JSON_LD, N_TRIPLES)
"""What lies beside the page of a disease."""
COMPRESSED: Final = (N_QUADS.extension, TURTLE.extension, JSON_LD.extension)
"""Dumps with these extensions have a twin, compressed."""


def media_type(path: str) -> str:
    """The media type of a file, by the longest extension that the table has. Raises KeyError where it has none."""
    name = path.rpartition("/")[2]
    parts = name.split(".")
    endings = (".".join(parts[start:]) for start in range(len(parts)))
    return MEDIA_TYPES[next((ending for ending in endings if ending in MEDIA_TYPES), name)]


def content_type(extension: str) -> str:
    """The Content-Type header of an extension: text says its charset, and so do types that no registry says it of."""
    found = MEDIA_TYPES[extension]
    return f"{found}; charset=utf-8" if found.startswith(("text/", "application/x-")) else found


RESULTS: Final = {
    CSV: QueryResultsFormat.CSV,
    TSV: QueryResultsFormat.TSV,
    "json": QueryResultsFormat.JSON,
    XML: QueryResultsFormat.XML,
}
"""Formats of SELECT and ASK results (https://www.w3.org/TR/sparql11-overview/#sparql11-results)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a SPARQL endpoint can answer in: a name, the media type it is sent as, and others by which it is asked for.

    ``called`` are words that clients have for it where they name a format and no media type, in lower case.
    """

    name: str
    media_type: str
    also: tuple[str, ...] = ()
    called: tuple[str, ...] = ()

    @property
    def media_types(self) -> tuple[str, ...]:
        """All by which it may be asked for."""
        return (self.media_type, *self.also)

    def is_called(self, word: str) -> bool:
        """Whether a word, in lower case, means it: its name, one of its media types, or what it is called besides."""
        return word == self.name or word in self.media_types or word in self.called


RESULT_OFFERS: Final = (
    Offer("json", "application/sparql-results+json", ("application/json",), ("srj", "sparql-results+json", "sparql-json")),
    Offer(XML, "application/sparql-results+xml", ("application/xml", "text/xml"), ("srx", "sparql-results+xml", "sparql-xml")),
    Offer(CSV, "text/csv"),
    Offer(TSV, "text/tab-separated-values"),
)
"""For rows and truth values, the first where the client has no preference."""
GRAPHS: Final = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)
GRAPH_OFFERS: Final = (
    Offer(TURTLE.name, TURTLE.media_type, ("application/x-turtle",), (TURTLE.extension, "n3")),  # what is Turtle is N3 as well
    Offer(N_TRIPLES.name, N_TRIPLES.media_type, ("text/plain",), (N_TRIPLES.extension, "n-triples")),
    Offer(RDF_XML.name, RDF_XML.media_type, (), (RDF_XML.extension, "rdf+xml", "rdf-xml", XML)),
    Offer(JSON_LD.name, JSON_LD.media_type, ("application/json",), ("json-ld", "ld+json", "json")),
    Offer(TRIG.name, TRIG.media_type),
    Offer(N_QUADS.name, N_QUADS.media_type, (), (N_QUADS.extension, "n-quads")),
)
"""For the graphs of CONSTRUCT and DESCRIBE, the first where the client has no preference."""
PROBLEM: Final = "application/problem+json"
SPARQL_QUERY: Final = "application/sparql-query"
SPARQL_UPDATE: Final = "application/sparql-update"
FORM: Final = "application/x-www-form-urlencoded"
