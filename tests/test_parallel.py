"""Work on all cores gives what it gives on one."""

from __future__ import annotations

import os
import signal

import pytest

from kg.errors import KgError
from kg.parallel import on_all_cores


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 25, 1_000])
def test_results_come_in_the_order_of_things(count: int, processes: int) -> None:
    """However many processes work, results come in the order of the things, each once."""
    things = [f"thing {number}" for number in range(count)]
    assert list(on_all_cores(lambda thing: (thing, "x" * 5_000), things, processes)) == [(thing, "x" * 5_000) for thing in things]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_raised_where_results_are_taken(processes: int) -> None:
    """What the work raises reaches whoever asked for it, after the results before it."""

    def work(number: int) -> int:
        if number == 42:
            raise KgError("forty-two is wrong")
        return number

    taken: list[int] = []
    with pytest.raises(KgError, match="forty-two is wrong"):
        taken.extend(on_all_cores(work, range(100), processes))
    assert taken == list(range(len(taken)))


def test_a_process_that_ends_is_told() -> None:
    """Where a process is ended from outside, that is said, and nobody waits for it."""

    def work(number: int) -> int:
        if number == 42:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(KgError, match="ended from outside"):
        list(on_all_cores(work, range(100), 2))


def test_whoever_stops_asking_leaves_no_process() -> None:
    """Where results are no longer wanted, the processes end."""
    results = on_all_cores(lambda number: (number, os.getpid()), range(10_000), 2)
    _, pid = next(results)
    assert pid != os.getpid()
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
