"""``kg serve --watch`` builds again at each save, and pages that are open show the new release; nothing of that is in a release."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from kg.publish.rules import POLICY
from kg.saves import saved_since
from kg.serve.rebuild import rebuild
from tests.serving import Server, serving

PATIENCE: Final = 120
PAGE: Final = "disease/MONDO_0003847.html"
_MADE_UP: Final = """disease: MONDO_9999001
modified: 2026-11-22
checked: 2026-11-22
name:
  one: {{kind: preferred, name: a made-up disease, evidence: {evidence}}}
"""
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
        assert time.monotonic() < end, "".join(server.said)
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


def test_what_is_saved_is_previewed(place: Path, server: Server, page: Page) -> None:
    """A page that is open shows a saved record at once, with what is wrong with it, and nobody publishes that; then the release with it."""
    record, made_up = place / "data" / "diseases" / "made-up.yaml", f"{server.url}disease/MONDO_9999001"
    record.write_text(_MADE_UP.format(evidence="no-such-work"), encoding="utf-8")
    _said(server, "disease/MONDO_9999001.html is a preview of data/diseases/made-up.yaml")
    page.goto(made_up)
    assert page.url == f"{made_up}.html"
    notice = page.locator(".notice[role=status]")
    notice.get_by_text("A preview of data/diseases/made-up.yaml").wait_for()
    notice.get_by_text("no-such-work").first.wait_for()
    assert server.ask("/disease/MONDO_9999001.ttl").status == 200
    assert "MONDO_9999001" not in server.ask("/sparql?query=SELECT%20*%20%7B%20%3Fdisease%20a%20rf%3ADisease%20%7D").body.decode()
    record.write_text(_MADE_UP.format(evidence="pirc-2008"), encoding="utf-8")
    notice.wait_for(state="detached", timeout=1000 * PATIENCE)
    assert page.get_by_role("heading", name="a made-up disease").is_visible()
    published = (place / "release" / "disease" / "MONDO_9999001.html").read_bytes()
    sent = server.ask("/disease/MONDO_9999001.html").body
    assert sent.startswith(published[: published.rindex(b"</body>")])
    record.unlink()


def test_what_was_saved_before_anybody_looked_is_built(place: Path, tmp_path: Path) -> None:
    """A save during the first build, before the server looks for saves, is built after it; where there was none nothing is."""
    saved = {since: saved_since(place / "data", since) for since in (0.0, time.time() + 60)}
    assert place / "data" / "dataset.yaml" in saved[0.0] and not any(paths for since, paths in saved.items() if since)
    (hidden := place / "data" / ".hidden").mkdir()
    (hidden / "file").touch()
    assert saved_since(place / "data", 0.0) == saved[0.0]
    shutil.rmtree(hidden)

    async def first_build() -> float | None:
        built: asyncio.Queue[float | None] = asyncio.Queue()
        building = asyncio.create_task(rebuild(place / "data", tmp_path / "release", 0.0, lambda _: None, built.put_nowait, lambda: None))
        async with asyncio.timeout(PATIENCE):
            began = await built.get()
        building.cancel()
        return began

    with ThreadPoolExecutor(1) as thread:  # the browser of the tests has a loop in this one
        assert thread.submit(asyncio.run, first_build()).result() is not None
    assert (tmp_path / "release" / "index.html").is_file()


def test_without_watching_there_is_no_script(place: Path, server: Server) -> None:
    """The release that was built under --watch is served without it like any other."""
    del server  # it has built the release
    with serving(place / "release", "--no-log") as plain:
        assert plain.ask(f"/{PAGE}").body == (place / "release" / PAGE).read_bytes()
        assert plain.ask("/-/reload.js").status == plain.ask("/-/release").status == 404
