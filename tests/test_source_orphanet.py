"""Orphanet's packets and table: each entry a fact or a reason, on files written by hand and on the real ones."""

from __future__ import annotations

import io
import random
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from kg.errors import UnreadableError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.model import COMMON_REASONS, Fact, Item, Reading, SourceFile
from kg.sources.orphanet import ORPHANET
from kg.sources.statements import Stating
from tests.conftest import ROOT
from tests.importing import mangled, shown, spoilt_json

HERE = ROOT / "tests" / "sources" / "orphanet"
TABLE = HERE / "orphanet_epidemiology.csv"
MEMBERS = {path.name: path.read_bytes() for path in sorted((HERE / "packets").glob("*.json"))}
WORKS = {"packets": "orphapackets-2099-01", "epidemiology": "orphanet-epidemiology-2098-07"}
PACKETS_ROLE, TABLE_ROLE = ORPHANET.roles


def _archive(folder: Path, members: Mapping[str, bytes]) -> SourceFile:
    """The members as an archive, as Orphanet packs them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(f"json/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return _file(folder, "orphapacket.tar.gz", out.getvalue())


def _file(folder: Path, name: str, content: bytes) -> SourceFile:
    path = folder / name
    path.write_bytes(content)
    return SourceFile(path, name)


def _items(packets: SourceFile, table: SourceFile | None = None) -> Iterator[Item]:
    files = {"packets": (packets,)} | ({"epidemiology": (table,)} if table else {})
    return ORPHANET.read(Reading(files, WORKS))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[SourceFile, SourceFile]:
    """The files that were written by hand, as Orphanet would hand them out."""
    folder = tmp_path_factory.mktemp("orphanet")
    return _archive(folder, MEMBERS), SourceFile(TABLE, TABLE.name)


# files written by hand


def test_each_entry_becomes_what_is_written_beside_it(written: tuple[SourceFile, SourceFile]) -> None:
    """Each entry of the packets and each row of the table is the facts, terms and notes, or the loss, that stand in items.txt."""
    assert shown(_items(*written)) == (HERE / "items.txt").read_text(encoding="utf-8")


def test_the_table_may_be_missing(written: tuple[SourceFile, SourceFile]) -> None:
    """Without the table the items of the packets are the same."""
    items = list(_items(written[0]))
    assert items and items == [item for item in _items(*written) if item.file != TABLE.name]


def test_files_say_their_month(written: tuple[SourceFile, SourceFile]) -> None:
    """The version of a file is the month that it says itself, and none where it says none."""
    assert [role.version(file) for role, file in zip(ORPHANET.roles, written, strict=True)] == ["2099-01", "2098-07"]


def test_a_file_without_a_month_has_no_version(tmp_path: Path) -> None:
    """A date of another form, or a packet that cannot be read, gives no version rather than a wrong one."""
    undated = b'{"Orphapacket": {"ORPHAcode": "9990001", "creationDate": "yesterday"}}'
    assert [PACKETS_ROLE.version(_archive(tmp_path, {"a.json": content})) for content in (undated, b"{", b"[]")] == [None] * 3
    assert PACKETS_ROLE.version(_archive(tmp_path, {})) is None
    header = TABLE.read_bytes().splitlines(keepends=True)[0]
    assert TABLE_ROLE.version(_file(tmp_path, "empty.csv", header)) is None


def test_every_reason_is_given(written: tuple[SourceFile, SourceFile]) -> None:
    """Each reason of the importer's own is met by an entry written by hand, and none but its own and the common ones are given."""
    given = {reason for item in _items(*written) for reason in (item.lost, *(note.reason for note in item.notes)) if reason}
    assert given >= set(ORPHANET.reasons)
    assert given <= set(ORPHANET.reasons) | set(COMMON_REASONS)


def test_what_it_says_fits_the_ontology(written: tuple[SourceFile, SourceFile]) -> None:
    """Every fact and term is in the words of the ontology, and every identifier of a vocabulary that it knows."""
    stating = Stating(Ontology.load(ontology_folders()), "https://example.org/", "en")
    stated = [stating.fact(fact).line() for item in _items(*written) for fact in item.facts]
    terms = [stating.term(term) for item in _items(*written) for term in item.terms]
    assert (len(stated), len(set(stated)), len(terms)) == (39, 39, 6)


def test_an_archive_without_packets_is_refused(tmp_path: Path) -> None:
    """An archive in which no packet can be read is another file, or a newer form: the import ends."""
    with pytest.raises(UnreadableError, match="no ORPHApacket"):
        list(_items(_archive(tmp_path, {"a.json": b"{}", "b.txt": b"text"})))


# broken copies


def _invented(read: Callable[[], Iterable[Item]], honest: Iterable[Item], texts: Iterable[bytes]) -> tuple[list[str], int]:
    """Values that a broken copy brings up although they stand in none of ``texts``, and how many facts it has; none if it is refused.

    A value may come from the file itself, or by a word of the importer that a whole file brings up as well.
    """
    try:
        facts = [fact for item in read() for fact in item.facts]
    except UnreadableError:
        return [], 0
    known = {value for item in honest for fact in item.facts for value in _values(fact)}
    text = "\n".join(each.decode("utf-8", errors="replace") for each in texts)
    found = {value for fact in facts for value in _values(fact)} - known
    return sorted(value for value in found if value not in text and (value.partition(":")[2] or value) not in text), len(facts)


def _values(fact: Fact) -> Iterator[str]:
    yield fact.about
    for value in fact.says.values():
        yield from [value] if isinstance(value, str) else [] if isinstance(value, bool) else value
    for line in fact.evidence:
        yield from (line["source"], line.get("via", ""))


def _broken() -> Iterator[tuple[str, dict[str, bytes], bytes | None]]:
    """Names, members of the archive, and the table, of copies that are broken in one place."""
    for seed, (name, content) in enumerate(MEMBERS.items()):
        for what, changed in (*mangled(content, ": ", 21, seed * 21), *(spoilt_json(content, seed) if seed < 4 else ())):
            yield f"{name}: {what}", MEMBERS | {name: changed}, None
    table = TABLE.read_bytes()
    for what, changed in mangled(table, ","):
        yield f"{TABLE.name}: {what}", MEMBERS, changed


def test_broken_copies_invent_nothing(tmp_path: Path, written: tuple[SourceFile, SourceFile]) -> None:
    """A broken copy is refused, or read with its losses reported; it brings up no value that stands neither in it nor in the whole one."""
    honest = list(_items(*written))
    counts = Counter[bool]()
    for name, members, changed in _broken():
        packets = _archive(tmp_path, members)
        table = _file(tmp_path, "table.csv", changed if changed is not None else TABLE.read_bytes())
        texts = [*members.values(), (tmp_path / "table.csv").read_bytes()]
        found, facts = _invented(lambda packets=packets, table=table: _items(packets, table), honest, texts)  # type: ignore[misc]
        assert found == [], name
        counts[facts > 0] += 1
    assert counts[True] > 200 and counts[False] > 10


def test_broken_archives_are_refused(tmp_path: Path, written: tuple[SourceFile, SourceFile]) -> None:
    """An archive that is cut off or damaged ends the import with UnreadableError, or gives facts of the whole one and no other."""
    honest = list(_items(written[0]))
    whole = written[0].path.read_bytes()
    chance = random.Random(11)  # noqa: S311 - no secret hangs on it
    for _ in range(60):
        place = chance.randrange(len(whole))
        for changed in (
            whole[:place],
            whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :],
            whole[:place] + b"\x00" * 40 + whole[place:],
        ):
            file = _file(tmp_path, "broken.tar.gz", changed)
            assert _invented(lambda file=file: _items(file), honest, [])[0] == []  # type: ignore[misc]
