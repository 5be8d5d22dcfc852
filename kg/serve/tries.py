"""When a release that could not be served is tried again, as what kept it from that may have passed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from kg.errors import KgError

_FIRST, _MOST = 2.0, 300.0
"""Seconds after which it is tried again, and then after twice as many each time, up to a most."""
_EXPECTED: Final = (KgError, OSError, ValueError)


class Tries:
    """The tries of the release that failed last, by its name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """Begin anew: it is tried at once, and what is wrong with it is told again."""
        self._name, self._why, self._pause, self._next = "", "", _FIRST, 0.0

    def is_due(self, name: str) -> bool:
        """Whether a release is to be tried now."""
        return name != self._name or self._clock() >= self._next

    def failed(self, name: str, error: Exception) -> str:
        """Why it cannot be served, in one line; nothing where that was said before."""
        if name != self._name:
            self.forget()
        self._name, self._next = name, self._clock() + self._pause
        self._pause = min(2 * self._pause, _MOST)
        why = " ".join((str(error) if isinstance(error, _EXPECTED) else f"{type(error).__name__}: {error}").split())
        said, self._why = self._why, why
        return "" if why == said else why
