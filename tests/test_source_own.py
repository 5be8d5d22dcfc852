"""Somebody's own sources in a dataset: HPO's files, a table and RDF, imported by the command, side by side, and judged by the shapes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import kg
from kg import vocabulary as v
from kg.cli import main
from kg.dataset import read_dataset
from kg.sources.model import Item
from kg.sources.table import IMPORTERS
from kg.sources.works import by_role, reading
from kg.terms import resource_of
from tests.conftest import ROOT
from tests.importing import read, shown

CASES = ROOT / "tests" / "sources"
DATASET = """dataset: made-up
base: https://example.org/rare/
title: made up
language: en
version: "1"
issued: 2026-11-24
license: https://creativecommons.org/licenses/by/4.0/
"""
MAPPINGS = ROOT / "docs" / "mappings"
MAPPED = {path.stem: path for path in sorted((CASES / "mappings").iterdir()) if path.suffix != ".txt"}
IMPORTS = {
    "hpo": ["hpo", *(f"hpo/{name}" for name in ("annotations.hpoa", "hpo_frequencies.tsv", "labels.babelon.tsv"))],
    "table-example-registry": ["table", "table/registry.yaml", "table/registry.csv"],
    "table-other": ["table", "other.yaml", "table/registry.csv"],
    "rdf-nando-like": ["rdf", "rdf/nando-like.yaml", "rdf/nando-like.rq", "rdf/nando-like.ttl"],
    "rdf-other": ["rdf", "other-rdf.yaml", "rdf/nodes.rq", "rdf/nodes.ttl"],
}
VERSIONS = ["--version", "frequencies=2023", "--version", "labels=2026-06"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset into which all of them are imported."""
    data = tmp_path_factory.mktemp("own") / "data"
    data.mkdir()
    (data / "dataset.yaml").write_text(DATASET, encoding="utf-8")
    for name, of in (("other.yaml", "table/registry.yaml"), ("other-rdf.yaml", "rdf/nando-like.yaml")):
        text = (CASES / of).read_text(encoding="utf-8")
        (data.parent / name).write_text(
            text.replace("key: example-registry", "key: other").replace("key: nando-like", "key: other"), "utf-8"
        )
    for import_ in IMPORTS:
        _import(data, import_)
    return data


def _import(data: Path, name: str) -> None:
    importer, *files = IMPORTS[name]
    paths = [str(CASES / each if "/" in each else data.parent / each) for each in files]
    versions = VERSIONS if importer == "hpo" else []
    result = CliRunner().invoke(main, ["import", importer, *paths, "--data", str(data), *versions], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def _mapped(name: str, data: Path) -> list[Item]:
    """What a mapping of ``docs/mappings`` makes of a file, as the importer would that it is for."""
    query = MAPPINGS / f"{name}.rq"
    importer = IMPORTERS["rdf" if query.is_file() else "table"]
    files = by_role(importer, [MAPPINGS / f"{name}.yaml", *([query] if query.is_file() else []), data])
    assert importer.describe is not None
    described = importer.describe(files)
    return read(described, files, reading(described, files, {}).works)


@pytest.mark.parametrize("name", MAPPED)
def test_the_mappings_that_we_hand_out(name: str) -> None:
    """Each mapping that stands among the documents makes of a made-up file in the form of its source what stands beside that file."""
    assert {path.stem for path in MAPPINGS.iterdir()} == MAPPED.keys()
    expected = MAPPED[name].with_name(f"{MAPPED[name].name}.items.txt").read_text(encoding="utf-8")
    assert shown(_mapped(name, MAPPED[name])) == expected


REAL = {
    "nando": ("nando.ttl", {"name": 6, "mapping": 2}, 2),
    "pubcasefinder": ("pubcasefinder.ttl", {"name": 10, "inheritance": 10, "mapping": 10}, 8),
    "gard-parents": ("gard_to_gard_mappings.csv", {"classification": 7}, 0),
    "mondo-synonyms": ("mondo-labels-synonyms.tsv", {"name": 67}, 0),
}


@pytest.mark.parametrize("name", REAL)
def test_the_mappings_on_the_real_files(name: str, real_data: Path) -> None:
    """On the real files each makes as many facts of each kind as the file has names, parents, modes and matches."""
    file, facts, lost = REAL[name]
    assert MAPPED.keys() == REAL.keys()
    items = _mapped(name, real_data / "higm" / file)
    assert Counter(fact.kind for item in items for fact in item.facts) == facts
    assert sum(bool(item.lost) for item in items) == lost


def test_a_second_import_of_a_source(tmp_path: Path) -> None:
    """Another release of a source stands beside the first under a name of its own; what both say is one fact with the evidence of both."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "dataset.yaml").write_text(DATASET, encoding="utf-8")
    text = (CASES / "hpo" / "annotations.hpoa").read_text(encoding="utf-8")
    release = re.search(r"^#version: (.*)$", text, re.MULTILINE)
    assert release is not None
    (tmp_path / "older.hpoa").write_text(text.replace(release[0], "#version: 2001-01-01"), encoding="utf-8")
    for path, options in ((CASES / "hpo" / "annotations.hpoa", []), (tmp_path / "older.hpoa", ["--as", "hpo-2001"])):
        done = CliRunner().invoke(main, ["import", "hpo", str(path), "--data", str(data), *options], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert {path.name for path in (data / "imports").glob("*.yaml")} == {"hpo.yaml", "hpo-2001.yaml"}
    dataset = read_dataset(data)
    store = dataset.new_store()
    dataset.fill(store)
    facts = {quad.subject for quad in store.quads_for_pattern(None, v.RDF_SUBJECT, None, None)}
    works = [
        {
            str(quad.object).rpartition("/")[2]
            for line in store.quads_for_pattern(fact, v.EVIDENCE, None, None)
            for predicate in (v.SOURCE, v.VIA)
            for quad in store.quads_for_pattern(resource_of(line), predicate, None, None)
        }
        for fact in facts
    ]
    both = {f"hpo-annotations-{release[1]}>", "hpo-annotations-2001-01-01>"}
    assert len(works) > 10 and all(each >= both for each in works)
    refused = CliRunner().invoke(main, ["import", "hpo", str(tmp_path / "older.hpoa"), "--data", str(data), "--as", "../x"])
    assert refused.exit_code == 2 and "is called by letters" in refused.output


def test_each_has_a_graph_of_its_own(folder: Path) -> None:
    """Every import is named after its work, so that two tables, or two sets of RDF, do not take each other's place."""
    assert sorted(path.name for path in (folder / "imports").glob("*.nq.gz")) == sorted(f"{name}.nq.gz" for name in IMPORTS)


def test_the_shapes_find_nothing_wrong(folder: Path) -> None:
    """What is imported breaks no rule: what is wrong in a file is in the report of its import, and not among the facts."""
    report = kg.check(folder)
    assert report.conforms, report.render()
    assert "identifier-pattern" in (folder / "imports" / "table-example-registry.report.tsv").read_text(encoding="utf-8")


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    """An import that is made again has the bytes it had, though blank nodes have other names each time."""
    before = {path.name: path.read_bytes() for path in (folder / "imports").iterdir()}
    for name in ("rdf-nando-like", "table-other"):
        _import(folder, name)
    assert {path.name: path.read_bytes() for path in (folder / "imports").iterdir()} == before
