"""Work on all cores gives what it gives on one."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

import kg
from kg.errors import KgError
from kg.parallel import Aside, Executor, Pool
from tests.cases import lay
from tests.conftest import ROOT

T = TypeVar("T")
R = TypeVar("R")


def sent(what: T) -> T:
    """What arrives."""
    arrived: T = pickle.loads(pickle.dumps(what))  # noqa: S301 (our own)
    return arrived


class Sending(Executor):
    """Sends work, things and results as they would go to another machine, and does all of it here."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def map(self, work: Callable[[T], R], things: Sequence[T], batch: int = 10, many: int = 1) -> Iterator[R]:
        return super().map(work, things, batch, 1)

    def batches(self, work: Callable[[T], R], batches: Sequence[Sequence[T]]) -> Iterator[list[R]]:
        named = getattr(work, "work", work)
        self.sent.append(getattr(named, "__qualname__", type(named).__name__))
        for batch in batches:
            there, things = sent((work, batch))
            yield sent([there(thing) for thing in things])


def _noted(release: kg.Release) -> list[tuple[object, ...]]:
    [notes] = release.path.parent.glob(f".{release.path.name}/made-*.sqlite")
    return sqlite3.connect(notes).execute("SELECT * FROM things ORDER BY sort, name").fetchall()


def test_all_work_can_be_sent(data: Path, release: kg.Release, tmp_path: Path) -> None:
    """All that makes files of a release can be sent to another machine, where it makes the same bytes and notes the same."""
    executor = Sending()
    made = kg.build(data, tmp_path / "release", executor)
    assert made.manifest == release.manifest
    assert len(_noted(made)) > 100 and _noted(made) == _noted(release)
    dumps = ["_Sorted", "_Merged", "Pieces", "_Deflate", "_Deflate", "_Deflate", "_Chunks", "_Made", "_Deflate", "_OfPart"]
    pages = ["Documents.files", "Signposts.linkset_of", "Examples._found", "Facts.digest", "DiseasePages.page", "_Works.page"]
    assert executor.sent == ["_Reader.read", *dumps, *pages]


def test_judging_can_be_sent(tmp_path: Path) -> None:
    """What may be wrong can be sent to another machine, which reports the same, and so can what is wrong with a file."""
    cases = ROOT / "tests" / "shapes"
    faulty = lay(cases / "treatment" / "invalid-action.yaml", cases / "base", tmp_path / "data")
    executor = Sending()
    found = kg.check(faulty, executor=executor)
    assert found.problems == kg.check(faulty).problems and not found.conforms
    assert executor.sent == ["_Reader.read", "_report_of"]
    (faulty / "sources" / "broken.yaml").write_text("source: [", encoding="utf-8")
    assert kg.check(faulty, executor=executor).render() == kg.check(faulty).render() != ""


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 25, 1_000])
def test_results_come_in_the_order_of_things(count: int, processes: int) -> None:
    """However many processes work, results come in the order of the things, each once."""
    things = [f"thing {number}" for number in range(count)]
    assert list(Pool(processes).map(lambda thing: (thing, "x" * 5_000), things, many=1)) == [(thing, "x" * 5_000) for thing in things]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_raised_where_results_are_taken(processes: int) -> None:
    """What the work raises reaches whoever asked for it, after the results before it."""

    def work(number: int) -> int:
        if number == 42:
            raise KgError("forty-two is wrong")
        return number

    taken: list[int] = []
    with pytest.raises(KgError, match="forty-two is wrong"):
        taken.extend(Pool(processes).map(work, range(100), many=1))
    assert taken == list(range(len(taken)))


class _TwoPartsError(Exception):
    """An exception that can be packed, but not be made again of its one argument."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(f"{rule}: {message}")


UNSENDABLE: dict[str, object] = {
    "error-with-a-function": ValueError("forty-two", lambda: None),
    "error-of-two-parts": _TwoPartsError("forty-two", "is wrong"),
    "result": lambda: None,
}


@pytest.mark.parametrize("what", UNSENDABLE)
def test_what_cannot_be_sent_back_is_told_by_its_text(what: str) -> None:
    """Where an exception or a result of a process cannot be sent, its text is, and no lack of memory is blamed."""

    def work(number: int) -> object:
        made = UNSENDABLE[what] if number == 42 else number
        if isinstance(made, Exception):
            raise made
        return made

    with pytest.raises(KgError, match=r"forty-two|lambda"):
        list(Pool(2).map(work, range(100), many=1))


def test_a_process_that_ends_is_told() -> None:
    """Where a process is ended from outside, that is said, and nobody waits for it."""

    def work(number: int) -> int:
        if number == 42:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(KgError, match="ended from outside"):
        list(Pool(2).map(work, range(100), many=1))


def test_a_process_that_ends_in_the_midst_of_what_it_says_is_told() -> None:
    """Where it is ended while it hands over what it made, that is said as well."""
    aside = Aside(lambda size: b"x" * size, [10_000_000])
    assert aside._fork._receiver.poll(60)  # it has begun, and waits for somebody to read
    aside._fork._process.kill()
    aside._fork._process.join()
    with pytest.raises(KgError, match="ended from outside"):
        aside.results()


def test_whoever_stops_asking_leaves_no_process() -> None:
    """Where results are no longer wanted, the processes end."""
    results = Pool(2).map(lambda number: (number, os.getpid()), range(10_000))
    _, pid = next(results)
    assert pid != os.getpid()
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_work_aside_is_done_by_another_process() -> None:
    """What a process makes meanwhile is there when it is asked for; what goes wrong there is raised here, also its end."""
    things = [1, 2, 3]
    found = Aside(lambda thing: (os.getpid(), things[thing]), [2, 0]).results()
    assert os.getpid() not in {pid for pid, _ in found} and [made for _, made in found] == [3, 1]

    def broken(number: int) -> int:
        raise KgError(f"{number} is wrong")

    with pytest.raises(KgError, match="42 is wrong"):
        Aside(broken, [42]).results()
    with pytest.raises(KgError, match="ended from outside"):
        Aside(lambda _: os.kill(os.getpid(), signal.SIGKILL), [None]).results()


def test_work_aside_that_can_wait_lets_others_go_first() -> None:
    """It has a lower priority than the process that asked for it; other work has the same."""
    for can_wait in (True, False):
        [priority] = Aside(lambda _: os.getpriority(os.PRIO_PROCESS, 0), [None], can_wait).results()
        assert (priority > os.getpriority(os.PRIO_PROCESS, 0)) == can_wait


def test_work_aside_that_nobody_wants_ends() -> None:
    """A process that works for nobody any more ends."""
    reader, writer = os.pipe()

    def work(_: object) -> None:
        os.write(writer, str(os.getpid()).encode())
        time.sleep(600)

    aside = Aside(work, [None])
    pid = int(os.read(reader, 100))
    del aside
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_KILLED = """
import os, signal, time
from kg.parallel import Aside, Pool
def much(_):
    return b"x" * 10_000_000
def long(_):
    time.sleep(0.5)
begun = {begun}
if not isinstance(begun, Aside):
    next(begun)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("begun", ["Aside(much, [None])", "Aside(long, range(1_000))", "Pool(2).map(much, range(1_000))"])
def test_a_process_whose_parent_is_killed_ends(begun: str) -> None:
    """Where the process that asked is killed, nobody goes on working for it, or waits for ever to hand something over."""
    command = [sys.executable, "-c", _KILLED.format(begun=begun)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)  # all who hold the pipe
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, b"")
