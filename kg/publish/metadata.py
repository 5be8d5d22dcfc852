"""What a release says of itself, for programs: VoID and DCAT 3.

The dataset and its counts are described by a CONSTRUCT query, ``ontology/metadata/dataset.rq``; its files, which no query
can see, and its questions are added here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import vocabulary as v
from kg.competency import Question, questions
from kg.errors import KgError
from kg.formats import BY_EXTENSION, GZIP, MEDIA_TYPES, TURTLE
from kg.graph import construct, descriptions, store_of
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.publish.content import Content, File, Written
from kg.publish.embed import EXTENSION, projected
from kg.serialize import sorted_triples, write
from kg.terms import Value

_QUERY: Final = "dataset"
_PROJECTION: Final = "schema-org-dataset"
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_NON_NEGATIVE: Final = NamedNode(v.XSD + "nonNegativeInteger")


def description(content: Content, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of ``void.ttl``, and of what a page about the dataset embeds. Both name the dumps, so it comes after them."""
    dataset = content.dataset
    described = Description(content.head, dataset.base, dataset.ontology)
    triples = construct(content.store, _QUERY, descriptions(ontology_folders(dataset.folder))[_QUERY], dataset.ontology)
    for file in written.files:
        if file.is_dump_of(content.name):
            triples += described.distribution(file, content.about.get(v.LICENSE))
    for question in questions().values():
        triples += described.question(question)
    yield f"void.{TURTLE.extension}", write(sorted_triples(triples), TURTLE, dataset.ontology)
    stated = store_of(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    yield f"dataset.{EXTENSION}", projected(_PROJECTION, dataset, stated).document(NamedNode(f"{content.head.value}#catalog"))


class Description:
    """Triples about a dataset, its files and its questions; terms are CURIEs under the one list of prefixes."""

    def __init__(self, dataset: NamedNode, base: str, ontology: Ontology) -> None:
        self._dataset = dataset
        self._base = base
        self._prefixes = ontology.prefixes

    def distribution(self, file: File, licence: Value | None) -> Iterator[Triple]:
        """A file as a distribution of DCAT 3 with media type, size and checksum (SPDX); in RDF it is a dump of VoID as well."""
        node, url = NamedNode(f"{self._dataset.value}#{file.path}"), NamedNode(self._base + file.path)
        checksum = NamedNode(f"{node.value}.sha256")
        [extension] = file.extensions[:1]
        yield from self._of(self._dataset, {"dcat:distribution": node})
        yield from self._of(node, {"rdf:type": self._term("dcat:Distribution"), "dcterms:title": Literal(file.path)})
        yield from self._of(node, {"dcat:downloadURL": url, "dcat:accessURL": url, "spdx:checksum": checksum})
        yield from self._of(node, {"dcat:mediaType": NamedNode(_IANA + MEDIA_TYPES[extension])})
        yield from self._of(node, {"dcat:byteSize": Literal(str(file.size), datatype=_NON_NEGATIVE)})
        yield from self._of(checksum, {"rdf:type": self._term("spdx:Checksum"), "spdx:checksumValue": Literal(file.sha256)})
        yield from self._of(checksum, {"spdx:algorithm": self._term("spdx:checksumAlgorithm_sha256")})
        if licence is not None:
            yield from self._of(node, {"dcterms:license": licence})
        if file.path.endswith(f".{GZIP}"):
            yield from self._of(node, {"dcat:compressFormat": NamedNode(_IANA + MEDIA_TYPES[GZIP])})
        if extension in BY_EXTENSION:
            yield from self._of(self._dataset, {"void:dataDump": url})

    def question(self, question: Question) -> Iterator[Triple]:
        """A question as SHACL's ``sh:SPARQLExecutable`` (https://www.w3.org/TR/shacl-af/#SPARQLExecutable), as query editors list them."""
        form, text = _form(question.text), question.text
        node = NamedNode(f"{self._base}question/{question.name}")
        for type_ in ("sh:SPARQLExecutable", f"sh:SPARQL{form.title()}Executable"):
            yield from self._of(node, {"rdf:type": self._term(type_)})
        yield from self._of(node, {f"sh:{form}": Literal(text), "rdfs:comment": Literal(question.title, language="en")})
        yield from self._of(node, {"rdfs:label": Literal(question.name), "sh:prefixes": v.PREFIXES})

    def _of(self, subject: NamedNode, values: dict[str, Value]) -> Iterator[Triple]:
        for curie, value in values.items():
            yield Triple(subject, self._term(curie), value)

    def _term(self, curie: str) -> NamedNode:
        iri = self._prefixes.expand(curie)
        if iri is None:
            raise KgError(f"ontology/prefixes.ttl: the prefix of {curie} is missing")
        return NamedNode(iri)


def _form(query: str) -> str:
    """Which of SPARQL's forms a query has: select, ask or construct."""
    lines = (line.strip().lower() for line in query.splitlines())
    words = (line.partition(" ")[0].rstrip("{") for line in lines)
    return next((word for word in words if word in ("select", "ask", "construct")), "select")
