"""The gate's reports are those of pySHACL over the whole graph: for any shapes, for any data, and for what engines see differently."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import Graph
from rdflib.namespace import SH

import kg
import kg.core
from kg.candidates import data_of
from kg.compiled import compile_shapes, lines_of
from kg.conditions import CONDITIONS, text
from kg.core import report_of, reports, whole_graph
from kg.judge import Result, results_of
from kg.layout import shapes_folders
from kg.lookup import Lookup
from kg.regexes import means_the_same
from kg.searches import TOGETHER, Data
from kg.shapes import DERIVED, ONTOLOGY, load_shapes, to_rdflib
from kg.vocabulary import local_name
from tests.combinations import EX, NODES, PREFIXES, TEXTS, XSD, data_graph, shapes_graph


def _shapes(text: str) -> Graph:
    graph = Graph()
    for triple in to_rdflib(quad.triple for quad in parse(text, format=RdfFormat.TURTLE)):
        graph.add(triple)
    return graph


def _store(triples: list[tuple[Any, Any, Any]]) -> Store:
    store = Store()
    store.extend(Quad(*triple, NamedNode(f"{EX}g{number % 2}")) for number, triple in enumerate(triples))
    return store


_GONE_ROUND = "recursion.too.deep"
_BETWEEN = re.compile(r"(?:[\s,()'\[\]]|->)+")
"""What stands between the terms of a message."""


def _verdicts(found: Iterable[Graph]) -> Counter[Result] | None:
    """The results; in pySHACL's own messages terms stand in an order of chance, and blank nodes that go round end somewhere.

    None where pySHACL fails; by which of several faults is of chance as well.
    """
    try:
        results = [result for report in found for result in results_of(report)]
        return Counter(replace(each, message=" ".join(sorted(set(_BETWEEN.split(each.message))))) for each in results)
    except Exception:  # of whatever type: pySHACL ends in many, and which one is of chance; both sides have to end so, or the test fails
        return None


def _same(one: Counter[Result] | None, other: Counter[Result] | None) -> bool:
    """Whether results are the same; but for messages, where pySHACL gave up on blank nodes that go round: how far it came is of chance."""
    if one is None or other is None or not any(_GONE_ROUND in result.message for result in [*one, *other]):
        return one == other
    return Counter(replace(each, message="") for each in one.elements()) == Counter(replace(each, message="") for each in other.elements())


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """rdflib logs each ill-typed literal, pySHACL each shape that it finds odd."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@settings(max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=True))
def test_the_report_is_that_of_pyshacl_over_the_whole_graph(random: Random) -> None:
    """For any shapes and any data, 2,000 pairs, the results are the same: nodes, path, shape, component, severity, message."""
    texts, data = [shapes_graph(random) for _ in range(2)], [data_graph(random) for _ in range(2)]
    for said, triples in product(texts, data):
        shapes, store = _shapes(said), _store(triples)
        assert _same(_verdicts(reports(shapes, store)), _verdicts(map(report_of, [whole_graph(store)], [shapes]))), f"{said}\n{triples}"


def test_messages_are_of_the_graph_that_is_judged() -> None:
    """What pySHACL has said of a blank node is not said of that of another graph, which may lie where the first one lay."""
    data, shapes = whole_graph(_store([])), _shapes("")
    stringify_blank_node.dict_cache[id(data), "b"] = "[ ex:p 1 ]"
    report_of(data, shapes)
    assert stringify_blank_node.dict_cache == {}


def test_what_is_generated_breaks_every_constraint() -> None:
    """Most pairs have shapes with queries and results to compare, and every component of SHACL Core that has queries reports some."""
    random, components, kinds = Random(1), Counter[str](), Counter[str]()  # noqa: S311 (data for a test)
    for _ in range(400):
        shapes, store = _shapes(shapes_graph(random)), _store(data_graph(random))
        verdicts = _verdicts(map(report_of, [whole_graph(store)], [shapes]))
        kinds["failing" if verdicts is None else "with" if verdicts else "without"] += 1
        kinds["whole" if compile_shapes(Lookup(shapes), data_of(store)).whole else "compiled"] += 1
        components.update(result.component.rpartition("#")[2] for result in verdicts or ())
    assert kinds["with"] > 200 and kinds["compiled"] > 200 and kinds["failing"] < 40, kinds
    compiled = [*CONDITIONS, *TOGETHER, SH["class"], SH.hasValue, SH.closed]
    expected = {f"{name[0].upper()}{name[1:]}ConstraintComponent" for name in (local_name(str(each)) for each in compiled)}
    assert expected - components.keys() == set(), components


TRAPS: list[tuple[Any, ...]] = [
    ("sh:datatype xsd:date", Literal("2020-02-30", datatype=NamedNode(XSD + "date"))),
    ("sh:datatype xsd:integer", Literal("abc", datatype=NamedNode(XSD + "integer"))),
    ("sh:datatype xsd:boolean", Literal("yes", datatype=NamedNode(XSD + "boolean"))),
    ("sh:datatype xsd:string", Literal("x", language="en")),
    ("sh:datatype rdf:langString", Literal("x")),
    ("sh:in ( 1.0 )", Literal("1.0", datatype=NamedNode(XSD + "decimal"))),
    ("sh:in ( 1 )", Literal("1", datatype=NamedNode(XSD + "decimal"))),
    ("sh:hasValue 1.0", Literal("1.0", datatype=NamedNode(XSD + "decimal"))),
    ("sh:in ( \"x\"@en )", Literal("x")),
    ("sh:in ()", NamedNode(EX + "a")),
    ("sh:minLength 1", BlankNode("b1")),
    ("sh:pattern \"\"", BlankNode("b1")),
    ("sh:pattern \"^\\\\S$\"", Literal("\x1c")),
    ("sh:pattern \"^[[:alpha:]]$\"", Literal("b")),
    ("sh:pattern \"^[^a-z&&x]$\"", Literal("y")),
    ('sh:pattern "^.$" ; sh:flags "s"', Literal("\n")),
    ('sh:pattern "a b" ; sh:flags "x"', Literal("ab")),
    ("sh:maxLength 1", Literal("\U0001f9ec\u0301")),
    ("sh:minInclusive 1", Literal("1", datatype=NamedNode(XSD + "string"))),
    ("sh:minInclusive 1", Literal("x", datatype=NamedNode(XSD + "integer"))),
    ("sh:minInclusive 1", Literal("NaN", datatype=NamedNode(XSD + "double"))),
    ('sh:minInclusive "2020"^^xsd:gYear', Literal("2021", datatype=NamedNode(XSD + "gYear"))),
    ("sh:maxExclusive 9007199254740993", Literal("9007199254740993", datatype=NamedNode(XSD + "integer"))),
    ("sh:languageIn ( \"en\" )", Literal("x", language="eng")),
    ("sh:class ex:C", Literal("x")),
    ("sh:closed true", Literal("x")),
    ("sh:maxCount 1", Literal("1", datatype=NamedNode(XSD + "integer")), Literal("1", datatype=NamedNode(XSD + "decimal"))),
    ("sh:maxCount 1", Literal("x", datatype=NamedNode(EX + "dt")), Literal("y", datatype=NamedNode(EX + "dt"))),
    ("sh:maxCount 2", Literal("1"), Literal("1", datatype=NamedNode(XSD + "decimal")), Literal("1", datatype=NamedNode(XSD + "integer"))),
    ("sh:minCount 3", Literal("x"), Literal("y")),
    ("sh:uniqueLang true", Literal("x", language="en"), Literal("y", language="en")),
    ("sh:uniqueLang true", Literal("x", language="en-GB"), Literal("z", language="en-gb")),
    ("sh:equals ex:q", Literal("x")),
    ("sh:lessThan ex:p", Literal("x", language="en")),
    ("sh:lessThanOrEquals ex:p", Literal("1", datatype=NamedNode(XSD + "decimal")), Literal("2", datatype=NamedNode(XSD + "integer"))),
    ("sh:disjoint ex:p", NamedNode(EX + "a")),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")  # Python says of sets in sets that it will read them otherwise one day
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: " ".join(map(str, trap))[:60])
def test_what_engines_see_differently_is_not_missed(trap: tuple[Any, ...]) -> None:
    """Ill-typed literals, forms that the store rewrites, other regular expressions: what pySHACL reports is found and reported."""
    constraint, *values = trap
    judged = constraint if constraint.startswith("sh:closed") else f"sh:property [ sh:path ex:p ; {constraint} ]"
    shapes, store = _shapes(f"{PREFIXES}ex:S a sh:NodeShape ; sh:targetNode ex:gone ; sh:targetSubjectsOf ex:p ; {judged} ."), Store()
    store.extend(Quad(NamedNode(EX + "s"), NamedNode(EX + "p"), value) for value in values)
    plan = compile_shapes(Lookup(shapes), data_of(store))
    expected = [result for result in results_of(report_of(whole_graph(store), shapes)) if result.focus == EX + "s"]
    assert plan.whole == {} and expected != []
    assert [result for report in reports(shapes, store) for result in results_of(report) if result.focus == EX + "s"] == expected


PATTERNS = st.text("ab1 .^$|()[]{}?*+-\\,&~dwsSbAZ:=!<iP\u00e9", max_size=9)
SEARCHED = [*TEXTS, *"aAdP&-\n\x1c\u0131", "ab", "b1", "aab", "a-b", "a b", "a\nb", "[a]", "{1}", "a{,2}"]


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@settings(max_examples=800, deadline=None, derandomize=True, database=None)
@given(PATTERNS, st.sampled_from(["", "i"]))
def test_what_matches_in_rust_matches_in_python(pattern: str, flags: str) -> None:
    """Where a pattern is taken to mean the same, Python reads it, and finds it in every text in which Oxigraph finds it."""
    if not means_the_same(pattern, flags):
        return
    python = re.compile(pattern, re.IGNORECASE if flags else 0)
    query = f"SELECT ?text {{ VALUES ?text {{ {' '.join(map(text, SEARCHED))} }} FILTER(REGEX(?text, {text(pattern)}, {text(flags)})) }}"
    answer = Store().query(query)
    assert isinstance(answer, QuerySolutions)
    found = [solution["text"].value for solution in answer]
    assert [each for each in found if not python.search(each) and (each.isascii() or not flags)] == []


def test_the_patterns_of_the_shapes_are_searched_with() -> None:
    """Every pattern of kg's own shapes means the same to both engines, so that no value is judged for nothing."""
    patterns = {str(pattern) for pattern in load_shapes(shapes_folders()).core.objects(None, SH.pattern)}
    assert len(patterns) > 5
    assert [pattern for pattern in patterns if not means_the_same(pattern)] == []


def test_all_shapes_of_kg_are_compiled() -> None:
    """None of kg's own shapes is judged over the whole graph, or at every value."""
    for stage in (None, DERIVED, ONTOLOGY):
        plan = compile_shapes(Lookup(load_shapes(shapes_folders(), stage).core), Data(lambda cls: (cls,)))
        assert plan.whole == {}
        assert [each.blind for each in plan.compiled if each.blind] == []


def test_clean_data_is_judged_without_pyshacl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is wrong, no query finds a candidate, and pySHACL is not asked."""
    monkeypatch.setattr(kg.core, "report_of", None)
    assert kg.check(Path(__file__).parent / "shapes" / "base").render() == ""


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_candidates_are_judged_in_batches(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many candidates pySHACL is given at once, the results are the same."""
    shapes = _shapes(f"{PREFIXES}ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .")
    store = _store([(node, NamedNode(EX + "p"), node) for node in NODES])
    before = _verdicts(reports(shapes, store))
    monkeypatch.setattr(kg.core, "_BATCH", batch)
    assert _verdicts(reports(shapes, store)) == before
    assert isinstance(before, Counter) and before.total() == len(NODES)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("sh:node ex:T", "there is no query for sh:node"),
        ("sh:or ( [ sh:class ex:C ] )", "there is no query for sh:or"),
        ("sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]", "a path goes further than one triple"),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 , 2 ]", "sh:minCount stands twice"),
        ("sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:T ; sh:qualifiedMinCount 1 ]", "there is no query for sh:qualified"),
        ("sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ] ]", "the values of a property have to conform to a shape of their own"),
        ("sh:property [ sh:path ex:p ; sh:in ex:no-list ]", "a list is not well formed"),
        ("sh:property [ sh:path ex:p ; sh:minLength 1.5 ]", "1.5 stands where a whole number is wanted"),
    ],
)
def test_a_shape_without_queries_says_why(said: str, reason: str) -> None:
    """What cannot be compiled is judged over the whole graph, and the explanation names the shape and the reason."""
    shapes = _shapes(f"{PREFIXES}ex:T a sh:NodeShape . ex:S a sh:NodeShape ; sh:targetClass ex:C ; {said} .")
    lines = list(lines_of(compile_shapes(Lookup(shapes), Data(lambda cls: (cls,)))))
    assert lines[0].startswith("0 shapes") and len(lines) == 2
    assert lines[1].startswith(f"{EX}S is judged over the whole graph: {reason}")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('sh:pattern "\\\\d+"', "sh:pattern \\d+"),
        ("sh:datatype ex:dt", f"sh:datatype {EX}dt"),
        ('sh:minInclusive "2020"^^xsd:gYear', "sh:minInclusive 2020"),
    ],
)
def test_a_constraint_that_no_query_can_test_is_named(said: str, words: str) -> None:
    """Where Oxigraph cannot test a value, pySHACL judges every value, and the explanation says for which constraint."""
    shapes = _shapes(f"{PREFIXES}ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minLength 1 ; {said} ] .")
    lines = list(lines_of(compile_shapes(Lookup(shapes), Data(lambda cls: (cls,)))))
    assert lines[1:] == [f"{EX}S is judged at every value: no query can test {words}"]
