"""The server as an ASGI application (https://asgi.readthedocs.io/en/latest/specs/www.html): requests in, replies out."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kg.publish.frame import ENDPOINT
from kg.serve.clients import client_of
from kg.serve.connection import ABORT
from kg.serve.endpoint import Endpoint, Request
from kg.serve.exchange import Exchange, GoneError, Receive, Scope, Send
from kg.serve.health import health, metrics
from kg.serve.held import Held
from kg.serve.kinds import FOLDER, explained
from kg.serve.limits import Limits
from kg.serve.pool import Pool
from kg.serve.problem_page import ProblemPage
from kg.serve.problems import Problem, method_not_allowed
from kg.serve.protocol import METHODS
from kg.serve.reconcile import PATH, Reconciler, origin
from kg.serve.reload import Reload, without_copies
from kg.serve.reply import Reply, preflight
from kg.serve.site import Site

_HEALTH, _METRICS = "-/health", "-/metrics"
_CLIENT_LEFT: Final = 499  # the status that nginx logs
_SECONDS_TO_TELL: Final = 0.5
_SOON: Final = (("retry-after", "5"),)


@dataclass(frozen=True)
class Serving:
    """One release, and everything that answers for it; a new release is another of these."""

    site: Site
    problems: ProblemPage
    reconciler: Reconciler
    endpoint: Endpoint
    pool: Pool
    held: Held | None
    name: str

    async def close(self, patient: bool = False) -> None:
        """End what answers queries; first what it is asked now, if the end is to wait for that."""
        await self.pool.close(patient)
        if self.held is not None:
            await self.held.close(patient)


class App:
    """What answers; ``serving`` may be replaced at any time: each answer is of the one that was there when its request had come whole."""

    def __init__(self, serving: Serving, limits: Limits, log: Callable[[str], object] | None = None, reload: Reload | None = None) -> None:
        self.serving = serving
        self._reload = reload
        self._limits = limits
        self._log = log
        self._answered: Counter[int] = Counter()
        self._seconds = 0.0
        self._working: set[asyncio.Task[None]] = set()
        self._ending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        start = time.monotonic()
        exchange = Exchange(scope, receive, send, self._limits)
        status, size = _CLIENT_LEFT, 0
        try:
            reply = await self._reply(exchange)
            status, size = reply.status, reply.length
            await exchange.answer(reply)
        except (GoneError, TimeoutError, asyncio.CancelledError):  # the last where the server ends, and the client has not taken all yet
            status = _CLIENT_LEFT
            scope.get(ABORT, _nothing)()
        finally:
            seconds = time.monotonic() - start
            self._answered[status] += 1
            self._seconds += seconds
            if self._log is not None:
                self._log(_line(exchange, status, size, seconds))

    async def end(self) -> None:
        """Tell all who still wait for what is worked out that they will not get it, and wait a moment for that to be sent."""
        self._ending = True
        working = set(self._working)
        for task in working:
            task.cancel()
        if working:
            await asyncio.wait(working, timeout=_SECONDS_TO_TELL)

    async def _reply(self, exchange: Exchange) -> Reply:
        """The reply to a request; every mistake is one too. Raises GoneError or TimeoutError where the client does not go on."""
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        try:
            return await self._routed(exchange)
        except asyncio.CancelledError:
            if not self._ending:
                raise
            task.uncancel()
            wrong = Problem(503, "ending", "the server ends before this is answered; try again soon", _SOON)
        except Problem as problem:
            wrong = problem
        except UnicodeDecodeError:
            wrong = Problem(400, "not-utf-8", "the address is not UTF-8; percent-encode it")
        except (GoneError, TimeoutError):
            raise
        except Exception:  # a mistake of ours: told as one, and kept for whoever is to mend it
            traceback.print_exc()
            wrong = Problem(500, "mistake", "the server made a mistake; it is in its log")
        finally:
            self._working.discard(task)
        return self.serving.problems.reply(wrong, exchange.headers().get("accept"))

    async def _routed(self, exchange: Exchange) -> Reply:
        """The reply of whoever answers for the path. Raises Problem."""
        path, method, query, headers, host = exchange.path, exchange.method, exchange.query_string, exchange.headers(), exchange.host
        if exchange.scope["path"] == "*" and method == "OPTIONS":  # about the server as a whole (RFC 9110, 9.3.7)
            return preflight(METHODS)
        if self._reload is not None:
            if held := await exchange.unless_gone(self._reload.reply(method, path, query, lambda: self.serving.name)):
                return held
            headers = without_copies(headers)
        folder, _, kind = path.partition("/")
        body = await exchange.body() if path == ENDPOINT or folder == PATH else b""
        serving = self.serving  # not before: one that is replaced ends when it has answered all, and nobody waits for who still sends
        if path == ENDPOINT:
            asked = Request(method, query, headers, body, client_of(exchange.client))
            return await exchange.unless_gone(serving.endpoint.reply(asked))
        if folder == PATH:
            here = origin(exchange.scope["scheme"], host)
            return await serving.reconciler.reply(method, path, query, headers, body, here, exchange.client)
        if path in (_HEALTH, _METRICS) or folder == FOLDER:
            if method not in ("GET", "HEAD"):
                raise method_not_allowed(method, "GET, HEAD")
            if folder == FOLDER:
                return explained(kind)
            in_memory = serving.held.pool if serving.held else None
            if path == _HEALTH:
                return health(serving.pool, in_memory, serving.name)
            return metrics(serving.pool, in_memory, self._answered, self._seconds)
        if self._reload is None:
            return serving.site.reply(method, path, query, headers)
        return self._reload.page(serving.site, serving.name, path, lambda site: site.reply(method, path, query, headers))


def _nothing() -> None:
    """Where the server does not say how a connection is cut off."""


def _line(exchange: Exchange, status: int, size: int, seconds: float) -> str:
    """A line of the access log: JSON, without what was asked in a body."""
    scope = exchange.scope
    asked = scope["raw_path"].decode("latin-1") + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
    said = {"time": time.time(), "client": exchange.client, "method": exchange.method, "path": asked, "status": status, "bytes": size}
    return json.dumps({**said, "seconds": round(seconds, 6)})
