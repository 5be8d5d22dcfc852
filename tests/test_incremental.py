"""A build after a change makes what follows from the change and nothing else, and the release is that of a full build, byte for byte."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pyoxigraph import Literal, NamedNode, Quad

import kg
from kg import examples, jsonld_graphs
from kg import vocabulary as v
from kg.imports import Import, graph_of
from kg.jsonld_graphs import write_dataset
from kg.parallel import Pool
from kg.publish import build as build_module
from kg.publish import dumps as dumps_module
from kg.publish import packing
from kg.publish import release as release_module
from kg.publish import tables as tables_module
from kg.publish import traces as traces_module
from kg.publish.before import Before
from kg.publish.disk import write
from kg.publish.documents import documents
from kg.publish.file import Bytes, File
from kg.publish.pages import site
from kg.publish.pieces import Pieces
from kg.publish.preview import Preview
from kg.publish.reference import reference
from kg.publish.release import verify
from kg.publish.signposting import linksets
from kg.publish.version import deciding
from kg.reads import Reads, Remembered
from kg.recall import Recall
from kg.resident import Resident
from tests.benchmarks.made import generate
from tests.cases import lay
from tests.conftest import ROOT

EDITS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests" / "incremental.toml").read_text(encoding="utf-8"))["edit"]
EVERYTHING = {"documents": 9, "link sets": 5, "digests": 5, "pages of diseases": 5, "pages of works": 4}
T = TypeVar("T")
R = TypeVar("R")


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Releases have no reference, of which no page is made of one thing, and what is made in parts is made in as small ones as can be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_module, "PARTS", tuple(part for part in release_module.PARTS if part is not reference))
        patch.setattr(dumps_module, "AT_ONCE", 1)
        patch.setattr(dumps_module, "write_dataset", partial(write_dataset, size=1))
        patch.setattr(packing, "_LINES", 64)
        patch.setattr(packing, "_SHORTEST", 1)
        patch.setattr(tables_module, "AT_ONCE", 1)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset in ``data`` and its release."""
    place = tmp_path_factory.mktemp("built")
    assert _build(lay(ROOT / "tests" / "incremental.yaml", ROOT / "tests" / "shapes" / "base", place / "data"), place) == EVERYTHING
    return place


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """The same, to be changed: the files of the release are those files."""
    shutil.copytree(built / "data", tmp_path / "data")
    shutil.copytree(built / ".release", tmp_path / ".release", copy_function=os.link)
    (tmp_path / "release").symlink_to((built / "release").readlink())
    return tmp_path


def _build(data: Path, place: Path) -> dict[str, int]:
    """Build, and count what was made of each sort of thing."""
    made: dict[str, int] = {}

    def tell(what: str, done: int, of: int) -> None:
        assert 0 <= done <= of
        if what != "rows of tables":
            made[what] = of

    try:
        kg.build(data, place / "release", tell=tell)
    except kg.NotConformingError as error:
        pytest.fail(error.report.render())
    return {what: count for what, count in made.items() if count}


def _files(place: Path) -> dict[str, bytes]:
    folder = (place / "release").resolve()
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _apply(edit: dict[str, Any], data: Path) -> None:
    for path in edit.get("remove", ()):
        (data / path).unlink()
    for path, text in edit.get("write", {}).items():
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        (data / path).write_text(text, encoding="utf-8")
    for path, old, new in edit.get("replace", ()):
        text = (data / path).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (data / path).write_text(text.replace(old, new), encoding="utf-8")
    for old, new in edit.get("move", ()):
        (data / new).parent.mkdir(parents=True, exist_ok=True)
        (data / old).rename(data / new)


def _same_as_from_nothing(place: Path) -> None:
    """The release has the files that a build in an empty folder makes, and says the truth of them."""
    _build(place / "data", place / "full")
    _same(place, place / "full")


def _same(place: Path, full: Path) -> None:
    assert _files(place) == _files(full)
    assert (place / "release").resolve().name == (full / "release").resolve().name
    assert verify(place / "release") == []


def _paths(edit: dict[str, Any], data: Path) -> list[Path]:
    """The files that an edit changes."""
    replaced, moved = (path for path, _, _ in edit.get("replace", ())), (path for paths in edit.get("move", ()) for path in paths)
    return [data / path for path in (*edit.get("remove", ()), *edit.get("write", {}), *replaced, *moved)]


@pytest.fixture(scope="module", params=EDITS, ids=lambda edit: edit["what"])
def edited(request: pytest.FixtureRequest, built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """A sort of change, and a folder with the release that is built after it in an empty folder."""
    full = tmp_path_factory.mktemp("edited")
    shutil.copytree(built / "data", full / "data")
    _apply(request.param.get("before", {}), full / "data")
    _apply(request.param, full / "data")
    _build(full / "data", full)
    return request.param, full


def test_a_preview(edited: tuple[dict[str, Any], Path], place: Path) -> None:
    """After each sort of change, what is previewed of each disease has the bytes of the release that is built then."""
    edit, full = edited
    _apply(edit.get("before", {}), place / "data")
    resident = Resident(place / "data", "data", Recall(None))
    _apply(edit, place / "data")
    if resident.saved(_paths(edit, place / "data")) is None:  # there is more than records
        resident = Resident(place / "data", "data", Recall(None))
    preview = Preview(resident.dataset, resident.store)
    release = _files(full)
    typed = resident.store.quads_for_pattern(None, v.RDF_TYPE, v.DISEASE)
    diseases = {quad.subject for quad in typed if isinstance(quad.subject, NamedNode)}
    shown = {path: body for disease in diseases for path, body in preview.files(disease)}
    assert shown == {path: release[path] for path in shown}
    endings = (".html", ".ttl", ".nt", ".jsonld", ".schema.jsonld", ".bib", ".ris", ".txt")
    assert {*shown} == {f"disease/{v.local_name(disease.value)}{ending}" for disease in diseases for ending in endings}


@pytest.mark.parametrize("private", [True, False])
def test_a_preview_and_imports_for_checking_only(private: bool, place: Path) -> None:
    """A preview has what an import says of a disease, but for one that is for checking only."""
    resident = Resident(place / "data", "data", Recall(None))
    base = resident.dataset.base
    disease, graph = NamedNode(f"{base}disease/MONDO_9999001"), NamedNode(graph_of(base, "registry"))
    resident.store.add(Quad(disease, v.RDFS_COMMENT, Literal("from the registry", language="en"), graph))
    resident.dataset.imports.append(Import("registry", place, "registry", private))
    said = [path for path, body in Preview(resident.dataset, resident.store).files(disease) if b"from the registry" in body]
    assert bool(said) is not private


def test_a_change(edited: tuple[dict[str, Any], Path], place: Path) -> None:
    """After each sort of change as many things are made as follow from it, and the release is that of a full build.

    What an edit has as ``before`` is in the release before.
    """
    edit, full = edited
    if "before" in edit:
        _apply(edit["before"], place / "data")
        _build(place / "data", place)
    _apply(edit, place / "data")
    wanted = edit.get("made", {})
    assert _build(place / "data", place) == (EVERYTHING if wanted == "everything" else wanted)
    _same(place, full)


def _edit(what: str) -> dict[str, Any]:
    (found,) = (edit for edit in EDITS if edit["what"].startswith(what))
    return found


PARTS = (Pieces, jsonld_graphs._Made, packing._Deflate, tables_module._OfPart)
"""Who makes the parts of large files."""


def test_large_files_are_made_of_the_parts_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of dumps, of their compressed twins and of tables, few parts are made after a change; all others are those of the release before."""
    generate(tmp_path / "data", 60)
    made: Counter[str] = Counter()

    def counted(of: type[Any]) -> Callable[[Any, Any], Any]:
        call = of.__call__

        def count(self: Any, part: Any) -> Any:
            made[of.__name__] += 1
            return call(self, part)

        return count

    for of in PARTS:
        monkeypatch.setattr(of, "__call__", counted(of))
    monkeypatch.setattr(Pool, "map", lambda self, work, things, batch=1, many=1: map(work, things))  # here, to be counted
    names = {of.__name__ for of in PARTS}
    _build(tmp_path / "data", tmp_path)
    every = made.copy()
    assert {name for name in names if every[name] < 25} == set()
    more = "phenotype:\n  another: {feature: HP:0002014, percentage: 13.5, evidence: made}\n"
    for change in (["GD40", "GD forty"], ["kind: preferred", "kind: exact"], ["phenotype:\n", more]):
        made.clear()
        _apply({"replace": [["diseases/40.yaml", *change]]}, tmp_path / "data")
        _build(tmp_path / "data", tmp_path)
        assert {name: made[name] for name in names if not 0 < made[name] < every[name] / 5} == {}, (change, every)
    _same_as_from_nothing(tmp_path)


def test_reifiers_that_look_elsewhere_follow(place: Path) -> None:
    """Where a dataset brings a projection for RDF 1.2 that looks at other nodes, a part is made again when only its reifiers are others."""
    own = place / "data" / "ontology" / "alignments" / "rdf12.rq"
    own.parent.mkdir(parents=True)
    query = "CONSTRUCT { ?fact rdfs:seeAlso ?other } WHERE { ?fact a rf:Phenotype ; rdf:object/rdfs:label ?label "
    own.write_text(query + 'BIND(IRI(CONCAT("https://example.org/", ENCODE_FOR_URI(?label))) AS ?other) }', encoding="utf-8")
    _build(place / "data", place)
    _apply(_edit("the label of a term"), place / "data")
    _build(place / "data", place)
    _same_as_from_nothing(place)
    assert b"https://example.org/first%20feature" in (place / "release" / "cases-rdf12.ttl").read_bytes()


def test_one_change_after_the_other(place: Path, built: Path) -> None:
    """What is kept from one release to the next is still right after many of them, and when all changes are taken back."""
    for what in ("a qualifier", "the name of a d", "a record more", "a record in another", "the title of a work", "a fact in a foreign"):
        _apply(_edit(what), place / "data")
        _build(place / "data", place)
    _same_as_from_nothing(place)
    shutil.rmtree(place / "data")
    shutil.copytree(built / "data", place / "data")
    for what in ("a record more", "a fact in a foreign"):  # what was published stays, or is withdrawn
        _apply({"write": _edit(what)["write"]}, place / "data")
    assert _build(place / "data", place).keys() == EVERYTHING.keys()
    shutil.rmtree(place / "full")
    _same_as_from_nothing(place)


### What is not as it was left


def _notes(place: Path) -> Path:
    (found,) = (place / ".release").glob("made-*.sqlite")
    return found


def _page(place: Path) -> Path:
    return (place / "release").resolve() / "disease" / "MONDO_9999002.html"


def _dump(place: Path) -> Path:
    return (place / "release").resolve() / "cases.trig"


def _twin(place: Path) -> Path:
    return (place / "release").resolve() / "cases.jsonld.gz"


def _anew(path: Path, body: bytes) -> None:
    """Write a file as an editor does; the one that other folders have stays."""
    path.unlink()
    path.write_bytes(body)


def _other_version(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_module, "version_of", lambda dataset, files: b"another version")


SPOILT: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], object], dict[str, int]]] = {
    "a page was changed": (lambda place, _: _anew(_page(place), _page(place).read_bytes().swapcase()), {"pages of diseases": 1}),
    "a page was cut": (lambda place, _: _anew(_page(place), _page(place).read_bytes()[:100]), {"pages of diseases": 1}),
    "a page is gone": (lambda place, _: _page(place).unlink(), {"pages of diseases": 1}),
    "a dump was changed": (lambda place, _: _anew(_dump(place), _dump(place).read_bytes().swapcase()), {}),
    "a dump is gone": (lambda place, _: _dump(place).unlink(), {}),
    "what was compressed is cut": (lambda place, _: _anew(_twin(place), _twin(place).read_bytes()[:1_000]), {}),
    "the notes are gone": (lambda place, _: _notes(place).unlink(), EVERYTHING),
    "the notes were cut": (lambda place, _: _anew(_notes(place), _notes(place).read_bytes()[:5_000]), EVERYTHING),
    "the notes were changed": (lambda place, _: _anew(_notes(place), _notes(place).read_bytes().swapcase()), EVERYTHING),
    "the release is gone": (lambda place, _: shutil.rmtree((place / "release").resolve()), EVERYTHING),
    "kg is another": (_other_version, EVERYTHING),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_not_as_it_was_left_is_made_again(how: str, place: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the old release that was touched is not taken over, and notes that are broken or of another version are not believed."""
    spoil, made = SPOILT[how]
    spoil(place, monkeypatch)
    assert _build(place / "data", place) == made
    assert _files(place) == _files(built)
    assert verify(place / "release") == []


HEADING = "@prefix rf: <https://w3id.org/rarefacts/vocab#> . rf:Phenotype rf:heading {} .\n"
MEANWHILE = {
    "as it is read, and back": (build_module, "check"),
    "after it was read": (build_module, "publishable"),
    "when all is made": (release_module, "note_draft"),
}


@pytest.mark.parametrize("when", MEANWHILE)
def test_an_ontology_that_is_saved_during_a_build(when: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next build makes all that follows from it, also where it was changed back before the build ended; and the first one says so."""
    own = place / "data" / "ontology" / "own.ttl"
    own.parent.mkdir()
    own.write_text(HEADING.format('"Another"@en'), encoding="utf-8")
    _build(place / "data", place)
    own.write_text(HEADING.format('"Before"@en'), encoding="utf-8")
    back, (module, name) = when.endswith("and back"), MEANWHILE[when]
    step = getattr(module, name)

    def saved(*args: Any, **options: Any) -> Any:
        own.write_text(HEADING.format('"Back"@en' if back else '"After"@en'), encoding="utf-8")
        done = step(*args, **options)
        own.write_text(HEADING.format('"Before"@en' if back else '"After"@en'), encoding="utf-8")
        return done

    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(module, name, saved)
        kg.build(place / "data", place / "release", say=said.append)
    assert [line.rpartition("; ")[2] for line in said] == ["build again"]
    said.clear()
    assert kg.build(place / "data", place / "release", say=said.append) and said == []
    _same_as_from_nothing(place)
    assert (b">Before<" if back else b">After<") in _page(place).read_bytes()
    assert _build(place / "data", place) == {}, "it is known what this one was made of"


@pytest.mark.parametrize("file", ["own.ttl", "alignments/own.ttl", "alignments/own.rq"])
def test_a_file_that_links_lead_to_decides(file: str, tmp_path: Path) -> None:
    """What is read of the ontology by way of linked folders decides a release as what lies in it does."""
    for name in ("data", "near", "far"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "ontology").symlink_to("../near")
    (tmp_path / "near" / "alignments").symlink_to("../far")
    own = tmp_path / "data" / "ontology" / file
    without = deciding(tmp_path / "data").contents
    own.write_text("one", encoding="utf-8")
    one = deciding(tmp_path / "data").contents
    own.write_text("two", encoding="utf-8")
    assert len({without, one, deciding(tmp_path / "data").contents}) == 3


def test_a_file_that_is_changed_meanwhile_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump that becomes shorter while parts are taken from it ends the build with a message, and no half of a part is published."""
    _apply(_edit("a qualifier"), place / "data")
    monkeypatch.setattr(Before, "as_left", lambda self, path: File(path, 0, ""))
    _anew(_dump(place), _dump(place).read_bytes()[:1_000])
    with pytest.raises(kg.KgError, match=r"cases\.trig of the release before is being changed; build again"):
        _build(place / "data", place)


def test_a_build_that_fails_leaves_the_notes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a build that was broken off, the next one makes what follows from the change."""
    edit = _edit("a qualifier")
    _apply(edit, place / "data")

    def full(path: Path, body: Bytes) -> tuple[int, str]:
        if path.name == "dataset.html":
            raise OSError(28, "No space left on device")
        return write(path, body)

    with monkeypatch.context() as broken:
        broken.setattr(release_module, "write", full)
        with pytest.raises(kg.KgError, match="No space left"):
            _build(place / "data", place)
    assert _build(place / "data", place) == edit["made"]
    _same_as_from_nothing(place)


def test_notes_that_cannot_be_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for the notes the release is in place all the same, and what changed is made again the next time."""
    edit = _edit("a qualifier")
    _apply(edit, place / "data")

    def full(old: Path, new: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(shutil, "move", full)
        assert _build(place / "data", place) == edit["made"]
    assert _build(place / "data", place) == edit["made"]
    _same_as_from_nothing(place)


def test_a_file_system_without_links(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be in two folders it is copied."""

    def refuse(old: str, new: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    _apply(_edit("a qualifier"), place / "data")
    assert _build(place / "data", place) == _edit("a qualifier")["made"]
    _same_as_from_nothing(place)


### What is noted as read


@pytest.fixture
def only_things(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases have the files of things only; what is made each time is left out."""
    monkeypatch.setattr(release_module, "PARTS", (documents, linksets, site))


def _read(place: Path) -> dict[tuple[str, str], bytes]:
    rows = sqlite3.connect(_notes(place)).execute("SELECT sort, name, reads FROM things").fetchall()
    return {(sort, name): reads for sort, name, reads in rows}


def _backwards(executor: Pool, work: Callable[[T], R], things: Sequence[T], batch: int = 1, many: int = 1) -> Iterator[R]:
    return reversed([work(thing) for thing in reversed(things)])


@pytest.mark.parametrize("mutated", [False, True])
def test_what_is_read_for_a_thing_does_not_depend_on_others(
    mutated: bool, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_things: None
) -> None:
    """Made one by one in another order, each thing has read the same: what is remembered, or was made with others, is noted as well.

    Where it is not, this sees it.
    """
    if mutated:
        monkeypatch.setattr(Remembered, "__call__", lambda self, thing: self._kept(thing)[0])
    _build(built / "data", tmp_path / "one")
    monkeypatch.setattr(Pool, "map", _backwards)
    monkeypatch.setattr(traces_module, "_TOGETHER", 1)
    _build(built / "data", tmp_path / "other")
    assert (_read(tmp_path / "one") == _read(tmp_path / "other")) is not mutated
    assert _files(tmp_path / "one") == _files(tmp_path / "other")


MISSED = {
    "sorted.nq": "where in a work",
    "labels of sorted.nq": "the name of a disease",
    "facts of sorted.nq": "a denied fact in a foreign",
    "names": "the name of a disease",
    "children": "a subtype more",
    "uses": "a record more",
}


@pytest.mark.parametrize("table", MISSED)
def test_a_read_that_is_not_noted_is_seen(
    table: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_things: None
) -> None:
    """Where reads of a table are not noted, a change is missed, and the comparison with a full build shows it."""
    note = Reads.note
    monkeypatch.setattr(Reads, "note", lambda self, of, entry: None if of == table else note(self, of, entry))
    shutil.copytree(built / "data", tmp_path / "data")
    _build(tmp_path / "data", tmp_path)
    _apply(_edit(MISSED[table]), tmp_path / "data")
    _build(tmp_path / "data", tmp_path)
    _build(tmp_path / "data", tmp_path / "full")
    assert _files(tmp_path) != _files(tmp_path / "full")


@pytest.mark.parametrize("noted", [True, False])
def test_the_examples_of_the_reference_follow(noted: bool, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a term got another label, the reference has it where an example of a part that did not change names the term.

    Where what is read for the examples of a part is not noted, this sees it.
    """
    monkeypatch.setattr(release_module, "PARTS", (reference,))
    monkeypatch.setattr(examples, "AT_ONCE", 1)
    if not noted:
        monkeypatch.setattr(Reads, "note", lambda self, of, entry: None)
    shutil.copytree(built / "data", tmp_path / "data")
    _build(tmp_path / "data", tmp_path)
    _apply(_edit("the label of a term"), tmp_path / "data")
    made = _build(tmp_path / "data", tmp_path)
    assert (made["examples"] > 1) is noted
    _build(tmp_path / "data", tmp_path / "full")
    assert (_files(tmp_path) == _files(tmp_path / "full")) is noted


def test_a_table_is_not_read_as_a_whole_while_a_thing_is_made() -> None:
    """Who makes one thing cannot ask for all entries of a table, of which nothing would be noted."""
    reads = Reads()
    reads.whole("any")
    with reads.noting(), pytest.raises(AssertionError, match="as a whole"):
        reads.whole("any")
