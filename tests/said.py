"""What importers say, as lines that a case file can hold, and tables that are damaged in ways a seed decides."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from kg.sources.model import Fact, Item, Term

Damage = Callable[[bytes, random.Random], bytes]


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
    standing = ["obsolete"] if term.obsolete else []
    standing += [term.replaced_by] if term.replaced_by else []
    standing += [f"consider {each}" for each in term.consider]
    return f"TERM {term.curie} | {term.label} | {' '.join(standing)} | {term.work}"


def damaged(content: bytes, seed: int) -> bytes:
    """A table of text, damaged: cut, a row or a column lost, doubled or moved, another encoding, cells of no sense, bytes of no meaning."""
    return DAMAGES[seed % len(DAMAGES)](content, random.Random(seed))  # noqa: S311


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _noise(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + chance.randbytes(8) + content[place:]


def _row(change: Callable[[bytes], list[bytes]]) -> Damage:
    """A row of the table, or its header, changed."""

    def damage(content: bytes, chance: random.Random) -> bytes:
        lines = content.split(b"\n")
        at = chance.choice([number for number, line in enumerate(lines) if b"\t" in line])
        return b"\n".join([*lines[:at], *change(lines[at]), *lines[at + 1 :]])

    return damage


def _column(change: Callable[[bytes], list[bytes]], only_one: bool = False) -> Damage:
    """A column of the whole table changed, or only one of its cells."""

    def damage(content: bytes, chance: random.Random) -> bytes:
        lines = content.split(b"\n")
        rows = [number for number, line in enumerate(lines) if b"\t" in line]
        column = chance.randrange(lines[rows[0]].count(b"\t") + 1)
        for number in [chance.choice(rows)] if only_one else rows:
            cells = lines[number].split(b"\t")
            lines[number] = b"\t".join([*cells[:column], *(change(cells[column]) if column < len(cells) else []), *cells[column + 1 :]])
        return b"\n".join(lines)

    return damage


def _swapped(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _reversed(content: bytes, _: random.Random) -> bytes:
    return b"\n".join(b"\t".join(reversed(line.split(b"\t"))) for line in content.split(b"\n"))


DAMAGES: tuple[Damage, ...] = (
    _cut,
    _noise,
    _swapped,
    _reversed,
    _row(lambda _: []),
    _row(lambda line: [line, line]),
    _column(lambda _: []),
    _column(lambda cell: [cell, cell]),
    *(_column(lambda _, value=value: [value], True) for value in (b"no data", b"", b"42", b'"', b"{}", b"MONDO:1")),  # type: ignore[misc]
    lambda content, _: content.decode().encode("utf-16"),
    lambda content, _: content.decode().encode("latin-1", "replace"),
    lambda content, _: content.replace(b"\n", b"\r\n"),
    lambda content, _: content.replace(b"\t", b","),
    lambda content, _: b"\n".join(line for line in content.split(b"\n") if not line.startswith(b"#")),
)
