"""Work on a Dask cluster, with a real scheduler and worker processes of this machine: the same bytes, and clear words where that fails."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner

import kg
from kg import part
from kg.cli import main
from kg.cluster import Cluster
from kg.errors import KgError
from kg.parallel import MANY
from kg.publish import traces
from tests.benchmarks.made import generate
from tests.conftest import ROOT
from tests.machines import WORKER, Machines
from tests.test_readme import blocks

T = TypeVar("T")
R = TypeVar("R")
_OTHER = f"import kg.sent as s; said = {{**s.about(), 'pyoxigraph': '0.0.1'}}; s.about = lambda: said; {WORKER}"
_WITHOUT = f"import sys; sys.modules['kg'] = None; {WORKER}"


class Eager(Cluster):
    """Sends each thing by itself, however few there are, and looks on."""

    look: Callable[[int], object] = staticmethod(lambda number: None)
    taken = 0

    @property
    def connected(self) -> bool:
        """Whether the client has not given up."""
        return self._client.scheduler is not None

    def map(self, work: Callable[[T], R], things: Sequence[T], batch: int = 1, many: int = 1) -> Iterator[R]:
        for result in super().map(work, things, 1, 1):
            self.taken += 1
            self.look(self.taken)
            yield result


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines(tmp_path / "machines")
    yield found
    found.end()


def who(number: int) -> int:
    return os.getpid()


def refusing(number: int) -> int:
    if number == 42:
        raise KgError("forty-two is wrong")
    return number


def test_the_bytes_are_those_of_one_machine(
    machines: Machines, data: Path, release: kg.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers make the bytes that this process makes, where one of them is killed in the middle of it."""
    monkeypatch.setattr(traces, "_TOGETHER", 1)
    workers = [machines.worker(), machines.worker()]
    with Eager(machines.address, tmp_path / "shared") as cluster:
        assert set(cluster.map(who, range(50))) == {worker.pid for worker in workers}
        cluster.taken = 0
        cluster.look = lambda number: workers[0].send_signal(signal.SIGKILL) if number == 100 else None
        made = kg.build(data, tmp_path / "release", cluster)
        assert cluster.taken > 150
        assert set(cluster.map(who, range(50))) == {workers[1].pid}
    assert made.manifest == release.manifest
    assert not (tmp_path / "shared").exists()


@pytest.mark.parametrize("statements", [part.STATEMENTS, 10_000], ids=["whole", "in parts"])
def test_what_is_wrong_is_told_in_the_same_words(
    statements: int, machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``kg check`` with a scheduler prints what it prints without, where a rule is broken and where a record cannot be read."""
    monkeypatch.setattr(part, "STATEMENTS", statements)
    machines.worker()
    generate(tmp_path / "data", MANY)
    record = tmp_path / "data" / "diseases" / "7.yaml"
    text = record.read_text(encoding="utf-8")
    for fault, code, rule in (("", 1, "fact-has-evidence"), (", evidence: [made", 2, "yaml-syntax")):
        record.write_text(text.replace("mode: HP:0001419, evidence: made", f"mode: HP:0001419{fault}"), encoding="utf-8")
        command = ["check", str(tmp_path / "data")]
        here, there = (CliRunner().invoke(main, [*command, *more]) for more in ([], ["--scheduler", machines.address]))
        assert (there.output, there.exit_code) == (here.output, here.exit_code)
        assert f"[{rule}]" in here.output and here.exit_code == code


def test_the_commands_of_the_readme_make_a_cluster(machines: Machines, tmp_path: Path) -> None:
    """The README's workers and its build work as they stand, but for addresses and folders; the build leaves a release and nothing else."""
    data = ROOT / "tests" / "shapes" / "base"
    [block] = blocks("cluster")
    commands = re.sub(r"tcp://\S+", machines.address, block).replace("/shared", str(tmp_path)).splitlines()
    install, scheduler, worker, build = (shlex.split(line, comments=True) for line in commands)
    assert (install[:2], install[-1], scheduler) == (["pip", "install"], ".[dask]", ["dask", "scheduler"])
    assert build[:3] == ["kg", "build", "data"]
    machines.start("-m", *worker)
    done = CliRunner().invoke(main, ["build", str(data), *build[3:]])
    assert done.exit_code == 0, done.output
    assert kg.build(data, tmp_path / "here").path.resolve().name == (tmp_path / "release").resolve().name
    assert {path.name for path in tmp_path.iterdir()} == {".here", ".release", "here", "machines", "release"}


def test_what_work_raises_is_raised_here(machines: Machines) -> None:
    """A mistake that a worker finds reaches whoever asked, in the same words, and the cluster goes on."""
    machines.worker(f"import sys; sys.path.insert(0, {str(ROOT)!r}); {WORKER}")
    with Cluster(machines.address) as cluster:
        with pytest.raises(KgError, match=r"^forty-two is wrong$"):
            list(cluster.map(refusing, range(1_000)))
        assert list(cluster.map(refusing, range(42), many=1)) == list(range(42))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (_OTHER, r"would make other bytes: it has pyoxigraph 0\.0\.1 where \S+ is wanted; install"),
        (_WITHOUT, r"cannot run kg .*; install"),
    ],
    ids=["other", "none"],
)
def test_a_worker_with_other_code_is_refused(code: str, words: str, machines: Machines) -> None:
    """All have to run the same code: a worker that does not, or has none of ours, is named, whether it is there first or comes later."""
    machines.worker()
    with Cluster(machines.address) as cluster:
        other = machines.worker(code)
        if code == _OTHER:
            with pytest.raises(KgError, match=f"tcp://.*{words}"):
                list(cluster.map(who, range(2_000)))
    with pytest.raises(KgError, match=f"tcp://.*{words}"), Cluster(machines.address):
        pass
    assert other.poll() is None


def test_storage_that_is_not_shared_is_told(machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that does not see the files of the work says which, and what is needed. Here the same path is another folder for each."""
    machines.worker()
    monkeypatch.chdir(tmp_path)
    words = r"tcp://\S+: this worker cannot read /proc/self/cwd/shared/.*\(No such file.*all workers need"
    with Eager(machines.address, Path("/proc/self/cwd/shared")) as cluster, pytest.raises(KgError, match=words):
        kg.build(ROOT / "tests" / "shapes" / "base", "release", cluster)
    assert not Path("release").exists() and not Path("shared").exists()


def test_who_is_not_there_is_told(machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No scheduler, no worker, a scheduler that goes away: each is a sentence that says what to start."""
    monkeypatch.setattr("kg.cluster._CONNECTING", 2)
    for address in ("tcp://127.0.0.1:1", "foo://127.0.0.1:1", "127.0.0.1:port"):
        with pytest.raises(KgError, match=f"^{address}: no Dask scheduler answers here .*start one with: dask scheduler$"):
            Cluster(address)
    with pytest.raises(KgError, match=f"this cluster has no worker; start some with: dask worker {machines.address} --nworkers -1"):
        Cluster(machines.address, alone=0.5)
    worker = machines.worker()
    (tmp_path / "file").touch()
    with pytest.raises(KgError, match=r"file/shared: cannot be made, for the files of the workers: Not a directory"):
        Cluster(machines.address, tmp_path / "file" / "shared")
    monkeypatch.setattr("kg.cluster._LOOKING", 1)
    with Eager(machines.address, alone=2) as cluster:
        cluster.look = lambda number: worker.kill() if number == 3 else None
        with pytest.raises(KgError, match="this cluster has no worker"):
            list(cluster.map(who, range(1_000)))
    machines.worker()
    with Eager(machines.address) as cluster:
        cluster.look = lambda number: machines.scheduler.kill() if number == 3 else None
        for _ in range(2):
            with pytest.raises(KgError, match="the Dask scheduler is gone; start it again"):
                list(cluster.map(who, range(1_000)))
            while cluster.connected:
                time.sleep(0.1)


def test_dask_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Dask is not installed, that is said with what installs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    done: Any = CliRunner().invoke(main, ["check", str(ROOT / "data"), "--scheduler", "tcp://127.0.0.1:1"])
    assert (done.exit_code, done.output) == (
        2,
        "kg: --scheduler needs Dask, which comes with: pip install -c requirements.lock '.[dask]', in a clone\n",
    )
