"""What the next release says of what was saved, shown before that release is there: only under ``kg serve --watch``, and only in pages.

A process beside the server makes it (``kg.serve.previewer``). It is shown until a release is served whose build began after the save.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Callable
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


@dataclass(frozen=True)
class Previewed:
    """A record that was saved: when that was, in seconds since 1970, what is wrong with it, and what the files are that follow from it."""

    record: str
    at: float
    problems: list[str]
    folder: Path
    files: list[dict[str, Any]]


class Previews:
    """The previews that are shown; ``number`` is another one whenever they are others.

    ``since`` is when the build of the release that is served began, in seconds since 1970.
    """

    def __init__(self, data: Path, since: float, say: Callable[[str], object]) -> None:
        self.number = 0
        self._data, self._since, self._say = data, since, say
        self._scratch = Scratch()
        self._shown: dict[str, Previewed] = {}
        self._over: tuple[Site, int, Site] | None = None
        self._built: float | None = None
        self._settled = asyncio.Event()

    def over(self, site: Site) -> Site:
        """A release with what is previewed in place of what it says of the same things."""
        if not self._shown:
            return site
        if self._over is None or self._over[:2] != (site, self.number):
            files = [file_of(each.folder, file) for each in self._shown.values() for file in each.files]
            self._over = site, self.number, Site(with_files(site.resources, files), _CACHED, site)
        return self._over[2]

    def notice(self, path: str) -> str:
        """What a page says of being a preview, as HTML; nothing where it is none."""
        found = self._shown.get(path.removesuffix(_PAGE)) if path.endswith(_PAGE) else None
        if found is None:
            return ""
        wrong = "".join(f"<li>{escape(problem)}</li>" for problem in found.problems)
        said = f"A preview of {escape(found.record)}, until there is a release with it. Other pages still show the one before."
        return f'<div class="wide"><div class="notice" role="status"><p>{said}</p>{f"<ul>{wrong}</ul>" if wrong else ""}</div></div>'

    def built(self, began: float | None) -> None:
        """A build that began then has ended; None where it failed."""
        self._built = began

    def served(self) -> None:
        """The release that was built last is served: what was saved before its build began is in it."""
        if self._built is None:
            return
        self._since, self._built = self._built, None
        gone = [thing for thing, each in self._shown.items() if each.at < self._since]
        for thing in gone:
            shutil.rmtree(self._shown.pop(thing).folder, ignore_errors=True)
        self.number += bool(gone)
        self._settled.set()

    async def follow(self) -> None:
        """Show previews until this is cancelled. A process that has ended is begun again when the next release is there."""
        while True:
            self._settled.clear()
            await self._run()
            await self._settled.wait()

    async def _run(self) -> None:
        command = [sys.executable, "-P", "-m", "kg.serve.previewer", str(self._data), str(self._scratch.path), str(self._since)]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=_LINE)
        assert process.stdout is not None and process.stderr is not None
        try:
            while line := await process.stdout.readline():
                self._take(json.loads(line))
            wrong = (await process.stderr.read()).decode("utf-8", errors="replace")
            if await process.wait():
                self._say(f"{self._data}: there are no previews until the next release: {wrong.strip().rpartition(chr(10))[2]}")
        finally:
            with suppress(ProcessLookupError):
                process.kill()

    def _take(self, said: dict[str, Any]) -> None:
        if not said:
            self._say(f"{self._data}: what is saved is previewed from now on, until the release with it is there")
            return
        for problem in said["problems"]:
            self._say(problem)
        if "thing" in said:
            thing, new = (
                said["thing"],
                Previewed(said["record"], said["at"], said["problems"], self._scratch.path / said["folder"], said["files"]),
            )
            before = self._shown.pop(thing, None)
            self._shown[thing] = new
            self.number += 1
            if before is not None:
                shutil.rmtree(before.folder, ignore_errors=True)
            self._say(f"{thing}{_PAGE} is a preview of {new.record}")
