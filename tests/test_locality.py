"""What a query looks at is told by its text: for cases, and for queries and statements that are made up, against the whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings, target
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, QueryTriples, RdfFormat, Store
from rdflib.namespace import SH

from kg import division
from kg import vocabulary as v
from kg.division import divided
from kg.layout import ontology_folders
from kg.locality import gathered, of_constraint, of_rule
from kg.needs import Needs, NotLocalError
from kg.ontology import Ontology
from kg.parting import Parting
from kg.touched import differing, touched

QUERIES = tomllib.loads((Path(__file__).parent / "locality.toml").read_text(encoding="utf-8"))
NAMESPACES = {
    "ex": "http://example.org/",
    "rf": v.RF,
    "rdf": v.RDF_TYPE.value.removesuffix("type"),
    "rdfs": v.RDFS_LABEL.value.removesuffix("label"),
}
BASE = "http://example.org/d/"
PARTS = 4


def _asked(sort: str, query: str) -> tuple[Needs, frozenset[str]]:
    if sort == "rule":
        return of_rule(query, NAMESPACES)
    return (of_constraint if sort == "constraint" else gathered)(query, NAMESPACES), frozenset()


def full(name: str) -> str:
    """The IRI that a name with a prefix stands for."""
    prefix, _, local = name.partition(":")
    return NAMESPACES[prefix] + local


DIVISIONS = QUERIES.pop("division")


@pytest.mark.parametrize("case", DIVISIONS, ids=[case["what"] for case in DIVISIONS])
def test_what_is_judged_part_by_part(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shapes and rules tell whether a dataset is judged part by part, or why it is not."""
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in [*NAMESPACES.items(), ("sh", str(SH))])
    for name, text in (("own", case.get("shapes", "")), ("derived", case.get("derived", ""))):
        (tmp_path / f"{name}.ttl").write_text(prefixes + text, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.rq").write_text(case.get("rule", "CONSTRUCT { ?x ex:made ?y } WHERE { ?x ex:p ?y }"), encoding="utf-8")
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "own.ttl").write_text(prefixes + case.get("ontology", ""), encoding="utf-8")
    for folders in ("shapes_folders", "ontology_folders"):  # without those of the project, which take a second
        monkeypatch.setattr(division, folders, lambda _: [tmp_path])
    ontology = Ontology.load([*ontology_folders(), tmp_path / "ontology"])
    ontology.prefixes.namespaces.update(NAMESPACES)
    if "reason" in case:
        with pytest.raises(NotLocalError, match=re.escape(case["reason"])):
            divided(tmp_path, ontology)
        return
    found = divided(tmp_path, ontology)
    assert [v.local_name(each.shape) for each in found.across] == list(found.reasons) == case.get("across", [])
    for name in ("inside", "near", "everywhere"):
        assert {full(each) for each in case.get(name, ())} <= getattr(found.needs, name)


@pytest.mark.parametrize(
    ("sort", "case"),
    [(sort, case) for sort, cases in QUERIES.items() for case in cases],
    ids=[f"{sort}: {case['what']}" for sort, cases in QUERIES.items() for case in cases],
)
def test_what_a_query_looks_at(sort: str, case: dict[str, Any]) -> None:
    """Its text tells what a part needs for a query, or why the query cannot be asked of parts, or of what is gathered from them."""
    if "reason" in case:
        with pytest.raises(NotLocalError, match=re.escape(case["reason"])):
            _asked(sort, case["query"])
        return
    names = {name: {full(each) for each in case.get(name, ())} for name in ("near", "everywhere", "classes")}
    marks = {(full(p), full(o)) for p, o in case.get("marks", ())}
    needs, elsewhere = _asked(sort, case["query"])
    assert needs == Needs(**names, marks=marks, links=case.get("links", False))
    assert elsewhere == {full(each) for each in case.get("elsewhere", ())}


_NODES = [f"<{BASE}{n}{rest}>" for n in range(4) for rest in ("", "#a", "#b", "#a.x")]
_OTHERS = [f"<http://example.org/{name}>" for name in ("e", "f", "C")]
_VARIABLES = st.sampled_from(["?this", "?this", "?a", "?a", "?b", "?c"])
_PREDICATES = ["rdf:subject", "rdf:subject", "rf:evidence", "rdf:object", "ex:p", "ex:q", "rdf:type", "?v"]
_TRIPLES = st.builds(
    "{} {} {} .".format, _VARIABLES, st.sampled_from(_PREDICATES), st.one_of(_VARIABLES, st.sampled_from(["ex:e", "ex:C"]))
)
_TESTS = st.sampled_from(
    ["FILTER(BOUND(?a))", "FILTER(!BOUND(?b))", "FILTER(?a != ?this)", "BIND(?this AS ?c)", "BIND(?a AS ?d)", "VALUES ?b { ex:e }"]
)


def _groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    more = st.one_of(
        _TRIPLES,
        _TESTS,
        inner.map("OPTIONAL {{ {} }}".format),
        inner.map("OPTIONAL {{ {} }} FILTER(BOUND(?a))".format),
        inner.map("MINUS {{ {} }}".format),
        inner.map("FILTER EXISTS {{ {} }}".format),
        inner.map("FILTER NOT EXISTS {{ {} }}".format),
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        inner.map("{{ {} }}".format),
        st.builds("{{ SELECT DISTINCT {} WHERE {{ {} }} }}".format, st.sampled_from(["?this", "?a", "?this ?a", "?b"]), inner),
        st.builds(
            "{{ SELECT {0} (COUNT(DISTINCT ?c) AS ?n) WHERE {{ {1} }} GROUP BY {0} }} FILTER(?n > 1)".format,
            st.sampled_from(["?this", "?a", "?this ?b"]),
            inner,
        ),
    )
    return st.builds(lambda first, rest: " ".join([first, *rest]), _TRIPLES, st.lists(more, max_size=3))


_GROUPS = st.recursive(_TRIPLES, _groups, max_leaves=6)
Statements = list[tuple[str, str, str]]
Facts = list[tuple[int, str]]
_ANY = st.sampled_from(_NODES + _OTHERS)
_STATEMENTS = st.lists(st.tuples(_ANY, st.sampled_from(["p", "q", "object", "type"]), _ANY), max_size=40)
_FACTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["subject", "evidence", "twice"])), max_size=10)


def _lines(statements: Statements, facts: Facts) -> list[bytes]:
    """Statements of any nodes, and those from facts to their diseases and evidence, which stay within a document."""
    names = {"object": "rdf:object", "type": "rdf:type", "p": "ex:p", "q": "ex:q", "subject": "rdf:subject", "evidence": "rf:evidence"}
    said = {(s, names[p], o) for s, p, o in statements}
    for n, sort in facts:
        one = {"subject": ("#a", "rdf:subject", ""), "evidence": ("#a", "rf:evidence", "#a.x"), "twice": ("#b", "rdf:subject", "")}[sort]
        said.add((f"<{BASE}{n}{one[0]}>", one[1], f"<{BASE}{n}{one[2]}>"))
    return [f"{s} <{full(p)}> {o} <{BASE}graph> .\n".encode() for s, p, o in sorted(said)]


@contextmanager
def _where_that_can_be() -> Iterator[None]:
    """Other queries and statements are not asked about."""
    try:
        yield
    except NotLocalError:
        assume(False)


def _parted(lines: list[bytes], needs: Needs) -> list[tuple[Any, Store]]:
    parting = Parting(PARTS, needs, BASE)
    parting.sort([lines])
    parting.know([], [])
    return [(part, _store(part.own.read_bytes() + part.others.read_bytes())) for part in parting.parts]


def _store(text: bytes) -> Store:
    store = Store()
    store.load(text, format=RdfFormat.N_QUADS)
    return store


def _answer(store: Store, query: str) -> QuerySolutions | QueryTriples:
    try:
        answer = store.query(query, use_default_graph_as_union=True, prefixes=NAMESPACES)
    except SyntaxError:  # such as BIND to what has a value
        assume(False)
        raise
    assert isinstance(answer, QuerySolutions | QueryTriples)
    return answer


def _rows(store: Store, query: str) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in _answer(store, query) if row[0] is not None}


_MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@_MANY
@given(_GROUPS, _STATEMENTS, _FACTS)
def test_parts_have_the_rows_of_the_whole(group: str, statements: Statements, facts: Facts) -> None:
    """Of a query that can be asked of parts, the rows of each about its own nodes are together those of the whole."""
    query = f"SELECT ?this ?a WHERE {{ {group} }}"
    with _where_that_can_be():
        needs = of_constraint(query, NAMESPACES)
        lines = _lines(statements, facts)
        parts = _parted(lines, needs)
    whole = _rows(_store(b"".join(lines)), query)
    target(float(len(whole)))
    found = {row for part, store in parts for row in _rows(store, query) if part.has(row[0].strip("<>"))}
    assert found == whole


@_MANY
@given(_GROUPS, _STATEMENTS, _FACTS)
def test_parts_yield_what_the_whole_yields(group: str, statements: Statements, facts: Facts) -> None:
    """What a rule that can be asked of parts yields in each of them is together what the whole yields, and about a node in its own part."""
    query = f"CONSTRUCT {{ ?this ex:made ?a }} WHERE {{ {group} }}"
    with _where_that_can_be():
        needs, elsewhere = of_rule(query, NAMESPACES)
        lines = _lines(statements, facts)
        parts = _parted(lines, needs)
    whole = set(map(str, _answer(_store(b"".join(lines)), query)))
    yielded = [(part, list(_answer(store, query))) for part, store in parts]
    target(float(len(whole)))
    assert {str(triple) for _, triples in yielded for triple in triples} == whole
    if not elsewhere:
        for part, triples in yielded:
            assert {each for each in whole if part.has(each[1 : each.index(">")])} <= set(map(str, triples))


@_MANY
@given(_GROUPS, _STATEMENTS, _FACTS)
def test_what_is_gathered_has_the_rows_of_the_whole(group: str, statements: Statements, facts: Facts) -> None:
    """Of a query that can be asked across parts, what is gathered from them has the rows of the whole."""
    query = f"SELECT ?this ?a WHERE {{ ?this a ex:C . {group} }}"
    with _where_that_can_be():
        needs = gathered(query, NAMESPACES)
        lines = _lines(statements, facts)
        parting = Parting(PARTS, needs, BASE)
        parting.sort([lines])
    texts = [part.gather(needs, BASE)[0].read_bytes() for part in parting.parts]
    whole = _rows(_store(b"".join(lines)), query)
    target(float(len(whole)))
    assert _rows(_store(b"".join([*texts, *parting.common])), query) == whole


_CHANGES = st.lists(
    st.tuples(st.integers(0, 99), st.sampled_from(["came", "went", "came elsewhere", "went elsewhere"])), min_size=1, max_size=3
)


@_MANY
@given(_GROUPS, _STATEMENTS, _FACTS, _CHANGES)
def test_a_change_alters_only_what_it_touches(group: str, statements: Statements, facts: Facts, changes: list[tuple[int, str]]) -> None:
    """Of a query that can be asked of parts, rows about nodes that a change does not touch are the same before it and after it."""
    query = f"SELECT ?this ?a WHERE {{ {group} }}"
    with _where_that_can_be():
        needs = of_constraint(query, NAMESPACES)
    lines = _lines(statements, facts)
    before, after = set(lines), set(lines)
    for place, how in changes if lines else ():
        line = lines[place % len(lines)]
        its = line.replace(b"/graph>", b"/other>") if "elsewhere" in how else line
        (before if "came" in how else after).discard(its)
        (after if "came" in how else before).add(its)
    one, other = (_store(b"".join(sorted(those))) for those in (before, after))
    found = touched(differing(set(one) ^ set(other), other), other, needs)
    assume(found is not None and before != after)
    altered = _rows(one, query) ^ _rows(other, query)
    target(float(len(altered)))
    assert {row[0].strip("<>") for row in altered} <= {node.value for node in found or ()}
