"""GARD: hand-written rows beside their items, spoilt files, and the real ones against a plain reading of their rows."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from kg.errors import KgError, UnreadableError
from kg.sources.gard import GARD
from kg.sources.model import Item, Reading
from tests.conftest import ROOT
from tests.importing import MANGLED, direct, mangled, reading_of, shown, value_of, written

ROWS = ROOT / "tests" / "sources" / "gard"
FILES = ("GARD.csv", "GARD_xrefs.csv", "GARD_genes.csv")
HGNC = "http://identifiers.org/hgnc/"


def _plan(folder: Path) -> Reading:
    return reading_of(GARD, [folder / name for name in FILES], "2024-05")


def test_rows_become_their_items() -> None:
    """Each hand-written row becomes the facts, terms, notes or reason that stand in items.txt."""
    assert shown(GARD.read(_plan(ROWS))) == (ROWS / "items.txt").read_text(encoding="utf-8")


def test_what_does_not_fit_is_reported() -> None:
    """The arithmetic holds, identifiers that are none of their vocabulary are reported, and genes stand in the role that the row has."""
    tally, reports, store = written(GARD, _plan(ROWS))
    assert tally.items == 79 == tally.used + tally.lost.total()
    assert [report.line for report in reports if report.file == "GARD_xrefs.csv" and report.lost == "identifier-pattern"] == [10, 19, 33]
    roles = {
        (t.predicate.value.rpartition("#")[2], str(t.object).strip("<>").removeprefix(HGNC)) for t in direct(store) if HGNC in str(t.object)
    }
    assert roles == {
        *(("causalGene", gene) for gene in ("99901", "99902", "99903")),
        ("susceptibilityGene", "99904"),
        ("modifierGene", "99905"),
        ("candidateGene", "99906"),
        ("candidateGene", "99915"),
        ("associatedGene", "99901"),
    }


def test_one_version_is_enough() -> None:
    """The three files are of one work, so the version is given once; without it the import says how."""
    assert _plan(ROWS).works == {"diseases": "gard-list-2024-05", "xrefs": "gard-list-2024-05", "genes": "gard-list-2024-05"}
    with pytest.raises(KgError, match="--version diseases="):
        reading_of(GARD, [ROWS / name for name in FILES])


def test_a_column_that_is_new_is_told(tmp_path: Path) -> None:
    """A column that the importer does not know is in the report, once; one that it needs and misses ends the import."""
    for name in FILES:
        text = (ROWS / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            re.sub(r"^(GARD:00000(?:73|78).*|GardID.*)$", r"\1,Prevalence", text, flags=re.MULTILINE), encoding="utf-8"
        )
    told = [item.file for item in GARD.read(_plan(tmp_path)) if item.lost == "column-unknown"]
    assert told == list(FILES)
    (tmp_path / "GARD.csv").write_text("GardID,Name\nGARD:1,x\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match="has no column SourceID, Synonym"):
        list(GARD.read(_plan(tmp_path)))


@pytest.mark.parametrize("name", FILES)
def test_spoilt_files(name: str, tmp_path: Path) -> None:
    """Whatever is wrong with a file, it is refused or reported; nothing is stated that does not stand in it."""
    good = [fact for item in GARD.read(_plan(ROWS)) for fact in item.facts]
    contents = {each: (ROWS / each).read_bytes() for each in FILES}
    outcomes: Counter[str] = Counter()
    for how, content in mangled(contents[name], ","):
        for each in FILES:
            (tmp_path / each).write_bytes(content if each == name else contents[each])
        try:
            items = list(GARD.read(_plan(tmp_path)))
            tally, _, _ = written(GARD, _plan(tmp_path))
        except UnreadableError:
            outcomes["refused"] += 1
            continue
        assert tally.items == len(items)
        text = "".join((tmp_path / each).read_text(encoding="utf-8") for each in FILES)
        for item in items:
            for fact in item.facts:
                if fact in good:
                    continue
                outcomes["another fact"] += 1
                value = value_of(fact)
                assert value in text or (fact.says.get("to", "") == f"DOID:{value}" and value.lstrip("0") in text), (how, fact)
                assert fact.about.removeprefix("GARD:") in text, (how, fact)
                if fact.says.get("role") == "causal":
                    assert re.search(rf"^.*Disease-causing germline.*{re.escape(value)}", text.replace('"', ""), re.MULTILINE), (how, fact)
        outcomes["read"] += 1
    assert outcomes["refused"] >= 15 and outcomes["read"] >= 30 and outcomes["refused"] + outcomes["read"] == MANGLED, outcomes


# The real files. What follows reads them anew, in other words than the importer does.

RELATION = {"Exact": "exactMatch", "NTBT": "broadMatch", "BTNT": "narrowMatch"}
KEPT = {
    "Orphanet": "ORPHA:{}",
    "OMIM": "OMIM:{}",
    "UMLS": "UMLS:{}",
    "MeSH": "MESH:{}",
    "MedDRA": "MEDDRA:{}",
    "ICD-10": "ICD10:{}",
    "ICD-10-CM": "ICD10CM:{}",
    "SNOMED-CT": "SCTID:{}",
    "DiseaseOntology": "DOID:{}",
    "GeneticsHomeReference": "GHR:{}",
}
ROLE = (("susceptib", "susceptibility"), ("Modifying", "modifier"), ("Candidate", "candidate"), ("molecular basis", "associated"))


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def _names(row: list[str]) -> list[tuple[str, str]]:
    if row[2].startswith("OMIM:"):
        return []
    return [("preferred", row[5]), *(("exact", text) for text in row[6].split("|") if text)]


def _mapped(row: list[str], short: Counter[str], claims: dict[tuple[str, str], set[str]], rests: dict[str, str]) -> tuple[str, str] | None:
    gard, vocabulary, code, relation = row
    if vocabulary not in KEPT:
        return None
    if vocabulary == "DiseaseOntology":
        if code.startswith("0") or (len(code) < 4 and short[gard] > 1):
            return None
        code = code.zfill(7) if len(code) == 6 or (len(code) == 5 and code >= "5") else code
    target = KEPT[vocabulary].format(code.rstrip("+*/").split("/")[-1])
    if relation == "Exact" and len(claims[vocabulary, code.rstrip("+*")]) > 1 and rests.get(gard) != target:
        return "crossReference", target
    return RELATION.get(relation, "crossReference"), target


def _role(association: str) -> str:
    if association.startswith("Disease-causing germline"):
        return "causal"
    return next((role for word, role in ROLE if word in association), "")


@pytest.fixture(scope="module")
def real(real_data: Path) -> tuple[Path, list[Item]]:
    """The folder of the real files, and the items that the importer makes of them."""
    folder = real_data / "gard"
    return folder, list(GARD.read(_plan(folder)))


def test_the_real_files_are_read_whole(real: tuple[Path, list[Item]]) -> None:
    """12,004 diseases, 49,974 mappings and 10,438 genes (7,103 with articles): each is an item, and beside them each unused column once."""
    folder, items = real
    lines = {name: len(_rows(folder / name)) for name in FILES}
    assert lines == {"GARD.csv": 12004, "GARD_xrefs.csv": 49974, "GARD_genes.csv": 10438}
    assert Counter(item.file for item in items if item.line) == lines
    assert len({(item.file, item.line) for item in items if item.line}) == sum(lines.values())
    assert sum(not item.line for item in items) == 16
    genes = _rows(folder / "GARD_genes.csv")
    assert sum("PMID:" in row[12] for row in genes) == 7103
    with_articles = [
        item for item in items if item.file == "GARD_genes.csv" and any("via" in line for fact in item.facts for line in fact.evidence)
    ]
    assert len(with_articles) == sum("PMID:" in row[12] and row[18].startswith("HGNC") and _role(row[10]) != "" for row in genes) == 6461
    assert sum(len(item.facts) for item in items if item.file == "GARD.csv") == sum(len(_names(row)) for row in _rows(folder / "GARD.csv"))


def test_reasons_of_the_real_files(real: tuple[Path, list[Item]]) -> None:
    """What is lost of the real files, by reason; no entry that GARD rests on is without its mapping."""
    _, items = real
    lost = Counter(item.lost for item in items if item.lost and item.line)
    assert lost == {"unknown-prefix": 2268, "no-kind": 1079, "broken-number": 51, "no-hgnc": 3, "of-omim": 2625}
    assert Counter(note.reason for item in items for note in item.notes) == {
        "dagger-asterisk": 84,
        "other-symbol": 7,
        "exact-of-several": 538,
    }


def test_an_exact_match_is_that_of_one(real: tuple[Path, list[Item]]) -> None:
    """No identifier is the exact match of two entries, and each entry keeps the one that it rests on."""
    folder, items = real
    exact = Counter(fact.says["to"] for item in items for fact in item.facts if fact.says.get("relation") == "exactMatch")
    assert exact.most_common(1)[0][1] == 1
    rests = {f"GARD:{int(row[0][5:])} {row[2]}" for row in _rows(folder / "GARD.csv") if row[2]}
    assert rests <= {f"{f.about} {f.says['to']}" for item in items for f in item.facts if f.says.get("relation") == "exactMatch"}


def test_a_sample_of_the_real_files(real: tuple[Path, list[Item]]) -> None:
    """Of 300 rows drawn at random, a hundred a file, each says what a plain reading of it says."""
    folder, items = real
    by_line = {(item.file, item.line): item for item in items if item.line}
    rows = {name: _rows(folder / name) for name in FILES}
    short = Counter(row[0] for row in rows["GARD_xrefs.csv"] if row[1] == "DiseaseOntology" and len(row[2]) < 4)
    claims: dict[tuple[str, str], set[str]] = {}
    for gard, vocabulary, code, relation in rows["GARD_xrefs.csv"]:
        claims.setdefault((vocabulary, code.rstrip("+*")), set()).update([gard] if relation == "Exact" else [])
    rests = {row[0]: row[2] for row in rows["GARD.csv"]}
    wrong = []
    for name in FILES:
        for number in random.Random(20261125).sample(range(len(rows[name])), 100):  # noqa: S311 - the same each time
            row, item = rows[name][number], by_line[name, number + 2]
            expected: set[tuple[object, ...]]
            found: set[tuple[object, ...]]
            if name == "GARD.csv":
                expected = {(kind, text) for kind, text in _names(row)}
                found = {(fact.says["kind"], fact.says["name"]) for fact in item.facts}
            elif name == "GARD_xrefs.csv":
                mapped = _mapped(row, short, claims, rests)
                expected = {mapped} if mapped else set()
                found = {(fact.says["relation"], fact.says["to"]) for fact in item.facts}
            else:
                role = _role(row[10]) if row[18].startswith("HGNC") else ""
                effect = "lossOfFunction" if "(loss" in row[10] else "gainOfFunction" if "(gain" in row[10] else ""
                articles = tuple(re.findall(r"PMID:\d+", row[12])) or ("gard-list-2024-05",)
                expected = {(role, row[18], effect, articles)} if role else set()
                found = {
                    (f.says["role"], f.says["gene"], f.says.get("variantEffect", ""), tuple(line["source"] for line in f.evidence))
                    for f in item.facts
                }
            about = {f"GARD:{int(row[0][5:])}"} if expected else set()
            places = {line["locator"].partition(",")[0] for fact in item.facts for line in fact.evidence}
            if found != expected or {fact.about for fact in item.facts} != about or places - {row[0]}:
                wrong.append((row, found, expected))
    assert wrong == []
