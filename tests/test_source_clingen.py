"""ClinGen: hand-written rows beside their items, what stands as a cause, spoilt files, and the real one against a plain reading of it."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Triple

from kg.errors import KgError, UnreadableError
from kg.sources.clingen import CLINGEN
from kg.sources.model import Item
from tests.conftest import ROOT
from tests.importing import direct, mangled, reading_of, shown, value_of, written

ROWS = ROOT / "tests" / "sources" / "clingen"
NAME = "ClinGen-Gene-Disease-Validity-made-up.csv"
REAL = "iei/ClinGen-Gene-Disease-Validity-2021-11-24.csv"
CODES = {"HP:0000006": "AD", "HP:0000007": "AR", "HP:0001417": "XL", "HP:0032113": "SD", "HP:0001427": "MT"}


def _items(path: Path) -> list[Item]:
    return list(CLINGEN.read(reading_of(CLINGEN, [path])))


def _causes(triples: list[Triple]) -> set[tuple[str, str]]:
    """Disease and gene of each plain triple that makes a gene a cause, as the table writes them."""
    causal = [t for t in triples if t.predicate.value.endswith("#causalGene")]
    pairs = [(str(t.subject).rpartition("/")[2], str(t.object).rpartition("/")[2]) for t in causal]
    return {(disease.rstrip(">").replace("_", ":"), f"HGNC:{gene.rstrip('>')}") for disease, gene in pairs}


def test_rows_become_their_items() -> None:
    """Each hand-written row becomes the facts, terms, notes or reason that stand in items.txt."""
    assert shown(_items(ROWS / NAME)) == (ROWS / "items.txt").read_text(encoding="utf-8")


def test_the_version_stands_above_the_header(tmp_path: Path) -> None:
    """The release is the day on which the file was created; another one cannot be given, and a file without one wants it."""
    assert reading_of(CLINGEN, [ROWS / NAME]).works == {"validity": "clingen-2021-01-02"}
    with pytest.raises(KgError, match="says that it is of 2021-01-02, not of 2024"):
        reading_of(CLINGEN, [ROWS / NAME], "2024")
    bare = tmp_path / NAME
    bare.write_text("".join((ROWS / NAME).read_text(encoding="utf-8").splitlines(keepends=True)[4:]), encoding="utf-8")
    with pytest.raises(KgError, match="does not say of which release it is"):
        reading_of(CLINGEN, [bare])
    assert len(list(CLINGEN.read(reading_of(CLINGEN, [bare], "2021")))) == len(_items(ROWS / NAME))


def test_what_is_disputed_stands_nowhere() -> None:
    """A gene is a cause in a plain triple only where ClinGen supports it; disputed and refuted ones are facts that a line disputes."""
    tally, _, store = written(CLINGEN, reading_of(CLINGEN, [ROWS / NAME]))
    assert tally.items == 24 == tally.used + tally.lost.total()
    supported = {"9999001": "99901 99902", "9999002": "99907 99908", "9999003": "99909", "9999004": "99910", "9999005": "99911"}
    supported |= {"9999006": "99912", "9999007": "99913"}
    assert _causes(direct(store)) == {(f"MONDO:{mondo}", f"HGNC:{hgnc}") for mondo, genes in supported.items() for hgnc in genes.split()}
    disputed = [quad.subject for quad in store if str(quad.object).endswith("#disputes>") and quad.predicate.value.endswith("#direction")]
    assert sorted(str(line).partition("#")[2].partition(".")[0] for line in disputed) == [
        "gene-causal-HGNC_99904",
        "gene-causal-HGNC_99905",
    ]


def test_a_claim_of_others_is_marked_as_disputed() -> None:
    """What ClinGen disputes is the very fact that another source would state, so the two meet and the claim does not stand."""
    disputed = next(fact for item in _items(ROWS / NAME) for fact in item.facts if "direction" in fact.evidence[0])
    assert (disputed.about, disputed.kind, dict(disputed.says)) == ("MONDO:9999001", "gene", {"role": "causal", "gene": "HGNC:99904"})


def test_spoilt_files(tmp_path: Path) -> None:
    """Whatever is wrong with the file, it is refused or reported; no gene becomes a cause without a row that grades it so."""
    content, good = (ROWS / NAME).read_bytes(), [fact for item in _items(ROWS / NAME) for fact in item.facts]
    path, outcomes = tmp_path / NAME, Counter[str]()
    for how, changed in mangled(content, ","):
        path.write_bytes(changed)
        try:
            plan = reading_of(CLINGEN, [path])
            items = list(CLINGEN.read(plan))
            tally, _, store = written(CLINGEN, plan)
        except (UnreadableError, KgError) as error:
            assert isinstance(error, UnreadableError) or "release" in str(error), how
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        assert tally.items == len(items)
        rows = changed.decode().replace('"', "").splitlines()
        for disease, gene in _causes(direct(store)):
            grades = "Definitive|Strong|Moderate"
            assert any(re.search(grades, row) and {disease, gene} <= set(row.split(",")) for row in rows), (how, disease, gene)
        for fact in (fact for item in items for fact in item.facts):
            if fact not in good:
                outcomes["another fact"] += 1
                value = CODES.get(str(fact.says.get("mode", "")), value_of(fact))
                assert any(value in row and fact.about in row for row in rows), (how, fact)
    assert outcomes["refused"] >= 15 and outcomes["read"] >= 40, outcomes


# The real file. What follows reads it anew, in other words than the importer does.

CELL = re.compile(r'"([^"]*)"')


def _rows(path: Path) -> dict[int, list[str]]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return {number: CELL.findall(line) for number, line in lines if "HGNC:" in line}


@pytest.fixture(scope="module")
def real(real_data: Path) -> tuple[dict[int, list[str]], Path]:
    """The rows of the real file by line, and its path."""
    return _rows(real_data / REAL), real_data / REAL


def test_the_real_file_is_read_whole(real: tuple[dict[int, list[str]], Path]) -> None:
    """1,529 rows, each an item; what is lost and left out, by reason."""
    rows, path = real
    items = _items(path)
    assert len(rows) == 1529
    assert {item.line for item in items if item.line} == rows.keys()
    assert len(items) == 1529 + 4
    assert Counter(item.lost for item in items if item.lost and item.line) == {"no-relationship": 43, "other-mode": 6}
    assert Counter(note.reason for item in items for note in item.notes) == {"mode-unsure": 370, "mode-of-part": 286}


def test_no_disputed_gene_of_the_real_file_is_a_cause(real: tuple[dict[int, list[str]], Path]) -> None:
    """The plain triples of causes are the pairs graded Definitive, Strong or Moderate, no more and no fewer."""
    rows, path = real
    _, _, store = written(CLINGEN, reading_of(CLINGEN, [path]))
    expected = {(row[3], row[1]) for row in rows.values() if row[6] in ("Definitive", "Strong", "Moderate")}
    against = {(row[3], row[1]) for row in rows.values() if row[6] in ("Disputed", "Refuted", "No Known Disease Relationship")}
    assert sum(row[6] in ("Disputed", "Refuted") for row in rows.values()) == 125
    assert _causes(direct(store)) == expected
    assert expected & against == {("MONDO:0100038", "HGNC:13830")}  # CNTNAP2: definitive where recessive, disputed where dominant


def test_a_sample_of_the_real_file(real: tuple[dict[int, list[str]], Path]) -> None:
    """Of 100 rows drawn at random, each says what a plain reading of it says."""
    rows, path = real
    items = {item.line: item for item in _items(path)}
    causal = [row for row in rows.values() if row[6][0] in "SM" or row[6].startswith("Def")]
    wrong = []
    for number in random.Random(20261125).sample(sorted(rows), 100):  # noqa: S311 - the same each time
        symbol, gene, _, disease, mode, _, grade, url, *_ = rows[number]
        supported = any(row[1] == gene and row[3] == disease for row in causal)
        expected: set[tuple[str, ...]] = set()
        if grade in ("Definitive", "Strong", "Moderate"):
            expected.add((disease, "causal", gene, grade.lower(), ""))
            if {row[4] for row in causal if row[3] == disease} == {mode} and mode in CODES.values():
                expected.add((disease, mode, "", "", ""))
        elif grade == "Limited" and not supported:
            expected.add((disease, "candidate", gene, "limited", ""))
        elif grade in ("Disputed", "Refuted") and not supported:
            expected.add((disease, "causal", gene, "", "disputes"))
        found = set()
        for fact in items[number].facts:
            (line,) = fact.evidence
            role = str(fact.says.get("role") or CODES[str(fact.says["mode"])])
            found.add((fact.about, role, str(fact.says.get("gene", "")), line.get("strength", ""), line.get("direction", "")))
            if not {symbol, disease, mode, url.split("/")[-1]} <= set(line["locator"].split(", ")):
                wrong.append((number, line["locator"]))
        if found != expected:
            wrong.append((number, f"{found} rather than {expected}"))
    assert wrong == []
