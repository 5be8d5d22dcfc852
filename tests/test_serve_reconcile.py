"""Reconciliation: no wrong match over the real release, and the protocol of the Reconciliation Service API 0.2."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import kg
from kg.serve.limits import Limits
from kg.serve.names import Names
from kg.serve.problems import Problem
from kg.serve.reconcile import Reconciler, origin
from kg.serve.reply import Reply
from tests.serving import serving

HERE = "http://host.example"
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
    return Reconciler(release.path, release.manifest["base"], Limits())


def ask(service: Reconciler, query: str = "", path: str = "reconcile", method: str = "GET", body: bytes = b"") -> Reply:
    return asyncio.run(service.reply(method, path, query, FORM, body, HERE))


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


def test_manifest(service: Reconciler) -> None:
    """What the API's schema requires is there."""
    manifest = said(ask(service))
    assert manifest.keys() >= {"versions", "name", "identifierSpace", "schemaSpace", "defaultTypes", "view", "preview", "suggest"}
    assert manifest["versions"] == ["0.2"] and "{{id}}" in manifest["view"]["url"] and "{{id}}" in manifest["preview"]["url"]


BATCHES = [
    "{",
    "[]",
    '{"a": 1}',
    '{"a": {}}',
    '{"a": {"query": 1}}',
    '{"a": {"query": "x", "limit": 0}}',
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
    with pytest.raises(Problem):
        origin("http", {"host": 'a"><script>'})


def test_preview_escapes(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    (tmp_path / "assets").mkdir()
    document = {"schemes": {}, "diseases": [["disease/X_1.html", bad, ["X:1", bad]]]}
    (tmp_path / "assets" / "search.json").write_text(json.dumps(document), encoding="utf-8")
    page = ask(Reconciler(tmp_path, "https://example.org/", Limits()), "id=X_1", "reconcile/preview").body
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
