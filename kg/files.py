"""Files as they come: of any name, of any size, of any sort."""

from __future__ import annotations

import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path
from urllib.parse import quote

from kg.errors import Place, UnreadableError, reading_problem


def _open(path: Path, name: str) -> BufferedReader:
    """A regular file; anything else, such as a named pipe, would be waited for."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnreadableError([reading_problem(Place(name), "unreadable", "is no regular file; put the file itself here")])
    return path.open("rb")


def _cannot(name: str, error: OSError) -> UnreadableError:
    return UnreadableError([reading_problem(Place(name), "unreadable", f"cannot be read: {error.strerror or error}")])


def read_small(path: Path, name: str, limit: int) -> bytes:
    """The bytes of a file of at most ``limit`` bytes. Raises UnreadableError, naming the file as ``name``."""
    try:
        with _open(path, name) as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise _cannot(name, error) from None
    if len(content) > limit:
        message = f"is larger than {limit:,} bytes, which no record is; split it"
        raise UnreadableError([reading_problem(Place(name), "too-large", message)])
    return content


def read_own(path: Path) -> bytes:
    """The bytes of a file that an ontology or shapes are made of. Raises UnreadableError naming it."""
    try:
        with _open(path, written(path)) as file:
            return file.read()
    except OSError as error:
        raise _cannot(written(path), error) from None


def own_text(path: Path) -> str:
    """The text of such a file. Raises UnreadableError, with the line that is not UTF-8."""
    content = read_own(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Place(written(path), content.count(b"\n", 0, error.start) + 1)
        raise UnreadableError([reading_problem(place, "encoding", "is not UTF-8 here; save the file as UTF-8")]) from None


def sha256(path: Path, name: str) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises UnreadableError, naming the file as ``name``."""
    try:
        with _open(path, name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _cannot(name, error) from None


def written(path: Path) -> str:
    """A path as text, whatever bytes it is made of."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def escaped(path: Path) -> str:
    """A path as part of an IRI (https://www.rfc-editor.org/rfc/rfc3987#section-3.1)."""
    return quote(os.fsencode(path.as_posix()), safe="/")
