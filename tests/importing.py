"""What the tests of importers share: a reading of files, its items as lines of text, and files that are spoilt in every way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from kg.ontology import Ontology
from kg.sources.model import COMMON_REASONS, Fact, Importer, Item, Reading, SourceFile

MANGLED = 120


def sources(*paths: Path) -> tuple[SourceFile, ...]:
    """Files of a source, by their own names."""
    return tuple(SourceFile(path, path.name) for path in paths)


def read(
    importer: Importer, files: Mapping[str, tuple[SourceFile, ...]], works: Mapping[str, str], ontology: Ontology | None = None
) -> list[Item]:
    """All items of a reading, whose reasons the importer has to know."""
    items = list(importer.read(Reading(files, works, ontology)))
    given = {item.lost for item in items if item.lost} | {note.reason for item in items for note in item.notes}
    assert given <= {*importer.reasons, *COMMON_REASONS}
    return items


def shown(items: Iterable[Item]) -> str:
    """Items as lines: where each stands, then its facts, terms, reason and notes, one a line."""
    out = []
    for item in items:
        out.append(f"{item.file}:{item.line} {item.what}")
        out += [f"    {_fact(fact)}" for fact in item.facts]
        for term in item.terms:
            out.append(f"    term {term.curie} {term.label!r}@{term.lang} of {term.work}{' obsolete' if term.obsolete else ''}")
        if item.lost:
            out.append(f"    lost {item.lost}: {item.detail}")
        out += [f"    note {note.reason}: {note.detail}" for note in item.notes]
    return "\n".join(out) + "\n"


def _fact(fact: Fact) -> str:
    says = "; ".join(f"{key}: {value if isinstance(value, str | bool) else ' '.join(value)}" for key, value in fact.says.items())
    lines = " | ".join(" ".join(f"{key}={value}" for key, value in line.items()) for line in fact.evidence)
    return f"{fact.about} {fact.kind} {says} <- {lines}"


def values(items: Iterable[Item]) -> set[str]:
    """Every text that facts and terms are made of."""
    found: set[str] = set()
    for item in items:
        for fact in item.facts:
            found.add(fact.about)
            for value in fact.says.values():
                found |= {str(value)} if isinstance(value, str | bool) else set(value)
            found |= {text for line in fact.evidence for text in line.values()}
        found |= {text for term in item.terms for text in (term.curie, term.label)}
    return found


def mangled(content: bytes, separator: str, seed: int = 20261125) -> Iterator[tuple[str, bytes]]:
    """A file, spoilt in ``MANGLED`` ways: cut, re-encoded, its columns and lines dropped, doubled and exchanged, its cells replaced."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ways: list[Callable[[random.Random, bytes, str], tuple[str, bytes]]] = [_cut, _recoded, _columns, _lines, _cell, _cell, _garbage]
    for number in range(MANGLED):
        what, spoilt = ways[number % len(ways)](chance, content, separator)
        yield f"{number} {what}", spoilt


def _cut(chance: random.Random, content: bytes, _: str) -> tuple[str, bytes]:
    at = chance.randrange(len(content))
    return f"cut after {at} bytes", content[:at]


def _recoded(chance: random.Random, content: bytes, _: str) -> tuple[str, bytes]:
    encoding = chance.choice(["utf-16", "latin-1", "utf-8-sig", "utf-32", "cp037"])
    text = content.decode() + ("\u00e9" if encoding in ("latin-1", "cp037") else "")
    return encoding, text.encode(encoding, errors="replace")


def _columns(chance: random.Random, content: bytes, separator: str) -> tuple[str, bytes]:
    table = [line.split(separator) for line in content.decode().split("\n")]
    width = max(map(len, table))
    one, other, sort = chance.randrange(width), chance.randrange(width), chance.choice(["drop", "double", "exchange", "rename"])
    for number, cells in enumerate(table):
        if len(cells) <= max(one, other):
            continue
        if sort == "drop":
            del cells[one]
        elif sort == "double":
            cells.insert(other, cells[one])
        elif sort == "exchange":
            cells[one], cells[other] = cells[other], cells[one]
        elif number == next(n for n, each in enumerate(table) if len(each) == width):
            cells[one] = "X" + cells[one]
    return f"{sort} column {one}, {other}", "\n".join(separator.join(cells) for cells in table).encode()


def _lines(chance: random.Random, content: bytes, _: str) -> tuple[str, bytes]:
    lines = content.decode().split("\n")
    one, other, sort = chance.randrange(len(lines)), chance.randrange(len(lines)), chance.choice(["drop", "double", "exchange", "join"])
    if sort == "drop":
        del lines[one]
    elif sort == "double":
        lines.insert(other, lines[one])
    elif sort == "exchange":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one : one + 2] = ["".join(lines[one : one + 2])]
    return f"{sort} line {one + 1}, {other + 1}", "\n".join(lines).encode()


def _cell(chance: random.Random, content: bytes, separator: str) -> tuple[str, bytes]:
    lines = content.decode().split("\n")
    line = chance.randrange(len(lines))
    cells = lines[line].split(separator)
    put = chance.choice(["no data", "", "-1", "NaN", "true", "1e400", "0", "[]", "HP:", ":", "x" * 3000, '"', "\u202e", "3/0", "\\N", "''"])
    at = chance.randrange(len(cells))
    cells[at] = put
    lines[line] = separator.join(cells)
    return f"line {line + 1}, cell {at + 1} is {put[:10]!r}", "\n".join(lines).encode()


def _garbage(chance: random.Random, content: bytes, _: str) -> tuple[str, bytes]:
    at = chance.randrange(len(content))
    put = chance.choice(
        [b"\x00", b"\xff\xfe", bytes(chance.randrange(256) for _ in range(20)), b"\x1f\x8b", b"\r", b"\t\t\t", b"{", b"\x1b[2J"]
    )
    return f"{put!r} at byte {at}", content[:at] + put + content[at:]
