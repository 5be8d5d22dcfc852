"""Who serves a release holds its folder, and no build removes a folder that is held.

A hold is a shared lock on the folder itself (flock(2)): it writes nothing, works where the folder may only be read, and ends with
its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path


class Hold:
    """A hold on a folder, until it is closed. Raises OSError where there is no such folder."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):  # a file system without locks: then it is as if nobody held anything
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go."""
        os.close(self._descriptor)


def remove_unless_held(folder: Path) -> None:
    """Remove a folder that nobody holds; the next build looks at those that are held again."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)
