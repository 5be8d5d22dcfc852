"""kg import, and what becomes of an import in a dataset, with an importer whose items are the table tests/sources/importing.toml."""

from __future__ import annotations

import gzip
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import Graph

import kg
from kg import again, limits
from kg import vocabulary as v
from kg.cli import main
from kg.core import reports
from kg.dataset import read_dataset
from kg.errors import UnreadableError
from kg.parallel import Executor
from kg.publish.build import NotConformingError
from kg.publish.release import verify
from kg.publishable import publishable
from kg.recall import Recall
from kg.sources import importing
from kg.sources.model import Fact, Importer, Item, Reading, Role, Term, cited
from kg.validate import validate
from tests.conftest import ROOT

ITEMS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/sources/importing.toml").read_text(encoding="utf-8"))["item"]
ALL = " ".join(str(number) for number, item in enumerate(ITEMS, 1) if not item.get("alone"))
BASE = "https://example.org/rare/"
DATASET = f"""dataset: made-up
base: {BASE}
title: made up
language: en
version: "1"
issued: 2026-11-24
license: https://creativecommons.org/licenses/by/4.0/
"""
RECORD = """disease: MONDO_0000010
name:
  invented:
    kind: preferred
    name: invented disease
    evidence: book at page 1
mapping:
  orphanet: {relation: exactMatch, to: ORPHA:10, evidence: book at page 1}
phenotype:
  immune:
    feature: HP:0002721
    evidence: book at page 2
"""
BOOK = "source: book\nsourceType: chapter\ntitle: A book\n"
ROLE = Role(
    "rows", ("*.rows",), "the rows", "made-up", "Made up", "nobody", "https://creativecommons.org/licenses/by/4.0/", "https://example.org/"
)


def _read(reading: Reading) -> Iterator[Item]:
    (file,) = reading.files["rows"]
    work = reading.works["rows"]
    keep = set(file.path.read_text(encoding="utf-8").split())
    for number, item in enumerate(ITEMS, 1):
        if str(number) not in keep:
            continue
        facts = [
            Fact(fact["about"], fact["kind"], fact["says"], cited(work, fact["at"], fact.get("references", ())))
            for fact in item.get("facts", [])
        ]
        terms = [Term(**term) for term in item.get("terms", [])]
        yield Item(file.name, number, item["what"], tuple(facts), tuple(terms), item.get("lost", ""))


MADE_UP = Importer("made-up", "made-up facts", (ROLE,), _read)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset with a record, and an importer for tests beside it."""
    monkeypatch.setattr(importing, "IMPORTERS", {"made-up": MADE_UP})
    for name, text in {"dataset.yaml": DATASET, "diseases/invented.yaml": RECORD, "sources/book.yaml": BOOK}.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "data"


def _import(folder: Path, numbers: str = ALL, *options: str) -> str:
    rows = folder.parent / "all.rows"
    rows.write_text(numbers, encoding="utf-8")
    done = CliRunner().invoke(main, ["import", "made-up", str(rows), "--data", str(folder), *(options or ("--version", "2026"))])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


def _quads(folder: Path) -> list[Quad]:
    """What is written in a dataset and what its imports say."""
    dataset = read_dataset(folder)
    store = dataset.new_store()
    dataset.fill(store)
    return list(store)


def test_arithmetic(folder: Path) -> None:
    """Items in are facts out and what is reported, to the last one, and equal facts are one with all their evidence."""
    said = _import(folder)
    assert "13 items = 11 that became facts or terms + 2 reported as lost" in said
    assert "10 facts stated = 9 facts of 2 diseases + 1 said again by the source" in said
    report = (folder / "imports/made-up.report.tsv").read_text(encoding="utf-8")
    assert [line.split("\t")[:5] for line in report.splitlines() if not line.startswith(("#", "outcome"))] == [
        ["lost", "identifier-pattern", "all.rows", "10", "identifier that is none"],
        ["left out", "unknown-prefix", "all.rows", "11", "one of two facts does not fit"],
        ["lost", "no-value", "all.rows", "12", "nothing in it"],
    ]


def test_same_files_same_bytes(folder: Path) -> None:
    """Running it again changes no byte, and newer files say what they change."""
    _import(folder)
    before = {path.name: path.read_bytes() for path in (folder / "imports").iterdir()}
    assert len(before) == 3
    assert "0 facts added, 0 changed, 0 removed" in _import(folder)
    assert {path.name: path.read_bytes() for path in (folder / "imports").iterdir()} == before
    assert "0 facts added, 1 changed, 8 removed" in _import(folder, "4")
    assert "8 facts added, 1 changed, 0 removed" in _import(folder)


def test_settled(folder: Path) -> None:
    """What the source says of the record's disease stands on the record's node: evidence at the record's facts, other facts beside them."""
    _import(folder)
    said = {(quad.subject, quad.predicate, quad.object) for quad in _quads(folder)}
    disease = f"{BASE}disease/MONDO_0000010"
    facts = {s.value for s, p, _ in said if p == v.RDF_SUBJECT and isinstance(s, NamedNode)}
    own = {f"{disease}#{name}" for name in ("invented", "orphanet", "immune")}
    imported = {fact for fact in facts if fact not in own}
    assert own <= facts
    assert {fact.rpartition("#")[0].rpartition("/")[2] for fact in imported} == {"MONDO_0000010", "ORPHA_11"}
    lines = {o.value for s, p, o in said if p == v.EVIDENCE and s == NamedNode(f"{disease}#immune") and isinstance(o, NamedNode)}
    assert lines == {f"{disease}#immune.{name}" for name in ("book", "pmid-77-via-made-up-2026", "pmid-78-via-made-up-2026")}
    lines = {o.value for s, p, o in said if p == v.EVIDENCE and s == NamedNode(f"{disease}#invented") and isinstance(o, NamedNode)}
    assert lines == {f"{disease}#invented.book", f"{disease}#invented.made-up-2026"}
    parent = next(o for s, p, o in said if s == NamedNode(f"{BASE}disease/ORPHA_11#classification-MONDO_0000010") and p == v.RDF_OBJECT)
    assert parent == NamedNode(disease)
    names = {(p, o) for s, p, o in said if isinstance(o, Literal) and o.value in ("Made-up disease", "another disease")}
    assert names == {(v.RDF_OBJECT, Literal("Made-up disease", language="en")), (v.RDF_OBJECT, Literal("another disease", language="en"))}
    preferred = [str(s) for s, p, o in said if p == v.RDF_PREDICATE and o == NamedNode(v.RF + "preferredName")]
    assert sorted(each.rpartition("/")[2].partition("#")[0] for each in preferred) == ["MONDO_0000010", "ORPHA_11"]


def test_conforms(folder: Path) -> None:
    """A dataset with an import breaks no rule, and its release has the import's facts with their sources."""
    _import(folder)
    report = kg.check(folder)
    assert [problem for problem in report.problems if problem.severity.value == "error"] == []
    release = kg.build(folder, folder.parent / "release")
    rows = kg.open(release.path).query("SELECT ?work { ?fact rdf:object HP:0001250 ; rf:negated true ; dcterms:source ?work }")
    page = (release.path / "dataset.html").read_text(encoding="utf-8")
    assert 'href="./source/made-up-2026.html">Made up</a>' in page and "https://creativecommons.org/licenses/by/4.0/" in page
    assert [row["work"] for row in rows] == [NamedNode(f"{BASE}source/made-up-2026")]


def test_a_build_after_an_import(folder: Path) -> None:
    """Of what was there before an import only that is made again which the import speaks of, and the release is that of a full build."""
    bystander = RECORD.replace("MONDO_0000010", "MONDO_0000099").replace("invented", "untouched").replace("ORPHA:10,", "ORPHA:99,")
    (folder / "diseases" / "untouched.yaml").write_text(bystander.replace("HP:0002721", "HP:0000099"), encoding="utf-8")
    out, made = folder.parent / "release", dict[str, int]()
    _import(folder, "1 2")
    kg.build(folder, out)
    _import(folder, "1 2 4 6")
    release = kg.build(folder, out, tell=lambda what, _, of: made.update({what: of}))
    assert (made["documents"], made["pages of diseases"]) == (2, 1), "the disease of the import and the work"
    full = kg.build(folder, folder.parent / "full")
    assert (release.path / "manifest.json").read_bytes() == (full.path / "manifest.json").read_bytes()
    assert verify(release.path) == []


def test_facts_that_a_source_no_longer_states_go(folder: Path) -> None:
    """They are named after what the source says, and nobody has to withdraw them; a fact of a record beside them stays where it is."""
    out = folder.parent / "release"
    (record,) = (path for path in (folder / "diseases").iterdir() if "invented:" in path.read_text(encoding="utf-8"))
    (folder / "sources" / "article.yaml").write_text(BOOK.replace("source: book", "source: pmid-77"), encoding="utf-8")
    _import(folder, "1 2 4 6")
    many = kg.build(folder, out).manifest["counts"]["facts"]
    _import(folder, "1 2")
    record.write_text("# a remark\n" + record.read_text(encoding="utf-8"), encoding="utf-8")
    assert kg.build(folder, out).manifest["counts"]["facts"] < many
    record.write_text(record.read_text(encoding="utf-8").replace("invented:", "renamed:"), encoding="utf-8")
    with pytest.raises(kg.KgError, match=r"has disease/MONDO_0000010#invented, which the data neither states"):
        kg.build(folder, out)


def test_in_memory_and_on_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether imports are in memory or on disk while they are judged, the problems and the release are the same."""
    _import(folder)
    found = []
    for limit in (limits.MEMORY_STATEMENTS, 0):
        monkeypatch.setattr(limits, "MEMORY_STATEMENTS", limit)
        release = kg.build(folder, folder.parent / f"release-{limit}")
        found.append((kg.check(folder).render("json"), (release.path / "manifest.json").read_bytes()))
    assert found[0] == found[1]


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize(
    ("subject", "value", "refused"),
    [("BNODE()", '"a"', True), ("?fact", "BNODE()", True), ("?fact", '"looks so _:b"', False), ("?fact", '"_:b ."@en', False)],
)
def test_no_blank_node_follows(subject: str, value: str, refused: bool, imported: bool, folder: Path) -> None:
    """A rule of a dataset that constructs blank nodes is refused by its name, with imports or without; a text may look so."""
    if imported:
        _import(folder)
    rule = folder / "ontology" / "rules" / "own.rq"
    rule.parent.mkdir(parents=True)
    said = f"BIND({subject} AS ?s) BIND({value} AS ?o)"
    rule.write_text(f"CONSTRUCT {{ ?s rdfs:comment ?o }} WHERE {{ ?fact rdf:subject ?disease {said} }}", encoding="utf-8")
    if refused:
        with pytest.raises(kg.KgError, match=r"own\.rq: constructs a blank node; name every node by an IRI"):
            kg.check(folder)
    else:
        assert kg.check(folder).readable


@pytest.mark.parametrize("rank", ['"first"', "1.5", '"nine"^^<http://www.w3.org/2001/XMLSchema#integer>'])
def test_a_rank_that_is_no_number(rank: str, folder: Path) -> None:
    """A prefix of a dataset's own whose place among vocabularies is no whole number is refused by its name."""
    _import(folder)
    (folder / "ontology").mkdir()
    own = f"""@prefix rf: <{v.RF}> . @prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/own> sh:prefix "OWN" ; sh:namespace "https://example.org/own/" ; rf:accessionRank {rank} ."""
    (folder / "ontology" / "own.ttl").write_text(own, encoding="utf-8")
    with pytest.raises(kg.KgError, match=r"<https://example\.org/own> has the rf:accessionRank .*; give it a whole number"):
        read_dataset(folder)


def test_imports_that_did_not_change_are_not_judged_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said of a dataset with imports is recalled while no file is another; after any change everything is judged.

    So it is after a rule by which sources meet came: it is no file of the data.
    """
    judged = []

    def noted(shapes: Graph, store: Store, executor: Executor, only: frozenset[NamedNode] | None) -> Iterator[Graph]:
        judged.append(only)
        return reports(shapes, store, executor, only)

    monkeypatch.setattr(again, "reports", noted)
    recall = Recall(folder.parent / "kept")
    rule = folder / "ontology" / "settling" / "own.rq"
    for numbers, settled, times in (("1 2", "", 1), ("1 2", "", 0), ("1 2 4", "", 1), ("1 2 4", "?fact rdfs:comment true", 1)):
        _import(folder, numbers)
        if settled:
            rule.parent.mkdir(parents=True)
            rule.write_text(f"CONSTRUCT {{ {settled} }} WHERE {{ ?fact rdf:subject ?disease }}", encoding="utf-8")
        judged.clear()
        assert kg.check(folder, recall=recall).render() == kg.check(folder).render()
        assert judged == [None] * times


def test_what_sources_disagree_on(folder: Path) -> None:
    """Of two imported facts, one denying the other, both stand, each disputed by the work of the other, and neither is a direct triple."""
    _import(folder)
    release = kg.build(folder, folder.parent / "release")
    rows = kg.open(release.path).query(
        """SELECT ?fact ?place { ?fact rdf:subject <https://example.org/rare/disease/ORPHA_11> ; rf:status rf:disputed ; rf:evidence ?line .
        ?line rf:direction rf:disputes ; rf:locator ?place ; rf:source <https://example.org/rare/source/made-up-2026> } ORDER BY ?place"""
    )
    assert [str(row["place"]) for row in rows] == ['"ORPHA:11"', '"ORPHA:11, again"']
    direct = kg.open(release.path).query("SELECT ?feature { <https://example.org/rare/disease/ORPHA_11> rf:hasPhenotype ?feature }")
    assert [str(row["feature"]).rpartition("/")[2] for row in direct] == ["HP_0001250>"]


def test_a_count_of_none_denies_nothing_of_others(folder: Path) -> None:
    """That of some patients none had a feature stands beside what others say of it: neither is disputed, and the page has both."""
    _import(folder, _alone("a feature that none of two patients had, and others had"))
    assert not [problem for problem in kg.check(folder).problems if problem.severity.value == "error"]
    release = kg.build(folder, folder.parent / "release")
    asked = kg.open(release.path)
    [row] = asked.query("SELECT DISTINCT ?status { ?fact rdf:subject <https://example.org/rare/disease/ORPHA_14> ; rf:status ?status }")
    assert row["status"] == NamedNode(v.RF + "accepted")
    direct = asked.query("SELECT ?feature { <https://example.org/rare/disease/ORPHA_14> rf:hasPhenotype ?feature } ORDER BY ?feature")
    assert [str(row["feature"]).rpartition("/")[2] for row in direct] == ["HP_0000252>", "HP_0001250>"]
    page = (release.path / "disease" / "ORPHA_14.html").read_text(encoding="utf-8")
    for figure in ("0 of 2", "0 %"):
        assert re.search(
            rf'<span class="figure">{figure}</span> <sup class="refs">.*?</sup> <span class="tag no">found in none</span>', page
        ), figure


def test_what_is_used_and_forbidden(folder: Path) -> None:
    """What one work uses and another forbids or saw no benefit of is disputed by the other; not where they speak of different cases."""
    _import(folder, _alone("what one work uses, and another saw no benefit of or forbids"))
    assert not [problem for problem in kg.check(folder).problems if problem.severity.value == "error"]
    asked = kg.open(kg.build(folder, folder.parent / "release").path)
    rows = asked.query(
        """SELECT ?action ?intent ?place { ?fact rdf:subject <https://example.org/rare/disease/ORPHA_15> ; rf:status rf:disputed ;
        rdf:object ?action ; rdf:predicate ?intent ; rf:evidence ?line . ?line rf:direction rf:disputes ; rf:locator ?place }
        ORDER BY ?action ?intent"""
    )
    said = [
        (str(row["action"])[-2:-1], str(row["intent"]).rpartition("#")[2][:-1], str(row["place"]).strip('"').partition(", ")[2])
        for row in rows
    ]
    assert said == [
        ("1", "noBenefitFrom", "used"),
        ("1", "treatedBy", "without benefit"),
        ("2", "contraindicated", "used"),
        ("2", "preventedBy", "forbidden"),
    ]
    direct = asked.query(
        "SELECT ?how ?action { <https://example.org/rare/disease/ORPHA_15> ?how ?action . ?how rf:predicateOf rf:Treatment }"
    )
    assert list(direct) == [], "what holds of one substance is not said of all that the action may be done with"


def test_no_statement_twice(folder: Path) -> None:
    """Over all graphs no triple stands twice, since engines count it twice then."""
    _import(folder)
    triples = [(quad.subject, quad.predicate, quad.object) for quad in _quads(folder)]
    assert len(triples) == len(set(triples))


@pytest.mark.parametrize("what", ["graph", "record", "both"])
def test_changed_by_hand(folder: Path, what: str) -> None:
    """A graph that is not the one its record names is refused, as is one of the two without the other."""
    _import(folder)
    graph, record = folder / "imports/made-up.nq.gz", folder / "imports/made-up.yaml"
    if what == "both":
        graph.write_bytes(gzip.compress(gzip.decompress(graph.read_bytes()).replace(b"Made-up", b"Made-Up")))
    else:
        (graph if what == "graph" else record).unlink()
    with pytest.raises(UnreadableError, match=r"imports/made-up\.nq\.gz.*import the source again"):
        read_dataset(folder)


STRANGE: dict[str, tuple[bytes, bytes]] = {
    "a blank node": (b"> .\n", b"> .\n_:b <https://example.org/p> <https://example.org/o> <https://example.org/g> .\n"),
    "no graph": (b"> .\n", b"> .\n<https://example.org/s> <https://example.org/p> <https://example.org/o> .\n"),
    "two statements a line": (b"> .\n", b"> . "),
    "a space in an IRI": (b"/", b"/ "),
    "a quote in a text": (b'"', b'""'),
    "an escape that there is not": (b'"', b'"\\u00zz'),
    "another line feed": (b"> .\n", b"> .\r\n"),
    "nothing at the end": (b"\n", b""),
    "no UTF-8": (b'"', b'"\xff'),
}


@pytest.mark.parametrize("what", STRANGE)
def test_a_graph_that_a_stranger_made(folder: Path, what: str) -> None:
    """A graph with the checksum that its record names, but with statements as ``kg import`` writes none, is refused at the line."""
    _import(folder)
    graph, record = folder / "imports/made-up.nq.gz", folder / "imports/made-up.yaml"
    lines = gzip.decompress(graph.read_bytes()).splitlines(keepends=True)
    old, new = STRANGE[what]
    at = max(number for number, line in enumerate(lines) if old in line)
    strange = gzip.compress(b"".join([*lines[:at], lines[at].replace(old, new), *lines[at + 1 :]]))
    said = record.read_text(encoding="utf-8")
    assert said.count(sha256(graph.read_bytes()).hexdigest()) == 1
    record.write_text(said.replace(sha256(graph.read_bytes()).hexdigest(), sha256(strange).hexdigest()), encoding="utf-8")
    graph.write_bytes(strange)
    with pytest.raises(UnreadableError, match=r"made-up\.nq\.gz:\d+:1: error: (is no quad as kg import writes it|cannot be read on)"):
        read_dataset(folder)


def test_a_graph_that_ends_too_early(folder: Path) -> None:
    """A graph that was cut, and the checksum of what is left, is refused where it ends."""
    _import(folder)
    graph, record = folder / "imports/made-up.nq.gz", folder / "imports/made-up.yaml"
    whole = graph.read_bytes()
    said = record.read_text(encoding="utf-8").replace(sha256(whole).hexdigest(), sha256(whole[:-40]).hexdigest())
    record.write_text(said, encoding="utf-8")
    graph.write_bytes(whole[:-40])
    with pytest.raises(UnreadableError, match=r"made-up\.nq\.gz:\d+:1: error: cannot be read on"):
        read_dataset(folder)


def _alone(what: str) -> str:
    """The number of an item that is imported only where a test names it."""
    (number,) = [str(number) for number, item in enumerate(ITEMS, 1) if item["what"] == what and item["alone"]]
    return number


def _identity(folder: Path) -> list[str]:
    return CliRunner().invoke(main, ["import", "--identity", "--data", str(folder)]).output.splitlines()


def test_no_disease_is_a_subtype_of_itself(folder: Path) -> None:
    """Where a record calls two entries one disease, that one is a subtype of the other is not said of it, but told with its place."""
    path = folder / "diseases/invented.yaml"
    second = "  orphanet: {relation: exactMatch, to: ORPHA:10, evidence: book at page 1}\n"
    path.write_text(RECORD.replace(second, second + second.replace("orphanet:", "also:").replace("ORPHA:10", "ORPHA:12")), encoding="utf-8")
    assert "1 fact of 1 disease" in _import(folder, _alone("a subtype that the record calls the same disease"))
    assert [quad for quad in _quads(folder) if "#classification" in str(quad)] == []
    assert _identity(folder) == [
        "disease\twhy\tothers\tsays\tplace",
        f"MONDO_0000010\tlinked-with-itself\tORPHA_12 ORPHA_10\tmade-up-2026\t{folder}/imports/made-up.nq.gz:10",
        "0 diseases apart; 1 link left out, since both ends are one disease here",
    ]


def test_merged_split_and_obsolete(folder: Path) -> None:
    """What became of an identifier is kept: a merged one means its replacement; one that was split, or has none, stays itself."""
    names = ("merged into another, and what is said of it", "split in two, and what is said of it")
    obsolete = "obsolete without a replacement, though others may be meant"
    _import(folder, " ".join(map(_alone, [*names, obsolete])))
    said = {(quad.subject, quad.predicate, quad.object) for quad in _quads(folder)}
    orphanet = "http://www.orpha.net/ORDO/Orphanet_"

    def told(number: int, predicate: NamedNode) -> list[str]:
        node = NamedNode(f"{orphanet}{number}")
        return sorted(str(o).strip("<>").removeprefix(orphanet) for s, p, o in said if (s, p) == (node, predicate))

    assert [told(number, v.REPLACED_BY) for number in (20, 21, 22)] == [["10"], ["10", "11"], []]
    assert [told(number, v.CONSIDER) for number in (20, 21, 22)] == [[], [], ["10", "11"]]
    assert all(len(told(number, v.OWL_DEPRECATED)) == 1 for number in (20, 21, 22))
    of = [str(o).rpartition("/")[2] for s, p, o in said if p == v.RDF_SUBJECT and str(s).endswith("#phenotype-HP_0000252>")]
    assert sorted(of) == ["MONDO_0000010>", "ORPHA_21>", "ORPHA_22>"]
    assert _identity(folder)[1] == "ORPHA_21\tseveral-replacements\tORPHA_10 ORPHA_11\t\t"


def test_problem_names_the_entry(folder: Path) -> None:
    """What is wrong with an imported fact is told with its import and where in the source it stands."""
    _import(folder, _alone("two findings that cannot both hold"))
    (problem,) = [each for each in kg.check(folder).problems if each.rule == "immunoglobulin-conflict"]
    place = f"{folder}/imports/made-up.nq.gz:1:1: error: "
    assert re.match(
        re.escape(place) + r'immunoglobulin finding "immunoglobulin-IgM-\w+" \(ORPHA:13, line 2 in made-up-2026\) has no level',
        str(problem),
    )


def test_what_stays_apart_is_told(folder: Path) -> None:
    """A disease that might be of two records stays apart, and is listed with the reason and with both."""
    other = RECORD.replace("MONDO_0000010", "MONDO_0000020").replace("invented disease", "another invented disease")
    (folder / "diseases/other.yaml").write_text(other, encoding="utf-8")
    _import(folder)
    assert _identity(folder) == [
        "disease\twhy\tothers\tsays\tplace",
        "ORPHA_10\ttwo-records-claim-it\tMONDO_0000010 MONDO_0000020\t\t",
        "1 disease apart; 0 links left out, since both ends are one disease here",
    ]


MISTAKES = {
    "no version": ((), r"does not say of which release it is; add --version rows="),
    "version of nothing": (("--version", "pages=2"), r"has no files called 'pages'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(folder: Path, name: str) -> None:
    """A mistake of the user's is told with what to do, and nothing is written."""
    options, message = MISTAKES[name]
    rows = folder.parent / "all.rows"
    rows.write_text("1", encoding="utf-8")
    done = CliRunner().invoke(main, ["import", "made-up", str(rows), "--data", str(folder), *options])
    assert done.exit_code == 2
    assert re.search(message, done.output)
    assert not list(folder.glob("imports/*.nq.gz"))


def test_unknown_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason that nobody explains is a failure, not a line in a report."""

    def read(reading: Reading) -> Iterator[Item]:
        yield Item("all.rows", 1, "row", lost="because")

    monkeypatch.setattr(importing, "IMPORTERS", {"made-up": replace(MADE_UP, read=read)})
    rows = folder.parent / "all.rows"
    rows.write_text("1", encoding="utf-8")
    done = CliRunner().invoke(main, ["import", "made-up", str(rows), "--data", str(folder), "--version", "1"])
    assert done.exit_code == 2
    assert "gives the reason 'because'" in done.output
    assert not list(folder.glob("imports/*.nq.gz"))


def test_for_checking_only(folder: Path) -> None:
    """What may not be redistributed is judged with the rest and never published, nor what follows from it; its record is."""
    _import(folder, ALL, "--version", "2026", "--for-checking-only")
    assert " in 10 facts of " in kg.check(folder).summary
    release = kg.build(folder, folder.parent / "release")
    dump = (release.path / "made-up.nq").read_text(encoding="utf-8")
    assert "ORPHA_11" not in dump
    assert "pmid-77" not in dump
    assert "forCheckingOnly" in dump
    described = (release.path / "source" / "made-up-2026.ttl").read_text(encoding="utf-8")
    assert '"Made up"@en' in described, "what its record names"


PRIVATE = "all-else"
"""What is for checking only is read first, being first by name: it describes a term, denies a feature, and names a disease."""


def _with_private(folder: Path, private: str = "2 4 7 13") -> None:
    _import(folder, "1 2 4 6 8 9 13", "--version", "2026")
    _import(folder, private, "--version", "2025", "--as", PRIVATE, "--for-checking-only")


def _without_private(quads: Iterable[Quad]) -> set[Quad]:
    """Statements but for those of the record of what is for checking only, and of the work it is made of."""
    own = (f"{BASE}import/{PRIVATE}", f"{BASE}source/made-up-2025")
    return {quad for quad in quads if not (isinstance(quad.subject, NamedNode) and quad.subject.value in own)}


@pytest.mark.parametrize("limit", [limits.MEMORY_STATEMENTS, 0], ids=["in memory", "on disk"])
def test_what_is_published_is_what_there_is_without_it(folder: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """What is published where something is for checking only has the statements and the verdict that there are without that import."""
    monkeypatch.setattr(limits, "MEMORY_STATEMENTS", limit)
    _with_private(folder)
    everything = read_dataset(folder, publishing=True)
    judged = validate(everything)
    before = set(judged.store)
    published, verdict = publishable(everything, judged)
    for path in folder.glob(f"imports/{PRIVATE}.*"):
        path.unlink()
    alone = validate(read_dataset(folder))
    assert _without_private(verdict.store) == _without_private(alone.store) != before
    assert verdict.problems == alone.problems
    assert [each.name for each in published.imports] == ["made-up"]
    disputes = NamedNode(v.RF + "disputes")
    assert [any(quad.object == disputes for quad in each) for each in (before, verdict.store)] == [True, False], "denied for checking only"
    assert {quad.subject for quad in before if quad.predicate == v.RDF_TYPE} > {NamedNode(f"{BASE}source/made-up-2025")}


def test_what_is_published_conforms_by_itself(folder: Path) -> None:
    """Where what is published would break a rule that it keeps beside what is for checking only, nothing is written."""
    _with_private(folder)
    record = folder / "diseases" / "invented.yaml"
    record.write_text(
        record.read_text(encoding="utf-8").replace("evidence: book at page 2", "evidence: pmid-78 at page 2"), encoding="utf-8"
    )
    _import(folder, "5", "--version", "2025", "--as", PRIVATE, "--for-checking-only")
    assert kg.check(folder).conforms
    with pytest.raises(NotConformingError) as refused:
        kg.build(folder, folder.parent / "release")
    assert [problem.rule for problem in refused.value.report.problems if problem.severity.value == "error"] == ["source-known"]
    assert not (folder.parent / "release").exists()
