"""Each reading fault is reported once, under its rule, at its line; what can be written comfortably means what it says."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

import kg
from kg.dataset import read_dataset
from tests.cases import expected_of, lay
from tests.conftest import ROOT

HERE = Path(__file__).parent / "records"
BASE = HERE / "base"
INVALID = sorted(HERE.glob("invalid-*.yaml"))
VALID = sorted(HERE.glob("valid-*.yaml"))
RECORD = "disease: MONDO_9999001\n"
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""The characters that turn the direction of what follows them (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing)."""


def _ids(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def _dataset(folder: Path, files: dict[str, bytes]) -> Path:
    """The base dataset with some files in it."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _problem(folder: Path, record: str) -> kg.Problem:
    """The only problem of the base dataset with one record in it."""
    report = kg.check(_dataset(folder, {"diseases/case.yaml": record.encode()}))
    [problem] = report.problems
    return problem


@pytest.mark.parametrize("case", INVALID, ids=_ids(INVALID))
def test_each_reading_fault_is_reported_once_at_its_line(case: Path, tmp_path: Path) -> None:
    """A case breaks one thing; that is the one problem, under its rule, at its line, and nothing is judged."""
    [expected] = expected_of(case)
    report = kg.check(lay(case, BASE, tmp_path))
    places = [(p.place.path.removeprefix(f"{tmp_path}/"), p.place.line, p.rule) for p in report.problems]
    assert places == [(expected.file, expected.line, expected.rule)]
    [problem] = report.problems
    assert expected.text in problem.message
    assert problem.reading
    assert (report.exit_code(), report.verdict) == (2, None)


@pytest.mark.parametrize("case", VALID, ids=_ids(VALID))
def test_what_can_be_written_means_what_it_says(case: Path, tmp_path: Path) -> None:
    """A valid case has no problem but warnings, and states exactly the quads in the N-Quads file beside it."""
    report = kg.check(lay(case, BASE, tmp_path))
    assert report.conforms, report.render()
    assert report.dataset is not None
    of_base = {str(quad) for quad in read_dataset(BASE).quads}
    stated = sorted(f"{quad} ." for quad in report.dataset.quads if str(quad) not in of_base)
    assert stated == case.with_suffix(".nq").read_text(encoding="utf-8").splitlines()


def test_there_are_cases() -> None:
    """A pattern that finds no files would pass on nothing."""
    assert len(INVALID) >= 170
    assert len(VALID) >= 8
    assert {case.with_suffix(".nq") for case in VALID} == set(HERE.glob("*.nq"))


def test_the_base_of_the_cases_is_clean() -> None:
    """The base dataset reports nothing, so what a case reports is the case's."""
    assert kg.check(BASE).render() == ""


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("modifed: 2026-11-22", "modified"),
        ("phenotypes: {}", "phenotype"),
        ("phenotype: {ears: {featur: HP:9999001, evidence: page-one}}", "feature"),
        ("phenotype: {ears: {feature: HP:9999001, evidence: {source: page-one, locater: Ears}}}", "locator"),
        ("phenotype: {ears: {feature: HPO:9999001, evidence: page-one}}", "HP"),
        ("phenotype: {ears: {feature: mondo:9999001, evidence: page-one}}", "MONDO"),
        ("name: {ears: {kind: abreviation, name: BED, evidence: page-one}}", "abbreviation"),
        ("immunoglobulin: {igg: {isotype: IgG, level: norml, evidence: page-one}}", "normal"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_right_one(line: str, hint: str, tmp_path: Path) -> None:
    """Where a word of the vocabulary is near, the message offers it."""
    assert _problem(tmp_path, f"{RECORD}{line}\n").message.endswith(f'did you mean "{hint}"?')


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """A curator mends everything in one go: each fault of each file is in the report."""
    record = f"{RECORD}modifed: 2026-11-22\nphenotype:\n  Ears: {{}}\n  nose: {{feature: nose, evidence: a page}}\n"
    turtle = b"<ears> a .\n"
    report = kg.check(_dataset(tmp_path, {"diseases/a.yaml": record.encode(), "diseases/b.yaml": b"a: [\n", "terms/a.ttl": turtle}))
    assert [(p.place.path.removeprefix(f"{tmp_path}/"), p.place.line, p.rule) for p in report.problems] == [
        ("diseases/a.yaml", 2, "unknown-key"),
        ("diseases/a.yaml", 4, "fact-name"),
        ("diseases/a.yaml", 5, "unknown-name"),
        ("diseases/a.yaml", 5, "wrong-type"),
        ("diseases/b.yaml", report.problems[4].place.line, "yaml-syntax"),
        ("terms/a.ttl", 1, "rdf-syntax"),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old-mac"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte-order-mark"])
def test_editors_may_save_as_they_like(mark: str, ending: str, tmp_path: Path) -> None:
    """Line endings and a byte order mark change neither what is read nor which line is reported."""
    record = mark + f'{RECORD}comment: "Blue ears."\nearss: blue\n'.replace("\n", ending)
    problem = _problem(tmp_path, record)
    assert (problem.place.line, problem.place.column, problem.rule) == (3, 1, "unknown-key")


def test_an_empty_file_is_no_record(tmp_path: Path) -> None:
    """A file of no bytes at all is reported, not skipped."""
    assert _problem(tmp_path, "").rule == "empty"


def test_a_folder_without_dataset_file_is_refused(tmp_path: Path) -> None:
    """Without dataset.yaml there is no dataset, and the message says how to begin one."""
    with pytest.raises(kg.KgError, match=re.escape("there is no dataset.yaml; write one with dataset:")):
        kg.check(tmp_path)


def test_the_dataset_file_is_about_the_dataset(tmp_path: Path) -> None:
    """A disease in dataset.yaml is refused even if it brings a base, since nothing would name the dataset."""
    head = f"{RECORD}base: https://example.org/rare/\nlanguage: en\n"
    report = kg.check(_dataset(tmp_path, {"dataset.yaml": head.encode()}))
    assert not report.conforms


@pytest.mark.parametrize(
    "text",
    [r"https://example.org/a\nsources/b.yaml:1:1: error: forged [forged]", r"https://example.org/a\e[2Jb", r"ears\u202eb"],
    ids=["line", "terminal", "bidirectional"],
)
def test_a_report_is_one_line_a_problem(text: str, tmp_path: Path) -> None:
    """What a record says cannot add lines to the report, nor control the terminal that shows it."""
    page = f'source: page-two\nsourceType: webPage\ntitle: A page\npage: "{text}"\n'
    rendered = kg.check(_dataset(tmp_path, {"sources/page-two.yaml": page.encode()})).render()
    assert rendered.count("\n") == 1
    assert [char for char in rendered if char != "\n" and (unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in TURNS)] == []


def test_defaults_do_not_depend_on_where_they_stand(tmp_path: Path) -> None:
    """The order of keys in a record has no meaning."""
    facts = "phenotype:\n  ears: {feature: HP:9999001, evidence: page-one}\n"
    default = "modified: 2026-11-01\nchecked: 2026-11-02\nlang: de\ncomment: Ohren.\n"
    stated = []
    for number, record in enumerate((default + facts, facts + default)):
        folder = _dataset(tmp_path / str(number), {"diseases/case.yaml": (RECORD + record).encode()})
        stated.append(sorted(str(quad) for quad in read_dataset(folder).quads))
    assert stated[0] == stated[1]


@pytest.mark.parametrize("body", ["{}", "[]"])
def test_a_kind_without_facts_is_not_passed_over(body: str, tmp_path: Path) -> None:
    """A kind of fact that holds nothing is a slip, however it is written."""
    assert _problem(tmp_path, f"{RECORD}phenotype: {body}\n").place.line == 2


def test_what_is_found_in_packed_quads_is_what_a_look_at_each_finds(tmp_path: Path) -> None:
    """By subject and by predicate, also where the base IRI is not ASCII, nothing is missed and nothing comes in addition."""
    folder = shutil.copytree(ROOT / "data", tmp_path / "data")
    head = (folder / "dataset.yaml").read_text(encoding="utf-8")
    (folder / "dataset.yaml").write_text(re.sub(r"(?m)^base: .*", "base: https://exämple.org/räre/", head), encoding="utf-8")
    quads = read_dataset(folder).quads
    everything = list(quads)
    assert len(everything) == len(quads) > 5_000
    for node in {quad.predicate for quad in everything}:
        assert list(quads.saying(node)) == [quad for quad in everything if quad.predicate == node]
    subjects = sorted({quad.subject for quad in everything if isinstance(quad.subject, NamedNode)}, key=str)
    assert any("exämple" in node.value for node in subjects[:: len(subjects) // 40])
    for node in subjects[:: len(subjects) // 40]:
        assert list(quads.about(node)) == [quad for quad in everything if quad.subject == node]
