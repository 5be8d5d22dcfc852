"""What is answered where a query fails: every failure told as it is, with what to do about it."""

from __future__ import annotations

import re
from typing import Any, Final

from kg.formats import GRAPH_OFFERS, RESULT_OFFERS
from kg.guard import explain
from kg.serve.limits import Limits
from kg.serve.problems import Problem
from kg.serve.protocol import Question
from kg.serve.reply import Headers

SOON: Final[Headers] = (("retry-after", "1"),)
LATER: Final[Headers] = (("retry-after", "10"),)


def told(header: dict[str, Any], asked: Question, limits: Limits) -> Problem:
    """What a worker said went wrong."""
    match header["status"]:
        case "syntax":
            at = re.match(r"error at (\d+):(\d+)", header["said"])
            place = {"line": int(at[1]), "column": int(at[2])} if at else {}
            return Problem(400, "query-syntax", explain(header["said"], asked.query), more=place)
        case "not-acceptable" | "not-in-xml" | "not-in-json-ld" as kind:
            return _IN_NO_SUCH_FORMAT[kind](header["graph"])
        case "too-large":
            detail = f"the answer is larger than {limits.answer_size:g} MB, and nothing of it is sent; add LIMIT, or load a dump"
            return Problem(413, "answer-too-large", detail)
        case "too-many-rows":
            detail = (
                f"the answer has more than {limits.answer_rows:,} rows or triples, and nothing of it is sent; add LIMIT, or load a dump"
            )
            return Problem(413, "too-many-rows", detail)
        case "memory":
            return memory(limits)
        case "timeout":
            return timeout(limits)
        case "engine-unreachable":
            return Problem(503, "engine-unreachable", f"the engine behind this endpoint is out of reach ({header['said']})", LATER)
        case "engine-failed" | "engine-answer" as kind:
            return Problem(502, kind, f"the engine behind this endpoint gave no answer that can be sent on: {header['said']}")
    return Problem(400, "query-failed", f"the query cannot be answered: {header['said']}")


def timeout(limits: Limits) -> Problem:
    """The time of the query is up."""
    detail = f"the query takes longer than {limits.timeout:g} seconds; ask for less, or load a dump and ask that"
    return Problem(503, "query-timeout", detail)


def memory(limits: Limits) -> Problem:
    """The worker could get no more memory."""
    return Problem(503, "query-memory", f"the query needs more than {limits.memory} MB of memory; ask for less at a time")


def _not_in_xml(graph: bool) -> Problem:
    offer = (GRAPH_OFFERS if graph else RESULT_OFFERS)[0]
    what = "a predicate that is no name in XML, or a character" if graph else "a character"
    detail = f"the answer has {what} that XML has not, so it cannot be sent in it; send {offer.media_type} in Accept"
    return Problem(406, "not-in-xml", detail)


def _not_in_json_ld(graph: bool) -> Problem:
    assert graph
    detail = "the answer has a triple in the place of a term, which JSON-LD has not, so it cannot be sent in it"
    return Problem(406, "not-in-json-ld", f"{detail}; send {GRAPH_OFFERS[0].media_type} in Accept")


def not_acceptable(graph: bool) -> Problem:
    """406 with the list of what there is (RFC 9110, 15.5.7)."""
    offers = GRAPH_OFFERS if graph else RESULT_OFFERS
    available = [{"format": offer.name, "mediaType": offer.media_type} for offer in offers]
    what = "a graph" if graph else "a table or a truth value"
    detail = f"the answer is {what}; send one of these in Accept: {', '.join(offer.media_type for offer in offers)}"
    return Problem(406, "not-acceptable", detail, more={"available": available})


_IN_NO_SUCH_FORMAT: Final = {"not-acceptable": not_acceptable, "not-in-xml": _not_in_xml, "not-in-json-ld": _not_in_json_ld}
