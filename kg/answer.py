"""The whole answer of ``kg check``, worked out by a process of its own, which can be ended when it is no longer wanted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import KgError, Problem
from kg.gate import check
from kg.recall import recalling

Identity = tuple[str, ...]
"""By what a problem is known again when lines have moved."""


@dataclass(frozen=True)
class Answer:
    """What was found: the line of each problem, in the order of ``kg check``, and its summary; ``readable`` as in its report."""

    problems: dict[Identity, str]
    summary: str
    readable: bool


class Asked:
    """A check of a dataset that runs beside this process."""

    def __init__(self, data: str, keep: bool) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (open for as long as the process writes; end() closes it)
        # -P: the working folder may hold a json.py, and is none of ours
        command = [sys.executable, "-P", "-m", "kg.answer", data, *(["keep"] if keep else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said, start_new_session=True)

    def answer(self) -> Answer | str | None:
        """The answer; None while there is none, and a text where there will be none: what the process said at its end."""
        if self._process.poll() is None:
            return None
        self._said.seek(0)
        text = self._said.read().decode("utf-8", errors="replace")
        if self._process.returncode:
            return text.strip().rpartition("\n")[2] or f"the check was ended by signal {-self._process.returncode}"
        said: dict[str, Any] = json.loads(text)
        return Answer({tuple(identity): line for *identity, line in said["problems"]}, said["summary"], said["readable"])

    def end(self) -> None:
        """It is no longer wanted; what it has begun ends with it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._said.close()


def identity_of(problem: Problem) -> Identity:
    """By what a problem is known again."""
    return (problem.place.path, problem.rule, problem.focus, problem.path, problem.value, problem.message)


def main() -> None:
    """The process: checks the dataset that it is given, and tells what was found as JSON."""
    try:
        with recalling("keep" in sys.argv[2:]) as recall:
            report = check(Path(sys.argv[1]), recall=recall)
    except KgError as error:
        sys.exit(str(error))
    problems = [(*identity_of(problem), str(problem)) for problem in report.problems]
    json.dump({"problems": problems, "summary": report.summary, "readable": report.readable}, sys.stdout)


if __name__ == "__main__":
    main()
