"""The store of a release on disk, made once and then only read: beside the release, named by its content, complete or absent."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store

from kg.errors import KgError
from kg.publish.holding import Hold
from kg.publish.released import Release
from kg.scratch import PREFIX, Scratch
from kg.serve.limits import Limits
from kg.storing import memory, putting

_KEPT: Final = 2
_STATEMENT_BYTES: Final = 400
"""What a statement takes in memory: 8.3 million took 2.8 GB, and 3.3 GB while they were loaded."""


def dump_of(release: Release) -> tuple[Path, str]:
    """The dump that a store is made of, and the hash that it is to have. Raises KgError where the manifest does not name it."""
    dump = release.dump("nq")
    for file in release.manifest["files"]:
        if file["path"] == dump.name:
            return dump, file["sha256"]
    raise KgError(f"{release.path}: the manifest names no {dump.name}; build the release again")


def store_folder(release: Release, path: Path) -> Path:
    """The folder of the store of a release that is at a path; it is loaded if it is not there. Raises KgError where it cannot be."""
    dump, expected = dump_of(release)
    folder = path.parent / f".{path.name}.stores"
    final = folder / f"{expected[:16]}-{version('pyoxigraph')}"
    if final.is_dir():
        os.utime(final)  # it is in use again, so it is not the oldest
        return final
    try:
        folder.mkdir(exist_ok=True)
        scratch = Scratch(folder)
        staging = scratch.path / "store"
        staging.mkdir(mode=0o700)
    except OSError as error:
        raise KgError(f"{folder}: the store cannot be made here: {error.strerror}; copy the release to where there is room") from None
    try:
        _load(dump, staging, expected)
        if not final.is_dir():
            staging.rename(final)
    except OSError:
        if not final.is_dir():  # another server was faster: its store is the same
            raise
    finally:
        scratch.remove()
    _tidy(folder)
    return final


def fits_in_memory(release: Release, limits: Limits) -> bool:
    """Whether a release may be held in memory as well: it takes no more than the limit, and no more than a quarter of the machine's.

    A new release is loaded while the old one is still held, and what queries take comes on top.
    """
    needed: int = release.manifest["counts"]["quads"] * _STATEMENT_BYTES
    return needed <= limits.hold << 20 and needed <= memory() // 4


def _load(dump: Path, folder: Path, expected: str) -> None:
    """Load a dump in a child: who has opened a store to write has threads, and the server is to have none."""
    command = [sys.executable, "-P", "-m", "kg.serve.store", str(dump), str(folder), expected]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise KgError(f"{dump}: cannot be loaded: {done.stderr.strip().rpartition(chr(10))[2] or f'exit {done.returncode}'}")


def _tidy(folder: Path) -> None:
    """Remove all but the last stores; what is being loaded is left alone, and what a kill left of that goes with the next Scratch."""
    stores = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(PREFIX)]
    for path in sorted(stores, key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def load(store: Store, dump: str, expected: str, in_memory: bool) -> None:
    """Load a dump whose hash is given into a new store. Raises KgError where it is another file."""
    with Path(dump).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise KgError("it is not the file that the manifest names; build the release again")
    putting(store, in_memory)(path=dump, format=RdfFormat.N_QUADS)


def main() -> None:
    """The child: load the dump whose hash is given into a folder."""
    dump, folder, expected = sys.argv[1:]
    hold = Hold(Path(folder).parent)  # nobody may remove it while this process lives, which may be longer than the one that waits for it
    store = Store(folder)
    try:
        load(store, dump, expected, in_memory=False)
    except KgError as error:
        sys.exit(str(error))
    store.optimize()
    store.flush()
    hold.close()


if __name__ == "__main__":
    main()
