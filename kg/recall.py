"""What was worked out before, kept in one file of the user's cache folder, by a key that is made of everything it was worked out from.

It may be deleted at any time. What is not there, cannot be read, or is not as it was written, is worked out again; so is everything
after another version of kg, Python or a library. The file is SQLite's, which knows how to be used by several processes and to be
killed; what is in it is text, and nothing in it is run. Nothing is taken from a folder that others may write to.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph
import ruamel.yaml
import yaml

BYTES: Final = 1 << 30
"""The file grows no larger; where there is no room, what was not used today goes, then all."""
_AT_A_TIME: Final = 1 << 22
"""So many bytes are written together."""
_SECONDS: Final = 1.0
"""So long another process is waited for; then it is as if nothing were kept."""
_DIGEST: Final = 16
_BROKEN: Final = (sqlite3.Error, ValueError)
"""What SQLite raises; Python cannot even decode some of what it says of a spoilt file."""
_ANY_DAY: Final = 1 << 62
_TABLE: Final = "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, body BLOB NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID"


def cache_file() -> Path | None:
    """Where things are kept, by the XDG base directory specification; None where there is no such place, or others may write to it."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        folder = (named if named.is_absolute() else Path.home() / ".cache") / "rarefacts"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.stat()
    except (OSError, RuntimeError):
        return None
    ours = about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return folder / "kept.sqlite" if ours else None


@cache
def code() -> bytes:
    """A digest of the code that reads and judges, and of what it runs on; libraries that only judges use are not among it."""
    digest = hashlib.sha256(f"{sys.version} {pyoxigraph.__version__} {ruamel.yaml.__version__} {yaml.__version__}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def key_of(what: str, *parts: bytes) -> bytes:
    """The key of a thing of some sort that was made of these parts by this code."""
    digest = hashlib.sha256(what.encode() + code())
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.digest()


class Recall:
    """Bytes by key. Never fails: where the file cannot be used, nothing is known and nothing is kept."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._day = int(time.time() // 86400)
        self._new: dict[bytes, bytes] = {}
        self._bytes = 0
        self._used: list[bytes] = []
        self._connection: sqlite3.Connection | None = None
        if file is not None:
            try:
                self._connection = sqlite3.connect(file, timeout=_SECONDS, isolation_level=None)
                self._connection.execute("PRAGMA synchronous = OFF")
                self._connection.execute(_TABLE)
            except _BROKEN as error:
                self._give_up(error)

    def get(self, key: bytes) -> bytes | None:
        """What was kept under a key, if it is there as it was written."""
        packed = self.packed(key)
        try:
            return zlib.decompress(packed) if packed is not None else None
        except zlib.error:
            return None

    def packed(self, key: bytes) -> bytes | None:
        """The same as it is kept, compressed by zlib."""
        if self._connection is None:
            return None
        try:
            new = self._new.get(key)
            row = (new, self._day) if new else self._connection.execute("SELECT body, day FROM kept WHERE key = ?", (key,)).fetchone()
        except _BROKEN as error:
            self._give_up(error)
            return None
        if row is None or not isinstance(row[0], bytes) or row[0][:_DIGEST] != _seal(key, row[0][_DIGEST:]):
            return None
        if row[1] != self._day:
            self._used.append(key)
        return row[0][_DIGEST:]

    def put(self, key: bytes, body: bytes) -> None:
        """Keep something; it is written with others, at the latest when all is closed."""
        self.put_packed(key, zlib.compress(body, 1))

    def put_packed(self, key: bytes, packed: bytes) -> None:
        """The same for what is compressed by zlib already."""
        if self._connection is not None:
            self._new[key] = _seal(key, packed) + packed
            self._bytes += len(self._new[key])
            if self._bytes >= _AT_A_TIME:
                self._write()

    def close(self) -> None:
        """Write what is new, and forget what there is no room for."""
        self._write()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self) -> None:
        if self._connection is None or not (self._new or self._used):
            return
        try:
            for before in (0, self._day, _ANY_DAY):
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("UPDATE kept SET day = ? WHERE key = ?", [(self._day, key) for key in self._used])
                if before:
                    self._connection.execute("DELETE FROM kept WHERE day < ?", (before,))
                self._connection.executemany(
                    "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", [(key, body, self._day) for key, body in self._new.items()]
                )
                if self._size() <= BYTES:
                    self._connection.execute("COMMIT")
                    break
                self._connection.execute("ROLLBACK")  # or the file would keep the size that it had for a moment
        except _BROKEN as error:
            self._give_up(error)
        self._new.clear()
        self._bytes = 0
        self._used.clear()

    def _size(self) -> int:
        assert self._connection is not None
        pages, free, size = (
            int(self._connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _give_up(self, error: Exception) -> None:
        """Go on without; a file that is no database any more makes room for one that is.

        That is said by the class of the error itself, or by words that are no text; those below it say that it was used wrongly or is busy.
        """
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        if self._file is not None and (type(error) is sqlite3.DatabaseError or isinstance(error, ValueError)):
            with suppress(OSError):
                self._file.unlink()


@contextmanager
def recalling(wanted: bool = True) -> Iterator[Recall]:
    """What this user's runs before have kept; nothing, and nothing is kept, where that is not wanted."""
    recall = Recall(cache_file() if wanted else None)
    try:
        yield recall
    finally:
        recall.close()


def _seal(key: bytes, packed: bytes) -> bytes:
    """What tells that bytes are those that were kept under a key."""
    return hashlib.blake2b(key + packed, digest_size=_DIGEST).digest()
