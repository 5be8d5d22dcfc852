"""``kg serve --watch`` builds again at each save, and pages that are open show the new release; nothing of that is in a release."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from kg.publish.rules import POLICY
from tests.serving import Server, serving

PATIENCE: Final = 120
PAGE: Final = "disease/MONDO_0003847.html"
RELOADING: Final = b'<script src="/-/reload.js?'


@pytest.fixture(scope="module")
def place(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small dataset in it."""
    folder = tmp_path_factory.mktemp("watching")
    shutil.copytree(data, folder / "data", ignore=shutil.ignore_patterns("hyper-igm-syndrome*", "waivers"))
    return folder


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Server]:
    """The server as its users start it there."""
    with serving(Path("release"), "--watch", "--no-log", cwd=place) as server:
        yield server


def _title(place: Path, title: str) -> None:
    head = place / "data" / "dataset.yaml"
    lines = head.read_text(encoding="utf-8").splitlines(keepends=True)
    head.write_text("".join(f"title: {title}\n" if line.startswith("title:") else line for line in lines), encoding="utf-8")


def _said(server: Server, text: str) -> None:
    end = time.monotonic() + PATIENCE
    while not any(text in line for line in server.said):
        assert time.monotonic() < end, server.said
        time.sleep(0.05)


def test_only_what_is_sent_has_the_script(place: Path, server: Server) -> None:
    """A page gets a script more on its way out, under the policy that all have, and is not to be kept; the file has none of it."""
    page, file = server.ask(f"/{PAGE}", Accept_Encoding="gzip"), (place / "release" / PAGE).read_bytes()
    assert page.body.count(RELOADING) == 1 and b"/-/" not in file
    assert page.body.startswith(file[: file.rindex(b"</body>")])
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store" and "etag" not in page.headers
    other = PAGE.replace(".html", ".ttl")
    assert server.ask(f"/{other}").body == (place / "release" / other).read_bytes()
    assert server.ask("/-/reload.js").type == "text/javascript"
    assert server.ask("/-/reload.js", "POST").status == 405


def test_a_new_release_is_told_of(server: Server) -> None:
    """Who has a page of another release is told at once; the event names the release that is served."""
    event = server.ask("/-/release?another")
    assert event.type == "text/event-stream"
    assert b"\ndata: " in event.body and event.body.endswith(b"\n\n")


def test_open_pages_follow(place: Path, server: Server, page: Page) -> None:
    """A page that is open in a browser shows what was saved, without a complaint of the browser's; a mistake leaves it as it was."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(server.url)
    _title(place, "A first title")
    page.get_by_text("A first title").first.wait_for(timeout=1000 * PATIENCE)
    record = place / "data" / "diseases" / "made-up.yaml"
    record.write_text("disease: MONDO_9999001\nno-such-key: 1\n", encoding="utf-8")
    _said(server, "no-such-key")
    assert "A first title" in page.content()
    record.unlink()
    _title(place, "A second title")
    page.get_by_text("A second title").first.wait_for(timeout=1000 * PATIENCE)
    assert complaints == []


def test_without_watching_there_is_no_script(place: Path, server: Server) -> None:
    """The release that was built under --watch is served without it like any other."""
    del server  # it has built the release
    with serving(place / "release", "--no-log") as plain:
        assert plain.ask(f"/{PAGE}").body == (place / "release" / PAGE).read_bytes()
        assert plain.ask("/-/reload.js").status == plain.ask("/-/release").status == 404
