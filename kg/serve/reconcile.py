"""The Reconciliation Service API 0.2 (https://reconciliation-api.github.io/specs/0.2/): tables of names become identifiers.

JSONP is not offered: CORS does what it was for. Properties of a query are not used; the name alone decides.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from kg import vocabulary as v
from kg.formats import FORM
from kg.publish.rules import POLICY
from kg.serve.clients import Clients, client_of
from kg.serve.limits import Limits
from kg.serve.names import Disease, Hit, Names
from kg.serve.problems import Problem, method_not_allowed
from kg.serve.reply import Reply, preflight

PATH: Final = "reconcile"
_METHODS: Final = "GET, HEAD, OPTIONS, POST"
_TYPE: Final = {"id": "Disease", "name": "disease"}
_SUGGESTED: Final = 20
_FRAMED: Final = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


def origin(scheme: str, host: str) -> str:
    """Where the client found the server: clients need whole addresses, and only they know it. Raises Problem where it names no host."""
    if not host:
        raise Problem(400, "host", "there must be a Host header: the addresses in the answer are made of it")
    return f"{scheme}://{host}"


class Reconciler:
    """Answers below ``/reconcile`` for one release."""

    def __init__(self, release: Path, base: str, limits: Limits, clients: Clients) -> None:
        file = release / "assets" / "search.json"
        empty: dict[str, Any] = {"schemes": {}, "diseases": []}
        self._names = Names.of(json.loads(file.read_bytes()) if file.is_file() else empty)
        self._base = base
        self._limits = limits
        self._clients = clients

    async def reply(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, here: str, address: str) -> Reply:
        """The answer to a request; the time that it takes counts in the client's budget. Raises Problem."""
        if method == "OPTIONS":
            return preflight(_METHODS)
        if method not in ("GET", "HEAD", "POST"):
            raise method_not_allowed(method, _METHODS)
        fields, client = _fields(query), client_of(address)
        if method == "POST":
            if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
                raise Problem(415, "unsupported-media-type", f"the body must be {FORM}", (("accept-post", FORM),))
            fields |= _fields(body.decode("utf-8", errors="replace"))
        if "callback" in fields:
            raise Problem(400, "no-jsonp", "JSONP is not offered; leave callback out, any page may read the answer (CORS)")
        match path:
            case "reconcile" if "queries" in fields:
                return _json(await self._batch(fields["queries"], client))
            case "reconcile" if "extend" in fields:
                raise _malformed("data extension is not offered, as the manifest says: it has no extend")
            case "reconcile" if method == "POST":
                raise _malformed("there must be one parameter queries")
            case "reconcile":
                return _json(self._manifest(here), _OWN)
            case "reconcile/suggest/entity":
                with self._clients.asking(client) as account, account.working():
                    return _json({"result": self._suggest(fields.get("prefix", ""), fields.get("cursor") or "0")})
            case "reconcile/preview":
                return self._preview(fields.get("id", ""), here)
        raise Problem(404, "not-found", f"there is no /{path}; /{PATH} says what there is")

    def _manifest(self, here: str) -> dict[str, Any]:
        return {
            "versions": ["0.2"],
            "name": "Rare diseases by name, synonym and identifier; properties are not used, JSONP is not offered",
            "identifierSpace": self._base,
            "schemaSpace": v.RF,
            "defaultTypes": [_TYPE],
            "view": {"url": f"{here}/disease/{{{{id}}}}"},
            "preview": {"url": f"{here}/{PATH}/preview?id={{{{id}}}}", "width": 420, "height": 220},
            "suggest": {"entity": {"service_url": here, "service_path": f"/{PATH}/suggest/entity"}},
            "batchSize": self._limits.reconcile_queries,
        }

    async def _batch(self, text: str, client: str) -> dict[str, Any]:
        try:
            queries = json.loads(text)
        except (ValueError, RecursionError):
            raise _malformed("queries is not JSON") from None
        if not isinstance(queries, dict) or not all(isinstance(each, dict) for each in queries.values()):
            raise _malformed("queries must be an object of objects, each a query")
        if len(queries) > self._limits.reconcile_queries:
            raise Problem(413, "batch-too-large", f"a batch may have {self._limits.reconcile_queries} queries; send several")
        found = {}
        try:
            with self._clients.asking(client) as account:
                async with asyncio.timeout(self._limits.reconcile_time):
                    for key, query in queries.items():
                        with account.working():
                            found[key] = {"result": [_result(hit) for hit in self._asked(query)]}
                        await asyncio.sleep(0)  # others have their turn between two queries
        except TimeoutError:
            raise Problem(503, "reconcile-timeout", "the batch takes too long; send a smaller one") from None
        return found

    def _asked(self, query: dict[str, Any]) -> list[Hit]:
        text, limit, kinds = query.get("query"), query.get("limit", 10), query.get("type", [])
        if text is None and isinstance(query.get("properties"), list) and query["properties"]:
            return []  # a query by properties alone is one of the API's; they are not used here, so there are no candidates
        if not isinstance(text, str):
            raise _malformed("each query must have a text, query, or properties")
        if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1 or limit % 1:
            raise _malformed("limit must be a whole number above 0")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not isinstance(kinds, list):
            raise _malformed("type must be a text or a list of texts")
        return self._find(text, int(min(limit, 100))) if not kinds or _TYPE["id"] in kinds else []

    def _suggest(self, prefix: str, cursor: str) -> list[dict[str, Any]]:
        """What begins with a text, without as many as the client has seen already."""
        if not re.fullmatch(r"\d{1,6}", cursor):
            raise _malformed("cursor must be a whole number")
        seen = int(cursor)
        return [_suggested(hit.disease) for hit in self._find(prefix, seen + _SUGGESTED)[seen:]]

    def _find(self, text: str, limit: int) -> list[Hit]:
        if len(text) > self._limits.reconcile_text:
            raise _malformed(f"no text may be longer than {self._limits.reconcile_text} characters")
        return self._names.find(text, limit)

    def _preview(self, identifier: str, here: str) -> Reply:
        disease = self._names.get(identifier)
        if disease is None:
            raise Problem(404, "not-found", "there is no disease of that id in this release")
        words = escape(", ".join(disease.words[:12]))
        page = (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(disease.name)}</title>'
            f'<link rel="stylesheet" href="{here}/assets/site.css"></head>\n<body><main><h1>{escape(disease.name)}</h1>'
            f'<p><a href="{here}/{escape(disease.path)}" target="_blank">{escape(disease.id)}</a></p><p>{words}</p></main></body></html>\n'
        )
        headers = (("content-type", "text/html; charset=utf-8"), ("content-security-policy", _FRAMED), _OWN)
        return Reply(200, headers, page.encode())


_FRESH: Final = ("cache-control", "no-cache")
_OWN: Final = ("cache-control", "private, no-store")
"""For what has addresses in it that are made of what the client calls the server: no cache is to give them to anybody else."""


def _result(hit: Hit) -> dict[str, Any]:
    return {"id": hit.disease.id, "name": hit.disease.name, "type": [_TYPE], "score": hit.score, "match": hit.match}


def _suggested(disease: Disease) -> dict[str, Any]:
    return {"id": disease.id, "name": disease.name, "notable": [_TYPE]}


def _malformed(detail: str) -> Problem:
    return Problem(400, "reconcile-query", detail)


def _fields(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100))
    except ValueError:  # not UTF-8, or too many
        raise _malformed("the fields of the request cannot be read; encode them in UTF-8") from None


def _json(document: dict[str, Any], kept: tuple[str, str] = _FRESH) -> Reply:
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
    return Reply(200, (("content-type", "application/json"), kept), body)
