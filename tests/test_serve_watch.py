"""``kg serve --watch`` builds again at each save, and pages that are open show the new release; nothing of that is in a release."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from kg.publish.rules import POLICY
from kg.recall import Recall
from kg.resident import Resident
from kg.saves import saved_since
from kg.serve import previewer
from kg.serve.previews import Previews
from kg.serve.rebuild import rebuild
from kg.serve.resources import Resources, file_of, with_files
from tests.conftest import ROOT
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


def _said(server: Server, text: str, since: int = 0) -> None:
    end = time.monotonic() + PATIENCE
    while not any(text in line for line in server.said[since:]):
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
    since = len(server.said)
    record.write_text(_MADE_UP.format(evidence="no-such-work"), encoding="utf-8")
    _said(server, "disease/MONDO_9999001.html is a preview of data/diseases/made-up.yaml", since)
    page.goto(made_up)
    assert page.url == f"{made_up}.html"
    notice = page.locator(".notice[role=status]")
    notice.get_by_text("A preview of data/diseases/made-up.yaml").wait_for()
    notice.get_by_text("no-such-work").first.wait_for()
    _said(server, "nothing was written", since)
    lines = [line for line in server.said[since:] if "no-such-work" in line]
    assert len(lines) == len(set(lines)) > 0
    assert server.ask("/disease/MONDO_9999001.ttl").status == 200
    assert "MONDO_9999001" not in server.ask("/sparql?query=SELECT%20*%20%7B%20%3Fdisease%20a%20rf%3ADisease%20%7D").body.decode()
    record.write_text(_MADE_UP.format(evidence="pirc-2008"), encoding="utf-8")
    notice.wait_for(state="detached", timeout=1000 * PATIENCE)
    assert page.get_by_role("heading", name="a made-up disease").is_visible()
    published = (place / "release" / "disease" / "MONDO_9999001.html").read_bytes()
    sent = server.ask("/disease/MONDO_9999001.html").body
    assert sent.startswith(published[: published.rindex(b"</body>")])


def _previewed(thing: str, record: str, at: float, folder: Path, **more: object) -> dict[str, Any]:
    (folder / "1" / thing).parent.mkdir(parents=True, exist_ok=True)
    (folder / "1" / f"{thing}.html").write_bytes(b"<main></main>")
    listed = {"path": f"{thing}.html", "mediaType": "text/html", "size": 13, "sha256": "0" * 64}
    return {"thing": thing, "record": record, "at": at, "readable": True, "problems": [], "folder": "1", "files": [listed], **more}


def test_previews_go_when_their_time_is_over(tmp_path: Path) -> None:
    """A preview is gone with the release that has it, and never comes after it; so are those of a record that is gone, or another's now."""
    previews = Previews(tmp_path, 100.0, lambda _: None)

    def shown(name: str) -> bool:
        return bool(previews.notice(f"disease/{name}.html"))

    previews.take({})
    previews.take(_previewed("disease/A", "a.yaml", 99.0, tmp_path))
    assert not shown("A"), "the release that is served had it when its build began"
    previews.take(_previewed("disease/A", "a.yaml", 101.0, tmp_path))
    previews.take(_previewed("disease/B", "b.yaml", 103.0, tmp_path))
    assert shown("A") and shown("B") and not shown("C") and not previews.notice("disease/A.ttl")
    previews.built(102.0, "first")
    previews.built(0.0, "before")
    previews.served("before")
    assert shown("A"), "the release with it is there, but not served yet"
    previews.served("first")
    assert not shown("A") and shown("B")
    previews.take(_previewed("disease/C", "b.yaml", 104.0, tmp_path))
    assert shown("C") and not shown("B"), "the record is of another disease now"
    previews.take({"record": "b.yaml", "at": 105.0, "readable": True, "problems": []})
    assert not shown("C"), "the record is gone"
    previews.take(_previewed("disease/D", "d.yaml", 106.0, tmp_path, readable=False, problems=["<b>"]))
    assert "cannot be read" in previews.notice("disease/D.html") and "&lt;b&gt;" in previews.notice("disease/D.html")


@pytest.mark.parametrize("build_first", [True, False])
def test_a_problem_is_told_once(build_first: bool, tmp_path: Path) -> None:
    """What is wrong with a saved record is said by the preview or by the build, whichever comes first, and at the next save again."""
    said: list[str] = []
    previews = Previews(tmp_path, 100.0, said.append)
    problem = "a.yaml:1:1: error"
    told: list[Callable[[], None]] = [
        lambda: previews.of_build(problem),
        lambda: previews.take(_previewed("disease/A", "a.yaml", 101.0, tmp_path, problems=[problem])),
    ]
    for _ in range(3):
        for tell in told if build_first else reversed(told):
            tell()
    assert said.count(problem) == 3


def test_work_beside_the_server_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be begun, as for want of memory, that is said, and it is tried again with the next save or after a build."""
    said: list[str] = []
    tried: list[str] = []

    async def refuse(*command: str, **_: object) -> None:
        tried.append("build" if "build" in command else "preview")
        raise OSError(12, "Cannot allocate memory")

    async def work() -> None:
        previews = Previews(tmp_path, 0.0, said.append)
        building = asyncio.create_task(rebuild(tmp_path, tmp_path / "release", 0.0, said.append, previews.built, lambda: None))
        following = asyncio.create_task(previews.follow())
        async with asyncio.timeout(PATIENCE):
            while tried.count("build") < 2 or tried.count("preview") < 2:
                (tmp_path / "dataset.yaml").write_text(f"{len(said)}", encoding="utf-8")
                await asyncio.sleep(0.2)
        for task in (building, following):
            task.cancel()

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work()).result()
    assert all("Cannot allocate memory" in line for line in said) and len(said) >= 3


def test_nothing_is_left_behind(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who ends the server finds no temporary file of it or of the process that made a preview."""
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    shutil.copytree(place / "data", tmp_path / "data")
    with serving(Path("release"), "--watch", "--no-log", cwd=tmp_path) as server:
        _said(server, "previewed from now on")
        record = tmp_path / "data" / "diseases" / "left.yaml"
        record.write_text(_MADE_UP.format(evidence="no-such-work").replace("9999001", "9999003"), encoding="utf-8")
        _said(server, "MONDO_9999003.html is a preview")
    assert list(temporary.glob("kg-*")) == []


def test_what_was_withdrawn_is_there_again_in_a_preview(tmp_path: Path) -> None:
    """A page that takes the place of a tombstone is no longer gone."""
    file = file_of(tmp_path, {"path": "disease/A.html", "mediaType": "text/html", "size": 1, "sha256": "0"})
    gone = {"disease/A": (), "disease/A.html": (), "disease/B": ("disease/A",)}
    there = with_files(Resources("https://example.org/", {}, {}, gone), [file])
    assert there.gone == {"disease/B": ("disease/A",)} and there.things == {"disease/A": (file,)}


def test_a_process_that_stood_still_shows_nothing_that_is_released(place: Path, server: Server) -> None:
    """What the process tells of a save after the release with it is there is not shown; one that is killed is begun anew."""
    (previewer,) = _previewers(server)
    os.kill(previewer, signal.SIGSTOP)
    said = len(server.said)
    record = place / "data" / "diseases" / "another.yaml"
    record.write_text(_MADE_UP.format(evidence="pirc-2008").replace("9999001", "9999002"), encoding="utf-8")
    _said(server, "is served in place of", said)
    os.kill(previewer, signal.SIGCONT)
    time.sleep(1)
    assert b'role="status"><p>' not in server.ask("/disease/MONDO_9999002.html").body
    said = len(server.said)
    os.kill(previewer, signal.SIGKILL)
    _said(server, "previewed from now on", said)
    said = len(server.said)
    record.write_text(_MADE_UP.format(evidence="no-such-work").replace("9999001", "9999002").replace("made-up", "<main>"), encoding="utf-8")
    _said(server, "MONDO_9999002.html is a preview", said)
    head, _, shows = server.ask("/disease/MONDO_9999002.html").body.partition(b"</head>")
    assert b'role="status"><p>' in shows and b'role="status"><p>' not in head
    record.write_text(_MADE_UP.format(evidence="pirc-2008").replace("9999001", "9999002"), encoding="utf-8")


def _previewers(server: Server) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int(path.joinpath("stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
            if parent == server.process.pid and b"kg.serve.previewer" in path.joinpath("cmdline").read_bytes():
                found.append(int(path.name))
    return found


def test_what_was_saved_before_anybody_looked_is_built(place: Path, tmp_path: Path) -> None:
    """A save during the first build, before the server looks for saves, is built after it; where there was none nothing is."""
    saved = {since: saved_since(place / "data", since) for since in (0.0, time.time() + 60)}
    assert place / "data" / "dataset.yaml" in saved[0.0] and not any(paths for since, paths in saved.items() if since)
    (hidden := place / "data" / ".hidden").mkdir()
    (hidden / "file").touch()
    assert saved_since(place / "data", 0.0) == saved[0.0]
    shutil.rmtree(hidden)

    async def first_build() -> float:
        built: asyncio.Queue[float] = asyncio.Queue()
        release = tmp_path / "release"
        work = rebuild(place / "data", release, 0.0, lambda _: None, lambda began, _: built.put_nowait(began), lambda: None)
        building = asyncio.create_task(work)
        async with asyncio.timeout(PATIENCE):
            began = await built.get()
        building.cancel()
        return began

    with ThreadPoolExecutor(1) as thread:  # the browser of the tests has a loop in this one
        assert thread.submit(asyncio.run, first_build()).result() > 0
    assert (tmp_path / "release" / "index.html").is_file()


def test_a_save_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was saved while all was read is found as a new file, and comes as an event: it is told once, and when it is saved again."""
    folder = shutil.copytree(ROOT / "tests" / "shapes" / "base", tmp_path / "data")
    record = folder / "diseases" / "made-up.yaml"
    record.write_text(_MADE_UP.format(evidence="no-such-work"), encoding="utf-8")
    previewing = previewer._Previewing(Resident(folder, "data", Recall(tmp_path / "kept")), tmp_path / "previews")
    told = []
    changes: tuple[Callable[[], object], ...] = (dict, dict, record.touch, record.unlink)
    for change in changes:
        change()
        assert previewing.saved({record})
        told.append(capsys.readouterr().out.count("no-such-work"))
    assert told == [1, 0, 1, 0]


def test_without_watching_there_is_no_script(place: Path, server: Server) -> None:
    """The release that was built under --watch is served without it like any other."""
    del server  # it has built the release
    with serving(place / "release", "--no-log") as plain:
        assert plain.ask(f"/{PAGE}").body == (place / "release" / PAGE).read_bytes()
        assert plain.ask("/-/reload.js").status == plain.ask("/-/release").status == 404
