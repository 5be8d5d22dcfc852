"""Files and folders, brought to disk before anything relies on them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, cast

from kg.publish.file import Bytes

_AT_A_TIME: Final = 16


def write(path: Path, body: Bytes) -> tuple[int, str]:
    """Write a file and tell its size and SHA-256."""
    with path.open("wb") as file:
        measured = _Measured(file)
        if isinstance(body, bytes):
            measured.write(body)
        else:
            body(cast(BinaryIO, measured))
    return measured.size, measured.sha256.hexdigest()


class _Measured:
    """A stream to a file, measured on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, body: bytes) -> int:
        self.size += len(body)
        self.sha256.update(body)
        return self._file.write(body)

    def tell(self) -> int:
        return self.size

    def writelines(self, lines: Iterable[bytes]) -> None:
        rest = iter(lines)
        while part := b"".join(islice(rest, 10_000)):
            self.write(part)


def sync_all(folder: Path, paths: Sequence[str]) -> None:
    """Bring files and folders below a folder to disk; by many at a time, which a journal writes together."""

    def some(number: int) -> None:
        for path in paths[number::_AT_A_TIME]:
            sync(folder / path)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for _ in pool.map(some, range(_AT_A_TIME)):  # a task for each of very many files would take more memory than their bytes
            pass


def sync(path: Path) -> None:
    """Bring a file, or the entries of a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
