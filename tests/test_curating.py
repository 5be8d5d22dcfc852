"""The guide for curators shows whole files: together they are a dataset that is accepted, built, and said of what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import kg
from kg.cli import main
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "curating.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", GUIDE, re.DOTALL))


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The dataset of the guide."""
    for name, text in FILES.items():
        path = tmp_path / "centre" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "centre"


def test_its_files_are_accepted(centre: Path) -> None:
    """What ``kg check`` prints of them stands in the guide."""
    done = CliRunner().invoke(main, ["check", "--strict", "--no-cache", str(centre)])
    assert (done.exit_code, f"`{done.output.strip()}`" in GUIDE) == (0, True), done.output


def test_each_file_is_needed(centre: Path) -> None:
    """Without one of them something is missing, but for the withdrawn disease: nothing in the guide is there for show."""
    for name in FILES.keys() - {"withdrawn/CENTRE_0000002.yaml"}:
        (centre / name).rename(centre.parent / "away")
        done = CliRunner().invoke(main, ["check", "--strict", "--no-cache", str(centre)])
        (centre.parent / "away").rename(centre / name)
        assert done.exit_code != 0 or " 0 facts of " in done.output, name


def test_it_is_built(centre: Path) -> None:
    """The release has the facts, those that hold without restriction as direct triples, and the tombstone."""
    release = kg.open(kg.build(centre, centre.parent / "release").path)
    rows = release.query("SELECT ?how { <https://kb.centre.example/disease/CENTRE_0000001> ?how ?what . ?how rf:predicateOf ?kind }")
    assert sorted(str(row["how"]).rpartition("#")[2].rstrip(">") for row in rows) == [
        "hasInheritance",
        "hasPhenotype",
        "hasPrognosis",
        "preferredName",
    ]
    [gone] = release.query("SELECT ?gone { ?gone owl:deprecated true ; dcterms:isReplacedBy ?kept }")
    assert str(gone["gone"]) == "<https://kb.centre.example/disease/CENTRE_0000002>"
