"""A release that is built again whenever its data are saved, by a process beside the server, which then goes over to it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.saves import saves_for_ever


async def rebuild(data: Path, out: Path, say: Callable[[str], object], built: Callable[[], object]) -> None:
    """Build at each save, until this is cancelled. What is saved during a build is built after it; a build is never left half done.

    ``built`` is called after each; what a build that fails has to say is said, and the old release stays.
    """
    waiting = asyncio.Event()
    seeing = asyncio.create_task(_see(data.resolve(), waiting))
    try:
        while True:
            await waiting.wait()
            waiting.clear()
            # -P: the working folder may hold a json.py, and is none of ours
            command = [sys.executable, "-P", "-c", "from kg.cli import main; main(prog_name='kg')", "build", str(data), "--out", str(out)]
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            try:
                said, wrong = await process.communicate()
            except asyncio.CancelledError:
                with suppress(ProcessLookupError):
                    process.kill()
                raise
            for line in (said if process.returncode == 0 else wrong).decode("utf-8", errors="replace").splitlines():
                say(line)
            built()
    finally:
        seeing.cancel()
        await asyncio.gather(seeing, return_exceptions=True)


async def _see(folder: Path, waiting: asyncio.Event) -> None:
    async for _ in saves_for_ever(folder):
        waiting.set()
