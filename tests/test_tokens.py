"""What a query says with FROM, however it is written, and what only looks like it: the engine itself is asked what it has understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, Store

from kg.guard import names_graphs
from kg.tokens import loud, tokens

PREFIXES = {"a": "http://example.org/", "from": "http://example.org/from/", "FROMa": "http://example.org/a/", "": "http://example.org/"}
STORE = Store()
for subject in ("s", "valid-from", "from/s"):
    STORE.add(Quad(NamedNode(f"http://example.org/{subject}"), NamedNode("http://example.org/p"), NamedNode("http://example.org/o")))
"""All is in the default graph: a query that names graphs finds nothing."""


def _names_graphs(query: str) -> bool:
    """Whether the engine finds nothing in the default graph. Raises SyntaxError."""
    functions: dict[NamedNode, Callable[..., Any]] = {NamedNode("http://example.org/from/f"): lambda *_: Literal(1)}
    found = STORE.query(query, prefixes=PREFIXES, custom_functions=functions)
    if isinstance(found, QueryBoolean):
        return not found
    if isinstance(found, QueryTriples):
        return next(found, None) is None
    assert isinstance(found, QuerySolutions)
    return all(row["n"] == Literal(0) for row in found)


COUNT = "SELECT (COUNT(*) AS ?n) "
QUERIES = [
    COUNT + "FROM <http://example.org/g> {?s ?p ?o}",
    COUNT + "{?s ?p ?o}",
    "SELECT(COUNT(*)AS?n)FROM<http://example.org/g>{?s ?p ?o}",
    "ASKFROM<http://example.org/g>{?s ?p ?o}",
    "ASKFROM:g{?s ?p ?o}",
    "ASK FROMa:g {?s ?p ?o}",
    "SELECT (COUNT(*) AS ?n) from a:g {?s ?p ?o}",
    "CONSTRUCTFROM<http://example.org/g>WHERE{?s ?p ?o}",
    "CONSTRUCT {?s ?p ?o} FROM a:g {?s ?p ?o}",
    "CONSTRUCT {?s ?p ?o}FROMa:g{?s ?p ?o}",
    "DESCRIBE a:s FROM a:g",
    "DESCRIBE<http://example.org/s>FROM<http://example.org/g>",
    "DESCRIBE*FROM<http://example.org/g>{?s ?p ?o}",
    "DESCRIBE a:valid-from",
    "DESCRIBE from:s",
    COUNT + "{?s ?p ?o MINUS {?s a:valid-from ?o}}",
    COUNT + "{?s ?p ?o MINUS {?s from:on ?o}}",
    COUNT + "{?s ?p ?o} GROUP BY from:f(?s)",
    COUNT + "{?s ?p ?o} ORDER BY DESC(?n) from:f(?n)",
    COUNT + '{?s ?p ?o FILTER(STR(?o) != """derived\nfrom it""")}',
    COUNT + "{?s ?p ?o FILTER(STR(?o) != '''derived\nfrom 'it' ''')}",
    COUNT + "{?s ?p ?o FILTER(?o != 'x'@en-from)}",
    COUNT + "{?s ?p ?o . _:a-from ?p ?o . ?from ?p ?o}",
    COUNT + "{?s ?p ?o OPTIONAL {?s ?p a:g.from}}",
    COUNT + "{?s ?p ?o} # FROM <http://example.org/g>",
    COUNT + "# FROM <http://example.org/g>\r{?s ?p ?o}",
    COUNT + "# c\rFROM <http://example.org/g>\r{?s ?p ?o}",
    'SELECT ("""a"b""" AS ?x) (COUNT(*) AS ?n) FROM a:g {?s ?p ?o FILTER(STR(?o) != "zz")}',
    "SELECT ('''it's''' AS ?x) (COUNT(*) AS ?n) FROM a:g {?s ?p ?o FILTER(STR(?o) != 'zz')}",
    "SELECT (a:it\\'s AS ?x) (COUNT(*) AS ?n) FROM a:g {?s ?p ?o FILTER(STR(?o) != 'zz')}",
    "SELECT (1<2 AS ?x) (COUNT(*) AS ?n) FROM a:g {?s ?p ?o FILTER(1>0)}",
    "SELECT (<http://example.org/#from> AS ?x) (COUNT(*) AS ?n) {?s ?p ?o}",
    "PREFIX from: <http://example.org/> " + COUNT + "{?s ?p ?o}",
    "PREFIX from: <http://example.org/> " + COUNT + "FROM from:g {?s ?p ?o}",
    COUNT + "{?s ?p ?o} VALUES ?from { from:x }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_from_is_what_the_engine_takes_for_it(query: str) -> None:
    """A query names graphs where the engine does not look into the default one, and in no other case."""
    assert names_graphs(query) == _names_graphs(query)


BEFORE = [
    "ASK",
    "DESCRIBE <http://example.org/s>",
    "CONSTRUCT {?s ?p ?o}",
    "CONSTRUCT",
    COUNT,
    "SELECT(COUNT(*)AS?n)",
    "SELECT DISTINCT (COUNT(*) AS ?n)",
]
SAID = [
    '"from"',
    '"""a"b"""',
    "'''it's'''",
    "'from'@en-from",
    '"\\""',
    "a:from",
    "a:it\\'s",
    "from:b",
    "<http://example.org/from#from>",
    "?from",
    "1",
]
BLANKS = ["", " ", "\n", "\r", "# from\n", "#'\n", '#"\r', "# <\n"]
CLAUSES = ["FROM", "from", "FROM NAMED a:h FROM", "From"]
GRAPHS = ["a:g", ":g", "<http://example.org/g>", "FROMa:g"]
MORE = [
    "MINUS { ?s a:valid-from {said} }",
    "FILTER(!BOUND(?z) || STR(?o) != STR({said}))",
    "OPTIONAL { ?s from:x {said} }",
    "BIND({said} AS ?y)",
]


@st.composite
def query(draw: st.DrawFn) -> str:
    """A query of any form with and without FROM, with texts, comments and names that look like it."""
    blank = st.sampled_from(BLANKS).map(str)
    head = draw(st.sampled_from(BEFORE))
    if head.startswith("SELECT") and draw(st.booleans()):
        head += draw(blank) + f"({draw(st.sampled_from(SAID))} AS ?x)"
    clause = draw(st.sampled_from(["", *CLAUSES]))
    if clause:
        named = draw(st.sampled_from(GRAPHS))
        # the engine takes FROM:g for something to be described where it knows the prefix FROM, and for a clause where it does not
        clause += (" " if head.startswith("DESCRIBE") and not named.startswith("<") else draw(blank)) + named
    where = draw(st.sampled_from(["", "WHERE"]))
    if head == "CONSTRUCT":
        more, where = "", "WHERE"
    else:
        more = draw(st.sampled_from(["", *MORE])).replace("{said}", draw(st.sampled_from(SAID)))
    body = f"{{?s ?p ?o {draw(blank)} {more}}}"
    return f"{head}{draw(blank)}{clause}{draw(blank)}{where}{draw(blank)}{body}{draw(blank)}"


@settings(max_examples=1500, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(query())
def test_whatever_a_query_is_made_of(said: str) -> None:
    """Of any query that the engine can read, it is known whether it names graphs."""
    try:
        understood = _names_graphs(said)
    except SyntaxError:
        assume(False)
    assert names_graphs(said) == understood


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet="ab:<>\"'#@?$_-.\\ \n\r(){}[]%4", max_size=60))
def test_nothing_is_lost(text: str) -> None:
    """The tokens of any text are that text."""
    assert "".join(part for _, part in tokens(text)) == text


@pytest.mark.parametrize(
    ("start", "more"), [("", "a.a"), ("", "<"), ('"""', "a"), ("a:", "."), ("_:a", "."), ("", "'''\"\"\""), ("", "@a-")]
)
def test_no_text_takes_long(start: str, more: str) -> None:
    """A text that begins much and ends nothing is read once through: with its square it would take minutes."""
    text = start + more * 60_000
    assert len(loud(text)) <= len(text)
