"""The process that serves: sockets, signals, and the change from one release to the next."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import uvloop

from kg.errors import KgError
from kg.publish.frame import ENDPOINT
from kg.publish.holding import Hold
from kg.serve.app import App
from kg.serve.clients import Clients
from kg.serve.descriptors import with_room
from kg.serve.http import Http
from kg.serve.opened import opened
from kg.serve.previews import Previews
from kg.serve.rebuild import rebuild
from kg.serve.reload import Reload
from kg.serve.settings import Settings, Watched
from kg.serve.tries import Tries

_SECONDS_BETWEEN_LOOKS: Final = 1.0


def bound(settings: Settings) -> socket.socket:
    """A socket at the address to serve at, which nobody can connect to yet: to be had before a release is built. Raises KgError."""
    listener = socket.socket(_family(settings.host))
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise _refused(settings, error) from None
    return listener


def serve(path: Path, settings: Settings, listener: socket.socket, say: Callable[[str], object], data: Watched | None = None) -> None:
    """Serve the release at a path until a signal ends it; with ``data``, it is built again from there at each save.

    Raises KgError where that cannot be done.
    """
    settings = with_room(settings, say)
    try:
        listener.listen(2048)
    except OSError as error:
        raise _refused(settings, error) from None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(path, settings, listener, say, data))


def _refused(settings: Settings, error: OSError) -> KgError:
    return KgError(f"{settings.host}:{settings.port}: cannot listen here: {error.strerror}; name another --port")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def _serve(path: Path, settings: Settings, listener: socket.socket, say: Callable[[str], object], data: Watched | None) -> None:
    clients = Clients(settings.limits)
    serving, hold = await opened(path, settings, clients, say)
    previews = Previews(data.folder, data.since, say) if data else None
    reload = Reload(previews) if previews else None
    app = App(serving, settings.limits, _log if settings.log else None, reload)
    server = Http(app, settings)
    server.reload = reload
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):  # a second one does not wait for what has begun
        loop.add_signal_handler(number, server.handle_exit, number, None)
    look = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, look.set)
    beside = [asyncio.create_task(_follow(look, path, settings, clients, app, hold, say, previews))]
    if data and previews:
        beside += [
            asyncio.create_task(rebuild(data.folder, path, data.since, previews.of_build, previews.built, look.set)),
            asyncio.create_task(previews.follow()),
        ]
    for task in beside:
        task.add_done_callback(partial(_told, say))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"{path} is served at http://{host}:{listener.getsockname()[1]}/ (SPARQL at /{ENDPOINT}); Ctrl+C ends it")
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await app.serving.close()


def _told(say: Callable[[str], object], task: asyncio.Task[None]) -> None:
    """Say what ended a task that was to go on; its work is done again when the server is begun again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        say(f"what is saved, or takes the place of the release, is not seen any more until kg serve is begun again: {error!r}")


async def _follow(
    look: asyncio.Event,
    path: Path,
    settings: Settings,
    clients: Clients,
    app: App,
    hold: Hold,
    say: Callable[[str], object],
    previews: Previews | None,
) -> None:
    """Serve the new release where another takes the place of the one that is served; ``look`` says to look at once.

    Whatever is wrong with a new release, the one that is served stays, and the new one is tried again.
    """
    tries = Tries()
    while True:
        try:
            async with asyncio.timeout(_SECONDS_BETWEEN_LOOKS):
                await look.wait()
        except TimeoutError:
            pass
        if look.is_set():
            tries.forget()
        look.clear()
        there = _name(path)
        if there == app.serving.name and previews:
            previews.served(app.serving.name)
        if there == app.serving.name or not tries.is_due(there):
            continue
        try:
            new, new_hold = await opened(path, settings, clients, say, app.serving.site)
        except Exception as error:  # also a mistake of ours: the releases after it may have nothing of it
            if why := tries.failed(there, error):
                say(f"{path}: the new release cannot be served, the old one still is: {why}")
            continue
        tries.forget()
        old, app.serving = app.serving, new
        say(f"{path}: {new.name} is served in place of {old.name}")
        if previews:
            previews.served(app.serving.name)
        try:
            await old.close(patient=True)
        except asyncio.CancelledError:
            await old.close()
            raise
        hold.close()
        hold = new_hold


def _name(path: Path) -> str:
    """The name of the release that is at a path; nothing where that leads nowhere."""
    try:
        return path.resolve().name
    except (OSError, RuntimeError):  # links that lead to each other
        return ""


def _log(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
