"""What the tests of the server share: the server as its users run it, in a process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SERVE = Path(__file__).parent / "serve"
SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """Status, headers by lower-case name, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass
class Server:
    """A running ``kg serve``."""

    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def megabytes(self) -> float:
        """Memory of the process itself, without its workers."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    @property
    def workers(self) -> list[int]:
        """The process ids of its workers."""
        return [pid for pid in self.children if pid != self.forkserver]

    @property
    def forkserver(self) -> int | None:
        """The process that holds the release in memory."""
        return next((pid for pid in _children(self.process.pid) if _runs(pid, "kg.serve.forkserver")), None)

    @property
    def children(self) -> list[int]:
        """All processes that end with it."""
        children = _children(self.process.pid)
        return [*children, *(pid for child in children for pid in _children(child))]

    @property
    def in_memory(self) -> int:
        """How many workers answer from memory."""
        return int(json.loads(self.ask("/-/health").body)["inMemory"])

    def until_in_memory(self) -> None:
        """Wait until there are some."""
        while not self.in_memory:
            time.sleep(0.02)

    def ask(self, path: str, method: str = "GET", body: bytes | str | None = None, client: str = "127.0.0.1", **headers: str) -> Answer:
        """A request, from an address of the loopback network of one's choice; ``_`` in names of headers stands for ``-``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS, source_address=(client, 0))
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            content = body.encode() if isinstance(body, str) else body
            if content is not None:
                connection.putheader("Content-Length", str(len(content)))
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(content)
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def query(self, text: str, accept: str = "*/*", client: str = "127.0.0.1") -> Answer:
        """A query, posted directly."""
        return self.ask("/sparql", "POST", text, client, Content_Type="application/sparql-query", Accept=accept)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:  # it has just ended
        return []


def _runs(pid: int, module: str) -> bool:
    try:
        return module in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    except FileNotFoundError:
        return False


@contextmanager
def serving(release: Path, *options: str, cwd: Path | None = None) -> Iterator[Server]:
    """A server on a port that is free; ended by SIGTERM, which it has to obey with exit code 0."""
    command = [sys.executable, "-c", "from kg.cli import main; main(prog_name='kg')", "serve", str(release), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd)
    assert process.stdout is not None and process.stderr is not None
    server = Server(process, 0)
    for line in iter(process.stderr.readline, ""):
        server.said.append(line)
        if " is served at " in line:
            break
    found = re.search(r" is served at http://127\.0\.0\.1:(\d+)/", "".join(server.said))
    readers = [_gather(process.stdout, server.log), _gather(process.stderr, server.said)]
    try:
        assert found, "".join(server.said)
        server.port = int(found[1])
        yield server
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0, "".join(server.said)
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join()
        process.stdout.close()
        process.stderr.close()


def _gather(stream: Any, lines: list[str]) -> threading.Thread:
    reader = threading.Thread(target=lambda: lines.extend(iter(stream.readline, "")))
    reader.start()
    return reader


def case_lines(name: str) -> list[str]:
    """The lines of a case file, without its comments."""
    lines = (SERVE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]
