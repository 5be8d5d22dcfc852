"""Answers as bytes, within limits: an answer that is longer, or has more rows, is an error and never a part of itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO
from typing import Any, Final
from xml.parsers import expat

from pyoxigraph import QueryBoolean, QuerySolutions, Triple, parse_query_results, serialize

from kg.formats import CSV, GRAPH_OFFERS, GRAPHS, JSON_LD, RDF_XML, RESULT_OFFERS, RESULTS, XML

_GRAPHS: Final = {format.name: format for format in GRAPHS}
TYPES: Final = {offer.name: offer.media_type for offer in (*RESULT_OFFERS, *GRAPH_OFFERS)}
_IN_EACH_ROW: Final = {"csv": (b"\n",), "tsv": (b"\n",), "xml": (b"<result",), "json": (b"}}", b"{}")}
"""What every row has one of; so where there are few of them, there are few rows, and nobody need count."""


class TooLargeError(Exception):
    """The answer is larger than it may be."""


class TooManyRowsError(Exception):
    """The answer has more rows, or triples, than it may have."""


class UnsayableError(Exception):
    """The answer cannot be said in the format that is wanted; ``kind`` is that of the problem."""

    kind = ""


class NotXmlError(UnsayableError):
    """The answer cannot be said in XML: a character that XML has not, or a predicate whose IRI does not end in a name."""

    kind = "not-in-xml"


class NotJsonLdError(UnsayableError):
    """The answer cannot be said in JSON-LD: a triple in the place of a term."""

    kind = "not-in-json-ld"


_UNSAYABLE: Final = {RDF_XML.name: NotXmlError, JSON_LD.name: NotJsonLdError}


class Bounded(BytesIO):
    """Bytes in memory that refuse to become more than a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any, /) -> int:
        """Append, unless that is too much."""
        if self.tell() + len(data) > self._limit:
            raise TooLargeError
        return super().write(data)


def known(prefixes: dict[str, str], query: str) -> dict[str, str]:
    """The prefixes that a query may use: the engine takes longer to parse all of them than for many a query itself."""
    return prefixes if "\\" in query else {name: iri for name, iri in prefixes.items() if f"{name}:" in query}


def rows_as(result: QuerySolutions | QueryBoolean, wanted: str, size: int, most: int) -> bytes:
    """Rows or a truth value in the format of that name, of at most ``size`` bytes and ``most`` rows.

    Raises TooLargeError, TooManyRowsError or NotXmlError.
    """
    if isinstance(result, QueryBoolean) and wanted in ("csv", "tsv"):
        return b"true\n" if result else b"false\n"
    out = Bounded(size)
    result.serialize(out, RESULTS[wanted])
    body = _xml(out.getvalue(), size) if wanted == XML else out.getvalue()
    if sum(body.count(mark) for mark in _IN_EACH_ROW[wanted]) > most and _rows(body, wanted) > most:
        raise TooManyRowsError
    return body


def _rows(body: bytes, written: str) -> int:
    if written == CSV:
        return sum(1 for _ in csv.reader(StringIO(body.decode(), newline=""))) - 1
    result = parse_query_results(body, format=RESULTS[written])
    return sum(1 for _ in result) if isinstance(result, QuerySolutions) else 0


def graph_as(triples: Iterable[Triple], wanted: str, prefixes: dict[str, str], size: int, most: int) -> bytes:
    """A graph in the format of that name, each triple once and sorted, with only the prefixes that it needs.

    Raises TooLargeError where it has more than ``size`` bytes, TooManyRowsError where it has more than ``most`` triples, and
    UnsayableError.
    """
    found: dict[str, Triple] = {}
    length = 0
    for triple in triples:
        text = str(triple)
        if text not in found:
            found[text] = triple
            length += len(text)
            if length > 4 * size:  # what is written has prefixes, and may be this much shorter
                raise TooLargeError
            if len(found) > most:
                raise TooManyRowsError
    used = {name: iri for name, iri in prefixes.items() if any(f"<{iri}" in text for text in found)}
    out = Bounded(size)
    try:
        serialize([found[text] for text in sorted(found)], out, _GRAPHS[wanted].rdf, prefixes=used)
    except OSError:  # such as a word of the syntax of RDF/XML for a predicate (RDF 1.1 XML Syntax, 5.1)
        if wanted not in _UNSAYABLE:
            raise
        raise _UNSAYABLE[wanted] from None
    return _xml(out.getvalue(), size) if wanted == RDF_XML.name else out.getvalue()


def _xml(body: bytes, size: int) -> bytes:
    """XML that readers of it take as it was meant (https://www.w3.org/TR/xml/, 2.2 and 2.11; https://www.w3.org/TR/xml-names/).

    The engine writes characters that XML has not, elements without a name, and carriage returns, which a reader turns into ends of
    lines. A reader decides here; this one knows the names of the fourth edition, as others do, so no name of the fifth is sent.
    """
    body = body.replace(b"\r", b"&#13;")
    if len(body) > size:
        raise TooLargeError
    try:
        expat.ParserCreate(None, " ").Parse(body, True)
    except expat.ExpatError:
        raise NotXmlError from None
    return body
