"""Judging only what was changed comes to what judging everything comes to, case after case, there and back."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import Graph

import kg
import kg.recall
from kg import again
from kg import dataset as dataset_module
from kg import files as files_module
from kg import vocabulary as v
from kg.again import affected
from kg.core import reports
from kg.dataset import RECORDS, Dataset, read_dataset
from kg.division import Division, divided
from kg.foreign import read_foreign
from kg.graph import queries
from kg.judge import Result, judge
from kg.layout import ontology_folders, shapes_folders
from kg.ontology import Ontology
from kg.parallel import Executor
from kg.recall import Recall
from kg.shapes import DERIVED, Shapes, load_shapes
from kg.verdicts import written_results
from tests.cases import parts_of
from tests.conftest import ROOT

SHAPES = ROOT / "tests" / "shapes"
ALL = [path for path in SHAPES.rglob("*.yaml") if path.parent.name != "base" and path.parent.parent == SHAPES]
CASES = sorted(ALL, key=lambda path: (not all(name.endswith(RECORDS) for name in parts_of(path)), path))[1::5]
"""Those of records alone first, since after any other change everything is judged."""
DIVISIONS: dict[str, Division] = {}


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done for many statements is done for few, and what takes a second for the same shapes is done once."""
    monkeypatch.setattr(again, "_LARGE", 0)
    monkeypatch.setattr(again, "divided", _divided)


def _divided(folder: Path, ontology: Ontology) -> Division:
    under = load_shapes(shapes_folders(folder)).files, load_shapes(shapes_folders(folder), DERIVED).files, ontology.files
    key = str([sorted(files.values()) for files in under]) + str(
        [queries(ontology_folders(folder), stage) for stage in ("rules", "settling")]
    )
    if key not in DIVISIONS:
        DIVISIONS[key] = divided(folder, ontology)
    return DIVISIONS[key]


def _store(dataset: Dataset) -> Store:
    store = Store()
    store.bulk_extend(dataset.ontology.quads())
    dataset.fill(store)
    return store


def _everything(dataset: Dataset) -> set[Result]:
    return set(judge(load_shapes(shapes_folders(dataset.folder)), _store(dataset), dataset.ontology, dataset.base))


def _changed(dataset: Dataset, recall: Recall) -> set[Result]:
    return set(written_results(load_shapes(shapes_folders(dataset.folder)), _store(dataset), dataset, recall))


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[NamedNode] | None]:
    """What is handed to pySHACL each time: some nodes, or None for all."""
    seen: list[frozenset[NamedNode] | None] = []

    def noted(shapes: Graph, store: Store, executor: Executor, only: frozenset[NamedNode] | None) -> Iterator[Graph]:
        seen.append(only)
        return reports(shapes, store, executor, only)

    monkeypatch.setattr(again, "reports", noted)
    return seen


def _save(folder: Path, case: Path) -> list[Path]:
    files = []
    for name, text in parts_of(case).items():
        files.append(folder / name)
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        files[-1].write_text(text, encoding="utf-8", errors="surrogateescape")
    return files


def test_what_was_changed_is_all_that_has_another_verdict(tmp_path: Path, judged: list[frozenset[NamedNode] | None]) -> None:
    """Cases come and go in pairs, so that each is judged beside others; the results are those of everything."""
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")
    original = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    broken = 0
    for case, other in zip(CASES, [*CASES[7:], *CASES[:7]], strict=True):
        for path in folder.rglob("*.*"):
            if path not in original:
                path.unlink()
        for path, content in original.items():
            path.write_bytes(content)
        _save(folder, other)
        _save(folder, case)
        try:
            dataset = read_dataset(folder, "data", recall=recall)
        except kg.UnreadableError:
            continue
        everything = _everything(dataset)
        assert _changed(dataset, recall) == everything, (case, other)
        broken += bool(everything)
    some = [only for only in judged if only is not None]
    assert len(some) > 20 and broken > 20


def test_nothing_changed_is_not_judged(tmp_path: Path, judged: list[frozenset[NamedNode] | None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a second time; everything is after a change of shapes, of the language, of a term, or of a version, and by who keeps nothing."""
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")

    def check() -> list[bool]:
        judged.clear()
        report = kg.check(folder, recall=recall)
        assert report.render() == kg.check(folder).render()
        return [only is None for only in judged]

    assert check() == [True]
    assert check() == []
    (folder / "shapes").mkdir()
    (folder / "shapes" / "own.ttl").write_text("# nothing yet\n", encoding="utf-8")
    assert check() == [True]
    head = folder / "dataset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("language: en", "language: fr"), encoding="utf-8")
    assert check() == [True]
    with next((folder / "terms").glob("*.ttl")).open("a", encoding="utf-8") as terms:
        terms.write("# more\n")
    assert check() == [True]
    assert check() == []
    monkeypatch.setattr("kg.verdicts.version", lambda name: "another")
    assert check() == [True]
    monkeypatch.setattr(kg.recall, "code", lambda: b"another")
    assert check() == [True]


def test_constraints_are_asked_of_what_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that rest on what is near a node are asked about the nodes of the record that was changed, those across records of all.

    What they said of another record still stands.
    """
    asked: list[tuple[set[str], set[str] | None]] = []

    def noted(shapes: Shapes, *over: Any, **about: Any) -> list[Result]:
        only = about.get("only")
        names = {v.local_name(each.shape) for each in shapes.constraints}
        asked.append((names, None if only is None else {v.local_name(node.value) for node in only}))
        return judge(shapes, *over, **about)

    monkeypatch.setattr(again, "judge", noted)
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")
    record = folder / "diseases" / "extra.yaml"
    record.write_text("disease: MONDO_9999777\nmodified: 2026-01-01\n", encoding="utf-8")
    record.with_name("wrong.yaml").write_text("disease: MONDO_9999778\nmodified: 2999-01-01\n", encoding="utf-8")
    kg.check(folder, recall=recall)
    record.write_text("disease: MONDO_9999777\nmodified: 2999-01-01\n", encoding="utf-8")
    changed = kg.check(folder, recall=recall)
    kg.check(folder, recall=recall)
    across = {"external-id-on-two-diseases", "imported-id-on-two-diseases", "subtype-cycle", "work-twice"}
    (every, of_all), (near, some), *rest = asked
    assert (of_all, some, every - near) == (None, {"MONDO_9999777"}, across)
    assert rest == [(across, None), (across, None)]
    future = [Path(problem.place.path).name for problem in changed.problems if problem.rule == "date-in-future"]
    assert future == ["extra.yaml", "wrong.yaml"]


def test_a_build_with_what_is_kept_is_a_build_without(tmp_path: Path, judged: list[frozenset[NamedNode] | None]) -> None:
    """What a check has kept is not judged by the build after it, and the release is the same to the byte, also after an edit."""
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")
    record = next(path for path in sorted(folder.glob("diseases/*.yaml")))
    kg.check(folder, recall=recall)
    for number, edit in enumerate(("", "# nothing is said here\n")):
        record.write_text(record.read_text(encoding="utf-8") + edit, encoding="utf-8")
        judged.clear()
        kept = kg.build(folder, tmp_path / f"kept-{number}", recall=recall)
        assert None not in judged
        plain = kg.build(folder, tmp_path / f"plain-{number}")
        assert (kept.path / "manifest.json").read_bytes() == (plain.path / "manifest.json").read_bytes()


def test_what_another_dataset_said_is_not_taken_for_it(tmp_path: Path) -> None:
    """A record that was read meanwhile under another base does not hide what it said here."""
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")
    record = folder / "diseases" / "extra.yaml"
    record.write_text("disease: MONDO_9999777\nphenotype:\n  a: {feature: HP:0001875, affected: 30, total: 3}\n", encoding="utf-8")
    before = kg.check(folder, recall=recall).render()
    other = shutil.copytree(folder, tmp_path / "other")
    head = other / "dataset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("base: https://", "base: https://other."), encoding="utf-8")
    kg.check(other, recall=recall)
    record.unlink()
    after = kg.check(folder, recall=recall).render()
    assert "extra.yaml" in before
    assert after == kg.check(folder).render()


def test_a_class_that_goes_is_missed_by_whoever_has_it_for_a_value(tmp_path: Path, judged: list[frozenset[NamedNode] | None]) -> None:
    """What cites a work is wrong once the work has no record, and right again when it has, though its own record stayed as it was."""
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")
    _save(folder, SHAPES / "core" / "valid-fact.yaml")
    work = folder / "sources" / "article-one.yaml"
    content, answers = work.read_bytes(), []
    for _ in range(2):
        answers.append(kg.check(folder, recall=recall).render())
        work.unlink()
        answers.append(kg.check(folder, recall=recall).render())
        assert answers[-1] == kg.check(folder).render()
        work.write_bytes(content)
    assert answers[:2] == answers[2:] and "source-known" in answers[1] and "source-known" not in answers[0]
    assert len([only for only in judged if only]) == 3


def test_a_class_below_another_changes_whom_constraints_judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After a statement that a class is below another all constraints are asked of all; after another one, of what it touches."""
    monkeypatch.setattr(again, "_LARGE", 0)
    dataset = read_dataset(shutil.copytree(SHAPES / "base", tmp_path / "data"))
    a, b = NamedNode("https://example.org/a"), NamedNode("https://example.org/b")
    _, all_of_them = again._near(_store(dataset), dataset, {Quad(a, v.RDFS_SUBCLASS_OF, b)})
    _, some = again._near(_store(dataset), dataset, {Quad(a, v.RDFS_COMMENT, b)})
    assert (all_of_them, some is None) == (None, False)


def test_who_is_affected() -> None:
    """By a statement its two ends; by a class also what these point to, and what points to them; by a class below another, all."""
    a, b, c, d, p = (NamedNode(f"https://example.org/{name}") for name in "abcdp")
    store = Store()
    store.extend([Quad(a, p, b), Quad(b, p, c), Quad(c, p, d), Quad(b, p, Literal("b"))])
    assert affected([Quad(a, p, d)], store) == frozenset({a, d})
    assert affected([Quad(b, v.RDF_TYPE, d)], store) == frozenset({a, b, c, d})
    assert affected([Quad(a, p, d), Quad(a, v.RDFS_SUBCLASS_OF, d)], store) is None


def test_what_is_said_to_be_read_of_an_rdf_file_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one is saved while a dataset is read, the hash by which its verdict is found again is that of what was read, not of another."""
    folder = shutil.copytree(SHAPES / "base", tmp_path / "data")
    file, triple = folder / "extra.nt", '<https://example.org/rare/disease/MONDO_9999001> <https://example.org/p> "{}" .\n'
    file.write_text(triple.format("before"), encoding="utf-8")

    def saved(*about: Any) -> Any:
        file.write_text(triple.format("after"), encoding="utf-8")
        return read_foreign(*about)

    monkeypatch.setattr(dataset_module, "read_foreign", saved)
    dataset = read_dataset(folder, "data")
    assert [str(quad.object) for quad in dataset.foreign if quad.predicate.value == "https://example.org/p"] == ['"after"']
    assert dataset.files["extra.nt"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_is_said_to_be_read_of_shapes_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are saved while they are loaded, their hash is that of the bytes that judge."""
    file, opened = tmp_path / "own.ttl", files_module._open
    text = "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:{}> a sh:NodeShape ; sh:targetClass <urn:c> .\n"
    file.write_text(text.format("before"), encoding="utf-8")

    def and_saved(path: Path, name: str) -> Any:
        with opened(path, name) as stream:
            content = stream.read()
        path.write_text(text.format("after"), encoding="utf-8")
        return io.BytesIO(content)

    monkeypatch.setattr(files_module, "_open", and_saved)
    shapes = load_shapes([tmp_path])
    [judging] = {str(node) for node in shapes.core.subjects()}
    assert shapes.files[file] == hashlib.sha256(text.format(judging.removeprefix("urn:")).encode()).hexdigest()
