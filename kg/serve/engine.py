"""A SPARQL engine of somebody else's, over HTTP: requests to one address, and answers that are whole or an error.

The standard library's client, put together of the parts that are wanted: it opens ``http`` and ``https`` and nothing else,
follows no redirect, heeds no proxy of the environment, and gives a password to nobody but the address that asks for it.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from kg.errors import KgError, one_line
from kg.formats import FORM

_CHUNK: Final = 1 << 16
_SAID: Final = 300
_UNAUTHORIZED: Final = 401


class UnreachableError(Exception):
    """The engine does not answer, or not in time."""


class BrokenError(Exception):
    """The answer broke off, is longer than it may be, or is no HTTP."""


class TooLongError(BrokenError):
    """The answer is longer than it may be."""


@dataclass(frozen=True)
class Received:
    """An answer that came whole: its status, headers by lower-case name, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def said(self) -> str:
        """The first line of a message, for people."""
        lines = [line for line in self.body.decode("utf-8", "replace").splitlines() if line.strip()]
        plain = bool(lines) and self.type in ("text/plain", "")
        return f"HTTP {self.status}" + (f": {one_line(lines[0].strip())[:_SAID]}" if plain else "")


def address(url: str) -> str:
    """The address of an engine, as it was given. Raises KgError where it is none that is reached by HTTP."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.password or parts.fragment)
        good = good and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        good = False
    if not good:
        raise KgError(f"{one_line(url)}: an engine is named by its http or https address, such as http://127.0.0.1:7878/query")
    return url


class Engine:
    """An engine at an address. ``user`` and ``password`` answer where it asks for them (RFC 7616, RFC 7617)."""

    def __init__(self, url: str, user: str | None = None, password: str = "") -> None:
        self.url = address(url)
        self._user = (user, password) if user else None
        self._challenge = ""
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, url, user or "", password)
        self._digest = urllib.request.HTTPDigestAuthHandler(known)

    def query(self, text: str, accept: str, fields: list[tuple[str, str]], seconds: float, limit: int) -> Received:
        """What it answers to a query, posted as a form (https://www.w3.org/TR/sparql11-protocol/#query-operation)."""
        form = urlencode([("query", text), *fields], errors="replace").encode()
        return self.send("POST", self.url, form, {"Accept": accept, "Content-Type": FORM}, seconds, limit)

    def graph(self, method: str, graph: str, body: bytes | None, media_type: str, seconds: float) -> Received:
        """Put or delete a graph (https://www.w3.org/TR/sparql11-http-rdf-update/); ``url`` is that of the graph store."""
        url = f"{self.url}{'&' if '?' in self.url else '?'}graph={quote(graph, safe='')}"
        return self.send(method, url, body, {"Content-Type": media_type} if body is not None else {}, seconds, 1 << 20)

    def send(self, method: str, url: str, body: bytes | None, headers: dict[str, str], seconds: float, limit: int) -> Received:
        """One request. Raises UnreachableError, or BrokenError where the answer is not whole within ``limit`` bytes."""
        agent = {"User-Agent": f"rarefacts/{version('rarefacts')}"}
        until = time.monotonic() + seconds
        for last in (False, True):
            request = urllib.request.Request(url, body, {**agent, **headers}, method=method)  # noqa: S310 (address() looked)
            self._authorize(request)
            received = _whole(request, until, limit)
            if last or received.status != _UNAUTHORIZED or not self._user:
                break
            self._challenge = received.headers.get("www-authenticate", "")
        return received

    def _authorize(self, request: urllib.request.Request) -> None:
        """Say who asks, once it is known how; so no body is sent only to be turned away."""
        scheme, _, rest = self._challenge.partition(" ")
        if self._user and scheme.lower() == "digest":
            challenge = urllib.request.parse_keqv_list([part for part in urllib.request.parse_http_list(rest) if "=" in part])
            request.add_header("Authorization", f"Digest {self._digest.get_authorization(request, challenge)}")
        elif self._user and scheme.lower() == "basic":
            request.add_header("Authorization", f"Basic {b64encode(':'.join(self._user).encode()).decode()}")


def _whole(request: urllib.request.Request, until: float, limit: int) -> Received:
    seconds = max(0.001, until - time.monotonic())
    try:
        try:
            with _opener().open(request, timeout=seconds) as response:
                return _read(response, until, limit)
        except urllib.error.HTTPError as response:
            with response:
                return _read(response, until, limit)
    except TimeoutError:
        raise UnreachableError("no answer in time") from None
    except urllib.error.URLError as error:
        raise UnreachableError(one_line(str(error.reason))) from None
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise BrokenError(f"the answer broke off or is no HTTP ({type(error).__name__})") from None


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
    ):
        opener.add_handler(handler())
    return opener


def _read(response: http.client.HTTPResponse | urllib.error.HTTPError, until: float, limit: int) -> Received:
    """The whole of an answer. Where neither a length nor chunks say where it ends, nobody could tell whether it broke off."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    said = headers.get("content-length", "")
    body = bytearray()
    while part := response.read(_CHUNK):
        body += part
        if len(body) > limit:
            raise TooLongError(f"the answer is longer than {limit:,} bytes")
        if time.monotonic() > until:
            raise TimeoutError
    if not chunked and response.status not in (204, 304) and (not said.isdigit() or int(said) != len(body)):
        raise BrokenError("the answer is not as long as it says, or does not say how long it is")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise BrokenError("the answer is compressed, which was not asked for")
    return Received(response.status or 0, headers, bytes(body))
