"""The store of a release on disk, made once and then only read: beside the release, named by its content, complete or absent."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

from kg.errors import KgError
from kg.publish.released import Release

_KEPT: Final = 2
_BUILDING: Final = "building-"


def store_folder(release: Release, path: Path) -> Path:
    """The folder of the store of a release that is at a path; it is loaded if it is not there. Raises KgError where it cannot be."""
    listed = {file["path"]: file for file in release.manifest["files"]}
    dump = release.dump("nq")
    expected = listed[dump.name]["sha256"]
    folder = path.parent / f".{path.name}.stores"
    final = folder / f"{expected[:16]}-{version('pyoxigraph')}"
    if final.is_dir():
        os.utime(final)  # it is in use again, so it is not the oldest
        return final
    try:
        folder.mkdir(exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder))
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
        shutil.rmtree(staging, ignore_errors=True)
    _tidy(folder)
    return final


def _load(dump: Path, folder: Path, expected: str) -> None:
    """Load a dump in a child: who has opened a store to write has threads, and the server is to have none."""
    command = [sys.executable, "-P", "-m", "kg.serve.store", str(dump), str(folder), expected]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise KgError(f"{dump}: cannot be loaded: {done.stderr.strip().rpartition(chr(10))[2] or f'exit {done.returncode}'}")


def _tidy(folder: Path) -> None:
    """Remove all but the last stores; a build that is going on is left alone."""
    stores = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(_BUILDING)]
    for path in sorted(stores, key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def main() -> None:
    """The child: load the dump whose hash is given into a folder."""
    import pyoxigraph  # noqa: PLC0415 (the server itself opens no store)

    dump, folder, expected = sys.argv[1:]
    with Path(dump).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            sys.exit("it is not the file that the manifest names; build the release again")
    store = pyoxigraph.Store(folder)
    store.bulk_load(path=dump, format=pyoxigraph.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()


if __name__ == "__main__":
    main()
