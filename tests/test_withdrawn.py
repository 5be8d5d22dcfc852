"""What was withdrawn goes on answering: 410 with a tombstone, in each format; it is listed in one place, and nothing is lost in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

import kg
from kg import vocabulary as v
from kg.dataset import read_dataset
from kg.formats import DOCUMENTS, Format, content_type
from kg.publish import kept
from kg.publish import place as place_module
from kg.publish import release as release_module
from kg.publish.kept import refuse_missing
from kg.publish.permalinks import permalinks, permalinks_but
from kg.publish.release import verify
from tests.cases import lay
from tests.conftest import ROOT
from tests.contents import stated
from tests.serving import Server, serving

CASES = ROOT / "tests" / "shapes"
MERGED, SPLIT, WORK = "disease/MONDO_9999007", "disease/MONDO_9999008", "source/page-nine"
XHTML = "{http://www.w3.org/1999/xhtml}"
RECORD = """withdrawn: disease/MONDO_9999000
title: group of made-up diseases
withdrawnOn: 2026-11-22
lastVersion: 0.9.0
reason: It was no group.
"""


### In the release


@pytest.mark.parametrize("format", DOCUMENTS, ids=lambda format: format.name)
def test_a_tombstone_says_what_there_is_to_say(withdrawing: kg.Release, format: Format) -> None:
    """That it is deprecated, what it was, when, why, in which version last, what stands in its place; the same in each format."""
    base = withdrawing.manifest["base"]
    quads = parse(path=str(withdrawing.path / f"{SPLIT}.{format.extension}"), format=format.rdf, base_iri=base)
    said = {
        (quad.predicate.value.replace("#", "/").rpartition("/")[2], str(quad.object))
        for quad in quads
        if quad.subject == NamedNode(base + SPLIT)
    }
    date = "http://www.w3.org/2001/XMLSchema#date"
    assert said == {
        ("type", "<https://w3id.org/rarefacts/vocab#Tombstone>"),
        ("deprecated", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("title", '"another made-up disease"@en'),
        ("withdrawnOn", f'"2026-11-22"^^<{date}>'),
        ("lastVersion", '"0.8.0"'),
        ("reason", '"It was two diseases."@en'),
        ("comment", '"A remark."@en'),
        ("isReplacedBy", f"<{base}disease/MONDO_9999000>"),
        ("isReplacedBy", f"<{base}disease/MONDO_9999001>"),
    }


def test_the_graph_knows(withdrawing: kg.Release) -> None:
    """A query finds that it is deprecated, in the graph that is named after it; it is no disease, and is counted as none."""
    graph = kg.open(withdrawing.path)
    assert graph.query(f"ASK {{ <{withdrawing.manifest['base']}{MERGED}> owl:deprecated true }}")
    [row] = graph.query("SELECT (COUNT(*) AS ?gone) { ?thing a rf:Tombstone FILTER NOT EXISTS { ?thing a rf:Disease } }")
    assert row["gone"] == Literal(3)
    said = [
        q.graph_name
        for q in parse(path=str(withdrawing.dump("nq")), format=RdfFormat.N_QUADS)
        if q.object == Literal("A remark.", language="en")
    ]
    assert said == [NamedNode(f"{withdrawing.manifest['base']}graph/{SPLIT}")]
    assert withdrawing.manifest["counts"]["diseases"] == 2
    assert withdrawing.manifest["withdrawn"] == {
        MERGED: ["disease/MONDO_9999000"],
        SPLIT: ["disease/MONDO_9999000", "disease/MONDO_9999001"],
        WORK: ["source/page-one"],
    }


@pytest.mark.parametrize("thing", [MERGED, SPLIT, WORK])
def test_it_is_listed_in_one_place(withdrawing: kg.Release, thing: str) -> None:
    """No page, index, search, sitemap or link set names it but one list; dumps have it, and the feed tells of it."""
    dumps = {file["path"] for file in withdrawing.manifest["files"] if file["path"].startswith(f"{withdrawing.manifest['name']}.")}
    rdf12 = f"{withdrawing.manifest['name']}-rdf12.ttl"
    told = {path for path in dumps | {rdf12} if not path.endswith((".gz", ".tsv"))} | {
        "feed.atom",
        "withdrawn.html",
        ".htaccess",
        "nginx.conf",
    }
    named = {
        file["path"]
        for file in withdrawing.manifest["files"]
        if thing.rpartition("/")[2].encode() in (withdrawing.path / file["path"]).read_bytes() and not file["path"].startswith(thing)
    }
    assert named == told


def test_the_feed_tells_of_it(withdrawing: kg.Release) -> None:
    """An entry for each, with the day on which it was withdrawn, among the diseases that changed."""
    feed = ElementTree.parse(withdrawing.path / "feed.atom")  # noqa: S314 (our own)
    entries = [[each.text for each in entry][:3] for entry in feed.iter("{http://www.w3.org/2005/Atom}entry")]
    base = withdrawing.manifest["base"]
    assert [f"{base}{SPLIT}", "Withdrawn: another made-up disease", "2026-11-22T00:00:00Z"] == entries[0]
    assert [f"{base}{WORK}", "Withdrawn: a page that was never there", "2026-10-01T00:00:00Z"] in entries
    assert len(entries) == 5


@pytest.mark.parametrize("thing", [MERGED, SPLIT, WORK])
def test_its_page_leads_on(withdrawing: kg.Release, thing: str) -> None:
    """The page is in no search engine; it leads to what stands in its place, and the page of the dataset leads to the list that has it."""

    def links(path: str) -> set[str]:
        page = html5lib.parse((withdrawing.path / path).read_bytes().decode(), treebuilder="etree")
        hrefs = [each.get("href") or "" for each in page.iter(XHTML + "a")]
        return {href.removeprefix("../").removeprefix("./") for href in hrefs}

    text = (withdrawing.path / f"{thing}.html").read_text(encoding="utf-8")
    assert '<meta name="robots" content="noindex">' in text and "Withdrawn" in text
    replaced = {f"{path}.html" for path in withdrawing.manifest["withdrawn"][thing]}
    assert replaced <= links(f"{thing}.html") and all((withdrawing.path / path).is_file() for path in replaced)
    assert f"{thing}.html" in links("withdrawn.html") and "withdrawn.html" in links("dataset.html")


def test_nothing_withdrawn_is_said_too(release: kg.Release) -> None:
    """A dataset that withdraws nothing has the list as well, and it says so; hosts get no rule."""
    assert release.manifest["withdrawn"] == {}
    assert "Nothing has been withdrawn." in (release.path / "withdrawn.html").read_text(encoding="utf-8")
    assert not any("410" in (release.path / path).read_text(encoding="utf-8") for path in (".htaccess", "nginx.conf"))


### Facts

DISEASE = "disease/MONDO_9999001"
RENAMED, DROPPED = f"{DISEASE}#feature-1", f"{DISEASE}#phenotype-HP_9999002-1a2b3c4d"


@pytest.fixture(scope="module")
def withdrawing_facts(tmp_path_factory: pytest.TempPathFactory) -> kg.Release:
    """A release of a made-up dataset in which a fact got another name, and one that an import made was dropped."""
    place = tmp_path_factory.mktemp("facts")
    return kg.build(lay(CASES / "core" / "valid-withdrawn-fact.yaml", CASES / "base", place / "data"), place / "release")


@pytest.mark.parametrize("format", DOCUMENTS, ids=lambda format: format.name)
def test_the_documents_of_a_disease_say_what_was_withdrawn(withdrawing_facts: kg.Release, format: Format) -> None:
    """That it is deprecated, what it was, when, why, in which version last, and of which disease; the same in each format."""
    base = withdrawing_facts.manifest["base"]
    quads = list(parse(path=str(withdrawing_facts.path / f"{DISEASE}.{format.extension}"), format=format.rdf, base_iri=base))
    said = {(quad.predicate.value.replace("#", "/").rpartition("/")[2], str(quad.object)) for quad in quads if RENAMED in str(quad.subject)}
    date, boolean = (f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("date", "boolean"))
    assert said == {
        ("type", "<https://w3id.org/rarefacts/vocab#Tombstone>"),
        ("deprecated", f'"true"^^<{boolean}>'),
        ("title", '"feature one"@en'),
        ("withdrawnOn", f'"2026-10-01"^^<{date}>'),
        ("lastVersion", '"0.9.0"'),
        ("reason", '"Its name was that of no other fact."@en'),
        ("isPartOf", f"<{base}{DISEASE}>"),
        ("isReplacedBy", f"<{base}{DISEASE}#feature-one>"),
    }
    assert {str(quad.object) for quad in quads if DROPPED in str(quad.subject)} >= {'"Ein Versehen."@de', '"Eine Bemerkung."@de'}


def test_the_graph_knows_withdrawn_facts(withdrawing_facts: kg.Release) -> None:
    """A query finds them by their disease, in its graph; they are no facts, and are counted as none."""
    graph = kg.open(withdrawing_facts.path)
    base = withdrawing_facts.manifest["base"]
    where = "?gone a rf:Tombstone ; dcterms:isPartOf ?disease OPTIONAL { ?gone dcterms:isReplacedBy ?now }"
    query = f"SELECT ?g ?gone ?now {{ GRAPH ?g {{ {where} }} }}"
    rows = list(graph.query(query, {"g": f"{base}graph/{DISEASE}"}))
    found = {(str(row["gone"]).strip("<>"), str(row["now"] or "").strip("<>")) for row in rows}
    assert found == {(base + RENAMED, f"{base}{DISEASE}#feature-one"), (base + DROPPED, "")}
    assert graph.query(f"ASK {{ <{base}{RENAMED}> owl:deprecated true FILTER NOT EXISTS {{ <{base}{RENAMED}> a rf:Fact }} }}")
    assert withdrawing_facts.manifest["counts"]["facts"] == 3


def test_the_permalink_of_a_withdrawn_fact_leads_to_what_became_of_it(withdrawing_facts: kg.Release) -> None:
    """The page of the disease has an anchor of this name: when, why, and a link to what stands in its place; the list leads there."""
    page = html5lib.parse((withdrawing_facts.path / f"{DISEASE}.html").read_bytes().decode(), treebuilder="etree")
    for anchor, told, places in [
        ("feature-1", ["1 October 2026", "feature one", "Its name was that of no other fact.", "0.9.0"], ["feature-one"]),
        ("phenotype-HP_9999002-1a2b3c4d", ["22 November 2026", "feature zwei", "Ein Versehen.", "Eine Bemerkung.", "0.8.0"], []),
    ]:
        (entry,) = (each for each in page.iter() if each.get("id") == anchor)
        assert [text for text in told if text not in "".join(entry.itertext())] == []
        assert [each.get("href") for each in entry.iter(XHTML + "a")] == [f"../{DISEASE}.html#{place}" for place in places]
    (replacement,) = (each for each in page.iter() if each.get("id") == "feature-one")
    assert "Last in version" not in "".join(replacement.itertext())
    text = (withdrawing_facts.path / "withdrawn.html").read_text(encoding="utf-8")
    listed = [each.get("href") for each in html5lib.parse(text, treebuilder="etree").iter(XHTML + "a")]
    assert [f"./{DISEASE}.html#{thing.partition('#')[2]}" in listed for thing in (RENAMED, DROPPED)] == [True, True]
    assert "Its name was that of no other fact." in text and "noindex" not in text


def test_a_withdrawn_fact_has_no_document_of_its_own(withdrawing_facts: kg.Release) -> None:
    """A server cannot see a fragment, so nothing is gone for it; the feed and the sitemap tell that the disease changed."""
    assert withdrawing_facts.manifest["withdrawn"] == {}
    assert [file["path"] for file in withdrawing_facts.manifest["files"] if "#" in file["path"]] == []
    assert not any("410" in (withdrawing_facts.path / path).read_text(encoding="utf-8") for path in (".htaccess", "nginx.conf"))
    feed = ElementTree.parse(withdrawing_facts.path / "feed.atom")  # noqa: S314 (our own)
    entry = next(feed.iter("{http://www.w3.org/2005/Atom}entry"))
    assert [each.text for each in entry][:3:2] == [withdrawing_facts.manifest["base"] + DISEASE, "2026-11-22T00:00:00Z"]


### From one release to the next


def _base(folder: Path) -> Path:
    return lay(CASES / "core" / "valid-dataset-previous-version.yaml", CASES / "base", folder)


def test_what_was_published_cannot_vanish(tmp_path: Path) -> None:
    """A disease or work that the data no longer has stops the build, by name; once it is withdrawn all is well, and for ever."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    before = kg.build(data, out).path.resolve()
    (data / "diseases" / "parent.yaml").unlink()
    (data / "sources" / "article-two.yaml").unlink()
    with pytest.raises(
        kg.KgError, match=r"release: has disease/MONDO_9999000, source/article-two, .* begins with withdrawn: disease/MONDO_9999000"
    ):
        kg.build(data, out)
    assert out.resolve() == before and verify(out) == []
    (data / "withdrawn").mkdir()
    (data / "withdrawn" / "disease.yaml").write_text(RECORD, encoding="utf-8")
    (data / "withdrawn" / "work.yaml").write_text(RECORD.replace("disease/MONDO_9999000", "source/article-two"), encoding="utf-8")
    kg.build(data, out)
    (data / "withdrawn" / "work.yaml").unlink()
    with pytest.raises(kg.KgError, match=r"release: has source/article-two, "):
        kg.build(data, out)


FACT = """disease: MONDO_9999001
modified: 2026-01-01
checked: 2026-01-01
phenotype:
  {}: {{feature: HP:9999001, evidence: page-one}}
"""
GONE = """withdrawn:
  {}: {{title: feature one, withdrawnOn: 2026-11-22, lastVersion: 0.9.0, reason: A slip., replacedBy: disease/MONDO_9999001#{}}}
"""


def _missing(data: Path, out: Path, draft: bool = False) -> list[str]:
    """The facts that a build refuses to lose."""
    try:
        kg.build(data, out, draft=draft)
    except kg.KgError as error:
        assert str(error).startswith(f"{out}: has ") and "neither states nor says is withdrawn" in str(error)
        return re.findall(r"disease/\w+#[\w-]+", str(error))
    return []


def test_a_fact_cannot_vanish(tmp_path: Path) -> None:
    """One that has another name, or none, stops the build, by name; once it is withdrawn all is well, and for ever."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    record, other = data / "diseases" / "case.yaml", data / "diseases" / "other.yaml"
    record.write_text(FACT.format("one"), encoding="utf-8")
    before = kg.build(data, out).path.resolve()
    record.write_text(FACT.format("another"), encoding="utf-8")
    told = r"has disease/MONDO_9999001#one, .* disease/MONDO_9999001, below withdrawn:, its name \(one:\) .* lastVersion: 2\.0\.0,"
    with pytest.raises(kg.KgError, match=told):
        kg.build(data, out)
    assert out.resolve() == before and verify(out) == []
    record.write_text(FACT.format("another") + GONE.format("one", "another"), encoding="utf-8")
    assert _missing(data, out) == []
    record.rename(other)
    other.write_text(FACT.format("another"), encoding="utf-8")
    assert _missing(data, out) == ["disease/MONDO_9999001#one"]
    other.write_text(FACT.format("one"), encoding="utf-8")
    assert _missing(data, out) == ["disease/MONDO_9999001#another"]
    kept = "  one: {feature: HP:9999002, evidence: page-one}\n"
    other.write_text(FACT.format("another") + kept, encoding="utf-8")
    assert _missing(data, out) == []


def test_a_fact_that_is_deprecated_where_it_stands_has_not_vanished(tmp_path: Path) -> None:
    """It is still there to be read, with its evidence; and so is one whose record is in a file of another name."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    record = data / "diseases" / "case.yaml"
    record.write_text(FACT.format("one"), encoding="utf-8")
    kg.build(data, out)
    record.write_text(FACT.format("one").replace("evidence:", "deprecated: true, reason: A slip., evidence:"), encoding="utf-8")
    assert _missing(data, out) == []
    record.rename(data / "diseases" / "renamed.yaml")
    assert _missing(data, out) == []


def test_only_what_drafts_had_may_vanish(tmp_path: Path) -> None:
    """A name that only drafts had may go. What the last release had that was no draft may not, however many drafts came after."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    record = data / "diseases" / "case.yaml"
    for name in ("slip", "one"):  # before there was any release
        record.write_text(FACT.format(name), encoding="utf-8")
        assert _missing(data, out, draft=True) == []
    published = kg.build(data, out).path.resolve()
    for name in ("first", "second", "third"):
        record.write_text(FACT.format("one") + f"  {name}: {{feature: HP:9999002, evidence: page-one}}\n", encoding="utf-8")
        assert _missing(data, out, draft=True) == []
    record.write_text(FACT.format("third"), encoding="utf-8")
    for draft in (True, False):
        assert _missing(data, out, draft) == ["disease/MONDO_9999001#one"]
    assert published.is_dir() and verify(published) == []
    record.write_text(FACT.format("one"), encoding="utf-8")
    assert _missing(data, out) == []
    assert _missing(data, out, draft=True) == []
    record.write_text(FACT.format("three"), encoding="utf-8")
    assert _missing(data, out, draft=True) == ["disease/MONDO_9999001#one"]
    out.unlink()  # nobody was ever given it
    for name in ("two", "three"):
        record.write_text(FACT.format(name), encoding="utf-8")
        assert _missing(data, out, draft=True) == []


class Killed(BaseException):
    """What nothing of a build stops, as little as a kill."""


@pytest.mark.parametrize(("before", "wanted"), [("_swap", []), ("forget_drafts", ["disease/MONDO_9999001#two"])])
def test_a_kill_makes_no_draft_of_a_release_nor_a_release_of_a_draft(
    before: str, wanted: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step of putting a release in the place of a draft is the last, what people were given is what is there and no draft."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    record = data / "diseases" / "case.yaml"
    record.write_text(FACT.format("one"), encoding="utf-8")
    assert _missing(data, out) == []
    more = FACT + "  {}: {{feature: HP:9999002, evidence: page-one}}\n"
    record.write_text(more.format("one", "slip"), encoding="utf-8")
    assert _missing(data, out, draft=True) == []
    record.write_text(more.format("one", "two"), encoding="utf-8")

    def killed(*about: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(release_module, before, killed)
        kg.build(data, out)
    record.write_text(FACT.format("one"), encoding="utf-8")
    assert _missing(data, out) == wanted


TURTLE = """@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@base <https://example.org/rare/> .
<disease/MONDO_9999000#{0}> a rf:Phenotype ; rdf:subject <disease/MONDO_9999000> ; rdf:predicate rf:hasPhenotype ;
    rdf:object <http://purl.obolibrary.org/obo/HP_9999001> ; rf:evidence <disease/MONDO_9999000#{0}.page-one> .
<disease/MONDO_9999000#{0}.page-one> a rf:EvidenceLine ; rf:source <source/page-one> ; rf:direction rf:supports .
"""


def test_a_fact_of_an_rdf_file_cannot_vanish(tmp_path: Path) -> None:
    """Nor does it where its file is saved without a change, or where a record states it under the same name."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    file = data / "diseases" / "a file.ttl"
    file.write_text(TURTLE.format("one"), encoding="utf-8")
    kg.build(data, out)
    file.write_text("# the same\n" + TURTLE.format("one"), encoding="utf-8")
    assert _missing(data, out) == []
    file.write_text(TURTLE.format("another"), encoding="utf-8")
    assert _missing(data, out) == ["disease/MONDO_9999000#one"]
    file.unlink()
    assert _missing(data, out) == ["disease/MONDO_9999000#one"]
    parent = data / "diseases" / "parent.yaml"
    fact = "phenotype:\n  one: {feature: HP:9999001, evidence: page-one}\n"
    parent.write_text(parent.read_text(encoding="utf-8") + fact, encoding="utf-8")
    assert _missing(data, out) == []


@pytest.mark.parametrize(("extension", "graph"), [("trig", "https://example.org/rare/graph/z"), ("nq", "https://example.org/a")])
def test_a_fact_of_a_graph_of_its_own_cannot_vanish(extension: str, graph: str, tmp_path: Path) -> None:
    """Facts stand in whatever graph an RDF file puts them into; those that follow, or that others have, are not asked for."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    (data / "diseases" / "case.yaml").write_text(FACT.format("kept"), encoding="utf-8")
    file = data / "diseases" / f"graphs.{extension}"

    def say(name: str) -> None:
        triples = parse(TURTLE.format(name), format=RdfFormat.TURTLE)
        quads = [Quad(each.subject, each.predicate, each.object, NamedNode(graph)) for each in triples]
        serialize(quads, file, format=RdfFormat.from_extension(extension))

    say("one")
    kg.build(data, out)
    say("another")
    assert _missing(data, out) == ["disease/MONDO_9999000#one"]
    file.unlink()
    assert _missing(data, out) == ["disease/MONDO_9999000#one"]
    (data / "diseases" / "elsewhere.ttl").write_text(TURTLE.format("one"), encoding="utf-8")
    assert _missing(data, out) == []


def test_facts_of_a_disease_that_is_withdrawn_go_with_it(tmp_path: Path) -> None:
    """Its tombstone says what became of them; of a disease that has vanished only the disease is told."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    kg.build(data, out)
    (data / "diseases" / "parent.yaml").unlink()
    with pytest.raises(kg.KgError, match=r"release: has disease/MONDO_9999000, which .* disease/MONDO_9999000\. What"):
        kg.build(data, out)
    (data / "withdrawn").mkdir()
    (data / "withdrawn" / "disease.yaml").write_text(RECORD, encoding="utf-8")
    assert _missing(data, out) == []


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    """Diseases and works first, then facts, each with what to write; ten of many."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    record = data / "diseases" / "case.yaml"
    many = "".join(f"  f{number:02}: {{feature: HP:9999002, percentage: {number}, evidence: page-one}}\n" for number in range(1, 13))
    record.write_text(FACT.format("one") + many, encoding="utf-8")
    kg.build(data, out)
    record.write_text(FACT.format("one"), encoding="utf-8")
    (data / "sources" / "article-two.yaml").unlink()
    with pytest.raises(
        kg.KgError, match=r"has source/article-two, .*; and has disease/MONDO_9999001#f01, .*#f10 and 2 more, which .* \(f01:\)"
    ):
        kg.build(data, out)


def test_the_facts_of_a_graph_are_found_in_the_dump(tmp_path: Path) -> None:
    """Those of the graphs that are asked for and no others, wherever these stand in it; a text that looks like a statement is none."""
    graphs = [f"https://example.org/rare/graph/{name}" for name in ("disease/A", "disease/AB", "disease/B", "file.ttl")]
    of, rest = v.RDF_SUBJECT, '"> <http://www.w3.org/1999/02/22-rdf-syntax-ns#subject> #"'
    lines = []
    for graph in sorted(f"<{each}> " for each in graphs):
        name = graph[len("<https://example.org/rare/graph/") : -2]
        lines += [f"<https://example.org/rare/{name}#{fact}> {of} <https://example.org/rare/{name}> {graph}.\n" for fact in ("a", "b.c")]
        lines += [f"<https://example.org/rare/{name}#d> <https://example.org/p> {rest} {graph}.\n"]
        lines += [f"<https://example.org/rare/{name}{end}> {v.RDF_TYPE} {v.TOMBSTONE} {graph}.\n" for end in ("#e", "")]
    (tmp_path / "made.nq").write_text("".join(lines), encoding="utf-8")
    release = kg.Release(tmp_path, {"name": "made"})
    for asked in ([], graphs[:1], graphs[1:2], graphs[2:], graphs, [*graphs[:1], "https://example.org/rare/graph/disease/AA", "a", "z"]):
        names = [each.rpartition("graph/")[2] for each in asked if each in graphs]
        wanted = sorted(f"https://example.org/rare/{name}#{fact}" for name in names for fact in ("a", "b.c", "e"))
        assert sorted(permalinks(release, asked)) == wanted
        others = [graph.rpartition("graph/")[2] for graph in graphs if graph not in asked]
        assert sorted(permalinks_but(release, asked)) == sorted(
            f"https://example.org/rare/{name}#{fact}" for name in others for fact in ("a", "b.c", "e")
        )


def test_only_what_changed_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No graph of a file that is as it was, or of what follows from all; none at all where nothing changed."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    record = data / "diseases" / "case.yaml"
    record.write_text(FACT.format("one"), encoding="utf-8")
    kg.build(data, out)
    looked: list[list[str]] = []

    def look(_: kg.Release, graphs: Iterable[str]) -> list[str]:
        looked.append(list(graphs))
        return []

    monkeypatch.setattr(kept, "permalinks", look)
    kg.build(data, out)
    assert looked == []
    record.write_text(FACT.format("one") + "# a remark\n", encoding="utf-8")
    kg.build(data, out)
    assert looked == [["https://example.org/rare/graph/disease/MONDO_9999001"]]


def test_what_another_build_published_meanwhile_cannot_vanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two builds at once, the one that waits for the other is compared with the release of that, and writes nothing."""
    first, second, out = _base(tmp_path / "first"), _base(tmp_path / "second"), tmp_path / "release"
    (second / "diseases" / "parent.yaml").unlink()
    taken = place_module._taken

    def after_the_first(*about: Any) -> object:
        monkeypatch.setattr(place_module, "_taken", taken)
        kg.build(first, out)
        return taken(*about)

    monkeypatch.setattr(place_module, "_taken", after_the_first)
    with pytest.raises(kg.KgError, match=r"release: has disease/MONDO_9999000, "):
        kg.build(second, out)
    assert (out / "disease" / "MONDO_9999000.html").is_file() and verify(out) == []
    assert len([path for path in (tmp_path / ".release").iterdir() if path.is_dir()]) == 1


def test_the_release_before_decides_no_byte(tmp_path: Path) -> None:
    """The same data give the same release, whether another one was in place or none; one of another base IRI is no concern of theirs."""
    data, out = _base(tmp_path / "data"), tmp_path / "release"
    kg.build(data, out)
    (data / "withdrawn").mkdir()
    (data / "withdrawn" / "disease.yaml").write_text(RECORD, encoding="utf-8")
    (data / "diseases" / "parent.yaml").unlink()
    after, fresh = kg.build(data, out), kg.build(data, tmp_path / "fresh")
    assert after.manifest == fresh.manifest
    head = data / "dataset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("example.org/rare/", "example.org/else/"), encoding="utf-8")
    (data / "sources" / "article-two.yaml").unlink()
    kg.build(data, out)


@pytest.mark.parametrize("manifest", [None, "", "{}", "[]", '{"base": "https://example.org/rare/"}'])
def test_what_is_no_release_is_no_hindrance(manifest: str | None, tmp_path: Path) -> None:
    """A link that leads nowhere, or to what is no whole release, is passed over."""
    (tmp_path / "broken").mkdir()
    if manifest is not None:
        (tmp_path / "broken" / "manifest.json").write_text(manifest, encoding="utf-8")
    (tmp_path / "release").symlink_to("broken" if manifest is not None else "nowhere")
    refuse_missing(stated(read_dataset(_base(tmp_path / "data"))), tmp_path / "release", tmp_path / "release")


### Served


@pytest.fixture(scope="module")
def server(withdrawing: kg.Release) -> Iterator[Server]:
    """The release with tombstones, served."""
    with serving(withdrawing.path, "--workers", "1") as running:
        yield running


ACCEPTED = [
    ("text/html,application/xhtml+xml,*/*;q=0.8", "html"),
    ("*/*", "html"),
    ("text/turtle", "ttl"),
    ("application/ld+json", "jsonld"),
    ("application/n-triples", "nt"),
    ("text/turtle;q=0.2, application/n-triples;q=0.9, text/html;q=0.1", "nt"),
    ("text/html;q=0, text/turtle", "ttl"),
    ("image/png", "html"),
]
"""An Accept header, and the form in which the tombstone comes; who takes none of them learns that it is gone all the same."""


@pytest.mark.parametrize("thing", [MERGED, SPLIT, WORK])
@pytest.mark.parametrize(("accept", "extension"), ACCEPTED)
def test_the_answer_is_gone(server: Server, withdrawing: kg.Release, thing: str, accept: str, extension: str) -> None:
    """410 for the thing, without a redirect, and for each document; the body is the file, and links lead to what stands in its place."""
    body = (withdrawing.path / f"{thing}.{extension}").read_bytes()
    for path in (thing, f"{thing}.{extension}"):
        answer = server.ask(f"/{path}", Accept=accept)
        assert (answer.status, answer.headers["content-type"], answer.body) == (410, content_type(extension), body)
        assert answer.headers["vary"] == ("Accept, Accept-Encoding" if path == thing else "Accept-Encoding")
        successors = [f'</{each}>; rel="successor-version"' for each in withdrawing.manifest["withdrawn"][thing]]
        assert answer.headers["link"].split(", ")[: len(successors)] == successors
        assert f'</{thing}.ttl>; rel="alternate"; type="text/turtle"' in answer.headers["link"]
        assert answer.headers["cache-control"] == "public, no-cache"
        head = server.ask(f"/{path}", "HEAD", Accept=accept)
        assert (head.status, head.body, head.headers | {"date": ""}) == (410, b"", answer.headers | {"date": ""})
    assert server.ask(f"/{thing}?format={extension}", Accept="image/png").headers["content-type"] == content_type(extension)


def test_no_condition_makes_it_anything_else(server: Server) -> None:
    """A copy kept from when it was there, or of the tombstone, and a part of it: 410 with the whole (RFC 9110, 13.2.1 and 14.2)."""
    whole = server.ask(f"/{SPLIT}.ttl")
    tag = whole.headers["etag"]
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": "*"},
        {"If_Modified_Since": "Sat, 01 Jan 2050 00:00:00 GMT"},
        {"If_Match": '"x"'},
        {"Range": "bytes=0-9"},
    ):
        answer = server.ask(f"/{SPLIT}.ttl", **headers)
        assert (answer.status, answer.body, answer.headers["etag"]) == (410, whole.body, tag), headers
    assert "accept-ranges" not in whole.headers
    tags = {
        server.ask(f"/{SPLIT}", Accept=accept, Accept_Encoding=coding).headers["etag"] for accept, _ in ACCEPTED for coding in ("", "gzip")
    }
    assert len(tags) == 7, "one for each of four forms, and for each that is worth compressing"


def test_other_methods_are_as_elsewhere(server: Server) -> None:
    """OPTIONS says what there is to do, and nothing can be changed."""
    assert (server.ask(f"/{SPLIT}", "OPTIONS").status, server.ask(f"/{SPLIT}", "OPTIONS").headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert server.ask(f"/{SPLIT}", "DELETE").status == 405
    assert server.ask("/disease/MONDO_9999000", Accept="text/turtle").status == 303
    assert server.ask("/disease/MONDO_99990078").status == 404


def test_no_name_leads_there(server: Server) -> None:
    """Reconciliation does not know it, and a query does."""
    assert (
        server.ask("/reconcile?queries=%7B%22q%22%3A%7B%22query%22%3A%22another%20made-up%20disease%22%7D%7D").body.count(b"9999008") == 0
    )
    asked = server.query(f"ASK {{ <https://example.org/rare/{SPLIT}> owl:deprecated true }}", "text/csv")
    assert asked.body == b"true\n"
