"""Where things lie: the ontology, shapes and questions that come with kg, and the folders of a dataset.

A wheel carries ontology, shapes and questions inside the package; in a clone they stand beside it. A dataset may
bring its own ``ontology/`` and ``shapes/``, read in addition: that is how it gets a kind of fact of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kg.errors import KgError

DATASET_FILE: Final = "dataset.yaml"
_PACKAGE = Path(__file__).resolve().parent
EXTENSIONS = ("ontology", "shapes")


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
    """The dataset that ``path`` belongs to: ``path`` itself, or the nearest folder above a record.

    Raises KgError where there is none.
    """
    if not path.exists():
        raise KgError(f"{path}: no such file or folder; name a dataset folder (it holds {DATASET_FILE}) or a record in one")
    for folder in [path, *path.resolve().parents] if path.is_dir() else path.resolve().parents:
        if (folder / DATASET_FILE).is_file():
            return folder
        if path.is_dir():
            break
    raise KgError(f"{path}: not a dataset: there is no {DATASET_FILE}; write one with dataset:, base:, title:, license: and issued:")


def dataset_files(data: Path) -> list[Path]:
    """Everything in the dataset that is no folder, but its own ontology and shapes, sorted by path; dotfiles are left out.

    What is no regular file is among it: a reader has to say so rather than pass it over.
    """
    files = [
        path
        for path in data.rglob("*")
        if not path.is_dir()
        and not any(part.startswith(".") for part in path.relative_to(data).parts)
        and path.relative_to(data).parts[0] not in EXTENSIONS
    ]
    return sorted(files, key=lambda path: path.relative_to(data).as_posix())


def files_in(folders: list[Path], pattern: str) -> list[Path]:
    """The files of several folders that match a pattern, folder by folder, each sorted by path."""
    return [path for folder in folders for path in sorted(folder.glob(pattern), key=lambda path: path.as_posix())]
