"""Where statements are while they are judged: in memory, or on disk where that would take too much of it.

In memory everything is read three to five times as fast. Which of the two it is depends on how many statements there are and on how
much memory the machine has, not on how much is free at the moment; what is found and what is written are the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from kg import limits

_BLOCK: Final = 2**20
"""Bytes that are put into a store at a time."""


def store_for(statements: int, folder: Path) -> Store:
    """An empty store for so many statements, with room for what follows from them; on disk it is in a folder of that folder."""
    return Store() if fits_here(statements) else on_disk(folder)


def on_disk(folder: Path) -> Store:
    """An empty store in a folder of that folder."""
    return Store(str(folder / "store"))


def putting(store: Store, in_memory: bool = True) -> Callable[..., None]:
    """The method of a store that puts a file or a text into it.

    One in memory is read in the order in which statements came, and the method for very many mixes them up: a store of eight million that
    was filled so took 12 s for the names that diseases share instead of 4, and 230 MB more at the most. On disk, where all is sorted in any
    case, the other way takes long.
    """
    return store.load if in_memory else store.bulk_load


def gathered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in larger blocks."""
    waiting, size = list[bytes](), 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def fits_here(statements: int) -> bool:
    """Whether so many statements are held in memory on this machine."""
    return fits(statements, memory())


def fits(statements: int, bytes_of_memory: int) -> bool:
    """Whether so many statements are held in memory: no more than the limit, and in half of what the machine has."""
    return statements <= limits.MEMORY_STATEMENTS and 2 * statements * limits.STATEMENT_BYTES <= bytes_of_memory


def memory() -> int:
    """The memory of this machine, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
