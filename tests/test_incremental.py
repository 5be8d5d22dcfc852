"""A build after a change makes what follows from the change and nothing else, and the release is that of a full build, byte for byte."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

import kg
from kg import reads
from kg.publish import before, traces, version
from kg.publish.release import verify
from tests.cases import lay
from tests.conftest import ROOT

EDITS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests" / "incremental.toml").read_text(encoding="utf-8"))["edit"]
EVERYTHING = {"documents": 9, "link sets": 5, "digests": 5, "pages of diseases": 5, "pages of works": 4}
T = TypeVar("T")
R = TypeVar("R")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset in ``data`` and its release."""
    place = tmp_path_factory.mktemp("built")
    assert _build(lay(ROOT / "tests" / "incremental.yaml", ROOT / "tests" / "shapes" / "base", place / "data"), place) == EVERYTHING
    return place


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """The same, to be changed: the files of the release are those files."""
    shutil.copytree(built / "data", tmp_path / "data")
    shutil.copytree(built / ".release", tmp_path / ".release", copy_function=os.link)
    (tmp_path / "release").symlink_to((built / "release").readlink())
    return tmp_path


def _build(data: Path, place: Path) -> dict[str, int]:
    """Build, and count what was made of each sort of thing."""
    made: dict[str, int] = {}

    def tell(what: str, done: int, of: int) -> None:
        assert 0 <= done <= of
        made[what] = of

    try:
        kg.build(data, place / "release", tell)
    except kg.NotConformingError as error:
        pytest.fail(error.report.render())
    return {what: count for what, count in made.items() if count}


def _files(place: Path) -> dict[str, bytes]:
    folder = (place / "release").resolve()
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _apply(edit: dict[str, Any], data: Path) -> None:
    for path in edit.get("remove", ()):
        (data / path).unlink()
    for path, text in edit.get("write", {}).items():
        (data / path).parent.mkdir(exist_ok=True)
        (data / path).write_text(text, encoding="utf-8")
    for path, old, new in edit.get("replace", ()):
        text = (data / path).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (data / path).write_text(text.replace(old, new), encoding="utf-8")
    for old, new in edit.get("move", ()):
        (data / new).parent.mkdir(exist_ok=True)
        (data / old).rename(data / new)


def _same_as_from_nothing(place: Path) -> None:
    """The release has the files that a build in an empty folder makes, and says the truth of them."""
    _build(place / "data", place / "full")
    assert _files(place) == _files(place / "full")
    assert (place / "release").resolve().name == (place / "full" / "release").resolve().name
    assert verify(place / "release") == []


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit["what"])
def test_a_change(edit: dict[str, Any], place: Path) -> None:
    """After each sort of change as many things are made as follow from it, and the release is that of a full build."""
    _apply(edit, place / "data")
    wanted = edit.get("made", {})
    assert _build(place / "data", place) == (EVERYTHING if wanted == "everything" else wanted)
    _same_as_from_nothing(place)
