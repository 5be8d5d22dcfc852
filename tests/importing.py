"""What the tests of importers share: a reading of files, its items as text, what is written of it, and files that are spoilt."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse

from kg.graph import construct, queries
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.gathering import Reported, Tally, gathered
from kg.sources.model import COMMON_REASONS, Fact, Importer, Item, Reading, SourceFile, Term
from kg.sources.statements import Stating
from kg.sources.works import by_role, reading, work_nodes

MANGLED = 120
_BASE = "https://example.org/rare/"
Table = list[list[str]]


@cache
def shipped() -> Ontology:
    """The ontology of the project."""
    return Ontology.load(ontology_folders())


# --- reading ---


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


def reading_of(importer: Importer, paths: Iterable[Path], version: str = "") -> Reading:
    """Files of an importer as a run of it gets them, by their names; the version is given for the first role, if at all."""
    return reading(importer, by_role(importer, list(paths)), {importer.roles[0].name: version} if version else {}, shipped())


def written(importer: Importer, plan: Reading) -> tuple[Tally, list[Reported], Store]:
    """An import as it would be written, without files: its arithmetic, its report, and a store of its graph beside the ontology."""
    stating, tally, reports = Stating(shipped(), _BASE, "en"), Tally(), list[Reported]()
    subjects = gathered(importer.read(plan), work_nodes(importer, plan, stating), stating, importer, tally, reports.append)
    text = "".join(f"{subject.iri} {predicate} {value} .\n" for subject in subjects for predicate, value in subject.pairs)
    store = Store()
    store.extend(parse(text.encode(), RdfFormat.N_TRIPLES))
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in shipped().triples)
    tally.check()
    return tally, reports, store


def direct(store: Store) -> list[Triple]:
    """The plain triples that the rule for accepted facts derives."""
    return construct(store, "direct", queries(ontology_folders(), "rules")["direct"], shipped())


# --- showing and comparing ---


def shown(items: Iterable[Item]) -> str:
    """Items as lines: where each stands, then its facts, terms, reason and notes, one a line."""
    out = []
    for item in items:
        out.append(f"{item.file}:{item.line} {item.what}")
        out += [f"    {_fact(fact)}" for fact in item.facts]
        out += [f"    {_term(term)}" for term in item.terms]
        out += [f"    lost {item.lost}: {item.detail}"] if item.lost else []
        out += [f"    note {note.reason}: {note.detail}" for note in item.notes]
    return "".join(f"{' ⏎ '.join(line.splitlines())}\n" for line in out)


def _fact(fact: Fact) -> str:
    says = "; ".join(f"{key}: {value if isinstance(value, str | bool) else ' '.join(value)}" for key, value in fact.says.items())
    lines = " | ".join(" ".join(f"{key}={value}" for key, value in line.items()) for line in fact.evidence)
    return f"{fact.about} {fact.kind} {says} <- {lines}"


def _term(term: Term) -> str:
    instead = [f"for {term.replaced_by}"] if term.replaced_by else []
    standing = [*(["obsolete"] if term.obsolete else []), *instead, *(f"consider {each}" for each in term.consider)]
    return " ".join(["term", term.curie, f"{term.label!r}@{term.lang}", "of", term.work, *standing])


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


def value_of(fact: Fact) -> str:
    """The main value of a fact, as one finds it in a table: without its prefix."""
    value = str(next(fact.says[key] for key in ("name", "to", "gene", "mode") if key in fact.says))
    return value if fact.kind == "name" else value.partition(":")[2]


# --- spoiling ---


def mangled(content: bytes, separator: str, count: int = MANGLED, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """A file, spoilt in so many ways."""
    for seed in range(first, first + count):
        what, changed = spoilt(content, separator, seed)
        yield f"{seed} {what}", changed


def spoilt(content: bytes, separator: str, seed: int) -> tuple[str, bytes]:
    """A file of rows with one thing wrong in it, and what that is; the same for the same seed.

    It is cut, re-encoded, sown with bytes of no meaning, or columns, lines and cells of it are gone, twice, elsewhere, or something else.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    what, way = _WAYS[seed % len(_WAYS)]
    return what, way(chance, content, separator)


def spoilt_json(content: bytes, seed: int, count: int = 40) -> Iterator[tuple[str, bytes]]:
    """A JSON document with a value of another type, or with a key that is gone, renamed, or stands twice."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        document = json.loads(content)
        holder, key = chance.choice(list(_places(document)))
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
            holder[key] = chance.choice([None, True, 7, -0.5, [], {}, [[]], {"value": None}, ["no data"], *_ODD])
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


_ODD: Sequence[str] = (
    *("no data", "", " ", "-1", "-1.5e3", "NaN", "true", "1e400", "0", "42", "[]", "{}", "HP:", "MONDO:1", ":", "x" * 5000, '"', "''"),
    *("\u202e1", "3/0", "\\N", "<b>&amp;</b>"),
)
_GARBAGE = (b"\x00", b"\xff\xfe\xfd", b"\xc3\x28", b"\xed\xa0\x80", b"\x1f\x8b", b"\r", b"\t\t\t", b"{", b'"', b"\x1b[2J")
_Way = Callable[[random.Random, bytes, str], bytes]


def _sown(chance: random.Random, content: bytes, _: str) -> bytes:
    at = chance.randrange(len(content))
    put = chance.choice([*_GARBAGE, chance.randbytes(20)])
    return content[:at] + put + content[at + chance.choice([0, 1]) :]


def _recoded(chance: random.Random, content: bytes, _: str) -> bytes:
    encoding = chance.choice(["utf-16", "latin-1", "utf-32", "cp037"])
    return (content.decode() + "\n\u00e9").encode(encoding, errors="replace")


def _rows(change: Callable[[random.Random, Table], Table]) -> _Way:
    """A change of rows; where commas part cells, these may stand between quotes."""

    def way(chance: random.Random, content: bytes, separator: str) -> bytes:
        text = content.decode()
        if separator != ",":
            return "\n".join(
                separator.join(cells) for cells in change(chance, [line.split(separator) for line in text.split("\n")])
            ).encode()
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(change(chance, list(csv.reader(io.StringIO(text)))))
        return out.getvalue().encode()

    return way


def _line(change: Callable[[list[str], list[str]], Table]) -> Callable[[random.Random, Table], Table]:
    """A change of two rows that follow each other."""

    def of(chance: random.Random, table: Table) -> Table:
        at = chance.randrange(len(table) - 1)
        return [*table[:at], *change(table[at], table[at + 1]), *table[at + 2 :]]

    return of


def _column(change: Callable[[list[str], int, int], list[str]], only_one: bool = False) -> Callable[[random.Random, Table], Table]:
    """A change of a column, or of two, in each row that has them, or in one of these."""

    def of(chance: random.Random, table: Table) -> Table:
        width = max(map(len, table))
        one, other = chance.randrange(width), chance.randrange(width)
        wide = [number for number, cells in enumerate(table) if len(cells) > max(one, other)]
        chosen = {chance.choice(wide)} if only_one else set(wide)
        return [change(list(cells), one, other) if number in chosen else cells for number, cells in enumerate(table)]

    return of


def _exchanged(cells: list[str], one: int, other: int) -> list[str]:
    cells[one], cells[other] = cells[other], cells[one]
    return cells


def _renamed(chance: random.Random, table: Table) -> Table:
    """The header, which is the first of the longest rows, with another name."""
    header = next(cells for cells in table if len(cells) == max(map(len, table)))
    at = chance.randrange(len(header))
    return [[*cells[:at], f"X{cells[at]}", *cells[at + 1 :]] if cells is header else cells for cells in table]


def _cell(chance: random.Random, table: Table) -> Table:
    put = chance.choice([*_ODD, chance.choice(chance.choice([cells for cells in table if cells]))])
    return _column(lambda cells, one, _: [*cells[:one], put, *cells[one + 1 :]], only_one=True)(chance, table)


_WAYS: Sequence[tuple[str, _Way]] = (
    ("cut", lambda chance, content, _: content[: chance.randrange(len(content))]),
    ("sown", _sown),
    ("another cell", _rows(_cell)),
    ("recoded", _recoded),
    ("no column", _rows(_column(lambda cells, one, _: [*cells[:one], *cells[one + 1 :]]))),
    ("a column twice", _rows(_column(lambda cells, one, _: [*cells[: one + 1], *cells[one:]]))),
    ("columns exchanged", _rows(_column(_exchanged))),
    ("a column renamed", _rows(_renamed)),
    ("columns turned round", _rows(lambda _, table: [cells[::-1] for cells in table])),
    ("cells moved by one", _rows(lambda _, table: [table[0], *([*cells[1:], *cells[:1]] for cells in table[1:])])),
    ("a cell less", _rows(_column(lambda cells, one, _: [*cells[:one], *cells[one + 1 :]], only_one=True))),
    ("another cell", _rows(_cell)),
    ("no line", _rows(_line(lambda one, other: [other]))),
    ("a line twice", _rows(_line(lambda one, other: [one, one, other]))),
    ("lines exchanged", _rows(_line(lambda one, other: [other, one]))),
    ("lines joined", _rows(_line(lambda one, other: [[*one, *other]]))),
    ("lines in another order", _rows(lambda chance, table: [*table[:1], *chance.sample(table[1:], len(table) - 1)])),
    ("another cell", _rows(_cell)),
    ("a mark, and ends of lines", lambda _, content, separator: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")),
    ("another separator", lambda _, content, separator: content.replace(separator.encode(), b";")),
    ("no comments", lambda _, content, separator: b"\n".join(line for line in content.split(b"\n") if not line.startswith(b"#"))),
)
