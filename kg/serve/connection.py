"""Connections that do not wait for ever: uvicorn's protocol, with an end to how many there are, and to how long and how large the
head of a request may be.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.formats import PROBLEM
from kg.serve.limits import Limits
from kg.serve.reply import ALWAYS

ABORT: Final = "kg.abort"
"""The key of a scope under which stands what cuts the connection off, without waiting for what the client does not read."""
LEFT: Final = "kg.left"
"""The key of a scope under which stands what to call when the client leaves before it has its answer."""
_HEAD_BYTES: Final = 1 << 17
_FULL: Final = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "all connections are taken; try again"}


def connection(limits: Limits) -> type[HttpToolsProtocol]:
    """The class of connections under these limits."""

    class Connection(HttpToolsProtocol):
        """Cut off where no whole head of a request comes in time, as from clients that send a byte now and then."""

        _waiting: asyncio.TimerHandle | None = None
        _head_bytes = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
                self._wait()
            self._head_bytes += len(data)
            if self._waiting is not None and self._head_bytes > _HEAD_BYTES:
                self.transport.abort()
                return
            super().data_received(data)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self.scope[ABORT] = self.transport.abort  # type: ignore[typeddict-unknown-key]

        def on_headers_complete(self) -> None:
            self._stop()
            self.app = _full if len(self.connections) > limits.connections else self.config.loaded_app
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            if self.cycle is not None and not self.cycle.response_complete:
                self.cycle.scope.get(LEFT, _nothing)()  # type: ignore[operator]
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._head_bytes = 0
            self._waiting = self.loop.call_later(limits.request_time, self._cut_off)

        def _stop(self) -> None:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None

        def _cut_off(self) -> None:
            self._waiting = None
            if not self.transport.is_closing():
                self.transport.abort()

    made: Any = Connection
    return made  # type: ignore[no-any-return]


async def _full(scope: Any, receive: Any, send: Any) -> None:
    """What is answered where there are too many connections; uvicorn's own answer would be no problem document."""
    body = json.dumps(_FULL).encode()
    more = (("content-type", PROBLEM), ("content-length", str(len(body))), ("cache-control", "no-store"))
    headers = [(name.encode(), value.encode()) for name, value in (*ALWAYS, *more, ("retry-after", "1"), ("connection", "close"))]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _nothing() -> None:
    """Where nobody wants to know."""
