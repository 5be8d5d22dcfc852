"""Where statements are while they are judged: in memory, or on disk where that would take too much of it.

In memory everything is read three to five times as fast. Which of the two it is depends on how many statements there are and on how
much memory the machine has, not on how much is free at the moment; what is found and what is written are the same.
"""

from __future__ import annotations

import os
from pathlib import Path

from pyoxigraph import Store

from kg import limits


def store_for(statements: int, folder: Path) -> Store:
    """An empty store for so many statements, with room for what follows from them; on disk it is in a folder of that folder."""
    return Store() if fits(statements, memory()) else on_disk(folder)


def on_disk(folder: Path) -> Store:
    """An empty store in a folder of that folder."""
    return Store(str(folder / "store"))


def fits(statements: int, bytes_of_memory: int) -> bool:
    """Whether so many statements are held in memory: no more than the limit, and in half of what the machine has."""
    return statements <= limits.MEMORY_STATEMENTS and 2 * statements * limits.STATEMENT_BYTES <= bytes_of_memory


def memory() -> int:
    """The memory of this machine, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
