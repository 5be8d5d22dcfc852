"""A worker as its parent sees it: a process that answers one query after the other, and can be killed in the midst of one."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from typing import Any, Final

from kg.errors import KgError

_SECONDS_TO_START: Final = 30


class DiedError(Exception):
    """The worker ended in the midst of the query, by the signal or exit code given."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exit {code}")


@dataclass(frozen=True, eq=False)
class Worker:
    """A child process and the pipes to it."""

    process: Process

    @classmethod
    async def spawn(cls, module: str, setup: bytes) -> Worker:
        """A worker that is ready, of the module that is its work. Raises KgError where it does not become so."""
        command = (sys.executable, "-P", "-m", module)
        worker = cls(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL))
        try:
            async with asyncio.timeout(_SECONDS_TO_START):
                await worker.ask(setup)
        except (TimeoutError, DiedError) as error:
            worker.kill()
            raise KgError(f"a worker for queries does not start ({error})") from None
        except asyncio.CancelledError:
            worker.kill()
            raise
        return worker

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self.process.returncode is None

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.is_alive:
            try:
                self.process.kill()
            except ProcessLookupError:  # it was faster
                return

    async def ask(self, job: bytes) -> tuple[dict[str, Any], bytes]:
        """What it answers to a line of JSON. Raises DiedError."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(job)
            await self.process.stdin.drain()
            header: dict[str, Any] = json.loads(await self.process.stdout.readuntil(b"\n"))
            return header, await self.process.stdout.readexactly(header["length"])
        except (asyncio.IncompleteReadError, ConnectionError):
            self.kill()
            raise DiedError(await self.process.wait()) from None
