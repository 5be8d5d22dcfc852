"""The gate's reports are those of pySHACL over the whole graph: for any shapes, for any data, and for what engines see differently."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import Graph

import kg.core
from kg.candidates import candidates, data_of
from kg.compiled import compile_shapes, explain
from kg.core import report_of, reports, whole_graph
from kg.judge import Result, results_of
from kg.layout import shapes_folders
from kg.lookup import Lookup
from kg.regexes import means_the_same
from kg.searches import Data
from kg.shapes import load_shapes, to_rdflib

EX, XSD = "http://example.org/", "http://www.w3.org/2001/XMLSchema#"
PREFIXES = f"""@prefix ex: <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <{XSD}> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
TARGETS = [
    "sh:targetClass ex:C", "sh:targetClass ex:D", "sh:targetClass ex:C , ex:E", "sh:targetSubjectsOf ex:p", "sh:targetObjectsOf ex:p",
    "sh:targetObjectsOf ex:q", "sh:targetNode ex:a", 'sh:targetNode ex:gone , "x"', "a rdfs:Class", "a owl:Class ; sh:targetNode ex:b",
]  # fmt: skip
PATHS = [
    "ex:p", "ex:q", "rdf:type", "[ sh:inversePath ex:p ]", "[ sh:alternativePath ( ex:p ex:q ) ]",
    "[ sh:alternativePath ( ex:q [ sh:inversePath ex:p ] ) ]", "[ sh:inversePath [ sh:alternativePath ( ex:p ex:q ) ] ]",
    "( ex:p ex:q )", "[ sh:zeroOrMorePath ex:p ]",
]  # fmt: skip
OF_VALUES = [
    "sh:nodeKind sh:IRI", "sh:nodeKind sh:Literal", "sh:nodeKind sh:BlankNode", "sh:nodeKind sh:BlankNodeOrIRI",
    "sh:nodeKind sh:IRIOrLiteral", "sh:nodeKind sh:BlankNodeOrLiteral",
    "sh:class ex:C", "sh:class ex:D", "sh:class ex:C , ex:D",
    *(f"sh:datatype xsd:{name}" for name in ("string", "integer", "decimal", "date", "boolean", "double", "dateTime", "anyURI", "gYear")),
    "sh:datatype rdf:langString", "sh:datatype rdfs:Literal", "sh:datatype ex:dt",
    'sh:in ( ex:a ex:b )', 'sh:in ( 1 1.0 true "x" )', 'sh:in ( "x"@en "1"^^xsd:decimal ex:c )', 'sh:in ( "2020-01-01"^^xsd:date "y"@DE )', "sh:in ()",
    'sh:pattern "^[a-c]"', 'sh:pattern "x$"', 'sh:pattern "^.$"', 'sh:pattern "K" ; sh:flags "i"', 'sh:pattern "\\\\d"', 'sh:pattern "^\\\\S*$"',
    'sh:pattern "[^a]$" ; sh:flags "m"', 'sh:pattern "^https?://example[.]org/[ab]"', 'sh:pattern "a" , "b"', 'sh:pattern "^(a|b.){1,2}c?$"',
    "sh:minLength 1", "sh:minLength 0", "sh:minLength 3", "sh:maxLength 1", "sh:maxLength 0", "sh:maxLength 19",
    "sh:minInclusive 1", "sh:minExclusive 1", "sh:maxInclusive 1.5", "sh:maxExclusive 2", "sh:minInclusive -1.0 , 1", "sh:maxInclusive 1e2",
    'sh:maxInclusive "2020-01-31"^^xsd:date', 'sh:minExclusive "2020-01-01"^^xsd:date', 'sh:minInclusive "b"', 'sh:minInclusive "2020"^^xsd:gYear',
    'sh:languageIn ( "en" )', 'sh:languageIn ( "de" "fr" )', 'sh:languageIn ( "EN-gb" "*" )', 'sh:languageIn ( "en-GB" )',
    "sh:hasValue ex:a", "sh:hasValue 1.0", "sh:hasValue 1", 'sh:hasValue "x"@en , ex:b',
]  # fmt: skip
OF_PROPERTIES = [
    *(f"sh:minCount {n}" for n in range(4)), *(f"sh:maxCount {n}" for n in range(4)), "sh:uniqueLang true", "sh:uniqueLang false",
    "sh:equals ex:q", "sh:equals rdf:type", "sh:disjoint ex:q", "sh:disjoint ex:p , ex:q", "sh:lessThan ex:q", "sh:lessThanOrEquals ex:q",
]  # fmt: skip
OF_NODES = ["sh:closed true", "sh:closed true ; sh:ignoredProperties ( rdf:type ex:q )", "sh:closed false", "sh:property ex:Shared", "sh:deactivated true"]
WITHOUT_QUERY = [
    "sh:node ex:Shared", "sh:not [ sh:class ex:C ]", "sh:or ( [ sh:class ex:C ] [ sh:nodeKind sh:Literal ] )",
    "sh:property [ sh:path ex:q ; sh:minCount 1 ]", "sh:qualifiedValueShape [ sh:class ex:C ] ; sh:qualifiedMinCount 1",
]  # fmt: skip
SHARED = "ex:Shared a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:message \"shared\" .\n"
WORDS = ["", "x", "abc", "a\n", "Kelvin", "\u212a", "\uff12", "b\u00e9", "7", " "]
TYPED = [
    *((text, "integer") for text in ("1", "01", "2", "-1", "x", "1.0", "100000000000000000000")), *((text, "decimal") for text in ("1", "1.0", "1.5", "0.1", "")),
    *((text, "date") for text in ("2020-01-01", "2020-01-31", "2020-02-30", "2020-01-01Z", "0000-01-01", "12020-01-01", "2020")), ("2020", "gYear"),
    ("2020-01-01T00:00:00Z", "dateTime"), ("true", "boolean"), ("1", "boolean"), ("yes", "boolean"), ("x y", "anyURI"), ("x", "token"), ("x", "string"),
    *((text, "double") for text in ("1", "1.0E2", "INF", "NaN", "x")), ("1", "nonNegativeInteger"), ("-1", "nonNegativeInteger"), ("PT1H", "duration"),
]  # fmt: skip
TAGGED = [("x", "en"), ("x", "EN"), ("y", "en"), ("y", "de"), ("x", "en-GB"), ("z", "en-gb"), ("", "fr")]
NODES: list[Any] = [*(NamedNode(EX + name) for name in "abc"), BlankNode("b1"), BlankNode("b2")]
VALUES: list[Any] = [
    *NODES, *map(Literal, WORDS), *(Literal(text, datatype=NamedNode(XSD + name)) for text, name in TYPED),
    *(Literal(text, language=tag) for text, tag in TAGGED), Literal("x", datatype=NamedNode(EX + "dt")),
]  # fmt: skip
CLASSES = [NamedNode(EX + name) for name in ("C", "D", "E", "F", "S0", "S1")]
RDF_TYPE, BELOW = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")


@st.composite
def shapes_graphs(draw: st.DrawFn) -> str:
    """One to three shapes, in Turtle: of nodes or of properties, with most of what SHACL Core has."""
    texts = [PREFIXES, SHARED]
    for number in range(draw(st.integers(1, 3))):
        parts = draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2, unique=True))
        if draw(st.integers(0, 3)) == 0:
            parts += ["a sh:PropertyShape", f"sh:path {draw(st.sampled_from(PATHS))}", *draw(_constraints(OF_VALUES + OF_PROPERTIES))]
        else:
            parts += ["a sh:NodeShape", *draw(_constraints(OF_VALUES, 0, 1)), *draw(_constraints(OF_NODES, 0, 2))]
            for path in draw(st.lists(st.sampled_from(PATHS), max_size=2)):
                inner = draw(_constraints(OF_VALUES + OF_PROPERTIES))
                parts.append(f"sh:property [ sh:path {path} ; {' ; '.join(inner)} ]")
        if draw(st.integers(0, 9)) == 0:
            parts.append(draw(st.sampled_from(WITHOUT_QUERY)))
        if draw(st.booleans()):
            parts.append('sh:message "said"')
        texts.append(f"ex:S{number} {' ; '.join(dict.fromkeys(parts))} .\n")
    return "".join(texts)


def _constraints(pool: list[str], least: int = 1, most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), min_size=least, max_size=most, unique_by=lambda text: text.split()[0])


_TRIPLES = st.one_of(
    st.tuples(st.sampled_from(NODES), st.just(RDF_TYPE), st.sampled_from(CLASSES)),
    *[st.tuples(st.sampled_from(NODES), st.sampled_from([NamedNode(EX + "p"), NamedNode(EX + "q")]), st.sampled_from(VALUES))] * 3,
    st.tuples(st.sampled_from(CLASSES), st.just(BELOW), st.sampled_from(CLASSES)),
)
_DATA = st.lists(_TRIPLES, max_size=12)


def _shapes(text: str) -> Graph:
    graph = Graph()
    for triple in to_rdflib(quad.triple for quad in parse(text, format=RdfFormat.TURTLE)):
        graph.add(triple)
    return graph


def _store(triples: list[tuple[Any, Any, Any]]) -> Store:
    store = Store()
    store.extend(Quad(*triple, NamedNode(f"{EX}g{number % 2}")) for number, triple in enumerate(triples))
    return store


def _verdicts(run: Any) -> Counter[Result] | type[Exception]:
    """The results; terms that pySHACL lists in a message of its own stand there in an order of chance."""
    stringify_blank_node.dict_cache.clear()  # pySHACL keeps texts of blank nodes by the address of a graph that may be gone
    try:
        found = [result for report in run() for result in results_of(report)]
        return Counter(replace(result, message=" ".join(sorted(re.findall(r"[^\s,()'\[\]]+", result.message)))) for result in found)
    except Exception as error:  # noqa: BLE001
        return type(error)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """rdflib logs each ill-typed literal, pySHACL each shape that it finds odd."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


COMBINATIONS: list[int] = []


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(shapes_graphs(), min_size=2, max_size=2), st.lists(_DATA, min_size=2, max_size=2))
def test_the_report_is_that_of_pyshacl_over_the_whole_graph(texts: list[str], data: list[list[tuple[Any, Any, Any]]]) -> None:
    """For any shapes and any data the results are the same: each with focus node, path, value, shape, component, severity and message."""
    for text in texts:
        for triples in data:
            shapes, store = _shapes(text), _store(triples)
            assert _verdicts(lambda: reports(shapes, store)) == _verdicts(lambda: [report_of(whole_graph(store), shapes)]), text
