"""A worker as its parent sees it: a process that answers one query after the other, and can be killed in the midst of one."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from kg.errors import KgError

Answer = tuple[dict[str, Any], bytes]
"""How a job went, and what it gave."""
SECONDS_TO_START: Final = 30


class DiedError(Exception):
    """The worker ended in the midst of the query, by the signal or exit code given."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exit {code}")

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody else has ended it: the kernel where memory is short, or who ends the whole service."""
        return self.code in (-signal.SIGKILL, -signal.SIGTERM)

    @property
    def is_crash(self) -> bool:
        """Whether the engine has fallen over the query; where memory is short it says so, and ends by another signal."""
        return self.code in (-signal.SIGSEGV, -signal.SIGBUS)


class Life(Protocol):
    """A process: its number, how it is ended, and how it ended (the exit code, or the signal as a negative number)."""

    @property
    def pid(self) -> int:
        """Its number, which may be that of another one once it has ended."""

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it lives."""

    def kill(self) -> None:
        """End it by SIGKILL. Raises ProcessLookupError where it has ended."""

    async def wait(self) -> int:
        """How it ended, once it has."""


class Wire(asyncio.Protocol):
    """The socket to a worker: jobs go out, each a line of JSON; answers come in, a line of JSON and then as many bytes as it says."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._coming = bytearray()
        self._header: dict[str, Any] | None = None
        self._came: deque[Answer] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a socket."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        """A part of an answer, or of several."""
        self._coming += data
        while True:
            if self._header is None:
                end = self._coming.find(b"\n")
                if end < 0:
                    return
                self._header = json.loads(self._coming[:end])
                del self._coming[: end + 1]
            assert self._header is not None
            length = self._header["length"]
            if len(self._coming) < length:
                return
            self._came.append((self._header, bytes(self._coming[:length])))
            del self._coming[:length]
            self._header = None
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The process has ended, or this side has."""
        self._lost = True
        self._wake()

    async def ask(self, job: bytes) -> Answer:
        """What is answered to a job. Raises ConnectionError where nothing will be."""
        assert self._transport is not None
        if self._lost or self._transport.is_closing():
            raise ConnectionError
        self._transport.write(job)
        while not self._came:
            if self._lost:
                raise ConnectionError
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._came.popleft()

    def close(self) -> None:
        """Let go of the socket."""
        if self._transport is not None:
            self._transport.abort()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


@dataclass(frozen=True, eq=False)
class Worker:
    """A process, and the wire to it."""

    life: Life
    wire: Wire

    @classmethod
    async def spawn(cls, module: str, setup: bytes) -> Worker:
        """A worker that is ready, of the module that is its work. Raises KgError where it does not become so."""
        mine, theirs = socket.socketpair()
        with theirs:
            command = (sys.executable, "-P", "-m", module)
            life = await asyncio.create_subprocess_exec(*command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=DEVNULL)
        return await cls(life, await wire_of(mine)).ready(setup)

    async def ready(self, setup: bytes = b"") -> Worker:
        """It, once it says that it is ready. Raises KgError where it does not become so."""
        try:
            async with asyncio.timeout(SECONDS_TO_START):
                await self.ask(setup)
        except (TimeoutError, DiedError) as error:
            self.kill()
            self.wire.close()
            raise KgError(f"a worker for queries does not start ({error})") from None
        except asyncio.CancelledError:
            self.kill()
            self.wire.close()
            raise
        return self

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self.life.returncode is None

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.is_alive:
            try:
                self.life.kill()
            except ProcessLookupError:  # it was faster
                return

    async def gone(self) -> None:
        """Return when it has ended, and nothing is left of it."""
        await self.life.wait()
        self.wire.close()

    async def ask(self, job: bytes) -> Answer:
        """What it answers to a line of JSON. Raises DiedError."""
        try:
            return await self.wire.ask(job)
        except ConnectionError:
            self.kill()
            raise DiedError(await self.life.wait()) from None


async def wire_of(end: socket.socket) -> Wire:
    """The wire that a socket is."""
    _, wire = await asyncio.get_running_loop().create_unix_connection(Wire, sock=end)
    return wire
