"""The child that answers queries: it reads one store, can open nothing else, and ends where it would take too much.

Jobs come on standard input and answers leave on standard output, each a line of JSON and then as many bytes as it says.
An answer is made whole before any of it leaves, so that one that breaks off is never taken for a whole one.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections import deque
from collections.abc import Callable
from itertools import count, islice
from pathlib import Path
from typing import IO, Any, Final

from pyoxigraph import NamedNode, Quad, QueryTriples, Store

from kg.serve.written import TYPES, TooLargeError, TooManyRowsError, UnsayableError, graph_as, known, rows_as

_NICE: Final = 5  # pages come first
_LOOKS: Final = 2_000
"""So many statements are looked up in vain before the files of a store that are still closed are left so."""
_AT_ONCE: Final = 50
_DESCRIPTORS: Final = Path("/proc/self/fd")


def answer(store: Store, setup: dict[str, Any], job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The answer to a job: how it went, and its bytes. The data alone decides the bytes: graphs are sorted."""
    graphs = {key: None if job[key] is None else [NamedNode(iri) for iri in job[key]] for key in ("default", "named")}
    union: dict[str, Any] = {"use_default_graph_as_union": True} if job["union"] else {}
    if graphs["default"] is not None:
        union = {"default_graph": graphs["default"], "named_graphs": graphs["named"]}
    limits = setup["answer"], setup["rows"]
    try:
        result = store.query(job["query"], base_iri=setup["base"], prefixes=known(setup["prefixes"], job["query"]), **union)
        is_graph = isinstance(result, QueryTriples)
        wanted = job["graph"] if is_graph else job["results"]
        if wanted is None:
            return {"status": "not-acceptable", "graph": is_graph}, b""
        if isinstance(result, QueryTriples):
            body = graph_as(result, wanted, setup["prefixes"], *limits)
        else:
            body = rows_as(result, wanted, *limits)
    except TooLargeError:
        return {"status": "too-large"}, b""
    except TooManyRowsError:
        return {"status": "too-many-rows"}, b""
    except UnsayableError as error:
        return {"status": error.kind, "graph": is_graph}, b""
    except MemoryError:
        return {"status": "memory"}, b""
    except SyntaxError as error:
        return {"status": "syntax", "said": str(error.msg)}, b""
    except (ValueError, OSError, RuntimeError) as error:
        return {"status": "failed", "said": str(error)}, b""
    return {"status": "ok", "type": TYPES[wanted]}, body


def limit_memory(setup: dict[str, Any]) -> None:
    """No more memory can be taken from here on than allowed."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        taken = int(file.read().split()[0]) * resource.getpagesize()
    size = taken + setup["memory"]
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def confine(setup: dict[str, Any], closed: int = 0) -> None:
    """No file and no socket can be opened from here on either, but for as many as files of the store are ``closed``."""
    limit_memory(setup)
    limit = 0
    if closed:
        taken = {int(path.name) for path in _DESCRIPTORS.iterdir() if path.exists()}
        limit = next(islice((number for number in count() if number not in taken), closed - 1, None)) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Open the store, give up what is not needed, say so, and answer job after job until there are no more."""
    setup = begin(sys.stdin.buffer.readline())
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the engine closes files again where it may not have many
    store = Store.read_only(setup["store"])
    confine(setup, open_all(store, Path(setup["store"])))
    work(setup, lambda job: answer(store, setup, job))


def begin(said: bytes) -> dict[str, Any]:
    """What the parent says to begin with, a line of JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, to everyone; the parent ends its workers
    os.nice(_NICE)
    setup: dict[str, Any] = json.loads(said)
    return setup


def work(setup: dict[str, Any], answer: Callable[[dict[str, Any]], tuple[dict[str, Any], bytes]]) -> None:
    """Say that the worker is ready, and answer job after job."""
    base = _resident()
    _send(sys.stdout.buffer, {"status": "ready"}, b"")
    for served, line in enumerate(iter(sys.stdin.buffer.readline, b""), 1):
        # no handler: it has to end the process in the midst of the engine, also where no parent is left to do it
        signal.setitimer(signal.ITIMER_REAL, setup["timeout"] + 1)
        header, body = answer(json.loads(line))
        signal.setitimer(signal.ITIMER_REAL, 0)
        last = served >= setup["queries"] or _resident() > base + setup["memory"] // 2
        _send(sys.stdout.buffer, {**header, "last": last}, body)
        if last:
            break
    os._exit(0)  # the store was only read; there is nothing to put away


def open_all(store: Store, folder: Path) -> int:
    """Look up statements all over a store until all of its files are open; how many are not, if that has no end.

    The engine opens only some files by itself. One that it cannot open later is, for some queries, an error without end in its memory.
    Terms are in the order of their hashes, so what statements name leads from any place of the store to any other.
    """
    files = sum(1 for _ in folder.glob("*.sst"))
    next(iter(store.named_graphs()), None)
    queue: deque[Quad] = deque(islice(store, _AT_ONCE))
    seen: set[object] = set()
    closed, looked = files, 0
    while (now := files - _opened()) > 0 and queue and looked < _LOOKS:
        closed, looked = now, looked if now == closed else 0
        for quad in [queue.popleft() for _ in range(min(_AT_ONCE, len(queue)))]:
            terms: tuple[Any, ...] = (quad.subject, quad.predicate, quad.object, quad.graph_name)
            for mask in range(16):
                next(iter(store.quads_for_pattern(*(term if mask >> at & 1 else None for at, term in enumerate(terms)))), None)
            for term in {quad.object, quad.subject} - seen:
                seen.add(term)
                queue.extend(islice(store.quads_for_pattern(None, None, term, None), _AT_ONCE))
                if isinstance(term, NamedNode):
                    queue.extend(islice(store.quads_for_pattern(term, None, None, None), _AT_ONCE))
            looked += 1
    return max(now, 0)


def _opened() -> int:
    """How many files of the store are open."""
    return sum(path.readlink().suffix == ".sst" for path in _DESCRIPTORS.iterdir() if path.is_symlink() and path.exists())


def _send(out: IO[bytes], header: dict[str, Any], body: bytes) -> None:
    out.write(json.dumps({**header, "length": len(body)}).encode() + b"\n" + body)
    out.flush()


if __name__ == "__main__":
    main()
