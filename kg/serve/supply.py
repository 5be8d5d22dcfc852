"""The workers that there are: so many processes, and another one whenever one ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from kg.errors import KgError
from kg.serve.workers import Worker

LOCAL: Final = "kg.serve.worker"
REMOTE: Final = "kg.serve.remote"
"""What workers with a store of their own run, or those that ask an engine of somebody else's."""
_SECONDS_BETWEEN_FAILURES: Final = 0.5


class Supply:
    """Workers that ``spawn`` makes."""

    def __init__(self, spawn: Callable[[], Awaitable[Worker]]) -> None:
        self._spawn = spawn
        self._all: set[Worker] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, size: int, ready: Callable[[Worker], object]) -> None:
        """Start so many workers, and call ``ready`` with each; return after the first. Raises KgError where it does not become so."""
        first = await self._spawn()
        self._all.add(first)  # it is ended too where this is closed before its task has begun
        self._tasks = [asyncio.create_task(self._keep(worker, ready)) for worker in [first, *[None] * (size - 1)]]

    async def close(self) -> None:
        """End all workers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self._all:
            worker.kill()
        for worker in self._all:
            await worker.gone()

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return sum(worker.is_alive for worker in self._all)

    async def _keep(self, worker: Worker | None, ready: Callable[[Worker], object]) -> None:
        """Keep one worker: whenever it ends, there is another."""
        while True:
            try:
                if worker is None:
                    worker = await self._spawn()
                self._all.add(worker)
                ready(worker)
                await worker.gone()
                self._all.discard(worker)
            except (KgError, OSError):  # the machine has no room for one now
                await asyncio.sleep(_SECONDS_BETWEEN_FAILURES)
            worker = None
