"""What is read while something is made: so that it is made again when something of that has changed, and only then.

A table has entries, each with a state. Whoever makes something reads entries and nothing else, and each that is read is noted, also
where there is no such entry. What was made is still right as long as the states of these entries are the same: the constructive traces of
*Build systems à la carte* (https://doi.org/10.1145/3236774).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

from kg.parallel import Travelling

K = TypeVar("K")
V = TypeVar("V")

Entries = Collection[tuple[str, object]]
"""Entries by table and key."""
KEY: Final = 8
_STATE: Final = 16
_RECORD: Final = KEY + _STATE


def key_of(table: str, entry: bytes) -> bytes:
    """What an entry goes by. Two that meet are taken for one, and what read either is made again too often, never too seldom."""
    return blake2b(entry, digest_size=KEY, person=table.encode()[:16]).digest()


def record(table: str, entry: bytes, state: bytes) -> bytes:
    """An entry and the digest of its state, in so many bytes for each."""
    return key_of(table, entry) + blake2b(state, digest_size=_STATE).digest()


def changed(old: bytes, new: bytes) -> set[int]:
    """The keys of the entries that differ between two states of a table, which are records one after the other."""
    start = _same(old, new)
    ends = [memoryview(each)[start:] for each in (old, new)]
    one, other = ({bytes(each[at : at + _RECORD]) for at in range(0, len(each), _RECORD)} for each in ends)
    return set(array("Q", b"".join(each[:KEY] for each in one ^ other)))


def _same(old: bytes, new: bytes) -> int:
    """So many bytes of whole records at the beginning are the same."""
    first, last = 0, min(len(old), len(new)) // _RECORD
    while first < last:
        half = (first + last + 1) // 2
        if old[first * _RECORD : half * _RECORD] == new[first * _RECORD : half * _RECORD]:
            first = half
        else:
            last = half - 1
    return first * _RECORD


class Reads:
    """What is read. ``tables`` has the states of each table by its name, which are worked out where somebody asks for them."""

    def __init__(self) -> None:
        self.tables: dict[str, Callable[[], bytes]] = {}
        self._noted: list[set[tuple[str, object]]] = []

    def __getstate__(self) -> dict[str, Any]:
        return {"tables": {}, "_noted": []}  # who is sent it notes keys, and compares no states

    def note(self, table: str, entry: object) -> None:
        """An entry is read; nothing happens where nothing is being made."""
        if self._noted:
            self._noted[-1].add((table, entry))

    def also(self, entries: Entries) -> None:
        """What was made of other entries is read."""
        if self._noted:
            self._noted[-1].update(entries)

    def whole(self, table: str) -> None:
        """A table is read as a whole, which nothing that is made by itself may do: it would have to be made again at each change."""
        assert not self._noted, f"{table} is read as a whole where one thing is made; note what is read, or give it as a whole"

    @contextmanager
    def noting(self) -> Iterator[set[tuple[str, object]]]:
        """Something is made: what is read for it, also where it fails."""
        noted: set[tuple[str, object]] = set()
        self._noted.append(noted)
        try:
            yield noted
        finally:
            self._noted.pop()
            self.also(noted)


def keys_of(entries: Entries) -> bytes:
    """The keys of entries, one after the other."""
    return b"".join(sorted(key_of(table, str(entry).encode()) for table, entry in entries))


class Remembered(Travelling, Generic[K, V]):
    """A function of one argument whose last results are kept, each with what was read for it: who gets it again has read that as well."""

    def __init__(self, reads: Reads, work: Callable[[K], V], most: int | None = None) -> None:
        self._reads, self._work, self._most = reads, work, most

    @cached_property
    def _kept(self) -> Callable[[K], tuple[V, Entries]]:
        return lru_cache(maxsize=self._most)(self._make)

    def __call__(self, thing: K) -> V:
        """The result for a thing."""
        result, noted = self._kept(thing)
        self._reads.also(noted)
        return result

    def _make(self, thing: K) -> tuple[V, Entries]:
        with self._reads.noting() as noted:
            result = self._work(thing)
        return result, tuple(noted)


class Noted(Mapping[K, V]):
    """A table of values that ``repr`` tells apart; as a whole it may be read where nothing is being made."""

    def __init__(self, reads: Reads, name: str, entries: Mapping[K, V]) -> None:
        self._reads, self._name, self._entries = reads, name, entries
        reads.tables[name] = self._states

    def _states(self) -> bytes:
        return b"".join(sorted(record(self._name, str(key).encode(), repr(value).encode()) for key, value in self._entries.items()))

    def __getitem__(self, key: K) -> V:
        self._reads.note(self._name, key)
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        self._reads.whole(self._name)
        return iter(self._entries)

    def __len__(self) -> int:
        self._reads.whole(self._name)
        return len(self._entries)
