"""``kg load`` and ``kg serve --endpoint``: engines of somebody else's get the release, and answer as our own store, or not at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import kg
from kg.competency import questions
from kg.errors import KgError
from kg.serve.dialect import Graphs, dialect_named
from kg.serve.engine import BrokenError, Engine, address
from kg.serve.remote import answer
from tests.engines import Bad, Between, between, free_port, oxigraph, reply, virtuoso
from tests.serving import SERVE, Answer, Server, serving

CASES: dict[str, Any] = tomllib.loads((SERVE / "engines.toml").read_text(encoding="utf-8"))
ENGINES = {"oxigraph": oxigraph, "virtuoso": virtuoso}
JSON = "application/sparql-results+json"


@dataclass(frozen=True)
class Loaded:
    """An engine that ``kg load`` has put the release into, and the server before it."""

    name: str
    url: str
    said: str
    server: Server

    @property
    def login(self) -> tuple[str, ...]:
        """How to say who writes."""
        return ("--user", "dba") if self.name == "virtuoso" else ()


def _kg(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of kg's, with a proxy in the environment that it must not heed."""
    command = [sys.executable, "-c", "from kg.cli import main; main(prog_name='kg')", *map(str, arguments)]
    environment = {**os.environ, "KG_PASSWORD": "dba", "http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


def _put(engine: str, graph: str, triples: str) -> None:
    """Put a graph into an oxigraph, past kg."""
    store = Engine(engine.replace("/query", "/store"))
    done = store.graph("PUT" if triples else "DELETE", graph, triples.encode() or None, "application/n-triples", 10)
    assert done.status in (201, 204)


@contextmanager
def _loaded(name: str, release: kg.Release, folder: Path) -> Iterator[Loaded]:
    with ENGINES[name](folder) as url:
        login = ("--user", "dba") if name == "virtuoso" else ()
        done = _kg("load", release.path, "--endpoint", url, *login)
        assert done.returncode == 0, done.stderr
        with serving(release.path, "--endpoint", url, "--budget", "10000", "--workers", "2") as server:
            yield Loaded(name, url, done.stdout, server)


@pytest.fixture(scope="module", params=ENGINES)
def loaded(request: pytest.FixtureRequest, release: kg.Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Each of the engines, with the release."""
    with _loaded(request.param, release, tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.fixture(scope="module")
def ours(release: kg.Release) -> Iterator[Server]:
    """The release, served from our own store."""
    with serving(release.path, "--budget", "10000", "--workers", "1") as server:
        yield server


def test_a_load_says_what_it_did_and_is_done_once(loaded: Loaded, release: kg.Release) -> None:
    """All graphs of the release are sent; a second time none is, and nothing has to be allowed."""
    quads = release.manifest["counts"]["quads"]
    graphs = int(re.findall(r"(\d+) graphs sent, 0 were there", loaded.said)[0])
    assert f"({quads} triples; {graphs} graphs sent" in loaded.said and graphs > 50
    again = _kg("load", release.path, "--endpoint", loaded.url)
    assert f"({quads} triples; 0 graphs sent, {graphs} were there, 0 removed)" in again.stdout, again.stderr


def test_each_answer_is_that_of_our_own_store(loaded: Loaded, ours: Server, release: kg.Release) -> None:
    """Graphs, FROM, formats, mistakes: status and bytes are the same, whatever answers."""
    graphs = {
        each: f"{release.manifest['base']}graph/disease/{name}" for each, name in (("one", "MONDO_0010626"), ("two", "MONDO_0011528"))
    }
    assert len(CASES["asked"]) >= 30
    other = {}
    for name, case in CASES["asked"].items():
        text = json.dumps([["query", case["query"]], *case.get("fields", [])])
        for key, iri in graphs.items():
            text = text.replace(f"{{{key}}}", iri)
        form, accept = urlencode([(field, value) for field, value in json.loads(text)]), case.get("accept", JSON)
        got, expected = (_post(server, form, accept) for server in (loaded.server, ours))
        if (got.status, got.type, got.body) != (expected.status, expected.type, expected.body):
            other[name] = (got.status, got.body[:300], expected.status, expected.body[:300])
    assert set(other) == {name for name, case in CASES["asked"].items() if loaded.name in case.get("otherwise", ())}, other


def _post(server: Server, form: str, accept: str) -> Answer:
    return server.ask("/sparql", "POST", form, Content_Type="application/x-www-form-urlencoded", Accept=accept)


def test_the_projects_questions(loaded: Loaded, ours: Server) -> None:
    """Each question has the rows of our own store, but for those in the table; who runs the server is told of these by name."""
    known: dict[str, Any] = CASES["otherwise"][loaded.name]
    found = {}
    for name, question in questions().items():
        got, expected = (server.query(question.text, JSON) for server in (loaded.server, ours))
        assert expected.status == 200
        if got.body != expected.body:
            found[name] = got.status
            assert known[name].get("said", "") in got.body.decode()
    assert found == {name: case["status"] for name, case in known.items()}
    assert loaded.server.process.poll() is None
    told = "".join(line for line in loaded.server.said if line.startswith("warning: "))
    assert set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", told.replace(loaded.url, ""))) == set(known)


def test_an_engine_does_no_more_than_answer(loaded: Loaded) -> None:
    """What Virtuoso would take for orders (functions of its own, pragmas) is refused, however it is written."""
    for query in (
        'SELECT (<bif:http_get>("http://127.0.0.1:9/") AS ?x) {}',
        'PREFIX b: <bif:>\nSELECT (b:http_get("http://127.0.0.1:9/") AS ?x) {}',
        "SELECT * { ?s <b\\u0069f:contains> 'x' }",
        'BASE <sql:>\nSELECT * { ?s ?p ?o FILTER(<x>("y")) }',
        'define get:soft "soft" SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }',
        "# define get:soft\rdefine get:soft 'soft'\nSELECT * { ?s ?p ?o }",
    ):
        answer = loaded.server.query(query)
        magic = "contains" in query  # a predicate: no mistake, and to others no more than one that nothing has
        assert answer.status == (200 if magic and loaded.name != "virtuoso" else 400), (query, answer.body)
        assert b"does more than answer a query" in answer.body or not magic or answer.status == 200


# What does not hold the release is not served


@pytest.fixture(scope="module")
def engine(release: kg.Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An oxigraph server with the release."""
    with oxigraph(tmp_path_factory.mktemp("engine")) as url:
        assert _kg("load", release.path, "--endpoint", url).returncode == 0
        yield url


def _refused(release: kg.Release, url: str, command: str = "serve") -> str:
    options = ("--port", "0") if command == "serve" else ()
    done = _kg(command, release.path, "--endpoint", url, *options)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_another_release_is_not_served_and_is_mended_by_a_load(release: kg.Release, tmp_path: Path) -> None:
    """A changed word, a graph that is missing, one too many of an older release: told, and put right by another load."""
    base = release.manifest["base"]
    with oxigraph(tmp_path) as url:
        assert "64 graphs are missing" in _refused(release, url)
        assert _kg("load", release.path, "--endpoint", url).returncode == 0
        _put(url, f"{base}graph/disease/MONDO_0011735", "")
        _put(url, f"{base}graph/disease/OLD_1", "<urn:a> <urn:b> <urn:c> .\n")
        dataset = release.dump("nq").read_text(encoding="utf-8").splitlines()
        lines = [line for line in dataset if line.endswith(f"<{base}graph/disease/MONDO_0011528> .")]
        changed = "".join(re.sub(r" <[^<>]*> \.$", " .\n", line) for line in lines).replace("2026-11-22", "2026-11-23", 1)
        _put(url, f"{base}graph/disease/MONDO_0011528", changed)
        assert "3 graphs are missing, too many or other ones" in _refused(release, url)
        assert "2 graphs sent, 62 were there, 1 removed" in _kg("load", release.path, "--endpoint", url).stdout
        _put(url, "http://example.org/somebody-elses", "<urn:a> <urn:b> <urn:c> .\n")
        assert "graphs of somebody else, such as <http://example.org/somebody-elses>" in _refused(release, url, "load")
        assert "1 graphs are missing, too many" in _refused(release, url)


def test_a_load_that_was_killed_is_finished_by_another(release: kg.Release, tmp_path: Path) -> None:
    """After kill -9 in the midst, the second load sends the rest and no more."""
    with oxigraph(tmp_path) as url, between(url) as middle:
        middle.most = 20
        command = [sys.executable, "-c", "from kg.cli import main; main()", "load", str(release.path), "--endpoint", middle.url]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert middle.stalled.wait(60)
        process.kill()
        process.wait()
        middle.most = None
        done = _kg("load", release.path, "--endpoint", middle.url)
        assert "44 graphs sent, 20 were there" in done.stdout, done.stderr
        assert len(middle.puts) == len(set(middle.puts)) == 64


def test_what_is_no_engine_is_told(release: kg.Release, engine: str) -> None:
    """An address that is none, nobody there, pages instead of SPARQL, a default graph that is no union, a cut at some row."""
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/query", "http://me:secret@127.0.0.1/query", "http://", "http://a b/", "http://[/"):
        with pytest.raises(KgError, match="an engine is named by its http or https address"):
            address(url)
    assert "cannot be reached" in _refused(release, f"http://127.0.0.1:{free_port()}/query")
    assert "cannot be reached" in _refused(release, f"http://127.0.0.1:{free_port()}/query", "load")
    assert "is no SPARQL endpoint" in _refused(release, engine.replace("/query", "/nowhere"))
    with between(engine) as middle:
        middle.server = "Something else"
        assert "the default graph is the union of the named graphs" in _refused(release, middle.url)
        middle.server, middle.mark = None, "LIMIT 1000000"
        middle.bad = lambda to: reply(to, b"one\r\n" + b"1\r\n" * 10000, "text/csv")
        assert "cuts off answers after 10,000 rows" in _refused(release, middle.url)


# What an engine breaks is told as broken


@dataclass(frozen=True)
class Serving:
    """A server, what stands between it and its engine, and a place that nobody may be led to."""

    server: Server
    middle: Between
    elsewhere: Between
    visits: list[str]


@pytest.fixture(scope="module")
def serving_between(release: kg.Release, engine: str) -> Iterator[Serving]:
    """The release, served by an engine that can be made to misbehave."""
    with ExitStack() as stack:
        middle, elsewhere = stack.enter_context(between(engine)), stack.enter_context(between(engine))
        visits: list[str] = []
        elsewhere.bad = lambda to: visits.append(to.path)
        options = ("--timeout", "3", "--answer-size", "0.5", "--budget", "10000", "--workers", "2")
        yield Serving(stack.enter_context(serving(release.path, "--endpoint", middle.url, *options)), middle, elsewhere, visits)


ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:a"}},{"s":{"type":"uri","value":"urn:b"}}]}}'
MANY = ROWS[:-3] + b',{"s":{"type":"uri","value":"urn:b"}}' * 100_000 + b"]}}"
LINES = b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> <urn:d> .\n"
LINE_TYPE = "application/n-triples"


def _raw(*parts: bytes, **headers: str) -> Bad:
    """An answer of exactly these headers and bytes."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response_only(200)
        for name, value in {"Content-Type": JSON, **headers}.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        for part in parts:
            to.wfile.write(part)

    return answer


def _chunks(*parts: bytes, last: bytes = b"0\r\n\r\n", media_type: str = JSON) -> Bad:
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    return _raw(*chunks, last, Transfer_Encoding="chunked", Content_Type=media_type)


def _endless(to: BaseHTTPRequestHandler) -> None:
    """As much as somebody takes of 10 GB."""
    _raw(Content_Length=str(10**10))(to)
    try:
        for _ in range(10_000):
            to.wfile.write(b" " * 1_000_000)
    except OSError:
        return


def _trickle(to: BaseHTTPRequestHandler) -> None:
    """A byte from time to time, so that no single wait is long."""
    _raw(Content_Length="1000")(to)
    try:
        for _ in range(100):
            to.wfile.write(b" ")
            time.sleep(0.1)
    except OSError:
        return


SELECT, ASK, CONSTRUCT = "SELECT ?s { ?s ?bad ?o }", "ASK { ?s ?bad ?o }", "CONSTRUCT WHERE { ?s ?bad ?o }"
BROKEN: dict[str, tuple[str, int, Bad]] = {
    "rows that break off": (SELECT, 502, lambda to: reply(to, ROWS[:-40], JSON)),
    "rows that lack the end": (SELECT, 502, lambda to: reply(to, ROWS[:-1], JSON)),
    "a message at the end": (SELECT, 502, _chunks(ROWS[:80], b"The SPARQL operation has been cancelled")),
    "rows with something behind": (SELECT, 502, lambda to: reply(to, ROWS + b"x", JSON)),
    "shorter than it says": (SELECT, 502, _raw(ROWS, Content_Length=str(len(ROWS) + 1))),
    "a length that is none": (SELECT, 502, _raw(ROWS, Content_Length="many")),
    "no length": (SELECT, 502, _raw(ROWS)),
    "no last chunk": (SELECT, 502, _chunks(ROWS, last=b"")),
    "other columns": (SELECT, 502, lambda to: reply(to, ROWS.replace(b'"s"', b'"t"'), JSON)),
    "an IRI that is none": (SELECT, 502, lambda to: reply(to, ROWS.replace(b"urn:a", b"a b"), JSON)),
    "a truth value for rows": (SELECT, 502, lambda to: reply(to, b'{"head":{},"boolean":true}', JSON)),
    "rows for a truth value": (ASK, 502, lambda to: reply(to, ROWS, JSON)),
    "a truth value that breaks off": (ASK, 502, lambda to: reply(to, b'{"head":{},"boolean":true', JSON)),
    "a list": (ASK, 502, lambda to: reply(to, b"[]", JSON)),
    "nested too deep": (ASK, 502, lambda to: reply(to, b"[" * 100_000, JSON)),
    "nothing": (SELECT, 502, lambda to: reply(to, b"", JSON)),
    "a page": (SELECT, 502, lambda to: reply(to, b"<html>Please log in</html>", "text/html")),
    "a page that says it is rows": (SELECT, 502, lambda to: reply(to, b"<html>Please log in</html>", JSON)),
    "rows that say they are a page": (SELECT, 502, lambda to: reply(to, ROWS, "text/html")),
    "compressed": (SELECT, 502, lambda to: reply(to, ROWS, JSON, Content_Encoding="gzip")),
    "a part": (SELECT, 502, lambda to: reply(to, ROWS, JSON, 206)),
    "no content": (SELECT, 502, lambda to: reply(to, b"", JSON, 204)),
    "its mistake": (SELECT, 502, lambda to: reply(to, b"out of disk", "text/plain", 500)),
    "busy": (SELECT, 502, lambda to: reply(to, b"later", "text/plain", 503)),
    "it refuses": (SELECT, 400, lambda to: reply(to, b"no such function", "text/plain", 400)),
    "no HTTP": (SELECT, 502, lambda to: to.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "it hangs up": (SELECT, 502, lambda to: None),
    "lines that break off": (CONSTRUCT, 502, lambda to: reply(to, LINES[:-10], LINE_TYPE)),
    "lines without the last break": (CONSTRUCT, 502, lambda to: reply(to, LINES[:-1], LINE_TYPE)),
    "a message after lines": (CONSTRUCT, 502, _chunks(LINES, b"Cancelled\n", media_type=LINE_TYPE)),
    "lines without a last chunk": (CONSTRUCT, 502, _chunks(LINES, last=b"", media_type=LINE_TYPE)),
    "lines without a length": (CONSTRUCT, 502, _raw(LINES, Content_Type=LINE_TYPE)),
    "10 GB": (SELECT, 413, _endless),
    "rows larger than an answer": (SELECT, 413, lambda to: reply(to, MANY, JSON)),
    "it stalls": (SELECT, 503, lambda to: time.sleep(20)),
    "it trickles": (SELECT, 503, _trickle),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_answer_is_never_a_whole_one(case: str, serving_between: Serving) -> None:
    """Whatever an engine sends that is not the whole answer is a problem in each format, soon after the time limit at the latest."""
    query, status, serving_between.middle.bad = BROKEN[case]
    serving_between.middle.mark = "?bad"
    for accept in ("text/csv", JSON) if query != CONSTRUCT else ("text/turtle",):
        start = time.monotonic()
        answer = serving_between.server.query(f"{query} # {case}", accept)
        assert (answer.status, answer.type) == (status, "application/problem+json"), answer.body[:500]
        assert time.monotonic() - start < 8
        if "stall" in case or "trickle" in case:
            break
    assert "no such function" in answer.body.decode() or status != 400
    assert "out of disk" in answer.body.decode() or "mistake" not in case


def test_what_is_whole_is_passed_on(serving_between: Serving) -> None:
    """The same answers, unbroken, arrive: with a length, and in chunks."""
    serving_between.middle.mark = "?bad"
    for bad, query, expected in (
        (lambda to: reply(to, ROWS, JSON), SELECT, b"s\r\nurn:a\r\nurn:b\r\n"),
        (_chunks(ROWS[:50], ROWS[50:]), SELECT + " ", b"s\r\nurn:a\r\nurn:b\r\n"),
        (_chunks(LINES[:30], LINES[30:], media_type="text/plain"), CONSTRUCT, LINES),
        (lambda to: reply(to, b'{"head":{},"boolean":false}', JSON), ASK, b"false\n"),
    ):
        serving_between.middle.bad = bad
        answer = serving_between.server.query(query, "text/csv, application/n-triples")
        assert (answer.status, answer.body) == (200, expected)


def test_nobody_is_led_elsewhere(serving_between: Serving) -> None:
    """A redirect is not followed, and the place that it names sees nobody; asked directly, that place would have noticed."""
    elsewhere = serving_between.elsewhere
    serving_between.middle.mark = "?bad"
    for status in (301, 302, 303, 307, 308):
        serving_between.middle.bad = lambda to, status=status: reply(to, b"", "text/plain", status, Location=elsewhere.url)
        assert serving_between.server.query(f"{SELECT} # {status}").status == 502
    assert serving_between.visits == []
    with pytest.raises(BrokenError):
        Engine(elsewhere.url).query("ASK {}", JSON, [], 5, 1000)
    assert serving_between.visits == ["/query"]


def test_an_engine_that_stops_answering_in_part_is_noticed(serving_between: Serving) -> None:
    """What Virtuoso says of answers that are not whole counts, where it is Virtuoso that is asked."""
    middle = serving_between.middle
    middle.mark = "?bad"
    setup = {
        "base": "urn:x:",
        "prefixes": {},
        "graphs": [[], ["urn:h"]],
        "dialect": "Virtuoso",
        "timeout": 2,
        "answer": 1 << 20,
        "rows": 99,
    }
    job = {"query": SELECT, "default": None, "named": None, "union": True, "results": "csv", "graph": "turtle"}
    for headers, status in (
        ({}, "ok"),
        ({"X-SPARQL-MaxRows": "2"}, "engine-answer"),
        ({"X-SQL-State": "S1TAT"}, "timeout"),
        ({"X-SQL-State": "01000"}, "engine-answer"),
    ):
        middle.bad = lambda to, headers=headers: reply(to, ROWS, JSON, **headers)
        assert answer(Engine(middle.url), setup, job)[0]["status"] == status


def test_pages_answer_while_the_engine_is_down(release: kg.Release, tmp_path: Path) -> None:
    """An engine that is gone is 503 with Retry-After for who asks, and nothing for who reads; when it is back, it is asked again."""
    with ExitStack() as stack:
        port = free_port()
        with oxigraph(tmp_path, port) as url:
            assert _kg("load", release.path, "--endpoint", url).returncode == 0
            server = stack.enter_context(serving(release.path, "--endpoint", url, "--workers", "1"))
            assert server.query("ASK { ?s rf:supplies rf:IgG }").status == 200
        answer = server.query("ASK { ?s rf:supplies rf:IgA }")
        assert answer.status == 503 and answer.headers["retry-after"] and b"engine-unreachable" in answer.body
        assert server.query("ASK { ?s rf:supplies rf:IgG }").status == 200  # kept for the life of the release
        assert server.ask("/disease/MONDO_0010626.html").status == 200
        with oxigraph(tmp_path, port):
            assert server.query("ASK { ?s rf:supplies rf:IgA }").status == 200


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("SELECT * { GRAPH <https://example.org/graph/a> { ?s ?p ?o } }", True),
        ("SELECT * { GRAPH ?g { <https://example.org/graph/a> ?p ?o } }", False),
        ("SELECT * { VALUES ?g { <https://example.org/graph/a> } GRAPH ?g { ?s ?p ?o } }", False),
        ("SELECT * { gr\\u0061ph<https://example.org/a> { ?s ?p ?o } }", True),
        ("SELECT * { ?a <https://example.org/b> ?c GRAPH:d { ?s ?p ?o } }", True),
    ],
)
def test_graphs_are_listed_only_where_one_is_named(query: str, listed: bool) -> None:
    """A list of all graphs may be too long for Virtuoso, so it is given where a query names a graph, and not for an IRI with that word."""
    asked, _ = dialect_named("Virtuoso").ask(query, Graphs(("urn:shown",), ("urn:hidden",)), None, None, True)
    assert ("<urn:shown>" in asked) == listed and asked.endswith(query)
