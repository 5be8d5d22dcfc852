"""Connections that do not wait for ever: uvicorn's protocol, with an end to how many there are, and to how long and how large the
head of a request may be.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.serve.limits import Limits
from kg.serve.refused import FULL, HEAD_TOO_LARGE, MALFORMED, NOT_IMPLEMENTED, URI_TOO_LONG, Refusing, refused

ABORT: Final = "kg.abort"
"""The key of a scope under which stands what cuts the connection off, without waiting for what the client does not read."""
LEFT: Final = "kg.left"
"""The key of a scope under which stands what to call when the client leaves before it has its answer."""
_HEAD_BYTES: Final = 1 << 17
_METHOD_BYTES: Final = 32
_READ_ON: Final = 4 * _HEAD_BYTES
"""Bytes up to which a head that is too large is read, and thrown away: who still sends would not see the answer (RFC 9112, 9.6)."""
_URI_BYTES: Final = (1 << 16) - 1
"""The parser of addresses counts no further."""
_METHOD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |$)")
_FULL: Final = Refusing(*FULL)
_URI_TOO_LONG: Final = Refusing(*URI_TOO_LONG)


def connection(limits: Limits) -> type[HttpToolsProtocol]:
    """The class of connections under these limits."""

    idle: dict[Connection, None] = {}  # those that nothing is answered to, who has been so for the longest time first

    class Connection(HttpToolsProtocol):
        """Cut off where no whole head of a request comes in time, as from clients that send a byte now and then.

        Where all places are taken, one that waits for a request gives its own up, the oldest first; if all are being answered, the
        new one is told.
        """

        _waiting: asyncio.TimerHandle | None = None
        _in_head = True
        _head_bytes = 0
        _refused = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.connections and idle:
                next(iter(idle)).give_up()
            idle[self] = None
            self._wait()

        def data_received(self, data: bytes) -> None:
            if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
                self._wait()
            if self._refused:
                self._head_bytes += len(data)
                if self._head_bytes > _READ_ON:
                    self.transport.abort()
                return
            self._unset_keepalive_if_required()
            self._read(memoryview(data))

        def _read(self, data: memoryview) -> None:
            """Give the parser what has come, of a head no more than it may have.

            The head of a request that wishes for another protocol is given to it again, without that wish.
            """
            left = [data]
            while left and not self._refused:
                data = left.pop()
                if self._in_head and data:
                    data, rest = data[: _HEAD_BYTES - self._head_bytes], data[_HEAD_BYTES - self._head_bytes :]
                    if not data:
                        self._refuse(*HEAD_TOO_LARGE)
                        return
                    self._head_bytes += len(data)
                    left.append(rest)
                try:
                    self.parser.feed_data(data)
                except HttpParserUpgrade as found:
                    if self._wishes:
                        self._head_bytes = 0
                        left = [*left, data[found.args[0] :], memoryview(self._without_wish())]
                        self.parser = _parser(self)
                    else:  # what follows a CONNECT is no request (RFC 9110, 9.3.6)
                        self._refuse(*MALFORMED)
                except HttpParserError as error:
                    unknown = isinstance(error, HttpParserInvalidMethodError) and _METHOD.match(data[:_METHOD_BYTES])
                    self._refuse(*(NOT_IMPLEMENTED if unknown else MALFORMED))

        @property
        def _wishes(self) -> bool:
            """Whether the request wishes for another protocol: the parser would leave its body to that one."""
            return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

        def _without_wish(self) -> bytes:
            """The head of the request as it counts here, where no wish for another protocol is heeded (RFC 9110, 7.8)."""
            first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
            fields = [b"%s: %s" % field for field in self.headers if field[0] != b"upgrade"]
            return b"\r\n".join([first, *fields, b"", b""])

        def on_message_begin(self) -> None:
            super().on_message_begin()
            if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
                self._wait()
            self.scope[ABORT] = self.transport.abort  # type: ignore[typeddict-unknown-key]

        def on_headers_complete(self) -> None:
            if self._wishes:  # it is read again
                return
            self._stop()
            idle.pop(self, None)
            self.app = _FULL if len(self.connections) > limits.connections else self.config.loaded_app
            if len(self.url) > _URI_BYTES:
                self.url, self.app = b"/", _URI_TOO_LONG
            super().on_headers_complete()
            self._in_head = False

        def on_message_complete(self) -> None:
            if self._wishes:
                return
            super().on_message_complete()
            self._in_head, self._head_bytes = True, 0
            self._stop()

        def on_response_complete(self) -> None:
            if not self.pipeline and not self.transport.is_closing():
                idle[self] = None
            super().on_response_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            idle.pop(self, None)
            if self.cycle is not None and not self.cycle.response_complete:
                self.cycle.scope.get(LEFT, _nothing)()  # type: ignore[operator]
            super().connection_lost(exc)

        def give_up(self) -> None:
            """Close, in favour of another, for whom there is room at once."""
            idle.pop(self, None)
            self.connections.discard(self)
            self.transport.abort()

        def _refuse(self, status: int, detail: str) -> None:
            """Answer, send nothing more, and wait for the client to close, as long as for a head."""
            self._refused = True
            answering = self.cycle is not None and not self.cycle.response_complete
            if answering and not self.cycle.more_body:  # the request was whole, and what follows it is not: its answer is the last
                self.cycle.keep_alive = False
                return
            if self._in_head or answering:  # else the body was answered before it came, and this would be a second answer
                self.transport.write(refused(status, detail))
            if answering:
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


def _parser(of: HttpToolsProtocol) -> Any:
    """One as uvicorn makes it: what follows a request that closes the connection is no mistake of that request."""
    made = HttpRequestParser(of)
    made.set_dangerous_leniencies(lenient_data_after_close=True)
    return made


def _nothing() -> None:
    """Where nobody wants to know."""
