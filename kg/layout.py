"""Where things lie: the ontology, shapes and questions that come with kg, and the folders of a dataset.

A wheel carries ontology, shapes and questions inside the package; in a clone they stand beside it. A dataset may
bring its own ``ontology/`` and ``shapes/``, read in addition: that is how it gets a kind of fact of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.errors import KgError

DATASET_FILE: Final = "dataset.yaml"
_PACKAGE = Path(__file__).resolve().parent
EXTENSIONS = ("ontology", "shapes")
_QUERIES = ("alignments", "exports", "metadata", "rules", "settling")
_READ: Final = {"ontology": ("*.ttl", "alignments/*.ttl", *(f"{folder}/*.rq" for folder in _QUERIES)), "shapes": ("*.ttl",)}


def _shipped(name: str, in_clone: str) -> Path:
    in_wheel = _PACKAGE / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / in_clone


def ontology_folders(data: Path | None = None) -> list[Path]:
    """The folders that hold the ontology: kg's own, then the dataset's if it has one."""
    return [_shipped("ontology", "ontology"), *_extension(data, "ontology")]


def shapes_folders(data: Path | None = None) -> list[Path]:
    """The folders that hold the shapes: kg's own, then the dataset's if it has one."""
    return [_shipped("shapes", "shapes"), *_extension(data, "shapes")]


def questions_folder() -> Path:
    """The folder of the questions that come with the project."""
    return _shipped("questions", "tests/questions")


def _extension(data: Path | None, name: str) -> list[Path]:
    return [data / name] if data is not None and (data / name).is_dir() else []


def dataset_folder(path: Path) -> Path:
    """The dataset that ``path`` belongs to: ``path`` itself, or the nearest folder above a record, or above what that links to.

    Raises KgError where there is none.
    """
    if path.is_symlink() and not path.exists():
        raise KgError(f"{path}: is a link to {path.readlink()}, where nothing is; make it anew, or name the record itself")
    if not path.exists():
        raise KgError(f"{path}: no such file or folder; name a dataset folder (it holds {DATASET_FILE}) or a record in one")
    folders = [path] if path.is_dir() else [folder for file in places_of(path) for folder in file.parents]
    found = next((folder for folder in folders if (folder / DATASET_FILE).is_file()), None)
    if found is not None:
        return found
    keys = "dataset:, base:, title:, license:, issued:, version: and language:"
    raise KgError(f"{path}: not a dataset: there is no {DATASET_FILE}; write one with {keys}")


def places_of(file: Path) -> tuple[Path, Path]:
    """The path of a file as it stands in its folder, and that of what it links to: the same where it is no link."""
    return file.parent.resolve() / file.name, file.resolve()


def dataset_files(data: Path) -> list[Path]:
    """Everything in the dataset that is no folder, but its own ontology and shapes, sorted by path; dotfiles are left out.

    What is no regular file is among it: a reader has to say so rather than pass it over.
    """
    files = (folder / name for folder, names, _ in _walk(data) for name in names if not name.startswith("."))
    own = [data / name for name in EXTENSIONS if (data / name).is_dir()]
    return _in_order(data, (path for path in files if not any(path.is_relative_to(folder) for folder in own)))


def passed_over(data: Path) -> list[tuple[Path, str]]:
    """What of the dataset is not read, and why: a folder that is a link or cannot be listed, a file of its own ontology that nothing reads.

    Sorted by path; dotfiles and Markdown may lie anywhere.
    """
    found: dict[Path, str] = {}
    for folder, _, folders in _walk(data, lambda path, why: found.setdefault(path, f"cannot be listed: {why}; let it be read")):
        for name in folders:
            if (folder / name).is_symlink() and not (folder == data and name in EXTENSIONS):
                found[folder / name] = "is a link to a folder, which is not followed; put the folder here"
    for name, patterns in _READ.items():
        own = _extension(data, name)
        read = {path for pattern in patterns for path in files_in(own, pattern)}
        files = (folder / each for top in own for folder, names, _ in _walk(top) for each in names)
        for path in files:
            if path not in read and path.suffix != ".md" and not path.name.startswith("."):
                found[path] = f"is read by nothing: of {name}/ these are read: {', '.join(patterns)}; rename it or move it there"
    return [(path, found[path]) for path in _in_order(data, found)]


def _walk(data: Path, failed: Callable[[Path, str], object] = lambda path, why: None) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder without a dot, with the names of its files and of its folders; links to folders are not followed."""
    for folder, folders, names in os.walk(data, onerror=lambda error: failed(Path(error.filename), str(error.strerror))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield Path(folder), names, folders


def _in_order(data: Path, paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: path.relative_to(data).as_posix())


def files_in(folders: list[Path], pattern: str) -> list[Path]:
    """The files of several folders that match a pattern, folder by folder, each sorted by path."""
    return [path for folder in folders for path in sorted(folder.glob(pattern), key=lambda path: path.as_posix())]


def files_read(data: Path) -> list[tuple[Path, list[Path]]]:
    """Each folder of questions, ontology and shapes, with the files that are read of it, whatever links lead to them."""
    ontology = [(folder, _READ["ontology"]) for folder in ontology_folders(data)]
    shapes = [(folder, _READ["shapes"]) for folder in shapes_folders(data)]
    folders = [(questions_folder(), ("*.rq",)), *ontology, *shapes]
    return [(folder, [path for pattern in patterns for path in files_in([folder], pattern)]) for folder, patterns in folders]
