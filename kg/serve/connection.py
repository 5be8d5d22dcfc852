"""Connections that do not wait for ever: uvicorn's protocol, with an end to how many there are, and to how long and how large the
head of a request may be.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kg.serve.limits import Limits
from kg.serve.reading import HEAD_BYTES, Reading
from kg.serve.refused import FULL, URI_TOO_LONG, Refusing, refused

ABORT: Final = "kg.abort"
"""The key of a scope under which stands what cuts the connection off, without waiting for what the client does not read."""
LEFT: Final = "kg.left"
"""The key of a scope under which stands what to call when the client leaves before it has its answer."""
_AHEAD: Final = 2
"""Requests that are read while another is answered."""
_READ_ON: Final = 4 * HEAD_BYTES
"""Bytes up to which a head that is too large is read, and thrown away: who still sends would not see the answer (RFC 9112, 9.6)."""
_URI_BYTES: Final = (1 << 16) - 1
"""The parser of addresses counts no further."""
_FULL: Final = Refusing(*FULL)
_URI_TOO_LONG: Final = Refusing(*URI_TOO_LONG)


def connection(limits: Limits) -> type[HttpToolsProtocol]:
    """The class of connections under these limits."""

    idle: dict[Connection, None] = {}  # those that nothing is answered to, who has been so for the longest time first

    class Connection(Reading):
        """Cut off where no whole head of a request comes in time, as from clients that send a byte now and then.

        Where all places are taken, one that waits for a request gives its own up, the oldest first; if all are being answered, the
        new one is told.
        """

        _waiting: asyncio.TimerHandle | None = None
        _begun: RequestResponseCycle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.connections and idle:
                next(iter(idle)).give_up()
            idle[self] = None
            self._wait()

        def data_received(self, data: bytes) -> None:
            if self._waiting is None and not self._answering:
                self._wait()
            if self._refused:
                self._head_bytes += len(data)
                if self._head_bytes > _READ_ON:
                    self.transport.abort()
                return
            self._unset_keepalive_if_required()
            self._read(memoryview(data))

        @property
        def _answering(self) -> RequestResponseCycle | None:
            """What is being answered; ``cycle`` is of the request that came last, which may be another, and wait for that."""
            return None if self._begun is None or self._begun.response_complete else self._begun

        def on_message_begin(self) -> None:
            super().on_message_begin()
            if self._waiting is None and not self._answering:
                self._wait()
            self.scope[ABORT] = self.transport.abort  # type: ignore[typeddict-unknown-key]

        def _head_came(self) -> None:
            self._stop()
            idle.pop(self, None)
            self.app = _FULL if len(self.connections) > limits.connections else self.config.loaded_app
            if len(self.url) > _URI_BYTES:
                self.url, self.app = b"/", _URI_TOO_LONG

        def on_headers_complete(self) -> None:
            paused = self.flow.read_paused
            super().on_headers_complete()
            if not paused and len(self.pipeline) <= _AHEAD:  # who does not read does not see either that the client leaves
                self.flow.resume_reading()

        def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
            self._begun = cycle
            super()._start_asgi_task(cycle, app)

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._stop()

        def on_response_complete(self) -> None:
            if not self.pipeline and not self.transport.is_closing():
                idle[self] = None
            super().on_response_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            idle.pop(self, None)
            self.pipeline.clear()
            if (left := self._answering) is not None:
                left.scope.get(LEFT, _nothing)()  # type: ignore[operator]
                left.disconnected = True
                left.message_event.set()
            super().connection_lost(exc)

        def give_up(self) -> None:
            """Close, in favour of another, for whom there is room at once."""
            idle.pop(self, None)
            self.connections.discard(self)
            self.transport.abort()

        def _refuse(self, status: int, detail: str) -> None:
            """Answer, send nothing more, and wait for the client to close, as long as for a head.

            Where another request is being answered, the answer to the last that was whole is the last.
            """
            self._refused = True
            answering = self._answering
            if answering is not None:
                if self.pipeline and self.cycle.more_body:
                    self.pipeline.popleft()
                    self.cycle = self.pipeline[0][0] if self.pipeline else answering
                if not self.cycle.more_body or self.cycle.response_started:
                    self.cycle.keep_alive = False
                    return
            if self._in_head or answering is not None:  # else the body was answered before it came, and this would be a second answer
                self.transport.write(refused(status, detail))
            if answering is not None:
                answering.disconnected = True
                self.transport.close()
                return
            self.transport.write_eof()
            if self._waiting is None:
                self._wait()

        def _wait(self) -> None:
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
