"""The SPARQL endpoint of one release: questions to workers, their answers to clients, and every failure told as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kg.formats import GRAPH_OFFERS
from kg.serve.cache import Cache
from kg.serve.clients import Account, Clients
from kg.serve.conditional import failed, unmodified
from kg.serve.failures import LATER, SOON, memory, not_acceptable, timeout, told
from kg.serve.held import Held
from kg.serve.limits import Limits
from kg.serve.negotiate import choose
from kg.serve.pool import BusyError, GaveWayError, Pool, TimeLimitError
from kg.serve.problems import Problem
from kg.serve.protocol import ACCEPT_QUERY, METHODS, Question, question
from kg.serve.reply import Reply, preflight
from kg.serve.workers import DiedError

_VARY: Final = ("vary", "Accept")


@dataclass(frozen=True)
class Request:
    """What a client sent, as far as the endpoint looks at it."""

    method: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    client: str


class Endpoint:
    """Answers requests to ``/sparql``."""

    def __init__(self, pool: Pool, clients: Clients, description: dict[str, bytes], limits: Limits, held: Held | None = None) -> None:
        self._pool, self._held = pool, held
        self._clients = clients
        self._description = description
        self._limits = limits
        self._answers: Cache[Reply] = Cache(limits.cache_size << 20)

    async def reply(self, request: Request) -> Reply:
        """The answer to a request, whole. Raises Problem."""
        if request.method == "OPTIONS":
            return preflight(METHODS, ACCEPT_QUERY)
        asked = question(request.method, request.query_string, request.headers, request.body, self._limits)
        answer = self._described(request.headers) if asked is None else await self._answer(asked, request.client)
        etag = dict(answer.headers)["etag"]
        if failed(request.headers, etag):
            raise Problem(412, "precondition-failed", "the answer is not the one that If-Match names")
        if not unmodified(request.headers, etag):
            return answer
        if request.method == "POST":  # QUERY is conditional as GET is (RFC 10008)
            raise Problem(412, "precondition-failed", "the answer is the one that If-None-Match names")
        return Reply(304, tuple(header for header in answer.headers if header[0] != "content-type"))

    def _described(self, headers: Mapping[str, str]) -> Reply:
        chosen = choose(headers.get("accept"), [offer.media_types for offer in GRAPH_OFFERS])
        if chosen is None:
            raise not_acceptable(graph=True)
        offer = GRAPH_OFFERS[chosen]
        return _whole(offer.media_type, self._description[offer.name])

    async def _answer(self, asked: Question, client: str) -> Reply:
        kept = self._answers.get(asked)
        if kept is not None:
            return kept
        with self._clients.asking(client) as account:
            header, body = await self._ask(asked, account)
        if header["status"] != "ok":
            raise told(header, asked, self._limits)
        answer = _whole(header["type"], body)
        if asked.repeats:
            self._answers.put(asked, answer, len(body) + len(asked.query))
        return answer

    async def _ask(self, asked: Question, account: Account) -> tuple[dict[str, Any], bytes]:
        job = {name: getattr(asked, name) for name in ("query", "default", "named", "union", "results", "graph")}
        try:
            held = self._held.pool if self._held else None
            if held is None:
                return await _twice(self._pool, job, account, self._limits.timeout)
            first = min(self._limits.first, self._limits.timeout / 2)
            try:
                return await _twice(self._pool, job, account, first)
            except TimeLimitError:
                rest = self._limits.timeout - first
            try:
                return await _twice(held, job, account, rest)
            except (BusyError, DiedError):
                if self._held and self._held.pool is held:
                    raise
            return await _twice(self._pool, job, account, rest)  # the release is no longer held
        except BusyError:
            raise Problem(503, "busy", "all workers are taken; try again", SOON) from None
        except TimeLimitError:
            raise timeout(self._limits) from None
        except GaveWayError:
            detail = "the query was ended, since clients waited that have used less time than you; try again later, or ask for less"
            raise Problem(503, "gave-way", detail, LATER) from None
        except DiedError as died:
            if died.is_crash:
                raise Problem(400, "query-refused", "the engine cannot work this query out: it is nested too deep for it") from None
            if died.is_elsewhere:
                raise Problem(503, "worker-lost", "the worker ended through no fault of the query; try again", SOON) from None
            raise memory(self._limits) from None


async def _twice(pool: Pool, job: dict[str, Any], account: Account, seconds: float) -> tuple[dict[str, Any], bytes]:
    """What a pool answers within so many seconds; asked again where someone else killed the worker, which is no fault of the query."""
    try:
        return await pool.ask(job, account, seconds)
    except DiedError as died:
        if not died.is_elsewhere:
            raise
    return await pool.ask(job, account, seconds)


def _whole(media_type: str, body: bytes) -> Reply:
    """An answer whose tag is the hash of what it says and of the type it says it in."""
    tag = hashlib.sha256(media_type.encode() + b"\n" + body).hexdigest()[:32]
    content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    headers = (("content-type", content_type), ("etag", f'"{tag}"'), _VARY, ("cache-control", "public, no-cache"), *ACCEPT_QUERY)
    return Reply(200, headers, body)
