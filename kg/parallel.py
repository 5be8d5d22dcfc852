"""The same work for each of many things, with the results in order: by the processes of this machine, or by others (``kg.cluster``).

Whoever has work asks an executor and does not know which it is. So work is what can be sent: a function of a module, or a method of an
object that travels without what it only remembers (``Travelling``), and whose files lie where the executor says (``shared``).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import _lru_cache_wrapper
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from kg.errors import KgError

T = TypeVar("T")
R = TypeVar("R")

MANY: Final = 200
"""Fewer things are worked through by this process alone: others take a moment to begin."""
_LARGE: Final = 2**25
_BATCH: Final = 10
_YOUNG: Final = 100_000
"""So many new objects are there before one looks for circles among them: work makes many at a time, and next to no circles."""

_NICE: Final = 10
"""Of two processes on one core the other gets nine parts of ten (https://man7.org/linux/man-pages/man7/sched.7.html)."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worth_it(size: int) -> int:
    """How many things it takes for others to help with them, where they are made of so many bytes: few are enough where they are large."""
    return 1 if size >= _LARGE else MANY


class Travelling:
    """What may be sent to other processes: it leaves behind the caches of its methods, which are made again where they are asked for."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not isinstance(value, _lru_cache_wrapper)}


class Executor(ABC):
    """Who does the work. ``shared`` is the folder for files that work reads and writes; None is that for temporary files."""

    shared: Path | None = None

    def __reduce__(self) -> tuple[type[Executor], tuple[int]]:
        return Pool, (1,)  # who uses it keeps it where it is sent, and has no others there

    def map(self, work: Callable[[T], R], things: Sequence[T], batch: int = _BATCH, many: int = MANY) -> Iterator[R]:
        """What ``work`` makes of each thing, in their order; by this process alone where there are not ``many``.

        Raises what ``work`` raises, and KgError where somebody who works is gone and nobody else can do it.
        """
        if len(things) < many:
            yield from map(work, things)
            return
        for made in self.batches(work, [things[start : start + batch] for start in range(0, len(things), batch)]):
            yield from made

    @abstractmethod
    def batches(self, work: Callable[[T], R], batches: Sequence[Sequence[T]]) -> Iterator[list[R]]:
        """What ``work`` makes of the things of each batch, batch by batch."""


class Pool(Executor):
    """The processes of this machine, one for each core where no number is given.

    They are forked, so they share what is in memory and nothing has to be sent to them; they only read. No process is further ahead than
    the batch that it waits to hand over.
    """

    def __init__(self, processes: int = 0) -> None:
        self._processes = processes or cores()

    def batches(self, work: Callable[[T], R], batches: Sequence[Sequence[T]]) -> Iterator[list[R]]:
        """What ``work`` makes of the things of each batch, batch by batch."""
        if self._processes == 1:
            yield from (list(map(work, batch)) for batch in batches)
            return
        started: list[_Fork[T, R]] = []
        try:
            for number in range(self._processes):
                started.append(_Fork(work, batches[number :: self._processes]))
            for number in range(len(batches)):
                yield started[number % self._processes].next()
        finally:
            for fork in started:
                fork.end()


HERE: Final = Pool()
"""All cores of this machine."""


class Aside(Generic[T, R]):
    """Work that a process of its own does meanwhile on each of some things; it shares what is in memory, and ends with this object.

    Work that ``can_wait`` has a core where nothing else wants it.
    """

    def __init__(self, work: Callable[[T], R], things: Sequence[T], can_wait: bool = False) -> None:
        self._fork: _Fork[T, R] = _Fork(work, [things], _NICE if can_wait else 0)
        weakref.finalize(self, self._fork.end).atexit = False  # it ends with this process in any case

    def results(self) -> list[R]:
        """What was made of each, once; it is waited for. Raises what the work raises."""
        return self._fork.next()


class _Fork(Generic[T, R]):
    """A process that is forked from this one and works on batches of things, one after the other."""

    def __init__(self, work: Callable[[T], R], batches: Sequence[Sequence[T]], nice: int = 0) -> None:
        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(work, batches, sender, self._receiver, os.getpid(), nice), daemon=True)
        self._process.start()
        sender.close()

    def next(self) -> list[R]:
        """What was made of the next batch. Raises what the work raises, and KgError where the process is gone."""
        try:
            made, error = self._receiver.recv()
        except (EOFError, OSError):  # between two messages, or in the midst of one
            raise KgError("a process that helped was ended from outside; was there enough memory?") from None
        if error is not None:
            raise error
        found: list[R] = made
        return found

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.terminate()
        self._process.join()


def _packed(made: list[Any], error: Exception | None) -> bytes:
    """What was made and what was raised, ready to be sent; where that is not possible, what was raised by its text."""
    try:
        body = pickle.dumps((made, error))
        if error is not None:
            pickle.loads(body)  # noqa: S301 (our own; not all that can be packed can be unpacked)
        return body
    except Exception as why:
        return pickle.dumps(([], KgError(repr(error or why))))


def _run(work: Callable[[T], R], batches: Sequence[Sequence[T]], sender: Connection, receiver: Connection, asker: int, nice: int) -> None:
    os.nice(nice)
    receiver.close()  # so that it is told when nobody is there any more who could receive anything
    gc.freeze()  # what was there before is not looked through again and again for what nobody refers to
    gc.set_threshold(_YOUNG)
    for batch in batches:
        made: list[R] = []
        error: Exception | None = None
        try:
            for thing in batch:
                if os.getppid() != asker:  # it was killed
                    os._exit(1)
                made.append(work(thing))
        except Exception as raised:
            error = raised
        try:
            sender.send_bytes(_packed(made, error))
        except BrokenPipeError:  # whoever asked was killed
            os._exit(1)
    os._exit(0)  # nothing of the parent's is to be flushed or cleaned up here
