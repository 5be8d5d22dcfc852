"""Kinds of problems, and the page behind the IRI of each: the type of problem details leads to words for people (RFC 9457, 3.1.1)."""

from __future__ import annotations

from html import escape
from typing import Final

from kg.serve.problems import Problem
from kg.serve.reply import Reply

FOLDER: Final = "problem"
KINDS: Final = {
    "answer-too-large": "The answer would have more bytes than an answer may have, so nothing of it is sent.",
    "batch-too-large": "The batch has more queries than one batch may have.",
    "budget-used-up": "The queries of this client took all the time that one client has in a minute; Retry-After says when there is more.",
    "busy": "All workers were taken for longer than a query waits for one.",
    "ending": "The server ends, and what was asked would take longer than it waits; Retry-After says when to try again.",
    "engine-answer": "The engine behind the endpoint gave an answer that is broken, or only a part of one.",
    "engine-failed": "The engine behind the endpoint failed.",
    "engine-unreachable": "The engine behind the endpoint did not answer.",
    "gave-way": "The query was ended in favour of clients that had used less time.",
    "graph-iri": "A graph that the request names is no absolute IRI.",
    "host": "The request names no host, more than one, or what is none.",
    "method-not-allowed": "This method is not possible here; Allow says which are.",
    "mistake": "The server made a mistake.",
    "no-jsonp": "JSONP is not offered; CORS does what it was for.",
    "not-acceptable": "There is no representation of a type that the request accepts.",
    "not-found": "There is nothing at this address in the release that is served.",
    "not-in-json-ld": "The answer has a triple in the place of a term, as RDF 1.2 may, which JSON-LD has not; another format has it.",
    "not-in-xml": "The answer has a character, or a predicate, that cannot be written in XML; another format has it.",
    "not-utf-8": "The request is not in UTF-8.",
    "precondition-failed": "What is there is not what If-Match names, or is what If-None-Match names.",
    "query-failed": "The query cannot be answered.",
    "query-memory": "The query needs more memory than a query may have.",
    "query-parameter": "The request has no query, or more than one.",
    "query-refused": "The query is longer or more nested than it may be, or would reach the network.",
    "query-syntax": "The query is not SPARQL 1.1; line and column say where.",
    "query-timeout": "The query takes longer than a query may.",
    "range-not-satisfiable": "The range begins after the end of the file.",
    "reconcile-query": "The request is none of the Reconciliation Service API.",
    "reconcile-timeout": "The batch takes longer than a batch may.",
    "replaced": "The file was being replaced; trying again helps.",
    "request-timeout": "The body of the request did not come in time.",
    "request-too-large": "The body of the request is longer than a query may be.",
    "too-many-fields": "The request has more parameters than one may have.",
    "too-many-queries": "This client has as many queries in flight as one client may have.",
    "too-many-rows": "The answer would have more rows, or triples, than an answer may have, so nothing of it is sent.",
    "unsupported-media-type": "The body is of a type that is not taken here.",
    "update-refused": "The endpoint answers queries only; data changes with a release.",
    "worker-lost": "The worker ended through no fault of the query; trying again helps.",
}
"""What each kind means; the details of a problem say the rest."""


def explained(kind: str) -> Reply:
    """The page about a kind of problem. Raises Problem where there is none of that name."""
    if kind not in KINDS:
        raise Problem(404, "not-found", f"there is no problem of that kind; those that there are: {', '.join(KINDS)}")
    head = f'<meta charset="utf-8"><title>{kind}</title><link rel="stylesheet" href="/assets/site.css">'
    main = f"<h1>{kind}</h1><p>{escape(KINDS[kind])}</p>"
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>{main}</main></body></html>\n'
    return Reply(200, (("content-type", "text/html; charset=utf-8"), ("cache-control", "public, no-cache")), page.encode())
