"""The workers that there are: so many processes, and another one whenever one ends.

Where the release fits into memory, a process loads it (``kg.serve.forks``) while workers answer from disk; then those that it forks
take their place, one by one. If it ends, workers answer from disk again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from kg.errors import KgError
from kg.serve.forks import Forks
from kg.serve.workers import Worker

LOCAL: Final = "kg.serve.worker"
REMOTE: Final = "kg.serve.remote"
"""What the workers run: they ask the store, or an engine of somebody else's."""
_SECONDS_BETWEEN_FAILURES: Final = 0.5


class Supply:
    """Workers on one store or engine. With ``hold`` the release is held in memory; where it cannot be, that is told."""

    def __init__(self, setup: dict[str, Any], module: str, hold: bool, tell: Callable[[str], object]) -> None:
        self._setup = json.dumps(setup).encode() + b"\n"
        self._module = module
        self._hold, self._tell = hold, tell
        self._forks: Forks | None = None
        self._forked = False
        """Whether the last worker that was to be forked is there."""
        self.workers: set[Worker] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, size: int, ready: Callable[[Worker], object]) -> None:
        """Start so many workers, and call ``ready`` with each; return after the first. Raises KgError where it does not become so."""
        first = await Worker.spawn(self._module, self._setup)
        self._tasks = [asyncio.create_task(self._keep(worker, ready)) for worker in [first, *[None] * (size - 1)]]
        if self._hold:
            self._tasks.append(asyncio.create_task(self._in_memory()))

    async def close(self) -> None:
        """End all workers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self.workers:  # those that were forked have ended with what forked them
            worker.kill()
            await worker.life.wait()
            worker.wire.close()

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return sum(worker.is_alive for worker in self.workers)

    @property
    def in_memory(self) -> bool:
        """Whether all workers answer from memory."""
        return self._forks is not None and bool(self.workers) and all(worker.in_memory for worker in self.workers)

    def is_outdated(self, worker: Worker) -> bool:
        """Whether the one that takes its place once it is killed will be a better one."""
        return self._forks is not None and self._forked and not worker.in_memory

    async def _keep(self, worker: Worker | None, ready: Callable[[Worker], object]) -> None:
        """Keep one worker: whenever it ends, there is another."""
        while True:
            try:
                if worker is None:
                    worker = await self._spawn()
                self.workers.add(worker)
                ready(worker)
                await worker.life.wait()
                worker.wire.close()
                self.workers.discard(worker)
            except (KgError, OSError):  # the machine has no room for one now
                await asyncio.sleep(_SECONDS_BETWEEN_FAILURES)
            worker = None

    async def _spawn(self) -> Worker:
        """Another worker: one that reads memory, if it can be had."""
        if self._forks is not None:
            try:
                worker = await self._forks.spawn()
            except (KgError, OSError):
                self._forked = False
            else:
                self._forked = True
                return worker
        return await Worker.spawn(self._module, self._setup)

    async def _in_memory(self) -> None:
        """Have workers forked where the release is in memory, as soon as it is there and for as long as it is."""
        forks = None
        try:
            forks = await Forks.start(self._setup)
            first = await forks.spawn()  # so that no worker gives way to one that cannot be had
            first.kill()
            first.wire.close()
            self._forks, self._forked = forks, True
            await forks.wait()
            self._tell("queries are answered from disk again: the process that held the release in memory has ended")
        except (KgError, OSError) as error:
            self._tell(f"queries are answered from disk: {error}")
        finally:
            self._forks = None
            if forks is not None:
                await forks.close()
