"""A release that is built again whenever its data are saved, by a process beside the server, which then goes over to it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.saves import saved_since, saves_for_ever


async def rebuild(
    data: Path, out: Path, since: float, say: Callable[[str], object], built: Callable[[float | None], object], look: Callable[[], object]
) -> None:
    """Build at each save since a time, in seconds since 1970, until this is cancelled.

    What is saved during a build is built after it; a build is never left half done.

    After each ``built`` is told when it began, in seconds since 1970, or None where it failed, and then ``look`` is called; what one that
    fails has to say is said, and the old release stays.
    """
    waiting = asyncio.Event()
    seeing = asyncio.create_task(_see(data.resolve(), since, waiting))
    try:
        while True:
            await waiting.wait()
            waiting.clear()
            began = time.time()
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
            built(None if process.returncode else began)
            look()
    finally:
        seeing.cancel()
        await asyncio.gather(seeing, return_exceptions=True)


async def _see(folder: Path, since: float, waiting: asyncio.Event) -> None:
    async for paths in saves_for_ever(folder):
        if paths or await asyncio.to_thread(saved_since, folder, since):
            waiting.set()
