"""The importer of Mondo: the files of tests/sources/mondo with what they say in the file ``items.txt``, and the real ones."""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from kg.errors import KgError, UnreadableError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.importing import import_files
from kg.sources.model import Fact, Item, Reading
from kg.sources.mondo import MONDO
from kg.sources.statements import Stating
from kg.sources.works import by_role, reading
from tests.conftest import ROOT
from tests.importing import shown, spoilt

FOLDER = ROOT / "tests" / "sources" / "mondo"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".tsv", ".csv"))
ONTOLOGY = Ontology.load(ontology_folders())


def _plan(paths: list[Path]) -> Reading:
    return reading(MONDO, by_role(MONDO, paths), {"edges": "2026-01-02"}, ONTOLOGY)


def _read(paths: list[Path]) -> Iterator[Item]:
    return MONDO.read(_plan(paths))


def test_each_row_says_what_is_expected() -> None:
    """Every row of every file is a fact or a term or is reported, as the file ``items.txt`` says."""
    assert len(FILES) == 7
    assert shown(_read(FILES)) == (FOLDER / "items.txt").read_text(encoding="utf-8")


def test_the_files_of_one_release_are_one_work() -> None:
    """The version that the mappings state holds for the other files of the release, and each of the edges for itself."""
    assert set(_plan(FILES).works.items()) == {
        *((role, "mondo-2026-01-02") for role in ("mappings", "classes", "obsoletes", "subsets")),
        ("edges", "mondo-rare-2026-01-02"),
    }


def test_mappings_of_two_releases_are_refused(tmp_path: Path) -> None:
    """Files of two releases are not cited as one."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("2026-01-02", "2025-01-02") if "gard" in path.name else text, encoding="utf-8")
    with pytest.raises(KgError, match="different releases"):
        _plan(sorted(tmp_path.iterdir()))


@pytest.mark.parametrize("missing", FILES, ids=lambda path: path.name)
def test_what_is_missing_is_named(missing: Path) -> None:
    """Without the classes, the subsets, the edges or the obsolete ones it cannot be told what is wanted, so none may be missing."""
    left = [path for path in FILES if path != missing]
    if ".sssom." in missing.name:
        assert list(_read(left))
    else:
        with pytest.raises(KgError, match=re.escape(missing.name.rpartition(".")[0])):
            _plan(left)


def test_the_rules_find_an_import_right(tmp_path: Path) -> None:
    """What is imported conforms without a warning: genes have their terms, parents are diseases, evidence is of a known type."""
    shutil.copy(ROOT / "data" / "dataset.yaml", tmp_path)
    done = import_files("mondo", FILES, tmp_path, Stating(ONTOLOGY, "https://w3id.org/rarefacts/", "en"), {"edges": "2026-01-02"})
    report = kg.check(tmp_path)
    assert (report.conforms, report.problems) == (True, ()), report.render()
    assert (done.tally.items, done.tally.facts, done.tally.diseases) == (50, 13, 5)


SEEDS = range(84)


@pytest.mark.parametrize("seed", SEEDS)
def test_damage_is_reported(seed: int, tmp_path: Path) -> None:
    """With one of its files damaged the source is refused or rows are reported; no fact has values that no file holds."""
    chosen = FILES[seed % len(FILES)].name
    for path in FILES:
        content = path.read_bytes()
        (tmp_path / path.name).write_bytes(spoilt(content, "\t", seed)[1] if path.name == chosen else content)
    whole = [(fact.about, fact.kind, fact.says) for item in _read(FILES) for fact in item.facts]
    try:
        items = list(_read(sorted(tmp_path.iterdir())))
    except UnreadableError as error:
        assert {problem.place.path for problem in error.problems} == {chosen}
        return
    except KgError as error:
        assert "version" in str(error) or "release" in str(error)  # a damaged header names no release, or another one
        return
    text = "".join(path.read_bytes().decode("utf-8", "replace") for path in sorted(tmp_path.iterdir()))
    for item in items:
        assert bool(item.lost) != bool(item.facts or item.terms)
        for fact in item.facts:
            if (fact.about, fact.kind, fact.says) not in whole:
                assert all(word.lstrip("0") in text for value in _values(fact) for word in re.findall(r"\w+", value)), fact


def _values(fact: Fact) -> Iterator[str]:
    yield fact.about.partition(":")[2]
    for key, value in fact.says.items():
        if key not in ("role", "kind", "relation"):
            yield str(value).partition(":")[2] if key in ("to", "parent", "gene") else str(value)


SAMPLED = ("exactmatch_doid", "exactmatch_omim", "exactmatch_orphanet", "hasdbxref_gard", "hasdbxref_omim", "broadmatch_icd10cm")


@pytest.fixture(scope="module")
def real() -> tuple[Path, list[Item]]:
    """The real files, with some of the mappings, and what they say; skipped where there are none."""
    folder = Path(os.environ.get("KG_REAL_DATA", ROOT.parent / "shared" / "real")) / "mondo"
    if not folder.is_dir():
        pytest.skip(f"no real files at {folder}; set KG_REAL_DATA to the folder that holds them")
    mappings = [folder / "sssom" / f"mondo_{name}.sssom.tsv" for name in SAMPLED]
    paths = [*mappings, *folder.glob("*.tsv"), *folder.glob("*.csv")]
    plan = reading(MONDO, by_role(MONDO, paths), {"edges": "2026-08-04"}, ONTOLOGY)
    assert plan.works["mappings"] == "mondo-2026-08-04"
    return folder, list(MONDO.read(plan))


def test_real_files_are_counted(real: tuple[Path, list[Item]]) -> None:
    """Each row of the real files is one item, and there are as many of each sort as the list of these files says."""
    folder, items = real
    of = Counter(item.file for item in items)
    assert (of["class-stats.tsv"], of["mondo-rare_edges.tsv"], of["mondo_subsets.csv"]) == (63_169, 29_913, 116_704)
    classes = [item for item in items if item.file == "class-stats.tsv" and item.what.startswith("MONDO:")]
    assert (len(classes), sum(term.obsolete for item in classes for term in item.terms)) == (36_006, 3_904)
    assert sum(item.lost == "scope" and item.detail == "rare" for item in items) == 16_682
    assert Counter(fact.kind for item in items if item.file == "mondo-rare_edges.tsv" for fact in item.facts) == {
        "classification": 28_842,
        "gene": 1_070,
    }
    assert [item.detail for item in items if item.lost == "no-hgnc"] == ["http://identifiers.org/ncbigene/487634"]
    for name in SAMPLED:
        text = (folder / "sssom" / f"mondo_{name}.sssom.tsv").read_text(encoding="utf-8")
        assert of[f"mondo_{name}.sssom.tsv"] == len([line for line in text.splitlines() if line.startswith("MONDO:")])


def test_real_rows_by_a_plain_reading(real: tuple[Path, list[Item]]) -> None:
    """Of 200 real rows, drawn by a seed, each has the facts that a reading by line and column makes of it."""
    folder, items = real
    plain = _Plain(folder)
    chosen = [item for item in items if item.file != "mondo_subsets.csv"]
    wrong = []
    for item in random.Random(11).sample(chosen, 200):  # noqa: S311 (a choice for a test, no secret)
        path = folder / "sssom" / item.file if ".sssom." in item.file else folder / item.file
        expected = plain.facts(path, item.line)
        if {(fact.about, fact.kind, *map(str, fact.says.values())) for fact in item.facts} != expected:
            wrong.append((item, expected))
    assert wrong == []


class _Plain:
    """The same facts by other means: lines split at tabs, and nothing of the importer."""

    def __init__(self, folder: Path) -> None:
        self.lines: dict[Path, list[str]] = {}
        self.obsolete = {line.split("\t")[0] for line in self._of(folder / "obsoletes.tsv")}
        with (folder / "mondo_subsets.csv").open(encoding="utf-8") as file:
            self.wanted = {row["id"] for row in csv.DictReader(file, delimiter="\t") if row["subset"] in ("rare", "doid_rare")}
        for line in self._of(folder / "mondo-rare_edges.tsv")[1:-1]:
            self.wanted |= {line.split("\t")[1], line.split("\t")[3]}
        self.strong: set[str] = set()
        for name in SAMPLED:
            for line in self._of(folder / "sssom" / f"mondo_{name}.sssom.tsv"):
                cells = line.split("\t")
                if len(cells) > 3 and cells[2].startswith("skos:") and cells[2].endswith("Match"):
                    self.strong.add(cells[0] + cells[3])
                    if cells[2] == "skos:exactMatch" and re.match("OMIM|Orphanet|GARD", cells[3]):
                        self.wanted.add(cells[0])

    def _of(self, path: Path) -> list[str]:
        if path not in self.lines:
            self.lines[path] = path.read_text(encoding="utf-8").split("\n")
        return self.lines[path]

    def facts(self, path: Path, number: int) -> set[tuple[str, ...]]:
        """Disease, kind and values of each fact of a line."""
        cells = self._of(path)[number - 1].split("\t")
        if path.name == "class-stats.tsv" and cells[0].startswith("MONDO:") and self._used(cells[0]):
            return {(cells[0], "name", "preferred", cells[1].strip('"'))}
        if path.name == "mondo-rare_edges.tsv" and cells[4] == "RO:0004003":
            return {(cells[1], "gene", "causal", "HGNC:" + cells[3].rsplit("/", 1)[1])}
        if path.name == "mondo-rare_edges.tsv":
            return {(cells[1], "classification", cells[3])}
        if ".sssom." not in path.name or not self._used(cells[0]):
            return set()
        weak = cells[2] == "oboInOwl:hasDbXref"
        if weak and cells[0] + cells[3] in self.strong:
            return set()
        to = re.sub("^GARD:0*", "GARD:", cells[3].replace("Orphanet:", "ORPHA:"))
        return {(cells[0], "mapping", "crossReference" if weak else cells[2].split(":")[1], to)}

    def _used(self, curie: str) -> bool:
        return curie in self.wanted and curie not in self.obsolete
