"""The server as an ASGI application (https://asgi.readthedocs.io/en/latest/specs/www.html): requests in, replies out."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from kg.serve.clients import client_of
from kg.serve.connection import ABORT
from kg.serve.endpoint import Endpoint, Request
from kg.serve.health import health, metrics
from kg.serve.limits import Limits
from kg.serve.pool import Pool
from kg.serve.problems import Problem, method_not_allowed
from kg.serve.reconcile import PATH, Reconciler, origin
from kg.serve.reply import ALWAYS, Reply, Stretch
from kg.serve.site import Site

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ENDPOINT: Final = "sparql"
_HEALTH, _METRICS = "-/health", "-/metrics"
_CHUNK: Final = 1 << 18
_ALWAYS: Final = [(name.encode(), value.encode()) for name, value in ALWAYS]
_CLOSE = (("connection", "close"),)


class GoneError(Exception):
    """The client has left, or does not go on."""


@dataclass(frozen=True)
class Serving:
    """One release, and everything that answers for it; a new release is another of these."""

    site: Site
    reconciler: Reconciler
    endpoint: Endpoint
    pool: Pool
    name: str


class App:
    """What answers; ``serving`` may be replaced at any time, and whoever began with the old one ends with it."""

    def __init__(self, serving: Serving, limits: Limits, log: Callable[[str], object] | None = None) -> None:
        self.serving = serving
        self._limits = limits
        self._log = log
        self._answered: Counter[int] = Counter()
        self._seconds = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        start = time.monotonic()
        serving = self.serving
        status, size = 499, 0  # the status that nginx logs where the client has left
        try:
            reply = await self._reply(serving, scope, receive)
            status, size = reply.status, reply.length
            await self._send(reply, scope["method"] == "HEAD", send)
        except (GoneError, TimeoutError):
            status = 499
            scope.get(ABORT, _nothing)()
        finally:
            seconds = time.monotonic() - start
            self._answered[status] += 1
            self._seconds += seconds
            if self._log is not None:
                self._log(_line(scope, status, size, seconds))

    async def _reply(self, serving: Serving, scope: Scope, receive: Receive) -> Reply:
        base = serving.site.resources.base
        try:
            headers = _headers(scope)
            path, method = scope["path"].removeprefix("/"), scope["method"]
            query = scope["query_string"].decode("utf-8")
            if path == ENDPOINT:
                return await self._ask(serving, scope, receive, query, headers)
            if path.split("/")[0] == PATH:
                body, here = await self._body(receive), origin(scope["scheme"], headers)
                return await serving.reconciler.reply(method, path, query, headers, body, here, (scope.get("client") or ("",))[0])
            if path in (_HEALTH, _METRICS):
                if method not in ("GET", "HEAD"):
                    raise method_not_allowed(method, "GET, HEAD")
                return health(serving.pool, serving.name) if path == _HEALTH else metrics(serving.pool, self._answered, self._seconds)
            return serving.site.reply(method, path, query, headers)
        except Problem as problem:
            return problem.reply(base)
        except UnicodeDecodeError:
            return Problem(400, "not-utf-8", "the address is not UTF-8; percent-encode it").reply(base)
        except (GoneError, TimeoutError):
            raise
        except Exception:  # a mistake of ours: told as one, and kept for whoever is to mend it
            traceback.print_exc()
            return Problem(500, "mistake", "the server made a mistake; it is in its log").reply(base)

    async def _ask(self, serving: Serving, scope: Scope, receive: Receive, query: str, headers: dict[str, str]) -> Reply:
        """Ask the endpoint; what it does is ended where the client leaves."""
        body = await self._body(receive)
        client = client_of((scope.get("client") or ("",))[0])
        work = asyncio.create_task(serving.endpoint.reply(Request(scope["method"], query, headers, body, client)))
        leaves = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((work, leaves), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise GoneError
            return work.result()
        finally:
            for task in (work, leaves):
                task.cancel()
            await asyncio.gather(work, leaves, return_exceptions=True)

    async def _body(self, receive: Receive) -> bytes:
        """The body of a request, as far as a query can be long. Raises Problem or GoneError."""
        limit = 4 * self._limits.query_bytes  # a form takes three bytes for one
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.request_time):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise GoneError
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise Problem(413, "request-too-large", f"no query may be longer than {self._limits.query_bytes:,} bytes", _CLOSE)
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            detail = f"the body did not come within {self._limits.request_time:g} seconds"
            raise Problem(408, "request-timeout", detail, _CLOSE) from None

    async def _send(self, reply: Reply, only_head: bool, send: Send) -> None:
        headers = [(name.encode(), value.encode("latin-1", errors="replace")) for name, value in reply.headers]
        if reply.status not in (204, 304):
            headers.append((b"content-length", str(reply.length).encode()))
        headers += [each for each in _ALWAYS if each[0] not in dict(headers)]  # two policies would both hold
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        left = 0 if only_head or reply.status in (204, 304) else reply.length
        if not left:
            await send({"type": "http.response.body", "body": b""})
            return
        with closing(_parts(reply.body)) as parts:
            for part in parts:
                left -= len(part)
                async with asyncio.timeout(self._limits.send_time):
                    await send({"type": "http.response.body", "body": part, "more_body": left > 0})


def _parts(body: bytes | Stretch) -> Generator[bytes, None, None]:
    """A body in parts, so that no more of it waits for a slow client than one of them."""
    if isinstance(body, bytes):
        yield from (body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK))
        return
    left = body.length
    with body.path.open("rb") as file:
        file.seek(body.start)
        while left:
            part = file.read(min(left, _CHUNK))
            if not part:
                raise GoneError("the file is shorter than it was")
            left -= len(part)
            yield part


def _nothing() -> None:
    """Where the server does not say how a connection is cut off."""


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by name; several of one name are one list (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _line(scope: Scope, status: int, size: int, seconds: float) -> str:
    """A line of the access log: JSON, without what was asked in a body."""
    asked = scope["raw_path"].decode("latin-1") + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
    client = (scope.get("client") or ("",))[0]
    said = {"time": time.time(), "client": client, "method": scope["method"], "path": asked, "status": status, "bytes": size}
    return json.dumps({**said, "seconds": round(seconds, 6)})
