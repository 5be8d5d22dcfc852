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
        self._all: set[Worker] = set()
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
        for worker in [*self._all]:
            worker.kill()
            await worker.life.wait()
            worker.wire.close()
        if self._forks is not None:
            await self._forks.close()

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return sum(worker.is_alive for worker in self._all)

    @property
    def in_memory(self) -> bool:
        """Whether all workers answer from memory."""
        return self._forks is not None and bool(self._all) and all(worker.in_memory for worker in self._all)

    def is_outdated(self, worker: Worker) -> bool:
        """Whether the one that takes its place once it is killed will be a better one."""
        return self._forks is not None and not worker.in_memory

    async def _keep(self, worker: Worker | None, ready: Callable[[Worker], object]) -> None:
        """Keep one worker: whenever it ends, there is another."""
        while True:
            try:
                if worker is None:
                    worker = await (self._forks.spawn() if self._forks is not None else Worker.spawn(self._module, self._setup))
                self._all.add(worker)
                ready(worker)
                await worker.life.wait()
                worker.wire.close()
                self._all.discard(worker)
            except (KgError, OSError):  # the machine has no room for one now
                await asyncio.sleep(_SECONDS_BETWEEN_FAILURES)
            worker = None

    async def _in_memory(self) -> None:
        """Have workers forked where the release is in memory, as soon as it is there and for as long as it is."""
        try:
            self._forks = await Forks.start(self._setup)
            await self._forks.wait()
            self._tell("queries are answered from disk again: the process that held the release in memory has ended")
        except (KgError, OSError) as error:
            self._tell(f"queries are answered from disk: {error}")
        self._forks = None
