"""What a dataset says of itself as far as it can say it before its files are there: the graph ``graph/metadata`` of its dumps.

The dataset and its counts are described by a CONSTRUCT query, ``ontology/metadata/dataset.rq``; its files, which no query can
see, and its questions are added here. A file cannot contain its own size and checksum: ``void.ttl`` adds them
(``kg.publish.metadata``), and is the same otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg import vocabulary as v
from kg.competency import Question, questions
from kg.dataset import Dataset
from kg.errors import KgError
from kg.formats import BY_EXTENSION, GZIP, MEDIA_TYPES, media_type
from kg.graph import construct, queries
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.serialize import sorted_triples
from kg.terms import Value

GRAPH: Final = "graph/metadata"
"""The path of the graph's name below the base IRI."""
_RDF12: Final = "-rdf12.ttl"
DUMPS: Final = (
    *(".nq", ".nq.gz", ".trig", ".ttl", ".ttl.gz", ".jsonld", ".jsonld.gz", _RDF12, f"{_RDF12}.gz"),
    *("-facts.csv", ".sssom.tsv"),
)
"""What follows the name of a dataset in the paths of the files that hold the whole of it."""
_QUERY: Final = "dataset"
_IANA: Final = "https://www.iana.org/assignments/media-types/"


def described(dataset: Dataset, store: Store, head: NamedNode, licence: Value | None) -> list[Triple]:
    """The description of a dataset: what the query yields of its store, its distributions without size and checksum, its questions."""
    description = Description(head, dataset.base, dataset.ontology)
    triples = construct(store, _QUERY, queries(ontology_folders(dataset.folder), "metadata")[_QUERY], dataset.ontology)
    for ending in DUMPS:
        triples += description.distribution(v.local_name(head.value) + ending, licence)
    for question in questions().values():
        triples += description.question(question)
    return sorted_triples(triples)


class Description:
    """Triples about a dataset, its files and its questions; terms are CURIEs under the one list of prefixes."""

    def __init__(self, dataset: NamedNode, base: str, ontology: Ontology) -> None:
        self._dataset = dataset
        self._base = base
        self._prefixes = ontology.prefixes

    def file(self, path: str) -> NamedNode:
        """The node of a distribution."""
        return NamedNode(f"{self._dataset.value}#{path}")

    def distribution(self, path: str, licence: Value | None) -> Iterator[Triple]:
        """A file as a distribution of DCAT 3 with its media type; in RDF it is a dump of VoID as well."""
        node, url = self.file(path), NamedNode(self._base + path)
        unpacked = path.removesuffix(f".{GZIP}")
        yield from self.of(self._dataset, {"dcat:distribution": node})
        yield from self.of(node, {"rdf:type": self.term("dcat:Distribution"), "dcterms:title": Literal(path)})
        yield from self.of(node, {"dcat:downloadURL": url, "dcat:accessURL": url})
        yield from self.of(node, {"dcat:mediaType": NamedNode(_IANA + media_type(unpacked))})
        if licence is not None:
            yield from self.of(node, {"dcterms:license": licence})
        if _RDF12 in path:
            yield from self.of(node, {"dcterms:conformsTo": NamedNode("https://www.w3.org/TR/rdf12-turtle/")})
        if unpacked != path:
            yield from self.of(node, {"dcat:compressFormat": NamedNode(_IANA + MEDIA_TYPES[GZIP])})
        if unpacked.rpartition(".")[2] in BY_EXTENSION:
            yield from self.of(self._dataset, {"void:dataDump": url})

    def question(self, question: Question) -> Iterator[Triple]:
        """A question as SHACL's ``sh:SPARQLExecutable`` (https://www.w3.org/TR/shacl-af/#SPARQLExecutable), as query editors list them."""
        form, text = _form(question.text), question.text
        node = NamedNode(f"{self._base}question/{question.name}")
        for type_ in ("sh:SPARQLExecutable", f"sh:SPARQL{form.title()}Executable"):
            yield from self.of(node, {"rdf:type": self.term(type_)})
        yield from self.of(node, {f"sh:{form}": Literal(text), "rdfs:comment": Literal(question.title, language="en")})
        yield from self.of(node, {"rdfs:label": Literal(question.name), "sh:prefixes": v.PREFIXES})

    def of(self, subject: NamedNode, values: dict[str, Value]) -> Iterator[Triple]:
        """What is said of a subject, by CURIE. Raises KgError where the one list of prefixes lacks one."""
        for curie, value in values.items():
            yield Triple(subject, self.term(curie), value)

    def term(self, curie: str) -> NamedNode:
        """The term that a CURIE stands for. Raises KgError as ``of`` does."""
        iri = self._prefixes.expand(curie)
        if iri is None:
            raise KgError(f"ontology/prefixes.ttl: the prefix of {curie} is missing")
        return NamedNode(iri)


def _form(query: str) -> str:
    """Which of SPARQL's forms a query has: select, ask or construct."""
    lines = (line.strip().lower() for line in query.splitlines())
    words = (line.partition(" ")[0].rstrip("{") for line in lines)
    return next((word for word in words if word in ("select", "ask", "construct")), "select")
