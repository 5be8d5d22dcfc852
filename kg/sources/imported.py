"""An import on disk: the graph of its facts, the report of what it lost, and the record that describes both.

``imports/SOURCE.nq.gz`` has the facts in one named graph, ``imports/SOURCE.report.tsv`` what became no fact and why, and
``imports/SOURCE.yaml`` is the record of the import, which is written last: a graph that is not the one it names is not read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from kg.errors import counted
from kg.sources.gathering import Reported, Subject, Tally

_HEADER = "outcome\treason\tfile\tline\twhat\tdetail"


def write_graph(path: Path, graph: str, subjects: Iterable[Subject]) -> str:
    """Write nodes as compressed N-Quads, the same bytes each time; returns the SHA-256 of the file, in hexadecimal."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
        for subject in subjects:
            packed.write("".join(f"{subject.iri} {predicate} {value} <{graph}> .\n" for predicate, value in subject.pairs).encode())
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_report(file: IO[str]) -> Callable[[Reported], None]:
    """Write what is reported, a line each, as it comes."""
    file.write(_HEADER + "\n")

    def cell(text: str) -> str:
        return " ".join(text.split())

    def report(item: Reported) -> None:
        said = [("lost", item.lost, item.detail)] if item.lost else []
        said += [("left out", note.reason, note.detail) for note in item.notes]
        for outcome, reason, detail in said:
            file.write(f"{outcome}\t{reason}\t{item.file}\t{item.line or ''}\t{cell(item.what)}\t{cell(detail)}\n")

    return report


def write_end(file: IO[str], tally: Tally, reasons: Mapping[str, str]) -> None:
    """The arithmetic of the report, and a sentence for each reason that was given."""
    file.writelines(f"# {line}\n" for line in arithmetic(tally))
    for reason in sorted({*tally.lost, *tally.notes}):
        file.write(f"# {reason}: {reasons[reason]}\n")


def arithmetic(tally: Tally) -> list[str]:
    """Items in = items that became facts or terms + items reported; facts stated = facts written + facts said again."""
    tally.check()
    again = tally.stated - tally.facts
    return [
        f"{counted(tally.items, 'item', ',')} = {tally.used:,} that became facts or terms + {tally.lost.total():,} reported as lost",
        f"{counted(tally.stated, 'fact', ',')} stated = {counted(tally.facts, 'fact', ',')} of {counted(tally.diseases, 'disease', ',')}"
        f" + {again:,} said again by the source",
        *(f"lost, {reason}: {count:,}" for reason, count in sorted(tally.lost.items())),
        *(f"left out of a fact, {reason}: {count:,}" for reason, count in sorted(tally.notes.items())),
    ]


def record(name: str, importer: str, works: Mapping[str, str], read: Iterable[str], checksum: str, tally: Tally, private: bool) -> str:
    """The record of an import, as YAML."""
    lines = [
        "# Written by kg import; import again rather than change it.",
        f"import: {name}",
        f"importer: {json.dumps(importer)}",
        f"sources: [{', '.join(dict.fromkeys(works.values()))}]",
        "fileRead:",
        *(f"  - {json.dumps(each, ensure_ascii=False)}" for each in read),
        f"graphChecksum: {json.dumps(checksum)}",
        f"itemsRead: {tally.items}",
        f"itemsLost: {tally.lost.total()}",
        f"factsStated: {tally.stated}",
        f"factsWritten: {tally.facts}",
        *(["forCheckingOnly: true"] if private else []),
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Changes:
    """How many facts a new import adds to an older one, says otherwise (such as with other evidence), and no longer has."""

    added: int
    changed: int
    removed: int


def changes(old: Path, new: Path) -> Changes:
    """Compare two graphs of one source, fact by fact."""
    before, after = _facts(old), _facts(new)
    added = changed = removed = 0
    one, two = next(before, None), next(after, None)
    while one or two:
        if two is None or (one is not None and one[0] < two[0]):
            removed, one = removed + 1, next(before, None)
        elif one is None or two[0] < one[0]:
            added, two = added + 1, next(after, None)
        else:
            changed += one[1] != two[1]
            one, two = next(before, None), next(after, None)
    return Changes(added, changed, removed)


def _facts(path: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Disease and name of each fact of a graph, in its order, with a hash over all that is said of it."""
    key: tuple[str, str] | None = None
    said = hashlib.sha256()
    with cast("IO[bytes]", gzip.open(path, "rb")) as file:
        for raw in file:
            line = raw.decode()
            node, _, _ = line.partition("> ")
            disease, hash_, name = node.rpartition("#")
            if not hash_:
                continue
            found = (disease, name.partition(".")[0])
            if found != key:
                if key is not None:
                    yield key, said.hexdigest()
                key, said = found, hashlib.sha256()
            said.update(raw)
    if key is not None:
        yield key, said.hexdigest()
