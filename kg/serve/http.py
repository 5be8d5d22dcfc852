"""Connections and their end, by uvicorn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import uvicorn

from kg.serve.app import App
from kg.serve.connection import connection
from kg.serve.reload import Reload
from kg.serve.settings import Settings

_SECONDS_TO_END: Final = 5
_SECONDS_TO_ANSWER: Final = 4


class Http(uvicorn.Server):
    """Ends with what it has begun, and then returns: uvicorn's own would raise the signal again, and end the process by it.

    What is not answered in good time is answered with a problem: uvicorn would cancel it, and say that the server failed.
    """

    reload: Reload | None = None

    def __init__(self, app: App, settings: Settings) -> None:
        super().__init__(_config(app, settings))
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, and answer those that there are."""
        late = asyncio.create_task(self._end_late())
        try:
            await super().shutdown(sockets)
        finally:
            late.cancel()
        await self._app.end()

    async def _end_late(self) -> None:
        await asyncio.sleep(_SECONDS_TO_ANSWER)
        await self._app.end()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end, also with what is held back until there is something to tell."""
        if self.reload is not None:
            self.reload.ended = True
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to ``_serve``, which heeds them before it says that it is there."""
        yield


def _config(app: App, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves an application."""
    believed: dict[str, Any] = {"proxy_headers": settings.proxy is not None, "forwarded_allow_ips": settings.proxy}
    return uvicorn.Config(
        app,
        http=connection(settings.limits),
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
        **believed,
    )
