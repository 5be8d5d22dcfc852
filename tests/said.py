"""What importers say, as lines that a case file can hold, and tables that are damaged in ways a seed decides."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from kg.sources.model import Fact, Item, Term


def said(items: Iterable[Item]) -> list[str]:
    """A line for each fact, term, reason and note of each item, headed by where the item stands."""
    return [f"{item.file}:{item.line} {text}" for item in items for text in _of(item)]


def _of(item: Item) -> Iterator[str]:
    yield from map(_fact, item.facts)
    yield from map(_term, item.terms)
    if item.lost:
        yield f"LOST {item.lost} | {item.what} | {item.detail}"
    yield from (f"NOTE {note.reason} | {note.detail}" for note in item.notes)


def _fact(fact: Fact) -> str:
    says = " ".join(f"{key}={value}" for key, value in fact.says.items())
    lines = (" ".join(f"{key}={value}" for key, value in line.items()) for line in fact.evidence)
    return f"FACT {fact.about} {fact.kind} | {says} | {' ; '.join(lines)}"


def _term(term: Term) -> str:
    return f"TERM {term.curie} | {term.label} | {'obsolete ' if term.obsolete else ''}{term.replaced_by} | {term.work}"


def damaged(content: bytes, seed: int) -> bytes:
    """A table of text, damaged: cut, a row or a column lost, doubled or moved, another encoding, cells of no sense, bytes of no meaning."""
    chance = random.Random(seed)  # noqa: S311
    lines = content.split(b"\n")
    rows = [number for number, line in enumerate(lines) if b"\t" in line]
    at, other = chance.choice(rows), chance.choice(rows)
    column = chance.randrange(lines[rows[0]].count(b"\t") + 1)

    def by_column(line: bytes, change: int) -> bytes:
        cells = line.split(b"\t")
        if column >= len(cells):
            return line
        changed = [[], [cells[column]] * 2, [b"no data"], [b""], [b"42"], [b'"'], [b"{}"], [b"MONDO:1"]][change]
        return b"\t".join([*cells[:column], *changed, *cells[column + 1 :]])

    match seed % 14:
        case 0:
            return content[: chance.randrange(len(content))]
        case 1:
            return b"\n".join(line for number, line in enumerate(lines) if number != at)
        case 2:
            return b"\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])
        case 3:
            lines[at], lines[other] = lines[other], lines[at]
            return b"\n".join(lines)
        case 4 | 5:
            return b"\n".join(by_column(line, seed % 14 - 4) if number in rows else line for number, line in enumerate(lines))
        case 6:
            return b"\n".join(b"\t".join(reversed(line.split(b"\t"))) if number in rows else line for number, line in enumerate(lines))
        case 7:
            return content.decode().encode("utf-16")
        case 8:
            return content.decode().encode("latin-1", "replace")
        case 9:
            place = chance.randrange(len(content))
            return content[:place] + chance.randbytes(8) + content[place:]
        case 10:
            return content.replace(b"\n", b"\r\n")
        case 11:
            return content.replace(b"\t", b",")
        case 12:
            return b"\n".join(line for line in lines if not line.startswith(b"#"))
        case _:
            lines[at] = by_column(lines[at], 2 + chance.randrange(6))
            return b"\n".join(lines)
