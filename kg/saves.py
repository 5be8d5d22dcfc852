"""Which files of a dataset were saved, removed or renamed, as the system tells it; also where its ontology and shapes lie."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import watchfiles

from kg.layout import DATASET_FILE, ontology_folders, shapes_folders

_QUIET: Final = 50
"""Milliseconds in which nothing more may happen until what happened is looked at: an editor saves in several steps."""
_TICK: Final = 1.0
"""Seconds by which the dates of files may be behind the clock."""
_LOOKS: Final = 200
"""Milliseconds after which there is something to look at also where nothing happened."""
_RARELY: Final = 20
"""What links lead to is looked at so many times as rarely as it takes: of many links no twentieth of a processor."""


def saves(folder: Path) -> Iterator[set[Path]]:
    """The files that were saved together; often none. Raises KeyboardInterrupt.

    Where another folder takes the place of one that is looked at, the dataset file stands for all of it. A link to a file was saved where
    what it leads to was.
    """
    anew: set[Path] = set()
    while True:
        tops = _tops(folder)
        places, links = list(map(_place, tops)), _Links(tops)
        for events in watchfiles.watch(*tops, watch_filter=None, step=_QUIET, rust_timeout=_LOOKS, yield_on_timeout=True):
            told = _shown(events, tops)
            yield told | links.saved(told) | anew
            anew = set()
            if list(map(_place, tops)) != places:
                break
        while None in map(_place, tops):
            yield set()
            time.sleep(_LOOKS / 1000)
        anew = {folder / DATASET_FILE}


async def saves_for_ever(folder: Path) -> AsyncIterator[set[Path]]:
    """The same; none once, when it has begun to look, and then only where there are some."""
    looks, begun = saves(folder), False
    while True:
        paths = await asyncio.to_thread(next, looks)  # a thread is taken for one look, so it is left soon after nobody waits any more
        if not begun:
            yield set()
        if paths:
            yield paths
        begun = True


def saved_since(folder: Path, since: float) -> set[Path]:
    """The files that were saved since a time in seconds since 1970, and folders in which some came or went, as far as their dates tell."""
    found = set[Path]()
    for top in _tops(folder):
        for below, folders, files in os.walk(top):  # goes on where a folder vanishes
            folders[:] = [each for each in folders if not each.startswith(".")]
            paths = (Path(below, name) for name in files if not name.startswith("."))
            found.update(path for path in (Path(below), *paths) if changed(path) > since - _TICK)
    return found


class _Links:
    """The links to files: the system tells of them, not of what they lead to, so that is looked at."""

    def __init__(self, tops: Iterable[Path]) -> None:
        self._states = {link: _state(link) for link in _links_below(tops)}
        self._due = 0.0

    def saved(self, told: Iterable[Path]) -> set[Path]:
        """Those that lead to what was saved, or to something else, since they were looked at; others may have been made by what is told."""
        for path in told:
            new = [path] if path.is_symlink() else _links_below([path])
            self._states.update((link, _state(link)) for link in new)
        begun = time.monotonic()
        if begun < self._due:
            return set()
        found = {link for link, state in self._states.items() if _state(link) != state}
        self._states.update((link, _state(link)) for link in found)
        self._due = begun + _RARELY * (time.monotonic() - begun)
        return found


def _links_below(folders: Iterable[Path]) -> Iterator[Path]:
    """The links to files in folders and below; nothing of what is no folder."""
    for below, names, files in (each for folder in folders for each in os.walk(folder)):
        names[:] = [each for each in names if not each.startswith(".")]
        yield from (path for name in files if not name.startswith(".") and (path := Path(below, name)).is_symlink())


def _state(link: Path) -> tuple[int, int] | None:
    """By which it is seen that what a link leads to was saved; nothing where it is gone."""
    try:
        about = link.stat()
    except OSError:
        return None
    return about.st_ctime_ns, about.st_ino


def _place(folder: Path) -> tuple[int, int] | None:
    """By what a folder is told from another of its name; nothing where there is none."""
    try:
        about = folder.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def changed(path: Path) -> float:
    """When a file was written, renamed or copied last, in seconds since 1970; 0 where it is gone, by which its folder has changed.

    Of a link that is when it was made, or what it leads to was written, whichever was later.
    """
    try:
        about = path.lstat()
    except OSError:
        return 0.0
    with suppress(OSError):
        if stat.S_ISLNK(about.st_mode):
            return max(about.st_ctime, path.stat().st_ctime)
    return about.st_ctime


def _tops(folder: Path) -> list[Path]:
    places = {folder, *ontology_folders(folder), *shapes_folders(folder)}
    return [place for place in places if not any(place != other and place.is_relative_to(other) for other in places)]


def _shown(events: Iterable[tuple[watchfiles.Change, str]], tops: Iterable[Path]) -> set[Path]:
    """The files of events, without those that a dataset leaves out: what begins with a dot, or lies below such a folder."""
    found = set()
    for path in (Path(path) for _, path in events):
        below = next((path.relative_to(top) for top in tops if path.is_relative_to(top)), path)
        if not any(part.startswith(".") for part in below.parts):
            found.add(path)
    return found
