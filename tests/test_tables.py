"""The tables of a release: every fact with every citation for spreadsheets, every mapping for mapping tools, and gzip."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import shutil
import subprocess
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad

import kg
from kg import vocabulary as v
from kg.dataset import read_dataset
from kg.graph import follow, store_of
from kg.parallel import HERE
from kg.publish.content import Content
from kg.publish.exports import Around, Export
from kg.publish.packing import packed
from kg.publish.tables import harmless
from tests.cases import lay
from tests.conftest import ROOT
from tests.contents import derived

SSSOM_REQUIRED = {"subject_id", "predicate_id", "object_id", "mapping_justification"}
SSSOM_SET_REQUIRED = {"mapping_set_id", "license"}
"""What SSSOM demands of a mapping between entities and of a set (https://mapping-commons.github.io/sssom/spec-model/)."""


def _facts(release: kg.Release) -> list[dict[str, str]]:
    text = (release.path / f"{release.manifest['name']}-facts.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _sssom(release: kg.Release) -> tuple[list[str], list[dict[str, str]]]:
    lines = (release.path / f"{release.manifest['name']}.sssom.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    head = [line[2:].rstrip("\n") for line in lines if line.startswith("# ")]
    return head, list(csv.DictReader(lines[len(head) :], delimiter="\t"))


def test_a_row_for_each_fact_and_citation(release: kg.Release) -> None:
    """Facts and evidence lines are those of the graph, one row each, and a cell says who says it and where."""
    lines = kg.open(release.path).query("SELECT ?fact ?source WHERE { ?fact rf:evidence ?line . ?line rf:source ?source }")
    wanted = Counter((str(getattr(row["fact"], "value", "")), str(getattr(row["source"], "value", ""))) for row in lines)
    rows = _facts(release)
    assert Counter((row["fact"], row["source"]) for row in rows) == wanted
    assert len({row["fact"] for row in rows}) == release.manifest["counts"]["facts"]
    [row] = [row for row in rows if row["fact"].endswith("#ivig") and row["source"].endswith("/pirc-2008")]
    base = release.manifest["base"]
    assert row == {
        "disease": f"{base}disease/MONDO_0010626",
        "disease_label": "hyper-IgM syndrome type 1",
        "kind": "treatment",
        "fact": f"{base}disease/MONDO_0010626#ivig",
        "predicate": "rf:treatedBy",
        "predicate_label": "treated by",
        "object": "MAXO:0001480",
        "object_label": "immunoglobulin infusion therapy",
        "qualifiers": "lowers: IgM; place in therapy: cornerstone; regimen: given into a vein, at regular intervals; supplies: IgG",
        "negated": "false",
        "status": "accepted",
        "direction": "supports",
        "source": f"{base}source/pirc-2008",
        "source_title": "Hyper IgM Immunodeficiency",
        "identifier": "",
        "via": f"{base}source/gard-higm1-2013",
        "locator": '"How might hyper IgM syndrome be treated?", paragraph 1',
        "evidence_type": "",
        "checked": "2026-11-22",
        "comment": "",
    }


def test_what_is_denied_or_disputed_says_so_in_its_row(release: kg.Release) -> None:
    """A spreadsheet shows both sides: the row of a work that disputes says so, and so does what is excluded."""
    rows = _facts(release)
    disputed = {row["direction"] for row in rows if row["fact"].endswith("MONDO_0010626#autosomal-recessive")}
    assert disputed == {"supports", "disputes"}
    [excluded] = [row for row in rows if row["fact"].endswith("MONDO_0011528#no-opportunistic-infections")]
    assert (excluded["negated"], excluded["status"]) == ("true", "accepted")


def _linked(quads: list[Quad], base: str) -> list[Quad]:
    """The same with what parts could get wrong: facts named below no disease, facts about facts and of facts, titles in two graphs."""
    graph = NamedNode(f"{base}graph/more")
    facts = sorted({str(quad.subject) for quad in quads if quad.predicate == v.RDF_SUBJECT})
    elsewhere = {fact: NamedNode(f"{base}import/{number}#fact") for number, fact in enumerate(facts) if number % 7 == 0}

    def moved(term: Any) -> Any:
        return elsewhere.get(str(term), term)

    linked = [Quad(moved(quad.subject), quad.predicate, moved(quad.object), quad.graph_name) for quad in quads]
    names = [moved(NamedNode(fact[1:-1])) if fact not in elsewhere else elsewhere[fact] for fact in facts]
    linked += [Quad(one, v.RDF_OBJECT, other, graph) for one, other in zip(names[::5], names[3::5], strict=False)]
    linked += [
        Quad(one, v.EVIDENCE, quad.object, graph) for one, quad in zip(names, (q for q in quads if q.predicate == v.EVIDENCE), strict=False)
    ]
    linked += [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads if quad.predicate in (v.TITLE, v.RDFS_LABEL)]
    scheme = NamedNode(f"{base}scheme")
    return [*linked, Quad(scheme, v.SH_NAMESPACE, Literal("https://pubmed"), graph), Quad(scheme, v.SH_PREFIX, Literal("also"), graph)]


@pytest.mark.parametrize("name", ["facts", "mappings"])
def test_rows_of_parts_are_those_of_the_whole(data: Path, name: str) -> None:
    """An export that comes with kg, asked of what the facts of each part lead to, has the rows that it has of the whole."""
    dataset = read_dataset(data)
    written = store_of([*dataset.ontology.quads(), *dataset.quads])
    follow(dataset, written)
    quads = [*dataset.ontology.quads(), *dataset.quads, *derived(dataset, written)]
    store = store_of(_linked(quads, dataset.base))
    content = Content(dataset, store, filled=True)
    export, around = Export(name, dataset), Around(content.by_subject, store)
    parts = content.by_subject.parts(1)
    assert len(parts) > 50
    found = Counter(tuple(map(str, row)) for part in parts for row in export.ask(around.store(part)))
    assert found == Counter(tuple(map(str, row)) for row in export.ask(store))
    assert len(found) > 50
    assert export.comes_with_kg


def test_an_export_of_a_dataset_is_asked_of_the_whole(data: Path, tmp_path: Path) -> None:
    """A query that a dataset brings instead may look at anything: here it counts all facts, in one row."""
    folder = shutil.copytree(data, tmp_path / "data")
    own = folder / "ontology" / "exports" / "facts.rq"
    own.parent.mkdir(parents=True)
    own.write_text("SELECT (COUNT(*) AS ?facts) WHERE { ?fact rdf:subject ?disease }", encoding="utf-8")
    release = kg.build(folder, tmp_path / "release")
    assert _facts(release) == [{"facts": str(release.manifest["counts"]["facts"])}]
    assert len(_sssom(release)[1]) > 50


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("+0.5", "+0.5"),
        ("-٥", "'-٥"),
        ("-", "'-"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    """What a spreadsheet would evaluate is defused; numbers and plain text stay as they are."""
    assert harmless(text) == cell


def test_formulas_in_the_records_are_defused(data: Path, tmp_path: Path) -> None:
    """A name and a title that are formulas come out as text, and only there: the graph keeps what was written."""
    folder = shutil.copytree(data, tmp_path / "data")
    record = folder / "diseases" / "hyper-igm-syndrome-type-1.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("name: IMD3", 'name: "=HYPERLINK(1)"'), encoding="utf-8")
    release = kg.build(folder, tmp_path / "release")
    [row] = [row for row in _facts(release) if row["fact"].endswith("#imd3")]
    assert row["object"] == "'=HYPERLINK(1)"
    assert all(not cell.startswith(("=", "+", "@")) for row in _facts(release) for cell in row.values())
    [answer] = kg.open(release.path).query("SELECT ?name WHERE { ?fact rdf:object ?name FILTER STRENDS(STR(?fact), '#imd3') }")
    assert getattr(answer["name"], "value", "") == "=HYPERLINK(1)"


def test_mappings_are_sssom(release: kg.Release) -> None:
    """By the words of its specification: required slots are filled, every CURIE has its prefix in the map, no prefix is idle."""
    head, rows = _sssom(release)
    slots = {line.partition(":")[0] for line in head if not line.startswith(" ")}
    assert slots >= SSSOM_SET_REQUIRED | {"curie_map"}
    prefixes = {line.strip().partition(":")[0] for line in head if line.startswith("  ")}
    curies = [row[slot] for row in rows for slot in sorted(SSSOM_REQUIRED | {"mapping_source"})]
    assert all(re.fullmatch(r"[\w.]+:\S+", curie) for curie in curies)
    assert {curie.partition(":")[0] for curie in curies} == prefixes
    assert {row["mapping_justification"] for row in rows} == {"semapv:UnspecifiedMatching"}
    assert {row["predicate_modifier"] for row in rows} <= {"", "Not"}


def test_a_mapping_keeps_the_justification_that_its_work_gives(tmp_path: Path) -> None:
    """The justification of a mapping is the one that its evidence has, and that of an unspecified process where it has none."""
    cases = ROOT / "tests" / "shapes"
    release = kg.build(lay(cases / "mapping" / "valid-mapping.yaml", cases / "base", tmp_path / "data"), tmp_path / "release")
    given = {row["object_id"]: row["mapping_justification"] for row in _sssom(release)[1]}
    assert given["DOID:9999000"] == "semapv:LexicalMatching"
    assert {given[other] for other in given if other != "DOID:9999000"} == {"semapv:UnspecifiedMatching"}


def test_every_accepted_mapping_is_in_it(release: kg.Release) -> None:
    """A row per accepted mapping and work that supports it; the permalink of the fact leads back."""
    rows = kg.open(release.path).query(
        "SELECT ?fact ?line WHERE { ?fact a rf:Mapping ; rf:status rf:accepted ; rf:evidence ?line . ?line rf:direction rf:supports }"
    )
    wanted = Counter(str(getattr(row["fact"], "value", "")) for row in rows)
    assert Counter(row["see_also"] for row in _sssom(release)[1]) == wanted


def test_sssom_says_that_it_is_sssom(release: kg.Release, tmp_path: Path) -> None:
    """The reference implementation finds the file valid, and finds it invalid when it is broken."""
    command = os.environ.get("KG_SSSOM") or shutil.which("sssom")
    if command is None:
        pytest.skip("sssom is not installed (pip install sssom, in an environment of its own; KG_SSSOM names the command)")
    good = release.path / f"{release.manifest['name']}.sssom.tsv"
    bad = tmp_path / "bad.sssom.tsv"
    bad.write_text(good.read_text(encoding="utf-8").replace("semapv:Unspecified", "semapv:Unheardof"), encoding="utf-8")
    codes = [subprocess.run([command, "validate", str(file)], capture_output=True, check=False).returncode for file in (good, bad)]
    assert codes == [0, 1]


def test_gzip_has_no_time_and_no_name(release: kg.Release) -> None:
    """Each compressed dump unpacks to the dump beside it; its head (RFC 1952) has neither a name nor a time."""
    packed = sorted(release.path.glob("*.gz"))
    assert [path.name.removeprefix(release.manifest["name"]) for path in packed] == ["-rdf12.ttl.gz", ".jsonld.gz", ".nq.gz", ".ttl.gz"]
    for path in packed:
        body = path.read_bytes()
        assert gzip.decompress(body) == path.with_suffix("").read_bytes()
        assert (body[3], body[4:8]) == (0, b"\0\0\0\0")


@pytest.mark.parametrize("size", [0, 1, 2**22, 2**22 + 1, 9 * 2**20])
def test_what_is_compressed_in_chunks_is_one_member(tmp_path: Path, size: int) -> None:
    """Of whatever size a file is, its chunks are one member of gzip, which any reader unpacks to the file, checksum and all."""
    path = tmp_path / "file"
    path.write_bytes((b"".join(b"line %d\n" % number for number in range(1_000_000)))[:size])
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert reader.decompress(b"".join(packed(path, HERE))) == path.read_bytes()
    assert (reader.eof, reader.unused_data) == (True, b"")
