"""The child that has queries answered by an engine of somebody else's: it asks, looks whether the answer is whole, and writes it anew.

Whatever the client wants, the engine is asked for one format of rows and one of graphs, which are read to their end before
anything is written; so an answer that breaks off never leaves, and each format has the bytes that the store of ours would give.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any, Final

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from kg.errors import KgError, one_line
from kg.formats import N_TRIPLES, RESULT_OFFERS
from kg.serve.dialect import Dialect, Graphs, dialect_named
from kg.serve.engine import BrokenError, Engine, Received, TooLongError, UnreachableError
from kg.serve.worker import begin, limit_memory, work
from kg.serve.written import TYPES, TooLargeError, TooManyRowsError, UnsayableError, graph_as, known, rows_as

_JSON: Final = RESULT_OFFERS[0].media_type
_WRITTEN: Final = 8
"""How many times as long as our answer that of the engine may be: it is in another format, and has no prefixes."""
_FILES: Final = 32
_OK: Final = 200
_REFUSED: Final = 400
_TIME_IS_UP: Final = "S1TAT"
_BOOLEAN: Final = "http://www.w3.org/2001/XMLSchema#boolean"
_CANONICAL: Final = {"1": "true", "0": "false"}

Outcome = tuple[dict[str, Any], bytes]


class NotAnsweredError(Exception):
    """There is no answer to send; ``status`` is the word for why."""

    def __init__(self, status: str, said: str = "") -> None:
        self.status = status
        super().__init__(said)


def answer(engine: Engine, setup: dict[str, Any], job: dict[str, Any]) -> Outcome:
    """The answer to a job: how it went, and its bytes."""
    try:
        form = _form(setup, job["query"])
        is_graph = isinstance(form, QueryTriples)
        wanted = job["graph"] if is_graph else job["results"]
        if wanted is None:
            return {"status": "not-acceptable", "graph": is_graph}, b""
        received = _ask(engine, setup, job, N_TRIPLES.media_type if is_graph else _JSON)
        body = _graph(received, wanted, setup) if is_graph else _rows(received, form, wanted, setup)
    except (TooLargeError, TooLongError):
        return {"status": "too-large"}, b""
    except TooManyRowsError:
        return {"status": "too-many-rows"}, b""
    except UnsayableError as error:
        return {"status": error.kind, "graph": is_graph}, b""
    except MemoryError:
        return {"status": "memory"}, b""
    except UnreachableError as error:
        return {"status": "engine-unreachable", "said": str(error)}, b""
    except BrokenError as error:
        return {"status": "engine-answer", "said": str(error)}, b""
    except NotAnsweredError as error:
        return {"status": error.status, "said": str(error)}, b""
    return {"status": "ok", "type": TYPES[wanted]}, body


def _form(setup: dict[str, Any], query: str) -> QuerySolutions | QueryBoolean | QueryTriples:
    """What sort of answer a query has, by asking nothing; a mistake in it is told with line and column, as ever."""
    try:
        return Store().query(query, base_iri=setup["base"], prefixes=known(setup["prefixes"], query))
    except SyntaxError as error:
        raise NotAnsweredError("syntax", str(error.msg)) from None
    except (ValueError, OSError, RuntimeError) as error:
        raise NotAnsweredError("failed", str(error)) from None


def _ask(engine: Engine, setup: dict[str, Any], job: dict[str, Any], accept: str) -> Received:
    dialect: Dialect = dialect_named(setup["dialect"])
    try:
        dialect.refuse(job["query"], job["default"] is not None)
    except KgError as error:
        raise NotAnsweredError("failed", str(error)) from None
    text, fields = dialect.ask(
        _declared(setup, job["query"]), Graphs(*map(tuple, setup["graphs"])), job["default"], job["named"], job["union"]
    )
    if dialect.milliseconds:
        fields.append((dialect.milliseconds, str(max(1000, int(setup["timeout"] * 1000)))))
    received = engine.query(text, accept, fields, setup["timeout"] + 1, _WRITTEN * setup["answer"])
    if received.headers.get("x-sql-state") == _TIME_IS_UP:
        raise NotAnsweredError("timeout")
    if any(name in received.headers for name in dialect.partial):
        raise NotAnsweredError("engine-answer", "it has only a part of the answer")
    if received.status == _REFUSED:
        raise NotAnsweredError("failed", f"the engine refuses it: {received.said}")
    if received.status != _OK:
        raise NotAnsweredError("engine-failed", received.said)
    if received.type != accept and not (accept != _JSON and received.type == "text/plain"):
        raise BrokenError(f"the answer is {received.type or 'of no type'}, not {accept}")
    return received


def _declared(setup: dict[str, Any], query: str) -> str:
    """The query with base and prefixes before it, which our endpoint knows; without a line break, so that lines keep their numbers."""
    prefixes = (f"PREFIX {name}: <{iri}> " for name, iri in known(setup["prefixes"], query).items())
    return f"BASE <{setup['base']}> {''.join(prefixes)}{query}"


def _rows(received: Received, form: Any, wanted: str, setup: dict[str, Any]) -> bytes:
    limits = setup["answer"], setup["rows"]
    try:
        result = parse_query_results(_plain(received.body, form), format=QueryResultsFormat.JSON)
        truth = isinstance(result, QueryBoolean) and isinstance(form, QueryBoolean)
        rows = isinstance(result, QuerySolutions) and isinstance(form, QuerySolutions) and result.variables == form.variables
        if not (truth or rows):
            raise BrokenError("the answer is not what the query asks for")
        return rows_as(result, wanted, *limits)
    except (SyntaxError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise BrokenError(f"the answer is no whole one ({one_line(str(error))[:200]})") from None


def _plain(body: bytes, form: Any) -> bytes:
    """Results as ours would be: the columns of SELECT * in our order, truth values not as 1 and 0 (XML Schema 1.1, part 2, 3.3.2).

    A truth value for an answer is read by a strict reader, since the one of results stops where it has seen it.
    """
    starred = isinstance(form, QuerySolutions) and b'"vars"' in body and not _in_order(body, form)
    if not (starred or isinstance(form, QueryBoolean) or _BOOLEAN.encode() in body):
        return body
    document = json.loads(body)
    if starred:
        names = [variable.value for variable in form.variables]
        if sorted(document["head"]["vars"]) == sorted(names):
            document["head"]["vars"] = names
    for row in document.get("results", {}).get("bindings", ()):
        for term in row.values():
            if term.get("datatype") == _BOOLEAN:
                term["value"] = _CANONICAL.get(term["value"], term["value"])
    return json.dumps(document).encode()


def _in_order(body: bytes, form: QuerySolutions) -> bool:
    result = parse_query_results(body, format=QueryResultsFormat.JSON)
    return isinstance(result, QuerySolutions) and result.variables == form.variables


def _graph(received: Received, wanted: str, setup: dict[str, Any]) -> bytes:
    if received.body and not received.body.endswith(b"\n"):
        raise BrokenError("the answer breaks off in the midst of a line")
    try:
        triples = (_true_or_false(quad.triple) for quad in parse(received.body, format=RdfFormat.N_TRIPLES))
        return graph_as(triples, wanted, setup["prefixes"], setup["answer"], setup["rows"])
    except (SyntaxError, ValueError) as error:
        raise BrokenError(f"the answer is no graph ({one_line(str(error))[:200]})") from None


def _true_or_false(triple: Triple) -> Triple:
    value = triple.object
    if isinstance(value, Literal) and value.datatype.value == _BOOLEAN and value.value in _CANONICAL:
        return Triple(triple.subject, triple.predicate, Literal(_CANONICAL[value.value], datatype=NamedNode(_BOOLEAN)))
    return triple


def main() -> None:
    """Give up what is not needed, and answer job after job."""
    setup = begin(sys.stdin.buffer.readline())
    limit_memory(setup)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    engine = Engine(setup["endpoint"])
    work(setup, lambda job: answer(engine, setup, job))


if __name__ == "__main__":
    main()
