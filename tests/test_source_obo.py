"""The reader of OBO files: each clause of the hand-written file as it should be read, and what it says of lines that it cannot read."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import UnreadableError
from kg.sources import obo
from kg.sources.model import SourceFile
from kg.sources.obo import Broken, Clause, Frame, frames, release
from tests.conftest import ROOT

FILE = ROOT / "tests" / "sources" / "obo" / "frames.obo"
REAL = {"doid/DO_rare_slim.obo": (3_460, "2026-07-31"), "treatment/maxo-base.obo": (1_967, "2024-07-29")}


def _read(path: Path) -> list[Frame]:
    return list(frames(SourceFile(path, path.name)))


def _written(path: Path, text: str) -> SourceFile:
    path.write_text(text, encoding="utf-8", newline="")
    return SourceFile(path, path.name)


CLAUSES = [
    Clause(9, "name", 'disease {of} many "signs" ! and more'),
    Clause(10, "def", 'It says "so", with a \\ and a colon:.', references=("url:https://example.org/a", "PMID:1")),
    Clause(*(11, "synonym", 'short "one"', "", "EXACT", "OMO:0003012"), references=("XX:2", "PMID:3"), qualifiers=(("remark", "by hand"),)),
    Clause(12, "synonym", "wide", scope="BROAD"),
    Clause(13, "xref", "SNOMEDCT_US_2025_09_01:1234567", qualifiers=(("source", "a"),)),
    Clause(14, "xref", "http://example.org/not-a-curie"),
    Clause(15, "property_value", "MIM:PS100001", "skos:exactMatch"),
    Clause(16, "property_value", "XX:0000009", "skos:closeMatch"),
    Clause(17, "is_a", "XX:0000002", qualifiers=(("source", "XX:3"),)),
    Clause(18, "relationship", "XX:0000003", "part_of"),
    Clause(19, "alt_id", "XX:0000008"),
]


def test_each_clause_has_its_value_and_its_line() -> None:
    """Escapes are undone, comments are dropped, lists and qualifiers are kept, and comment lines do not shift the numbers of lines."""
    first = _read(FILE)[0]
    assert (first.sort, first.line, first.id, first.broken) == ("Term", 6, "XX:0000001", ())
    assert list(first.clauses) == CLAUSES


def test_a_broken_line_costs_itself_alone() -> None:
    """Of a frame with lines that cannot be read the others are kept, and each broken line is told with its number and the reason."""
    frame = _read(FILE)[1]
    assert [each.line for each in frame.broken] == [24, 25]
    assert frame.broken[0] == Broken(24, 'synonym: "without its end EXACT []', "expected QuotedString, at column 10")
    assert [(each.line, each.value) for each in frame.clauses] == [
        (23, "one with a broken line"),
        (26, "2020-99-99"),
        (27, "a second name"),
        (28, "true"),
        (29, "XX:0000001"),
    ]
    assert frame.obsolete


def test_other_frames_and_lost_heads() -> None:
    """A Typedef or Instance is named; where head or identifier is lost or unreadable, no line is taken for another entry's."""
    rest = _read(FILE)[2:]
    assert [(frame.sort, frame.line, frame.id, len(frame.clauses), [each.line for each in frame.broken]) for frame in rest] == [
        ("Typedef", 31, "part_of", 0, []),
        ("Instance", 35, "XX:0000005", 0, []),
        ("", 38, "", 0, [38, 39, 40]),
        ("", 42, "", 0, [42, 43]),
        ("Term", 45, "XX:0000007", 1, []),
        ("", 48, "", 0, [48, 49]),
        ("", 51, "", 0, [51, 52, 53]),
    ]
    assert rest[4].first("name") == "seven"


def test_the_day_of_the_release(tmp_path: Path) -> None:
    """The version is the date in data-version, and nothing where the header has none; a frame's text is never taken for it."""
    assert release(SourceFile(FILE, FILE.name)) == "2026-01-31"
    assert release(_written(tmp_path / "a.obo", "data-version: 1.7\n")) is None
    assert release(_written(tmp_path / "b.obo", "ontology: x\n[Term]\ndata-version: 2020-01-01\n")) is None


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "no-frame"),
        (b"disease_id\tname\nX\ty\n", "no-frame"),
        (b"[Term]\nname: x\n", "no-frame"),
        ("[Term]\nid: X:1\nname: é\n".encode("latin-1"), "encoding"),
        ("[Term]\nid: X:1\n".encode("utf-16"), "encoding"),
        (b"[Term]\nid: X:1\nname: a\x00b\n", "encoding"),
        (b"[Term]\nid: X:1\n" + b"xref: a:1\n" * 120_000, "too-large"),
    ],
)
def test_what_is_no_obo_file(tmp_path: Path, content: bytes, rule: str) -> None:
    """A file without entries, in another encoding, or with an entry that is none by its size is refused as a whole."""
    path = tmp_path / "x.obo"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=rf"x\.obo(.|\n)*\[{rule}\]"):
        _read(path)


def test_a_clause_whose_frame_lost_its_head_and_identifier(tmp_path: Path) -> None:
    """Clauses among the lines of the header are no header: they are told as lines that stand in no entry."""
    first = _read(_written(tmp_path / "x.obo", "format-version: 1.2\nname: lost\nxref: X:2\n\n[Term]\nid: X:1\n").path)[0]
    assert first == Frame("", 2, "", (), (Broken(2, "name: lost", "stands in no entry"), Broken(3, "xref: X:2", "stands in no entry")))


def test_what_ends_lines_makes_no_difference(tmp_path: Path) -> None:
    """A byte order mark, line ends of Windows, and blanks at the ends of lines change nothing of what is read."""
    text = FILE.read_text(encoding="utf-8")
    made = _written(tmp_path / "x.obo", "\ufeff" + text.replace("\n", "  \r\n"))
    assert [replace(frame, broken=()) for frame in _read(made.path)] == [replace(frame, broken=()) for frame in _read(FILE)]


ODD = ["\\", '"', "{", "}", "[", "]", ":", "!", ",", " ", "\t", "\r", "\u2028", "\x85", "\\W", '{a="b"', "id: X:1", "EXACT", "\u202e", "é"]


def test_hostile_lines_end_in_no_crash(tmp_path: Path) -> None:
    """Each of 3,000 spoilt lines is read or told as broken; none ends the process, raises anything else, or changes its neighbours."""
    chance = random.Random(11)  # noqa: S311 - no secret
    lines = FILE.read_text(encoding="utf-8").splitlines()[8:19]
    entries = []
    for number in range(3_000):
        spoilt = list(chance.choice(lines))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(4, len(spoilt))
            spoilt[at : at + chance.randint(0, 3)] = chance.choice([chance.choice(ODD), chance.choice(ODD) * 40])
        entries.append(f"[Term]\nid: X:{number}\n{''.join(spoilt)}\ncomment: behind\n\n")
    read = _read(_written(tmp_path / "x.obo", "".join(entries)).path)
    assert [frame.id for frame in read] == [f"X:{number}" for number in range(3_000)]
    assert {len(frame.clauses) + len(frame.broken) for frame in read} == {2}
    assert all((frame.clauses[-1].tag, frame.clauses[-1].line) == ("comment", frame.line + 3) for frame in read)
    assert 500 < sum(bool(frame.broken) for frame in read) < 2_500


def test_a_panic_of_the_library_is_a_broken_line() -> None:
    """What fastobo's Rust code gives up at, which is none of Python's exceptions, is told like any other mistake."""
    told = obo._parsed([(1, "id: X:1"), (2, "! the reader never lets such a line through, and fastobo panics at it")])
    assert told == "internal error: entered unreachable code"


@pytest.mark.parametrize("name", REAL)
def test_the_real_files(real_data: Path, name: str) -> None:
    """Every line of a Term of the real files is a clause, none is broken, and each value is what a plain reading of its line has."""
    path = real_data / name
    found = _read(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert (len(found), release(SourceFile(path, path.name))) == REAL[name]
    assert not any(frame.broken for frame in found)
    terms = [frame for frame in found if frame.sort == "Term"]
    header = next(number for number, line in enumerate(lines) if line.startswith("["))
    typedefs = next((number for number, line in enumerate(lines) if line == "[Typedef]"), len(lines))
    told = sum(bool(line) and not line.startswith(("[", "id:")) for line in lines[header:typedefs])
    assert sum(len(frame.clauses) for frame in terms) == told
    for clause in random.Random(3).sample([clause for frame in terms for clause in frame.clauses], 300):  # noqa: S311 (a choice for a test, no secret)
        line = re.sub(r"\\(.)", r"\1", lines[clause.line - 1])
        assert line.startswith(f"{clause.tag}: ")
        assert clause.value in line
        assert clause.relation in line
        assert clause.scope in line
        assert all(each in line for each in clause.references)
