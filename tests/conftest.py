"""What several tests share: the project's own folders, the real files, and one release of the project's data."""

from __future__ import annotations

import os
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import kg
from tests.cases import lay

ROOT = Path(__file__).resolve().parent.parent
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"


class StaticHost(SimpleHTTPRequestHandler):
    """A static host with a strict policy."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def data() -> Path:
    """The project's own dataset."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def release(data: Path, tmp_path_factory: pytest.TempPathFactory) -> kg.Release:
    """One release of the project's own dataset."""
    return kg.build(data, tmp_path_factory.mktemp("release") / "release")


@pytest.fixture(scope="session")
def withdrawing(tmp_path_factory: pytest.TempPathFactory) -> kg.Release:
    """A release of a made-up dataset in which two diseases and a work are withdrawn; the project's own has none."""
    place, cases = tmp_path_factory.mktemp("withdrawing"), ROOT / "tests" / "shapes"
    return kg.build(lay(cases / "core" / "valid-withdrawn.yaml", cases / "base", place / "data"), place / "release")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files; the test is skipped where there is none."""
    folder = Path(os.environ.get("KG_REAL_DATA", ROOT.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip(f"no real files at {folder}; set KG_REAL_DATA to the folder that holds them")
    return folder
