"""The files of a source as streams: decompressed in pieces, bounded, decoded strictly. They are foreign bytes.

Nothing is unpacked to a disk, no name in an archive is followed, and what is larger than the table of limits allows is refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, NoReturn, cast

from kg import limits
from kg.errors import Place, UnreadableError, reading_problem
from kg.sources.model import SourceFile

_GZIP = b"\x1f\x8b"


def refuse(file: str, rule: str, message: str, line: int = 1) -> NoReturn:
    """End the import: the file cannot be read as what it should be. Raises UnreadableError."""
    raise UnreadableError([reading_problem(Place(file, max(line, 1)), rule, message)])


class _Bounded(io.RawIOBase):
    """A stream of bytes that fails after a number of them: a megabyte of gzip can be a gigabyte."""

    def __init__(self, stream: IO[bytes], name: str, left: int) -> None:
        self._stream, self._name, self._left = stream, name, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            content = self._stream.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
            refuse(self._name, "unreadable", f"cannot be read to its end ({error}); get the file again")
        self._left -= len(content)
        if self._left < 0:
            refuse(self._name, "too-large", "unpacks to more than an import may read; split it")
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        """Close what is read from as well."""
        self._stream.close()
        super().close()


def binary(file: SourceFile) -> IO[bytes]:
    """The bytes of a file, decompressed where it is gzip. Raises UnreadableError, at once or while it is read."""
    if not file.path.is_file():
        refuse(file.name, "unreadable", "is no regular file; name a file that is there")
    try:
        stream: IO[bytes] = file.path.open("rb")
    except OSError as error:
        refuse(file.name, "unreadable", f"cannot be read: {error.strerror or error}")
    packed = stream.read(2) == _GZIP
    stream.seek(0)
    if packed:
        stream.close()  # GzipFile closes only what it has opened itself
        stream = cast("IO[bytes]", gzip.open(file.path))  # noqa: SIM115 - closed with the stream around it
    return io.BufferedReader(_Bounded(stream, file.name, limits.SOURCE_BYTES), 1 << 16)


def lines(file: SourceFile) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers, without their ends; a byte order mark is passed over. Raises UnreadableError."""
    number = 0
    with binary(file) as stream:
        while True:
            raw = stream.readline(limits.SOURCE_LINE + 1)
            if not raw:
                return
            number += 1
            if len(raw) > limits.SOURCE_LINE:
                refuse(file.name, "too-large", f"has a line of more than {limits.SOURCE_LINE:,} bytes, which no row is", number)
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                refuse(file.name, "encoding", f"is not UTF-8 (byte {error.start + 1} of this line); convert it", number)
            if "\x00" in text:
                refuse(file.name, "encoding", "holds a NUL character, so it is no text; get the file again", number)
            yield number, text.rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its line (that of its end, where a cell has line breaks), and its cells by the names of the header, stripped.

    ``broken`` is True where it has another number of cells than the header; then ``cells`` holds what there is.
    """

    line: int
    cells: dict[str, str]
    broken: bool = False


def rows(
    file: SourceFile, delimiter: str, wanted: Sequence[str], skip: Sequence[str] = (), before: int = 0, escape: str | None = None
) -> Iterator[Row]:
    """The rows of a table below its header, which must have the columns ``wanted``; names and cells are stripped.

    Lines at the top that begin with one of ``skip``, and then ``before`` lines, stand above the header; ``escape`` stands
    before a quote within a cell where quotes are not doubled. Raises UnreadableError.
    """
    numbered = lines(file)
    at = 0

    def texts() -> Iterator[str]:
        nonlocal at
        top, left = True, before
        for number, text in numbered:
            at = number
            if top and any(text.startswith(each) for each in skip):
                continue
            top = False
            if left > 0:
                left -= 1
                continue
            yield text + "\n"

    reader = csv.reader(texts(), delimiter=delimiter, escapechar=escape, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if header is None:
                header = [cell.strip() for cell in cells]
                if twice := [name for name in wanted if header.count(name) > 1]:
                    refuse(file.name, "column-twice", f"has two columns {', '.join(twice)}; leave the one that is meant", at)
                missing = [name for name in wanted if name not in header]
                if missing:
                    refuse(file.name, "no-column", f"has no column {', '.join(missing)}; is it another file, or a newer form of it?", at)
                continue
            if not cells:
                continue
            yield Row(at, dict(zip(header, (cell.strip() for cell in cells), strict=False)), len(cells) != len(header))
    except csv.Error as error:
        refuse(file.name, "broken-table", f"cannot be read as a table: {error}", at)
    if header is None:
        refuse(file.name, "no-column", "is empty; get the file again")


def members(file: SourceFile, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each regular file in a tar archive whose name ends so, in its order. Raises UnreadableError."""
    with binary(file) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for count, member in enumerate(archive):
                    if count >= limits.SOURCE_MEMBERS:
                        refuse(file.name, "too-large", f"holds more than {limits.SOURCE_MEMBERS:,} files")
                    if not member.isfile() or not member.name.endswith(suffix):
                        continue
                    if member.size > limits.SOURCE_MEMBER_BYTES:
                        refuse(file.name, "too-large", f"holds {member.name!r}, larger than {limits.SOURCE_MEMBER_BYTES:,} bytes")
                    content = archive.extractfile(member)
                    assert content is not None
                    yield member.name, content.read()
        except (tarfile.TarError, EOFError) as error:
            refuse(file.name, "unreadable", f"cannot be read as a tar archive: {error}; get the file again")
