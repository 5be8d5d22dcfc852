"""What SHACL Core demands of a single value, as a SPARQL expression that is true only where the value is surely right.

Each expression errs on one side: where Oxigraph might see a value otherwise than pySHACL (other regular expressions,
numbers and dates that it cannot compare, forms of literals that it does not know), it is not true, and pySHACL judges.
Literals are compared by their written form, since the store takes ``1.0`` and ``1`` for one value and pySHACL for two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pyoxigraph
from rdflib import Literal, URIRef
from rdflib.namespace import RDF, SH, XSD
from rdflib.term import Node

from kg.lookup import Lookup
from kg.regexes import means_the_same

NEVER: Final = "false"
_WHOLE: Final = "^-?[0-9]{1,15}$"
_FRACTION: Final = "^-?[0-9]{1,15}([.][0-9]{1,15})?$"
_DAY: Final = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$"
# Written so, a literal is one of its datatype in any engine; the year of an ill-typed date is an error.
_FORMS: Final[Mapping[URIRef, str]] = {
    XSD.integer: f'REGEX(STR(?_), "{_WHOLE}")',
    XSD.decimal: f'REGEX(STR(?_), "{_FRACTION}")',
    XSD.double: f'REGEX(STR(?_), "{_FRACTION}")',
    XSD.float: f'REGEX(STR(?_), "{_FRACTION}")',
    XSD.boolean: 'STR(?_) IN ("true", "false")',
    XSD.date: f'REGEX(STR(?_), "{_DAY}") && YEAR(?_) > 0',
    XSD.anyURI: "true",
    XSD.string: "true",
    RDF.langString: 'LANG(?_) != ""',
}
_KINDS: Final[Mapping[Node, str]] = {
    SH.IRI: "isIRI(?_)",
    SH.Literal: "isLiteral(?_)",
    SH.BlankNode: "isBlank(?_)",
    SH.BlankNodeOrIRI: "!isLiteral(?_)",
    SH.BlankNodeOrLiteral: "!isIRI(?_)",
    SH.IRIOrLiteral: "!isBlank(?_)",
}


class NotCompiledError(Exception):
    """A shape that has to be judged by pySHACL over the whole graph, and why."""


def iri(node: Node) -> str:
    """An IRI as SPARQL writes it. Raises NotCompiledError where it is none."""
    if not isinstance(node, URIRef):
        raise NotCompiledError(f"{node} stands where an IRI is wanted")
    return str(pyoxigraph.NamedNode(str(node)))


def text(value: str) -> str:
    """A string as SPARQL writes it."""
    return str(pyoxigraph.Literal(value))


def same(value: str, node: Node) -> str:
    """That a value is this very term: an IRI, or a literal in this very form."""
    if isinstance(node, URIRef):
        return f"{value} = {iri(node)}"
    if not isinstance(node, Literal):
        raise NotCompiledError("a blank node cannot be searched for")
    language = node.language or ""
    datatype = RDF.langString if language else node.datatype or XSD.string
    return f"STR({value}) = {text(str(node))} && DATATYPE({value}) = {iri(datatype)} && LANG({value}) = {text(language)}"


def either(expressions: Iterable[str]) -> str:
    """That one of the expressions is true; an error in one of them does not hide another."""
    return " || ".join(f"COALESCE({each}, false)" for each in expressions) or NEVER


def _in(value: str, head: Node, shapes: Lookup, _: Node) -> str:
    items = listed(shapes, head)
    iris = [iri(item) for item in items if isinstance(item, URIRef)]
    return either([f"{value} IN ({', '.join(iris)})"] * bool(iris) + [same(value, item) for item in items if not isinstance(item, URIRef)])


def listed(shapes: Lookup, head: Node) -> list[Node]:
    """The members of a list. Raises NotCompiledError where it is none."""
    items, seen = [], set()
    while head != RDF.nil:
        firsts, rests = shapes.objects(head, RDF.first), shapes.objects(head, RDF.rest)
        if len(firsts) != 1 or len(rests) != 1 or head in seen:
            raise NotCompiledError("a list is not well formed")
        items.append(firsts[0])
        seen.add(head)
        head = rests[0]
    return items


def is_never(expression: str) -> bool:
    """Whether a condition holds of no value, so that pySHACL judges each."""
    return expression.rpartition(" && ")[2] == NEVER


def _about(value: str, expression: str) -> str:
    return expression.replace("?_", value)


def _datatype(value: str, datatype: Node, _: Lookup, __: Node) -> str:
    if not isinstance(datatype, URIRef):
        raise NotCompiledError("sh:datatype is no IRI")
    return f"DATATYPE({value}) = {iri(datatype)} && {_about(value, _FORMS.get(datatype, NEVER))}"


def _node_kind(value: str, kind: Node, _: Lookup, __: Node) -> str:
    return _about(value, _KINDS.get(kind, NEVER))


def _pattern(value: str, pattern: Node, shapes: Lookup, shape: Node) -> str:
    flags = [str(flag) for flag in shapes.objects(shape, SH.flags)]
    if not isinstance(pattern, Literal) or pattern.datatype not in (None, XSD.string) or len(flags) > 1:
        raise NotCompiledError("sh:pattern is no text, or has several sh:flags")
    if not means_the_same(str(pattern), "".join(flags)):
        return NEVER
    ascii_only = f' && !REGEX(STR({value}), "[^ -~]")' if flags else ""
    return f"REGEX(STR({value}), {text(str(pattern))}, {text(''.join(flags))}){ascii_only}"


def _length(sign: str) -> Callable[[str, Node, Lookup, Node], str]:
    return lambda value, length, *_: f"STRLEN(STR({value})) {sign} {whole(length)}"


def whole(number: Node) -> int:
    """A whole number that is not negative. Raises NotCompiledError where it is none."""
    if not isinstance(number, Literal) or number.datatype != XSD.integer or not str(number).isdecimal():
        raise NotCompiledError(f"{number} stands where a whole number is wanted")
    return int(number)


def comparable(left: str, right: str) -> str:
    """That two values are numbers, or days, which all engines compare alike."""
    numbers = " && ".join(f"({either(_plain_number(each))})" for each in (left, right))
    days = " && ".join(f"DATATYPE({each}) = {iri(XSD.date)} && {_about(each, _FORMS[XSD.date])}" for each in (left, right))
    return either([numbers, days])


def _plain_number(value: str) -> list[str]:
    return [f"DATATYPE({value}) = {iri(kind)} && {_about(value, _FORMS[kind])}" for kind in (XSD.integer, XSD.decimal)]


def _range(sign: str) -> Callable[[str, Node, Lookup, Node], str]:
    def expression(value: str, bound: Node, *_: object) -> str:
        if not isinstance(bound, Literal) or bound.language:
            raise NotCompiledError("a bound is no literal")
        if bound.datatype not in (XSD.integer, XSD.decimal, XSD.date):
            return NEVER
        limit = str(pyoxigraph.Literal(str(bound), datatype=pyoxigraph.NamedNode(str(bound.datatype or XSD.string))))
        return f"({comparable(value, limit)}) && {value} {sign} {limit}"

    return expression


def _language_in(value: str, head: Node, shapes: Lookup, _: Node) -> str:
    ranges = [str(item) for item in listed(shapes, head)]
    if not all(isinstance(item, Literal) for item in listed(shapes, head)):
        raise NotCompiledError("sh:languageIn lists what is no text")
    tags = ", ".join(text(each.lower()) for each in ranges)
    found = f'(LCASE(LANG({value})) IN ({tags}) || STRBEFORE(CONCAT(LCASE(LANG({value})), "-"), "-") IN ({tags}))'
    return f'LANG({value}) != "" && {found}' if "*" not in ranges else f'LANG({value}) != ""'


CONDITIONS: Final[Mapping[URIRef, Callable[[str, Node, Lookup, Node], str]]] = {
    SH["in"]: _in,
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.pattern: _pattern,
    SH.minLength: _length(">="),
    SH.maxLength: _length("<="),
    SH.minInclusive: _range(">="),
    SH.minExclusive: _range(">"),
    SH.maxInclusive: _range("<="),
    SH.maxExclusive: _range("<"),
    SH.languageIn: _language_in,
}
