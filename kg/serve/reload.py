"""Pages that load themselves again when another release is served: only under ``kg serve --watch``, and nothing of it is in a release.

Each page gets a script more on its way out, which waits for an event (https://html.spec.whatwg.org/multipage/server-sent-events.html)
that tells of a release other than that of the page, or of another preview. Script and event come from the server itself, so the policy of
the pages holds.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

from kg.serve.previews import Previews
from kg.serve.problems import method_not_allowed
from kg.serve.reply import Reply, Stretch
from kg.serve.site import Site

SCRIPT, EVENTS = "-/reload.js", "-/release"
_CODE: Final = f"""\
"use strict";
{{
  const release = new URL(document.currentScript.src).search;
  new EventSource("/{EVENTS}" + release).addEventListener("message", () => location.reload());
}}
"""
_FRESH: Final = ("cache-control", "no-store")
_ABOUT_COPIES: Final = ("accept-encoding", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "range", "if-range")
_MAIN: Final = re.compile(rb"<main\b[^<>]*>")
_SECONDS: Final = 20.0
"""So long an answer is held back where there is nothing to tell; then the browser asks again."""
_BETWEEN_LOOKS: Final = 0.1


class Reload:
    """What answers for pages that load themselves again, until it is told to end."""

    def __init__(self, previews: Previews) -> None:
        self.ended = False
        self._previews = previews

    async def reply(self, method: str, path: str, query: str, name: Callable[[], str]) -> Reply | None:
        """The script, or the event that tells of another release than the one that is asked about; nothing for other paths.

        Raises Problem.
        """
        if path not in (SCRIPT, EVENTS):
            return None
        if method not in ("GET", "HEAD"):
            raise method_not_allowed(method, "GET, HEAD")
        if path == SCRIPT:
            return Reply(200, (("content-type", "text/javascript; charset=utf-8"), _FRESH), _CODE.encode())
        loop = asyncio.get_running_loop()
        end, page = loop.time() + _SECONDS, unquote(query).split(" ", 2)[-1]
        while (same := self._shown(name(), page) == query) and loop.time() < end and not self.ended:
            await asyncio.sleep(_BETWEEN_LOOKS)
        told = ": nothing new\n\n" if same else f"data: {name()}\n\n"
        return Reply(200, (("content-type", "text/event-stream"), _FRESH), f"retry: 500\n{told}".encode())

    def page(self, site: Site, name: str, path: str, reply: Callable[[Site], Reply]) -> Reply:
        """What a release of that name replies, with what is previewed in its place; pages with the script. Raises Problem."""
        return _with_script(reply(self._previews.over(site)), self._shown(name, path), self._previews.notice(path))

    def _shown(self, name: str, path: str) -> str:
        """By what a page knows whether it shows what is there now: the release, its preview, and which page it is, for an address."""
        return quote(f"{name} {self._previews.version(path)} {path}")


def without_copies(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request without what would be answered by less than a whole page as it is on disk."""
    return {name: value for name, value in headers.items() if name not in _ABOUT_COPIES}


def _with_script(reply: Reply, shown: str, notice: str) -> Reply:
    """A page with the script, and a notice in HTML at its beginning, and not to be kept; anything else as it is."""
    if not dict(reply.headers).get("content-type", "").startswith("text/html"):
        return reply
    body = _whole(reply.body) if isinstance(reply.body, Stretch) else reply.body
    kept = tuple(header for header in reply.headers if header[0] not in ("etag", "accept-ranges", "cache-control"))
    script = f'<script src="/{SCRIPT}?{shown}" defer></script>\n'.encode()
    head, end_of_head, shows = body.partition(b"</head>")  # what a record says may stand in the head as JSON
    body = head + end_of_head + _MAIN.sub(lambda found: found[0] + notice.encode(), shows, count=1)
    before, end, after = body.rpartition(b"</body>")
    return replace(reply, headers=(*kept, _FRESH), body=before + script + end + after if end else body + script)


def _whole(stretch: Stretch) -> bytes:
    with stretch.path.open("rb") as file:
        file.seek(stretch.start)
        return file.read(stretch.length)
