"""What everything in a release depends on: where that is another, nothing of the release before is of use."""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.layout import ontology_folders, questions_folder, shapes_folders
from kg.terms import subject_of

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_LIBRARIES: Final = ("jinja2", "pyoxigraph", "pyshacl", "rdflib")
_AT_WORK: Final = ("markupsafe",)
"""Libraries that another one brings, and that have a part in the bytes."""
_CODE: Final = ".pyc"


def made_with() -> dict[str, str]:
    """The versions of kg and of the libraries that a release is made with."""
    return {"rarefacts": version("rarefacts"), **{name: version(name) for name in _LIBRARIES}, "zlib": zlib.ZLIB_RUNTIME_VERSION}


def version_of(dataset: Dataset) -> bytes:
    """SHA-256 of kg with all its files, of Python and the libraries, of ontology and shapes, and of what dataset.yaml says."""
    found = hashlib.sha256()
    head = next(subject_of(quad) for quad in dataset.quads.saying(v.BASE))
    said = sorted(str(quad) for quad in dataset.quads.about(head))
    about = [made_with(), [version(name) for name in _AT_WORK], sys.version, sys.byteorder, said]
    found.update(repr(about).encode())
    for name, path in _files([_PACKAGE, questions_folder(), *ontology_folders(dataset.folder), *shapes_folders(dataset.folder)]):
        found.update(f"\n{name} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode("utf-8", "surrogateescape"))
    return found.digest()


def _files(folders: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """The files in folders, each with its place there: that decides what it is read as."""
    for number, folder in enumerate(folders):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != _CODE:
                yield f"{number}/{path.relative_to(folder).as_posix()}", path
