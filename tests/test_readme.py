"""The README is the front door: what it shows is what comes out, and its tree is the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import kg
from kg.cli import main
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(mark: str) -> list[str]:
    """The fenced blocks that follow a mark."""
    return re.findall(rf"<!-- {re.escape(mark)} -->\n```\w*\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def place(release: kg.Release, data: Path, tmp_path: Path) -> Path:
    """A folder as the README's reader has it: the data, and a release of it."""
    shutil.copytree(data, tmp_path / "data")
    (tmp_path / "release").symlink_to(release.path.resolve())
    return tmp_path


def test_the_console_shows_what_comes_out(place: Path) -> None:
    """Each command in a console block prints what stands below it."""
    for block in blocks("console"):
        for command, shown in re.findall(r"^\$ kg (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            code = "from kg.cli import main; main()"
            done = subprocess.run([sys.executable, "-c", code, *command.split()], capture_output=True, text=True, cwd=place, check=True)
            assert done.stdout == shown


def test_the_json_is_in_the_release(release: kg.Release) -> None:
    """The fact that the README shows stands in the document that it names."""
    [block] = blocks("json: treatment ivig")
    document = json.loads((release.path / "disease" / "MONDO_0010626.jsonld").read_text(encoding="utf-8"))
    assert json.loads(block) in document["treatment"]


def test_the_python_runs(place: Path) -> None:
    """The Python example runs as it stands."""
    (place / "release").unlink()
    [block] = blocks("python")
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, cwd=place, check=True)
    assert done.stdout == "<https://w3id.org/rarefacts/disease/MONDO_0010626#ivig>\n"


def test_the_python_is_typed(tmp_path: Path) -> None:
    """Who checks types strictly has no complaint of the Python examples, as they stand, nor where rows have what a query has made."""
    example = textwrap.dedent((kg.__doc__ or "").partition("::\n")[2].rpartition("\n\n")[0])
    made = """
import kg
from pyoxigraph import BlankNode, Triple
for row in kg.open("release").query("SELECT (BNODE() AS ?b) {}"):
    for term in row.values():
        if isinstance(term, BlankNode | Triple):
            print(term)
"""
    for name, block in (("readme", blocks("python")[0]), ("package", example), ("made", made)):
        (tmp_path / f"{name}.py").write_text(block, encoding="utf-8")
    options = ("--strict", "--warn-unreachable", "--follow-imports=silent", "--config-file=", "--cache-dir", str(tmp_path / "kept"))
    checked = [sys.executable, "-m", "mypy", *options, *map(str, sorted(tmp_path.glob("*.py")))]
    done = subprocess.run(checked, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "MYPYPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_of_the_package_runs(place: Path) -> None:
    """The example in the docstring of ``kg`` runs as it stands, and prints what treats whom and who says so."""
    (place / "release").unlink()
    example = textwrap.dedent((kg.__doc__ or "").partition("::\n")[2].rpartition("\n\n")[0])
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, cwd=place, check=True)
    assert "MAXO_0001480" in done.stdout and "source/pirc-2008" in done.stdout


def test_the_records_can_be_read(place: Path) -> None:
    """Each record that the README shows is one that kg reads and accepts."""
    [disease, fact] = blocks("record")
    record = place / "data" / "diseases" / "hyper-igm-syndrome-type-1.yaml"
    (place / "data" / "waivers").rename(place / "waivers")
    for other in (place / "data" / "diseases").glob("*.yaml"):
        if other != record:
            other.unlink()
    record.write_text(disease + fact.removeprefix("disease: MONDO_0010626\n"), encoding="utf-8")
    assert kg.check(place / "data").render() == ""


def test_the_withdrawal_can_be_read(place: Path) -> None:
    """What the README shows withdraws: once the version is raised it is accepted, and what comes out is said of it there."""
    [record] = blocks("withdrawal")
    (place / "data" / "withdrawn").mkdir()
    (place / "data" / "withdrawn" / "case.yaml").write_text(record, encoding="utf-8")
    assert [problem.rule for problem in kg.check(place / "data").problems] == ["withdrawn-before-now"]
    head = place / "data" / "dataset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("version: 0.1.0", "version: 0.2.0"), encoding="utf-8")
    release = kg.build(place / "data", place / "new")
    assert release.manifest["withdrawn"] == {"disease/MONDO_9999999": ["disease/MONDO_0010626"]}
    tombstone = (release.path / "disease" / "MONDO_9999999.ttl").read_text(encoding="utf-8")
    assert "owl:deprecated true" in tombstone and "Two records were of one disease." in tombstone


def test_the_withdrawn_fact_can_be_read(place: Path) -> None:
    """What the README shows is accepted in the record that it names, and its permalink is an anchor on the page."""
    [withdrawn] = blocks("withdrawn fact")
    record = place / "data" / "diseases" / "hyper-igm-syndrome-type-1.yaml"
    record.write_text(record.read_text(encoding="utf-8") + withdrawn, encoding="utf-8")
    head = place / "data" / "dataset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("version: 0.1.0", "version: 0.2.0"), encoding="utf-8")
    release = kg.build(place / "data", place / "new")
    page = (release.path / "disease" / "MONDO_0010626.html").read_text(encoding="utf-8")
    assert '<li id="ivig-for-all">' in page and "The name said more than the source." in page
    rows = kg.open(release.path).query("SELECT ?now { ?gone a rf:Tombstone ; dcterms:isReplacedBy ?now }")
    assert [str(row["now"]).rpartition("#")[2] for row in rows] == ["ivig>"]


def test_the_tree_is_the_tree() -> None:
    """Every folder of the README's tree exists, and every folder of the project stands in it."""
    [block] = blocks("tree")
    top = ""
    shown = set()
    for indent, name in re.findall(r"^( *)(\S+/) ", block, re.MULTILINE):
        top = "" if not indent else top
        shown.add(top + name)
        top = top if indent else name
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=True).stdout.split()
    folders = {"/".join(path.split("/")[:depth]) + "/" for path in tracked for depth in (1, 2) if path.count("/") >= depth}
    assert shown == folders


def test_the_commands_are_those_there_are() -> None:
    """Every command is in the README, and every ``kg`` command of the README is one there is."""
    assert set(re.findall(r"\bkg ([a-z]+)", README)) == set(main.commands)


def test_what_comes_out_is_named(release: kg.Release) -> None:
    """The README's table names every sort of file of a release."""
    for file in release.manifest["files"]:
        path = Path(file["path"])
        assert path.suffix in README
        assert (
            path.name in README or path.stem in README or path.parent.name in ("assets", "browse", "disease", "question", "source", "vocab")
        )
