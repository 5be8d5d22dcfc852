"""Literals in canonical form (https://www.w3.org/TR/xmlschema11-2/): stores rewrite others, ``0.10`` to ``0.1``.

So what is written is demanded as it will be published, in records and in RDF files alike.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.vocabulary import RDF_LANG_STRING, RDF_TYPE, XSD, XSD_STRING, local_name

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def unfit(text: str) -> str | None:
    """What in a text cannot stand in XML (https://www.w3.org/TR/xml/#charsets), and so in no ``xsd:string``; None where nothing is."""
    found = _UNFIT.search(text)
    if found is None:
        return None
    half = "\ud800" <= found[0] <= "\udfff"
    return (
        "half a character (a surrogate); write the character itself" if half else f"the control character U+{ord(found[0]):04X}; remove it"
    )


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    try:
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


_CANONICAL: dict[NamedNode, tuple[Callable[[str], bool], str]] = {
    NamedNode(XSD + name): (holds, wanted)
    for name, holds, wanted in (
        ("integer", _matches(r"0|-?[1-9][0-9]*"), "a whole number without leading zeros or separators"),
        ("decimal", _matches(r"0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9]"), "a number in canonical form (35.7, not 35.70 or 3.57e1)"),
        ("boolean", _matches(r"true|false"), "true or false"),
        ("date", _is_date, "a date as 2026-11-22"),
        ("gYearMonth", _matches(r"[0-9]{4}-(0[1-9]|1[0-2])"), "a month as 2026-11"),
        ("gYear", _matches(r"[12][0-9]{3}"), "a year as 2026"),
        ("anyURI", _matches(r"https?://[^\s<>\"{}|\\^`]+"), "an IRI that begins with https:// or http://"),
    )
}


def wants(literal: Literal) -> str | None:
    """What a literal should be, where it is none of its datatype, or not as stores keep it; None where all is well."""
    holds, wanted = _CANONICAL.get(literal.datatype, (None, ""))
    if holds is not None:
        return None if holds(literal.value) else wanted
    if literal.datatype in (XSD_STRING, RDF_LANG_STRING):
        found = unfit(literal.value)
        return f"a text without {found.partition(';')[0]}" if found else None
    kept = _kept(literal)
    return None if kept == literal else f'"{kept.value}" as {local_name(kept.datatype.value)}, which is what stores make of it'


@lru_cache(maxsize=1000)
def _kept(literal: Literal) -> Literal:
    """What a store makes of a literal: ``1.0E2`` becomes ``100``, and a number of ``xsd:int`` one of ``xsd:integer``."""
    store = Store()
    store.add(Quad(literal.datatype, RDF_TYPE, literal))
    [quad] = store
    assert isinstance(quad.object, Literal)
    return quad.object
