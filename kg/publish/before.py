"""What was noted when a release was made: what each thing was made of, and which files came of it.

The notes of the release in place are a database of SQLite beside it, named by its hash. Without it, with a broken one, or with one that
another version of kg wrote, everything is made again, which gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.earlier import Earlier
from kg.publish.file import File

_NAME: Final = "made-{}.sqlite"
_DIGITS: Final = 16
STAGING: Final = "building-"
"""What the names of what is not in place yet begin with."""
_STAGED: Final = f"{STAGING}notes"
_SCHEMA: Final = """
CREATE TABLE release (name TEXT, key BLOB, whole BLOB);
CREATE TABLE states (name TEXT PRIMARY KEY, entries BLOB);
CREATE TABLE things (sort TEXT, name TEXT, given BLOB, reads BLOB, paths TEXT, value TEXT, PRIMARY KEY (sort, name));
CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER, sha256 TEXT, changed INTEGER, inode INTEGER) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was made: what it was given, the keys of what was read for it, the paths of its files, or what it is worth."""

    sort: str
    name: str
    given: bytes
    reads: bytes
    paths: str
    value: str


class Notes:
    """The notes of a release that is being made, in a database that is nobody else's."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._rows = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._rows.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA} BEGIN;")

    def thing(self, thing: Thing) -> None:
        """Note a thing that was made."""
        row = (thing.sort, thing.name, thing.given, thing.reads, thing.paths, thing.value)
        self._rows.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?)", row)

    def states(self, name: str, entries: bytes) -> None:
        """Note the states of the entries of a table."""
        self._rows.execute("INSERT INTO states VALUES (?, ?)", (name, entries))

    def take(self, before: Before) -> None:
        """Note all that was noted before."""
        self._rows.executemany("INSERT INTO states VALUES (?, ?)", before.rows.execute("SELECT * FROM states"))
        self._rows.executemany("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?)", before.rows.execute("SELECT * FROM things"))

    def close(self) -> None:
        """Note no more."""
        self._rows.close()

    def settle(self, files: Iterable[File], store: Path, release: Path, key: bytes, whole: bytes) -> None:
        """Put the notes of a release that is in place beside it, instead of those that there are; all of it follows from ``whole``.

        Where they cannot be written, the next build makes more than it has to, and that is all.
        """
        with suppress(OSError, sqlite3.Error):
            self._settle(files, store, release, key, whole)

    def _settle(self, files: Iterable[File], store: Path, release: Path, key: bytes, whole: bytes) -> None:
        assert self._path is not None
        for file in files:
            about = (release / file.path).stat()
            row = (file.path, file.size, file.sha256, about.st_mtime_ns, about.st_ino)
            self._rows.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?)", row)
        self._rows.execute("INSERT INTO release VALUES (?, ?, ?)", (release.name, key, whole))
        self._rows.execute("COMMIT")
        self.close()
        shutil.move(self._path, store / _STAGED)
        named = (store / _STAGED).replace(store / _named(store / _STAGED))
        for path in store.glob(_NAME.format("*")):
            if path != named:
                path.unlink()


class Before:
    """The notes of the release in place, whose folder is ``folder``."""

    def __init__(self, rows: sqlite3.Connection, folder: Path) -> None:
        self.rows, self.folder = rows, folder

    @classmethod
    def of(cls, store: Path, key: bytes) -> Before | None:
        """What was noted under the same key; nothing where the notes are not as they were left, or the release is gone."""
        for path in store.glob(_NAME.format("*")):
            with suppress(OSError, sqlite3.Error, TypeError), ExitStack() as opened:
                if path.name == _named(path):
                    rows = opened.enter_context(closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)))
                    name, noted = rows.execute("SELECT name, key FROM release").fetchone()
                    if noted == key and (store / name).is_dir():
                        opened.pop_all()  # they fit, so whoever asked for them closes them
                        return cls(rows, store / name)
        return None

    def close(self) -> None:
        """Read no more of them."""
        self.rows.close()

    def thing(self, sort: str, name: str) -> Thing | None:
        """What was noted of a thing."""
        row = self.rows.execute("SELECT * FROM things WHERE sort = ? AND name = ?", (sort, name)).fetchone()
        return Thing(*row) if row else None

    def states(self, name: str) -> bytes:
        """The states of the entries of a table; nothing where there was no such table."""
        row = self.rows.execute("SELECT entries FROM states WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else b""

    def whole(self) -> bytes:
        """What all of the release follows from."""
        return bytes(self.rows.execute("SELECT whole FROM release").fetchone()[0])

    def paths(self) -> list[str]:
        """The paths of all files."""
        return [path for (path,) in self.rows.execute("SELECT path FROM files ORDER BY path")]

    def take(self, path: str, folder: Path) -> File | None:
        """Put a file of the release into another folder as well; nothing where it is not as it was written.

        It is the same file by another name, or else a copy. As git does, a file whose size, time of change and inode are those that
        were noted is taken to be as it was: an editor, a copy or a kill leaves others, and to read all takes longer than to make many.
        """
        with suppress(OSError):
            file = self.as_left(path)
            if file is not None:
                _same_file(f"{self.folder}/{path}", f"{folder}/{path}")
                return file
        return None

    def as_left(self, path: str) -> File | None:
        """A file of the release; nothing where it is not as it was written. Raises OSError where it cannot be looked at."""
        row = self.rows.execute("SELECT * FROM files WHERE path = ?", (path,)).fetchone()
        about = os.lstat(f"{self.folder}/{path}")  # for each of many files: to make a Path takes longer than to ask
        same = row and (about.st_size, about.st_mtime_ns, about.st_ino) == (row[1], row[3], row[4])
        return File(path, row[1], row[2]) if same else None


class Standing(Earlier):
    """Texts in files of the release before, and what is noted of this one."""

    def __init__(self, sort: str, notes: Notes, before: Before | None) -> None:
        self._sort, self._notes, self._before = sort, notes, before
        self._noted: set[str] = set()

    def find(self, name: str) -> str | None:
        """What was noted under a name."""
        thing = self._before.thing(self._sort, name) if self._before else None
        return thing.value if thing else None

    def read(self, path: str, start: int, end: int) -> bytes:
        """What stands in a file. Raises OSError where that is no longer as it was."""
        assert self._before is not None
        with (self._before.folder / path).open("rb", buffering=0) as file:
            text = os.pread(file.fileno(), end - start, start)
        if len(text) < end - start:
            raise OSError(f"{path} of the release before is being changed; build again")
        return text

    def note(self, name: str, said: str) -> None:
        """Note something for the next release, once."""
        if name not in self._noted:
            self._noted.add(name)
            self._notes.thing(Thing(self._sort, name, b"", b"", "", said))


def _same_file(old: str, new: str) -> None:
    try:
        os.link(old, new)
    except OSError:  # there is no folder yet, or the file system has no links
        Path(new).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(old, new)
        except OSError:
            shutil.copyfile(old, new)


def _named(path: Path) -> str:
    with path.open("rb") as file:
        return _NAME.format(hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS])
