"""Requests as bytes, which no client of good manners sends: each is answered by the rules of HTTP, with a problem that says why."""

from __future__ import annotations

import http.client
import json
import socket
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

import kg
from kg.serve.reply import ALWAYS
from tests.serving import SERVE, Server, serving

CASES: dict[str, dict[str, Any]] = tomllib.loads((SERVE / "heads.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served."""
    with serving(release.path, "--workers", "1") as running:
        yield running


def test_the_cases_are_read() -> None:
    """The case file is read."""
    assert len(CASES) >= 15


@pytest.mark.parametrize("name", CASES)
def test_head(name: str, server: Server) -> None:
    """Each head has the status of its case; a failure is a problem document, with the headers that every answer has."""
    case = CASES[name]
    close = [] if "keep" in case else ["Connection: close"]
    text = "".join(f"{line}\r\n" for line in [*case["head"], *close, ""]) + case.get("body", "")
    for part, (piece, times) in case.get("repeat", {}).items():
        text = text.replace(f"{{{part}}}", piece * times)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        response = http.client.HTTPResponse(connection)
        response.begin()
        status, headers, body = response.status, response.headers, response.read()
    assert status == case["status"]
    assert {name: headers[name] for name, _ in ALWAYS} == dict(ALWAYS)
    assert dict(case.get("headers", {})).items() <= dict(headers).items()
    if status >= 400:
        problem = json.loads(body)
        assert headers["content-type"] == "application/problem+json"
        assert (problem["status"], problem["type"].rpartition("/")[2]) == (status, case["kind"]) and problem["title"] and problem["detail"]
