"""What is answered where something is wrong: problem details (RFC 9457), in JSON unless a page is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from kg.formats import PROBLEM
from kg.serve.reply import Headers, Reply


@dataclass(eq=False)  # not frozen: Python notes on an exception where it passed
class Problem(Exception):  # noqa: N818 (RFC 9457 calls it that)
    """A request that cannot be answered: the status, a word for the kind of problem, and what to do about it.

    ``more`` are members of its own, such as ``line`` and ``column`` of a mistake in a query.
    """

    status: int
    kind: str
    detail: str
    headers: Headers = ()
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the status is called."""
        return HTTPStatus(self.status).phrase

    def reply(self, base: str) -> Reply:
        """The problem as an answer; its type is an IRI below the base IRI of the dataset."""
        document = {
            "type": f"{base}problem/{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        body = json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", errors="replace") + b"\n"
        return Reply(self.status, (("content-type", PROBLEM), ("vary", "Accept"), ("cache-control", "no-store"), *self.headers), body)


def method_not_allowed(method: str, allowed: str) -> Problem:
    """405 (RFC 9110, 15.5.6) with the methods that there are."""
    return Problem(405, "method-not-allowed", f"{method} is not possible here; take one of {allowed}", (("allow", allowed),))
