"""Somebody's own sources in a dataset: HPO's files, a table and RDF, imported by the command, side by side, and judged by the shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import kg
from kg.cli import main
from tests.conftest import ROOT

CASES = ROOT / "tests" / "sources"
DATASET = """dataset: made-up
base: https://example.org/rare/
title: made up
language: en
version: "1"
issued: 2026-11-24
license: https://creativecommons.org/licenses/by/4.0/
"""
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
