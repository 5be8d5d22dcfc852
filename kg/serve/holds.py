"""Whether an engine holds a release: each graph of it, whole, and nothing else that a query could see.

A graph is known by the number of its triples and a sum over the MD5 of each, which the engine works out by a query of SPARQL 1.1
and we work out of the dump; no mark is left in the engine, and what somebody changed there is noticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from kg.errors import KgError
from kg.publish.released import Release
from kg.serve.dialect import Dialect, Graphs, dialect_of
from kg.serve.engine import BrokenError, Engine, Received, UnreachableError

SECONDS: Final = 300
"""What a question about a part of the graphs may take."""
_BATCH: Final = 50_000
_ROWS: Final = 1_000_000
_LIMIT: Final = 1 << 28
_DIGITS: Final = 7
_BOOLEAN: Final = "http://www.w3.org/2001/XMLSchema#boolean"
_SUM: Final = " + ".join(f'STRLEN(STRBEFORE("0123456789abcdef", SUBSTR(?md5, {at + 1}, 1))) * {16**at}' for at in range(_DIGITS))
_GRAPHS: Final = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
# An engine takes values in the text of a query only: IRIs stand in VALUES, as NamedNode writes them, which refuses what would end one.
# Blank nodes have no name that both know, so their triples are only counted.
# Of truth values engines know two spellings, and what is not ASCII some of them hash otherwise: neither is looked at.
_PRINTS: Final = f"""SELECT ?g (COUNT(*) AS ?n) (SUM(?known) AS ?sum) {{
  VALUES ?g {{ GRAPHS }} GRAPH ?g {{ ?s ?p ?o }}
  BIND (IF(ISLITERAL(?o) && DATATYPE(?o) = <{_BOOLEAN}>, "", STR(?o)) AS ?value)
  BIND (MD5(REPLACE(CONCAT(STR(?s), " ", STR(?p), " ", ?value, " ", COALESCE(LANG(?o), "")), "[^ -~]+", "~")) AS ?md5)
  BIND (IF(ISBLANK(?s) || ISBLANK(?o), 0, COALESCE({_SUM}, 0)) AS ?known)
}} GROUP BY ?g"""
_UNION: Final = """SELECT ?union ?all {
  { SELECT (COUNT(*) AS ?union) { ?s ?p ?o } }
  { SELECT (COUNT(*) AS ?all) { SELECT DISTINCT ?a ?b ?c { GRAPH ?g { ?a ?b ?c } } } }
}"""
_MANY: Final = f"SELECT (1 AS ?one) {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {_ROWS}"


class Print(NamedTuple):
    """By what a graph is known: its triples, and the sum over them."""

    triples: int
    sum: int


@dataclass(frozen=True)
class Held:
    """An engine that was asked what it is, and how many triples each graph has that queries see; they are kept away from ``hidden``."""

    engine: Engine
    dialect: Dialect
    graphs: dict[str, int]
    hidden: tuple[str, ...] = ()

    @property
    def view(self) -> Graphs:
        """The graphs that queries see, and those that they do not."""
        return Graphs(tuple(self.graphs), self.hidden)

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """The rows of a query about the union of the graphs, as text. Raises KgError."""
        text, fields = self.dialect.ask(query, self.view, None, None, True)
        received = _received(self.engine, text, fields, "application/sparql-results+json")
        try:
            result = parse_query_results(received.body, format=QueryResultsFormat.JSON)
            assert isinstance(result, QuerySolutions)
            return [tuple(str(getattr(term, "value", "")) for term in row) for row in result]
        except (SyntaxError, ValueError, AssertionError) as error:
            raise KgError(f"{self.engine.url}: its answer cannot be read: {error}") from None

    def prints(self, graphs: Iterable[str]) -> dict[str, Print]:
        """By what those of the graphs that the engine has are known; it is asked of some at a time."""
        found = {}
        for batch in _batches({graph: self.graphs[graph] for graph in graphs if graph in self.graphs}):
            named = " ".join(str(NamedNode(iri)) for iri in batch)
            found.update({g: Print(int(n), int(total)) for g, n, total in self.rows(_PRINTS.replace("GRAPHS", named))})
        return found


def graphs_of(release: Release) -> Iterator[tuple[str, list[Quad]]]:
    """The named graphs of a release, one after the other. Raises KgError where its dump is not the one of the manifest."""
    dump: Path = release.dump("nq")
    listed = {file["path"]: file["sha256"] for file in release.manifest["files"]}
    with dump.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != listed.get(dump.name):
            raise KgError(f"{dump}: it is not the file that the manifest names; build the release again")
    for graph, quads in groupby(parse(path=str(dump), format=RdfFormat.N_QUADS), key=lambda quad: quad.graph_name):
        yield graph.value, list(quads)


def print_of(quads: list[Quad]) -> Print:
    """By what a graph of ours is known."""
    return Print(len(quads), sum(_part(quad) for quad in quads))


def _part(quad: Quad) -> int:
    if not (isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal)):
        return 0
    value, language = quad.object.value, ""
    if isinstance(quad.object, Literal):
        value = "" if quad.object.datatype.value == _BOOLEAN else value
        language = quad.object.language or ""
    text = f"{quad.subject.value} {quad.predicate.value} {value} {language}"
    md5 = hashlib.md5(re.sub("[^ -~]+", "~", text).encode(), usedforsecurity=False).hexdigest()
    return sum(int(digit, 16) << 4 * at for at, digit in enumerate(md5[:_DIGITS]))


def held(engine: Engine, ours: set[str]) -> Held:
    """What an engine is and has. Raises KgError where it is out of reach, or has graphs that cannot be kept out of sight."""
    dialect = dialect_of(_received(engine, "ASK {}", [], "application/sparql-results+json").headers)
    seen = Held(engine, dialect, {})
    counted = {graph: int(count) for graph, count in seen.rows(_GRAPHS)}
    hidden = tuple(sorted(counted.keys() - ours)) if dialect.pragmas else ()
    return Held(engine, dialect, {graph: count for graph, count in counted.items() if graph not in hidden}, hidden)


def must_hold(engine: Engine, release: Release) -> Held:
    """The engine, if it holds the release and nothing else that queries see. Raises KgError with what to do where it does not."""
    expected = {graph: print_of(quads) for graph, quads in graphs_of(release)}
    there = held(engine, set(expected))
    known = there.prints(expected)
    other = sorted({graph for graph in expected if known.get(graph) != expected[graph]} | (there.graphs.keys() - expected.keys()))
    if other:
        which = f"{len(other)} graphs are missing, too many or other ones, such as <{other[0]}>"
        raise KgError(f"{engine.url}: does not hold this release: {which}; put it there: kg load {release.path} --endpoint {engine.url}")
    return there


def must_serve(engine: Engine, release: Release) -> Held:
    """The engine, if it holds the release and answers over the whole of it, with all rows. Raises KgError where it does not."""
    there = must_hold(engine, release)
    [(union, everything)] = there.rows(_UNION)
    if union != everything:
        said = f"its default graph has {union} triples and all named graphs together {everything}"
        raise KgError(f"{engine.url}: {said}; set the engine up so that the default graph is the union of the named graphs")
    text, fields = there.dialect.ask(_MANY, there.view, None, None, True)
    lines = _received(engine, text, fields, "text/csv").body.count(b"\n") - 1
    if lines != min(_ROWS, int(union) ** 2):
        raise KgError(f"{engine.url}: it cuts off answers after {lines:,} rows; take that limit out of its configuration")
    return there


def _batches(graphs: dict[str, int]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for graph in sorted(graphs):
        if batch and size + graphs[graph] > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(graph)
        size += graphs[graph]
    if batch:
        yield batch


def _received(engine: Engine, text: str, fields: list[tuple[str, str]], accept: str) -> Received:
    try:
        received = engine.query(text, accept, fields, SECONDS, _LIMIT)
    except UnreachableError as error:
        raise KgError(f"{engine.url}: the engine cannot be reached: {error}; is it running, and is this its query address?") from None
    except BrokenError as error:
        raise KgError(f"{engine.url}: {error}") from None
    if received.status != 200 or received.type != accept:
        raise KgError(f"{engine.url}: is no SPARQL endpoint that answers: {received.said}, {received.type or 'no media type'}")
    return received
