"""Connections that do not wait for ever: uvicorn's protocol, with an end to how long and how large the head of a request may be."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.serve.limits import Limits

ABORT: Final = "kg.abort"
"""The key of a scope under which stands what cuts the connection off, without waiting for what the client does not read."""
LEFT: Final = "kg.left"
"""The key of a scope under which stands what to call when the client leaves before it has its answer."""
_HEAD_BYTES: Final = 1 << 17


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


def _nothing() -> None:
    """Where nobody wants to know."""
