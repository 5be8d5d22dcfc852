"""The importer of MAxO's annotations: hand-written rows beside their items, the real files, an independent reading, and spoilt files."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.errors import UnreadableError
from kg.sources.maxo import MAXO
from kg.sources.model import Item
from tests.conftest import ROOT
from tests.importing import MANGLED, mangled, read, reading_of, shown, sources, values, written

CASES = ROOT / "tests" / "sources" / "maxo"
ROWS, TERMS = CASES / "maxo-annotations.tsv", CASES / "maxo-base.obo"
WORKS = {"annotations": "maxo-annotations-2026-01", "terms": "maxo-2026-01-31"}
INTENTS = {"treats": "treats", "prevents": "prevents", "contraindicated": "contraindicated"}


def _items(rows: Path, terms: Path | None) -> list[Item]:
    files = {"annotations": sources(rows)} | ({"terms": sources(terms)} if terms else {})
    return read(MAXO, files, {role: WORKS[role] for role in files})


def test_files_become_their_items() -> None:
    """Each hand-written row and term becomes the fact, term, notes or reason that stand beside it."""
    assert shown(_items(ROWS, TERMS)) == (CASES / "items.txt").read_text(encoding="utf-8")


def test_without_the_terms_nothing_is_checked() -> None:
    """The annotations alone give the same facts; what was compared with the terms is not said then."""
    alone, both = _items(ROWS, None), _items(ROWS, TERMS)
    assert [item.facts for item in alone] == [item.facts for item in both if item.file == ROWS.name]
    checked = {"term-unknown", "term-obsolete", "label-differs"}
    assert {note.reason for item in both for note in item.notes} >= checked
    assert not {note.reason for item in alone for note in item.notes} & checked


def test_what_replaces_an_obsolete_term() -> None:
    """A term that replaces an obsolete one is named where it is one of MAxO, and noted where it is not."""
    terms = {term.curie: term for item in _items(ROWS, TERMS) for term in item.terms}
    assert {curie: term.replaced_by for curie, term in terms.items() if term.obsolete} == {
        "MAXO:9900002": "MAXO:9900001",
        "MAXO:9900004": "",
    }


def test_the_version_of_the_annotations_is_not_guessed() -> None:
    """The annotations tell no release, so somebody must; the dates of their rows are none. The terms tell theirs."""
    versions = {role.name: role.version(sources(TERMS if role.name == "terms" else ROWS)[0]) for role in MAXO.roles}
    assert versions == {"annotations": None, "terms": "2026-01-31"}


WORDS = [
    *(
        "lack of observed response",
        "no_observed_benefit",
        "contraindicated",
        "unknown",
        "investigates",
        "does not treat",
        "no treats",
        "TREATS",
    ),
    *("treat", "treats?", "not treats", "treats prevents", "", "prevented", "lack of observed treats", "contra-indicated", "no data"),
]


@pytest.mark.parametrize("relation", WORDS)
def test_no_other_relation_becomes_a_treatment(relation: str, tmp_path: Path) -> None:
    """Only a row whose relation is exactly one of the two positive words says that an action treats or prevents."""
    assert len(WORDS) == 17
    path = tmp_path / "maxo-annotations.tsv"
    text = ROWS.read_text(encoding="utf-8").replace("\ttreats\t", f"\t{relation}\t").replace("\tprevents\t", f"\t{relation}\t")
    path.write_text(text, encoding="utf-8")
    said = [fact.says["intent"] for item in _items(path, None) for fact in item.facts]
    assert not {"treats", "prevents"} & set(said)
    assert set(said) == {"contraindicated", "noBenefit"}


def _changed(tmp_path: Path, terms: Path | None = None, **cells: str) -> Item:
    """What the first row becomes with other cells, the names of whose columns are given."""
    path = tmp_path / "maxo-annotations.tsv"
    header, row = (line.split("\t") for line in ROWS.read_text(encoding="utf-8").splitlines()[:2])
    path.write_text("\n".join("\t".join(each) for each in (header, [cells.get(*pair) for pair in zip(header, row, strict=True)])) + "\n")
    return _items(path, terms)[-1]


AVOIDING = ["avoid excessive exercise", "Protein intake avoidance", "therapeutic avoidance of exposure", "impact avoidance recommendation"]


@pytest.mark.parametrize("name", AVOIDING)
@pytest.mark.parametrize("relation", ["contraindicated", "treats", "prevents", "no_observed_benefit"])
def test_an_avoidance_that_is_contraindicated_is_undecided(name: str, relation: str, tmp_path: Path) -> None:
    """That to avoid something must not be done is no fact, since a reader would do what is to be avoided; what helps is to avoid it."""
    item = _changed(tmp_path, maxo_name=name, relation=relation)
    assert (item.lost, len(item.facts)) == (("undecided-avoidance", 0) if relation == "contraindicated" else ("", 1))


def test_the_label_of_the_term_decides_as_well(tmp_path: Path) -> None:
    """An action whose own label says that it is an avoidance is one, whatever it is called in the row."""
    item = _changed(tmp_path, TERMS, maxo_id="MAXO:9900006", maxo_name="made-up diet", relation="contraindicated")
    assert (item.lost, item.detail) == ("undecided-avoidance", "contraindicated: made-up food avoidance")


@pytest.mark.parametrize("relation", ["contraindicated", "no_observed_benefit", "treats", "prevents"])
def test_no_more_is_forbidden_than_the_source_forbids(relation: str, tmp_path: Path) -> None:
    """A row against a drug without an identifier is none against all drugs; one for such a drug has its name as a remark."""
    item = _changed(tmp_path, relation=relation, extension_name="inventedine")
    if relation in ("treats", "prevents"):
        assert [fact.says["comment"] for fact in item.facts] == ["The annotation adds: agent inventedine"]
    else:
        assert (item.lost, item.facts) == ("undecided-agent", ())


@pytest.mark.parametrize("comment", ["Reannotate to Cataract", "reannotate with HPO", "Re-annotate"])
def test_what_is_to_be_annotated_otherwise_is_undecided(comment: str, tmp_path: Path) -> None:
    """A row that its own comment calls wrong is no fact."""
    assert _changed(tmp_path, comment=comment).lost == "undecided-reannotate"


def test_what_a_row_adds_is_shown_with_its_evidence() -> None:
    """A comment is a remark on the evidence line, and equal facts stay one; an agent has the name that all rows give it, and no other."""
    plan = reading_of(MAXO, [ROWS], "2026-01")
    _, _, store = written(MAXO, plan)
    said = {(str(quad.predicate), str(quad.object)) for quad in store}
    assert (str(v.RDFS_COMMENT), '"The annotation adds: Seizures may come back on withdrawing it. / also this"@en') in said
    agents = [NamedNode(value[1:-1]) for predicate, value in said if predicate == f"<{v.RF}agent>"]
    labels = {each.value[-6:]: [str(quad.object) for quad in store.quads_for_pattern(each, v.RDFS_LABEL, None)] for each in agents}
    assert labels == {"990001": ['"inventedine"@en'], "990002": [], "990003": ['"Inventemab"@en'], "990004": []}


@pytest.mark.parametrize(("target", "said"), [("HP:0000118", None), ("MONDO:9900001", None), ("HP:0000119", "HP:0000119")])
def test_what_is_against_all_features_is_against_the_disease(target: str, said: str | None, tmp_path: Path) -> None:
    """The root of all features is no target, as the disease itself is none."""
    [fact] = _changed(tmp_path, hpo_id=target).facts
    assert fact.says.get("target") == said


@pytest.mark.parametrize("path", [ROWS, TERMS], ids=lambda path: path.name)
def test_spoilt_files(path: Path, tmp_path: Path) -> None:
    """However a file is spoilt, it is refused or its losses are reported, and no fact says what does not stand in it."""
    known = values(_items(ROWS, TERMS)) | {"noBenefit"}
    outcomes: Counter[str] = Counter()
    for number, (what, content) in enumerate(mangled(path.read_bytes(), "\t" if path is ROWS else ": ")):
        spoilt = tmp_path / str(number) / path.name
        spoilt.parent.mkdir()
        spoilt.write_bytes(content)
        try:
            items = _items(spoilt, TERMS) if path is ROWS else _items(ROWS, spoilt)
        except UnreadableError as error:
            assert path.name in str(error)
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        text = content.decode()
        for value in values(items) - known:
            said = value.removeprefix("The annotation adds: ").removeprefix("agent ")
            assert all(part in text for part in said.split(" ") if part != "/"), (what, value)
        helped = sum(fact.says["intent"] in ("treats", "prevents") for item in items for fact in item.facts)
        assert helped <= text.count("treats") + text.count("prevents") if path is ROWS else helped == 10
    assert outcomes["refused"] + outcomes["read"] == MANGLED
    assert min(outcomes.values()) > MANGLED / 10


# --- the real files ---


@cache
def _real(folder: Path) -> list[Item]:
    return _items(folder / "treatment" / "maxo-annotations.tsv", folder / "treatment" / "maxo-base.obo")


def test_the_real_files(real_data: Path) -> None:
    """Each of the 976 rows and 1,963 terms is a fact, a term, or reported: treats 803, prevents 149, contraindicated 1, no benefit 8."""
    items = _real(real_data)
    facts = [fact for item in items for fact in item.facts]
    assert Counter(fact.says["intent"] for fact in facts) == {"treats": 803, "prevents": 149, "contraindicated": 1, "noBenefit": 8}
    assert Counter(item.lost for item in items if item.lost) == {
        **{"undecided": 11, "undecided-reannotate": 2, "undecided-avoidance": 2, "no-kind": 4, "aside": 2}
    }
    assert sum(item.file == "maxo-annotations.tsv" for item in items) == 976 + 1
    assert Counter(term.obsolete for item in items for term in item.terms if term.curie.startswith("MAXO:")) == {False: 1_903, True: 60}
    assert sum(fact.evidence[0]["source"].startswith("PMID:") for fact in facts) == 970 - 15
    assert Counter(note.reason for item in items for note in item.notes) == {
        **{"label-differs": 15, "author": 5, "reference": 4, "replacement": 2}
    }
    agents = [str(fact.says["agent"]) for fact in facts if "agent" in fact.says]
    assert len(agents) == 38 + 5
    assert len({(term.curie, term.label) for item in items for term in item.terms if term.curie.startswith("CHEBI:")}) == 31
    assert sum("comment" in fact.says for fact in facts) == 21 - 5 - 2
    assert sum("target" not in fact.says for fact in facts) == 261


def test_a_hundred_real_rows_by_another_reading(real_data: Path) -> None:
    """For a hundred rows, and all that are neither treats nor prevents, splitting the line at its tabs comes to the same fact."""
    lines = (real_data / "treatment" / "maxo-annotations.tsv").read_text(encoding="utf-8").splitlines()
    rows = [(number, line.split("\t")) for number, line in enumerate(lines[1:], 2)]
    drawn = random.Random(20261125).sample(rows, 100) + [row for row in rows if row[1][6] not in ("treats", "prevents")]  # noqa: S311 (a choice for a test, no secret)
    assert len(drawn) == 122
    items = {item.line: item for item in _real(real_data) if item.file == "maxo-annotations.tsv" and item.line > 1}
    for number, cells in drawn:
        facts = items[number].facts
        undecided = cells[6] in ("unknown", "investigates") or cells[10].lower().startswith("reannotate")
        if undecided or (cells[6] == "contraindicated" and "avoid" in cells[4]):
            assert facts == ()
            continue
        [fact] = facts
        [line] = fact.evidence
        assert fact.about == cells[0]
        assert fact.says == {
            **{"intent": INTENTS.get(cells[6], "noBenefit"), "action": cells[3]},
            **({} if cells[5] in (cells[0], "HP:0000118") else {"target": cells[5]}),
            **({"agent": cells[8] or cells[10]} if cells[8] or cells[10].startswith("CHEBI:") else {}),
            **({"comment": f"The annotation adds: {cells[10]}"} if cells[10] and not cells[10].startswith("CHEBI:") else {}),
        }
        cited = cells[2] if not cells[2].startswith("http") else WORKS["annotations"]
        assert (line["source"], line.get("via", cited)) == (cited, WORKS["annotations"])
        assert (line["evidenceType"], line.get("curator", "")) == (cells[7], cells[12] if "@" not in cells[12] else "")
        assert "checked" not in line
