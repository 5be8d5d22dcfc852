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
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import IO, Any

from pyoxigraph import NamedNode, QueryBoolean, QueryTriples, Store, Triple, serialize

from kg.formats import GRAPH_OFFERS, GRAPHS, RESULT_OFFERS, RESULTS

_NICE = 5  # pages come first
_GRAPHS = {format.name: format for format in GRAPHS}
TYPES = {offer.name: offer.media_type for offer in (*RESULT_OFFERS, *GRAPH_OFFERS)}


class TooLargeError(Exception):
    """The answer is larger than it may be."""


class Bounded(BytesIO):
    """Bytes in memory that refuse to become more than a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any, /) -> int:
        """Append, unless that is too much."""
        if self.tell() + len(data) > self._limit:
            raise TooLargeError
        return super().write(data)


def answer(store: Store, setup: dict[str, Any], job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The answer to a job: how it went, and its bytes. The data alone decides the bytes: graphs are sorted."""
    graphs = {key: None if job[key] is None else [NamedNode(iri) for iri in job[key]] for key in ("default", "named")}
    union: dict[str, Any] = {"use_default_graph_as_union": True} if job["union"] else {}
    if graphs["default"] is not None:
        union = {"default_graph": graphs["default"], "named_graphs": graphs["named"]}
    limit = setup["answer"]
    out = Bounded(limit)
    try:
        result = store.query(job["query"], base_iri=setup["base"], prefixes=_known(setup["prefixes"], job["query"]), **union)
        wanted = job["graph"] if isinstance(result, QueryTriples) else job["results"]
        if wanted is None:
            return {"status": "not-acceptable", "graph": isinstance(result, QueryTriples)}, b""
        if isinstance(result, QueryTriples):
            write_graph(result, wanted, setup["prefixes"], out, limit)
        elif isinstance(result, QueryBoolean) and wanted in ("csv", "tsv"):
            out.write(b"true\n" if result else b"false\n")
        else:
            result.serialize(out, RESULTS[wanted])
    except TooLargeError:
        return {"status": "too-large"}, b""
    except MemoryError:
        return {"status": "memory"}, b""
    except SyntaxError as error:
        return {"status": "syntax", "said": str(error.msg)}, b""
    except (ValueError, OSError, RuntimeError) as error:
        return {"status": "failed", "said": str(error)}, b""
    return {"status": "ok", "type": TYPES[wanted]}, out.getvalue()


def _known(prefixes: dict[str, str], query: str) -> dict[str, str]:
    """The prefixes that a query may use: the engine takes longer to parse all of them than for many a query itself."""
    return prefixes if "\\" in query else {name: iri for name, iri in prefixes.items() if f"{name}:" in query}


def write_graph(result: Iterable[Triple], wanted: str, prefixes: dict[str, str], out: IO[bytes], limit: int) -> None:
    """Each triple once and sorted; written only with the prefixes that it needs."""
    found: dict[str, Any] = {}
    size = 0
    for triple in result:
        text = str(triple)
        if text not in found:
            found[text] = triple
            size += len(text)
            if size > 4 * limit:  # what is written has prefixes, and may be this much shorter
                raise TooLargeError
    ordered = [found[text] for text in sorted(found)]
    format = _GRAPHS[wanted].rdf
    used = {name: iri for name, iri in prefixes.items() if any(f"<{iri}" in text for text in found)}
    serialize(ordered, out, format, prefixes=used)


def limit_memory(setup: dict[str, Any]) -> None:
    """No more memory can be taken from here on than allowed."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        taken = int(file.read().split()[0]) * resource.getpagesize()
    size = taken + setup["memory"]
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _confine(setup: dict[str, Any]) -> None:
    """No file and no socket can be opened from here on either."""
    limit_memory(setup)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Open the store, give up what is not needed, say so, and answer job after job until there are no more."""
    setup = begin()
    store = Store.read_only(setup["store"])
    _warm(store)
    _confine(setup)
    work(setup, lambda job: answer(store, setup, job))


def begin() -> dict[str, Any]:
    """What the parent says to begin with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, to everyone; the parent ends its workers
    os.nice(_NICE)
    setup: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
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


def _warm(store: Store) -> None:
    """Read from each index once, so that all files of the store are open before none can be."""
    quad = next(iter(store), None)
    if quad is None:
        return
    terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    for mask in range(16):
        next(iter(store.quads_for_pattern(*(term if mask >> at & 1 else None for at, term in enumerate(terms)))), None)


def _send(out: IO[bytes], header: dict[str, Any], body: bytes) -> None:
    out.write(json.dumps({**header, "length": len(body)}).encode() + b"\n" + body)
    out.flush()


if __name__ == "__main__":
    main()
