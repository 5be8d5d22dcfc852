"""Foreign RDF and its query: the worked example, nodes right and wrong, formats, queries that are refused, and spoilt files."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from kg import limits
from kg.errors import UnreadableError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.serialize import to_bytes
from kg.sources.model import Item
from kg.sources.rdf import RDF
from tests.conftest import ROOT
from tests.importing import mangled, read, shown, sources, values

CASES = ROOT / "tests" / "sources" / "rdf"
ONTOLOGY = Ontology.load(ontology_folders())
WORKS = {"data": "nando-like-2026-03"}
NANDO = {"mapping": CASES / "nando-like.yaml", "query": CASES / "nando-like.rq", "data": CASES / "nando-like.ttl"}


def _items(paths: dict[str, Path], *more: Path) -> list[Item]:
    files = {role: sources(path) for role, path in paths.items()}
    files["data"] += sources(*more)
    assert RDF.describe is not None
    return read(RDF.describe(files), files, WORKS, ONTOLOGY)


@pytest.mark.parametrize("name", ["nando-like", "nodes"])
def test_data_and_query_become_items(name: str) -> None:
    """What a query makes of a file becomes the facts and reasons that stand beside it, and what it leaves out is reported."""
    items = _items({**NANDO, "query": CASES / f"{name}.rq", "data": CASES / f"{name}.ttl"})
    assert shown(items) == (CASES / f"{name}.ttl.items.txt").read_text(encoding="utf-8")


def test_a_query_describes_no_work() -> None:
    """The work that facts cite, and the name of the import, are those of the mapping."""
    assert RDF.describe is not None
    importer = RDF.describe({role: sources(path) for role, path in NANDO.items()})
    assert (importer.name, [role.work for role in importer.roles]) == ("rdf-nando-like", ["", "", "nando-like"])


FORMATS = {"nt": RdfFormat.N_TRIPLES, "nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD}


@pytest.mark.parametrize("extension", FORMATS)
def test_formats(tmp_path: Path, extension: str) -> None:
    """The same statements make the same facts, in whatever format they are."""
    quads = list(parse(path=str(NANDO["data"])))
    (tmp_path / f"nando-like.{extension}").write_bytes(to_bytes([q.triple for q in quads], FORMATS[extension]))
    found = shown(_items({**NANDO, "data": tmp_path / f"nando-like.{extension}"})).replace(f".{extension}:", ".ttl:")
    assert found == (CASES / "nando-like.ttl.items.txt").read_text(encoding="utf-8")


def test_several_files_are_one_graph(tmp_path: Path) -> None:
    """A query may join what stands in several files, and the blank nodes of one are not those of another."""
    of = "<http://identifiers.org/mim/999996>"
    nando, identifier = "http://nanbyodata.jp/ontology/nando#", "<http://purl.org/dc/terms/identifier>"
    mode = f"{of} <{nando}hasInheritance> <http://purl.obolibrary.org/obo/HP_0000007> ."
    (tmp_path / "a.ttl").write_text(f"{mode} _:x <{nando}hasInheritance> _:y .", encoding="utf-8")
    (tmp_path / "b.ttl").write_text(f'{of} {identifier} "999996" . _:x {identifier} "1" .', encoding="utf-8")
    items = _items({**NANDO, "data": tmp_path / "a.ttl"}, tmp_path / "b.ttl")
    assert [(fact.about, fact.says) for item in items for fact in item.facts] == [("OMIM:999996", {"mode": "HP:0000007"})]


REFUSED = {
    "SERVICE <https://example.org/> { ?s ?p ?o }": "the word SERVICE",
    "?s nosuch:p ?o": "the prefix nosuch: is not declared",
    "?s ?p": "cannot be read at line 1",
    "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o": "takes more than ",
    "?s ?p ?o . BIND(CONCAT(STR(?s), STR(?s), STR(?s), STR(?s), STR(?s), STR(?s), STR(?s), STR(?s)) AS ?v0)"
    + "".join(f" BIND(CONCAT({', '.join([f'?v{n}'] * 8)}) AS ?v{n + 1})" for n in range(9)): "brings the engine down",
}


@pytest.mark.parametrize("pattern", REFUSED, ids=lambda pattern: pattern[:30])
def test_refused_queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    """A query that would leave the machine, cannot be read, or takes all time or memory there is, is refused by name."""
    monkeypatch.setattr(limits, "CONSTRUCT_SECONDS", 2 if "takes" in REFUSED[pattern] else 60)
    monkeypatch.setattr(limits, "CONSTRUCT_MEMORY", 1 << 30)
    last = re.findall(r"\?v\d+(?= \)|\)$)", pattern)
    made = f"?s <https://example.org/p> {last[-1]}" if last else "[] a ?s"
    (tmp_path / "q.rq").write_text(f"CONSTRUCT {{ {made} }} WHERE {{ {pattern} }}", encoding="utf-8")
    with pytest.raises(UnreadableError, match=re.escape(REFUSED[pattern])) as caught:
        _items({**NANDO, "query": tmp_path / "q.rq"})
    assert str(caught.value).startswith("q.rq:1:")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { ?s ?p ?o }", "is no CONSTRUCT query"),
        ("ASK { ?s ?p ?o }", "is no CONSTRUCT query"),
        ("CONSTRUCT { [] a ?s } FROM <https://example.org/> WHERE { ?s ?p ?o }", "names graphs with FROM"),
        ("CONSTRUCT { [] a ?s, ?o, ?c } WHERE { ?s ?p ?o . ?a ?b ?c }", "makes more than 100 triples"),
    ],
)
def test_queries_that_make_no_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, said: str) -> None:
    """What is no CONSTRUCT over the files, or makes more than there can be, is refused."""
    monkeypatch.setattr(limits, "CONSTRUCT_TRIPLES", 100)
    (tmp_path / "q.rq").write_text(query, encoding="utf-8")
    with pytest.raises(UnreadableError, match=re.escape(said)):
        _items({**NANDO, "query": tmp_path / "q.rq"})


@pytest.mark.parametrize(("role", "separator", "count"), [("data", " ", 30), ("query", " ", 20), ("mapping", ": ", 20)])
def test_spoilt_files(tmp_path: Path, role: str, separator: str, count: int) -> None:
    """However a file is spoilt, it is refused or its losses are reported, and no fact says what does not stand there."""
    known = values(_items(NANDO))
    refused = 0
    for number, (what, content) in itertools.islice(enumerate(mangled(NANDO[role].read_bytes(), separator)), count):
        spoilt = tmp_path / str(number) / NANDO[role].name
        spoilt.parent.mkdir()
        spoilt.write_bytes(content)
        try:
            items = _items({**NANDO, role: spoilt})
        except UnreadableError as error:
            assert "nando-like." in str(error)
            refused += 1
            continue
        text = content.decode("utf-8", errors="replace") + NANDO["data"].read_text(encoding="utf-8")
        for value in values(items) - known:
            assert value in text or value.rpartition(":")[2] in text, (what, value)
    assert count / 4 < refused < count


# --- the real files, by the queries of docs/mappings ---


def _handed_out(name: str, data: Path) -> dict[str, Path]:
    return {"mapping": ROOT / "docs" / "mappings" / f"{name}.yaml", "query": ROOT / "docs" / "mappings" / f"{name}.rq", "data": data}


def test_real_nando(real_data: Path) -> None:
    """The real classes become names and mappings, as a plain reading of the file has them; their parents, which it lacks, are told."""
    path = real_data / "higm" / "nando.ttl"
    items = _items(_handed_out("nando", path))
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^:(\d{7}) a owl:Class ;(.*?) \.$", text, re.MULTILINE | re.DOTALL)
    expected = set()
    for number, block in blocks:
        labels = block.partition("rdfs:label")[2].partition(" ;")[0]
        expected |= {(number, "exact", name, tag.lower()) for name, tag in re.findall(r'"([^"]*)"@([\w-]+)', labels)}
        expected |= {(number, "preferred", name, tag) for name, tag in re.findall(r'skos:prefLabel "([^"]*)"@(\w+)', block)}
        expected |= {(number, "exactMatch", each, "") for each in re.findall(r"skos:exactMatch obo:MONDO_(\d+)", block)}
    expected -= {(number, "exact", name, tag) for number, kind, name, tag in expected if kind == "preferred"}
    assert len(expected) == 8
    assert expected == {
        (
            fact.about.removeprefix("NANDO:"),
            str(fact.says.get("kind", fact.says.get("relation"))),
            str(fact.says.get("name", fact.says.get("to"))).removeprefix("MONDO:"),
            str(fact.says.get("lang", "")),
        )
        for item in items
        for fact in item.facts
    }
    parents = {(parent, number) for number, block in blocks for parent in re.findall(r"rdfs:subClassOf :(\d+)", block)}
    assert {tuple(re.findall(r"NANDO_(\d+)", item.what)) for item in items if item.lost} == parents


def test_real_pubcasefinder(real_data: Path) -> None:
    """Each real disease has the mode of inheritance that stands in its block, under its identifier in OMIM or Orphanet."""
    path = real_data / "higm" / "pubcasefinder.ttl"
    items = _items(_handed_out("pubcasefinder", path))
    blocks = re.findall(
        r"^(mim:|ordo:Orphanet_)(\d+) a .*?nando:hasInheritance obo:HP_(\d+)", path.read_text(encoding="utf-8"), re.M | re.S
    )
    expected = {({"mim:": "OMIM:"}.get(prefix, "ORPHA:") + number, f"HP:{mode}") for prefix, number, mode in blocks}
    assert len(expected) == 10
    assert expected == {(fact.about, fact.says["mode"]) for item in items for fact in item.facts if fact.kind == "inheritance"}
    assert Counter(item.lost for item in items) == {"": 30, "not-constructed": 8}
