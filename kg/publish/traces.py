"""Which things of a release have to be made, and which are as they were in the release before.

A thing, such as the documents of a disease, is as it was where it was given the same and nothing of what was read for it has changed
(``kg.reads``). A release of which nothing was there before is made in the same way: there is no other.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Final, Generic, TypeVar

from kg.earlier import Earlier
from kg.parallel import HERE, MANY, Executor
from kg.progress import Tell, silent
from kg.publish.before import Before, Notes, Standing, Thing
from kg.publish.file import Body, File
from kg.reads import Reads, changed, keys_of

T = TypeVar("T")
R = TypeVar("R")

_TOGETHER: Final = 50
"""So many things are made one after the other by the same process."""
Files = Sequence[tuple[str, bytes]]
"""Path and bytes of each file of a thing."""


@dataclass(frozen=True, slots=True)
class _Kept:
    thing: Thing
    files: list[File]


@dataclass(frozen=True, slots=True)
class _Made(Generic[R]):
    thing: Thing
    result: R


class Traces:
    """What the files in ``folder`` are made of, which goes into ``notes``; ``before`` has that of the release before."""

    def __init__(
        self, reads: Reads, folder: Path, notes: Notes, before: Before | None = None, executor: Executor = HERE, tell: Tell = silent
    ) -> None:
        self.reads, self.tell, self._executor = reads, tell, executor
        self._folder, self._notes, self._before = folder, notes, before
        self._changes: set[int] = set()
        self._compared: set[str] = set()
        self.taken: set[str] = set()

    @property
    def taken_from(self) -> Path | None:
        """The folder of the release before."""
        return self._before.folder if self._before else None

    def all_files(self, whole: bytes) -> list[File] | None:
        """All files of the release before, where all of this one follows from the same; nothing where it does not."""
        if self._before is None or self._before.whole() != whole:
            return None
        files = self._taken(self._before.paths())
        if files is not None:
            self._notes.take(self._before)
        return files

    def files(
        self,
        sort: str,
        work: Callable[[T], Files],
        things: Sequence[T],
        given: object = None,
        ahead: Callable[[Sequence[T]], None] | None = None,
    ) -> Iterator[tuple[str, Body]]:
        """Path and body of the files that ``work`` makes of each thing. ``given`` is what all of them show, told apart by ``repr``.

        ``ahead`` is told which things come next, to work out together what they need. What it reads is not noted: whoever keeps it for
        a thing keeps what was read for it as well.
        """
        for each in self._each(sort, work, things, given, ahead):
            if isinstance(each, _Kept):
                self._notes.thing(each.thing)
                yield from ((file.path, file) for file in each.files)
            else:
                self._notes.thing(replace(each.thing, paths=" ".join(path for path, _ in each.result)))
                yield from each.result

    def values(
        self,
        sort: str,
        work: Callable[[T], R],
        things: Sequence[T],
        write: Callable[[R], str],
        read: Callable[[str], R],
        given: object = None,
        together: int = 0,
    ) -> Iterator[R]:
        """What ``work`` makes of each thing, which is noted as the text that ``write`` makes of it and ``read`` takes apart.

        So many are made ``together``, one after the other by the same process, if that is said.
        """
        for each in self._each(sort, work, things, given, None, together):
            if isinstance(each, _Kept):
                self._notes.thing(each.thing)
                yield read(each.thing.value)
            else:
                self._notes.thing(replace(each.thing, value=write(each.result)))
                yield each.result

    def earlier(self, sort: str, paths: Sequence[str]) -> Earlier:
        """What was noted of a sort under names that tell all that it was made of; nothing where one of these files is not as it was."""
        try:
            as_left = self._before is not None and all(self._before.as_left(path) for path in paths)
        except OSError:
            as_left = False
        return Standing(sort, self._notes, self._before if as_left else None)

    def _each(
        self,
        sort: str,
        work: Callable[[T], R],
        things: Sequence[T],
        given: object,
        ahead: Callable[[Sequence[T]], None] | None,
        together: int = 0,
    ) -> Iterator[_Kept | _Made[R]]:
        """Each thing as it was, or as it is now, in order."""
        same = blake2b(repr(given).encode(), digest_size=16).digest()
        self._compare()
        kept = {thing: found for thing in things if (found := self._as_before(sort, str(thing), same))}
        todo = [thing for thing in things if thing not in kept]
        size = together or _TOGETHER
        batches = [todo[start : start + size] for start in range(0, len(todo), size)]
        made = chain.from_iterable(self._executor.map(_Noting(work, ahead, self.reads), batches, 1, MANY // _TOGETHER))
        done = 0
        self.tell(sort, done, len(todo))
        for thing in things:
            if thing in kept:
                yield kept[thing]
            else:
                result, reads = next(made)
                yield _Made(Thing(sort, str(thing), same, reads, "", ""), result)
                done += 1
                self.tell(sort, done, len(todo))

    def _as_before(self, sort: str, name: str, given: bytes) -> _Kept | None:
        thing = self._before.thing(sort, name) if self._before else None
        if self._before is None or thing is None or thing.given != given or not self._changes.isdisjoint(array("Q", thing.reads)):
            return None
        files = self._taken(thing.paths.split())
        return _Kept(thing, files) if files is not None else None

    def _taken(self, paths: Sequence[str]) -> list[File] | None:
        """Files of the release before; nothing where one of them is not as it was."""
        assert self._before is not None
        files: list[File] = []
        for path in paths:
            file = self._before.take(path, self._folder)
            if file is None:
                for each in files:
                    (self._folder / each.path).unlink()
                return None
            files.append(file)
        self.taken.update(paths)
        return files

    def _compare(self) -> None:
        """Which entries have changed, of the tables that there are by now."""
        for name in self.reads.tables.keys() - self._compared:
            states = self.reads.tables[name]()
            self._notes.states(name, states)
            if self._before:
                self._changes |= changed(self._before.states(name), states)
            self._compared.add(name)


class _Noting(Generic[T, R]):
    """Work on some things, with the keys of what it reads for each."""

    def __init__(self, work: Callable[[T], R], ahead: Callable[[Sequence[T]], None] | None, reads: Reads) -> None:
        self.work, self._ahead, self._reads = work, ahead, reads

    def __call__(self, things: Sequence[T]) -> list[tuple[R, bytes]]:
        if self._ahead:
            self._ahead(things)
        return [self._noted(thing) for thing in things]

    def _noted(self, thing: T) -> tuple[R, bytes]:
        with self._reads.noting() as noted:
            result = self.work(thing)
        return result, keys_of(noted)
