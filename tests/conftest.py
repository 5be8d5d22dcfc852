"""What several tests share: the project's own folders, the real files, and one release of the project's data."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterable, Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import kg
from kg.parallel import cores
from kg.publish.file import Body
from tests.cases import lay

ROOT = Path(__file__).resolve().parent.parent
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: a quarter of the time is spent waiting for browsers, servers and what has to be too slow."""
    return cores() + 1


def pytest_collection_finish() -> None:
    """What is there before the first test stays: who looks for circles again and again need not go through it, nor as often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class StaticHost(SimpleHTTPRequestHandler):
    """A static host with a strict policy."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session", autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a run before has kept is used here, nor is anything of this one left."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a head."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh context."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def bytes_of(files: Iterable[tuple[str, Body]]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of files of which none is there already."""
    for path, body in files:
        assert isinstance(body, bytes)
        yield path, body


def complaints(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core's rules for WCAG 2.2 A and AA and its best practices say against a page; the test is skipped without axe-core."""
    axe = Path(os.environ.get("KG_AXE", ""))
    if not axe.is_file():
        pytest.skip("KG_AXE names no axe.min.js (npm: axe-core)")
    page.evaluate(axe.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    told = "resultTypes: ['violations']"  # where the others are takes longer to say than to find out
    result = page.evaluate(f"rules => axe.run(document, {{runOnly: rules, {told}}})", rules)
    assert len(result["passes"]) > 20
    return [(each["id"], [node["html"] for node in each["nodes"][:3]]) for each in result["violations"]]
