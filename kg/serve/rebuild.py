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
    data: Path, out: Path, since: float, say: Callable[[str], object], built: Callable[[float, str], object], look: Callable[[], object]
) -> None:
    """Build at each save since a time, in seconds since 1970, until this is cancelled. Raises OSError where nobody can look for saves.

    What is built is a draft. What is saved during a build is built after it; a build is never left half done. After each ``built`` is told
    when it began, in seconds since 1970, and the name of the release that is there then, and ``look`` is called. What one that fails has
    to say is said, the old release stays, and ``built`` is told that it began at 0.
    """
    waiting = asyncio.Event()
    seeing = asyncio.create_task(_see(data.resolve(), since, waiting))
    try:
        while True:
            await _either(waiting, seeing)
            waiting.clear()
            began = time.time()
            built(began if await _build(data, out, say) else 0.0, out.resolve().name)
            look()
    finally:
        seeing.cancel()
        await asyncio.gather(seeing, return_exceptions=True)


async def _either(event: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Wait for an event, as long as a task goes on. Raises what ends the task."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()


async def _build(data: Path, out: Path, say: Callable[[str], object]) -> bool:
    """Whether a build went well."""
    # -P: the working folder may hold a json.py, and is none of ours
    run = "from kg.cli import main; main(prog_name='kg')"
    command = [sys.executable, "-P", "-c", run, "build", "--draft", str(data), "--out", str(out)]
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    except OSError as error:
        say(f"{data}: no process can be begun that builds a release: {error}")
        return False
    try:
        said, wrong = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    for line in (said if process.returncode == 0 else wrong).decode("utf-8", errors="replace").splitlines():
        say(line)
    return process.returncode == 0


async def _see(folder: Path, since: float, waiting: asyncio.Event) -> None:
    async for paths in saves_for_ever(folder):
        if paths or await asyncio.to_thread(saved_since, folder, since):
            waiting.set()
