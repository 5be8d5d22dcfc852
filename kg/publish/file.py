"""A file of a release, as its manifest has it, and what it is made of."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from kg.formats import GZIP, media_type
from kg.publish.described import DUMPS


@dataclass(frozen=True, slots=True)
class File:
    """A file of the release, as its manifest has it; the size is in bytes."""

    path: str
    size: int
    sha256: str

    @property
    def extensions(self) -> list[str]:
        """What follows its dots, the last first, without ``gz``."""
        return [suffix[1:] for suffix in reversed(PurePosixPath(self.path).suffixes) if suffix[1:] != GZIP]

    @property
    def media_type(self) -> str:
        """Its media type, by its extension. Raises KeyError where that is not in the table of formats."""
        return media_type(self.path)

    def is_dump_of(self, name: str) -> bool:
        """Whether it holds a whole dataset of that name, in some form."""
        return self.path.removeprefix(name) in DUMPS


Bytes = bytes | Callable[[BinaryIO], object]
"""The bytes of a file, or what writes them to a stream where they are many."""
Body = Bytes | File
"""The content of a file, or the file itself where it is there already."""


def in_chunks(chunks: Callable[[], Iterable[bytes]]) -> Bytes:
    """The bytes of a file that are made as they are written, chunk by chunk."""

    def write(stream: BinaryIO) -> None:
        for chunk in chunks():
            stream.write(chunk)

    return write


def from_file(path: Path) -> Bytes:
    """The bytes of another file."""

    def write(stream: BinaryIO) -> None:
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream, 2**20)

    return write
