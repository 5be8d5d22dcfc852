"""The JSON-LD that a page embeds: a page about a condition, with its facts as cited claims, in the words of schema.org.

What it says is the projection ``schema-org`` of ``ontology/alignments/``, a CONSTRUCT query; here its triples are nested and
written, whatever their terms. The document is JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with its context inside, so
nothing has to be fetched to read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.errors import KgError
from kg.graph import construct, queries
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.publish.nest import Nest
from kg.terms import value_of

EXTENSION: Final = "schema.jsonld"


def projected(name: str, dataset: Dataset, store: Store) -> Nest:
    """What a projection of ``ontology/alignments/`` yields of a small store, ready to be written."""
    return nested(name, query_of(name, dataset), store, dataset.ontology, language_of(dataset))


def nested(name: str, query: str, store: Store, ontology: Ontology, language: str) -> Nest:
    """What a CONSTRUCT query yields of a small store, ready to be written. Raises KgError naming the query."""
    return Nest(construct(store, name, query, ontology), language)


def query_of(name: str, dataset: Dataset) -> str:
    """The projection of that name."""
    return queries(ontology_folders(dataset.folder), "alignments")[name]


def language_of(dataset: Dataset) -> str:
    """The language of a dataset's texts."""
    return next((value_of(quad).value for quad in dataset.quads.saying(v.LANGUAGE)), "en")


def script(document: bytes) -> str:
    r"""A JSON document as a script element, in which no text of the document can end the element or open a comment.

    An HTML parser looks for ``</script`` and ``<!--`` there, and in JSON ``<`` stands in strings only, where ``<\/`` and
    ``\u003c!`` mean the same (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements).
    """
    text = document.decode().strip().replace("</", "<\\/").replace("<!", "\\u003c!")
    return f'<script type="application/ld+json">{text}</script>\n'


def snippet(folder: Path, files: Iterable[str], accession: str) -> str:
    """The script element of a disease, from the files of a release. Raises KgError where there is no such disease, or not its file."""
    name = f"{accession.replace(':', '_')}.{EXTENSION}"
    found = next((path for path in files if path.rpartition("/")[2] == name), None)
    if found is None:
        raise KgError(f'{folder}: there is no disease "{accession}" in this release; give its accession, such as MONDO_0010626')
    try:
        return script((folder / found).read_bytes())
    except OSError as error:
        raise KgError(f"{folder / found}: cannot be read: {error.strerror}; build the release again") from None
