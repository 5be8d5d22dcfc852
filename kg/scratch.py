"""Temporary folders for what does not fit into memory, which are gone when nobody needs them, also after a kill.

Whoever uses a folder holds a lock on it (flock(2)), which ends with the process, however that ends; whoever makes the next one removes
those of the same user that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import tempfile
import time
import weakref
from pathlib import Path
from typing import Final

from kg.errors import KgError

PREFIX: Final = f"kg-scratch-{platform.node()}-"
"""With the name of this machine, since a lock is not seen by others that share the storage."""
_YOUNG: Final = 60
"""Seconds in which a folder may have been made and not be held yet."""


class Scratch:
    """A temporary folder (``TMPDIR`` says where, or ``place``) that is gone when nothing refers to it any more.

    Another process that it is sent to reads and writes there, and leaves it to the one that made it.
    """

    def __init__(self, place: Path | None = None) -> None:
        place = (place or Path(tempfile.gettempdir())).absolute()
        _tidy(place)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_SH)
        self._finalizer = weakref.finalize(self, _remove, self.path, lock)

    def remove(self) -> None:
        """Remove it now."""
        self._finalizer()

    def __getstate__(self) -> dict[str, Path]:
        return {"path": self.path}


def no_room(error: OSError) -> KgError:
    """What is said where there is no room for such folders, or less than is needed."""
    return KgError(f"{error.filename or tempfile.gettempdir()}: {error.strerror or error}; let TMPDIR name a folder with more room")


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


def _tidy(place: Path) -> None:
    """Remove what killed processes of this user left."""
    for left in place.glob(f"{PREFIX}*"):
        if "-" in left.name.removeprefix(PREFIX):  # of a machine whose name begins with that of this one
            continue
        try:
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # gone already, or not ours to look at
            continue
        about = os.fstat(lock)
        try:
            if about.st_uid == os.getuid() and time.time() - about.st_mtime > _YOUNG:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)
