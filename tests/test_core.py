"""What SHACL Core demands is reported: by pySHACL over a whole graph, and by kg, which looks only where something may be wrong."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pyshacl
import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Graph
from rdflib.namespace import SH

import kg.candidates
import kg.core
from kg.core import report_of, reports, whole_graph
from kg.errors import KgError
from tests.suite import FOLDER, Case, cases_of, in_any_order, results, text

FILES = sorted(FOLDER.glob("*.trig"))
CASES = [case for file in FILES for case in cases_of(file)]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """rdflib logs each ill-typed literal."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_a_case_wants_is_reported_by_both_judges(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """pySHACL reports what stands beside the case; kg reports the same, word for word, however few candidates it hands over at once."""
    whole = results([report_of(whole_graph(case.store()), case.graph)])
    worded = any(row.messages for row in case.instead)
    assert Counter(row.brief(worded) for row in whole.elements()) == case.instead
    assert in_any_order(results(reports(case.graph, case.store()))) == in_any_order(whole)
    monkeypatch.setattr(kg.core, "_BATCH", 1)
    assert in_any_order(results(reports(case.graph, case.store()))) == in_any_order(whole)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_a_case_wants_is_found(case: Case) -> None:
    """Targets that the shapes name are judged whatever they are; where the queries have to find them, kg reports what pySHACL does."""
    sought = case.sought()
    whole = results([report_of(whole_graph(sought.store()), sought.graph)])
    assert in_any_order(results(reports(sought.graph, sought.store()))) == in_any_order(whole)
    assert whole.total() == case.instead.total()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_many_candidates_are_found_as_few_are(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where what a query begins with finds too many to be named, the query is asked as it stands, and finds the same."""
    sought = case.sought()
    few = in_any_order(results(reports(sought.graph, sought.store())))
    monkeypatch.setattr(kg.candidates, "_FEW", 1)
    assert in_any_order(results(reports(sought.graph, sought.store()))) == few


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("a-value-has-to-conform-to-a-shape-with-a-name", 0),
        ("a-shape-that-two-ways-lead-to", 0),
        ("literals-by-every-target", None),
        ("blank-nodes-by-every-target", None),
    ],
)
def test_candidates_are_targets_and_not_pyshacls_focus_nodes(name: str, reported: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own ``focus_nodes`` pySHACL passes over what nested shapes say, and takes neither literals nor blank nodes."""
    (case,) = (each for each in CASES if each.name == name)
    data, judge, asked = whole_graph(case.store()), pyshacl.validate, list[dict[str, Any]]()
    alone: dict[str, Any] = {"focus_nodes": [node for node in data.all_nodes() if text(node) in {row.focus for row in case.reports}]}
    with nullcontext() if reported is not None else pytest.raises(TypeError):
        assert results([judge(data, shacl_graph=case.graph, **alone)[1]]).total() == reported != case.reports.total()

    def asking(*graphs: Any, **options: Any) -> Any:
        asked.append(options)
        return judge(*graphs, **options)

    monkeypatch.setattr(pyshacl, "validate", asking)
    assert results(reports(case.graph, case.store())).total() == case.reports.total()
    assert [options for options in asked if options.keys() & {"focus_nodes", "use_shapes"}] == [] != asked


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:node :S ] . :a a :C ; :p :a .", "A Recursive Shape"),
        (":S a sh:NodeShape ; sh:targetClass :C ; sh:property :S . :a a :C .", "not a well-formed SHACL PropertyShape"),
    ],
)
def test_what_pyshacl_cannot_judge_is_an_error(said: str, words: str) -> None:
    """A shape that leads back to itself is refused: SHACL leaves open what it means, and pySHACL alone would warn and let it pass."""
    text = f"@prefix : <http://example.org/> . @prefix sh: <{SH}> . {said}"
    store, shapes = Store(), Graph()
    store.load(text.encode(), format=RdfFormat.TURTLE)
    shapes.parse(data=text)
    with pytest.raises(KgError, match=f"shapes: pySHACL could not judge: .*{words}"):
        list(reports(shapes, store))


def test_no_traceback_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """rdflib logs one for each literal that is none of its datatype; kg's report says so, and nothing else does."""
    (case,) = (each for each in CASES if each.name == "a-focus-node-of-a-datatype")
    sought = case.sought()
    logging.disable(logging.NOTSET)
    caplog.clear()
    assert results(reports(sought.graph, sought.store())).total() == case.reports.total()
    assert caplog.records == []


DEVIATING = {
    "out-of-range-of-another-datatype-and-no-number",
    "one-for-true-does-not-ask",
    "a-constraint-component-of-their-own",
    "blanks-in-a-pattern-and-dots-for-ends-of-lines",
}


def test_every_situation_of_the_suite_is_restated_once() -> None:
    """The 98 cases of SHACL Core in the W3C's suite each have one of ours; few cases end otherwise, and the files say why."""
    restated = Counter(case.restates for case in CASES if case.restates)
    assert len(restated) == restated.total() == 98
    assert {case.name for case in CASES if case.instead != case.reports} == DEVIATING
    assert len({case.name for case in CASES}) == len(CASES)
