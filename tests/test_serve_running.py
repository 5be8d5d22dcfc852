"""The server as those who run it and those who read the pages meet it: options, health, metrics, log, end, and a browser."""

from __future__ import annotations

import json
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import Mock

import pytest
from playwright.sync_api import sync_playwright

import kg
from kg.serve.about import about
from kg.serve.descriptors import with_room
from kg.serve.limits import Limits, table
from kg.serve.resources import resources
from kg.serve.server import bound
from kg.serve.settings import Settings
from tests.serving import Server, serving


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served."""
    with serving(release.path, "--workers", "1") as running:
        yield running


def _kg(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from kg.cli import main; main(prog_name='kg')", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=60)


def test_every_limit_is_an_option() -> None:
    """The help shows each row of the table of limits, with its value."""
    said = re.sub(r"\s+", " ", _kg("serve", "--help").stdout)
    for limit in table(Limits()):
        assert f"--{limit.name} " in said and limit.what in said


def test_what_cannot_be_served_is_told(tmp_path: Path, server: Server, release: kg.Release) -> None:
    """No release, a release whose dump was changed, and a port that is taken end with a message and exit code 2."""
    copy = tmp_path / "copy"
    shutil.copytree(release.path, copy)
    (copy / "rarefacts.nq").write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    for arguments, said in (
        ((tmp_path / "nowhere", "--port", "0"), "there is no release here"),
        ((copy, "--port", "0"), "not the file that the manifest names"),
        ((release.path, "--port", str(server.port)), "cannot listen here"),
        ((release.path, "--timeout", "0"), "--timeout"),
    ):
        done = _kg("serve", *arguments)
        assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_without_a_release_one_is_built(data: Path, tmp_path: Path) -> None:
    """A dataset that breaks a rule is not served: its report is printed, with the exit code of the check."""
    shutil.copytree(data, tmp_path / "data")
    (tmp_path / "data" / "diseases" / "faulty.yaml").write_text("disease: MONDO_9999001\nname:\n  a: {kind: preferred, name: A}\n")
    done = _kg("serve", "--port", "0", cwd=tmp_path)
    assert done.returncode == 1 and "[fact-has-evidence]" in done.stderr


def test_nothing_is_built_where_the_port_is_taken(data: Path, tmp_path: Path, server: Server) -> None:
    """A command that cannot serve puts nothing in place; nor does it listen before there is something to serve."""
    shutil.copytree(data, tmp_path / "data")
    done = _kg("serve", "--port", str(server.port), cwd=tmp_path)
    assert done.returncode == 2 and "cannot listen here" in done.stderr
    assert not (tmp_path / "release").exists()
    with bound(Settings(port=0)) as taken, pytest.raises(ConnectionRefusedError):
        socket.create_connection(taken.getsockname()).close()


def test_health_and_metrics(server: Server, release: kg.Release) -> None:
    """Health names the release and its workers; metrics are lines that Prometheus reads, and count."""
    health = json.loads(server.ask("/-/health").body)
    assert (health["status"], health["release"]) == ("pass", release.path.resolve().name)
    server.ask("/nowhere")
    lines = server.ask("/-/metrics").body.decode().splitlines()
    assert all(re.fullmatch(r"# TYPE \w+ (counter|gauge)|\w+(\{status=\"\d+\"\})? [0-9.]+", line) for line in lines)
    assert any(line.startswith('kg_responses_total{status="404"} ') for line in lines)
    assert server.ask("/-/health", "POST", "").status == 405


def test_each_request_is_a_line_of_the_log(release: kg.Release) -> None:
    """A line of JSON says when, who, what, and how it ended; no request can break a line."""
    with serving(release.path, "--workers", "1") as server:
        server.ask("/disease/MONDO_0010626?x=%0a%22")
        server.ask("/nowhere")
    lines = [json.loads(line) for line in server.log]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/disease/MONDO_0010626?x=%0a%22", 303),
        ("GET", "/nowhere", 404),
    ]
    assert {"time", "client", "bytes", "seconds"} <= lines[0].keys()


def test_there_is_room_for_all_connections(release: kg.Release) -> None:
    """As many as the limit says, also where a process has to ask for as many files; the next takes the place of an idle one."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (150, most))  # the server inherits it
        try:
            server = stack.enter_context(serving(release.path, "--workers", "1", "--connections", "300"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)) for _ in range(300)]
        assert server.ask("/disease/MONDO_0010626.html").status == 200
        for connection in held[1:]:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):  # it is open
                connection.recv(1)


@pytest.mark.parametrize(
    ("soft", "hard", "asked", "connections"),
    [(1024, 4096, 2188, 1000), (4096, 4096, None, 1000), (256, 1024, 1024, 418), (64, 64, None, 1)],
)
def test_connections_for_which_there_is_no_room_are_told(
    soft: int, hard: int, asked: int | None, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many files are asked for as are needed and may be had; where these are too few, so are the connections, and a line says so."""
    said: list[str] = []
    limited = Mock()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", limited)
    settings = with_room(Settings(workers=4), said.append)
    assert settings.limits.connections == connections
    assert [call.args for call in limited.call_args_list] == ([] if asked is None else [(resource.RLIMIT_NOFILE, (asked, hard))])
    told = (
        f"no more than {connections} connections at one time, in place of 1,000: a process may have {hard:,} files open here (ulimit -Hn)"
    )
    assert said == ([] if connections == 1000 else [told])


def test_a_server_that_ends_leaves_no_process(release: kg.Release) -> None:
    """SIGTERM ends the workers too, and what has forked them."""
    with serving(release.path, "--workers", "2") as server:
        while server.in_memory < 2 or server.ask("/-/health").body.find(b'"workers": 3') < 0:
            time.sleep(0.05)
        processes = server.children
    assert len(processes) == 3 + 1 + 2 and not any(Path(f"/proc/{pid}").exists() for pid in processes)


def test_a_store_is_made_once(release: kg.Release, tmp_path: Path) -> None:
    """The store lies beside the release, named by its content; a second server finds it as it is."""
    copy = tmp_path / "copy"
    shutil.copytree(release.path, copy)
    made = []
    for _ in range(2):
        with serving(copy, "--workers", "1") as server:
            assert json.loads(server.query("ASK { ?s rf:supplies rf:IgG }").body)["boolean"] is True
        [store] = (tmp_path / ".copy.stores").iterdir()
        made.append((store.name, sorted((path.name, path.stat().st_mtime_ns) for path in store.glob("*.sst"))))
    assert made[0] == made[1] and made[0][1]


def test_things_are_what_the_release_says(release: kg.Release) -> None:
    """The table of things has each disease, the dataset and the well-known place of its description, and no assets."""
    things = resources(release, about(release)).things
    assert {"", "rarefacts", "dataset/rarefacts", ".well-known/void", "disease/MONDO_0010626"} <= things.keys()
    assert not any(path.startswith("assets/") or file.path.startswith("assets/") for path, files in things.items() for file in files)


def test_pages_work_in_a_browser(server: Server) -> None:
    """Under the strict policy the search finds, a permalink leads to its fact, and the console has nothing to say."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("chromium is not installed (Debian: chromium)")
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server.url)
        page.get_by_role("combobox").fill("HIGM1")
        page.get_by_role("option").first.wait_for()
        page.goto(f"{server.url}disease/MONDO_0010626#ivig")
        assert page.url == f"{server.url}disease/MONDO_0010626.html#ivig"
        assert page.evaluate("document.getElementById('ivig').getBoundingClientRect().top") < 300
        fetched = page.evaluate("fetch('/sparql?query=' + encodeURIComponent('ASK { ?s rf:supplies rf:IgG }')).then(r => r.json())")
        assert fetched["boolean"] is True
        browser.close()
    assert said == []
