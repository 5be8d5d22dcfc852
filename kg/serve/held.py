"""A release that is held in memory as well, for queries that take long from disk.

A look-up takes three to ten times as long in memory as from disk, where statements stand in order; a query that joins much takes a
half to a tenth. Nobody knows before which of the two a query is. So each begins on disk, and what has no answer there after a moment
begins again in memory. Until the release is loaded, where it does not fit, and after the process that holds it was lost, disk answers
everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from kg.errors import KgError
from kg.serve.forks import Forks
from kg.serve.limits import Limits
from kg.serve.pool import Pool
from kg.serve.supply import Supply


class Held:
    """The release that a setup names; why it is not held is told."""

    def __init__(self, setup: bytes, size: int, limits: Limits, tell: Callable[[str], object]) -> None:
        self._setup, self._size, self._tell = setup, size, tell
        self._limits = replace(limits, light=limits.light + limits.timeout)  # nobody comes here who has not used much for one query
        self._task: asyncio.Task[None] | None = None
        self._pool: Pool | None = None
        self._ending = False

    @property
    def pool(self) -> Pool | None:
        """Those who answer from memory, while there are any."""
        return self._pool if self._pool is not None and self._pool.supply.alive else None

    def start(self) -> None:
        """Begin to load it."""
        self._task = asyncio.create_task(self._run())

    async def close(self, patient: bool = False) -> None:
        """End it, and all that answer from it; first what they are asked now, if the end is to wait for that."""
        if patient and self._pool is not None:
            await self._pool.idle()
        if self._task is not None:
            if not self._ending:  # it is to end, and not to be kept from it
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            forks = await Forks.start(self._setup)
        except (KgError, OSError) as error:
            self._tell(f"long queries are answered from disk as well: {error}")
            return
        pool = Pool(Supply(forks.spawn), self._size, self._limits)
        try:
            await pool.start()
            self._pool = pool
            await forks.wait()
            self._tell("long queries are answered from disk again: the process that held the release in memory has ended")
        except (KgError, OSError) as error:
            self._tell(f"long queries are answered from disk as well: {error}")
        finally:
            self._pool, self._ending = None, True
            await forks.close()
            await pool.close()
