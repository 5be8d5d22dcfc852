"""The place of a release: what is there is kg's own, and one build at a time is at work on it, from before it reads anything.

So none puts what it read earlier in place of what another has read later; and it is known whether what decides all of a release was
changed meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from kg.errors import KgError
from kg.publish.before import STAGING
from kg.publish.version import Deciding, deciding

Say = Callable[[str], object]
"""Who is told what people should know of a build, line by line."""
_LOCK: Final = ".lock"


def unheard(line: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a release is put: the link, the folder beside it that its files are in, and the files that decide it, as they were at first."""

    out: Path
    store: Path
    data: Path
    deciding: Deciding
    say: Say

    @property
    def unchanged(self) -> bool:
        """Whether no file that decides all of a release was saved since this build began."""
        return deciding(self.data) == self.deciding


@contextmanager
def place_at(out: Path, data: Path, say: Say = unheard) -> Iterator[Place]:
    """The place for a release of a dataset folder, for one build at a time: another one waits, and says so.

    Raises KgError where something else is there, or nothing can be written.
    """
    store = out.parent / f".{out.name}"
    _refuse_others(out, store)
    try:
        lock = _taken(out, store, say)
        _clear(store)
    except OSError as error:
        raise unwritten(out, error) from None
    try:
        yield Place(out, store, data, deciding(data), say)
    finally:
        _leave(store)
        lock.close()


def unwritten(out: Path, error: Exception) -> KgError:
    """What is said where a release cannot be written."""
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return KgError(f"{out}: the release cannot be written: {why}; the old one is untouched")


def _refuse_others(out: Path, store: Path) -> None:
    """See to it that what is at the place of a release, and of the folder of its files, is kg's: what is there is replaced and removed."""
    ours = out.readlink().parent == Path(store.name) if out.is_symlink() else not out.exists()
    if not ours:
        raise KgError(f"{out}: is in the way; a release is a link that kg makes: move it away or name another place with --out")
    if store.exists() and not (store / _LOCK).is_file() and not (store.is_dir() and next(store.iterdir(), None) is None):
        raise KgError(f"{store}: is in the way; kg keeps the files of {out} there: move it away or name another place with --out")


class _Lock:
    """A lock on a file, until it is closed or this process ends, however that ends: processes that it forks do not hold it."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, path.open("wb", buffering=0)
        os.register_at_fork(after_in_child=partial(_let_go, weakref.ref(self)))

    def take(self, wait: bool) -> bool:
        """Whether it is held now, by the file that is still at the path."""
        fcntl.flock(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        return False

    def close(self) -> None:
        """Hold it no longer."""
        self._file.close()


def _let_go(known: weakref.ref[_Lock]) -> None:
    if (lock := known()) is not None:
        lock.close()


def _taken(out: Path, store: Path, say: Say) -> _Lock:
    """The lock on a place; whoever holds it may have removed its file when they let go, and then there is another one."""
    told = False
    while True:
        store.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            lock = _Lock(store / _LOCK)
            try:
                held = lock.take(wait=told)
            except BlockingIOError:
                say(f"{out}: another build is at work on it, which is waited for")
                held, told = False, True
            if held:
                return lock
            lock.close()


def _clear(store: Path) -> None:
    """Remove what a killed build left behind: it is nobody's, since this one is alone."""
    for left in store.glob(f"{STAGING}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink()


def _leave(store: Path) -> None:
    """Leave no folder where nothing was written."""
    with suppress(OSError):
        if [path.name for path in store.iterdir()] == [_LOCK]:
            (store / _LOCK).unlink()
            store.rmdir()
