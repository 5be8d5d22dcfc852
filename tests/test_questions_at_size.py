"""Questions over what all sources say of some diseases, against the files: rows checked by hand, and whole answers read in another way.

Each line of ``questions_at_size.tsv`` is an entry of a real file that a person looked up for a row: a line by its number, a packet of
Orphanet by its code, a mapping by its code. The files are cut down to the diseases of these rows, so that the import takes seconds.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import tarfile
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import QuerySolutions, Store

import kg
from kg.cli import main
from kg.dataset import read_dataset
from kg.graph import follow
from tests.conftest import ROOT
from tests.cutting import imported

CHECKED = list(
    csv.DictReader(io.StringIO((ROOT / "tests" / "questions_at_size.tsv").read_text(encoding="utf-8")), delimiter="\t", quoting=3)
)
VERSIONS = {"mondo": ["edges=2026-08-04"], "gard": ["2024-05"], "hpo": ["frequencies=2023", "labels=2026-06"], "maxo": ["2026-08"]}
VERSIONS["iuis"] = ["2025", "genes=2024-05"]
MAXO, CLINGEN = "treatment/maxo-annotations.tsv", "iei/ClinGen-Gene-Disease-Validity-2021-11-24.csv"

Row = dict[str, str]


@pytest.fixture(scope="module")
def diseases() -> set[str]:
    """The diseases of Mondo that rows were checked of."""
    return {f"MONDO:{number}" for line in CHECKED for number in re.findall(r"disease=MONDO_(\d+)", line["row"])}


@pytest.fixture(scope="module")
def asked(real_data: Path, diseases: set[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, str]]:
    """A store of the project's data and of what all sources say of these diseases, with all that follows; and its prefixes."""
    folder = tmp_path_factory.mktemp("at-size")
    shutil.copytree(ROOT / "data", folder / "data")
    for name, paths in imported(real_data, folder / "files", diseases).items():
        versions = [text for version in VERSIONS.get(name, []) for text in ("--version", version)]
        done = CliRunner().invoke(main, ["import", name, *map(str, paths), "--data", str(folder / "data"), *versions])
        assert done.exit_code == 0, done.output
    dataset, store = read_dataset(folder / "data"), Store()
    store.extend(dataset.ontology.quads())
    dataset.fill(store)
    follow(dataset, store, "settling")
    follow(dataset, store)
    return store, dataset.ontology.prefixes.namespaces


def answers(asked: tuple[Store, dict[str, str]], name: str) -> list[Row]:
    """The rows of a question, each value by the last part of its IRI, or as it is."""
    store, prefixes = asked
    found = store.query(kg.questions()[name].text, prefixes=prefixes, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [
        {key: re.sub(r"^https?://.*[/#]", "", term.value) if term else "" for key, term in zip(names, row, strict=True)} for row in found
    ]


def parts(text: str) -> list[str]:
    """What stands between bars."""
    return [part.strip() for part in text.split(" | ")]


@cache
def _lines(path: Path) -> list[str]:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig").splitlines()


@cache
def _packets(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        members = {code[1]: archive.extractfile(member) for member in archive if (code := re.search(r"_(\d+)\.json$", member.name))}
        wanted = {line["entry"] for line in CHECKED if line["file"].endswith(".tar.gz")}
        return {code: json.dumps(json.load(member)) for code, member in members.items() if member and code in wanted}


def entry_of(path: Path, entry: str) -> str:
    """The text of an entry of a file."""
    if path.name.endswith(".tar.gz"):
        return _packets(path)[entry]
    if not entry.isdigit():
        [line] = [line for line in _lines(path) if entry in line.split("\t")]
        return line
    return _lines(path)[int(entry) - 1]


@pytest.mark.parametrize("line", CHECKED, ids=lambda line: f"{line['question']}: {line['row'][:60]}: {line['entry']}")
def test_files_say_so(line: Row, real_data: Path) -> None:
    """The entry that a row was checked against says what it was read to say."""
    text = entry_of(real_data / line["file"], line["entry"])
    assert [part for part in parts(line["says"]) if part not in text] == []


@pytest.mark.parametrize("row", sorted({(line["question"], line["row"]) for line in CHECKED}))
def test_checked_rows_come_back(row: tuple[str, str], asked: tuple[Store, dict[str, str]]) -> None:
    """A row that was checked by hand is in the answer of its question."""
    question, text = row
    cells = dict(part.split("=", 1) for part in parts(text))
    assert [found for found in answers(asked, question) if cells.items() <= found.items()]


def test_enough_is_checked() -> None:
    """At least twenty rows of at least ten questions were checked by hand."""
    assert len({(line["question"], line["row"]) for line in CHECKED}) >= 20
    assert len({line["question"] for line in CHECKED}) >= 10


def test_nothing_else_is_refused(asked: tuple[Store, dict[str, str]], real_data: Path, diseases: set[str]) -> None:
    """What must not be used, or did not help, is what MAxO's file says so of these diseases, row for row, and nothing more."""
    intents = {"contraindicated": "contraindicated", "no_observed_benefit": "noBenefitFrom", "lack of observed response": "noBenefitFrom"}
    rows = [line.split("\t") for line in _lines(real_data / MAXO)]
    said = {
        (row[0].replace(":", "_"), intents[row[6]], row[3].replace(":", "_"), row[2].lower().replace(":", "-"))
        for row in rows
        if row[6] in intents and row[0] in diseases
    }
    found = answers(asked, "treatment-not-to-be-used")
    assert {(row["disease"], row["intent"], row["action"], row["source"]) for row in found} == said
    assert len(said) >= 4


def test_definitive_without_treatment(asked: tuple[Store, dict[str, str]], real_data: Path, diseases: set[str]) -> None:
    """A gene that ClinGen grades as definitive is listed exactly where MAxO's file has neither treatment nor prevention of the disease."""
    treated = {cells[0] for line in _lines(real_data / MAXO) if (cells := line.split("\t"))[6] in ("treats", "prevents")}
    graded = {(row[3], row[0]) for row in csv.reader(_lines(real_data / CLINGEN)) if row[6] == "Definitive" and row[3] in diseases}
    found = {
        (row["disease"].replace("_", ":"), row["geneLabel"])
        for row in answers(asked, "gene-definitive-without-treatment")
        if row["disease"].replace("_", ":") in diseases
    }
    assert found == {(disease, gene) for disease, gene in graded if disease not in treated}
    assert 0 < len(found) < len(graded)


def test_two_codes_of_doid(asked: tuple[Store, dict[str, str]], real_data: Path, diseases: set[str]) -> None:
    """The diseases with two exact codes of DOID are those that Mondo's file has on two lines or more."""
    codes = defaultdict(set)
    for line in _lines(real_data / "mondo/sssom/mondo_exactmatch_doid.sssom.tsv"):
        if (cells := line.split("\t"))[0] in diseases:
            codes[cells[0].replace(":", "_")].add(cells[3].removeprefix("DOID:"))
    rows = [row for row in answers(asked, "mapping-two-codes") if row["vocabulary"] == "DOID" and row["disease"] in codes]
    found = Counter((row["disease"], row["code"]) for row in rows if row["source"].startswith("mondo"))
    assert set(found) == {(disease, code) for disease, several in codes.items() if len(several) > 1 for code in several}
