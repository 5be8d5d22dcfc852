"""The pool of workers: so many queries at one time, each in a process that can be killed, and a short queue before them.

The parent opens no store and runs no query. Who waits is served by what
its client has used so far, the least first; clients that have used more than a little (``light``) never have all
workers, and a query of theirs is ended where one of a client that has not waits and none is free.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Final

from kg.serve.clients import Account
from kg.serve.limits import Limits
from kg.serve.supply import Supply
from kg.serve.workers import DiedError, Worker

_SPARE: Final = 1
"""Workers that are ready to take the place of one that is killed."""
_SECONDS_BETWEEN_LOOKS: Final = 0.05


class BusyError(Exception):
    """All workers are taken, and were for as long as one may wait."""


class TimeLimitError(Exception):
    """The query took longer than it may; its worker is gone."""


class GaveWayError(Exception):
    """The query was ended in favour of a client that has used less; its worker is gone."""


@dataclass(eq=False)
class _Run:
    """A query that a worker works on, or one that waits for a worker: whose it is, and since when."""

    account: Account
    start: float
    worker: asyncio.Future[Worker] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    gave_way: bool = False


class Pool:
    """Queries and the workers that answer them, so many at one time as ``size`` says."""

    def __init__(self, supply: Supply, size: int, limits: Limits) -> None:
        self.supply = supply
        self._limits = limits
        self._size = size
        self._share = max(1, size - max(1, size // 4))
        self._free: list[Worker] = []
        self._waiting: list[_Run] = []
        self._running: list[_Run] = []
        self._looking: asyncio.Task[None] | None = None
        self._closed = False
        self.killed = 0
        self.died = 0
        self.crashed = 0

    async def start(self) -> None:
        """Start the workers; return when the first is ready. Raises KgError where it does not become so."""
        await self.supply.start(self._size + _SPARE, self._add)
        self._looking = asyncio.create_task(self._look())

    async def close(self, patient: bool = False) -> None:
        """End all workers; what they are asked now is not answered, unless the end is to wait for that."""
        if patient:
            await self.idle()
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
        for run in self._waiting:
            if not run.worker.done():
                run.worker.set_exception(BusyError)
        await self.supply.close()

    async def idle(self) -> None:
        """Return when nothing runs and nobody waits."""
        while self._running or self._waiting:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)

    @property
    def free(self) -> int:
        """How many queries could begin at once."""
        return max(0, min(sum(worker.is_alive for worker in self._free), self._size - len(self._running)))

    async def ask(self, job: dict[str, Any], account: Account, seconds: float | None = None) -> tuple[dict[str, Any], bytes]:
        """The answer to a job, within so many seconds or those of the limits; the account is charged with what a worker was taken for.

        Raises BusyError, TimeLimitError, GaveWayError, DiedError. Whoever cancels this ends the work at once.
        """
        clock = asyncio.get_running_loop().time
        run = _Run(account, clock())
        worker = await self._take(run)
        run.start = clock()
        whole = False
        try:
            async with asyncio.timeout(self._limits.timeout if seconds is None else seconds):
                header, body = await worker.ask(json.dumps(job).encode() + b"\n")
            whole = not header["last"]
            return header, body
        except TimeoutError:
            self.killed += 1
            raise TimeLimitError from None
        except asyncio.CancelledError:
            self.killed += 1
            raise
        except DiedError as died:
            self.killed += run.gave_way
            self.crashed += died.is_crash
            self.died += not run.gave_way and not died.is_crash
            if run.gave_way:
                raise GaveWayError from None
            raise
        finally:
            self._running.remove(run)
            account.charge(clock() - run.start)
            if whole:
                self._free.append(worker)
            else:
                worker.kill()
            self._schedule()

    async def _take(self, run: _Run) -> Worker:
        """A worker; the run counts as running from here on."""
        if self._closed or len(self._waiting) >= self._limits.queue_length:
            raise BusyError
        self._waiting.append(run)
        self._schedule()
        if run.worker.done():
            return run.worker.result()
        try:
            async with asyncio.timeout(self._limits.queue_wait):
                return await run.worker
        except BaseException as error:
            if run in self._running:  # it came too late
                self._running.remove(run)
                self._free.append(run.worker.result())
                self._schedule()
            else:
                self._waiting.remove(run)
            if isinstance(error, TimeoutError):
                raise BusyError from None
            raise

    def _schedule(self) -> None:
        """Let those begin who may; make room for a light one where there is none."""
        self._free = [worker for worker in self._free if worker.is_alive]
        now = asyncio.get_running_loop().time()
        heavy = [run for run in self._running if not self._is_light(run, now)]
        waiting = [run for run in self._waiting if not run.worker.done()]
        for run in sorted(waiting, key=lambda run: (run.account.yields_until, run.account.used)):
            light = run.account.has_right_of_way(self._limits.light)
            if self._free and len(self._running) < self._size and (light or len(heavy) < self._share):
                self._waiting.remove(run)
                self._running.append(run)
                heavy += [] if light else [run]
                run.start = now
                run.worker.set_result(self._free.pop())
            elif light and len(heavy) > self._share and not any(each.gave_way for each in heavy):
                heaviest = max(heavy, key=lambda run: run.account.used + now - run.start)
                heaviest.gave_way = True
                heaviest.account.give_way()
                heaviest.worker.result().kill()

    def _is_light(self, run: _Run, now: float) -> bool:
        return run.account.has_right_of_way(self._limits.light, now - run.start)

    async def _look(self) -> None:
        """Look from time to time who may begin, since queries become heavy while they run."""
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            if self._waiting:
                self._schedule()

    def _add(self, worker: Worker) -> None:
        self._free.append(worker)
        self._schedule()
