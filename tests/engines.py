"""Engines that the tests of ``kg serve --endpoint`` use: two real ones, and one in between that misbehaves as it is told to."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

SECONDS = 60
_INI = """[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
CaseMode = 2
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
ServerRoot = .
Charset = UTF-8
"""


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], folder: Path, port: int, seconds: int = SECONDS) -> Iterator[subprocess.Popen[bytes]]:
    """A server that is run in a folder, once it listens at its port; killed at the end."""
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
    try:
        for _ in range(seconds * 20):
            assert process.poll() is None, (folder / "said.txt").read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def oxigraph(folder: Path, port: int | None = None) -> Iterator[str]:
    """An oxigraph server (PyPI: oxigraph), empty; its address for queries."""
    port = port or free_port()
    executable = shutil.which("oxigraph", path=Path(sys.executable).parent)
    assert executable, "the test extra installs oxigraph"
    with running([executable, "serve", "--bind", f"127.0.0.1:{port}"], folder, port):
        yield f"http://127.0.0.1:{port}/query"


@contextmanager
def virtuoso(folder: Path, buffers: int = 4000) -> Iterator[str]:
    """A Virtuoso (Debian: virtuoso-opensource) with what it holds from the start; its address for queries. A buffer is 8 kB."""
    executable = shutil.which("virtuoso-t")
    if executable is None:
        pytest.skip("virtuoso-t is not installed (Debian: virtuoso-opensource)")
    port = free_port()
    (folder / "virtuoso.ini").write_text(_INI.format(sql=free_port(), http=port, buffers=buffers, dirty=buffers * 3 // 4), encoding="utf-8")
    with running([executable, "-f", "+configfile", "virtuoso.ini"], folder, port):
        yield f"http://127.0.0.1:{port}/sparql"


Bad = Callable[[BaseHTTPRequestHandler], object]


@dataclass
class Between:
    """What stands between kg and an engine: it passes requests on, unless told to answer them itself.

    ``bad`` answers queries whose text has ``mark``; ``puts`` counts graphs that were put, of which ``most`` are let through.
    """

    port: int
    bad: Bad | None = None
    mark: str = ""
    puts: list[str] = field(default_factory=list)
    most: int | None = None
    server: str | None = None
    stalled: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address for queries."""
        return f"http://127.0.0.1:{self.port}/query"


@contextmanager
def between(engine: str) -> Iterator[Between]:
    """Something between kg and an engine."""
    there = urlsplit(engine)
    end = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.close_connection = True
            if self.command == "PUT":
                if state.most is not None and len(state.puts) >= state.most:
                    state.stalled.set()
                    end.wait(SECONDS)
                    return
                state.puts.append(self.path)
            if state.bad and self.command == "POST" and state.mark in parse_qs(body.decode()).get("query", [""])[0]:
                state.bad(self)
                return
            connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=SECONDS)
            kept = ("Accept", "Content-Type", "Authorization")
            connection.request(self.command, self.path, body, {name: self.headers[name] for name in kept if name in self.headers})
            response = connection.getresponse()
            content = response.read()
            connection.close()
            reply(self, content, response.headers.get("content-type", ""), response.status, state.server or response.headers["server"])

        do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815

        def version_string(self) -> str:
            return state.server or "oxigraph between"

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state = Between(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield state
        finally:
            end.set()
            server.shutdown()
            thread.join()


def reply(to: BaseHTTPRequestHandler, body: bytes, media_type: str, status: int = 200, server: str = "oxigraph", **headers: str) -> None:
    """An answer, whole."""
    to.send_response_only(status)
    for name, value in {"Server": server, "Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
        to.send_header(name.replace("_", "-"), value)
    to.end_headers()
    if status != 204:
        to.wfile.write(body)
