"""The same work for each of many things, on all cores, with the results in order.

Processes are forked, so they share what is in memory and nothing has to be sent to them; they only read. Results come back batch by
batch, and no process is further ahead than the batch that it waits to hand over.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Final, TypeVar

from kg.errors import KgError

T = TypeVar("T")
R = TypeVar("R")

_MANY: Final = 200
"""Fewer things are worked through by this process alone: others take a moment to begin."""
_BATCH: Final = 10


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_cores(work: Callable[[T], R], things: Sequence[T], processes: int = 0, batch: int = _BATCH) -> Iterator[R]:
    """What ``work`` makes of each thing, in their order; by one process for each core where no number is given and there are many.

    Raises what ``work`` raises, and KgError where a process ends before its work does.
    """
    processes = processes or (cores() if len(things) >= _MANY else 1)
    if processes == 1:
        yield from map(work, things)
        return
    batches = [things[start : start + batch] for start in range(0, len(things), batch)]
    context = multiprocessing.get_context("fork")
    receivers, started = [], []
    try:
        for number in range(processes):
            receiver, sender = context.Pipe(duplex=False)
            started.append(context.Process(target=_run, args=(work, batches[number::processes], sender), daemon=True))
            started[-1].start()
            sender.close()
            receivers.append(receiver)
        for number in range(len(batches)):
            try:
                made, error = receivers[number % processes].recv()
            except EOFError:
                raise KgError("a process that worked on the release was ended from outside; was there enough memory?") from None
            if error is not None:
                raise error
            yield from made
    finally:
        for process in started:
            process.terminate()
            process.join()


def _run(work: Callable[[T], R], batches: list[Sequence[T]], sender: Connection) -> None:
    for batch in batches:
        made: list[R] = []
        error: Exception | None = None
        try:
            made.extend(map(work, batch))
        except Exception as raised:
            error = raised
        sender.send((made, error))
    os._exit(0)  # nothing of the parent's is to be flushed or cleaned up here
