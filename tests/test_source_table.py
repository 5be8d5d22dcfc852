"""Somebody's own table and its mapping: the worked example, what a mapping can have wrong, Excel, limits, and spoilt files."""

from __future__ import annotations

import csv
import random
import re
import textwrap
import time
import tomllib
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kg import limits
from kg import vocabulary as v
from kg.errors import UnreadableError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources import tabular
from kg.sources.gathering import Reported, Tally
from kg.sources.mapping_file import read_mapping
from kg.sources.model import Item
from kg.sources.tabular import TABLE
from tests.conftest import ROOT
from tests.importing import MANGLED, mangled, read, reading_of, shown, sources, values, written

CASES = ROOT / "tests" / "sources" / "table"
MISTAKES = tomllib.loads((CASES / "mistakes.toml").read_text(encoding="utf-8"))["case"]
ONTOLOGY = Ontology.load(ontology_folders())
WORKS = {"table": "example-registry-2026-03"}


def _items(mapping: Path, *tables: Path) -> list[Item]:
    files = {"mapping": sources(mapping), "table": sources(*tables)}
    assert TABLE.describe is not None
    importer = TABLE.describe(files)
    return read(importer, files, WORKS, ONTOLOGY)


def test_the_worked_example() -> None:
    """Each row of the example becomes the facts, notes or reason that stand in the file beside it."""
    found = shown(_items(CASES / "registry.yaml", CASES / "registry.csv"))
    assert found == (CASES / "registry.csv.items.txt").read_text(encoding="utf-8")


def test_the_mapping_describes_the_work() -> None:
    """Name, title and work of the import are those of the mapping, so that one dataset can hold the tables of many."""
    assert TABLE.describe is not None
    importer = TABLE.describe({"mapping": sources(CASES / "registry.yaml"), "table": sources(CASES / "registry.csv")})
    assert (importer.name, importer.title) == ("table-example-registry", "Registry of a made-up centre")
    role = importer.roles[1]
    assert (role.work, role.publisher, role.version(*sources(CASES / "registry.csv"))) == (
        "example-registry",
        "A made-up centre",
        "2026-03",
    )
    assert [each.work for each in importer.roles] == ["", "example-registry"]


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case["put"].strip()[:40] or "left out: " + case["line"].strip()[:30])
def test_mistakes_of_a_mapping(case: dict[str, Any], tmp_path: Path) -> None:
    """A mistake of a mapping is told with its file and line, and what to do."""
    assert len(MISTAKES) == 20
    text = (CASES / "registry.yaml").read_text(encoding="utf-8")
    assert text.count(f"\n{case['line']}\n") == 1
    line = text[: text.index(f"\n{case['line']}\n")].count("\n") + 2
    mapping = tmp_path / "registry.yaml"
    mapping.write_text(text.replace(f"\n{case['line']}\n", f"\n{case['put']}\n"), encoding="utf-8")
    with pytest.raises(UnreadableError) as caught:
        _items(mapping, CASES / "registry.csv")
    assert case["said"].replace(":@:", f":{line}:") in str(caught.value).splitlines()


def test_the_form_in_the_documentation(tmp_path: Path) -> None:
    """The mapping that the module's documentation shows can be read."""
    written = re.search(r"code-block:: yaml\n\n(.*?)\n\n(?=\S)", tabular.__doc__ or "", re.DOTALL)
    assert written is not None
    (tmp_path / "m.yaml").write_text(textwrap.dedent(written[1]), encoding="utf-8")
    mapping = read_mapping(sources(tmp_path / "m.yaml")[0], ONTOLOGY)
    assert (mapping.sheet, mapping.before, len(mapping.rules)) == ("Patients", 2, 2)


@pytest.mark.parametrize("above", ['"Registry" of our centre\n', '"Registry of our centre, as of 2026\n\n', 'Sizes: 3" and 5"\n"a\nb\n'])
def test_lines_above_the_header_may_say_anything(above: str, tmp_path: Path) -> None:
    """Lines above the header are passed over whatever they hold, quotes without a partner too, and rows keep their line in the file."""
    more = above.count("\n")
    mapping, table = tmp_path / "registry.yaml", tmp_path / "registry.csv"
    mapping.write_text((CASES / "registry.yaml").read_text(encoding="utf-8") + f"table: {{before: {more}}}\n", encoding="utf-8")
    table.write_text(above + (CASES / "registry.csv").read_text(encoding="utf-8"), encoding="utf-8")
    plain = _items(CASES / "registry.yaml", CASES / "registry.csv")
    assert [(item.line - more, item.facts, item.lost) for item in _items(mapping, table)] == [
        (item.line, item.facts, item.lost) for item in plain
    ]


SEPARATORS = [
    (";", ";", "semicolons", False),
    (";", ";", "semicolons", True),
    ("\t", "\\t", "tabs", False),
    ("|", "|", "vertical bars", False),
]


@pytest.mark.parametrize(("character", "as_written", "called", "quoted"), SEPARATORS)
def test_another_separator_is_said_with_what_to_write(character: str, as_written: str, called: str, quoted: bool, tmp_path: Path) -> None:
    """A table whose columns something else parts is refused, and what the message says to write makes it readable."""
    with (CASES / "registry.csv").open(encoding="utf-8", newline="") as file:
        table = [[cell.replace(";", " ") for cell in row] for row in csv.reader(file)]
    with (tmp_path / "registry.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=character, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(table)
    with pytest.raises(UnreadableError) as caught:
        _items(CASES / "registry.yaml", tmp_path / "registry.csv")
    told = f'Its columns seem to be parted by {called}: write table: {{delimiter: "{as_written}"}} in the mapping'
    assert told in str(caught.value)
    mapping = tmp_path / "registry.yaml"
    text = (CASES / "registry.yaml").read_text(encoding="utf-8")
    mapping.write_text(f'{text}table: {{delimiter: "{as_written}"}}\n', encoding="utf-8")
    assert len(_items(mapping, tmp_path / "registry.csv")) == len(_items(CASES / "registry.yaml", CASES / "registry.csv"))


def test_a_column_that_is_missing_says_nothing_of_separators(tmp_path: Path) -> None:
    """Where the columns are parted as they should be, nothing is said of what might part them."""
    text = (CASES / "registry.csv").read_text(encoding="utf-8").replace("OMIM", "MIM;number", 1)
    (tmp_path / "registry.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError, match='names the column "OMIM"') as caught:
        _items(CASES / "registry.yaml", tmp_path / "registry.csv")
    assert "parted" not in str(caught.value)


# --- identifiers of diseases ---


def _cohort(folder: Path, cells: list[str], disease: str = "{column: Disease}") -> tuple[Tally, list[Reported], set[str]]:
    """What a table of one column of diseases comes to, each row of which states a feature, and the diseases that are written."""
    mapping, table = folder / "cohort.yaml", folder / "cohort.csv"
    mapping.write_text(
        "work: {key: cohort, version: '1', title: A cohort, publisher: Nobody, license: 'https://example.org/l', page: 'https://example.org/'}\n"
        f"disease: {disease}\nfacts:\n  - kind: phenotype\n    feature: HP:0001250\n",
        encoding="utf-8",
    )
    table.write_text("\n".join(["Disease", *cells]) + "\n", encoding="utf-8")
    assert TABLE.describe is not None
    importer = TABLE.describe({"mapping": sources(mapping), "table": sources(table)})
    tally, reports, store = written(importer, reading_of(importer, [mapping, table]))
    return tally, reports, {str(each.subject).rpartition("/")[2][:-1] for each in store.quads_for_pattern(None, v.RDF_TYPE, v.DISEASE)}


def test_a_number_without_its_vocabulary_names_no_disease(tmp_path: Path) -> None:
    """Three ways to write one entry make one disease at most: a number alone, or filled up differently, is reported."""
    tally, reports, diseases = _cohort(tmp_path, ["10626", "0010626", "MONDO:0010626", "MONDO_0010626", "10626-1"])
    assert diseases == {"MONDO_0010626"}
    assert [(each.lost, each.line) for each in reports] == [("bare-number", 2), ("bare-number", 3), ("bare-number", 6)]
    assert reports[0].detail == '"10626" names no vocabulary; give its prefix, as in MONDO:0010626'
    assert (tally.facts, tally.lost) == (1, {"bare-number": 3})


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("MONDO_10626", "identifier-pattern"),
        ("MONDO:10626", "identifier-pattern"),
        ("ORPHA_0042", "identifier-pattern"),
        ("Orphanet_42", "ORPHA_42"),
        ("OMIM_308230", "OMIM_308230"),
        ("mondo_0010626", "unknown-prefix"),
        ("our-registry-17", "our-registry-17"),
        ("IUIS_cd40-deficiency-ar", "IUIS_cd40-deficiency-ar"),
    ],
)
def test_an_accession_is_judged_as_its_identifier(cell: str, found: str, tmp_path: Path) -> None:
    """An accession of a known vocabulary has to look like one of it, whichever way it is written; names of one's own are free."""
    _, reports, diseases = _cohort(tmp_path, [cell])
    assert [each.lost for each in reports] + sorted(diseases) == [found]


def test_a_prefix_makes_bare_numbers_identifiers(tmp_path: Path) -> None:
    """With a prefix, bare numbers are of its vocabulary, and those that do not look like it are reported."""
    _, reports, diseases = _cohort(tmp_path, ["0010626", "10626"], "{column: Disease, prefix: MONDO}")
    assert diseases == {"MONDO_0010626"}
    assert [(each.lost, each.line) for each in reports] == [("identifier-pattern", 3)]


# --- Excel ---


def _workbook(path: Path, percent: bool = True) -> None:
    """The worked example as Excel would have it: numbers as numbers, shares in per cent, two lines above the header, on a second sheet."""
    with (CASES / "registry.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Patients")
    sheet.append(["Registry of a made-up centre"])
    sheet.append([])
    for number, cells in enumerate(table):
        sheet.append([int(cell) if number and re.fullmatch(r"[1-9]\d*|0", cell) else cell or None for cell in cells])
        for cell in sheet[sheet.max_row]:
            if cell.value == "12.50%" and percent:
                cell.value, cell.number_format = 0.125, "0.00%"
    book.save(path)


def test_excel_says_what_the_text_says(tmp_path: Path) -> None:
    """A workbook and a text file of the same table make the same facts; a short row of a sheet is no broken one."""
    _workbook(tmp_path / "registry.xlsx")
    mapping = tmp_path / "registry.yaml"
    mapping.write_text((CASES / "registry.yaml").read_text(encoding="utf-8") + "table: {sheet: Patients, before: 2}\n", encoding="utf-8")
    excel = _items(mapping, tmp_path / "registry.xlsx")
    text = _items(CASES / "registry.yaml", CASES / "registry.csv")
    broken = [item for item in text if item.lost == "broken-row"]
    assert len(broken) == 1
    assert [fact for item in excel for fact in item.facts if dict(fact.evidence[0])["locator"] != "12"] == [
        f for i in text for f in i.facts
    ]
    assert Counter(item.lost for item in excel) == Counter(item.lost for item in text if item not in broken) + Counter([""])


@pytest.mark.parametrize(
    ("sheet", "said"),
    [("{sheet: Doctors}", 'has no sheet "Doctors"; it has Sheet, Patients'), ("{sheet: Patients}", 'names the column "Row"')],
)
def test_another_sheet(tmp_path: Path, sheet: str, said: str) -> None:
    """A sheet that is not there, or a header that is not in its first row, is said."""
    _workbook(tmp_path / "registry.xlsx")
    mapping = tmp_path / "registry.yaml"
    mapping.write_text((CASES / "registry.yaml").read_text(encoding="utf-8") + f"table: {sheet}\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match=re.escape(said)):
        _items(mapping, tmp_path / "registry.xlsx")


def _with_part(source: Path, target: Path, part: str, content: bytes) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
        if part not in old.namelist():
            new.writestr(part, content)


FAR = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
BOMBS = {
    "larger than all": ("xl/bomb.bin", b"\0" * (limits.SHEET_BYTES + 1)),
    "rows without end": ("xl/worksheets/sheet1.xml", FAR % b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'),
    "wide rows": (
        "xl/worksheets/sheet1.xml",
        FAR % b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(1, 2000)),
    ),
    "no XML": ("xl/worksheets/sheet1.xml", b"\xff\xfe garbage"),
    "entities": (
        "xl/sharedStrings.xml",
        b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">%s]><sst>&j;</sst>'
        % b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)),
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_workbooks_are_bounded(tmp_path: Path, bomb: str) -> None:
    """A workbook that unpacks to too much, or has cells without end, is refused before it takes time or memory."""
    _workbook(tmp_path / "good.xlsx")
    _with_part(tmp_path / "good.xlsx", tmp_path / "registry.xlsx", *BOMBS[bomb])
    began = time.process_time()
    with pytest.raises(UnreadableError, match=r"registry\.(xlsx|yaml)"):
        _items(CASES / "registry.yaml", tmp_path / "registry.xlsx")
    assert time.process_time() - began < 30


# --- spoilt files ---


def _spoilt(known: set[str], mapping: Path, table: Path, text: str) -> bool:
    """Whether it is refused; if not, no fact says what neither the good files nor these have."""
    try:
        items = _items(mapping, table)
    except UnreadableError as error:
        assert re.search(r"registry\.\w+", str(error))
        return True
    assert all(value in text or value.rpartition(":")[2] in text for value in values(items) - known), values(items) - known
    return False


@pytest.mark.parametrize("name", ["registry.csv", "registry.yaml"])
def test_spoilt_texts(tmp_path: Path, name: str) -> None:
    """However table or mapping is spoilt, it is refused or its losses are reported, and no fact says what does not stand there."""
    known = values(_items(CASES / "registry.yaml", CASES / "registry.csv"))
    refused = 0
    for number, (_, content) in enumerate(mangled((CASES / name).read_bytes(), "," if name.endswith("csv") else ": ")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_bytes(content)
        paths = [folder / each if each == name else CASES / each for each in ("registry.yaml", "registry.csv")]
        refused += _spoilt(known, paths[0], paths[1], content.decode("utf-8", errors="replace"))
    assert MANGLED / 8 < refused < MANGLED


def test_spoilt_workbooks(tmp_path: Path) -> None:
    """A workbook with any byte changed, or cut anywhere, is refused, or read as what it holds."""
    _workbook(tmp_path / "good.xlsx")
    mapping = tmp_path / "registry.yaml"
    mapping.write_text((CASES / "registry.yaml").read_text(encoding="utf-8") + "table: {sheet: Patients, before: 2}\n", encoding="utf-8")
    known = values(_items(mapping, tmp_path / "good.xlsx"))
    content, chance = (tmp_path / "good.xlsx").read_bytes(), random.Random(3)  # noqa: S311 (a choice for a test, no secret)
    refused = 0
    for number in range(60):
        at = chance.randrange(len(content))
        spoilt = content[:at] if number % 3 == 0 else content[:at] + bytes([chance.randrange(256)]) + content[at + number % 2 :]
        (tmp_path / "registry.xlsx").write_bytes(spoilt)
        refused += _spoilt(known, mapping, tmp_path / "registry.xlsx", "")
    assert refused > 20


# --- a real table ---


def test_a_real_table(real_data: Path) -> None:
    """GARD's genes by a mapping: every row a fact or reported, no candidate a cause, and a hundred rows as a plain reading has them."""
    path = real_data / "gard" / "GARD_genes.csv"
    items = _items(CASES / "gard-genes.yaml", path)
    assert len(items) == 10_438
    roles = Counter(str(fact.says["role"]) for item in items for fact in item.facts)
    assert roles == {"causal": 4_877 + 1_169 + 208, "susceptibility": 497, "candidate": 332, "modifier": 59}
    assert Counter(item.lost for item in items) == {"": 7_142, "unknown-value": 3_296}
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    cited = [bool(item.facts) and "via" in item.facts[0].evidence[0] for item in items]
    assert cited == [bool(item.facts) and row["Reference"] != "" for item, row in zip(items, table, strict=True)]
    assert sum(cited) == 6_463
    for item, row in random.Random(11).sample(list(zip(items, table, strict=True)), 100):  # noqa: S311 (a choice for a test, no secret)
        word = next((w for w in ("Candidate", "causing germline", "susceptibility", "Modifying") if w in row["AssociationType"]), "")
        if not word:
            assert not item.facts
            continue
        [fact] = item.facts
        role = {"Candidate": "candidate", "causing germline": "causal", "susceptibility": "susceptibility", "Modifying": "modifier"}[word]
        assert (fact.about, fact.says) == (row["SourceLabelID"], {"gene": row["GeneIdentifier"], "role": role})
        assert [line["source"] for line in fact.evidence] == (re.findall(r"PMID:\d+", row["Reference"]) or [WORKS["table"]])
