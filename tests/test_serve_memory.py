"""A release that is held in memory: what takes long on disk is answered there with the same bytes, and when it is lost, disk answers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

import kg
from kg.errors import KgError
from kg.publish.released import Release
from kg.serve.forks import Forks
from kg.serve.held import Held
from kg.serve.limits import Limits
from kg.serve.store import dump_of, fits_in_memory
from kg.serve.workers import DiedError, Worker
from tests.conftest import ROOT
from tests.serving import serving

QUESTIONS = sorted((ROOT / "tests" / "questions").glob("*.rq"))
GOOD = "SELECT ?s { ?s a rf:Disease }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
T = TypeVar("T")


def _setup(release: kg.Release, **changed: Any) -> bytes:
    dump, expected = dump_of(release)
    limits = {"answer": 1 << 20, "rows": 99, "memory": 1 << 28, "timeout": 9, "queries": 9}
    return json.dumps({"dump": str(dump), "sha256": expected, "base": "urn:b:", "prefixes": {}, **limits, **changed}).encode()


def _with_forks(release: kg.Release, ask: Callable[[Forks], Awaitable[T]], **changed: Any) -> T:
    """What comes of asking a process that holds a release."""

    async def run() -> T:
        forks = await Forks.start(_setup(release, **changed))
        try:
            return await ask(forks)
        finally:
            await forks.close()

    return asyncio.run(run())


async def _let_go(worker: Worker) -> None:
    worker.wire.close()
    await asyncio.sleep(0)


def _job(query: str) -> bytes:
    job = {"query": query, "default": None, "named": None, "union": True, "results": "csv", "graph": "turtle"}
    return json.dumps(job).encode() + b"\n"


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_answers_are_those_from_disk(release: kg.Release) -> None:
    """Each question of the project has the same bytes from memory, where all of them begin again at once, and from disk."""
    answers = []
    for options in (("--first", "0.000001"), ("--hold", "1")):
        with serving(release.path, *options, "--budget", "10000", "--queue-wait", "20") as server:
            if "--first" in options:
                server.until_in_memory()
            answers.append([server.query(path.read_text(encoding="utf-8"), "text/csv") for path in QUESTIONS])
            killed = re.findall(r"^kg_workers_killed_total (\d+)$", server.ask("/-/metrics").body.decode(), re.MULTILINE)
            assert int(killed[0]) == (len(QUESTIONS) if "--first" in options else 0)
    assert len(QUESTIONS) > 50 and all(answer.status == 200 for answer in answers[0])
    assert [answer.body for answer in answers[0]] == [answer.body for answer in answers[1]]


def test_what_takes_long_ends_within_its_time(release: kg.Release) -> None:
    """A query that has no end has one, after its time on disk and in memory together; what is short is answered meanwhile, from disk."""
    with serving(release.path, "--timeout", "4", "--first", "2", "--workers", "2") as server:
        server.until_in_memory()
        ended: list[tuple[int, float]] = []
        start = time.monotonic()

        def run() -> None:
            ended.append((server.query(RUNAWAY).status, time.monotonic() - start))

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():
            assert server.query(f"{GOOD} # {time.monotonic()}", client="127.0.0.2").status == 200
        thread.join()
    [(status, took)] = ended
    assert status == 503 and 3.9 < took < 5.5


def test_nobody_is_heavy_in_memory_for_one_query(release: kg.Release) -> None:
    """Whoever comes to memory has used much on disk: two long queries of a client run there at once, where two may."""
    with serving(release.path, "--timeout", "8", "--workers", "4") as server:
        server.until_in_memory()
        threads = [threading.Thread(target=lambda: server.query(RUNAWAY)) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(4)  # a second on disk, and time for the worker
        free = re.findall(r"^kg_workers_in_memory_free (\d+)$", server.ask("/-/metrics").body.decode(), re.MULTILINE)
        for thread in threads:
            thread.join()
    assert free == ["0"]


def test_a_forked_worker_can_open_nothing(release: kg.Release) -> None:
    """A query that got past the guard finds no socket: a worker may open no descriptor, and has none but that of its parent."""

    async def ask(forks: Forks) -> tuple[list[str], list[str], str]:
        worker = await forks.spawn()
        asked = ["SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "ASK { ?s ?p ?o }"]
        said = [(await worker.ask(_job(query)))[0]["status"] for query in asked]
        process = Path(f"/proc/{worker.life.pid}")
        opened = [str(each.readlink()) for each in (process / "fd").iterdir()]
        limits = (process / "limits").read_text(encoding="ascii")
        await _let_go(worker)
        return said, opened, limits

    said, opened, limits = _with_forks(release, ask)
    assert said == ["failed", "ok"]
    assert len(opened) == 3 and {each.partition(":")[0] for each in opened} == {"socket", "/dev/null"}
    assert re.search(r"Max open files +0 +0 ", limits)


def test_a_forked_worker_ends_where_memory_does(release: kg.Release) -> None:
    """What a query takes on top of the release is bounded, and how its worker ended is known; what takes less is answered."""

    async def ask(forks: Forks) -> list[str | int]:
        said: list[str | int] = []
        for doublings in (10, 25):  # 10 kB, and 320 MB where 256 may be taken
            worker = await forks.spawn()
            steps = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(doublings))
            try:
                header, _ = await worker.ask(_job(f"SELECT (STRLEN(?x{doublings}) AS ?n) {{ BIND('0123456789' AS ?x0) {steps} }}"))
                said.append(str(header["status"]))
            except DiedError as died:
                said.append(died.code)
            await _let_go(worker)
        return said

    small, large = _with_forks(release, ask)
    assert small == "ok" and large in ("memory", -signal.SIGABRT)


def test_forked_workers_are_not_the_same_by_chance(release: kg.Release) -> None:
    """What is of chance is another thing in each worker, though they began as the same process."""

    async def ask(forks: Forks) -> set[bytes]:
        found = set()
        for _ in range(3):
            worker = await forks.spawn()
            found.add((await worker.ask(_job("SELECT (UUID() AS ?u) (RAND() AS ?r) {}")))[1])
            await _let_go(worker)
        return found

    assert len(_with_forks(release, ask)) == 3


def test_what_is_killed_is_said_to_be(release: kg.Release) -> None:
    """The code of a worker that was killed comes back, fifty times over, and no descriptor is left of any of them."""

    async def ask(forks: Forks) -> tuple[set[int], int]:
        before, codes = _descriptors(), set()
        for _ in range(50):
            worker = await forks.spawn()
            worker.kill()
            codes.add(await worker.life.wait())
            await _let_go(worker)
        return codes, _descriptors() - before

    assert _with_forks(release, ask) == ({-signal.SIGKILL}, 0)


def test_another_dump_is_not_held(release: kg.Release) -> None:
    """A dump that is not the one of the manifest is refused, and so is a question for a worker when the process has gone."""

    async def nothing(forks: Forks) -> None:
        raise AssertionError

    with pytest.raises(KgError, match="has ended"):
        _with_forks(release, nothing, sha256="0" * 64)

    async def lose(forks: Forks) -> None:
        await forks.close()
        with pytest.raises(KgError, match="no worker"):
            await forks.spawn()

    _with_forks(release, lose)


def test_when_the_memory_is_lost_disk_answers(release: kg.Release) -> None:
    """Where the process that holds the release is killed, every query is answered all the same, and the change is told."""
    with serving(release.path, "--budget", "10000", "--first", "0.000001", "--queue-wait", "20") as server:
        server.until_in_memory()
        assert server.forkserver is not None
        os.kill(server.forkserver, signal.SIGKILL)
        start = time.monotonic()
        for number in range(30):
            assert server.query(f"{GOOD} # {number}").status == 200
        assert time.monotonic() - start < 15  # nobody waits for those that are gone
        assert server.forkserver is None and server.in_memory == 0
    assert any("answered from disk again" in line for line in server.said)


def test_a_server_that_is_killed_leaves_no_process(release: kg.Release) -> None:
    """Where the server has no time to end anything, what it has begun ends by itself."""
    with pytest.raises(AssertionError), serving(release.path) as server:
        server.until_in_memory()
        children = server.children
        server.process.kill()
    assert len(children) > 2
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_a_process_that_says_nothing_holds_up_nobody(release: kg.Release) -> None:
    """Where the process that holds the release is stopped, queries are answered, and the server ends when it is told to."""
    with serving(release.path, "--budget", "10000") as server:
        server.until_in_memory()
        assert server.forkserver is not None
        os.kill(server.forkserver, signal.SIGSTOP)
        assert server.query(GOOD).status == 200
    assert not any("Traceback" in line for line in server.said)


@pytest.mark.parametrize("last", [0, 1])
def test_where_nothing_can_be_forked_nobody_waits_for_it(release: kg.Release, last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be forked, at once or after a while, there is nobody to ask in memory, and disk has all the time there is."""
    spawn, spawned, told = Forks.spawn, list[Worker](), list[str]()

    async def failing(forks: Forks) -> Worker:
        if len(spawned) >= last:
            raise KgError("no worker can be forked (Cannot allocate memory)")
        spawned.append(await spawn(forks))
        return spawned[-1]

    monkeypatch.setattr(Forks, "spawn", failing)

    async def run() -> None:
        held = Held(_setup(release), 2, Limits(), told.append)
        held.start()
        async with asyncio.timeout(20):
            while not (held.pool if last else told):
                await asyncio.sleep(0.02)
        for worker in spawned:
            worker.kill()
            await worker.gone()
        assert held.pool is None
        await held.close()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert told == ([] if last else ["long queries are answered from disk as well: no worker can be forked (Cannot allocate memory)"])


def test_a_birth_without_a_descriptor_is_none(release: kg.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server has no descriptor left for a worker, that one cannot be had, and the next one is whole."""
    receive = socket.recv_fds

    def without(*given: Any) -> tuple[bytes, list[int], int, None]:
        said, descriptors, _, _ = receive(*given)
        for each in descriptors:
            os.close(each)
        return said, [], 0, None

    async def ask(forks: Forks) -> tuple[dict[str, Any], bytes]:
        monkeypatch.setattr(socket, "recv_fds", without)
        with pytest.raises(KgError, match="no descriptor"):
            await forks.spawn()
        monkeypatch.setattr(socket, "recv_fds", receive)
        worker = await forks.spawn()
        said = await worker.ask(_job("ASK {}"))
        worker.kill()
        assert await worker.life.wait() == -signal.SIGKILL
        await _let_go(worker)
        return said

    header, body = _with_forks(release, ask)
    assert header["status"] == "ok" and body == b"true\n"


def test_descriptors_of_workers_are_not_handed_on(release: kg.Release) -> None:
    """What ends a worker is known to the server alone, and to no process that it begins."""

    async def ask(forks: Forks) -> list[bool]:
        worker = await forks.spawn()
        found = [int(each.name) for each in Path("/proc/self/fd").iterdir() if each.is_symlink() and "pidfd" in str(each.readlink())]
        handed_on = [os.get_inheritable(each) for each in found]
        await _let_go(worker)
        return handed_on

    assert _with_forks(release, ask) == [False]


@pytest.mark.parametrize(
    ("quads", "megabytes", "machine", "fits"),
    [
        (8_272_539, 4096, 24 << 30, True),
        (8_272_539, 3000, 24 << 30, False),
        (8_272_539, 4096, 8 << 30, False),
        (84_000_000, 1 << 20, 24 << 30, False),
    ],
)
def test_what_is_held(quads: int, megabytes: int, machine: int, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release is held if it takes no more than the limit and a quarter of the machine's memory."""
    monkeypatch.setattr("kg.serve.store.memory", lambda: machine)
    release = Release(Path(), {"counts": {"quads": quads}})
    assert fits_in_memory(release, Limits(hold=megabytes)) is fits
