"""The process that serves: sockets, signals, and the change from one release to the next."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop

from kg.errors import KgError
from kg.publish.frame import ENDPOINT
from kg.publish.release import Release
from kg.serve.about import about
from kg.serve.app import App, Serving
from kg.serve.clients import Clients
from kg.serve.connection import connection
from kg.serve.description import description
from kg.serve.endpoint import Endpoint
from kg.serve.pool import Pool
from kg.serve.reconcile import Reconciler
from kg.serve.resources import resources
from kg.serve.settings import Settings
from kg.serve.site import Site
from kg.serve.store import store_folder

_SECONDS_BETWEEN_LOOKS: Final = 1.0
_SECONDS_TO_END: Final = 5


def serve(path: Path, settings: Settings, say: Callable[[str], object]) -> None:
    """Serve the release at a path until a signal ends it. Raises KgError where that cannot be done."""
    try:
        listener = socket.create_server((settings.host, settings.port), family=_family(settings.host), backlog=2048)
    except OSError as error:
        raise KgError(f"{settings.host}:{settings.port}: cannot listen here: {error.strerror}; name another --port") from None
    with listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(path, settings, listener, say))


class _Server(uvicorn.Server):
    """Ends with what it has begun, and then returns: uvicorn's own would raise the signal again, and end the process by it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``_serve``, which heeds them before it says that it is there."""
        yield


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def _serve(path: Path, settings: Settings, listener: socket.socket, say: Callable[[str], object]) -> None:
    clients = Clients(settings.limits)
    serving = await _open(path, settings, clients)
    app = App(serving, settings.limits, _log if settings.log else None)
    server = _Server(_config(app, settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):  # a second one does not wait for what has begun
        loop.add_signal_handler(number, server.handle_exit, number, None)
    look = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, look.set)
    changes = asyncio.create_task(_follow(look, path, settings, clients, app, say))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"{path} is served at http://{host}:{listener.getsockname()[1]}/ (SPARQL at /{ENDPOINT}); Ctrl+C ends it")
    try:
        await server.serve(sockets=[listener])
    finally:
        changes.cancel()
        await asyncio.gather(changes, return_exceptions=True)
        await app.serving.pool.close()


def _config(app: App, settings: Settings) -> uvicorn.Config:
    believed: dict[str, Any] = {"proxy_headers": settings.proxy is not None, "forwarded_allow_ips": settings.proxy}
    return uvicorn.Config(
        app,
        http=connection(settings.limits),
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        limit_concurrency=settings.limits.connections,
        timeout_graceful_shutdown=_SECONDS_TO_END,
        **believed,
    )


async def _open(path: Path, settings: Settings, clients: Clients) -> Serving:
    """Everything that answers for the release that is at a path now."""
    limits = settings.limits
    release = await asyncio.to_thread(_resolved, path)
    folder = await asyncio.to_thread(store_folder, release, path)
    said = await asyncio.to_thread(about, release)
    base = release.manifest["base"]
    setup = {
        "store": str(folder),
        "base": base,
        "prefixes": said.prefixes.namespaces,
        "answer": int(limits.answer_size * (1 << 20)),
        "memory": limits.memory << 20,
        "timeout": limits.timeout,
        "queries": limits.worker_queries,
    }
    pool = Pool(setup, settings.workers, limits)
    described = await asyncio.to_thread(description, base + ENDPOINT, said, base, limits)
    site = Site(await asyncio.to_thread(resources, release, said), limits.cache_size << 20)
    reconciler = await asyncio.to_thread(Reconciler, release.path, base, limits)
    await pool.start()
    return Serving(site, reconciler, Endpoint(pool, clients, described, limits), pool, release.path.name)


def _resolved(path: Path) -> Release:
    """The release itself, not the link to it, which may soon lead to another."""
    return Release.open(Release.open(path).path.resolve())


async def _follow(look: asyncio.Event, path: Path, settings: Settings, clients: Clients, app: App, say: Callable[[str], object]) -> None:
    """Serve the new release where another takes the place of the one that is served; ``look`` says to look at once."""
    refused = ""
    while True:
        try:
            async with asyncio.timeout(_SECONDS_BETWEEN_LOOKS):
                await look.wait()
        except TimeoutError:
            pass
        look.clear()
        there = path.resolve().name
        if there in (app.serving.name, refused):
            continue
        try:
            new = await _open(path, settings, clients)
        except (KgError, OSError, ValueError, KeyError) as error:
            refused = there
            say(f"{path}: the new release cannot be served, the old one still is: {error}")
            continue
        old, app.serving = app.serving, new
        say(f"{path}: {new.name} is served in place of {old.name}")
        await old.pool.close(patient=True)


def _log(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
