"""An answer before it is sent: status, headers, and bytes or a stretch of a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from kg.publish.rules import HEADERS

Headers = tuple[tuple[str, str], ...]

ALWAYS: Final[Headers] = (
    *((name.lower(), value) for name, value in HEADERS.items()),
    ("referrer-policy", "strict-origin-when-cross-origin"),
)
"""Headers of every answer: pages run nothing but the site's own files; any page of anyone may read the data (there are no sessions)."""

_ALWAYS: Final = [(name, (name.encode(), value.encode())) for name, value in ALWAYS]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a file: from ``start``, ``length`` bytes."""

    path: Path
    start: int
    length: int


@dataclass(frozen=True)
class Reply:
    """An answer; those that are kept are sent again and again."""

    status: int
    headers: Headers = ()
    body: bytes | Stretch = b""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.body.length if isinstance(self.body, Stretch) else len(self.body)

    @property
    def has_body(self) -> bool:
        """Whether its status has a body, be it an empty one."""
        return self.status not in (204, 304)

    @cached_property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """Its headers as they are sent, with those that every answer has."""
        own = [(name.encode(), value.encode("latin-1", errors="replace")) for name, value in self.headers]
        length = [(b"content-length", b"%d" % self.length)] if self.has_body else []
        names = {name for name, _ in self.headers}
        return [
            *own,
            *length,
            *(field for name, field in _ALWAYS if name not in names),
        ]  # two policies would both hold


def see_other(location: str, headers: Headers = ()) -> Reply:
    """303 to another place of this server; a path, never an address, so that nobody's Host header is believed."""
    assert location.startswith("/") and not location.startswith("//")
    return Reply(303, (("location", location), *headers))


def preflight(methods: str, more: Headers = ()) -> Reply:
    """What OPTIONS gets, and a browser that asks before it asks (https://fetch.spec.whatwg.org/#cors-preflight-request)."""
    cors = (("access-control-allow-methods", methods), ("access-control-allow-headers", "*"), ("access-control-max-age", "86400"))
    return Reply(204, (("allow", methods), *cors, *more))
