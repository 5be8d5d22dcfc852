"""Properties of reading that hold for whatever is written: canonical values are read as themselves, the rest is refused."""

from __future__ import annotations

import datetime
import json
import string
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

import kg
from kg.formats import N_QUADS
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.places import Places
from kg.prefixes import Prefixes
from kg.records import read_record
from kg.serialize import write
from kg.strict_json_ld import JsonLdError, parse_json_ld
from kg.strict_yaml import parse_tree
from kg.values import Values

RF = "https://w3id.org/rarefacts/vocab#"
XSD = "http://www.w3.org/2001/XMLSchema#"
COMMENT = NamedNode("http://www.w3.org/2000/01/rdf-schema#comment")
MODIFIED = NamedNode("http://purl.org/dc/terms/modified")
BREAKS = "\x85\u2028\u2029"

QUICK = settings(max_examples=300, deadline=None, derandomize=True, database=None)
LONG = settings(QUICK, max_examples=1000)

CONTROLS = [chr(code) for code in [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]]
"""Characters that XML has no way to write."""
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROLS))


@cache
def _ontology() -> Ontology:
    return Ontology.load(ontology_folders())


@cache
def _prefixes() -> Prefixes:
    return _ontology().prefixes


def _quads(*lines: str) -> list[Quad]:
    """The quads of a record of one disease with some lines. Raises UnreadableError."""
    content = "\n".join(["disease: MONDO_9999001", *lines, ""]).encode()
    values = Values(_ontology(), "https://example.org/rare/", "en", {})
    return read_record(parse_tree(content, "ears.yaml"), values, Places())


def _objects(quads: list[Quad], predicate: NamedNode) -> list[Any]:
    return [quad.object for quad in quads if quad.predicate == predicate]


def _is_read(lines: list[str], predicate: NamedNode, expected: Literal) -> bool:
    return _objects(_quads(*lines), predicate) == [expected]


def _is_refused(*lines: str) -> bool:
    try:
        _quads(*lines)
    except kg.UnreadableError:
        return True
    return False


def _quote(text: str) -> str:
    """A YAML double-quoted scalar: what can stand there stands there, the rest is escaped (https://yaml.org/spec/1.2.2/#57-escaped-characters)."""
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and char not in BREAKS:
        return char
    return f"\\U{ord(char):08X}"


def _back(quads: list[Quad], predicate: NamedNode) -> list[Any]:
    """The objects that come back from the N-Quads dump of some quads."""
    dump = write(sorted(quads, key=str), N_QUADS, _ontology())
    return _objects(list(parse(dump, format=RdfFormat.N_QUADS)), predicate)


@QUICK
@given(texts)
def test_any_text_comes_back_from_the_dump(text: str) -> None:
    """A quoted text is the same text in the N-Quads dump, character for character."""
    assert _back(_quads(f"comment: {_quote(text)}"), COMMENT) == [Literal(text, language="en")]


@QUICK
@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters=CONTROLS)))
def test_any_json_string_is_a_text(text: str) -> None:
    """JSON's way to quote, all in ASCII, is understood: YAML 1.2 takes JSON as it is."""
    assert _back(_quads(f"comment: {json.dumps(text)}"), COMMENT) == [Literal(text, language="en")]


@QUICK
@given(st.text(st.characters(min_codepoint=0x10000), min_size=1))
def test_pairs_of_json_escapes_are_read_or_refused(text: str) -> None:
    r"""``\ud83d\udc42``, JSON's way to write U+1F442, is that character or is refused; it never becomes another text."""
    line = f"comment: {json.dumps(text)}"
    assert _is_refused(line) or _is_read([line], COMMENT, Literal(text, language="en"))


@QUICK
@given(st.lists(texts, min_size=1, max_size=3), st.sampled_from(BREAKS))
def test_separators_of_other_standards_are_characters(parts: list[str], separator: str) -> None:
    """Next line, line and paragraph separator are no line breaks in YAML 1.2: they stay in the text, or are refused."""
    text = separator.join(parts)
    line = 'comment: "' + "".join(char if char in BREAKS else _escape(char) for char in text) + '"'
    assert _is_refused(line) or _is_read([line], COMMENT, Literal(text, language="en"))


@QUICK
@given(st.text(st.characters(categories=["Cs"]) | st.sampled_from(CONTROLS), min_size=1, max_size=3), texts)
def test_what_is_no_character_is_refused(unfit: str, text: str) -> None:
    """A surrogate is no character, a control character none of a text; a text with one is refused, whichever key it stands under."""
    quoted = '"' + "".join(f"\\u{ord(char):04X}" for char in unfit) + "".join(map(_escape, text)) + '"'
    facts = [f"phenotype: {{ears: {{feature: {quoted}}}}}", f"phenotype: {{ears: {{evidence: {{source: page-one, locator: {quoted}}}}}}}"]
    for line in [f"comment: {quoted}", f"lang: {quoted}", f"{quoted}: ears", f"curator: {quoted}", *facts]:
        assert _is_refused(line), line


@QUICK
@example(">")
@example("|")
@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1))
def test_a_plain_word_is_itself_or_refused(text: str) -> None:
    """Without quotes, too, a word is read as it stands or refused; YAML never makes another text of it."""
    try:
        found = _objects(_quads(f"comment: {text}"), COMMENT)
    except kg.UnreadableError:
        return
    assert found == [Literal(text, language="en")]


@QUICK
@given(st.integers())
def test_a_canonical_integer_is_itself(number: int) -> None:
    """Every integer as Python writes it is that xsd:integer."""
    lines = [f"phenotype: {{ears: {{total: {number}}}}}"]
    assert _is_read(lines, NamedNode(f"{RF}total"), Literal(str(number), datatype=NamedNode(f"{XSD}integer")))


def _canonical(number: Decimal) -> str:
    """The canonical form of XSD 1.1 (https://www.w3.org/TR/xmlschema11-2/#f-decimalCanmap): no point for a whole number."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


@QUICK
@given(st.decimals(allow_nan=False, allow_infinity=False, places=12) | st.decimals(min_value=-100, max_value=100, places=2))
@example(Decimal("-0.5"))
@example(Decimal("0.000000000001"))
def test_a_canonical_decimal_is_itself(number: Decimal) -> None:
    """Every decimal in canonical form is that xsd:decimal."""
    lines = [f"phenotype: {{ears: {{percentage: {_canonical(number)}}}}}"]
    assert _is_read(lines, NamedNode(f"{RF}percentage"), Literal(_canonical(number), datatype=NamedNode(f"{XSD}decimal")))


@QUICK
@given(st.text("+-.0123456789_eExob:", min_size=1))
def test_a_number_is_canonical_or_refused(text: str) -> None:
    """Whatever looks like a number is read as written in canonical form, or refused."""
    line = f"phenotype: {{ears: {{percentage: {text}}}}}"
    if not _is_refused(line):
        [found] = _objects(_quads(line), NamedNode(f"{RF}percentage"))
        assert (found.value, _canonical(Decimal(text))) == (text, text)


@QUICK
@given(st.dates())
def test_a_date_is_itself(date: datetime.date) -> None:
    """Every day from the year 1 on is that xsd:date."""
    text = date.isoformat()
    assert _is_read([f"modified: {text}"], MODIFIED, Literal(text, datatype=NamedNode(f"{XSD}date")))


@QUICK
@given(st.text(string.digits + "-", min_size=8, max_size=11) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True))
def test_what_is_no_day_is_refused(text: str) -> None:
    """A date that no calendar has is refused."""
    try:
        is_day = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    assert _is_refused(f"modified: {text}") is not is_day


@QUICK
@given(st.booleans() | st.sampled_from(["True", "TRUE", "yes", "NO", "on", "off", "y", "1", "0", '"true"', "!!bool true"]))
def test_only_true_and_false_are_booleans(word: bool | str) -> None:
    """The words that YAML 1.1 took for booleans are refused."""
    text = json.dumps(word) if isinstance(word, bool) else word
    assert _is_refused(f"phenotype: {{ears: {{negated: {text}}}}}") is isinstance(word, str)


_MARKS = ["a", "b: ", "- ", "? ", "[", "]", "{", "}", ", ", "'", '"', "|", ">-", "#", "&a ", "*a", "!!str ", "!<x> ", "\\", "~", "0x", "1_"]
_ESCAPES = ["\\UFFFFFFFF", "\\uD800", "\\x", "<<"]
_LINES = ["\n", "\n  ", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n", " ", "\t", "\r", "\x85", "\u2028", "\ufeff", "\x00"]
_pieces = st.sampled_from([*_MARKS, *_ESCAPES, *_LINES])


@LONG
@given(st.binary(max_size=200) | st.lists(_pieces, max_size=30).map("".join).map(str.encode))
@example(b'"\\UFFFFFFFF"')
@example(b"\xff\xfe-\x00")
@example(b"%YAML 1.99999999999999999999\n---\n")
def test_any_bytes_are_a_tree_or_unreadable(content: bytes) -> None:
    """Reading YAML ends in a tree or in problems with their places; nothing else is ever raised."""
    try:
        parse_tree(content, "ears.yaml")
    except kg.UnreadableError as error:
        assert error.problems
        lines = content.decode("utf-8", errors="replace").count("\n") + content.count(b"\r") + 2
        assert all(problem.reading and 1 <= problem.place.line <= lines for problem in error.problems)


_KEYS = ["@id", "@type", "@value", "@language", "@graph", "@list", "@set", "@reverse", "@index", "@nest", "@included", "@none", "@ears"]
_OF_CONTEXTS = ["@context", "@base", "@vocab", "@container", "@prefix", "@propagate", "@protected", "@version", "@direction", "@import"]
_NAMES = ["ears", "http://example.org/ears", "ex:ears", "_:ears", "", "1.1", "@json", "http://example.org/blue ears", "\ud800"]
_words = st.sampled_from([*_KEYS, *_OF_CONTEXTS, *_NAMES])
_leaves = st.none() | st.booleans() | st.integers() | st.floats() | _words | st.text(st.characters(), max_size=4)
_json = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words | st.text(max_size=2), inner, max_size=4), max_leaves=12
)


@LONG
@given(_json)
@example("\ud800")
@example({"@id": "http://example.org/ears", "http://example.org/p": "\ud800"})
def test_any_json_is_quads_or_refused(document: Any) -> None:
    """Reading JSON-LD ends in quads or in a reason; nothing else is ever raised."""
    with suppress(JsonLdError, SyntaxError):
        parse_json_ld(json.dumps(document).encode(), "https://example.org/rare/")


@LONG
@given(st.binary(max_size=60) | st.text('{}[]",:@id0123.eE+-\\u ', max_size=60).map(str.encode))
@example(b'{"@id": "http://example.org/ears", "http://example.org/p": ' + b"1" * 5000 + b"}")
def test_any_bytes_are_quads_or_refused(content: bytes) -> None:
    """What is not even JSON is refused in the same way."""
    with suppress(JsonLdError, SyntaxError):
        parse_json_ld(content, "https://example.org/rare/")


@QUICK
@given(_json)
@example({"@value": "Ears", "@type": "ears"})
@example({"@id": "ears", "@type": "ears"})
def test_no_word_of_ours_gets_into_the_data(document: Any) -> None:
    """The names that the strict reader makes up to find what JSON-LD would drop never come out of it."""
    try:
        quads = parse_json_ld(
            json.dumps({"@id": "http://example.org/ears", "http://example.org/p": document}).encode(), "https://example.org/"
        )
    except (JsonLdError, SyntaxError, UnicodeError, AttributeError):  # what else may be raised is another test's matter
        return
    assert [str(quad) for quad in quads if "urn:kg:" in str(quad) and "urn:kg:" not in json.dumps(document)] == []


_locals = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.from_regex(r"[0-9A-Z_.:/#-]{1,10}", fullmatch=True)


@LONG
@given(st.deferred(lambda: st.sampled_from(sorted(_prefixes().namespaces.values()))), _locals)
def test_what_is_contracted_expands_to_the_same(namespace: str, local: str) -> None:
    """A CURIE that kg writes means the IRI it was written for."""
    curie = _prefixes().contract(namespace + local)
    assert curie is None or _prefixes().expand(curie) == namespace + local


@QUICK
@given(st.deferred(lambda: st.sampled_from(sorted(_prefixes().namespaces))), st.from_regex(r"[0-9]{1,7}", fullmatch=True))
def test_a_curie_is_contracted_as_it_was_written(prefix: str, number: str) -> None:
    """No prefix hides another: an identifier that is expanded and contracted again has the prefix it had."""
    expanded = _prefixes().expand(f"{prefix}:{number}")
    assert expanded is not None
    assert _prefixes().contract(expanded) == f"{prefix}:{number}"
