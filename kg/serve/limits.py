"""The one table of limits of the server. Each is an option of ``kg serve`` and stands in the service description."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from kg import limits


def _limit(value: float, unit: str, what: str) -> Any:
    return field(default=value, metadata={"unit": unit, "what": what})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, one query and one connection may take."""

    timeout: float = _limit(10.0, "s", "wall time of a query; then its worker is killed, and the answer is 503")
    memory: int = _limit(512, "MB", "memory of a query on top of what a worker needs; beyond it the worker ends, and the answer is 503")
    first: float = _limit(
        1.0, "s", "time of a query on disk, and half of its time at most, before it begins again in memory, if the release is held there"
    )
    hold: int = _limit(4096, "MB", "memory that a release may take, and a quarter of the machine's at most; a larger one is on disk only")
    answer_size: float = _limit(8.0, "MB", "size of an answer; beyond it the answer is 413, and nothing of it is sent")
    answer_rows: int = _limit(100_000, "rows", "rows, or triples, of an answer; beyond it the answer is 413, and nothing of it is sent")
    query_bytes: int = _limit(limits.QUERY_BYTES, "bytes", "length of a query, in UTF-8")
    query_depth: int = _limit(limits.QUERY_DEPTH, "levels", "nesting of brackets in a query")
    query_steps: int = _limit(limits.QUERY_STEPS, "steps", "triple patterns and steps of paths in a query")
    in_flight: int = _limit(2, "queries", "queries of one client that run or wait at one time; one more is 429")
    budget: float = _limit(20.0, "s/min", "time on workers and for /reconcile that one client may use in a minute; beyond it, 429")
    light: float = _limit(0.2, "s", "time on workers in a minute up to which a client has the right of way before those that used more")
    queue_wait: float = _limit(2.0, "s", "wait for a free worker; then the answer is 503")
    queue_length: int = _limit(100, "queries", "queries that may wait for a worker; one more is 503 at once")
    worker_queries: int = _limit(10_000, "queries", "queries after which a worker is replaced")
    cache_size: int = _limit(32, "MB", "answers that are kept, as much again of files, and of those that pages of releases before name")
    reconcile_queries: int = _limit(50, "queries", "queries of one batch to /reconcile; a longer batch is 413")
    reconcile_text: int = _limit(500, "characters", "length of a name to be reconciled; a longer one is 400")
    reconcile_time: float = _limit(5.0, "s", "time for a batch to /reconcile; then the answer is 503")
    request_time: float = _limit(10.0, "s", "time in which the head of a request, and then its body, must have come")
    send_time: float = _limit(60.0, "s", "time in which a client must take each part of an answer")
    connections: int = _limit(1000, "connections", "connections at one time; one more takes the place of an idle one, or is 503")


class Limit(NamedTuple):
    """A limit for people: its name as an option, its value, its unit, and what happens."""

    name: str
    value: float
    unit: str
    what: str


def table(values: Limits) -> list[Limit]:
    """The limits in the order of the table."""
    return [Limit(f.name.replace("_", "-"), getattr(values, f.name), f.metadata["unit"], f.metadata["what"]) for f in fields(values)]
