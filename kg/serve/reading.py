"""Requests read from what comes over a connection: where each begins and ends, by the parser that uvicorn takes."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Final

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.serve.refused import HEAD_TOO_LARGE, MALFORMED, NOT_IMPLEMENTED

HEAD_BYTES: Final = 1 << 17
_METHOD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |$)")
_METHOD_BYTES: Final = 32


class Reading(HttpToolsProtocol, ABC):
    """Reads requests with heads that are not too large, and with their bodies, whatever protocol they would rather have.

    The parser leaves the body of a request with Upgrade to the protocol that is wished for. No such wish is granted here, so it is not
    heeded (RFC 9110, 7.8): the head is given to a new parser without it. Else the body would count as the next request.
    """

    _in_head = True
    _head_bytes = 0
    _refused = False

    @abstractmethod
    def _refuse(self, status: int, detail: str) -> None:
        """Take no more requests, and say why."""

    @abstractmethod
    def _head_came(self) -> None:
        """A head is there, and nothing has been made of it."""

    def _read(self, data: memoryview) -> None:
        """Give the parser what has come, of a head no more than it may have."""
        left = [data]
        while left and not self._refused:
            data = left.pop()
            if self._in_head and data:
                data, rest = data[: HEAD_BYTES - self._head_bytes], data[HEAD_BYTES - self._head_bytes :]
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
                    left += [data[found.args[0] :], memoryview(self._without_wish())]
                    self.parser = HttpRequestParser(self)
                    self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
                else:  # what follows a CONNECT is no request (RFC 9110, 9.3.6)
                    self._refuse(*MALFORMED)
            except HttpParserError as error:
                unknown = isinstance(error, HttpParserInvalidMethodError) and _METHOD.match(data[:_METHOD_BYTES])
                self._refuse(*(NOT_IMPLEMENTED if unknown else MALFORMED))

    @property
    def _wishes(self) -> bool:
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _without_wish(self) -> bytes:
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        fields = [b"%s: %s" % field for field in self.headers if field[0] != b"upgrade"]
        return b"\r\n".join([first, *fields, b"", b""])

    def on_headers_complete(self) -> None:
        """A head has come whole: of a request with a wish it comes again."""
        if not self._wishes:
            self._head_came()
            super().on_headers_complete()
            self._in_head = False

    def on_message_complete(self) -> None:
        """A request has come whole, and what follows is the next."""
        if not self._wishes:
            super().on_message_complete()
            self._in_head, self._head_bytes = True, 0
