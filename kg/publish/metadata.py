"""What a release says of itself, for programs: VoID and DCAT 3, with the sizes and checksums of its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import vocabulary as v
from kg.formats import TURTLE
from kg.graph import store_of
from kg.publish.content import Content
from kg.publish.described import Description
from kg.publish.embed import EXTENSION, projected
from kg.publish.file import File
from kg.publish.written import Written
from kg.serialize import sorted_triples, write

_PROJECTION: Final = "schema-org-dataset"
_NON_NEGATIVE: Final = NamedNode(v.XSD + "nonNegativeInteger")


def description(content: Content, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of ``void.ttl``, and of what a page about the dataset embeds. Both measure the dumps, so it comes after them."""
    dataset = content.dataset
    about = Description(content.head, dataset.base, dataset.ontology)
    measured = [triple for file in written.files if file.is_dump_of(content.name) for triple in _measured(file, about)]
    triples = sorted_triples([*content.metadata, *measured])
    yield f"void.{TURTLE.extension}", write(triples, TURTLE, dataset.ontology)
    stated = store_of(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    yield f"dataset.{EXTENSION}", projected(_PROJECTION, dataset, stated).document(NamedNode(f"{content.head.value}#catalog"))


def _measured(file: File, about: Description) -> Iterator[Triple]:
    """Size and checksum (SPDX) of a distribution."""
    node = about.file(file.path)
    checksum = NamedNode(f"{node.value}.sha256")
    yield from about.of(node, {"dcat:byteSize": Literal(str(file.size), datatype=_NON_NEGATIVE), "spdx:checksum": checksum})
    yield from about.of(checksum, {"rdf:type": about.term("spdx:Checksum"), "spdx:checksumValue": Literal(file.sha256)})
    yield from about.of(checksum, {"spdx:algorithm": about.term("spdx:checksumAlgorithm_sha256")})
