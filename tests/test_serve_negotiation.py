"""Negotiation: every resource with many Accept headers gets what RFC 9110 says, by a second implementation that stands here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.formats import GRAPH_OFFERS, RESULT_OFFERS, Offer
from kg.serve.negotiate import accepts_gzip, choose
from tests.serving import Server, case_lines, serving

HEADERS = case_lines("accept.txt")
OFFERS: dict[str, list[tuple[str, ...]]] = {
    "page": [("text/html",), ("text/turtle",), ("application/ld+json",), ("application/n-triples",)],
    "dump": [("text/turtle",), ("application/ld+json",), ("application/trig",), ("application/n-quads",)],
    "results": [(offer.media_type, *offer.also) for offer in RESULT_OFFERS],
    "graph": [(offer.media_type, *offer.also) for offer in GRAPH_OFFERS],
    "nothing": [],
}
PIECES = ["text/turtle", "text/*", "*/*", "application/ld+json", "text/html", "application/*", ";q=0", ";q=0.5", ";q=1", ",", " "]
TCHAR = set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


# A second reading of RFC 9110, 12.5.1: by hand, character by character, and nothing shared with the first.


def _split(text: str, separator: str) -> list[str]:
    parts, quoted, escaped = [""], False, False
    for char in text:
        if quoted:
            quoted = escaped or char != '"'
            escaped = not escaped and char == "\\"
        elif char == '"':
            quoted = True
        if char == separator and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip(" \t") for part in parts]


def _token(text: str) -> bool:
    return bool(text) and set(text.lower()) <= TCHAR


def _weight(text: str) -> float | None:
    whole, dot, rest = text.partition(".")
    if whole not in ("0", "1") or len(rest) > 3 or not all("0" <= digit <= "9" for digit in rest):
        return None
    return None if whole == "1" and rest.strip("0") else float(whole + dot + (rest or ("0" if dot else "")))


def _ranges(header: str) -> Iterator[tuple[str, str, float]]:
    for element in _split(header, ","):
        range_, *parameters = _split(element, ";")
        kind, slash, sub = range_.lower().partition("/")
        weight: float | None = 1.0
        fits = bool(slash) and _token(kind) and _token(sub) and not (kind == "*" and sub != "*")
        for parameter in filter(None, parameters):
            name, equals, value = parameter.partition("=")
            name, value = name.strip(" \t").lower(), value.strip(" \t")
            quoted = len(value) > 1 and value[0] == value[-1] == '"'
            fits = fits and bool(equals) and _token(name) and (quoted or _token(value)) and name in ("q", "charset", "profile", "version")
            if name == "q":
                weight = _weight(value.strip('"'))
        if fits and weight is not None:
            yield kind, sub, weight


def reference(header: str, offers: Sequence[tuple[str, ...]]) -> int | None:
    """The offer that the RFC gives: each media type has the weight of the most specific range; the first of the best is taken."""
    ranges = list(_ranges(header)) if header.strip() else [("*", "*", 1.0)]
    weights = []
    for names in offers:
        weight = 0.0
        for kind, sub in (name.split("/") for name in names):
            for wanted in ((kind, sub), (kind, "*"), ("*", "*")):
                found = [q for k, s, q in ranges if (k, s) == wanted]
                if found:
                    weight = max(weight, *found)
                    break
        weights.append(weight)
    best = max(weights, default=0.0)
    return weights.index(best) if best else None


def test_there_are_forty_headers_and_more() -> None:
    """The case file is read."""
    assert len(HEADERS) >= 40 and len(set(HEADERS)) == len(HEADERS)


@pytest.mark.parametrize("kind", OFFERS)
def test_the_choice_is_that_of_the_rfc(kind: str) -> None:
    """Every header, with every sort of resource."""
    offers = OFFERS[kind]
    assert {header: choose(header, offers) for header in HEADERS} == {header: reference(header, offers) for header in HEADERS}


@pytest.mark.parametrize(
    ("header", "kind"), [("text/turtle;version=1.2", "page"), ("application/sparql-results+json;version=1.2", "results")]
)
def test_the_version_of_rdf_is_a_hint(header: str, kind: str) -> None:
    """Who says which version it knows gets what there is."""
    assert choose(header, OFFERS[kind]) == choose(header.partition(";")[0], OFFERS[kind])


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_header_is_misread(header: str) -> None:
    """Whatever is sent, both readings agree."""
    assert choose(header, OFFERS["page"]) == reference(header, OFFERS["page"])


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZIP;q=0.5", True),
        ("x-gzip", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*;q=0", False),
        ("identity", False),
        ("identity;q=0.5, gzip;q=0.4", False),
        ("gzip;q=0, *", False),
        ("br", False),
        ("gzip;q=2", False),
    ],
)
def test_gzip_is_sent_to_who_wants_it(header: str | None, wanted: bool) -> None:
    """Compressed bytes go to clients that say so, and to nobody else."""
    assert accepts_gzip(header) is wanted


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served."""
    with serving(release.path, "--budget", "10000") as running:
        yield running


ASKED = {
    "/disease/MONDO_0010626": ["html", "ttl", "jsonld", "nt", "bib", "ris", "txt", "linkset.json"],
    "/question/treatment-for-whom": ["html", "csv", "rq"],
    "/graph/disease/MONDO_0010626": ["html", "ttl", "jsonld", "nt", "bib", "ris", "txt", "linkset.json"],
    "/vocab": ["html", "ttl"],
    "/rarefacts": ["ttl", "jsonld", "trig", "nq"],
    "/dataset/rarefacts": ["html", "ttl"],
    "/.well-known/void": ["ttl"],
}
TYPES = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csv": "text/csv",
    "rq": "application/sparql-query",
    "txt": "text/plain",
    "linkset.json": "application/linkset+json",
}


def problem_type(header: str) -> str:
    """What a problem is told as: a page where the reference would rather have HTML than a problem document."""
    return (
        "text/html" if reference(header, [("application/problem+json", "application/json"), ("text/html",)]) else "application/problem+json"
    )


@pytest.mark.parametrize("path", ASKED)
def test_a_thing_leads_to_the_document_that_fits(path: str, server: Server) -> None:
    """303 to the document that the reference chooses, and the document is of that type; 406 with the list where there is none."""
    offers = [(TYPES[extension],) for extension in ASKED[path]]
    for header in HEADERS:
        answer = server.ask(path, **({"Accept": header} if header else {}))
        chosen = reference(header, offers)
        assert "Accept" in answer.headers["vary"], header
        if chosen is None:
            assert (answer.status, answer.type) == (406, problem_type(header)), header
            continue
        assert answer.status == 303, header
        there = server.ask(answer.headers["location"], method="HEAD")
        assert (there.status, there.type) == (200, offers[chosen][0]), header


@pytest.mark.parametrize(
    ("query", "kind", "offers"), [("ASK {}", "results", RESULT_OFFERS), ("CONSTRUCT WHERE {?s ?p ?o}", "graph", GRAPH_OFFERS)]
)
def test_an_answer_comes_in_what_fits(query: str, kind: str, offers: tuple[Offer, ...], server: Server) -> None:
    """Rows and graphs come in the type that the reference chooses, or 406 says which there are."""
    for header in HEADERS:
        answer = server.ask(f"/sparql?query={quote(query)}", **({"Accept": header} if header else {}))
        chosen = reference(header, OFFERS[kind])
        expected = (406, problem_type(header)) if chosen is None else (200, offers[chosen].media_type)
        assert (answer.status, answer.type) == expected, header


def test_no_cache_that_follows_vary_gives_a_wrong_type(server: Server) -> None:
    """Answers replayed by the headers that Vary names are those that would have been sent."""
    kept: dict[tuple[str, ...], tuple[int, str, str]] = {}
    for path, header, coding in product(["/disease/MONDO_0010626", "/disease/MONDO_0010626.ttl"], HEADERS, ["", "gzip", "identity"]):
        sent = {"Accept": header, "Accept_Encoding": coding}
        answer = server.ask(path, **{name: value for name, value in sent.items() if value})
        key = (path, *(sent.get(name.strip().replace("-", "_"), "") for name in answer.headers["vary"].split(",")))
        seen = (answer.status, answer.headers.get("location", answer.type), answer.headers.get("content-encoding", ""))
        assert kept.setdefault(key, seen) == seen, (path, header, coding)
