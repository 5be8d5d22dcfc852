"""What those who run the server ask it: whether it is well, and how much it has done."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kg.serve.pool import Pool
from kg.serve.reply import Reply

_FRESH = ("cache-control", "no-store")


def health(pool: Pool, held: Pool | None, release: str) -> Reply:
    """200 while there are workers, 503 while there are none (pages are served even then)."""
    alive, in_memory = pool.supply.alive, held.supply.alive if held else 0
    body = {"status": "pass" if alive else "fail", "release": release, "workers": alive, "free": pool.free, "inMemory": in_memory}
    return Reply(200 if alive else 503, (("content-type", "application/json"), _FRESH), json.dumps(body).encode() + b"\n")


def metrics(pool: Pool, held: Pool | None, answered: Mapping[int, int], seconds: float) -> Reply:
    """Counts in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    lines = ["# TYPE kg_responses_total counter"]
    lines += [f'kg_responses_total{{status="{status}"}} {count}' for status, count in sorted(answered.items())]
    lines += ["# TYPE kg_response_seconds_total counter", f"kg_response_seconds_total {seconds:.6f}"]
    gauges = {"kg_workers": pool.supply.alive, "kg_workers_free": pool.free}
    gauges |= {"kg_workers_in_memory": held.supply.alive if held else 0, "kg_workers_in_memory_free": held.free if held else 0}
    counters = {"kg_workers_killed_total": pool.killed, "kg_workers_died_total": pool.died, "kg_workers_crashed_total": pool.crashed}
    for kind, values in (("gauge", gauges), ("counter", counters)):
        for name, value in values.items():
            lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
    headers = (("content-type", "text/plain; version=0.0.4; charset=utf-8"), _FRESH)
    return Reply(200, headers, "".join(f"{line}\n" for line in lines).encode())
