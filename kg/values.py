"""From what a curator writes to RDF terms: names, keys, CURIEs, dates, numbers and texts.

A value is read by the range that the ontology gives its property, never by guessing; what does not fit is refused.
Literals have to be in canonical form, since stores rewrite others (``0.10`` becomes ``0.1``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.advice import numbers, record_key, wanted
from kg.characters import look_alike
from kg.labels import Labels
from kg.literals import wants
from kg.ontology import Ontology, Property
from kg.tree import Scalar

LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")
_LABELLED = re.compile(r"(?P<term>\S+)\s+!\s+(?P<label>.+)")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PATH = re.compile(rf"{KEY.pattern}/{KEY.pattern}")
CUT = "is cut short: what follows # is a comment and would be lost; put the text in quotes, or write the comment on a line of its own"


class ValueRefusedError(Exception):
    """A value that does not fit; ``rule`` names why."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


def labelled(text: str) -> tuple[str, str]:
    """What stands before ``!``, and the label after it; all of it and nothing where there is none."""
    match = _LABELLED.fullmatch(text)
    return (match["term"], match["label"]) if match else (text, "")


def did_you_mean(word: str, known: Iterable[str], several: bool = False) -> str:
    """``; did you mean "x"?``, or the words there are where none is near; where ``word`` is many of them, whether ``several`` may stand."""
    known = sorted(known)
    within = [each for each in dict.fromkeys(re.findall(r"[\w-]+", word)) if each in known]
    if len(within) > 1:
        return f"; write a list: [{', '.join(within)}]" if several else f"; only one of them can stand here: {_either(within)}"
    folded = {each.lower(): each for each in reversed(known)}
    near = sorted((-_likeness(word, each), each) for each in difflib.get_close_matches(word.lower(), folded, n=8, cutoff=0.6))
    if near:
        return f"{look_alike(word)}; did you mean {_either(folded[each] for less, each in near if less < near[0][0] + 0.05)}?"
    return look_alike(word) + (f"; known are {', '.join(known)}" if known and len(known) <= 30 else "")


def _likeness(word: str, folded: str) -> float:
    return difflib.SequenceMatcher(None, folded, word.lower()).ratio()


def _either(words: Iterable[str]) -> str:
    *others, last = [f'"{each}"' for each in words]
    return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True)
class Values:
    """Reads scalars, for one dataset: its base IRI, its language, the labels of its terms, and the folders of its shapes.

    ``asked`` tells of which terms the labels were asked for.
    """

    ontology: Ontology
    base: str
    language: str
    labels: Labels
    shapes: tuple[Path, ...] = ()
    asked: dict[str, None] = field(default_factory=dict)

    def read(self, scalar: Scalar, prop: Property, language: str) -> NamedNode | Literal:
        """The term that a scalar stands for. Raises ValueRefusedError."""
        if scalar.kind == "nothing":
            raise ValueRefusedError("no-value", f'"{prop.key}" has no value; write one or remove the key')
        if scalar.cut and not _TEXTS.isdisjoint(prop.ranges):
            raise ValueRefusedError("comment-in-text", CUT)
        if not prop.ranges:
            return self.resource(scalar.text, prop, v.RDFS_RESOURCE)
        refused = []
        for expected in prop.ranges:
            try:
                if expected.value.startswith(v.XSD) or expected == v.RDF_LANG_STRING:
                    return self.literal(scalar, prop.key, expected, language)
                return self.resource(scalar.text, prop, expected)
            except ValueRefusedError as error:
                refused.append(error)
        raise refused[0] if len(refused) == 1 else _none_of(refused)

    def literal(self, scalar: Scalar, key: str, datatype: NamedNode, language: str) -> Literal:
        """A literal of a datatype, in canonical form."""
        if datatype == v.RDF_LANG_STRING:
            return Literal(self._text(scalar, key), language=language)
        if datatype == v.XSD_STRING:
            return Literal(self._text(scalar, key))
        literal = Literal(scalar.text, datatype=datatype)
        other = scalar.kind not in _KINDS.get(datatype, (scalar.kind,))
        if wished := wants(Literal("", datatype=datatype)) if other else wants(literal):
            quotes = " and no quotes" if other and scalar.quoted else ""
            raise ValueRefusedError("wrong-type", f'"{key}" wants {wished}{quotes}, not "{scalar.text}"')
        return literal

    def _text(self, scalar: Scalar, key: str) -> str:
        if scalar.kind != "text":
            raise ValueRefusedError(
                "wrong-type", f'"{key}" wants text, but YAML reads {scalar.text} as {_ARTICLE[scalar.kind]}; put it in quotes'
            )
        return scalar.text

    def resource(self, text: str, prop: Property, expected: NamedNode) -> NamedNode:
        """A resource by own name, record key, CURIE, path below the base IRI, or IRI; the label after ``!`` is compared."""
        written, label = labelled(text)
        iri = self._resource(written, prop, expected)
        if label:
            self.compare(iri, written, label)
        return iri

    def compare(self, iri: NamedNode, written: str, label: str) -> bool:
        """Whether the label of a term, or of that which an accession stands for, is known. Raises ValueRefusedError where it is another."""
        term = self._term_of(iri)
        self.asked[term.value] = None
        own = (self.ontology.label(term),) if term.value.startswith(v.RF) else ()
        known = self.labels.get(term.value, own)
        if known and label not in known:
            raise ValueRefusedError("label-mismatch", f'{written} is "{known[0]}", not "{label}"; mend whichever is wrong')
        return bool(known)

    def _term_of(self, iri: NamedNode) -> NamedNode:
        """The term that the accession of a disease stands for: ``MONDO:0010626`` for ``disease/MONDO_0010626``; else the IRI itself."""
        accession = iri.value.rpartition("/")[2] if iri.value.startswith(self.base) else ""
        term = self.ontology.prefixes.expand(accession.replace("_", ":", 1)) if KEY.fullmatch(accession) else None
        return NamedNode(term) if term else iri

    def _resource(self, text: str, prop: Property, expected: NamedNode) -> NamedNode:
        own = self.ontology.instances.get(expected, {})
        if text in own:
            return own[text]
        if expected in self.ontology.record_paths:
            if not KEY.fullmatch(text):
                sort = self.ontology.label(expected)
                message = f'"{prop.key}" wants the key of the record of a {sort}, such as {record_key(expected, text)}, not "{text}"'
                raise ValueRefusedError("wrong-type", message + look_alike(text))
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
            raise ValueRefusedError("unknown-name", f'"{prop.key}" has no value "{text}"{did_you_mean(text, own, prop.multiple)}')
        hint = look_alike(text) or numbers(text, prop, self.ontology)
        raise ValueRefusedError("unknown-name", f'"{prop.key}" wants {wanted(prop, self.shapes)}, not "{text}"{hint}')

    @staticmethod
    def _iri(text: str) -> NamedNode:
        try:
            return NamedNode(text)
        except ValueError:
            raise ValueRefusedError("wrong-type", f'"{text}" is not an IRI; percent-encode what an IRI cannot hold') from None


def _none_of(refused: list[ValueRefusedError]) -> ValueRefusedError:
    """One message for a value that fits none of several ranges: what each of them wants."""
    wants = [re.search(r"wants (.*?)(?:, not |$)", str(error)) for error in refused]
    key, _, given = str(refused[0]).partition(" wants ")[0], "", str(refused[0]).rpartition(", not ")[2]
    return ValueRefusedError(refused[0].rule, f"{key} wants {' or '.join(match[1] for match in wants if match)}, not {given}")


_TEXTS = {v.RDF_LANG_STRING, v.XSD_STRING}
_KINDS = {v.XSD_INTEGER: ("integer",), v.XSD_DECIMAL: ("integer", "number"), v.XSD_BOOLEAN: ("boolean",)}
_ARTICLE = {"integer": "an integer", "number": "a number", "boolean": "true or false"}


def language_tag(scalar: Scalar) -> str:
    """A language tag as BCP 47 writes it, roughly; SHACL judges the rest. Raises ValueRefusedError."""
    if scalar.kind != "text" or not LANGUAGE.fullmatch(scalar.text):
        raise ValueRefusedError("wrong-type", f'"lang" wants a language tag such as en or ja-Hira, not "{scalar.text}"')
    return scalar.text
