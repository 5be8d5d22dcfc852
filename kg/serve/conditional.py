"""Conditional and range requests: RFC 9110, sections 13 and 14 (https://www.rfc-editor.org/rfc/rfc9110#section-13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)
_TAG: Final = re.compile(r'(?:W/)?"[^"]*"')


class Span(NamedTuple):
    """Bytes from ``start`` up to, and not including, ``end``."""

    start: int
    end: int


def unmodified(headers: Mapping[str, str], etag: str) -> bool:
    """Whether the client has the representation, so that 304 is the answer: If-None-Match says so.

    If-Modified-Since has nothing to be compared with, and is passed over (RFC 9110, 13.1.3): no date can be told consistently (8.8.2).
    The day of a release is what its maker wrote, which a second release of that day has too, and the time of a file is the machine's,
    other on each server and after each copy. By either, some would keep old bytes; so Last-Modified is not sent, and tags alone tell.
    """
    wanted = headers.get("if-none-match", "")
    return wanted.strip() == "*" or any(tag.removeprefix("W/") == etag for tag in _TAG.findall(wanted))


def failed(headers: Mapping[str, str], etag: str) -> bool:
    """Whether a condition for going on does not hold, so that 412 is the answer: If-Match."""
    wanted = headers.get("if-match")
    return wanted is not None and wanted.strip() != "*" and etag not in [tag for tag in _TAG.findall(wanted) if not tag.startswith("W/")]


def ranged(method: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers without Range, unless the method is GET, for which alone it is defined (RFC 9110, 14.2)."""
    return headers if method == "GET" else {name: value for name, value in headers.items() if name != "range"}


def span(headers: Mapping[str, str], etag: str, length: int) -> Span | None:
    """The one range of bytes that is asked for, which may be empty where it cannot be had (416); None for the whole.

    Several ranges, other units, malformed ranges and a stale If-Range are passed over, as the RFC allows: the whole is sent.
    """
    match = _RANGE.fullmatch(headers.get("range", ""))
    if match is None or headers.get("if-range", etag) != etag or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return Span(max(length - int(match[2]), 0) if int(match[2]) else length, length)
    start, end = int(match[1]), int(match[2] or length)
    return None if end < start and match[2] else Span(min(start, length), min(end + 1, length))
