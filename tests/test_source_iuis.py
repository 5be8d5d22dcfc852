"""The importer of the IUIS table: a hand-written table beside its items, spoilt tables, and the real one against a plain reading."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from kg.errors import UnreadableError
from kg.sources.immunoglobulins import Refused, read_phrase
from kg.sources.immunoglobulins_overall import read_overall
from kg.sources.iuis import IUIS
from kg.sources.iuis_modes import Inherited, first_mode, read_modes
from kg.sources.model import Item
from tests.conftest import ROOT
from tests.importing import MANGLED, mangled, read, shown, sources, values

CASES = ROOT / "tests" / "sources" / "iuis"
TABLE = CASES / "made-up.iei.tsv"
WORKS = {"table": "iuis-2025", "genes": "gard-list-2024-05"}


def _items(table: Path, genes: Path = CASES / "genes.csv") -> list[Item]:
    return read(IUIS, {"table": sources(table), "genes": sources(genes)}, WORKS)


def test_a_table_becomes_its_items() -> None:
    """Each cell of the hand-written table becomes the facts, notes or reason that stand in the file beside it."""
    assert shown(_items(TABLE)) == (CASES / "made-up.items.txt").read_text(encoding="utf-8")


def test_without_genes_no_gene_is_guessed() -> None:
    """A symbol alone makes no fact."""
    items = read(IUIS, {"table": sources(TABLE), "genes": ()}, WORKS)
    assert not [fact for item in items for fact in item.facts if fact.kind == "gene"]
    assert [item.lost for item in items if item.what.startswith("Genetic defect")] == ["no-gene-identifier"] * 7 + ["no-value"]


AR, AD, XL, DIGENIC = "HP:0000007", "HP:0000006", "HP:0001417", "HP:0010984"
CELLS = {
    "AR": Inherited((AR,)),
    "AD/AR": Inherited((AD, AR)),
    "AD or AR": Inherited((AD, AR)),
    "AD rarely AR": Inherited((AD, AR), "AD rarely AR"),
    "AR and digenic": Inherited((AR, DIGENIC), "AR and digenic"),
    "AD LOF": Inherited((AD,), beside="LOF"),
    "XL (females may be affected)": Inherited((XL,), "XL (females may be affected)"),
    "XL females_affected": Inherited((XL,), "XL females affected"),
    **dict.fromkeys(("AD and various", "AD rarely", "AR and", "AR or", "AD, AR", "AD/?", "AD AR", "AD de novo"), Inherited(undecided=True)),
    **dict.fromkeys(("Sporadic/toxin exposure", "Sporadic exposure", "Variable", "ADx", "rarely AR", "?"), Inherited()),
}


@pytest.mark.parametrize("text", CELLS)
def test_a_mode_is_never_said_alone_where_the_list_says_more(text: str) -> None:
    """A cell gives all its modes, with what the list adds as a remark, or none at all."""
    assert read_modes(text) == CELLS[text]


def _with_details(folder: Path, mode: str, detail: str) -> list[Item]:
    """The items of the hand-written table, whose first row is inherited so, with the column of details that the real one has."""
    folder.mkdir()
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    details = ["Inheritance detail", detail, *["NA"] * (len(lines) - 3)]
    changed = [f'{line}\t"{each}"' for line, each in zip(lines, details, strict=False)]
    changed[1] = changed[1].replace('"AR"', f'"{mode}"')
    (folder / TABLE.name).write_text("\n".join([*changed, *lines[len(changed) :]]) + "\n", encoding="utf-8")
    return _items(folder / TABLE.name)


def test_the_column_of_details_is_read_with_the_mode(tmp_path: Path) -> None:
    """The table cuts a cell in two: where what is left of it says more than its mode, there is no mode, and no column is left out."""
    assert [fact.says for item in _with_details(tmp_path / "a", "AR", "NA")[:3] for fact in item.facts if fact.kind == "inheritance"] == [
        {"mode": AR}
    ]
    found = _with_details(tmp_path / "b", "AD", "rarely")
    assert [(item.lost, item.detail) for item in found if item.line == 2 and item.what.startswith("Inheritance")] == [
        ("mode-undecided", "AD rarely")
    ]
    assert not [item for item in found if item.what == "column Inheritance detail"]
    [item] = [each for each in _with_details(tmp_path / "c", "XL", "females_affected") if each.line == 2 and "Inheritance" in each.what]
    [fact] = item.facts
    assert fact.says == {"mode": XL, "comment": "The list says: XL females affected"}
    assert fact.evidence[0]["locator"].endswith("XL females_affected")


@pytest.mark.parametrize("text", ["AR", "AR and digenic", "AR rarely AD", "AR/AD", "AR (rarely AD)"])
def test_a_disease_goes_by_one_name_in_all_editions(text: str, tmp_path: Path) -> None:
    """What a cell says beyond its first mode makes no second disease of one."""
    assert first_mode(text) == "AR"
    assert _with_details(tmp_path / "a", text, "NA")[0].facts[0].about == "IUIS_made1-made-up-deficiency-ar"


def _workbook(path: Path, rows: list[list[str | None]]) -> list[Item]:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return read(IUIS, {"list": sources(path), "genes": sources(CASES / "genes.csv")}, {**WORKS, "list": "iuis-list-2024-07"})


COLUMNS = {"Ig details": "Immunoglobulin levels", "GOF/DN details": "GOF/DN", "HPO IDs": "HPO (table)"}


def test_the_workbook_says_the_same(tmp_path: Path) -> None:
    """The list as a workbook, whose columns have other names and whose rows end early, states what the table states, each at its place."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = [list(row) for row in csv.reader(file, delimiter="\t", escapechar="\\")]
    rows: list[list[str | None]] = [[COLUMNS.get(cell, f"{cell} ") for cell in table[0]]]
    rows += [[None if cell == "NA" else cell for cell in row] for row in table[1:] if len(row) == len(table[0])]
    while rows[1][-1] is None:
        rows[1].pop()
    found = _workbook(tmp_path / "made-up.iei.xlsx", rows)
    facts, same = ([fact for item in items for fact in item.facts] for items in (found, _items(TABLE)))
    assert len(facts) > 20
    assert [(fact.about, fact.kind, fact.says) for fact in facts] == [(fact.about, fact.kind, fact.says) for fact in same]
    assert [line["locator"] for fact in facts for line in fact.evidence] == [
        line["locator"].replace("Ig details:", "Immunoglobulin levels:") for fact in same for line in fact.evidence
    ]
    assert {line["source"] for fact in facts for line in fact.evidence} == {"iuis-list-2024-07"}


@pytest.mark.parametrize("column", ["Disease", "Immunoglobulin levels"])
def test_a_workbook_without_a_column_is_refused(column: str, tmp_path: Path) -> None:
    """A workbook of another form is refused, with the name that the column should have."""
    names = [COLUMNS.get(name, name) for name in ("Disease", "Genetic defect", "Inheritance", "ICD9", "ICD10", *COLUMNS)]
    with pytest.raises(UnreadableError, match=f"has no column {column};"):
        _workbook(tmp_path / "made-up.iei.xlsx", [[name for name in names if name != column], ["x"] * 7])


def test_spoilt_tables(tmp_path: Path) -> None:
    """However the table is spoilt, it is refused or its losses are reported, and no fact says what does not stand in it."""
    known = values(_items(TABLE))
    refused = 0
    spoilt = list(mangled(TABLE.read_bytes(), "\t"))
    assert len(spoilt) == MANGLED
    for what, content in spoilt:
        path = tmp_path / "made-up.iei.tsv"
        path.write_bytes(content)
        try:
            found = values(_items(path))
        except UnreadableError:
            refused += 1
            continue
        text = content.decode("utf-8-sig").replace('\\"', '"')
        for value in found - known:
            parts = re.split(r", |: ", value.removeprefix("ICD9:").removeprefix("ICD10:"))
            assert value.startswith("IUIS_") or all(part in text for part in parts), (what, value)
    assert 0 < refused < MANGLED


def _cells(real_data: Path) -> dict[int, dict[str, str]]:
    """The real table by a plain reading: cells between quotes and tabs, by line; rows with a line break in a cell are left out."""
    lines = (real_data / "iei" / "iusis_iei_table_2025.tsv").read_text(encoding="utf-8-sig").split("\n")
    split = {number: [cell.strip().strip('"').strip() for cell in line.split("	")] for number, line in enumerate(lines, 1)}
    header = split.pop(1)
    return {number: dict(zip(header, cells, strict=True)) for number, cells in split.items() if len(cells) == len(header)}


PHRASES = {
    "HP:0004313": {"Low", "low", "Decreased", "Undetectable"},
    "HP:0010702": {"High", "Increased"},
    "HP:0004432": {"Agammaglobulinemia"},
    "HP:0003139": {"Pan-hypogammaglobulinemia"},
}


def test_the_real_table(real_data: Path) -> None:
    """Every fact of the real table says what its row says, read by other code; rows and findings are as many as counted."""
    items = _items(real_data / "iei" / "iusis_iei_table_2025.tsv", real_data / "gard" / "GARD_genes.csv")
    assert sum(item.what.startswith("Disease of") for item in items) == 591
    kinds = Counter(item.facts[0].kind for item in items if item.facts and item.what.startswith("Ig details of"))
    assert kinds == {"immunoglobulin": 44, "phenotype": 85}
    overall = Counter(str(fact.says["feature"]) for item in items for fact in item.facts if fact.kind == "phenotype")
    assert overall == {"HP:0004313": 77, "HP:0010702": 5, "HP:0004432": 2, "HP:0003139": 1}
    facts = [(fact.says, fact.kind, item.line) for item in items for fact in item.facts]
    rows = _cells(real_data)
    symbols: dict[str, set[str]] = {}
    for text in (real_data / "gard" / "GARD_genes.csv").read_text(encoding="utf-8").splitlines():
        gene = re.search(r",(HGNC:[0-9]+)$", text)
        if gene:
            symbols.setdefault(text.split(",")[5], set()).add(gene[1])
    letters = {"HP:0000007": "AR", "HP:0000006": "AD", "HP:0001417": "XL"}
    checked = 0
    for says, kind, line in facts:
        if line not in rows:
            continue
        row = rows[line]
        match kind:
            case "name":
                assert says["name"] == row["Disease"]
            case "gene":
                assert symbols[row["Genetic defect"]] == {says["gene"]}
                assert ("variantEffect" in says) == (row["GOF/DN details"] == "GOF")
            case "inheritance":
                assert letters[str(says["mode"])] in row["Inheritance"].split("/")
                assert row["Inheritance detail"] in ("NA", "LOF", "females_affected")
            case "mapping":
                assert str(says["to"]) in (f"ICD9:{row['ICD9']}", f"ICD10:{row['ICD10']}")
            case "phenotype":
                assert row["Ig details"].rpartition(" ")[2] in PHRASES[str(says["feature"])]
            case "immunoglobulin":
                assert str(says["isotype"])[-1].lower() in row["Ig details"].lower()
        checked += 1
    assert checked > 2000


def test_the_real_workbook(real_data: Path) -> None:
    """The committee's own list says of 582 diseases what the table says; its phrases are those of the table, the empty ones but."""
    path = real_data / "iei" / "IUIS-IEI-list-for-web-site-July-2024V2.xlsx"
    genes = sources(real_data / "gard" / "GARD_genes.csv")
    items = read(IUIS, {"list": sources(path), "genes": genes}, {**WORKS, "list": "iuis-list-2024-07"})
    assert sum(item.what.startswith("Disease of") for item in items) == 582
    table = _items(real_data / "iei" / "iusis_iei_table_2025.tsv", real_data / "gard" / "GARD_genes.csv")
    undecided = {item.what.removeprefix("Inheritance of ").partition(",")[0] for item in table if item.lost == "mode-undecided"}
    assert undecided == {"SERPING1", "PSMB4", "PSMB9"}
    symbols = ("SERPING1", "PSMB4", "PSMB9", "KDM6A", "TNFRSF13B")
    modes = {
        symbol: [fact.says["mode"] for item in items if item.what.startswith(f"Inheritance of {symbol},") for fact in item.facts]
        for symbol in symbols
    }
    # PSMB9: of another row; "AD and various" says no mode
    assert modes == {"SERPING1": [AD, AR], "PSMB4": [AR, DIGENIC], "PSMB9": [AR], "KDM6A": [XL], "TNFRSF13B": [AD, AR]}
    names = [{fact.about for item in each for fact in item.facts} for each in (items, table)]
    assert len(names[0] & names[1]) == 568
    findings = [
        Counter(
            (*map(str, fact.says.values()), line["locator"].partition(": ")[2])
            for each in files
            for fact in each.facts
            if fact.kind == "immunoglobulin"
            for line in fact.evidence
        )
        for files in (items, table)
    ]
    assert sum(findings[0].values()) > 80
    assert findings[0] == findings[1]


OVERALL = [line.split("\t") for line in (CASES.parent / "immunoglobulins-overall.tsv").read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("phrase", "term"), [case[:2] for case in OVERALL], ids=[case[0] for case in OVERALL])
def test_phrases_without_an_isotype(phrase: str, term: str) -> None:
    """A phrase that names no isotype is the HPO term that says no more than it, as the table of cases has it, or nothing."""
    assert (read_overall(phrase), len(OVERALL)) == (term.partition(" ! ")[0], 32)
    assert isinstance(read_phrase(phrase), Refused) or not term


def test_the_terms_are_called_so(real_data: Path) -> None:
    """The labels in the table of cases are those of HPO."""
    labels = (real_data / "hpo" / "hp-es-preprocessed.babelon.tsv").read_text(encoding="utf-8")
    assert all("\t".join(["", *case[1].split(" ! "), ""]) in labels for case in OVERALL if case[1])


@pytest.mark.parametrize("word", ["Low", "Very low", "Agammaglobulinemia"])
def test_no_isotype_is_taken_for_granted(word: str, tmp_path: Path) -> None:
    """A phrase without an isotype is a phenotype with the phrase as its place, and no finding of any isotype."""
    path = tmp_path / "made-up.iei.tsv"
    path.write_text(TABLE.read_text(encoding="utf-8").replace("High IgE", word), encoding="utf-8")
    [item] = [item for item in _items(path) if "Ig details of MADE1, made-up activation" in item.what]
    assert [fact.kind for fact in item.facts] == ["phenotype"]
    assert item.facts[0].evidence[0]["locator"].endswith(f"Ig details: {word}")


@pytest.mark.parametrize("word", ["Normal", "Normal or low", "Variable", "IgG2 low", "Low IgG in some", "Hypogammaglobulinemia"])
def test_what_is_not_certain_is_no_finding(word: str, tmp_path: Path) -> None:
    """A phrase that is not certain makes no finding, and its reason is one of the reader's."""
    path = tmp_path / "made-up.iei.tsv"
    path.write_text(TABLE.read_text(encoding="utf-8").replace("High IgE", word), encoding="utf-8")
    items = [item for item in _items(path) if "Ig details of MADE1, made-up activation" in item.what]
    assert [(bool(item.facts), item.lost.startswith("phrase-")) for item in items] == [(False, True)]
