"""Watching says of a saved record what ``kg check`` says of it, then of everything what it says of everything, however it is saved."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

import kg
from kg import saves as saves_module
from kg.dataset import RECORDS
from kg.layout import shapes_folders
from kg.recall import Recall
from kg.resident import Resident
from kg.saves import saved_since, saves
from kg.shapes import DERIVED, load_shapes
from tests.cases import parts_of
from tests.conftest import ROOT

SHAPES: Final = ROOT / "tests" / "shapes"
CASES: Final = sorted(path for path in SHAPES.rglob("*.yaml") if path.parent.name != "base" and path.parent.parent == SHAPES)[::9]
PATIENCE: Final = 120


def _later() -> frozenset[str]:
    """The rules that only the answer over everything knows of: about what follows, and about waivers that are of no use."""
    return load_shapes(shapes_folders(), DERIVED).rules | {"waiver-unused", "waiver-rule-known", "waiver-refused"}


def test_a_saved_record_is_judged_as_by_a_check(tmp_path: Path) -> None:
    """Case after case is saved into a dataset that stays in memory and removed again; the answer is that of a check of these records."""
    folder, recall = shutil.copytree(SHAPES / "base", tmp_path / "data"), Recall(tmp_path / "kept")
    resident = Resident(folder, "data", recall)
    answered = 0
    for case in CASES:
        there = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for name, text in parts_of(case).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")
        files = [folder / name for name in parts_of(case)]
        said = resident.saved(files)
        report = kg.check(*(path for path in files if path.suffix in RECORDS), recall=recall)
        if said is None:  # it has more than records
            resident = Resident(folder, "data", recall) if report.readable else resident
        elif report.readable:
            answered += 1
            expected = [str(p).removeprefix(f"{folder}/") for p in report.problems if p.rule not in _later()]
            assert [str(problem).removeprefix("data/") for problem in said[1]] == expected, case.stem
        for path in files:
            path.unlink()
        for path, content in there.items():
            path.write_bytes(content)
        if resident.saved(files) is None:
            resident = Resident(folder, "data", recall)
    assert answered > 15


def test_the_folder_itself_is_no_record(tmp_path: Path) -> None:
    """That the folder of the dataset was touched changes nothing; where it is gone, all has to be read again."""
    folder = shutil.copytree(SHAPES / "base", tmp_path / "data")
    resident = Resident(folder, "data", Recall(None))
    assert resident.saved({folder}) == ([], [])
    folder.rename(tmp_path / "elsewhere")
    assert resident.saved({folder}) is None


def test_another_folder_in_place_of_one_is_read_as_a_whole(tmp_path: Path) -> None:
    """Who looks for saves goes on where another folder takes the place of that of the dataset, and tells that all has to be read again."""
    folder = shutil.copytree(SHAPES / "base", tmp_path / "data")
    looking = saves(folder)
    next(looking)
    folder.rename(tmp_path / "old")
    for _ in range(10):
        assert folder / "dataset.yaml" not in next(looking)
    shutil.copytree(SHAPES / "base", folder)
    assert _seen(looking, folder / "dataset.yaml")
    (folder / "diseases" / "new.yaml").write_text("", encoding="utf-8")
    assert _seen(looking, folder / "diseases" / "new.yaml")


@pytest.mark.parametrize("how", ["written", "replaced", "made meanwhile"])
def test_a_save_of_what_a_record_links_to_is_seen(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record may be a link to a file elsewhere; who saves that has saved the record, whether the file is written to or replaced."""
    monkeypatch.setattr(saves_module, "_TICK", 0.0)
    folder, elsewhere = shutil.copytree(SHAPES / "base", tmp_path / "data"), tmp_path / "elsewhere.yaml"
    elsewhere.write_text("", encoding="utf-8")
    link = folder / "diseases" / "linked.yaml"
    if how != "made meanwhile":
        link.symlink_to(elsewhere)
    looking = saves(folder)
    next(looking)
    if how == "made meanwhile":
        link.symlink_to(elsewhere)
        assert _seen(looking, link)
    since = link.lstat().st_ctime
    assert link not in saved_since(folder, since)
    assert not any(link in next(looking) for _ in range(3))
    if how == "replaced":
        (tmp_path / "new").write_text("replaced", encoding="utf-8")
        (tmp_path / "new").replace(elsewhere)
    else:
        elsewhere.write_text("written", encoding="utf-8")
    assert _seen(looking, link)
    assert link in saved_since(folder, since)


def _seen(looking: Iterator[set[Path]], path: Path) -> bool:
    end = time.monotonic() + PATIENCE
    return next(path in paths for paths in looking if path in paths or time.monotonic() > end)


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Watch:
    """``kg watch`` as a process, and what it has said so far."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-u", "-c", "from kg.cli import main; main()", "watch", folder.name]
        self._out = folder.parent / "said"
        with self._out.open("wb") as out:
            # a shell that starts the tests in the background has them, and so what they start, ignore Ctrl+C
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder.parent, preexec_fn=_heed_ctrl_c)  # noqa: PLW1509
        self._folder = folder
        self._read = 0
        self.known: set[str] = set()

    def lines(self, last: str) -> list[str]:
        """What is said from here on, up to a line in which a pattern is found."""
        found: list[str] = []
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            lines = self._out.read_text(encoding="utf-8").splitlines(keepends=True)[self._read :]
            for line in lines:
                if line.endswith("\n"):
                    found.append(line.rstrip("\n"))
                    self._read += 1
                    self._know(found[-1])
                    if re.search(last, found[-1]):
                        return found
            assert self.process.poll() is None, found
            time.sleep(0.05)
        raise AssertionError(f"nothing like {last} was said: {found}")

    def _know(self, line: str) -> None:
        if line.startswith("mended: "):
            self.known.discard(_placeless(line.removeprefix("mended: ")))
        elif line.endswith("]"):
            self.known.add(_placeless(line))

    def told(self) -> None:
        """All is said that there is to say of what was saved; then what is known from it is what a check says.

        A save may be answered while it is only half there; then it is answered again, and the last summary counts.
        """
        ends = r" in \d+ facts of \d+ files|nothing was judged|^kg: "
        lines = self.lines(ends)
        if not lines[-1].startswith("kg: "):
            report = kg.check(self._folder)
            while lines[-1] != report.summary:
                lines = self.lines(ends)
            expected = {_placeless(str(problem).replace(str(self._folder), self._folder.name)) for problem in report.problems}
            assert self.known >= expected and (not report.readable or self.known == expected)


def _placeless(line: str) -> str:
    return re.sub(r":\d+:\d+: ", ": ", line)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """A dataset that is watched, after the first answer."""
    folder = shutil.copytree(SHAPES / "base", tmp_path / "data")
    watch = Watch(folder)
    try:
        watch.told()
        assert watch.lines("is watched") == ["data is watched; Ctrl+C ends it"]
        yield watch
    finally:
        watch.process.kill()
        watch.process.wait()


RECORD: Final = "disease: MONDO_9999777\nname:\n  first: {kind: preferred, name: made up, evidence: WORK}\n"
SHAPE: Final = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
<https://example.org/shapes#never> a sh:NodeShape ; sh:targetClass rf:Name ; sh:property
  [ sh:path rf:never ; sh:minCount 1 ; sh:message "is never right" ] .
"""


def _replaced(path: Path, text: str) -> None:
    """Saved as careful editors do: written beside it, then moved into its place."""
    beside = path.with_name(path.name + "~")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _half(path: Path, text: str) -> None:
    """Saved in two halves, with a while between them."""
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    time.sleep(0.5)
    path.write_text(text, encoding="utf-8")


def _written(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_saves_are_answered(watch: Watch, tmp_path: Path) -> None:
    """Through a day's work, the record that is saved is answered first, and then everything, so that what is known is what a check says."""
    folder = tmp_path / "data"
    work = next((folder / "sources").glob("*.yaml")).stem
    good = RECORD.replace("WORK", work)
    record, moved, shape = folder / "diseases" / "x.yaml", folder / "diseases" / "y.yaml", folder / "shapes" / "x.ttl"
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: _written(record, good), r"^x\.yaml: "),
        (lambda: _replaced(record, good.replace(work, "no-such-work")), r"^x\.yaml: .*(error|warning)"),
        (lambda: _written(record, good + "  : ["), r"^x\.yaml: 1 error"),
        (lambda: _half(record, good), r"^x\.yaml: "),
        (lambda: record.rename(moved), r"^(x\.yaml, )?y\.yaml: "),
        (lambda: _written(record, good), r""),  # a second record of the same
        (record.unlink, r""),
        (lambda: _written(shape, SHAPE), r"never"),
        (lambda: _written(shape, SHAPE.replace("minCount", "minCuont")), r"minCuont"),
        (shape.unlink, r"mended: .*never"),
        (moved.unlink, r"^y\.yaml: no problems"),
    ]
    for save, said in steps:
        save()
        if said.startswith("^"):
            watch.lines(said)
        watch.told()
    watch.process.send_signal(signal.SIGINT)
    assert watch.process.wait(PATIENCE) == 0
    assert "Traceback" not in (tmp_path / "said").read_text(encoding="utf-8")


def test_there_must_be_a_dataset(tmp_path: Path) -> None:
    """Watching what is no dataset ends with a message."""
    command = [sys.executable, "-c", "from kg.cli import main; main()", "watch", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not a dataset" in done.stderr
