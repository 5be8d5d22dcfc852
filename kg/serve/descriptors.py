"""Room for the connections of a server among the files that a process may have open, of which each connection is one."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kg.serve.settings import Settings

_EACH: Final = 2
"""A connection, and the file that is sent over it."""
_EACH_WORKER: Final = 12
"""What a worker is asked by, on disk and in memory, of a release and of the next that takes its place, and while it begins."""
_BESIDE: Final = 128
"""What is open besides, and connections that are told that all are taken."""


def with_room(settings: Settings, say: Callable[[str], object]) -> Settings:
    """The settings, with no more connections than there is room for; so much room is made as they need, and the process may have.

    Where none is left, a new connection would be cut off without a word.
    """
    wanted, beside = settings.limits.connections, _BESIDE + _EACH_WORKER * (settings.workers + 1)
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = beside + _EACH * wanted
    asked = min(needed, most)
    if now < asked:
        resource.setrlimit(resource.RLIMIT_NOFILE, (asked, most))
    if needed <= most:
        return settings
    room = max(1, (most - beside) // _EACH)
    say(f"no more than {room:,} connections at one time, in place of {wanted:,}: a process may have {most:,} files open here (ulimit -Hn)")
    return replace(settings, limits=replace(settings.limits, connections=room))
