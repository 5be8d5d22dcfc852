"""A Dask cluster on this machine: a scheduler and workers, each a process in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT

WORKER = "from distributed.cli.dask_worker import main; main()"


class Machines:
    """A scheduler, and workers that are started as they are needed, in folders of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start("-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0")
        self.address = self._said(r"Scheduler at: +(tcp://\S+)")

    def worker(self, code: str = WORKER) -> subprocess.Popen[bytes]:
        """A worker process."""
        flags = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60"]
        worker = self.start("-c", code, self.address, *flags)
        self._said(r"(Registered to)")
        return worker

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A process of Python."""
        place = self._folder / str(len(self._running))
        place.mkdir(parents=True)
        with (place / "log").open("wb") as log:
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            command = (sys.executable, *command)
            self._running.append(subprocess.Popen(command, cwd=place, env=environment, stderr=log, stdout=log, start_new_session=True))
        return self._running[-1]

    def _said(self, pattern: str) -> str:
        log = self._folder / str(len(self._running) - 1) / "log"
        for _ in range(1200):
            found = re.search(pattern, log.read_text(encoding="utf-8"))
            if found:
                return found[1]
            assert self._running[-1].poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        raise AssertionError(log.read_text(encoding="utf-8"))

    def end(self) -> None:
        """End all, with what they have started."""
        for process in reversed(self._running):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
