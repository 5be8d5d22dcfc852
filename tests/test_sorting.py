"""What does not fit into memory is written in the same bytes as what does: sorted lines, subjects from a file, graphs as JSON-LD."""

from __future__ import annotations

import gc
import io
import json
import os
from collections import Counter
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

import kg
from kg.context import Context
from kg.cuts import document_of, parts_of
from kg.dataset import read_dataset
from kg.graph import follow, store_of
from kg.indented import in_pieces, indented
from kg.jsonld_graphs import write_dataset
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.parallel import HERE
from kg.publish.content import Content, with_lines
from kg.publish.place import place_at
from kg.publish.release import write_release
from kg.quads import Quads
from kg.ranges import Unsorted, sorted_ranges
from kg.reads import Reads
from kg.scratch import PREFIX, Scratch
from kg.serialize import named_in, to_bytes
from kg.sorting import lines_within, once, sorted_lines
from kg.spans import _first
from kg.subjects import Subjects
from kg.vocabulary import DISEASE, RDF_SUBJECT, RDF_TYPE

BASE = "https://example.org/"
_JSON = st.recursive(
    st.text() | st.booleans() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def _lines(quads: list[Quad]) -> list[bytes]:
    return sorted(set(to_bytes(quads, RdfFormat.N_QUADS).splitlines(keepends=True)))


@given(st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"") + b"\n")), st.integers(1, 40))
def test_lines_in_parts_are_sorted_as_a_whole(lines: list[bytes], most: int) -> None:
    """Sorted in parts on disk, whatever their size, lines come out as sorted in memory."""
    assert list(sorted_lines(lines, most)) == sorted(lines)
    assert list(once(sorted_lines(lines, most))) == sorted(set(lines))


def test_what_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary folder ends with whoever uses it; one that a kill left ends with the next that is made, one in use does not."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    held, left = Scratch(), tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "sorted.nq").write_text("", encoding="utf-8")
    others = tmp_path / "else"
    others.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(others)
    longer = tmp_path / f"{PREFIX}2-left"  # of a machine whose name goes on: what holds its folders is not seen here
    longer.mkdir()
    for path in (held.path, left, others, longer):
        os.utime(path, (0, 0))
    last = Scratch()
    assert {path.name for path in tmp_path.iterdir()} == {held.path.name, last.path.name, "else", f"{PREFIX}link", longer.name}
    name = last.path.name
    del last
    gc.collect()
    assert name not in {path.name for path in tmp_path.iterdir()}


@given(st.lists(st.sampled_from(["<a:x>", "<b:y/z> ", '"<a: <<c:#x"', " .\n", "d:"])))
def test_namespaces_are_found_wherever_they_are_named(words: list[str]) -> None:
    """A namespace is found wherever something that begins with it stands in angle brackets, and nowhere else."""
    text, namespaces = "".join(words).encode(), {"a": "a:", "b": "b:y/", "c": "c:#", "d": "d:", "x": "x"}
    assert named_in(text, namespaces) == {start for start in (f"<{each}".encode() for each in namespaces.values()) if start in text}


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=20), max_size=4),
    st.integers(100, 2_000),
    st.integers(0, 9),
)
def test_files_are_sorted_range_by_range(files: list[list[tuple[int, int]]], size: int, start: int) -> None:
    """Whatever their number and size, files become the sorted lines of all, each once, and no subject is in two ranges."""
    scratch = Scratch()
    unsorted, wanted = [], set()
    for number, statements in enumerate(files):
        lines = [f"<{BASE}{subject}> <{BASE}p> <{BASE}{value}>" for subject, value in statements]
        path = scratch.path / f"unsorted-{number}"
        path.write_text("".join(f"{line} .\n" for line in lines), encoding="utf-8")
        unsorted.append(Unsorted(path, f" <{BASE}g{number}> .\n".encode()))
        wanted |= {f"{line} <{BASE}g{number}> .\n".encode() for line in lines}
        assert lines_within(path, 0, start) + lines_within(path, start, path.stat().st_size) == path.read_bytes()
    found = list(sorted_ranges(unsorted, scratch.path, HERE, list[bytes], size))
    assert [line for _, lines in found for line in lines] == sorted(wanted)
    assert b"".join(path.read_bytes() for path, _ in found) == b"".join(sorted(wanted))
    subjects = [line.split(b" ")[0] for _, lines in found for line in {line.split(b" ")[0]: line for line in lines}.values()]
    assert len(subjects) == len(set(subjects))


@given(_JSON)
def test_json_is_written_as_the_standard_library_writes_it(value: object) -> None:
    """Indented JSON has the same bytes as that of ``json.dumps``."""
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=2)


@given(st.dictionaries(st.text(), _JSON))
def test_json_in_pieces_is_the_same(value: dict[str, object]) -> None:
    """The pieces of an object are the text of it."""
    assert "".join(in_pieces(value)) == indented(value)


@pytest.mark.parametrize("size", [10**3, 10**4, 10**9])
def test_subjects_are_read_from_their_file(size: int) -> None:
    """Of every subject there are its triples in the union of the graphs, each once; facts are found wherever they are named."""
    quads = [
        Quad(NamedNode(f"{BASE}disease/X{end}"), RDF_TYPE, DISEASE, NamedNode(BASE + graph)) for end in ("", "1", "#b") for graph in "gh"
    ]
    quads += [Quad(NamedNode(f"{BASE}more/{n}"), RDF_TYPE, NamedNode(f"{BASE}{m}"), NamedNode(BASE)) for n in range(300) for m in range(5)]
    facts = [NamedNode(BASE + name) for name in ("disease/X#a", "disease/X1#a", "import/7", "disease/X#c")]
    about = NamedNode(BASE + "disease/X")
    quads += [Quad(fact, RDF_SUBJECT, about, NamedNode(BASE + "g")) for fact in facts]
    expected: dict[NamedNode, list[Triple]] = {}
    for triple in sorted({quad.triple for quad in quads}, key=str):
        assert isinstance(triple.subject, NamedNode)
        expected.setdefault(triple.subject, []).append(triple)
    scratch = Scratch()
    path = scratch.path / "unsorted.nq"
    path.write_bytes(b"".join(reversed(_lines(quads))))
    found = Subjects(scratch, "sorted.nq", [Unsorted(path)], Reads(), [DISEASE], size=size)
    assert dict(found.items()) == expected
    assert len(found) == len(expected)
    assert {node: found.get(node) for node in expected} == expected
    assert found.get(NamedNode(BASE + "nothing")) is None
    lines = _lines(quads)
    assert {node: found.text(str(node).encode()) for node in expected} == {
        node: b"".join(line for line in lines if line.startswith(f"{node} ".encode())) for node in expected
    }
    assert found.text(f"<{BASE}nothing>".encode()) == b""
    parts = found.parts(10**4)
    assert len(parts) > 2
    assert b"".join(map(found.read, parts)) == b"".join(lines)
    assert [each for part in parts for each in found.within(part).items()] == [*found.items()]
    assert [found.first(part) for part in parts] == [found.read(part).split(b" ")[0] for part in parts]
    others = [f"<{BASE}{name}> <{BASE}p> <{BASE}o> <{BASE}g> .\n".encode() for name in ("a", "import/7", "more/100", "zz")]
    assert b"".join(with_lines(found, others)) == b"".join(sorted(lines + others))
    assert found.facts(about) == sorted(facts, key=str)
    assert found.of_type(DISEASE) == [NamedNode(f"{BASE}disease/X{end}") for end in ("#b", "1", "")]


@pytest.mark.parametrize("size", [10**3, 10**5])
def test_a_change_moves_few_cuts(size: int) -> None:
    """After a document more, less, or longer, nearly all parts are those of before, wherever they stand; none ends within a document."""
    documents = [f"<{BASE}disease/X{number:04d}{end}>".encode() for number in range(2_000) for end in ("#a", "#b", "")]
    documents.sort()

    def parts(lengths: dict[bytes, int]) -> set[tuple[bytes, ...]]:
        firsts = [each for each in documents if lengths[each]]
        starts = [0, *accumulate(lengths[each] for each in firsts)]
        found = parts_of(firsts, starts, size)
        assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]] and (found[0][0], found[-1][1]) == (0, starts[-1])
        its = [tuple(each for each, at in zip(firsts, starts, strict=False) if start <= at < end) for start, end in found]
        assert not any(document_of(one[-1]) == document_of(other[0]) for one, other in pairwise(its))
        return set(its)

    lengths = {each: 50 + crc32(each) % 500 for each in documents}
    before = parts(lengths)
    changes = {number: (documents[number], length) for number, length in ((17, 0), (2_500, 10_000), (2_501, 51), (5_998, 1))}
    for document, length in changes.values():
        assert len(parts({**lengths, document: length}) - before) <= 4 < len(before)


def test_a_chain_of_documents_is_followed_once() -> None:
    """To find the first of each of many documents that hold the next takes a few steps for each, not as many as there are before it."""
    asked = Counter[object]()

    class Joined(dict[tuple[bytes, bytes], bytes]):
        def __getitem__(self, key: tuple[bytes, bytes]) -> bytes:
            asked["steps"] += 1
            return super().__getitem__(key)

    names = [b"%04d" % number for number in range(1_000)]
    joined = Joined({(b"g", one): other for one, other in pairwise(names)})
    assert {_first(joined, b"g", name) for name in names} == {names[-1]}
    assert (_first(joined, b"h", names[0]), _first(joined, b"g", b"x")) == (names[0], b"x")
    assert asked["steps"] < 5 * len(names)


@pytest.mark.parametrize("size", [0, 300, 5_000])
def test_a_large_graph_is_written_like_a_small_one(release: kg.Release, size: int) -> None:
    """JSON-LD has the same bytes whether a graph is written from memory or part by part, also where documents hold nodes of others."""
    ontology = Ontology.load(ontology_folders())
    base = release.manifest["base"]
    lines = release.dump("nq").read_bytes().splitlines(keepends=True)
    graph = NamedNode(base + "graph/import")
    for line in release.dump("nq").read_bytes().splitlines():
        if b"/disease/" in line.split(b" ")[0] and b"/graph/disease/" in line:
            moved = line.rpartition(b" <")[0] + f" {graph} .\n".encode()
            lines.append(moved.replace(b"#", b"-", 1) if moved.startswith(b"<" + f"{base}disease/MONDO_0010626#".encode()) else moved)
    whole, parts = io.BytesIO(), io.BytesIO()
    scratch = Scratch()
    path = scratch.path / "ordered.nq"
    ordered = sorted(lines, key=lambda line: (line.split(b" ")[-2], line))
    path.write_bytes(b"".join(ordered))
    context = Context(ontology, base)
    write_dataset(path, context, whole, scratch, HERE, 10**9)
    write_dataset(path, context, parts, scratch, HERE, size)
    assert parts.getvalue() == whole.getvalue()
    assert whole.getvalue().count(b'"evidence"') > 800
    assert json.loads(whole.getvalue())


def test_a_prefix_that_is_a_scheme_is_left_out() -> None:
    """Where an IRI begins with a prefix as its scheme, the context goes without that prefix; a text that looks so changes nothing."""
    ontology = Ontology.load(ontology_folders())
    node = NamedNode(BASE + "x")
    contexts = []
    for value in (NamedNode("HP:1"), Literal("<HP:1>")):
        scratch, stream = Scratch(), io.BytesIO()
        path = scratch.path / "one.nq"
        path.write_bytes(b"".join(_lines([Quad(node, NamedNode(BASE + "p"), value, node)])))
        write_dataset(path, Context(ontology, BASE), stream, scratch, HERE)
        contexts.append(json.loads(stream.getvalue())["@context"])
    assert "HP" not in contexts[0]
    assert "HP" in contexts[1]


def test_a_release_of_a_store_is_that_of_the_records(release: kg.Release, data: Path, tmp_path: Path) -> None:
    """A store into which everything was loaded, and what follows from it derived there, gives the release that the records give.

    The records that are in the store need not be in memory.
    """
    dataset = read_dataset(data, str(data))
    store = store_of([*dataset.ontology.quads(), *dataset.quads])
    follow(dataset, store)
    diseases = dataset.base + "graph/disease/"
    head = replace(dataset, quads=Quads(quad for quad in dataset.quads if not str(quad.graph_name).startswith(f"<{diseases}")))
    assert len(head.quads) < len(dataset.quads) / 2
    with place_at(tmp_path / "release", data) as place:
        made = write_release(Content(head, store, filled=True), place)
    assert made.manifest == release.manifest


def test_dumps_of_many_parts_are_those_of_one(release: kg.Release, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the statements are cut into parts, every file of a release has the bytes that it has where they are one."""
    whole, asked = Subjects.parts, []

    def parts(subjects: Subjects, _: int) -> list[tuple[int, int]]:
        asked.append(whole(subjects, 2**15))
        return asked[-1]

    monkeypatch.setattr(Subjects, "parts", parts)
    assert kg.build(data, tmp_path / "release").manifest == release.manifest
    assert min(map(len, asked)) > 5
