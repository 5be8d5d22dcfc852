"""The pool of workers: as many as there are to be, each for one query at a time, and a short queue before them.

The parent opens no store and runs no query. A worker that ends, for whatever reason, is replaced; whoever waits for an answer
that takes too long is told so, and the worker is killed rather than asked to stop.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from kg.errors import KgError
from kg.serve.limits import Limits
from kg.serve.workers import DiedError, Worker

_SECONDS_BETWEEN_FAILURES: Final = 0.5
_SECONDS_BETWEEN_LOOKS: Final = 0.05


class BusyError(Exception):
    """All workers are taken, and were for as long as one may wait."""


class TimeLimitError(Exception):
    """The query took longer than it may; its worker is gone."""


class Pool:
    """Workers on one store, as many as there are to be."""

    def __init__(self, setup: dict[str, Any], size: int, limits: Limits) -> None:
        self._setup = json.dumps(setup).encode() + b"\n"
        self._limits = limits
        self._size = size
        self._free: list[Worker] = []
        self._all: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._slots: list[asyncio.Task[None]] = []
        self._asked = 0
        self.killed = 0
        self.died = 0

    async def start(self) -> None:
        """Start the workers; return when the first is ready. Raises KgError where none becomes so."""
        self._add(await Worker.spawn(self._setup))
        [first] = self._all
        self._slots = [asyncio.create_task(self._slot(first if number == 0 else None)) for number in range(self._size)]

    async def close(self, patient: bool = False) -> None:
        """End all workers; what they are asked now is not answered, unless the end is to wait for that."""
        while patient and self._asked:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        for worker in [*self._all]:
            worker.kill()
            await worker.process.wait()

    @property
    def free(self) -> int:
        """How many workers have nothing to do."""
        return sum(worker.is_alive for worker in self._free)

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return sum(worker.is_alive for worker in self._all)

    async def ask(self, job: dict[str, Any], charge: Callable[[float], None]) -> tuple[dict[str, Any], bytes]:
        """The answer to a job; ``charge`` is told how many seconds a worker was taken for it.

        Raises BusyError, TimeLimitError, DiedError. Whoever cancels this ends the work at once.
        """
        self._asked += 1
        try:
            return await self._ask(json.dumps(job).encode() + b"\n", charge)
        finally:
            self._asked -= 1

    async def _ask(self, job: bytes, charge: Callable[[float], None]) -> tuple[dict[str, Any], bytes]:
        worker = await self._take()
        clock = asyncio.get_running_loop().time
        start = clock()
        try:
            async with asyncio.timeout(self._limits.timeout):
                header, body = await worker.ask(job)
        except TimeoutError:
            worker.kill()
            self.killed += 1
            raise TimeLimitError from None
        except DiedError:
            self.died += 1
            raise
        except asyncio.CancelledError:
            worker.kill()
            self.killed += 1
            raise
        finally:
            charge(clock() - start)
        if not header["last"]:
            self._give(worker)
        return header, body

    async def _slot(self, worker: Worker | None) -> None:
        """Keep one worker: whenever it ends, there is another."""
        while True:
            try:
                if worker is None:
                    worker = await Worker.spawn(self._setup)
                    self._add(worker)
                await worker.process.wait()
                self._all.discard(worker)
                self._free = [each for each in self._free if each is not worker]
            except (KgError, OSError):  # the machine has no room for one now
                await asyncio.sleep(_SECONDS_BETWEEN_FAILURES)
            worker = None

    def _add(self, worker: Worker) -> None:
        self._all.add(worker)
        self._give(worker)

    def _give(self, worker: Worker) -> None:
        """Let the next who waits have a worker."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(worker)
                return
        self._free.append(worker)

    async def _take(self) -> Worker:
        while self._free:
            worker = self._free.pop()
            if worker.is_alive:
                return worker
        if len(self._waiting) >= self._limits.queue_length:
            raise BusyError
        waiting: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(self._limits.queue_wait):
                return await waiting
        except BaseException as error:
            if waiting.done() and not waiting.cancelled():  # it came too late: the next may have it
                self._give(waiting.result())
            elif waiting in self._waiting:
                self._waiting.remove(waiting)
            if isinstance(error, TimeoutError):
                raise BusyError from None
            raise
