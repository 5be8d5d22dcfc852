"""The questions are put to a graph beside other work: by processes where it is in memory, by threads where it is on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kg
from kg.competency import questions
from kg.errors import KgError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.publish import asked
from kg.publish.asked import Asked, Asking
from tests.conftest import ROOT

ONTOLOGY = Ontology.load(ontology_folders(ROOT / "data"))


def _answers(release: kg.Release, folder: Path, in_memory: bool) -> list[tuple[Asked, bytes]]:
    folder.mkdir()
    found = Asking(kg.open(release.path).store, ONTOLOGY, folder, in_memory).answers()
    return [(replace(each, csv=Path(each.csv.name)), each.csv.read_bytes()) for each in found]


def test_processes_and_threads_find_the_same(release: kg.Release, tmp_path: Path) -> None:
    """Each question is answered once, in the order of their files, whoever asks it."""
    found = _answers(release, tmp_path / "memory", in_memory=True)
    assert found == _answers(release, tmp_path / "disk", in_memory=False)
    assert [each.question.name for each, _ in found] == list(questions())
    assert all(rows.count(b"\n") > each.rows for each, rows in found)


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_question_that_cannot_be_read_is_named(
    release: kg.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    """A mistake in a question is told once the answers are wanted, with the name of the question."""
    broken = questions()
    broken["gene-shared"] = replace(broken["name-shared"], name="gene-shared", text="SELECT * { ?s ?p }")
    monkeypatch.setattr(asked, "questions", lambda: broken)
    asking = Asking(kg.open(release.path).store, ONTOLOGY, tmp_path, in_memory)
    with pytest.raises(KgError, match=r"^gene-shared\.rq: "):
        list(asking.answers())
