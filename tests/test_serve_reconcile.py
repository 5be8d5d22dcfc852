"""Reconciliation: no wrong match over the real release, and the protocol of the Reconciliation Service API 0.2."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

import kg
from kg.serve.clients import Clients
from kg.serve.limits import Limits
from kg.serve.names import Names
from kg.serve.problems import Problem
from kg.serve.reconcile import Reconciler
from kg.serve.reply import Reply
from tests.serving import SERVE, serving

HERE = "http://host.example"
SCHEMA: dict[str, Any] = json.loads((SERVE / "reconcile.json").read_text(encoding="utf-8"))
FORM = {"content-type": "application/x-www-form-urlencoded"}
CERTAIN = {
    "hyper-IgM syndrome type 1": "MONDO_0010626",
    "HYPER IGM SYNDROME 2": "MONDO_0011528",
    "hypér-ÍgM syndrome týpe 5": "MONDO_0011971",
    "hyper  IgM, syndrome (type 3)": "MONDO_0011735",
    "X-linked hyper IgM syndrome": "MONDO_0010626",
    "CD40 ligand deficiency": "MONDO_0010626",
    "AID deficiency": "MONDO_0011528",
    "hereditary disease": "MONDO_0003847",
    "primary immunodeficiency": "MONDO_0003778",
    "ORPHA:101088": "MONDO_0010626",
    "Orphanet 101088": "MONDO_0010626",
    "101088": "MONDO_0010626",
    "OMIM:308230": "MONDO_0010626",
    "omim 605258": "MONDO_0011528",
    "OMIMPS:308230": "MONDO_0003947",
    "MONDO_0010626": "MONDO_0010626",
    "MONDO:0011985": "MONDO_0011985",
    "DOID:0060758": "MONDO_0011528",
}
CANDIDATE = {
    "HIGM": "MONDO_0010626",
    "HIGM1": "MONDO_0010626",
    "HIGM2": "MONDO_0011528",
    "IHIS": "MONDO_0010626",
    "Hyper IgM syndrome": "MONDO_0003947",
    "hyper-IgM syndrome": "MONDO_0003947",
    "hyperimmunoglobulin M syndrome": "MONDO_0003947",
    "immunodeficiency with hyper-IgM": "MONDO_0003947",
    "CD40LG": "MONDO_0010626",
    "CD40": "MONDO_0011735",
    "HGNC:11935": "MONDO_0010626",
    "308230": "MONDO_0003947",
    "73": "MONDO_0010626",
    "ORPHA:183663": "MONDO_0010626",
    "MESH:D053306": "MONDO_0003947",
    "CD40 ligand deficeincy": "MONDO_0010626",
    "Hyper-IgM syndrom type 2": "MONDO_0011528",
    "qqqqqqqq": None,
    "": None,
    "…!": None,
}


@pytest.fixture(scope="module")
def service(release: kg.Release) -> Reconciler:
    return Reconciler(release.path, release.manifest["base"], Limits(), Clients(Limits()))


def ask(service: Reconciler, query: str = "", path: str = "reconcile", method: str = "GET", body: bytes = b"") -> Reply:
    return asyncio.run(service.reply(method, path, query, FORM, body, HERE, "127.0.0.1"))


def said(reply: Reply) -> Any:
    assert isinstance(reply.body, bytes)
    return json.loads(reply.body)


@pytest.mark.parametrize("text", [*CERTAIN, *CANDIDATE])
def test_a_match_is_certain_or_none(text: str, service: Reconciler) -> None:
    """The first candidate is the one expected, and nothing is a match but what means one disease."""
    found = said(ask(service, "queries=" + quote(json.dumps({"q0": {"query": text}}))))["q0"]["result"]
    assert (found[0]["id"] if found else None) == {**CERTAIN, **CANDIDATE}[text]
    assert [each["id"] for each in found if each["match"]] == ([CERTAIN[text]] if text in CERTAIN else [])
    assert all(0 < each["score"] <= 100 for each in found)


def test_no_word_of_two_diseases_is_a_match(release: kg.Release) -> None:
    """Every word of the index: none that another disease has too is a match."""
    document = json.loads((release.path / "assets" / "search.json").read_bytes())
    names = Names.of(document)
    for path, _, words in document["diseases"]:
        for word in words:
            for hit in names.find(word, 5):
                assert not hit.match or hit.disease.path == path, word


def test_what_is_answered_is_as_the_api_has_it(service: Reconciler) -> None:
    """Manifest, results and suggestions fit the schema, which tells apart what lacks something; what is announced is there."""
    batch = "queries=" + quote(json.dumps({str(n): {"query": text} for n, text in enumerate([*CERTAIN, *CANDIDATE])}))
    answers = {
        "manifest": said(ask(service)),
        "results": said(ask(service, batch)),
        "suggestions": said(ask(service, "prefix=hyper", "reconcile/suggest/entity")),
    }
    for name, answer in answers.items():
        validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})
        validator.validate(answer)
        assert not validator.is_valid(_without(answer, SCHEMA["lacking"][name])), name
    manifest = answers["manifest"]
    assert manifest["view"]["url"].startswith(HERE) and manifest["batchSize"] == Limits().reconcile_queries
    assert ask(service, path=manifest["suggest"]["entity"]["service_path"][1:]).status == 200
    assert manifest["suggest"].keys() == {"entity"}, "there is one type, and properties are not used"


def _without(document: Any, path: list[str]) -> Any:
    """A copy without what is at a path; ``*`` is the first of a list or an object."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in path[:-1]:
        inner = inner[step] if step != "*" else next(iter(inner.values() if isinstance(inner, dict) else inner))
    del inner[path[-1]]
    return copy


def test_suggestions_go_on_where_the_client_says(service: Reconciler) -> None:
    """The cursor is how many suggestions to leave out."""
    names = [said(ask(service, f"prefix=hyper&cursor={cursor}", "reconcile/suggest/entity"))["result"] for cursor in ("", "0", "2", "9999")]
    assert names[0] == names[1] and names[2] == names[0][2:] and len(names[0]) > 3 and names[3] == []
    for cursor in ("-1", "x", "1.5", "9" * 99):
        with pytest.raises(Problem):
            ask(service, f"prefix=hyper&cursor={cursor}", "reconcile/suggest/entity")


def test_properties_alone_have_no_candidates(service: Reconciler) -> None:
    """The others of the batch have theirs; a whole number may be written as a fraction."""
    queries = {"a": {"properties": [{"pid": "p", "v": "x"}]}, "b": {"query": "HIGM", "limit": 2.0}}
    found = said(ask(service, "queries=" + quote(json.dumps(queries))))
    assert [len(each["result"]) for each in found.values()] == [0, 2]


def test_the_work_counts_in_the_budget(release: kg.Release) -> None:
    """Whoever has used up the budget waits, for batches and suggestions as for queries; the manifest is there for everyone."""
    limits = Limits(budget=1e-6)
    service = Reconciler(release.path, release.manifest["base"], limits, Clients(limits))
    batch = "queries=" + quote('{"a": {"query": "HIGM"}}')
    assert ask(service, batch).status == 200
    for query, path in ((batch, "reconcile"), ("prefix=h", "reconcile/suggest/entity")):
        with pytest.raises(Problem) as caught:
            ask(service, query, path)
        assert (caught.value.status, caught.value.kind) == (429, "budget-used-up")
    assert ask(service).status == 200


BATCHES = [
    "{",
    "[]",
    '{"a": 1}',
    '{"a": {}}',
    '{"a": {"query": 1}}',
    '{"a": {"query": "x", "limit": 0}}',
    '{"a": {"query": "x", "limit": 1.5}}',
    '{"a": {"query": "x", "limit": 1e999}}',
    '{"a": {"query": "x", "limit": NaN}}',
    '{"a": {"query": "x", "limit": "1"}}',
    '{"a": {"properties": []}}',
    '{"a": {"properties": "p"}}',
    '{"a": {"query": "x", "type": 1}}',
]


@pytest.mark.parametrize("queries", [*BATCHES, json.dumps({"a": {"query": "x" * 501}}), "[" * 100_000])
def test_malformed_batches_are_told(queries: str, service: Reconciler) -> None:
    with pytest.raises(Problem) as caught:
        ask(service, method="POST", body=f"queries={quote(queries)}".encode())
    assert caught.value.status == 400


def test_caps_type_limit_and_jsonp(service: Reconciler) -> None:
    with pytest.raises(Problem) as caught:
        ask(service, "queries=" + quote(json.dumps({str(n): {"query": "x"} for n in range(51)})))
    assert caught.value.status == 413
    with pytest.raises(Problem):
        ask(service, "callback=f")
    found = said(ask(service, "queries=" + quote('{"a": {"query": "HIGM", "limit": 1}, "b": {"query": "HIGM", "type": "Gene"}}')))
    assert [len(each["result"]) for each in found.values()] == [1, 0]


@pytest.mark.parametrize(
    ("method", "sent"),
    [("POST", 'extend={"ids":["MONDO_0010626"],"properties":[]}'), ("GET", "extend={}"), ("POST", ""), ("POST", "query=x")],
)
def test_what_is_not_offered_is_told(method: str, sent: str, service: Reconciler) -> None:
    """Who asks for an extension of data, or posts no queries, gets a problem and not the manifest, which would be no answer."""
    with pytest.raises(Problem) as caught:
        ask(service, "" if method == "POST" else sent, method=method, body=sent.encode())
    assert (caught.value.status, caught.value.kind) == (400, "reconcile-query")


def test_no_cache_keeps_what_is_made_of_the_host(service: Reconciler) -> None:
    """The manifest and the preview have addresses of the server, as the client calls it; answers have none."""
    kept = {
        path: dict(ask(service, query, path).headers)["cache-control"]
        for path, query in (("reconcile", ""), ("reconcile/preview", "id=MONDO_0010626"), ("reconcile/suggest/entity", "prefix=hyper"))
    }
    assert kept == {"reconcile": "private, no-store", "reconcile/preview": "private, no-store", "reconcile/suggest/entity": "no-cache"}


def test_preview_escapes(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    (tmp_path / "assets").mkdir()
    document = {"schemes": {}, "diseases": [["disease/X_1.html", bad, ["X:1", bad]]]}
    (tmp_path / "assets" / "search.json").write_text(json.dumps(document), encoding="utf-8")
    page = ask(Reconciler(tmp_path, "https://example.org/", Limits(), Clients(Limits())), "id=X_1", "reconcile/preview").body
    assert isinstance(page, bytes) and b"<script" not in page and b"&lt;script" in page


def test_over_http(release: kg.Release) -> None:
    """CORS everywhere; only the preview may be framed."""
    with serving(release.path, "--workers", "1") as server:
        for path in ("/reconcile", "/reconcile/suggest/entity?prefix=hyper", "/reconcile/preview?id=MONDO_0010626"):
            answer = server.ask(path)
            assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
            ancestors = "*" if "preview" in path else "'none'"
            assert answer.headers["content-security-policy"].endswith(f"frame-ancestors {ancestors}")
        assert server.ask("/reconcile/preview?id=none").status == 404
        answer = server.ask("/reconcile", "POST", "queries=" + quote('{"a": {"query": "ORPHA:101088"}}'), Content_Type=FORM["content-type"])
        assert json.loads(answer.body)["a"]["result"][0]["match"] is True
