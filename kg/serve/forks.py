"""A process that holds a release in memory (``kg.serve.forkserver``) as its parent sees it, and the workers that are forked from it.

What they read they have in common, and what a query adds is its own: a worker is there in a moment, however large the release is. Messages
pass over a socket that keeps them apart: with a byte goes the socket of a worker to be; what comes back is JSON, with a descriptor of the
worker (pidfd_open(2)), by which it can be ended without ever meeting another process of the same number.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import deque
from contextlib import suppress
from typing import Any, Final

from kg.errors import KgError
from kg.serve.workers import SECONDS_TO_START, Worker, wire_of

_MODULE: Final = "kg.serve.forkserver"
_MESSAGE: Final = 1 << 10
_SECONDS_TO_END: Final = 2


class Fork:
    """A process that was forked by another one, which says how it ended."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it lives."""
        return self._ended.result() if self._ended.done() else None

    def kill(self) -> None:
        """End it. Raises ProcessLookupError where it has ended."""
        if self._ended.done():  # and its descriptor may be that of something else
            raise ProcessLookupError
        signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    async def wait(self) -> int:
        """How it ended, once it has."""
        return await asyncio.shield(self._ended)

    def end(self, code: int) -> None:
        """It has ended."""
        if not self._ended.done():
            os.close(self._descriptor)
            self._ended.set_result(code)


class Forks:
    """The process that holds the release, and the workers that it has forked."""

    def __init__(self, process: Process, control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._births: deque[asyncio.Future[Fork]] = deque()
        self._living: dict[int, Fork] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(control, self._hear)

    @classmethod
    async def start(cls, setup: bytes) -> Forks:
        """A process that holds the release that ``setup`` names. Raises KgError where it cannot."""
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.setblocking(False)
        with theirs:
            command = (sys.executable, "-P", "-m", _MODULE)
            forks = cls(await asyncio.create_subprocess_exec(*command, stdin=theirs.fileno(), stdout=DEVNULL, stderr=DEVNULL), mine)
        try:
            mine.send(setup)
            await forks._ready
        except OSError as error:
            await forks.close()
            raise KgError(f"the process that holds the release cannot be told what it is ({error.strerror})") from None
        except (KgError, asyncio.CancelledError):
            await forks.close()
            raise
        return forks

    async def spawn(self) -> Worker:
        """A worker that is ready. Raises KgError where it does not become so."""
        mine, theirs = socket.socketpair()
        birth: asyncio.Future[Fork] = asyncio.get_running_loop().create_future()
        with theirs:
            try:
                socket.send_fds(self._control, [b"\n"], [theirs.fileno()])
            except OSError as error:
                mine.close()
                raise KgError(f"no worker can be asked for ({error.strerror})") from None
        self._births.append(birth)
        try:
            async with asyncio.timeout(SECONDS_TO_START):
                life = await asyncio.shield(birth)
        except TimeoutError:
            mine.close()  # a worker that is there already ends with this
            raise KgError("no worker was forked in time") from None
        except (KgError, asyncio.CancelledError):
            mine.close()
            raise
        return await Worker(life, await wire_of(mine)).ready()

    async def wait(self) -> None:
        """Return when the process has ended."""
        await self._ended.wait()

    async def close(self) -> None:
        """End what was forked, and the process; return when there is nothing left of them."""
        forked = [*self._living.values()]
        for fork in forked:
            with suppress(ProcessLookupError):
                fork.kill()
        with suppress(TimeoutError):  # the process says so, if it still says anything
            async with asyncio.timeout(_SECONDS_TO_END):
                await asyncio.gather(*(fork.wait() for fork in forked))
        with suppress(ProcessLookupError):  # it has ended, and nobody knows as yet
            self._process.kill()
        await self._process.wait()
        self._lose()

    def _hear(self) -> None:
        try:
            said, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE, 1)
        except BlockingIOError:
            return
        except OSError:
            said, descriptors = b"", []
        if not said:
            self._lose()
            return
        message: dict[str, Any] = json.loads(said)
        match message["what"]:
            case "ready":
                if not self._ready.done():
                    self._ready.set_result(None)
            case "born":
                birth = self._births.popleft()
                if descriptors:
                    os.set_inheritable(descriptors[0], False)
                    self._living[message["pid"]] = fork = Fork(message["pid"], descriptors[0])
                    birth.set_result(fork)
                else:
                    _fail(birth, "there is no descriptor left for a worker")
            case "failed":
                _fail(self._births.popleft(), f"no worker can be forked ({message['said']})")
            case "ended" if message["pid"] in self._living:
                self._living.pop(message["pid"]).end(message["code"])

    def _lose(self) -> None:
        """The process has ended: what it has forked is ended too, since nobody would say how it ended."""
        if self._ended.is_set():
            return
        self._ended.set()
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        waiting: list[asyncio.Future[Any]] = [self._ready, *self._births]
        for future in waiting:
            _fail(future, "the process that holds the release has ended")
        for fork in self._living.values():
            with suppress(ProcessLookupError):
                fork.kill()
            fork.end(-signal.SIGKILL)
        self._living.clear()


def _fail(future: asyncio.Future[Any], why: str) -> None:
    if not future.done():
        future.set_exception(KgError(why))
        future.exception()  # whoever waited may have gone
