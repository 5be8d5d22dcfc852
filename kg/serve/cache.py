"""Bytes that are kept as long as there is room: what was used last stays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Values by key, up to a number of bytes altogether; a value larger than an eighth of that is not kept."""

    def __init__(self, size: int) -> None:
        self._room = self._size = size
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """The value, if it is kept."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keep a value of so many bytes, in place of those that were not used for the longest time."""
        if size > self._size // 8 or key in self._kept:
            return
        self._kept[key] = (value, size)
        self._room -= size
        while self._room < 0:
            _, (_, freed) = self._kept.popitem(last=False)
            self._room += freed
