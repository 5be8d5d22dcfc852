"""The HPO importer: hand-written files beside the items that they make, spoilt files, and the real ones against a plain reading."""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from kg.errors import UnreadableError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.hpo import HPO
from kg.sources.hpo_terms import INHERITED_OTHERWISE, MODES, MODIFIERS, NO_PHENOTYPE, ONSETS
from kg.sources.model import Item, Reading
from tests.conftest import ROOT
from tests.importing import MANGLED, mangled, read, shown, sources, values

CASES = ROOT / "tests" / "sources" / "hpo"
ROLES = {"hpoa": "annotations", "babelon.tsv": "labels", "tsv": "frequencies"}
WORKS = {"annotations": "hpo-annotations-0", "frequencies": "hpoa-2023", "labels": "hpo-2026-06"}
FILES = sorted(path for path in CASES.iterdir() if path.suffix != ".txt")


def _role(path: Path) -> str:
    return next(role for ending, role in ROLES.items() if path.name.endswith(ending))


def _items(path: Path, *beside: Path) -> list[Item]:
    files = {_role(each): sources(each) for each in (path, *beside)}
    release = HPO.roles[0].version(sources(path)[0]) if _role(path) == "annotations" else None
    return read(HPO, files, {**WORKS, **({"annotations": f"hpo-annotations-{release}"} if release else {})})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_becomes_its_items(path: Path) -> None:
    """Each row of the hand-written files becomes the facts, terms, notes or reason that stand in the file beside it."""
    assert len(FILES) == 5
    assert shown(_items(path)) == (CASES / f"{path.name}.items.txt").read_text(encoding="utf-8")


def test_terms_are_checked_against_the_labels() -> None:
    """With a file of labels, a term that is obsolete or missing there is kept, and noted with the release; without one, nothing is said."""
    items = _items(CASES / "annotations.hpoa", CASES / "labels.babelon.tsv")
    noted = {note.detail for item in items for note in item.notes if note.reason == "obsolete-term"}
    unknown = {note.detail for item in items for note in item.notes if note.reason == "unknown-term"}
    assert noted == {"HP:0002961, checked against hpo-2026-06"}
    assert {"HP:0999999, checked against hpo-2026-06", "HP:0003577, checked against hpo-2026-06"} <= unknown
    assert "HP:0000252, checked against hpo-2026-06" not in unknown
    assert [item.facts for item in items if item.file.endswith(".hpoa")] == [item.facts for item in _items(CASES / "annotations.hpoa")]


def test_the_modes_are_those_of_the_shape() -> None:
    """The importer takes for a mode of inheritance what the shape takes, and for a phenotype neither these nor their neighbours."""
    shape = (ROOT / "shapes" / "inheritance.ttl").read_text(encoding="utf-8")
    listed = re.search(r"sh:path rdf:object.*?sh:in \((.*?)\)", shape, re.DOTALL)
    assert listed is not None
    assert set(listed[1].split()) == MODES
    assert not MODES & INHERITED_OTHERWISE
    assert not NO_PHENOTYPE & (MODES | INHERITED_OTHERWISE)


def test_the_ages_at_onset_are_those_of_the_shape() -> None:
    """The importer takes for an age at which a disease begins what the shape takes of HPO."""
    shape = (ROOT / "shapes" / "onset.ttl").read_text(encoding="utf-8")
    listed = re.search(r"sh:path rdf:object.*?sh:in \((.*?)\)", shape, re.DOTALL)
    assert listed is not None
    assert {term for term in listed[1].split() if term.startswith("HP:")} == ONSETS


def test_modifiers_are_called_so(real_data: Path) -> None:
    """The labels of modifiers are those of HPO."""
    assert {term: _label(real_data, term) for term in MODIFIERS} == MODIFIERS


def test_the_keys_are_those_of_the_ontology() -> None:
    """Every key that a fact says is one that its kind has, and every identifier of a disease has a prefix that is declared."""
    ontology = Ontology.load(ontology_folders())
    facts = [fact for path in FILES for item in _items(path) for fact in item.facts]
    assert len(facts) > 30
    for fact in facts:
        assert set(fact.says) <= {ontology.kinds[fact.kind].object.key, *ontology.properties}
        assert ontology.prefixes.expand(fact.about), fact.about


@pytest.mark.parametrize("path", FILES[2:], ids=lambda path: path.name)
def test_spoilt_files(path: Path, tmp_path: Path) -> None:
    """However a file is spoilt, it is refused or its losses are reported, and no fact says what does not stand in it."""
    known = values(_items(path))
    refused = 0
    for number, (what, content) in enumerate(mangled(path.read_bytes(), "\t")):
        spoilt = tmp_path / f"{number}" / path.name
        spoilt.parent.mkdir()
        spoilt.write_bytes(content)
        try:
            items = read(HPO, {_role(path): sources(spoilt)}, {**WORKS, "annotations": "hpo-annotations-2023-07-21"})
        except UnreadableError as error:
            assert path.name in str(error)
            refused += 1
            continue
        text = content.decode()
        for value in values(items) - known:
            assert all(part in text for part in value.split(", ")), (what, value)
    assert MANGLED / 8 < refused < MANGLED


# --- the real files ---


def test_the_real_labels(real_data: Path) -> None:
    """All 19,932 terms have a label in English, and in Spanish where the translation is official."""
    items = _items(real_data / "hpo" / "hp-es-preprocessed.babelon.tsv")
    assert len(items) == 19_932
    assert Counter(term.lang for item in items for term in item.terms) == {"en": 19_932, "es": 17_900}
    assert sum(item.terms[0].obsolete for item in items) == 575
    assert Counter(note.reason for item in items for note in item.notes) == {"not-official": 2_032}


@pytest.mark.parametrize(("name", "rows", "facts", "broken"), [("phenotype.excerpt", 391, 390, 0), ("phenotype_test", 411, 402, 5)])
def test_the_real_annotations(real_data: Path, name: str, rows: int, facts: int, broken: int) -> None:
    """Every row of the real slices is a fact or reported, the broken ones among them, and says what a plain reading of it says."""
    path = real_data / "hpo" / f"{name}.hpoa"
    items = _items(path)
    assert len(items) == rows
    assert sum(len(item.facts) for item in items) == facts
    assert Counter(item.lost for item in items)["broken-row"] == broken
    texts = path.read_text(encoding="utf-8").splitlines()
    for item in random.Random(5).sample(items, 100):  # noqa: S311 (a choice for a test, no secret)
        cells = texts[item.line - 1].split("\t")
        if len(cells) != 12 or cells[10] == "M" or (cells[10] == "C" and cells[3] not in ONSETS):
            assert item.facts == ()
            continue
        [fact] = item.facts
        assert (fact.about, next(fact.says[key] for key in ("feature", "mode", "age") if key in fact.says)) == (cells[0], cells[3])
        assert fact.kind == {"P": "phenotype", "I": "inheritance", "C": "diseaseOnset"}[cells[10]]
        assert ("negated" in fact.says) == (cells[2] == "NOT" or cells[7].startswith("0/") or cells[7] == "HP:0040285")
        if cells[10] in "PC":
            assert "/".join(str(fact.says[key]) for key in ("affected", "total") if key in fact.says) == (
                cells[7] if "/" in cells[7] else ""
            )
            assert fact.says.get("frequency", "") == (cells[7] if cells[7].startswith("HP") else "")
            assert [*fact.says.get("onset", ())] == [term for term in [cells[6]] if term]  # type: ignore[misc]
            assert str(fact.says.get("sex", "")).upper() == cells[8]
        cited = {line["source"] for line in fact.evidence}
        assert cited == (set(re.findall(r"PMID:\d+", cells[4])) or {f"hpo-annotations-{HPO.roles[0].version(*sources(path))}"})
        assert {line["evidenceType"] for line in fact.evidence} == {cells[5]}
        remark = f"The annotation adds the modifier: Mild ({cells[9]})" if cells[9] else ""
        assert {line.get("comment", "") for line in fact.evidence} == {remark}
        assert {line["locator"] for line in fact.evidence} == {cells[0]}


def test_the_real_frequencies(real_data: Path) -> None:
    """Every row is a fact or reported, what was found in nobody is negated, and a plain reading of a hundred rows says the same."""
    path = real_data / "hpo" / "hpo_frequencies.tsv.gz"
    chosen = set(random.Random(7).sample(range(2, 192_333), 100))  # noqa: S311 (a choice for a test, no secret)
    sample: dict[int, Item] = {}
    counts: Counter[str] = Counter()
    for item in HPO.read(Reading({"frequencies": sources(path)}, WORKS)):
        counts["items"] += 1
        counts[item.lost or item.facts[0].kind] += 1
        counts["negated"] += bool(item.facts) and "negated" in item.facts[0].says
        counts["percentages"] += bool(item.facts) and "percentage" in item.facts[0].says
        if item.line in chosen:
            sample[item.line] = item
    assert counts == {
        "items": 192_331, "phenotype": 186_205, "inheritance": 22, "diseaseOnset": 4_863, "no-kind": 536, "no-frequency": 705,
        "negated": 1_036, "percentages": 75_600,
    }  # fmt: skip
    assert len(sample) == 100
    classes = {"100": "0", "99-80": "1", "79-30": "2", "29-5": "3", "<4-1": "4"}
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for number, row in enumerate(rows, 1):
            if number not in sample:
                continue
            disease, term, name, _, _, mean = row.rstrip("\n").split("\t")
            if not sample[number].facts:
                assert not name or re.search(r"Death|death|Stillbirth|Miscarriage", _label(real_data, term))
                continue
            [fact] = sample[number].facts
            assert (fact.about, fact.says.get("age" if term in ONSETS else "feature")) == (disease, term)
            between = re.search(r"\((.*)%\)", name)
            assert fact.says.get("frequency") == (f"HP:004028{classes[between[1]]}" if between else None)
            share = fact.says.get("percentage")
            assert share == (None if between or not name else f"{float(mean):.1f}".removesuffix(".0"))
            assert ("negated" in fact.says) == (mean == "0.0")
            assert [dict(line) for line in fact.evidence] == [{"source": "hpoa-2023", "locator": disease}]


def _label(real_data: Path, term: str) -> str:
    text = (real_data / "hpo" / "hp-es-preprocessed.babelon.tsv").read_text(encoding="utf-8")
    found = re.search(rf"^en\tes\t{term}\t([^\t]*)", text, re.MULTILINE)
    assert found is not None
    return found[1]
