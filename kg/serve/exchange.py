"""One exchange with a client over ASGI: what it sends, within limits, and the reply to it, part by part."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from kg.serve.connection import LEFT
from kg.serve.limits import Limits
from kg.serve.problems import Problem
from kg.serve.reply import Headers, Reply, Stretch

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

R = TypeVar("R")
_CHUNK: Final = 1 << 18
_READ_ON: Final = 1 << 24
"""Bytes up to which a body that is too large is read, and thrown away: who still sends would not see the answer (RFC 9112, 9.6)."""
_HOST: Final = re.compile(r"((?=[._~-]*[A-Za-z0-9])[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
"""A name, of more than signs, or an address, and a port (RFC 9110, 7.2); the other signs of a name (RFC 3986, 3.2.2) no host has."""
_CLOSE: Final[Headers] = (("connection", "close"),)


class GoneError(Exception):
    """The client has left, or does not go on."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and the way back (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

    scope: Scope
    receive: Receive
    send: Send
    limits: Limits

    @property
    def method(self) -> str:
        """The method, in capitals as it was sent."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The path, decoded, without its first slash."""
        return str(self.scope["path"]).removeprefix("/")

    @property
    def query_string(self) -> str:
        """What follows the question mark, still percent-encoded. Raises UnicodeDecodeError."""
        return bytes(self.scope["query_string"]).decode("utf-8")

    @property
    def client(self) -> str:
        """The address of the client; nothing where the server does not know it."""
        return str((self.scope.get("client") or ("",))[0])

    def headers(self) -> dict[str, str]:
        """Headers by name; several of one name are one list (RFC 9110, 5.3)."""
        found: dict[str, str] = {}
        for name, value in self.scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
        return found

    @property
    def host(self) -> str:
        """The host, and port, that the request names; nothing where HTTP/1.0 names none.

        Raises Problem where it names no host, or more than one (https://www.rfc-editor.org/rfc/rfc9112#section-3.2).
        """
        named: list[str] = [value.decode("latin-1") for name, value in self.scope["headers"] if name == b"host"]
        if not named and self.scope["http_version"] == "1.0":
            return ""
        if len(named) != 1 or not _HOST.fullmatch(named[0]):
            raise Problem(400, "host", "there must be one Host header, which names a host")
        return named[0]

    async def body(self) -> bytes:
        """The body of the request, as far as a query can be long. Raises Problem or GoneError."""
        limit = 4 * self.limits.query_bytes  # a form takes three bytes for one
        body = bytearray()
        received = 0
        try:
            async with asyncio.timeout(self.limits.request_time):
                while True:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise GoneError
                    part, more = message.get("body", b""), message.get("more_body")
                    received += len(part)
                    body += part if received <= limit else b""
                    if received > _READ_ON or (received > limit and not more):
                        detail = f"no query may be longer than {self.limits.query_bytes:,} bytes"
                        raise Problem(413, "request-too-large", detail, _CLOSE)
                    if not more:
                        return bytes(body)
        except TimeoutError:
            detail = f"the body did not come within {self.limits.request_time:g} seconds"
            raise Problem(408, "request-timeout", detail, _CLOSE) from None

    async def unless_gone(self, work: Coroutine[Any, Any, R]) -> R:
        """What the work comes to, which is ended at once where the client leaves; only after the body. Raises GoneError."""
        task = asyncio.current_task()
        assert task is not None
        gone = False

        def leave() -> None:
            nonlocal gone
            gone = True
            task.cancel()

        self.scope[LEFT] = leave
        try:
            return await work
        except asyncio.CancelledError:
            if not gone:
                raise
            task.uncancel()
            raise GoneError from None
        finally:
            del self.scope[LEFT]

    async def answer(self, reply: Reply) -> None:
        """Send a reply; no client may take longer for a part of it than it has. Raises GoneError or TimeoutError."""
        await self.send({"type": "http.response.start", "status": reply.status, "headers": reply.fields})
        left = 0 if self.method == "HEAD" or not reply.has_body else reply.length
        if not left:
            await self.send({"type": "http.response.body", "body": b""})
            return
        with closing(_parts(reply.body)) as parts:
            for part in parts:
                left -= len(part)
                async with asyncio.timeout(self.limits.send_time):
                    await self.send({"type": "http.response.body", "body": part, "more_body": left > 0})


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
