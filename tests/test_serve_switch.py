"""Releases that take each other's place under clients: nothing fails, and nothing that one release names is answered by another."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

import kg
from kg.publish import pages, templating
from kg.publish.holding import Hold, remove_unless_held
from kg.publish.release import tidy
from kg.serve import opened as opened_module
from kg.serve import server as server_module
from kg.serve import tries as tries_module
from kg.serve.about import about
from kg.serve.clients import Clients
from kg.serve.problems import Problem
from kg.serve.resources import resources
from kg.serve.settings import Settings
from kg.serve.site import Site
from kg.serve.supply import LOCAL
from kg.serve.tries import Tries
from kg.serve.workers import Worker
from tests.serving import SECONDS, Answer, Server, serving

SWITCHES, CLIENTS, RELEASES = 20, 20, 3
PAGE = "disease/MONDO_0003847"
NAMED = re.compile(r'(?:href|src|data-index)="\.{1,2}/(?:\.\./)*(assets/[^"?]+)\?v=([0-9a-f]{16})"')
QUERY = "SELECT ?version { <dataset/rarefacts> dcat:version ?version }"


@pytest.fixture(scope="module")
def releases(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[kg.Release]]:
    """Small releases that differ in version, date, and what the pages are shown with."""
    folder = tmp_path_factory.mktemp("switch")
    small = shutil.copytree(data, folder / "data", ignore=shutil.ignore_patterns("hyper-igm-syndrome*", "waivers"))
    said = (small / "dataset.yaml").read_text(encoding="utf-8")
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for number in range(RELEASES):
            assets = shutil.copytree(templating.ASSETS, folder / f"assets-{number}")
            with (assets / "site.css").open("a", encoding="utf-8") as styles:
                styles.write(f"/* {number} */\n")
            patch.setattr(pages, "ASSETS", assets)
            patch.setattr(templating, "ASSETS", assets)
            text = re.sub("(?m)^version: .*", f"version: {number}.0.0", said)
            (small / "dataset.yaml").write_text(re.sub("(?m)^issued: .*", f"issued: 2026-12-0{number + 1}", text), encoding="utf-8")
            made.append(kg.build(small, folder / f"release-{number}"))
    yield made


@dataclass(eq=False)
class Client(threading.Thread):
    """Reads pages and what they name, files that a manifest lists, and answers to queries, until it is to stop."""

    server: Server
    number: int
    known: dict[str, dict[str, str]]
    stop: threading.Event
    wrong: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._random = random.Random(self.number)  # noqa: S311 (nothing secret)

    def run(self) -> None:
        """One round after the other."""
        try:
            while not self.stop.is_set():
                self._page()
                self._listed()
                self._negotiated()
                self._query()
        except Exception as error:  # a request that was not answered at all
            self.wrong.append(repr(error))

    def _ask(self, path: str, expected: tuple[int, ...] = (200,), **headers: str) -> Answer:
        answer = self.server.ask(path, client=f"127.0.0.{self.number + 2}", **headers)
        if answer.status not in expected:
            self.wrong.append(f"{path}: {answer.status} {answer.body!r:.200}")
        return answer

    def _whole(self, path: str, answer: Answer) -> None:
        """Bytes and tag are those of one release."""
        digest = hashlib.sha256(answer.body).hexdigest()
        there = {files.get(path.partition("?")[0].removeprefix("/")) for files in self.known.values()}
        if digest not in there or answer.headers["etag"] != f'"{digest[:32]}"':
            self.wrong.append(f"{path}: {answer.headers} is not of one release")

    def _page(self) -> None:
        answer = self._ask(f"/{PAGE}.html")
        self._whole(f"/{PAGE}.html", answer)
        named = NAMED.findall(answer.body.decode())
        if len(named) < 3:
            self.wrong.append("a page names nothing")
        time.sleep(self._random.uniform(0.5, 1.5))  # as on a slow line: meanwhile, another release takes over
        for path, version in named:
            asset = self._ask(f"/{path}?v={version}")
            self._whole(f"/{path}", asset)
            if not hashlib.sha256(asset.body).hexdigest().startswith(version):
                self.wrong.append(f"{path}: not the bytes that the page names")

    def _listed(self) -> None:
        manifest = json.loads(self._ask("/manifest.json").body)
        listed = [each for each in manifest["files"] if not re.search(r"(^|/)(\.htaccess|nginx.conf|_headers|_redirects)$", each["path"])]
        time.sleep(self._random.uniform(0.1, 0.5))  # so that for some, another release takes over before they read what is listed
        for each in self._random.sample(listed, 3):
            answer = self._ask(f"/{each['path']}", (200, 412), If_Match=f'"{each["sha256"][:32]}"')
            if answer.status == 200:
                self._whole(f"/{each['path']}", answer)
                if hashlib.sha256(answer.body).hexdigest() != each["sha256"]:
                    self.wrong.append(f"{each['path']}: not the bytes that the manifest names")
            self.seen.append(str(answer.status))

    def _negotiated(self) -> None:
        answer = self._ask(f"/{PAGE}", (303,), Accept="text/turtle")
        self._whole(answer.headers["location"], self._ask(answer.headers["location"]))

    def _query(self) -> None:
        answer = self.server.query(f"{QUERY} # {self._random.random()}", client=f"127.0.0.{self.number + 2}")
        if answer.status != 200:
            self.wrong.append(f"query: {answer.status} {answer.body!r:.200}")
            return
        [row] = json.loads(answer.body)["results"]["bindings"]
        self.seen.append(row["version"]["value"])


def test_twenty_releases_take_over_under_twenty_clients(releases: list[kg.Release], tmp_path: Path) -> None:
    """No request fails; each answer is whole and of one release; a page gets the very bytes that it names, also of a release before."""
    known = {release.manifest["version"]: _known(release) for release in releases}
    assert len({files["assets/site.css"] for files in known.values()}) == len(known) == RELEASES
    place = tmp_path / "release"
    place.symlink_to(releases[0].path.resolve())
    with serving(place, "--workers", "1", "--queue-wait", "30") as server:
        stop = threading.Event()
        clients = [Client(server, number, known, stop) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for number in range(1, SWITCHES + 1):
            target = releases[number % RELEASES].path.resolve()
            (tmp_path / "next").symlink_to(target)
            (tmp_path / "next").replace(place)
            server.process.send_signal(signal.SIGHUP)
            _until(lambda name=target.name: json.loads(server.ask("/-/health").body)["release"] == name)  # type: ignore[misc]
        stop.set()
        for client in clients:
            client.join()
    assert [line for client in clients for line in client.wrong] == []
    assert {line for client in clients for line in client.seen} == {*known, "200", "412"}
    assert sum("is served in place of" in line for line in server.said) == SWITCHES


def _known(release: kg.Release) -> dict[str, str]:
    return {each["path"]: each["sha256"] for each in release.manifest["files"]}


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_a_page_names_is_its_own(releases: list[kg.Release]) -> None:
    """Each file that a page names with a hash has that hash; a file that the next release no longer has is kept too."""
    for release in releases:
        for page in release.path.rglob("*.html"):
            for path, version in NAMED.findall(page.read_text(encoding="utf-8")):
                assert hashlib.sha256((release.path / path).read_bytes()).hexdigest().startswith(version), page
            assert not re.search(r'(?:href|src|data-\w+)="[./]*assets/[^"?]+"', page.read_text(encoding="utf-8")), page


def test_files_of_a_release_before_are_kept(releases: list[kg.Release]) -> None:
    """By the name that its pages have for it, also where the next release has no such file; by another name there is none."""
    first, second = (_site(release) for release in releases[:2])
    del second.resources.files["assets/icon.svg"]
    second = Site(second.resources, 1 << 20, first)
    second.keep(first.named_by_pages())
    for path in ("assets/site.css", "assets/icon.svg"):
        file = first.resources.files[path]
        reply = second.reply("GET", path, f"v={file.sha256[:16]}", {})
        assert (reply.status, reply.body, dict(reply.headers)["etag"]) == (200, file.place.read_bytes(), file.etag)
        assert second.reply("GET", path, f"v={file.sha256[:16]}", {"if-none-match": file.etag}).status == 304
    new = second.resources.files["assets/site.css"]
    for query in ("", "v=", "v=0000000000000000", f"v={new.sha256[:16]}"):
        assert second.reply("GET", "assets/site.css", query, {}).body == new.place.read_bytes()
    with pytest.raises(Problem) as caught:
        second.reply("GET", "assets/icon.svg", "v=0000000000000000", {})
    assert caught.value.status == 404


def _site(release: kg.Release) -> Site:
    return Site(resources(release, about(release)), 1 << 20)


def test_a_release_that_is_served_is_not_removed(releases: list[kg.Release], tmp_path: Path) -> None:
    """Builds in quick succession remove all but the last two, and but those that someone holds; what is let go of goes with the next."""
    store = tmp_path / "store"
    store.mkdir()
    folders = []
    for number in range(4):
        folders.append(shutil.copytree(releases[0].path.resolve(), store / f"{number:016x}"))
        os.utime(folders[-1], (number, number))
    (tmp_path / "release").symlink_to(folders[3])
    hold = Hold(folders[0])
    tidy(store, tmp_path / "release")
    assert [folder.exists() for folder in folders] == [True, False, True, True]
    hold.close()
    tidy(store, tmp_path / "release")
    assert [folder.exists() for folder in folders] == [False, False, True, True]


def _is_removed(folder: Path) -> bool:
    if folder.exists():
        remove_unless_held(folder)
    return not folder.exists()


def test_a_server_holds_what_it_serves(releases: list[kg.Release], tmp_path: Path) -> None:
    """The folder is held until another takes its place and nobody is answered from it any more."""
    folders = [shutil.copytree(release.path.resolve(), tmp_path / release.path.name) for release in releases[:2]]
    place = tmp_path / "release"
    place.symlink_to(folders[0])
    with serving(place, "--workers", "1") as server:
        remove_unless_held(folders[0])
        assert server.ask("/rarefacts.nq").status == 200
        (tmp_path / "next").symlink_to(folders[1])
        (tmp_path / "next").replace(place)
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: json.loads(server.ask("/-/health").body)["release"] == folders[1].name)
        _until(lambda: _is_removed(folders[0]))
        shutil.rmtree(folders[1] / "disease")  # by other means than a build
        gone = server.ask(f"/{PAGE}.ttl")
        assert (gone.status, gone.headers["retry-after"]) == (503, "1")


def _broken_description(folder: Path) -> None:
    (folder / "void.ttl").write_text("@prefix a: <b", encoding="utf-8")


def _no_dump(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = [each for each in manifest["files"] if each["path"] != "rarefacts.nq"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _switch(place: Path, folder: Path) -> None:
    (place.parent / "next").symlink_to(folder)
    (place.parent / "next").replace(place)


def _serves(server: Server, folder: Path) -> bool:
    return bool(json.loads(server.ask("/-/health").body)["release"] == folder.name)


def test_a_release_that_cannot_be_served_is_told_and_tried_again(releases: list[kg.Release], tmp_path: Path) -> None:
    """Whatever is wrong with it, the old one is served; once it is mended it takes over, by itself or when that is asked for."""
    first, second, third = (shutil.copytree(release.path.resolve(), tmp_path / release.path.name) for release in releases)
    place = tmp_path / "release"
    place.symlink_to(first)
    with serving(place, "--workers", "1", "--hold", "1") as server:
        for number, (breaks, why) in enumerate(
            ((_broken_description, "this is no Turtle"), (_no_dump, "names no rarefacts.nq"), (_no_manifest, "there is no release here"))
        ):
            broken = shutil.copytree(second, tmp_path / f"broken-{number}")
            breaks(broken)
            _switch(place, broken)
            _until(lambda: any(why in line for line in server.said))  # noqa: B023 (called at once)
            assert _serves(server, first)
        shutil.copy(second / "manifest.json", broken)
        _until(lambda: _serves(server, broken))  # by itself
        broken = shutil.copytree(third, tmp_path / "broken-3")
        _no_manifest(broken)
        _switch(place, broken)
        _until(lambda: sum("cannot be served" in line for line in server.said) == 4)
        shutil.copy(third / "manifest.json", broken)
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: _serves(server, broken))
        assert not any("Traceback" in line or "not seen any more" in line for line in server.said)


def test_a_try_that_failed_is_repeated_less_and_less_often() -> None:
    """After 2, 4, 8 seconds and so on, and five minutes at most; at once for another release, and when it is asked for. It is said once."""
    now = [0.0]
    tries = Tries(lambda: now[0])
    waited = []
    for number in range(10):
        assert tries.failed("a", OSError("no room\nhere")) == ("" if number else "no room here")
        start = now[0]
        while not tries.is_due("a"):
            now[0] += 1
        waited.append(now[0] - start)
    assert waited == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert tries.failed("a", RuntimeError("what")) == "RuntimeError: what"
    assert not tries.is_due("a") and tries.is_due("b")
    tries.forget()
    assert tries.is_due("a") and tries.failed("a", RuntimeError("what"))


def test_a_mistake_of_ours_does_not_end_the_following_of_releases(
    releases: list[kg.Release], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its type, and the release after it is served; one that could not be is tried again when that is asked for."""
    place = tmp_path / "release"
    place.symlink_to(tmp_path / "loop")
    (tmp_path / "loop").symlink_to(place)
    told: list[str] = []
    errors = [RuntimeError("what nobody expected"), OSError("no room")]

    async def opens(*_: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return SimpleNamespace(name=place.resolve().name, close=AsyncMock()), Mock()

    async def follow() -> None:
        app, look = Mock(serving=SimpleNamespace(name="old", close=AsyncMock(), site=None)), asyncio.Event()
        following = asyncio.create_task(server_module._follow(look, place, Settings(), Mock(), app, Mock(), told.append, None))
        look.set()
        while not told:
            await asyncio.sleep(0.01)
        _switch(place, releases[0].path.resolve())
        while len(told) == 1:
            await asyncio.sleep(0.01)
        look.set()
        while app.serving.name == "old":
            await asyncio.sleep(0.01)
        following.cancel()

    monkeypatch.setattr(server_module, "opened", opens)
    monkeypatch.setattr(tries_module, "_FIRST", 1000.0)
    asyncio.run(asyncio.wait_for(follow(), SECONDS))
    assert [line.partition("still is: ")[2] for line in told[:2]] == ["RuntimeError: what nobody expected", "no room"]


def test_a_release_that_fails_at_last_leaves_no_process(
    releases: list[kg.Release], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workers that were begun for it are ended, as others are begun each time that it is tried again."""
    place = tmp_path / "release"
    place.symlink_to(releases[0].path.resolve())
    settings = Settings(workers=2, endpoint="http://127.0.0.1:9/")
    work, spawn, spawned = opened_module._work, Worker.spawn, list[Worker]()

    async def spawning(module: str, setup: bytes) -> Worker:
        spawned.append(await spawn(module, setup))
        return spawned[-1]

    async def failing(*_: Any) -> Any:
        raise OSError("no such file")

    monkeypatch.setattr(opened_module, "_work", lambda release, path, settings: work(release, path, replace(settings, endpoint=None)))
    monkeypatch.setattr(opened_module, "REMOTE", LOCAL)
    monkeypatch.setattr(opened_module, "trial", failing)
    monkeypatch.setattr(Worker, "spawn", spawning)

    async def run() -> list[bool]:
        with pytest.raises(OSError, match="no such file"):
            await opened_module.opened(place, settings, Clients(settings.limits), print)
        return [worker.is_alive for worker in spawned]

    alive = asyncio.run(run())
    assert alive and not any(alive)


def test_a_query_whose_body_comes_late_is_answered_by_the_release_that_is_there_then(releases: list[kg.Release], tmp_path: Path) -> None:
    """Its head came when another was served, which nothing waits for that has not come whole."""
    folders = [shutil.copytree(release.path.resolve(), tmp_path / release.path.name) for release in releases[:2]]
    place = tmp_path / "release"
    place.symlink_to(folders[0])
    query = QUERY.encode()
    with serving(place, "--workers", "1") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        connection.putrequest("POST", "/sparql")
        connection.putheader("Content-Type", "application/sparql-query")
        connection.putheader("Content-Length", str(len(query)))
        connection.endheaders()
        server.ask("/-/health")  # so that the head has been read
        (tmp_path / "next").symlink_to(folders[1])
        (tmp_path / "next").replace(place)
        server.process.send_signal(signal.SIGHUP)
        _until(lambda: _is_removed(folders[0]))  # nobody answers from it any more
        connection.send(query)
        answer = connection.getresponse()
        [row] = json.loads(answer.read())["results"]["bindings"]
        connection.close()
    assert (answer.status, row["version"]["value"]) == (200, releases[1].manifest["version"])
