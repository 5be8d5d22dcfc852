"""What the next release says of what was saved, shown before that release is there: only under ``kg serve --watch``, as pages and
documents; queries are answered from the release.

A process beside the server makes it (``kg.serve.previewer``). It is shown until a release is served whose build began after the save.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from markupsafe import escape

from kg.scratch import Scratch
from kg.serve.resources import file_of, with_files
from kg.serve.site import Site

_LINE: Final = 1 << 26
"""Bytes of a line that tells of a preview, at most: there are as many problems in it as a record has."""
_CACHED: Final = 1 << 24
"""Bytes of files that are kept in memory; whoever looks at previews is not many."""
_PAGE: Final = ".html"
_MOMENT: Final = 2.0
"""Seconds that a process has to clean up after itself before it is killed."""


@dataclass(frozen=True)
class Previewed:
    """A record that was saved: when that was, in seconds since 1970, what is wrong with it, and what the files are that follow from it.

    What cannot be read, ``readable`` says so, is shown as it was before.
    """

    record: str
    at: float
    readable: bool
    problems: list[str]
    folder: Path
    files: list[dict[str, Any]]


class Previews:
    """The previews that are shown. ``since`` is when the build of the release that is served began, in seconds since 1970."""

    def __init__(self, data: Path, since: float, say: Callable[[str], object]) -> None:
        self._data, self._since, self._say = data, since, say
        self._scratch = Scratch()
        self._shown: dict[str, Previewed] = {}
        self._over: tuple[Site, Site] | None = None
        self._built: dict[str, float] = {}
        self._told: tuple[set[str], set[str]] = set(), set()
        self._ended = asyncio.Event()

    def over(self, site: Site) -> Site:
        """A release with what is previewed in place of what it says of the same things."""
        if not self._shown:
            return site
        if self._over is None or self._over[0] is not site:
            files = [file_of(each.folder, file) for each in self._shown.values() for file in each.files]
            self._over = site, Site(with_files(site.resources, files), _CACHED, site)
        return self._over[1]

    def version(self, path: str) -> str:
        """Which preview a page is; nothing where it is none."""
        found = self._of(path)
        return str(found.at) if found else ""

    def notice(self, path: str) -> str:
        """What a page says of being a preview, as HTML; nothing where it is none."""
        found = self._of(path)
        if found is None:
            return ""
        wrong = "".join(f"<li>{escape(problem)}</li>" for problem in found.problems)
        said = f"A preview of {escape(found.record)}, until there is a release with it. Other pages still show the one before."
        if not found.readable:
            said = f"{escape(found.record)} cannot be read. This is what it said before."
        return f'<div class="wide"><div class="notice" role="status"><p>{said}</p>{f"<ul>{wrong}</ul>" if wrong else ""}</div></div>'

    def _of(self, path: str) -> Previewed | None:
        return self._shown.get(path.removesuffix(_PAGE)) if path.endswith(_PAGE) else None

    def built(self, began: float, name: str) -> None:
        """A build that began then has ended, and the release of that name is there; it began at 0 where it failed."""
        if began:
            self._built[name] = began
        self._ended.set()

    def of_build(self, line: str) -> None:
        """Say what a build says, but what was just said of a preview."""
        self._say_once(line, *reversed(self._told))

    def _say_once(self, line: str, own: set[str], other: set[str]) -> None:
        """Of a build and a preview of the same, whoever comes first says what is wrong."""
        if line in other:
            other.remove(line)
        else:
            own.add(line)
            self._say(line)

    def served(self, name: str) -> None:
        """A release is served: what was saved before its build began is in it."""
        self._since = max(self._since, self._built.pop(name, 0.0))
        self._drop([thing for thing, each in self._shown.items() if each.at < self._since])

    def _drop(self, things: Iterable[str]) -> None:
        for thing in things:
            shutil.rmtree(self._shown.pop(thing).folder, ignore_errors=True)
            self._over = None

    async def follow(self) -> None:
        """Show previews until this is cancelled. A process that has ended is begun again after the next build."""
        while True:
            self._ended.clear()
            try:
                why = await self._run()
            except (OSError, ValueError, KeyError) as error:
                why = str(error)
            if why and not self._ended.is_set():
                self._say(f"{self._data}: there are no previews until the next build has ended: {why}")
            await self._ended.wait()

    async def _run(self) -> str:
        """Take what a process tells until it ends; why it ended, where that was no part of its work."""
        command = [sys.executable, "-P", "-m", "kg.serve.previewer", str(self._data), str(self._scratch.path), str(self._since)]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=_LINE)
        assert process.stdout is not None and process.stderr is not None
        try:
            while line := await process.stdout.readline():
                self.take(json.loads(line))
            wrong = (await process.stderr.read()).decode("utf-8", errors="replace").strip()
            code = await process.wait()
            return (wrong.rpartition("\n")[2] or f"their process was ended by signal {-code}") if code else ""
        finally:
            await _end(process)

    def take(self, said: dict[str, Any]) -> None:
        """Take what the process tells of a record that was saved; nothing, when it has read all of them."""
        if not said:
            self._say(f"{self._data}: what is saved is previewed from now on, until the release with it is there")
            return
        for problem in said["problems"]:
            self._say_once(problem, *self._told)
        thing, record, folder = said.get("thing", ""), said["record"], self._scratch.path / said.get("folder", "none")
        self._drop([each for each, shown in self._shown.items() if each == thing or shown.record == record])
        if thing and said["at"] >= self._since:
            self._shown[thing] = Previewed(record, said["at"], said["readable"], said["problems"], folder, said["files"])
            self._over = None
            self._say(f"{thing}{_PAGE} is a preview of {record}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


async def _end(process: Process) -> None:
    """End a process that cleans up after itself, if it does so in a moment."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _MOMENT)
    except TimeoutError:
        process.kill()
