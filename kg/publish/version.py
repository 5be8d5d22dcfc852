"""What everything in a release depends on: where that is another, nothing of the release before is of use."""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.layout import files_read
from kg.terms import subject_of

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_LIBRARIES: Final = ("jinja2", "pyoxigraph", "pyshacl", "rdflib")
_AT_WORK: Final = ("markupsafe",)
"""Libraries that another one brings, and that have a part in the bytes."""
_COMPILED: Final = "__pycache__"


def made_with() -> dict[str, str]:
    """The versions of kg and of the libraries that a release is made with."""
    return {"rarefacts": version("rarefacts"), **{name: version(name) for name in _LIBRARIES}, "zlib": zlib.ZLIB_RUNTIME_VERSION}


@dataclass(frozen=True, slots=True)
class Deciding:
    """The files that decide all of a release: kg's own, and those of ontology, shapes and questions.

    ``contents`` has the place of each, which decides what it is read as, with its SHA-256; ``saved`` tells when each was saved last, so
    that it is seen when one was changed and changed back meanwhile.
    """

    contents: tuple[tuple[str, str], ...]
    saved: tuple[tuple[int, int], ...]


def deciding(data: Path) -> Deciding:
    """These files of a dataset folder, as they are now."""
    found = [(name, *_state(path)) for name, path in _files(data)]
    return Deciding(tuple((name, digest) for name, digest, _ in found), tuple(saved for *_, saved in found))


def version_of(dataset: Dataset, files: Deciding) -> bytes:
    """SHA-256 of the files that decide all of a release, of Python and the libraries, and of what dataset.yaml says."""
    found = hashlib.sha256()
    head = next(subject_of(quad) for quad in dataset.quads.saying(v.BASE))
    said = sorted(str(quad) for quad in dataset.quads.about(head))
    about = [made_with(), [version(name) for name in _AT_WORK], sys.version, sys.byteorder, said]
    found.update(repr(about).encode())
    for name, digest in files.contents:
        found.update(f"\n{name} {digest}".encode("utf-8", "surrogateescape"))
    return found.digest()


def _state(path: Path) -> tuple[str, tuple[int, int]]:
    """The SHA-256 of a file, or why it cannot be read, and by what it is seen that it was saved again."""
    try:
        about = path.stat()
        return hashlib.sha256(path.read_bytes()).hexdigest(), (about.st_ctime_ns, about.st_ino)
    except OSError as error:  # whoever has to read it says so
        return str(error.strerror), (0, 0)


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    """The files that decide, each with its place: that decides what it is read as."""
    code = sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and _COMPILED not in path.parts)
    for number, (folder, files) in enumerate([(_PACKAGE, code), *files_read(data)]):
        for path in files:
            yield f"{number}/{path.relative_to(folder).as_posix()}", path
