"""The process that holds a release in memory: it answers nothing itself, and forks workers, which do.

It begins as a single thread and stays one, so that what is forked is whole. Its own standard input is the socket over which it is asked
(``kg.serve.forks``); a worker's standard input and output are the socket that came with the request.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import socket
from typing import Any, Final

from pyoxigraph import Store

from kg.serve.store import load
from kg.serve.worker import answer, begin, confine, work

_SETUP: Final = 1 << 20
_NICE: Final = 5  # what is short comes before what is long
_FIRST_OTHER: Final = 3
"""The first descriptor that is neither standard input, output nor error."""


def main() -> None:
    """Load the dump, say so, and fork a worker for each socket that comes, until there is nobody to send any."""
    control = socket.socket(fileno=os.dup(0))
    setup = begin(control.recv(_SETUP))
    os.nice(_NICE)
    store = Store()
    load(store, setup["dump"], setup["sha256"], in_memory=True)
    gc.freeze()  # what is there stays, so that no worker writes to it
    _say(control, {"what": "ready"})
    watched = select.poll()
    watched.register(control, select.POLLIN)
    living: dict[int, int] = {}
    while True:
        for descriptor, _ in watched.poll():
            if descriptor in living:
                watched.unregister(descriptor)
                os.close(descriptor)
                pid, status = os.waitpid(living.pop(descriptor), 0)
                _say(control, {"what": "ended", "pid": pid, "code": os.waitstatus_to_exitcode(status)})
                continue
            asked, sockets, _, _ = socket.recv_fds(control, 1, 1)
            if not asked:
                os._exit(0)  # nobody needs the memory put in order
            with socket.socket(fileno=sockets[0]) as end:
                forked = _fork(end, store, setup)
            if isinstance(forked, int):
                living[pidfd := os.pidfd_open(forked)] = forked
                watched.register(pidfd, select.POLLIN)
                _say(control, {"what": "born", "pid": forked}, pidfd)
            else:
                _say(control, {"what": "failed", "said": forked})


def _fork(end: socket.socket, store: Store, setup: dict[str, Any]) -> int | str:
    """The number of a new worker, or why there is none; the worker does not return."""
    try:
        pid = os.fork()
    except OSError as error:
        return error.strerror or str(error)
    if pid:
        return pid
    try:
        os.dup2(end.fileno(), 0)
        os.dup2(end.fileno(), 1)
        os.closerange(_FIRST_OTHER, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        confine(setup)
        work(setup, lambda job: answer(store, setup, job))
    finally:
        os._exit(1)


def _say(control: socket.socket, message: dict[str, Any], *descriptors: int) -> None:
    socket.send_fds(control, [json.dumps(message).encode()], descriptors)


if __name__ == "__main__":
    main()
