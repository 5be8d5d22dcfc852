"""Requests as bytes that follow one another on a connection: each has one answer, in their order, and nothing in one counts as another."""

from __future__ import annotations

import http.client
import io
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

import kg
from tests.serving import SECONDS, Server, serving

QUERY = b"ASK { ?s rf:supplies rf:IgG }"
WISH = b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n"
"""What clients send over http that would rather have HTTP/2: that of Java by itself, and curl --http2."""
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nAccept: application/json\r\n"
LAST = b"GET /-/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served."""
    with serving(release.path, "--workers", "1") as running:
        yield running


class _Kept(io.BytesIO):
    def makefile(self, mode: str) -> _Kept:
        """Itself, for each answer that is read from it."""
        return self

    def close(self) -> None:
        """Nothing: another answer follows."""


def _answers(server: Server, *pieces: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer to what is sent piece by piece, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as connection:
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.2)  # so that the server has read what came before
            connection.sendall(piece)
        said = _Kept(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    answers = []
    while said.tell() < len(said.getvalue()):
        response = http.client.HTTPResponse(said)  # type: ignore[arg-type]  # has what is read of a socket
        response.begin()
        answers.append((response.status, response.read()))
    return answers


def _is_health(body: bytes) -> bool:
    return bool(json.loads(body)["status"] == "pass")


LENGTH = WISH + b"Content-Length: %d\r\n\r\n" % len(QUERY)
CHUNKS = b"5\r\n" + QUERY[:5] + b"\r\n%x\r\n" % len(QUERY[5:]) + QUERY[5:] + b"\r\n0\r\n\r\n"


def test_a_body_that_nobody_reads_has_one_answer(server: Server) -> None:
    """However long it is, whether it comes with its head or later, and if it breaks: the next answer is of the next request."""
    head = b"POST /robots.txt HTTP/1.1\r\nHost: x\r\n"
    length = head + b"Content-Length: 400000\r\n\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    for pieces in (
        (length, b"x" * 200_000, b"x" * 200_000, LAST),
        (length + b"x" * 400_000 + LAST,),
        (chunked, chunk * 20, chunk * 20 + b"0\r\n\r\n" + LAST),
    ):
        (status, _), (_, health) = _answers(server, *pieces)
        assert status == 405 and _is_health(health)
    assert [status for status, _ in _answers(server, chunked, b"no number\r\n")] == [405]


def test_a_head_is_counted_by_itself(server: Server) -> None:
    """What comes with a head is none of it; one that is too large is told, also behind an answer."""
    body = b"query=" + QUERY.replace(b" ", b"+") + b"&unused=" + b"x" * 190_000
    form = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert [status for status, _ in _answers(server, form + body + LAST)] == [200, 200]
    large = b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000
    assert [status for status, _ in _answers(server, POST + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY, large)] == [200, 431]


RUNAWAY = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").encode()
SLOW = b"GET /sparql?query=" + RUNAWAY + b" HTTP/1.1\r\nHost: x\r\n\r\n"
KEPT = LAST.replace(b"Connection: close\r\n", b"")
BROKEN = POST + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n"


@pytest.mark.parametrize("pieces", [(SLOW + KEPT,), (SLOW, KEPT), (SLOW, KEPT, KEPT[:9])], ids=["one-packet", "two-packets", "more"])
def test_who_leaves_after_another_request_frees_a_worker(pieces: tuple[bytes, ...], release: kg.Release) -> None:
    """The query that is answered is ended, and not only what was asked last; nothing goes wrong with the connection that is gone."""
    with serving(release.path, "--workers", "1", "--timeout", "60", "--hold", "1") as server:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS)
        for piece in pieces:
            connection.sendall(piece)
            _until(lambda: _free(server) == 0)
        connection.close()
        _until(lambda: _free(server) == 1)
    assert not [line for line in server.said if "Traceback" in line or "Error" in line]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ((SLOW + BROKEN,), [503]),
        ((SLOW, BROKEN), [503]),
        ((SLOW + KEPT + BROKEN,), [503, 200]),
        ((SLOW + KEPT + b"@@@\r\n",), [503, 200]),
        ((b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",), [400]),
    ],
    ids=["one-packet", "two-packets", "three-requests", "no-request", "alone"],
)
def test_what_is_broken_is_not_answered_for_another(pieces: tuple[bytes, ...], expected: list[int], release: kg.Release) -> None:
    """A query that takes long has its own answer, and so has what was whole behind it; then the connection is closed."""
    with serving(release.path, "--workers", "1", "--timeout", "1", "--hold", "1") as server:
        assert [status for status, _ in _answers(server, *pieces)] == expected
    assert not [line for line in server.said if "Traceback" in line or "Error" in line]


def _free(server: Server) -> int:
    return int(json.loads(server.ask("/-/health").body)["free"])


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    "pieces",
    [
        (POST + LENGTH + QUERY + LAST,),
        (POST + LENGTH, QUERY + LAST),
        (POST + LENGTH[:-1], LENGTH[-1:], QUERY[:9], QUERY[9:], LAST),
        (POST + WISH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + LAST,),
        (POST + WISH + b"Transfer-Encoding: chunked\r\n\r\n", CHUNKS[:4], CHUNKS[4:] + LAST),
        (POST + LENGTH.replace(b"h2c", b"websocket") + QUERY + LAST,),
    ],
    ids=["one-packet", "two-packets", "five-packets", "chunks", "chunks-in-packets", "websocket"],
)
def test_a_wish_for_another_protocol_is_not_heeded(pieces: tuple[bytes, ...], server: Server) -> None:
    """The request is answered with its body read, and the next one is the next one (RFC 9110, section 7.8)."""
    (status, body), (_, health) = _answers(server, *pieces)
    assert status == 200 and json.loads(body)["boolean"] is True
    assert _is_health(health)


def test_a_body_behind_a_wish_is_no_request(server: Server) -> None:
    """A request within the body of another, which a proxy took for a body, is not answered; wishes one after the other all are."""
    inner = b"GET /rarefacts.nq HTTP/1.1\r\nHost: x\r\n\r\n"
    outer = b"POST /robots.txt HTTP/1.1\r\nHost: x\r\n" + WISH + b"Content-Length: %d\r\n\r\n" % len(inner) + inner
    *refused, (_, health) = _answers(server, outer * 100 + LAST)
    assert [status for status, _ in refused] == [405] * 100 and _is_health(health)


def test_nothing_follows_a_connect(server: Server) -> None:
    """It has no body, and what comes after it is no request (RFC 9110, section 9.3.6): its answer is the last."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as connection:
        connection.sendall(b"CONNECT / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + LAST)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert (response.status, response.headers["connection"]) == (405, "close")


def test_curl_that_would_rather_have_http_2(server: Server) -> None:
    """A query that curl posts with a wish for HTTP/2 is answered, again and again over one connection."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed (Debian: curl)")
    asked = [curl, "-s", "--http2", "-H", "Content-Type: application/sparql-query", "--data", QUERY.decode()]
    asked += ["-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n"]
    done = subprocess.run(
        [*asked, f"{server.url}sparql", "--next", *asked[1:], f"{server.url}sparql"], stdout=subprocess.PIPE, check=True, text=True
    )
    assert done.stdout.splitlines() == ["200 1", "200 0"]
