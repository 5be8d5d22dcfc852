"""What SHACL Core demands is reported: by pySHACL over a whole graph, and by kg, which looks only where something may be wrong."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import pytest

import kg.core
from kg.core import report_of, reports, whole_graph
from tests.suite import FOLDER, Case, cases_of, in_any_order, results

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
