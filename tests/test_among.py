"""A constraint asked about some nodes has the rows of the whole one that are about them, over all cases and for queries of any form."""

from __future__ import annotations

import random
import re
from contextlib import suppress

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

import kg
from kg.among import among
from kg.candidates import data_of
from kg.compiled import about, compile_shapes
from kg.layout import ontology_folders, shapes_folders
from kg.lookup import Lookup
from kg.ontology import Ontology
from kg.reading import Reading
from kg.shapes import load_shapes
from kg.values import Values
from tests.cases import parts_of
from tests.conftest import ROOT

CASES = sorted((ROOT / "tests" / "shapes").rglob("*.yaml"))
PREFIX = {"": "https://example.org/"}
FORMS = {
    "a triple": "SELECT $this ?v WHERE { $this :p ?v }",
    "a triple against it": "SELECT $this WHERE { ?v :p $this . ?v :q ?w }",
    "a bracket in a text": 'SELECT $this ?v WHERE { $this :p ?v . FILTER(STR(?v) != "} UNION {") }',
    "a comment": "SELECT $this ?v # { ?this\nWHERE { # {\n $this :p ?v }",
    "a union": "SELECT $this ?v WHERE { { $this :p ?v } UNION { ?v :q $this } ?v :p ?w }",
    "a union of three in one": "SELECT $this ?v WHERE { { { $this :p ?v } UNION { $this :q ?v } } UNION { ?v :q $this } }",
    "a union that does not always bind": "SELECT $this ?v WHERE { { $this :p ?v } UNION { ?x :q ?v } FILTER(BOUND(?this)) }",
    "optional first": "SELECT $this ?v WHERE { ?x :p ?v OPTIONAL { $this :q ?x } FILTER(BOUND(?this)) }",
    "optional demanded": "SELECT $this ?o WHERE { { $this :p ?v OPTIONAL { ?o :q ?v FILTER(STR(?o) < STR($this)) } FILTER(BOUND(?o)) } }",
    "optional demanded, after a full stop": "SELECT $this ?o { { $this :p ?v . OPTIONAL { ?o :q ?v } FILTER(BOUND(?o)) } }",
    "optional known before": "SELECT $this ?o WHERE { { $this :p ?o . OPTIONAL { ?o :q ?v . ?v :p $this } FILTER(BOUND(?o)) } }",
    "optional missing": "SELECT $this ?v WHERE { $this :p ?v . OPTIONAL { $this :q ?w } FILTER(!BOUND(?w)) }",
    "not exists": "SELECT $this ?v WHERE { $this :p ?v . FILTER NOT EXISTS { $this :q ?w FILTER EXISTS { ?w :p $this } } }",
    "exists only": "SELECT $this WHERE { ?x :p ?v FILTER EXISTS { $this :q ?x } }",
    "a test that binds nothing": "SELECT $this ?v WHERE { ?x :p ?v . FILTER(?x = $this) }",
    "bound by BIND": "SELECT $this ?v WHERE { ?x :p ?v . BIND(?x AS $this) }",
    "a path": "SELECT DISTINCT $this ?v WHERE { $this (:p|^:q)+ ?v }",
    "a subselect": "SELECT $this ?v ?w WHERE { { SELECT $this ?v WHERE { $this :p ?v . ?v :q ?x } } $this :q ?w }",
    "a subselect of something else": "SELECT $this ?n WHERE { { SELECT ?v (COUNT(?x) AS ?n) WHERE { ?x :p ?v } GROUP BY ?v } $this :q ?v }",
    "counted by node": "SELECT $this ?n WHERE { { SELECT $this (COUNT(?v) AS ?n) WHERE { $this :p ?v } GROUP BY $this } FILTER(?n > 1) }",
    "counted by node and value": "SELECT $this ?n { { SELECT $this ?v (COUNT(*) AS ?n) { $this :p ?v . ?x :q ?v } GROUP BY $this ?v } }",
    "counted over all": "SELECT $this ?n WHERE { { SELECT (COUNT(*) AS ?n) WHERE { $this :p ?v } } ?n ^:p $this }",
    "all of a subselect": "SELECT $this ?v WHERE { { SELECT * WHERE { $this :p ?v } } }",
    "sampled": "SELECT $this ?v WHERE { { SELECT (MAX(?x) AS ?this) ?v WHERE { ?x :p ?v } GROUP BY ?v } }",
    "cut off": "SELECT $this ?v WHERE { $this :p ?v } ORDER BY $this ?v LIMIT 3",
    "cut off inside": "SELECT $this ?v WHERE { { SELECT $this ?v WHERE { $this :p ?v } ORDER BY $this ?v LIMIT 3 } }",
    "grouped outside": "SELECT $this (COUNT(?v) AS ?n) WHERE { $this :p ?v } GROUP BY $this HAVING(COUNT(?v) > 1)",
    "minus": "SELECT $this ?v WHERE { $this :p ?v MINUS { ?x :q ?v } }",
    "a graph": "SELECT $this ?v WHERE { GRAPH ?g { $this :p ?v } }",
    "an exists in what is selected": "SELECT (EXISTS { ?a :p ?b } AS ?e) $this WHERE { $this :p ?v }",
}
PUSHED = ["a triple", "a union", "optional demanded", "optional missing", "not exists", "a path", "a subselect", "counted by node"]


def _rows(store: Store, query: str, prefixes: dict[str, str]) -> list[dict[str, str]]:
    answer = store.query(re.sub(r"\$(?=\w)", "?", query), use_default_graph_as_union=True, prefixes=prefixes)
    assert isinstance(answer, QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [{name: str(term) for name, term in zip(names, row, strict=True)} for row in answer]


def _agree(store: Store, query: str, prefixes: dict[str, str], nodes: list[NamedNode]) -> bool:
    """Whether the query about the nodes has the rows of the whole one that are about them; one that there is not has."""
    some = among(query, nodes)
    wanted = {str(node) for node in nodes}
    expected = [row for row in _rows(store, query, prefixes) if row["this"] in wanted]
    return some is None or sorted(map(str, _rows(store, some, prefixes))) == sorted(map(str, expected))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_query(form: str) -> None:
    """Over random graphs and for random nodes; where it cannot be told from the text, there is no query."""
    chance = random.Random(form)  # noqa: S311 (the same choices each time; nothing is to be kept secret)
    names = [NamedNode(f"https://example.org/{number}") for number in range(6)]
    for _ in range(60):
        objects: list[NamedNode | Literal] = [*names, Literal("text")]
        quads = [
            Quad(chance.choice(names), NamedNode(f"https://example.org/{chance.choice('pq')}"), chance.choice(objects))
            for _ in range(chance.randrange(25))
        ]
        store = Store()
        store.extend(quads)
        assert _agree(store, FORMS[form], PREFIX, chance.sample(names, chance.randrange(1, 4)))


def test_what_can_be_asked_about_some_nodes_is() -> None:
    """It is no good to ask the whole query always."""
    node = NamedNode("https://example.org/0")
    assert [form for form in PUSHED if among(FORMS[form], [node]) is None] == []
    assert among(FORMS["optional first"], [node]) is None


@pytest.fixture(scope="module")
def records() -> tuple[Store, Ontology]:
    """The records of all cases together, and the ontology."""
    ontology, store = Ontology.load(ontology_folders()), Store()
    store.bulk_extend(ontology.quads())
    reading = Reading(ontology, None)
    for case in CASES:
        for name, text in parts_of(case).items():
            with suppress(kg.UnreadableError):
                store.extend(
                    reading.read(text.encode(errors="surrogateescape"), name, Values(ontology, "https://example.org/rare/", "en", {}))
                )
    return store, ontology


def _some(store: Store, wrong: set[str], chance: random.Random) -> list[NamedNode]:
    """Some nodes of a store, and some of those of which something is said, as N-Triples writes them."""
    subjects = sorted({quad.subject for quad in store if isinstance(quad.subject, NamedNode)}, key=str)
    found = [node for node in subjects if str(node) in wrong]
    return list({*chance.sample(found, min(len(found), 20)), *chance.sample(subjects, 20)})


def test_every_constraint_of_the_project(records: tuple[Store, Ontology]) -> None:
    """Over the records of all cases together, each constraint has a query about some nodes, with the rows of the whole one."""
    store, ontology = records
    chance, broken = random.Random(7), 0  # noqa: S311 (the same choices each time; nothing is to be kept secret)
    for constraint in load_shapes(shapes_folders()).constraints:
        found = {row["this"] for row in _rows(store, constraint.select, ontology.prefixes.namespaces)}
        broken += bool(found)
        nodes = _some(store, found, chance)
        assert among(constraint.select, nodes) is not None
        assert _agree(store, constraint.select, ontology.prefixes.namespaces, nodes)
    assert broken > 20


def test_candidates_among_some_nodes(records: tuple[Store, Ontology]) -> None:
    """Over the same records, where something may be wrong about some nodes is where it may be about all; nothing else is counted."""
    store, _ = records
    chance, broken, counted = random.Random(7), 0, 0  # noqa: S311 (the same choices each time; nothing is to be kept secret)
    plan = compile_shapes(Lookup(load_shapes(shapes_folders()).core), data_of(store))
    for query in sorted({query.text for shape in plan.compiled for query in shape.queries}):
        found = {row["this"] for row in _rows(store, query, {})}
        broken += bool(found)
        nodes = _some(store, found, chance)
        some = about(query, map(str, nodes))
        assert {row["this"] for row in _rows(store, some, {})} == found & set(map(str, nodes))
        counted += "{ SELECT" in query
        assert some.count("VALUES ?this") == 1 + query.count("{ SELECT")
    assert broken > 20 and counted > 20
