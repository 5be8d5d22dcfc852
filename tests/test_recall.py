"""What is recalled is what would be read: over all cases, after every change, and whatever became of the file that it is kept in."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Quad

import kg
import kg.recall
from kg.cli import main
from kg.dataset import Dataset, read_dataset
from kg.errors import Place
from kg.labels import labels_of
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.places import Places
from kg.reading import Reading
from kg.recall import Recall, cache_file, code
from kg.strict_yaml import parse_record
from kg.terms import subject_of, value_of
from kg.tree import Node
from kg.values import Values
from tests.cases import parts_of
from tests.conftest import ROOT

BASE = ROOT / "tests" / "records" / "base"
CASES = [*(ROOT / "tests" / "records").glob("*.yaml"), *(ROOT / "tests" / "shapes").rglob("*.yaml")]
Outcome = tuple[list[Quad], list[Place | None]] | list[str]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A dataset that conforms, to be changed."""
    return shutil.copytree(BASE, tmp_path / "data")


def _recalled(file: Path, folder: Path) -> Dataset:
    recall = Recall(file)
    try:
        return read_dataset(folder, "data", recall=recall)
    finally:
        recall.close()


def _keys(quad: Quad) -> tuple[str, str, str]:
    return subject_of(quad).value, quad.predicate.value, value_of(quad).value


def _same(one: Dataset, other: Dataset) -> bool:
    nodes = {_keys(quad) for quad in other.quads}
    return (one.quads, one.files, one.base) == (other.quads, other.files, other.base) and all(
        one.place_of(*keys[:count]) == other.place_of(*keys[:count]) for keys in sorted(nodes) for count in (1, 2, 3)
    )


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the records that are parsed, as they are."""
    names: list[str] = []

    def noted(content: bytes, name: str) -> Node:
        names.append(name)
        return parse_record(content, name)

    monkeypatch.setattr("kg.reading.parse_record", noted)
    return names


def test_what_is_recalled_is_what_is_read(tmp_path: Path) -> None:
    """Each record of each case of the project gives the same quads in the same order at the same places, or the same problems.

    What it may be about, and what it says, is told before its quads are there.
    """
    ontology = Ontology.load(ontology_folders())
    labels = read_dataset(ROOT / "data").quads
    values = Values(ontology, "https://example.org/rare/", "en", labels_of(labels, "en"))
    texts = {text.encode(errors="surrogateescape") for case in CASES for name, text in parts_of(case).items() if name.endswith("ml")}
    texts |= {path.read_bytes() for path in (ROOT / "data").rglob("*.yaml")}

    def read(content: bytes, recall: Recall | None) -> Outcome:
        places = Places()
        try:
            found = Reading(ontology, recall).read(content, "some/record.yaml", values)
        except kg.UnreadableError as error:
            return [str(problem) for problem in error.problems]
        if found.problems:
            return [str(problem) for problem in found.problems]
        quads = list(found)
        assert found.predicates == {quad.predicate.value for quad in quads}
        assert all(found.may_be_about(subject_of(quad)) and found.says([quad.predicate]) for quad in quads)
        places.add_later(found.subject, found.placed)
        return quads, [places.find(*_keys(quad)[:count]) for quad in quads for count in (1, 2, 3)]

    plain = {content: read(content, None) for content in sorted(texts)}
    recall = Recall(tmp_path / "kept")
    assert {content: read(content, recall) for content in sorted(texts)} == plain
    recall.close()
    recall = Recall(tmp_path / "kept")
    assert {content: read(content, recall) for content in sorted(texts)} == plain
    assert len(texts) > 400
    assert sum(isinstance(outcome, tuple) for outcome in plain.values()) > 200


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda data: None,
    "a comment in a record": lambda data: _append(next((data / "sources").glob("*.yaml")), "# changed\n"),
    "another base": lambda data: _replace(data / "dataset.yaml", "base: https://", "base: https://other."),
    "another language": lambda data: _replace(data / "dataset.yaml", "language: en", "language: fr"),
    "another label": lambda data: _replace(next((data / "terms").glob("*.ttl")), '"@en', ' or other"@en'),
    "an ontology of its own": lambda data: _new(data / "ontology" / "x.ttl", "<https://x.org/a> <https://x.org/b> <https://x.org/c> .\n"),
    "a record moved": lambda data: next((data / "sources").glob("*.yaml")).rename(data / "sources" / "zz.yaml"),
    "a second record of the same": lambda data: shutil.copy(next((data / "sources").glob("*.yaml")), data / "sources" / "zz.yaml"),
    "a record that is none any more": lambda data: _append(next((data / "sources").glob("*.yaml")), "x: [\n"),
}


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _new(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")


def _outcome(read: Callable[[], Dataset]) -> tuple[Dataset | None, str]:
    try:
        return read(), ""
    except kg.UnreadableError as error:
        return None, str(error)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(change: str, tmp_path: Path) -> None:
    """After any change a dataset whose records were kept before is read as one whose were not, the second time as the first."""
    folder = shutil.copytree(ROOT / "data", tmp_path / "data")
    _recalled(tmp_path / "kept", folder)
    CHANGES[change](folder)
    plain, said = _outcome(lambda: read_dataset(folder, "data"))
    for _ in range(2):
        recalled, also_said = _outcome(lambda: _recalled(tmp_path / "kept", folder))
        assert also_said == said
        assert plain is None or recalled is None or _same(recalled, plain)
        assert (plain is None) == (recalled is None)


def test_only_what_changed_is_read(base: Path, tmp_path: Path, parsed: list[str]) -> None:
    """The second time no record is parsed; after a change that record is, and after a change back none."""
    _recalled(tmp_path / "kept", base)
    everything = len(parsed)
    record = next((base / "sources").glob("*.yaml"))
    text = record.read_text(encoding="utf-8")
    seen = []
    for written in (text, text + "# changed\n", text):
        record.write_text(written, encoding="utf-8")
        parsed.clear()
        _recalled(tmp_path / "kept", base)
        seen.append(sorted(parsed))
    assert everything > 2
    assert seen == [[], [f"data/sources/{record.name}"], []]


def test_another_version_reads_anew(base: Path, tmp_path: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of the code, or of what it runs on, has kept is not used."""
    _recalled(tmp_path / "kept", base)
    everything = list(parsed)
    parsed.clear()
    monkeypatch.setattr(kg.recall, "code", lambda: b"another version")
    _recalled(tmp_path / "kept", base)
    assert parsed == everything


def test_every_module_that_reads_is_part_of_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of any module that lies in the package itself, or of a library, makes another version of it."""
    really, changed = Path.read_bytes, [""]
    modules = [path.name for path in (ROOT / "kg").glob("*.py")]
    monkeypatch.setattr(Path, "read_bytes", lambda path: really(path) + (b"#" if path.name == changed[0] else b""))
    versions = set()
    for changed[0] in ["", *modules]:
        versions.add(code.__wrapped__())
    monkeypatch.setattr("pyoxigraph.__version__", "0")
    versions.add(code.__wrapped__())
    assert len(versions) == len(modules) + 2


def test_a_spoilt_file_changes_nothing(base: Path, tmp_path: Path) -> None:
    """Whatever became of the file, and wherever a bit of it was turned, the same is read; afterwards things are kept again."""
    kept, plain = tmp_path / "kept", read_dataset(base, "data")
    _recalled(kept, base)
    whole = kept.read_bytes()
    chance = random.Random(7)  # noqa: S311 (a choice for a test, no secret)
    for spoilt in (b"", b"no database", whole[:100], whole[:5000], whole[: len(whole) // 2], whole[100:], bytes(len(whole))):
        kept.write_bytes(spoilt)
        assert _same(_recalled(kept, base), plain)
    for _ in range(15):
        turned = bytearray(whole)
        for _ in range(chance.choice((1, 30))):
            turned[chance.randrange(len(turned))] ^= 1 << chance.randrange(8)
        kept.write_bytes(turned)
        assert _same(_recalled(kept, base), plain)
    kept.unlink()
    kept.mkdir()
    assert _same(_recalled(kept, base), plain)


def test_what_was_kept_under_another_key_is_not_taken(base: Path, tmp_path: Path, parsed: list[str]) -> None:
    """A body that stands under a key that is not its own is none, even where it is whole."""
    plain = read_dataset(base, "data")
    everything = len(parsed)
    _recalled(tmp_path / "kept", base)
    with sqlite3.connect(tmp_path / "kept") as connection:
        rows = connection.execute("SELECT key, body FROM kept ORDER BY key").fetchall()
        bodies = [body for _, body in rows]
        connection.executemany(
            "UPDATE kept SET body = ? WHERE key = ?", zip([*bodies[1:], bodies[0]], [key for key, _ in rows], strict=True)
        )
    connection.close()
    parsed.clear()
    assert _same(_recalled(tmp_path / "kept", base), plain)
    assert len(parsed) == everything


def test_the_file_stays_small(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room, what was kept is forgotten, and reading goes on as before."""
    plain = read_dataset(base, "data")
    monkeypatch.setattr(kg.recall, "BYTES", 20_000)
    record = next((base / "sources").glob("*.yaml"))
    for number in range(20):
        _append(record, f"# {number}\n")
        _recalled(tmp_path / "kept", base)
    assert (tmp_path / "kept").stat().st_size <= 20_000
    assert _recalled(tmp_path / "kept", base).quads == plain.quads


@pytest.mark.parametrize("size", [300, 20_000, 400_000, 2_000_000])
def test_the_file_grows_no_larger_than_it_may(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large what is put in is, and however much of it: the file keeps its limit, and has what came last where that has room."""
    monkeypatch.setattr(kg.recall, "BYTES", 1 << 20)
    monkeypatch.setattr(kg.recall, "_AT_A_TIME", 1 << 17)
    chance, bodies = random.Random(5), {}  # noqa: S311 (a choice for a test, no secret)
    recall = Recall(tmp_path / "kept")
    for number in range(8_000_000 // size):
        key = number.to_bytes(32, "big")
        bodies[key] = chance.randbytes(size)
        recall.put(key, bodies[key])
        assert (tmp_path / "kept").stat().st_size <= 1 << 20
    recall.close()
    assert (tmp_path / "kept").stat().st_size <= 1 << 20
    recall = Recall(tmp_path / "kept")
    found = {key: recall.get(key) for key in bodies}
    recall.close()
    assert all(body in (None, bodies[key]) for key, body in found.items())
    assert (found[key] is not None) == (size < 1 << 20)


def _in_another_thread(recall: Recall) -> None:
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(recall.get, b"k" * 32).result() is None


def _with_more_than_it_takes(recall: Recall) -> None:
    assert recall._connection is not None
    recall._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000)
    recall.put(b"l" * 32, random.Random(5).randbytes(2_000))  # noqa: S311 (a choice for a test, no secret)


@pytest.mark.parametrize("misuse", [_in_another_thread, _with_more_than_it_takes])
def test_a_misuse_leaves_what_is_kept(misuse: Callable[[Recall], None], tmp_path: Path) -> None:
    """Where the file is asked wrongly nothing is known, but what the user's runs have kept in it stays."""
    recall = Recall(tmp_path / "kept")
    recall.put(b"k" * 32, b"body")
    recall.close()
    recall = Recall(tmp_path / "kept")
    misuse(recall)
    recall.close()
    recall = Recall(tmp_path / "kept")
    assert recall.get(b"k" * 32) == b"body"
    recall.close()


def test_others_may_not_write_to_what_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder that others may write to, that is no folder, or that cannot be made is not used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_file() == tmp_path / "rarefacts" / "kept.sqlite"
    assert (tmp_path / "rarefacts").stat().st_mode & 0o077 == 0
    (tmp_path / "rarefacts").chmod(0o770)
    assert cache_file() is None
    (tmp_path / "rarefacts").rmdir()
    (tmp_path / "rarefacts").write_text("", encoding="utf-8")
    assert cache_file() is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "rarefacts" / "below a file"))
    assert cache_file() is None


def test_many_may_use_it_at_once(base: Path, tmp_path: Path, parsed: list[str]) -> None:
    """Processes that read the same dataset at the same time all give the answer of one; the next one has it from what they kept."""
    command = [sys.executable, "-c", "from kg.cli import main; main()", "check", str(base), "--format", "json"]
    plain = subprocess.run([*command, "--no-cache"], capture_output=True, check=True)
    assert not list(tmp_path.glob("rarefacts*"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(3)]
    assert [process.communicate()[0] for process in running] == [plain.stdout] * 3
    assert _recalled(tmp_path / "rarefacts" / "kept.sqlite", base).records
    assert parsed == []


def test_a_build_keeps_what_it_may(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``kg build`` keeps what it read unless it is told not to, and the release is the same to the byte."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    releases = []
    for name, options in (("plain", ["--no-cache"]), ("first", []), ("second", [])):
        assert CliRunner().invoke(main, ["build", str(base), "--out", str(tmp_path / name), *options]).exit_code == 0
        assert (tmp_path / "cache").exists() == (name != "plain")
        releases.append((tmp_path / name / "manifest.json").read_bytes())
    assert releases[0] == releases[1] == releases[2]
