"""What runaway queries and killed workers cost others: latencies of ten well-behaved clients, as a table. Run by hand.

    python -m tests.benchmarks.isolation release 10

The second number is the seconds of each row, after three in which the runaways alone make themselves known. Machines are noisy, and
here the load comes from the machine that serves: compare the rows with the first one. A good query that is refused with
Retry-After is asked once more; what fails then is an error.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.serving import Server, serving

_CLIENTS = 10
_PAUSE = 0.05
_SLOW = 500
_WARM_UP = 3
_RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_GOOD = "SELECT ?fact ?isotype { ?fact rf:supplies ?isotype }"


@contextmanager
def _looping(count: int, work: Callable[[int], None]) -> Iterator[None]:
    """So many threads that do something over and over."""
    stop = threading.Event()

    def loop(number: int) -> None:
        while not stop.is_set():
            work(number)

    threads = [threading.Thread(target=loop, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()


def _row(server: Server, seconds: float, beside: Callable[[Server, ExitStack], None]) -> str:
    queries: list[float] = []
    pages: list[float] = []
    errors: list[int] = []
    retries: list[int] = []

    def good(number: int) -> None:
        client = f"127.0.1.{number + 1}"
        start = time.monotonic()
        answer = server.query(f"{_GOOD} # {number} {start}", client=client)
        if answer.status != 200 and answer.headers.get("retry-after"):
            retries.append(answer.status)
            answer = server.query(f"{_GOOD} # {number} {start} again", client=client)
        queries.append(time.monotonic() - start)
        start = time.monotonic()
        page = server.ask("/disease/MONDO_0010626.html", client=client)
        pages.append(time.monotonic() - start)
        errors.extend(each.status for each in (answer, page) if each.status != 200)
        time.sleep(_PAUSE)

    with ExitStack() as stack:
        beside(server, stack)
        time.sleep(_WARM_UP)
        with _looping(_CLIENTS, good):
            time.sleep(seconds)
    figures = [_percentile(times, share) * 1000 for times in (queries, pages) for share in (0.5, 0.99)]
    return "".join(f"{figure:12.1f}" for figure in figures) + f"{len(queries):9}{len(retries):9}{len(errors):8}"


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def _runaways(count: int, clients: int) -> Callable[[Server, ExitStack], None]:
    def ask(server: Server, number: int) -> None:
        answer = server.query(_RUNAWAY, client=f"127.0.2.{number % clients + 1}")
        if answer.status == 429:
            time.sleep(0.1)

    return lambda server, stack: stack.enter_context(_looping(count, lambda number: ask(server, number)))


def _killer(server: Server, stack: ExitStack) -> None:
    dice = random.Random(7)  # noqa: S311 (which worker, not a secret)

    def kill(_: int) -> None:
        time.sleep(0.2)
        if server.workers:
            os.kill(dice.choice(server.workers), signal.SIGKILL)

    stack.enter_context(_looping(1, kill))


def _slow(server: Server, stack: ExitStack) -> None:
    """Connections that send a byte of a head each second, and come again where they are cut off."""
    there: list[socket.socket] = []

    def drip(_: int) -> None:
        while len(there) < _SLOW:
            there.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port))))
            there[-1].send(b"GET / HTTP/1.1\r\nX: ")
        for connection in [*there]:
            try:
                connection.send(b"x")
            except OSError:
                there.remove(connection)
        time.sleep(1)

    stack.enter_context(_looping(1, drip))


def main(release: str, seconds: float, *options: str) -> None:
    """Print the table."""
    print(f"{'':34}{'query p50':>12}{'p99, ms':>12}{'page p50':>12}{'p99, ms':>12}{'queries':>9}{'retries':>9}{'errors':>8}")
    rows = {
        "alone": lambda server, stack: None,
        "beside 8 runaways of one client": _runaways(8, 1),
        "beside 8 runaways of 8 clients": _runaways(8, 8),
        "with a worker killed each 200 ms": _killer,
        f"beside {_SLOW} slow connections": _slow,
    }
    for name, beside in rows.items():
        with serving(Path(release), *options) as server:
            server.until_in_memory()
            print(f"{name:34}{_row(server, seconds, beside)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
