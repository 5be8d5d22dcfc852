"""What several tests share: the project's own folders, the real files, and one release of the project's data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import kg

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """The project's own dataset."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def release(data: Path, tmp_path_factory: pytest.TempPathFactory) -> kg.Release:
    """One release of the project's own dataset."""
    return kg.build(data, tmp_path_factory.mktemp("release") / "release")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files; the test is skipped where there is none."""
    folder = Path(os.environ.get("KG_REAL_DATA", ROOT.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip(f"no real files at {folder}; set KG_REAL_DATA to the folder that holds them")
    return folder
