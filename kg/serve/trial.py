"""Whether what answers queries answers them rightly: the questions of a release are asked, and their rows compared with its own.

An engine may hold every triple of a release and still give other rows, or none, to a query of SPARQL 1.1. Who runs the server
is told of it by name, before anybody is served.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kg.formats import CSV, SPARQL
from kg.serve.clients import Account
from kg.serve.pool import BusyError, GaveWayError, Pool, TimeLimitError
from kg.serve.workers import DiedError

_FOLDER = "question"


async def trial(pool: Pool, folder: Path, at_once: int) -> tuple[list[str], list[str]]:
    """The questions of a release that are answered with other rows, and those that are not answered."""
    account = Account(1.0, time.monotonic)
    some = asyncio.Semaphore(at_once)

    async def ask(path: Path) -> tuple[dict[str, Any], bytes]:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        job = {"query": text, "default": None, "named": None, "union": True, "results": CSV, "graph": None}
        async with some:
            try:
                return await pool.ask(job, account)
            except (BusyError, TimeLimitError, GaveWayError, DiedError):
                return {"status": "failed"}, b""

    paths = sorted((folder / _FOLDER).glob(f"*.{SPARQL}"))
    answers = dict(zip(paths, await asyncio.gather(*map(ask, paths)), strict=True))
    other = [
        path for path, (header, body) in answers.items() if header["status"] == "ok" and body != path.with_suffix(f".{CSV}").read_bytes()
    ]
    return _names(other), _names(path for path, (header, _) in answers.items() if header["status"] != "ok")


def _names(paths: Iterable[Path]) -> list[str]:
    return [path.stem for path in paths]


def told(endpoint: str, other: list[str], missing: list[str]) -> list[str]:
    """What there is to say of a trial, in lines."""
    found = [(other, "answers with OTHER ROWS than the release has"), (missing, "does not answer")]
    return [f"warning: {endpoint}: {what}: {', '.join(names)}" for names, what in found if names]
