"""What is answered before there is a request that could be answered: uvicorn's own answers would be no problem documents (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from kg.formats import PROBLEM
from kg.serve.reply import ALWAYS

FULL: Final = 503, "all connections are taken; try again"
MALFORMED: Final = 400, "this is no HTTP request (RFC 9112)"
NOT_IMPLEMENTED: Final = 501, "this method is not known here; take GET, HEAD, OPTIONS, POST or QUERY"
URI_TOO_LONG: Final = 414, "the address is longer than 65,535 bytes; send a long query by POST"
HEAD_TOO_LARGE: Final = 431, "the head of the request is longer than 131,072 bytes; send a long query by POST"


def refusal(status: int, detail: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of a problem document; its type says nothing, as the base IRI of a release is not known here."""
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body = json.dumps(problem).encode()
    more = [("content-type", PROBLEM), ("content-length", str(len(body))), ("cache-control", "no-store"), ("connection", "close")]
    soon = [("retry-after", "1")] if status == HTTPStatus.SERVICE_UNAVAILABLE else []
    return [(name.encode(), value.encode()) for name, value in (*ALWAYS, *more, *soon)], body


def refused(status: int, detail: str) -> bytes:
    """The same as bytes on the wire."""
    headers, body = refusal(status, detail)
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *(b": ".join(header) for header in headers)]
    return b"".join(line + b"\r\n" for line in [*lines, b""]) + body


class Refusing:
    """An application (ASGI) that answers every request so."""

    def __init__(self, status: int, detail: str) -> None:
        self._status = status
        self._headers, self._body = refusal(status, detail)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request; no body where HEAD asks."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self._body})
