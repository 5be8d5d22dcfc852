"""A release opened to be served: everything that answers for it, and what keeps it from being removed meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kg.publish.frame import ENDPOINT
from kg.publish.holding import Hold
from kg.publish.released import Release
from kg.serve.about import about
from kg.serve.app import Serving
from kg.serve.clients import Clients
from kg.serve.description import description
from kg.serve.dialect import Graphs
from kg.serve.endpoint import Endpoint
from kg.serve.engine import Engine
from kg.serve.held import Held
from kg.serve.holds import must_serve
from kg.serve.pool import Pool
from kg.serve.problem_page import ProblemPage
from kg.serve.reconcile import Reconciler
from kg.serve.resources import resources
from kg.serve.settings import Settings
from kg.serve.site import Site
from kg.serve.store import dump_of, fits_in_memory, store_folder
from kg.serve.supply import LOCAL, REMOTE, Supply
from kg.serve.trial import told, trial
from kg.serve.workers import Worker


async def opened(
    path: Path, settings: Settings, clients: Clients, say: Callable[[str], object], before: Site | None = None
) -> tuple[Serving, Hold]:
    """Everything that answers for the release that is at a path now, and what keeps it from being removed meanwhile."""
    release = await asyncio.to_thread(_resolved, path)
    with ExitStack() as undone:
        hold = Hold(release.path)
        undone.callback(hold.close)
        serving = await _serving(release, path, settings, clients, say, before)
        undone.pop_all()
    return serving, hold


async def _serving(
    release: Release, path: Path, settings: Settings, clients: Clients, say: Callable[[str], object], before: Site | None
) -> Serving:
    limits = settings.limits
    work = await asyncio.to_thread(_work, release, path, settings)
    said = await asyncio.to_thread(about, release)
    base = release.manifest["base"]
    setup = {
        **work,
        "base": base,
        "prefixes": said.prefixes.namespaces,
        "answer": int(limits.answer_size * (1 << 20)),
        "rows": limits.answer_rows,
        "memory": limits.memory << 20,
        "timeout": limits.timeout,
        "queries": limits.worker_queries,
    }
    encoded = json.dumps(setup).encode() + b"\n"
    module = REMOTE if settings.endpoint else LOCAL
    pool, held = Pool(Supply(lambda: Worker.spawn(module, encoded)), settings.workers, limits), None
    if settings.endpoint is None and fits_in_memory(release, limits):
        held = Held(encoded, max(1, settings.workers // 2), limits, lambda line: say(f"{path}: {line}"))
    described = await asyncio.to_thread(description, base + ENDPOINT, said, base, limits)
    there = await asyncio.to_thread(resources, release, said)
    site = Site(there, limits.cache_size << 20, before)
    if before is not None:
        site.keep(await asyncio.to_thread(lambda: list(before.named_by_pages())))
    reconciler = await asyncio.to_thread(Reconciler, release.path, base, limits, clients)
    try:
        await pool.start()
        if settings.endpoint:
            for line in told(settings.endpoint, *await trial(pool, release.path, settings.workers)):
                say(line)
    except BaseException:  # also where it is cancelled: it may be tried again, with workers of its own, and none of these may stay
        await pool.close()
        raise
    if held is not None:
        held.start()
    return Serving(site, ProblemPage(there), reconciler, Endpoint(pool, clients, described, limits, held), pool, held, release.path.name)


def _work(release: Release, path: Path, settings: Settings) -> dict[str, Any]:
    """What answers queries: the store of the release, or an engine that was found to hold it. Raises KgError."""
    if settings.endpoint is None:
        dump, expected = dump_of(release)
        return {"store": str(store_folder(release, path)), "dump": str(dump), "sha256": expected}
    there = must_serve(Engine(settings.endpoint), release)
    return {"endpoint": settings.endpoint, "dialect": there.dialect.name, "graphs": there.view if there.dialect.pragmas else Graphs()}


def _resolved(path: Path) -> Release:
    """The release itself, not the link to it, which may soon lead to another."""
    return Release.open(Release.open(path).path.resolve())
