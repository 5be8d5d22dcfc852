"""Which files of a dataset were saved, removed or renamed, as the system tells it; also where its ontology and shapes lie."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Final

import watchfiles

from kg.layout import ontology_folders, shapes_folders

_QUIET: Final = 50
"""Milliseconds in which nothing more may happen until what happened is looked at: an editor saves in several steps."""
_TICK: Final = 1.0
"""Seconds by which the dates of files may be behind the clock."""
_LOOKS: Final = 200
"""Milliseconds after which there is something to look at also where nothing happened."""


def saves(folder: Path) -> Iterator[set[Path]]:
    """The files that were saved together; often none. Raises KeyboardInterrupt."""
    tops = _tops(folder)
    for events in watchfiles.watch(*tops, watch_filter=None, step=_QUIET, rust_timeout=_LOOKS, yield_on_timeout=True):
        yield _shown(events, tops)


async def saves_for_ever(folder: Path) -> AsyncIterator[set[Path]]:
    """The same; none once, when it has begun to look, and then only where there are some."""
    tops, begun = _tops(folder), False
    async for events in watchfiles.awatch(*tops, watch_filter=None, step=_QUIET, rust_timeout=_LOOKS, yield_on_timeout=True):
        paths = _shown(events, tops)
        if not begun:
            yield set()
            begun = True
        if paths:
            yield paths


def saved_since(folder: Path, time: float) -> set[Path]:
    """The files that were saved since a time in seconds since 1970, and folders in which some came or went, as far as their dates tell."""
    there = {path for top in _tops(folder) for path in (top, *top.rglob("*")) if not _left_out(path.relative_to(top))}
    return {path for path in there if changed(path) > time - _TICK}


def changed(path: Path) -> float:
    """When a file was written, renamed or copied last, in seconds since 1970; 0 where it is gone, by which its folder has changed."""
    try:
        return path.lstat().st_ctime
    except OSError:
        return 0.0


def _left_out(below: Path) -> bool:
    """Whether a dataset leaves out a file: what begins with a dot, or lies below such a folder."""
    return any(part.startswith(".") for part in below.parts)


def _tops(folder: Path) -> list[Path]:
    places = {folder, *ontology_folders(folder), *shapes_folders(folder)}
    return [place for place in places if not any(place != other and place.is_relative_to(other) for other in places)]


def _shown(events: Iterable[tuple[watchfiles.Change, str]], tops: Iterable[Path]) -> set[Path]:
    """The files of events, without those that a dataset leaves out."""
    found = set()
    for path in (Path(path) for _, path in events):
        below = next((path.relative_to(top) for top in tops if path.is_relative_to(top)), path)
        if not _left_out(below):
            found.add(path)
    return found
