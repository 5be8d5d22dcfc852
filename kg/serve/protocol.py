"""What a request asks of the endpoint: the SPARQL 1.1 Protocol, query operation (https://www.w3.org/TR/sparql11-protocol/#query-operation).

Pure: a request in; a question, nothing (the service description is asked for), or a Problem out. Update is refused here
by construction: nothing behind this module knows the word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from kg.errors import KgError
from kg.formats import FORM, GRAPH_OFFERS, RESULT_OFFERS, SPARQL_QUERY, SPARQL_UPDATE, Offer
from kg.guard import guard, names_graphs
from kg.serve.limits import Limits
from kg.serve.negotiate import choose
from kg.serve.problems import Problem, method_not_allowed
from kg.serve.reply import Headers

METHODS: Final = "GET, HEAD, OPTIONS, POST, QUERY"
ACCEPT_QUERY: Final[Headers] = (("accept-query", f'"{SPARQL_QUERY}", "{FORM}"'),)
"""Media types that QUERY takes (RFC 10008)."""
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_FIELDS: Final = 100
_CHANGING: Final = re.compile(r"(?<![?$:])(?:NOW|RAND|UUID|BNODE)(?!\w)", re.IGNORECASE)
"""What may name a function whose value is another each time: wherever a word ends so, as the engine asks for no blank before it."""


@dataclass(frozen=True)
class Question:
    """A query, what it is about, and how its answer is to be written.

    ``default`` and ``named`` are the graphs that the request names, in place of those of FROM; None where it names none.
    ``union`` says that nothing names graphs, so that the query is about the union of all. ``results`` and ``graph`` are
    names of formats for rows and for a graph; None where the client takes none that could hold it.
    """

    query: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None
    union: bool
    results: str | None
    graph: str | None

    @property
    def repeats(self) -> bool:
        """Whether the same question has the same answer as long as the data is the same."""
        return _CHANGING.search(self.query) is None and "\\u" not in self.query.lower()


def question(method: str, query_string: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Question | None:
    """What is asked; None for the service description. Raises Problem where the request is none of the protocol's."""
    fields = _fields(query_string)
    if method in ("POST", "QUERY"):
        fields += _body(headers.get("content-type", ""), body)
    elif method not in ("GET", "HEAD"):
        raise method_not_allowed(method, METHODS)
    if any(name == "update" for name, _ in fields):
        raise _update_refused()
    queries = [value for name, value in fields if name == "query"]
    if not queries and method in ("GET", "HEAD"):
        return None
    if len(queries) != 1:
        raise Problem(400, "query-parameter", f'there must be one parameter "query", not {len(queries)}')
    default, named = _graphs(fields, "default-graph-uri"), _graphs(fields, "named-graph-uri")
    text = queries[0]
    _check(text, limits)
    given = default is not None or named is not None
    accept = headers.get("accept")
    wanted = next((value for name, value in reversed(fields) if name == "format"), None)
    return Question(
        text,
        (default or ()) if given else None,
        (named or ()) if given else None,
        not given and not names_graphs(text),
        _format(wanted, accept, RESULT_OFFERS),
        _format(wanted, accept, GRAPH_OFFERS),
    )


def _fields(text: str) -> list[tuple[str, str]]:
    """The fields of a form, each once decoded."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError:
        raise Problem(400, "not-utf-8", "the request is not UTF-8; encode it so before its bytes are percent-encoded") from None
    except ValueError:
        raise Problem(400, "too-many-fields", f"the request has more than {_FIELDS} parameters") from None


def _body(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """What a body says, as fields of a form."""
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    charset = re.search(r'charset\s*=\s*"?([^";\s]+)', parameters, re.IGNORECASE)
    if media_type == SPARQL_UPDATE:
        raise _update_refused()
    if media_type not in (FORM, SPARQL_QUERY) or (charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii")):
        detail = f"the body must be {SPARQL_QUERY} or {FORM}, in UTF-8, and Content-Type must say so"
        raise Problem(
            415, "unsupported-media-type", detail, (("accept", f"{SPARQL_QUERY}, {FORM}"), ("accept-post", f"{SPARQL_QUERY}, {FORM}"))
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "not-utf-8", "the body is not UTF-8") from None
    return _fields(text) if media_type == FORM else [("query", text)]


def _update_refused() -> Problem:
    return Problem(403, "update-refused", "this endpoint answers queries only; its data changes with each release and in no other way")


def _graphs(fields: list[tuple[str, str]], parameter: str) -> tuple[str, ...] | None:
    named = tuple(dict.fromkeys(value for name, value in fields if name == parameter))
    for iri in named:
        if not _IRI.fullmatch(iri):
            raise Problem(400, "graph-iri", f"{parameter} must be an absolute IRI, not {iri!r:.200}")
    return named or None


def _check(text: str, limits: Limits) -> None:
    try:
        guard(text, limits.query_bytes, limits.query_depth, limits.query_steps)
    except KgError as error:
        raise Problem(400, "query-refused", str(error)) from None


def _format(wanted: str | None, accept: str | None, offers: tuple[Offer, ...]) -> str | None:
    """The name of the format to answer in: what ``format=`` says, which no standard knows; Accept where that is no format of ours."""
    word = (wanted or "").lower().replace(" ", "+")  # of rdf+xml, where the sign was not encoded
    if any(offer.is_called(word) for offer in (*RESULT_OFFERS, *GRAPH_OFFERS)):
        return next((offer.name for offer in offers if offer.is_called(word)), None)
    chosen = choose(accept, [offer.media_types for offer in offers])
    return None if chosen is None else offers[chosen].name
