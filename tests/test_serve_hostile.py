"""The endpoint that stays honest and alive: hostile queries end in time and in the open, and nobody else is the worse for it."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store, parse, parse_query_results

import kg
from kg.formats import GRAPH_OFFERS, GRAPHS, RESULT_OFFERS, RESULTS
from kg.serve.clients import Clients, client_of
from kg.serve.limits import Limits
from kg.serve.problems import Problem
from kg.serve.store import store_folder
from kg.serve.written import TooManyRowsError, rows_as
from tests.serving import SERVE, Answer, Server, serving

CASES: dict[str, dict[str, Any]] = tomllib.loads((SERVE / "hostile.toml").read_text(encoding="utf-8"))
TIMEOUT = 1.0
SPARE = 4.0
EXHAUSTED = {"query-timeout", "query-memory", "answer-too-large", "too-many-rows"}
GOOD = "SELECT ?s { ?s a rf:Disease }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
STEPS = {
    "doubling": "BIND(CONCAT(?x{0}, ?x{0}) AS ?x{1})",
    "growing": "BIND(REPLACE(?x{0}, '5', ?x{0}) AS ?x{1})",
    "encoding": "BIND(ENCODE_FOR_URI(?x{0}) AS ?x{1})",
    "binding": "BIND({0} AS ?x{1})",
}


def text_of(case: dict[str, Any]) -> str:
    """The query of a case, at its full size."""
    text: str = case["query"]
    for name, (part, times) in case.get("repeat", {}).items():
        text = text.replace(f"{{{name}}}", part * times)
    for name, step in STEPS.items():
        if name in case:
            text = text.replace("{D}", " ".join(step.format(number, number + 1) for number in range(case[name])))
    return text


@pytest.fixture(scope="module", params=["memory", "disk"])
def server(request: pytest.FixtureRequest, release: kg.Release) -> Iterator[Server]:
    """A server with tight limits, so that the tests need not wait for wide ones; its workers read memory, or disk."""
    options = ["--timeout", TIMEOUT, "--memory", 256, "--answer-size", 1, "--budget", 100_000, "--queue-wait", 20, "--in-flight", 4]
    with serving(release.path, *map(str, options), *(["--hold", "1"] if request.param == "disk" else [])) as running:
        if request.param == "memory":
            running.until_in_memory()
        yield running
        assert (running.forkserver is not None) is (request.param == "memory")


def _assert_alive(server: Server) -> None:
    assert server.process.poll() is None
    assert len(json.loads(server.query(GOOD).body)["results"]["bindings"]) == 8
    assert server.ask("/").status == 200


def test_hostile_queries_end_in_time_and_in_the_open(server: Server) -> None:
    """Each ends within its time as 4xx or 503 with a problem; the parent stays, grows by less than 50 MB, and answers as before."""
    assert len(CASES) >= 80
    _assert_alive(server)
    pid, before = server.process.pid, server.megabytes
    ended: dict[str, str] = {}

    def run(name: str) -> None:
        case = CASES[name]
        start = time.monotonic()
        answer = server.query(text_of(case))
        took = time.monotonic() - start
        problem = json.loads(answer.body) if answer.type == "application/problem+json" else {}
        kind = problem.get("type", "").rpartition("/")[2]
        kinds = {case.get("kind", kind)}
        kinds |= EXHAUSTED if kinds & EXHAUSTED else set()  # which of them comes first is the machine's affair
        refused = (400 <= answer.status < 500 or answer.status == 503) and kind in kinds and problem["detail"]
        good = answer.status == case.get("may") or (kind and refused)
        if not good or took > TIMEOUT + SPARE or kind == "busy":
            ended[name] = f"{answer.status} {kind} after {took:.1f} s: {answer.body[:200]!r}"

    with ThreadPoolExecutor(2) as clients:
        list(clients.map(run, CASES))
    assert not ended, "\n".join(f"{name}: {how}" for name, how in ended.items())
    assert server.process.pid == pid
    assert server.megabytes - before < 50
    _assert_alive(server)


# No network


@pytest.fixture
def canary() -> Iterator[tuple[int, list[Any]]]:
    """A port that takes connections and remembers them."""
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, address = listener.accept()
                except TimeoutError:
                    continue
                heard.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1], heard
        stop.set()
        thread.join()


def _ways_out(url: str) -> list[str]:
    """Queries that would make an engine call out."""
    words = ["SERVICE", "service", "SeRvIcE", "S\\u0045RVICE", "\\u0053ERVICE", "SERVIC\\U00000045"]
    words += ["SERVICE SILENT", "service\tsilent", "SERVICE#\n"]
    inner = [f"ASK {{ {word} <{url}> {{ ?s ?p ?o }} }}" for word in words]
    inner += [f"SELECT * {{ ?s ?p ?o {word}<{url}>{{ ?s ?p ?o }} }}" for word in words]
    inner += [f"CONSTRUCT {{ ?s ?p ?o }} {{ {{ SELECT * {{ {word} <{url}> {{ ?s ?p ?o }} }} }} }}" for word in words]
    inner += [f"ASK {{ FILTER NOT EXISTS {{ {word} <{url}> {{ ?s ?p ?o }} }} }}" for word in words]
    inner += [f"PREFIX s: <{url}> ASK {{ {word} s: {{ ?s ?p ?o }} }}" for word in words]
    inner += [f"ASK {{ VALUES ?u {{ <{url}> }} {word} ?u {{ ?s ?p ?o }} }}" for word in words]
    inner += [f"SELECT * FROM <{url}> {{ ?s ?p ?o }}", f"SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"]
    inner += [f"DESCRIBE <{url}>", f"ASK {{ GRAPH <{url}> {{ ?s ?p ?o }} }}", f"BASE <{url}> ASK {{ <x> ?p ?o }}"]
    inner += [f"LOAD <{url}>", f"LOAD SILENT <{url}> INTO GRAPH <urn:g>", f"ASK {{ ?s <{url}> ?o }}", f"SELECT (<{url}>() AS ?x) {{}}"]
    return inner


def test_the_canary_would_notice(canary: tuple[int, list[Any]]) -> None:
    """An engine without a guard calls the canary; so silence below means something."""
    port, heard = canary
    with pytest.raises(OSError):
        bool(Store().query(f"ASK {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"))
    assert len(heard) == 1


def test_nothing_calls_out(server: Server, canary: tuple[int, list[Any]]) -> None:
    """Whatever is asked, by the query, by the request or by its headers, the canary hears nothing."""
    port, heard = canary
    url = f"http://127.0.0.1:{port}/"
    ways = _ways_out(url)
    assert len(ways) >= 60
    for way in ways:
        assert server.query(way).status in (200, 400)
    for parameter in ("default-graph-uri", "named-graph-uri", "using-graph-uri", "service", "context", "url"):
        server.ask(f"/sparql?query={quote('ASK { ?s ?p ?o }')}&{parameter}={quote(url)}")
    for header in ("Host", "Referer", "X_Forwarded_For", "X_Forwarded_Host", "Link", "Origin", "From"):
        server.ask("/disease/MONDO_0010626", **{header: url})
    server.ask(url)
    assert heard == []


def test_a_worker_that_is_asked_to_calls_nobody(release: kg.Release, tmp_path: Path, canary: tuple[int, list[Any]]) -> None:
    """A query that got past the guard finds no socket: a worker is asked directly, and has no descriptor left to open one with."""
    port, heard = canary
    folder = store_folder(release, tmp_path / "release")
    said = _asked_directly(folder, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}", "ASK { ?s ?p ?o }")
    assert [header["status"] for header, _ in said] == ["ready", "failed", "ok"]
    assert heard == []


def test_a_store_of_many_files_is_read_as_a_whole(tmp_path: Path) -> None:
    """A worker has all files of its store open before it can open none: the engine opens only some, and others when it needs them."""
    store = Store(tmp_path / "store")
    nodes = [NamedNode(f"https://example.org/a-name-that-is-kept-as-a-text-of-its-own/{number}") for number in range(61)]
    for number in range(60):  # each load is a file in each index
        predicate, graph = (NamedNode(f"https://example.org/{kind}{number}") for kind in "pg")
        store.bulk_extend([Quad(nodes[number], predicate, nodes[number + 1], graph)])
    del store
    assert sum(1 for _ in (tmp_path / "store").glob("*.sst")) > 400
    patterns = ("?s ?p ?o", "?s <https://example.org/p7> ?o", f"?s ?p {nodes[9]}", f"?s ?p ?o FILTER(?s = {nodes[8]})")
    queries = [f"SELECT (COUNT(*) AS ?n) (SUM(STRLEN(STR(?s))) AS ?l) {{ GRAPH ?g {{ {pattern} }} }}" for pattern in patterns]
    _, *answers = _asked_directly(tmp_path / "store", *queries)
    lengths = [sum(len(node.value) for node in nodes[:60]), *(len(nodes[number].value) for number in (7, 8, 8))]
    assert [body for _, body in answers] == [f"n,l\r\n{n},{length}\r\n".encode() for n, length in zip((60, 1, 1, 1), lengths, strict=True)]


def _asked_directly(store: Path, *queries: str) -> list[tuple[dict[str, Any], bytes]]:
    """What a worker answers, first that it is ready."""
    limits = {"answer": 1 << 20, "rows": 99, "memory": 1 << 28, "timeout": 9, "queries": 9}
    jobs: list[dict[str, Any]] = [{"store": str(store), "base": "urn:b:", "prefixes": {}, **limits}]
    jobs += [{"query": query, "default": None, "named": None, "union": True, "results": "csv", "graph": "turtle"} for query in queries]
    command = [sys.executable, "-P", "-m", "kg.serve.worker"]
    done = subprocess.run(command, input="".join(json.dumps(each) + "\n" for each in jobs).encode(), capture_output=True, check=True)
    said, rest = [], done.stdout
    while rest:
        line, _, rest = rest.partition(b"\n")
        header = json.loads(line)
        said.append((header, rest[: header["length"]]))
        rest = rest[header["length"] :]
    return said


# Truncation


@pytest.fixture(scope="module")
def patient(release: kg.Release) -> Iterator[Server]:
    """A server with time, and little room for answers."""
    with serving(release.path, "--timeout", "60", "--answer-size", "0.2", "--budget", "10000") as running:
        yield running


@pytest.mark.parametrize("offer", [*RESULT_OFFERS, *GRAPH_OFFERS], ids=lambda offer: offer.name)
def test_what_is_too_large_is_never_sent_as_whole(offer: Any, patient: Server) -> None:
    """What is over the limit is 413 and a problem, whatever was asked for; what is below it comes with its last byte."""
    large = "SELECT * { ?a ?b ?c . ?d ?e ?f }" if offer in RESULT_OFFERS else "CONSTRUCT { ?a ?e ?f } { ?a ?b ?c . ?d ?e ?f }"
    answer = patient.query(large + " LIMIT 30000", offer.media_type)
    assert (answer.status, answer.type) == (413, "application/problem+json")
    assert "nothing of it is sent" in json.loads(answer.body)["detail"]
    whole = patient.query(large + " LIMIT 100", offer.media_type)
    assert whole.status == 200 and len(whole.body) == int(whole.headers["content-length"])
    if offer in RESULT_OFFERS and offer.name != "csv":
        rows = parse_query_results(whole.body, format=RESULTS[offer.name])
        assert isinstance(rows, QuerySolutions) and len(list(rows)) == 100
    elif offer.name == "csv":
        assert whole.body.count(b"\r\n") == 101
    else:
        [rdf] = [format.rdf for format in GRAPHS if format.name == offer.name]
        lines = patient.query(large + " LIMIT 100", "application/n-triples").body.count(b"\n")
        assert len(list(parse(whole.body, format=rdf))) == lines


def test_what_has_too_many_rows_is_never_sent_as_whole(release: kg.Release) -> None:
    """As many rows, or triples, as the limit says are sent in each format; one more is 413 and a problem."""
    with serving(release.path, "--answer-rows", "50", "--workers", "1") as running:
        for offer in [*RESULT_OFFERS, *GRAPH_OFFERS]:
            for rows, status in ((50, 200), (51, 413)):
                some = f"{{ SELECT DISTINCT * {{ ?a rdfs:label ?c }} LIMIT {rows} }}"
                answer = running.query(
                    f"SELECT * {some}" if offer in RESULT_OFFERS else f"CONSTRUCT {{ ?a ?a ?c }} {some}", offer.media_type
                )
                assert (answer.status, answer.type) == (status, offer.media_type if status == 200 else "application/problem+json")
                assert status == 200 or json.loads(answer.body)["type"].endswith("too-many-rows")


@given(st.lists(st.text(alphabet='a}{"\n\r\t,<result> ', max_size=9), max_size=5), st.sampled_from(sorted(RESULTS)))
def test_rows_are_counted_and_not_guessed(texts: list[str], format: str) -> None:
    """Texts that look like ends of rows are none: as many rows as there are pass in every format, and with one more they do not."""
    query = f"SELECT ?x ?y {{ VALUES ?x {{ {' '.join(map(str, map(Literal, texts)))} }} }}"

    def written(most: int) -> bytes:
        result = Store().query(query)
        assert isinstance(result, QuerySolutions)
        return rows_as(result, format, 10_000, most)

    assert written(len(texts))
    if texts:
        with pytest.raises(TooManyRowsError):
            written(len(texts) - 1)


def test_an_answer_that_breaks_off_is_seen_to(release: kg.Release) -> None:
    """Where the server is killed in the midst of sending, the client misses bytes that it was promised."""
    options = ("--workers", "1", "--answer-size", "64")  # more than the machine keeps on the way to a client
    with pytest.raises(AssertionError), serving(release.path, *options) as server:  # it cannot end well: it is killed
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(
            b"GET /sparql?query=" + quote("SELECT * { ?s ?p ?o . ?s ?q ?r } LIMIT 99000").encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 200
        server.process.kill()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**22)  # what is on the way comes at once
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            response.read()
        connection.close()


# Fairness


def _ask_quietly(server: Server, client: str, ended: list[Answer]) -> None:
    with suppress(OSError, http.client.HTTPException):  # the server may end before the answer
        ended.append(server.query(RUNAWAY, client=client))


def _in_background(server: Server, count: int, client: str) -> list[threading.Thread]:
    threads = [threading.Thread(target=lambda: server.query(RUNAWAY, client=client)) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_one_client_does_not_take_all(release: kg.Release) -> None:
    """Runaways of one client run two at a time and end in 429 for the third; another client is answered meanwhile."""
    with serving(release.path, "--timeout", "4", "--workers", "3") as server:
        threads = _in_background(server, 2, "127.0.0.2")
        _until(lambda: server_free(server) == 1)
        third = server.query(RUNAWAY, client="127.0.0.2")
        assert (third.status, third.headers["retry-after"]) == (429, "1")
        for number in range(20):
            assert server.query(GOOD + f" # {number}", client="127.0.0.3").status == 200
        for thread in threads:
            thread.join()


def test_who_has_used_up_the_budget_waits(release: kg.Release) -> None:
    """Seconds on workers are counted; who has had them is told when to come back, and others are not."""
    with serving(release.path, "--timeout", "2", "--budget", "1") as server:
        assert server.query(RUNAWAY, client="127.0.0.2").status == 503
        refused = server.query(GOOD, client="127.0.0.2")
        assert refused.status == 429 and 30 < int(refused.headers["retry-after"]) <= 121
        assert json.loads(refused.body)["type"].endswith("/budget-used-up")
        assert server.query(GOOD, client="127.0.0.3").status == 200


def test_who_has_used_little_has_the_right_of_way(release: kg.Release) -> None:
    """Where runaways of several clients have all workers, one of them gives way to a client that has used nothing, and says so."""
    with serving(release.path, "--timeout", "30", "--workers", "2", "--queue-wait", "20") as server:
        ended: list[Answer] = []
        threads = [threading.Thread(target=_ask_quietly, args=(server, client, ended)) for client in ("127.0.0.2", "127.0.0.3")]
        for thread in threads:
            thread.start()
        _until(lambda: server_free(server) == 0)
        assert server.query(GOOD, client="127.0.0.9").status == 200
        _until(lambda: bool(ended))
        assert json.loads(ended[0].body)["type"].endswith("/gave-way") and ended[0].headers["retry-after"]
        server.process.send_signal(signal.SIGTERM)  # the other would go on for half a minute
        for thread in threads:
            thread.join()


def test_who_waits_too_long_is_told(release: kg.Release) -> None:
    """Where all workers are taken a query waits, and then ends as 503 with Retry-After; pages do not wait."""
    with serving(release.path, "--timeout", "6", "--workers", "1", "--queue-wait", "0.5") as server:
        threads = _in_background(server, 1, "127.0.0.2")
        _until(lambda: server_free(server) == 0)
        answer = server.query(GOOD, client="127.0.0.3")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert server.ask("/").status == 200
        for thread in threads:
            thread.join()
        assert _retried(server, GOOD).status == 200


def test_who_leaves_frees_a_worker(release: kg.Release) -> None:
    """The query of a client that has left is ended, long before its time is up."""
    with serving(release.path, "--timeout", "60", "--workers", "1") as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        body = RUNAWAY.encode()
        head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        _until(lambda: server_free(server) == 0)
        connection.close()
        _until(lambda: server_free(server) == 1)
        assert server.query(GOOD).status == 200


@pytest.mark.parametrize("again", [(), (signal.SIGINT,)], ids=["once", "and at once"])
def test_who_waits_while_the_server_ends_is_told(again: tuple[signal.Signals, ...], release: kg.Release) -> None:
    """A query that is worked on, and one that waits for a worker, end as 503 with Retry-After, and the log has it so.

    There is no traceback, nor is there one where a client does not take its answer.
    """
    ended: list[Answer] = []
    with serving(release.path, "--timeout", "60", "--workers", "1", "--queue-wait", "60") as server:
        deaf = socket.create_connection(("127.0.0.1", server.port))
        deaf.sendall(b"GET /rarefacts.nq HTTP/1.1\r\nHost: x\r\n\r\n" * 8)  # more than what lies between
        threads = [threading.Thread(target=_ask_quietly, args=(server, client, ended)) for client in ("127.0.0.2", "127.0.0.3")]
        for thread in threads:
            thread.start()
        _until(lambda: server_free(server) == 0)
        time.sleep(0.2)  # for the second to wait
        server.process.send_signal(signal.SIGTERM)
        for number in again:
            time.sleep(0.5)
            server.process.send_signal(number)
        for thread in threads:
            thread.join()
        server.process.wait()
        deaf.close()
    assert [(answer.status, answer.type, answer.headers["retry-after"]) for answer in ended] == [(503, "application/problem+json", "5")] * 2
    assert {json.loads(answer.body)["type"].rpartition("/")[2] for answer in ended} == {"ending"}
    logged = [json.loads(line) for line in server.log]
    assert [line["status"] for line in logged if line["path"] == "/sparql"] == [503, 503]
    assert [line["status"] for line in logged if line["path"] == "/rarefacts.nq"][-1] == 499
    assert "Traceback" not in "".join(server.said), server.said


def test_killed_workers_cost_nobody_else_anything(release: kg.Release) -> None:
    """With a worker killed five times a second, every good query is answered after one retry at most, and pages without any."""
    with serving(release.path, "--budget", "10000") as server:
        stop = threading.Event()
        dice = random.Random(7)  # noqa: S311 (which worker, not a secret)
        killed: list[int] = []

        def kill() -> None:
            while not stop.wait(0.2):
                if server.workers:
                    killed.append(dice.choice(server.workers))
                    os.kill(killed[-1], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            number = 0
            while len(killed) < 15:
                number += 1
                assert _retried(server, f"{GOOD} # {number}").status == 200
                assert server.ask("/disease/MONDO_0010626.ttl").status == 200
        finally:
            stop.set()
            killer.join()


@pytest.mark.parametrize(
    ("number", "status", "kind", "counter"),
    [
        (signal.SIGSEGV, 400, "query-refused", "crashed"),
        (signal.SIGBUS, 400, "query-refused", "crashed"),
        (signal.SIGABRT, 503, "query-memory", "died"),
        (signal.SIGTERM, 503, "worker-lost", "died"),
    ],
)
def test_how_a_worker_ended_is_told(number: signal.Signals, status: int, kind: str, counter: str, release: kg.Release) -> None:
    """An engine that falls over a query is no want of memory; one that was ended is no fault of the query."""
    ended: list[Answer] = []
    with serving(release.path, "--timeout", "20", "--workers", "1", "--hold", "1") as server:
        thread = threading.Thread(target=_ask_quietly, args=(server, "127.0.0.2", ended))
        thread.start()
        while thread.is_alive():  # a query is asked again where its worker was lost
            _until(lambda: server_free(server) == 0 or bool(ended))
            for pid in server.workers:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            thread.join(0.3)
        counted = server.ask("/-/metrics").body.decode()
    assert (ended[0].status, json.loads(ended[0].body)["type"].rpartition("/")[2]) == (status, kind)
    assert ("retry-after" in ended[0].headers) == (kind == "worker-lost")
    assert [name for name in ("crashed", "died") if f"kg_workers_{name}_total 0\n" not in counted] == [counter]


def test_accounts_settle() -> None:
    """Time forgives what was used at the rate of the budget; accounts that are settled are forgotten before they are too many."""
    now = [0.0]
    clients = Clients(Limits(budget=6, in_flight=1), lambda: now[0])
    with clients.asking("a") as account, pytest.raises(Problem, match="in flight"), clients.asking("a"):
        pass
    account.charge(16)
    with pytest.raises(Problem) as refused, clients.asking("a"):
        pass
    assert dict(refused.value.headers)["retry-after"] == "101"
    now[0] = 101
    with clients.asking("a"):
        assert account.used < 6


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::"),
        ("2001:db8::ffff:1%eth0", "2001:db8::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_who_is_one_client(address: str, client: str) -> None:
    """An IPv4 address, or the network that one subscriber has."""
    assert client_of(address) == client


def server_free(server: Server) -> int:
    """How many workers have nothing to do, by the health of the server."""
    free: int = json.loads(server.ask("/-/health").body)["free"]
    return free


def _retried(server: Server, query: str) -> Answer:
    answer = server.query(query)
    return server.query(query) if answer.status == 503 and answer.headers.get("retry-after") else answer


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
