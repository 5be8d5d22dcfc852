"""From what a curator writes to RDF terms: names, keys, CURIEs, dates, numbers and texts.

A value is read by the range that the ontology gives its property, never by guessing; what does not fit is refused.
Literals have to be in canonical form, since stores rewrite others (``0.10`` becomes ``0.1``).
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.ontology import Ontology, Property
from kg.tree import Scalar

_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")
_LABELLED = re.compile(r"(?P<term>\S+)\s+!\s+(?P<label>.+)")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ValueRefusedError(Exception):
    """A value that does not fit; ``rule`` names why."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "x"?``, or the words there are where none is near."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; known are {', '.join(known)}" if known and len(known) <= 30 else ""


@dataclass(frozen=True)
class Values:
    """Reads scalars, for one dataset: its base IRI, its language, and the labels of its terms."""

    ontology: Ontology
    base: str
    language: str
    labels: dict[str, frozenset[str]]

    def read(self, scalar: Scalar, prop: Property, language: str) -> NamedNode | Literal:
        """The term that a scalar stands for. Raises ValueRefusedError."""
        if scalar.kind == "nothing":
            raise ValueRefusedError("no-value", f'"{prop.key}" has no value; write one or remove the key')
        if not prop.ranges:
            return self.resource(scalar.text, prop, v.RDFS_RESOURCE)
        problem: ValueRefusedError | None = None
        for expected in prop.ranges:
            try:
                if expected.value.startswith(v.XSD) or expected == v.RDF_LANG_STRING:
                    return self.literal(scalar, prop.key, expected, language)
                return self.resource(scalar.text, prop, expected)
            except ValueRefusedError as error:
                problem = problem or error
        assert problem is not None
        raise problem

    def literal(self, scalar: Scalar, key: str, datatype: NamedNode, language: str) -> Literal:
        """A literal of a datatype, in canonical form."""
        if datatype == v.RDF_LANG_STRING:
            return Literal(self._text(scalar, key), language=language)
        if datatype == v.XSD_STRING:
            return Literal(self._text(scalar, key))
        kind = v.local_name(datatype.value)
        problem = _LEXICAL[kind](scalar) if kind in _LEXICAL else None
        if problem:
            raise ValueRefusedError("wrong-type", f'"{key}" {problem}, not "{scalar.text}"')
        return Literal(scalar.text, datatype=datatype)

    def _text(self, scalar: Scalar, key: str) -> str:
        if scalar.kind != "text":
            raise ValueRefusedError(
                "wrong-type", f'"{key}" wants text, but YAML reads {scalar.text} as {_ARTICLE[scalar.kind]}; put it in quotes'
            )
        return scalar.text

    def resource(self, text: str, prop: Property, expected: NamedNode) -> NamedNode:
        """A resource by own name, record key, CURIE, path below the base IRI, or IRI; the label after ``!`` is compared."""
        labelled = _LABELLED.fullmatch(text)
        iri = self._resource(labelled["term"] if labelled else text, prop, expected)
        if labelled:
            known = self.labels.get(iri.value, frozenset())
            if known and labelled["label"] not in known:
                message = f'{labelled["term"]} is "{min(known)}", not "{labelled["label"]}"; mend whichever is wrong'
                raise ValueRefusedError("label-mismatch", message)
        return iri

    def _resource(self, text: str, prop: Property, expected: NamedNode) -> NamedNode:
        own = self.ontology.instances.get(expected, {})
        if text in own:
            return own[text]
        if expected in self.ontology.record_paths:
            if not KEY.fullmatch(text):
                raise ValueRefusedError("wrong-type", f'"{prop.key}" wants the key of a record, such as {_EXAMPLE}, not "{text}"')
            return self._iri(self.base + self.ontology.record_paths[expected] + text)
        curie = self.ontology.prefixes.expand(text)
        if curie:
            return self._iri(curie)
        if re.match(r"https?://", text):
            return self._iri(text)
        if expected == v.RDFS_RESOURCE and re.match(r"[A-Za-z]+/", text):
            return self._iri(self.base + text)
        prefix = self.ontology.prefixes.unknown_prefix(text)
        if prefix:
            near = did_you_mean(prefix, [*self.ontology.prefixes.namespaces, *self.ontology.prefixes.aliases])
            raise ValueRefusedError("unknown-prefix", f'"{text}" has the prefix "{prefix}", which is not declared{near}')
        if own:
            raise ValueRefusedError("unknown-name", f'"{prop.key}" has no value "{text}"{did_you_mean(text, own)}')
        raise ValueRefusedError("unknown-name", f'"{prop.key}" wants a CURIE such as HP:0002721 or an IRI, not "{text}"')

    @staticmethod
    def _iri(text: str) -> NamedNode:
        try:
            return NamedNode(text)
        except ValueError:
            raise ValueRefusedError("wrong-type", f'"{text}" is not an IRI; percent-encode what an IRI cannot hold') from None


_EXAMPLE = "pmid-14663287"
_ARTICLE = {"integer": "an integer", "number": "a number", "boolean": "true or false"}


def _integer(scalar: Scalar) -> str | None:
    if scalar.kind != "integer":
        return "wants a whole number"
    return None if _INTEGER.fullmatch(scalar.text) else "wants a whole number without leading zeros or separators"


def _decimal(scalar: Scalar) -> str | None:
    if scalar.kind not in ("integer", "number"):
        return "wants a number"
    return None if _DECIMAL.fullmatch(scalar.text) else "wants a number in canonical form (35.7, not 35.70 or 3.57e1)"


def _boolean(scalar: Scalar) -> str | None:
    return None if scalar.kind == "boolean" and scalar.text in ("true", "false") else "wants true or false"


def _date(scalar: Scalar) -> str | None:
    try:
        valid = re.fullmatch(r"\d{4}-\d{2}-\d{2}", scalar.text) and datetime.date.fromisoformat(scalar.text)
    except ValueError:
        valid = None
    return None if valid else "wants a date as 2026-11-22"


def _month(scalar: Scalar) -> str | None:
    return None if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", scalar.text) else "wants a month as 2026-11"


def _year(scalar: Scalar) -> str | None:
    return None if re.fullmatch(r"[12]\d{3}", scalar.text) else "wants a year as 2026"


def _any_uri(scalar: Scalar) -> str | None:
    return None if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", scalar.text) else "wants an IRI that begins with https:// or http://"


_LEXICAL = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "gYearMonth": _month,
    "gYear": _year,
    "anyURI": _any_uri,
}


def language_tag(scalar: Scalar) -> str:
    """A language tag as BCP 47 writes it, roughly; SHACL judges the rest. Raises ValueRefusedError."""
    if scalar.kind != "text" or not _LANGUAGE.fullmatch(scalar.text):
        raise ValueRefusedError("wrong-type", f'"lang" wants a language tag such as en or ja-Hira, not "{scalar.text}"')
    return scalar.text
