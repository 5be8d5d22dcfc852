"""A release holds the same graph in every format, byte for byte the same each time, and takes its place in one step."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from typing import Any

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import CanonicalizationAlgorithm, NamedNode, Quad, RdfFormat, parse

import kg
from kg.formats import BY_EXTENSION
from kg.publish import disk
from kg.publish import release as release_module
from kg.publish.content import Content
from kg.publish.disk import write
from kg.publish.file import Bytes
from kg.publish.place import place_at
from kg.publish.release import verify, write_release
from kg.terms import resource_of
from kg.vocabulary import local_name
from tests.conftest import ROOT

DUMPS = ["nq", "trig", "jsonld"]


@pytest.fixture
def small() -> Path:
    """A dataset of one disease, for what is the same whatever a release is made of: of the project's own, one takes four times as long."""
    return ROOT / "tests" / "shapes" / "base"


def _quads(path: Path) -> list[Quad]:
    return list(parse(path=str(path), format=BY_EXTENSION[path.suffix[1:]].rdf))


def rdfc_hash(quads: Iterable[Quad]) -> str:
    """SHA-256 of the canonical N-Quads (RDFC-1.0), as pyoxigraph makes them."""
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return hashlib.sha256("".join(sorted(f"{quad} .\n" for quad in dataset)).encode()).hexdigest()


def _triples(quads: Iterable[Quad]) -> list[Quad]:
    return [Quad(quad.subject, quad.predicate, quad.object) for quad in quads]


@pytest.mark.parametrize("extension", DUMPS)
def test_dumps_with_graphs_are_the_same_dataset(release: kg.Release, extension: str) -> None:
    """Read back by pyoxigraph, each dump that knows named graphs has the RDFC-1.0 hash that the manifest gives."""
    assert rdfc_hash(_quads(release.dump(extension))) == release.manifest["rdfc10-sha256"]


def test_turtle_is_the_union_of_the_graphs(release: kg.Release) -> None:
    """The Turtle dump is the union of the named graphs of the N-Quads dump, but for what the dataset says of itself."""
    metadata = NamedNode(release.manifest["base"] + "graph/metadata")
    quads = _quads(release.dump("nq"))
    content = [quad for quad in quads if quad.graph_name != metadata]
    assert rdfc_hash(_quads(release.dump("ttl"))) == rdfc_hash(_triples(content))
    assert 0 < len(content) < len(quads) == release.manifest["counts"]["quads"]


def test_rdf12_adds_one_reifier_a_fact(release: kg.Release) -> None:
    """The RDF 1.2 dump is the Turtle dump and, for each fact, a reifier of its statement."""
    quads = _quads(release.path / f"{release.manifest['name']}-rdf12.ttl")
    assert (release.path / f"{release.manifest['name']}-rdf12.ttl").read_bytes().startswith(b'VERSION "1.2"\n')
    reifiers = [quad for quad in quads if isinstance(quad.object, pyoxigraph.Triple)]
    assert len(reifiers) == release.manifest["counts"]["facts"]
    others = set(quads) - set(reifiers)
    assert rdfc_hash(others) == rdfc_hash(_quads(release.dump("ttl")))


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning:rdflib")  # rdflib warns of its own methods
@pytest.mark.parametrize("extension", [*DUMPS, "ttl"])
def test_rdflib_reads_the_same_number_of_statements(release: kg.Release, extension: str) -> None:
    """A client nobody here wrote, rdflib, counts as many statements as the manifest says."""
    path = release.dump(extension)
    counts = release.manifest["counts"]
    if extension == "ttl":
        assert len(rdflib.Graph().parse(data=path.read_bytes(), format="turtle")) == counts["triples"]
        return
    dataset = rdflib.Dataset()
    dataset.parse(data=path.read_bytes(), format={"nq": "nquads", "trig": "trig", "jsonld": "json-ld"}[extension])
    assert sum(1 for _ in dataset.quads()) == counts["quads"]


@pytest.mark.parametrize(("extension", "syntax"), [("ttl", "turtle"), ("nq", "nquads")])
def test_rapper_accepts_without_a_warning(release: kg.Release, extension: str, syntax: str) -> None:
    """Raptor reads the dumps without a word of complaint and counts as many statements as the manifest says."""
    if shutil.which("rapper") is None:
        pytest.skip("rapper is not installed (Debian: raptor2-utils)")
    done = subprocess.run(["rapper", "-q", "-c", "-i", syntax, release.dump(extension)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    done = subprocess.run(["rapper", "-c", "-i", syntax, release.dump(extension)], capture_output=True, text=True, check=True)
    assert f"Parsing returned {release.manifest['counts']['triples' if extension == 'ttl' else 'quads']} triples" in done.stderr


def test_documents_are_the_same_graph_in_every_format(release: kg.Release) -> None:
    """Each disease has a Turtle, an N-Triples and a JSON-LD document, and they are the same graph."""
    documents = sorted((release.path / "disease").glob("*.ttl"))
    assert len(documents) == release.manifest["counts"]["diseases"]
    for document in documents:
        for extension in (".nt", ".jsonld"):
            assert rdfc_hash(_quads(document)) == rdfc_hash(_quads(document.with_suffix(extension))), document.name


def test_every_fact_stands_in_the_document_of_its_disease(release: kg.Release) -> None:
    """Facts in the records are the facts in the documents: none is lost, none is in the wrong one."""
    subject = "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject"
    facts = {quad.subject for quad in _quads(release.dump("nq")) if quad.predicate.value == subject}
    seen = []
    for document in (release.path / "disease").glob("*.ttl"):
        mine = [quad for quad in _quads(document) if quad.predicate.value == subject]
        assert {local_name(resource_of(quad).value) for quad in mine} == {document.stem}
        seen += [quad.subject for quad in mine]
    assert len(seen) == len(set(seen)) == len(facts) == release.manifest["counts"]["facts"]
    assert set(seen) == facts


def test_json_ld_documents_are_nested_and_keep_their_context_inside(release: kg.Release) -> None:
    """A program finds a treatment, whom it is for and what says so without leaving the document."""
    document = json.loads((release.path / "disease" / "MONDO_0010626.jsonld").read_text(encoding="utf-8"))
    assert isinstance(document["@context"], dict)
    [ivig] = [fact for fact in document["treatment"] if fact["id"].endswith("#ivig")]
    assert ivig["intent"] == "treats"
    assert ivig["action"] == {"id": "MAXO:0001480", "label": {"en": "immunoglobulin infusion therapy"}}
    assert (ivig["supplies"], ivig["lowers"], ivig["place"]) == (["IgG"], ["IgM"], "cornerstone")
    cited = {line["source"] for line in ivig["evidence"]}
    assert cited <= {node["id"] for node in document["included"]}


def test_the_manifest_tells_the_truth(release: kg.Release) -> None:
    """Each file has the size and SHA-256 of the manifest, no file is missing from it, and every input file is named."""
    listed = {file["path"]: (file["size"], file["sha256"]) for file in release.manifest["files"]}
    found = {p.relative_to(release.path).as_posix(): p.read_bytes() for p in release.path.rglob("*") if p.is_file()}
    del found["manifest.json"]
    assert {path: (len(body), hashlib.sha256(body).hexdigest()) for path, body in found.items()} == listed
    read = {each["path"]: each["sha256"] for each in release.manifest["read"]}
    inputs = {p.relative_to(ROOT / "data").as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in (ROOT / "data").rglob("*.*")}
    assert read == inputs


def test_same_input_same_bytes(tmp_path: Path, data: Path, release: kg.Release) -> None:
    """Hash seed, time zone, locale and checkout path change nothing in a release."""
    command = [sys.executable, "-c", "import sys, kg; kg.build(*sys.argv[1:])"]
    zones = ["UTC", "Asia/Tokyo", "America/New_York", "UTC", "UTC"]
    surroundings = [(str(seed), zone, locale) for seed, zone, locale in zip(range(5), zones, ["C", "C.UTF-8"] * 2 + ["POSIX"], strict=True)]
    wanted = (release.path / "manifest.json").read_bytes()
    for seed, zone, locale in surroundings:
        place = tmp_path / f"a path of its own {seed}"
        source = shutil.copytree(data, place / "data")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        subprocess.run([*command, str(source), str(place / "out")], env=environment, check=True, cwd=place)
        assert (place / "out" / "manifest.json").read_bytes() == wanted
        assert verify(place / "out") == []


def test_a_failing_check_leaves_the_old_release(tmp_path: Path, small: Path) -> None:
    """A dataset that breaks a rule writes nothing, and the release before it stays as it was."""
    source = shutil.copytree(small, tmp_path / "data")
    out = tmp_path / "release"
    kg.build(source, out)
    before = out.resolve()
    (source / "diseases" / "broken.yaml").write_text("disease: MONDO_9999999\nname:\n  x: {kind: preferred, name: x}\n", encoding="utf-8")
    with pytest.raises(kg.NotConformingError) as raised:
        kg.build(source, out)
    assert [problem.rule for problem in raised.value.report.problems if problem.severity is kg.Severity.VIOLATION] == ["fact-has-evidence"]
    assert out.resolve() == before
    assert verify(out) == []


def _write_when_told(report: kg.Report, out: Path, told: Connection) -> None:
    assert report.dataset is not None and report.verdict is not None
    content = Content(report.dataset, report.verdict.store)
    told.send("ready")
    told.recv()
    with place_at(out, report.dataset.folder) as place:
        write_release(content, place)


def _written_until(report: kg.Report, out: Path, seconds: float | None) -> int | None:
    """Write a release in a process of its own, and kill that after so long: its exit code."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=_write_when_told, args=(report, out, there))
    process.start()
    there.close()
    assert here.recv() == "ready"
    here.send("go")
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode


def test_a_kill_leaves_the_old_release_or_the_new_one(tmp_path: Path, data: Path) -> None:
    """Killed with -9 at any moment of writing, the release is whole: the old one or the new one."""
    source = shutil.copytree(data, tmp_path / "data")
    out = tmp_path / "release"
    kg.build(source, out)
    old = out.resolve().name
    text = (source / "dataset.yaml").read_text(encoding="utf-8")
    (source / "dataset.yaml").write_text(text.replace("title: rarefacts", "title: another"), encoding="utf-8")
    report = kg.check(source)
    start = time.monotonic()
    assert _written_until(report, tmp_path / "another", None) == 0
    took = time.monotonic() - start
    seen = set()
    for part in (0, 0.1, 0.3, 0.5, 0.7, 0.9):
        _written_until(report, out, took * part)
        assert verify(out) == []
        seen.add(out.resolve().name)
    assert old in seen
    assert _written_until(report, out, None) == 0
    assert verify(out) == [] and out.resolve().name != old


@pytest.mark.parametrize("files", [0, 5, 100])
def test_everything_new_is_brought_to_disk(files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files and folders are new, each is brought to disk, once."""
    synced: list[Path] = []
    monkeypatch.setattr(disk, "sync", synced.append)
    disk.sync_all(tmp_path, [".", *(f"disease/{number}.ttl" for number in range(files))])
    assert sorted(synced) == sorted([tmp_path, *(tmp_path / "disease" / f"{number}.ttl" for number in range(files))])


def test_a_build_brings_its_files_to_disk(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of a new release and every folder of it is brought to disk before the release takes its place."""
    synced: list[str] = []

    def sync_all(folder: Path, paths: Sequence[str]) -> None:
        assert not (tmp_path / "release").exists()
        synced.extend(paths)

    monkeypatch.setattr(release_module, "sync_all", sync_all)
    made = kg.build(data, tmp_path / "release").path.resolve()
    there = [path.relative_to(made).as_posix() for path in (made, *made.rglob("*"))]
    assert sorted(synced) == sorted(there)


def test_a_full_disk_leaves_the_old_release(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be written the user is told, the old release stays, and nothing is left behind."""
    out = tmp_path / "release"
    kg.build(small, out)
    for notes in (tmp_path / ".release").glob("made-*.sqlite"):
        notes.unlink()  # else nothing had to be written
    before = sorted(path.name for path in (tmp_path / ".release").iterdir())

    def full(path: Path, body: Bytes) -> tuple[int, str]:
        if path.suffix == ".trig":
            raise OSError(28, "No space left on device")
        return write(path, body)

    monkeypatch.setattr(release_module, "write", full)
    with pytest.raises(kg.KgError, match="No space left on device"):
        kg.build(small, out)
    assert verify(out) == []
    assert sorted(path.name for path in (tmp_path / ".release").iterdir()) == before


def _as_it_is(notes: Path) -> None:
    pass


def _of_another_version(notes: Path) -> None:
    with closing(sqlite3.connect(notes)) as rows, rows:
        rows.execute("UPDATE release SET key = ?", (b"another version",))
    notes.rename(notes.with_name(f"made-{hashlib.sha256(notes.read_bytes()).hexdigest()[:16]}.sqlite"))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("left", [_as_it_is, _of_another_version])
def test_no_notes_stay_open(left: Callable[[Path], None], full: bool, tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a build is over, or has failed, the notes that it wrote and those that it looked at are closed, whether these fit or not."""
    kg.build(small, tmp_path / "release")
    [notes] = (tmp_path / ".release").glob("made-*.sqlite")
    left(notes)
    really = sqlite3.connect
    opened: list[sqlite3.Connection] = []

    def connect(database: Any, **options: Any) -> sqlite3.Connection:
        opened.append(really(database, **options))
        return opened[-1]

    def no_space(path: Path, body: Bytes) -> tuple[int, str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite3, "connect", connect)
    if full:
        monkeypatch.setattr(release_module, "write", no_space)
    with pytest.raises(kg.KgError, match="No space left") if full else nullcontext():
        kg.build(small, tmp_path / "release")
    assert len(opened) == 2
    for rows in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            rows.execute("SELECT 1")


def test_a_full_temporary_folder(tmp_path: Path, data: Path) -> None:
    """Where statements do not find room beside the release, the user is told which folder wants more, without a traceback."""
    out = tmp_path / "release"
    kg.build(data, out)
    command = [sys.executable, "-c", "from kg.cli import main; main(prog_name='kg')", "build", str(data), "--no-cache", "--out", str(out)]
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100_000, 100_000))
    done = subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.startswith("kg: ") and "let TMPDIR name a folder with more room" in done.stderr
    assert verify(out) == []


def test_a_build_reads_when_it_is_alone(tmp_path: Path, small: Path) -> None:
    """A build waits for another before it reads anything, and says so: what it puts in place is never older than what is there."""
    source, out = _titled(small, tmp_path / "data", "older"), tmp_path / "release"
    said: Queue[str] = Queue()
    with ThreadPoolExecutor(1) as thread:
        with place_at(out, source):
            second = thread.submit(kg.build, source, out, say=said.put)
            assert said.get(timeout=60) == f"{out}: another build is at work on it, which is waited for"
            _titled(small, tmp_path / "data", "newer")
        release = second.result()
    assert "newer" in (release.path / "void.ttl").read_text(encoding="utf-8") and said.empty()


def test_a_process_that_a_build_forks_does_not_keep_others_waiting(tmp_path: Path) -> None:
    """What a killed build has begun may live on for a while; the next build does not wait for that."""
    here, there = multiprocessing.Pipe()
    with place_at(tmp_path / "release", tmp_path):
        child = multiprocessing.get_context("fork").Process(target=there.recv, daemon=True)
        child.start()
    said: list[str] = []
    with place_at(tmp_path / "release", tmp_path, said.append):
        assert said == [] and child.is_alive()
    here.send("enough")
    child.join()


def test_where_nothing_is_written_no_folder_stays(tmp_path: Path) -> None:
    """A build that ends before it writes anything leaves nothing behind, also where others wait for it."""

    def refused(_: int) -> None:
        with pytest.raises(kg.KgError, match="no such file"):
            kg.build(tmp_path / "none", tmp_path / "release")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(refused, range(20)))
    assert list(tmp_path.iterdir()) == []


IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "a folder": lambda out: out.mkdir(),
    "a file": lambda out: out.write_text("mine", encoding="utf-8"),
    "a link to somebody's folder": lambda out: out.symlink_to("somewhere"),
    "a link to a release of another name": lambda out: out.symlink_to(".other/0123456789abcdef"),
    "a hidden folder": lambda out: (out.parent / f".{out.name}" / "0123456789abcdef").mkdir(parents=True),
    "a hidden file": lambda out: (out.parent / f".{out.name}").write_text("mine", encoding="utf-8"),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_kg_did_not_write_is_left_alone(what: str, tmp_path: Path, small: Path) -> None:
    """What is in the way of a release, or of the hidden folder beside it, is told and not touched: ``--out git`` leaves ``.git`` alone."""
    (tmp_path / "somewhere").mkdir()
    (tmp_path / "somewhere" / "mine.txt").write_text("mine", encoding="utf-8")
    IN_THE_WAY[what](tmp_path / "git")
    before = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    with pytest.raises(kg.KgError, match="in the way"):
        kg.build(small, tmp_path / "git")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == before


def test_what_else_is_beside_releases_is_left_alone(tmp_path: Path, small: Path) -> None:
    """Of the folder where releases are, a build removes old releases and what a build before has left, nothing else."""
    store = tmp_path / ".release"
    for number in range(3):
        kg.build(_titled(small, tmp_path / "data", f"title {number}"), tmp_path / "release")
        (store / f"mine-{number}").mkdir()
    assert sorted(path.name for path in store.iterdir() if path.name.startswith("mine")) == ["mine-0", "mine-1", "mine-2"]
    assert len([path for path in store.iterdir() if (path / "manifest.json").exists()]) == 2


def test_the_release_before_is_the_one_that_was_in_place_last(tmp_path: Path, small: Path) -> None:
    """Also where it was there once more: what readers may still have open is not removed for being older."""
    names = [kg.build(_titled(small, tmp_path / "data", title), tmp_path / "release").path.resolve().name for title in "ABAC"]
    kept = {path.name for path in (tmp_path / ".release").iterdir() if (path / "manifest.json").exists()}
    assert kept == set(names[2:])


@pytest.mark.parametrize("name", ["void", "shapes"])
def test_no_file_takes_the_place_of_another(name: str, tmp_path: Path, small: Path) -> None:
    """A dataset whose dump would be called as another file of a release is refused, by that path, and nothing is put in place."""
    source = shutil.copytree(small, tmp_path / "data")
    head = source / "dataset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("dataset: cases", f"dataset: {name}"), encoding="utf-8")
    with pytest.raises(kg.KgError, match=rf"^{name}\.\w+: another file .* give the dataset another name"):
        kg.build(source, tmp_path / "release")
    assert not (tmp_path / "release").exists()


def _titled(data: Path, folder: Path, title: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data, folder)
    head = folder / "dataset.yaml"
    head.write_text(re.sub(r"(?m)^title:.*", f"title: {title}", head.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


@pytest.mark.parametrize("iri", ["../../ears", "disease/../../ears", "disease/.ears", "disease//ears", "disease/ears%2F", ".htaccess#ears"])
def test_no_iri_leads_out_of_a_release(iri: str, tmp_path: Path, small: Path) -> None:
    """A disease whose IRI would name a file outside of the release is refused; nothing is written anywhere."""
    source = shutil.copytree(small, tmp_path / "in" / "data")
    disease = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/rarefacts/vocab#Disease>"
    (source / "terms" / "ears.nt").write_text(f"<https://example.org/rare/{iri}> {disease} .\n", encoding="utf-8")
    assert kg.check(source).conforms, "it is the path that is refused"
    with pytest.raises(kg.KgError, match="leads outside"):
        kg.build(source, tmp_path / "out" / "release")
    assert [path.name for path in tmp_path.rglob("*ears*")] == ["ears.nt"]
    assert not (tmp_path / "out" / "release").exists()


def test_formats_round_trip(release: kg.Release) -> None:
    """N-Quads read by another reader and written again by pyoxigraph is the same dataset: no literal was rewritten."""
    quads = _quads(release.dump("nq"))
    again = pyoxigraph.serialize(quads, format=RdfFormat.TRIG)
    assert again is not None
    assert rdfc_hash(parse(again, format=RdfFormat.TRIG)) == release.manifest["rdfc10-sha256"]
