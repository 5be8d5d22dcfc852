"""Broken copies of a source's files, seeded: cut off, in another encoding, with columns or keys that are gone, twice or elsewhere.

A reader may refuse such a copy with UnreadableError, or report what it lost; it may not fail otherwise, nor say what stands nowhere.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kg.errors import UnreadableError
from kg.sources.model import Fact, Item

ODD: tuple[Any, ...] = (
    None,
    True,
    7,
    -0.5,
    "",
    " ",
    "no data",
    "\u0000",
    "<b>&amp;</b>",
    [],
    {},
    [[]],
    {"value": None},
    ["no data"],
    "\u202e1",
)
GARBAGE = (b"\x00", b"\xff\xfe\xfd", b"\xc3\x28", b"\r", b'"', b"{", b"\t\t\t", b"\xed\xa0\x80")


def of_bytes(content: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Copies that are cut off, hold garbage, or are in another encoding."""
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    for share in (0, 0.3, 0.9):
        yield f"cut at {share}", content[: int(len(content) * share)]
    for piece in GARBAGE:
        place = chance.randrange(len(content) + 1)
        yield f"{piece!r} at {place}", content[:place] + piece + content[place:]
    text = content.decode("utf-8")
    yield "UTF-16", text.encode("utf-16")
    yield "Latin-1", (text + "\u00e9").encode("latin-1", errors="replace")
    yield "with a mark", b"\xef\xbb\xbf" + content
    yield "lines of Windows", content.replace(b"\n", b"\r\n")


def of_lines(content: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Copies with a line gone, twice, or in another place."""
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    lines = content.splitlines(keepends=True)
    for at in chance.sample(range(len(lines)), min(4, len(lines))):
        yield f"without line {at + 1}", b"".join(lines[:at] + lines[at + 1 :])
        yield f"line {at + 1} twice", b"".join([*lines[: at + 1], *lines[at:]])
    yield "lines shuffled", b"".join(chance.sample(lines, len(lines)))


def of_table(content: bytes, delimiter: str, seed: int) -> Iterator[tuple[str, bytes]]:
    """Copies of a table with a column gone, twice, or elsewhere, or with cells that hold something else."""
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), delimiter=delimiter))
    width = len(rows[0])

    def written(changed: Iterable[list[str]]) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(changed)
        return out.getvalue().encode("utf-8", errors="replace")

    for at in chance.sample(range(width), min(5, width)):
        yield f"without column {at + 1}", written([*row[:at], *row[at + 1 :]] for row in rows)
        yield f"column {at + 1} twice", written([*row[: at + 1], *row[at:]] for row in rows)
    order = chance.sample(range(width), width)
    yield "columns shuffled", written([row[at] for at in order] if len(row) == width else row for row in rows)
    yield "cells moved by one", written([rows[0], *([*row[1:], row[0]] for row in rows[1:])])
    for odd in ODD:
        row, at = chance.randrange(1, len(rows)), chance.randrange(width)
        changed = [list(each) for each in rows]
        changed[row][at : at + 1] = ["" if odd is None else str(odd)]
        yield f"{odd!r} in row {row + 1}, column {at + 1}", written(changed)


def of_json(content: bytes, seed: int, count: int = 40) -> Iterator[tuple[str, bytes]]:
    """Copies of a JSON document with a value of another type, or with a key that is gone, renamed, or stands twice."""
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    for number in range(count):
        document = json.loads(content)
        places = list(_places(document))
        holder, key = chance.choice(places)
        change = number % 6
        if change == 0:
            del holder[key]
        elif change == 1:
            holder[key] = [holder[key]]
        elif change == 2:
            holder[key] = {"Wrapped": holder[key]}
        elif change == 3 and isinstance(holder, dict):
            holder[f"{key}s"] = holder.pop(key)
        else:
            holder[key] = chance.choice(ODD)
        yield f"change {change} at {key!r}", json.dumps(document, ensure_ascii=False).encode()
    yield "a key twice", content.replace(b"{", b'{"Twice": 1, "Twice": 2, ', 1)
    yield "deep", b'{"Deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    yield "a long number", b'{"Long": ' + b"9" * 5_000 + b"}"
    yield "half a character", content.replace(b'": "', b'": "\\ud800', 1)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def invented(read: Callable[[], Iterable[Item]], honest: Iterable[Item], texts: Iterable[bytes]) -> tuple[list[str], int]:
    """Values that a broken copy brings up although they stand in none of ``texts``, and how many facts it has; none if it is refused.

    A value may come from the file itself, or by a word of the importer that a whole file brings up as well.
    """
    try:
        facts = [fact for item in read() for fact in item.facts]
    except UnreadableError:
        return [], 0
    known = {value for item in honest for fact in item.facts for value in _values(fact)}
    text = "\n".join(each.decode("utf-8", errors="replace") for each in texts)
    values = {value for fact in facts for value in _values(fact)} - known
    return sorted(value for value in values if value not in text and (value.partition(":")[2] or value) not in text), len(facts)


def _values(fact: Fact) -> Iterator[str]:
    yield fact.about
    for value in fact.says.values():
        yield from [value] if isinstance(value, str) else [] if isinstance(value, bool) else value
    for line in fact.evidence:
        yield from (line["source"], line.get("via", ""))
