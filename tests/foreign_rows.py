"""What tests of importers of tables share: items as text, items as a graph with what follows from it, and spoilt files."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse

from kg.graph import construct, rules
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.gathering import Reported, Tally, gathered
from kg.sources.model import Fact, Importer, Item, Reading
from kg.sources.statements import Stating
from kg.sources.works import by_role, reading, work_nodes

BASE = "https://example.org/rare/"


def reading_of(importer: Importer, paths: Iterable[Path], version: str = "") -> Reading:
    """Files of an importer as a run of it gets them; the version is given for the first role, if at all."""
    return reading(importer, by_role(importer, list(paths)), {importer.roles[0].name: version} if version else {})


def shown(items: Iterable[Item]) -> str:
    """Items as text: where and what, then each fact with its evidence, each term, what is lost, and each note on a line of its own."""
    lines = []
    for item in items:
        lines.append(f"{item.file}:{item.line} {item.what}")
        for fact in item.facts:
            lines.append(f"    {fact.about} {fact.kind} {json.dumps(fact.says, ensure_ascii=False)}")
            lines += [f"        {json.dumps(line, ensure_ascii=False)}" for line in fact.evidence]
        lines += [f"    term {term.curie} {term.label} ({term.work})" for term in item.terms]
        lines += [f"    lost, {item.lost}: {item.detail}"] if item.lost else []
        lines += [f"    left out, {note.reason}: {note.detail}" for note in item.notes]
    return "".join(f"{' ⏎ '.join(line.splitlines())}\n" for line in lines)


def written(importer: Importer, plan: Reading) -> tuple[Tally, list[Reported], Store]:
    """An import as it would be written, without files: its arithmetic, its report, and a store of its graph beside the ontology."""
    ontology = Ontology.load(ontology_folders())
    stating, tally, reports = Stating(ontology, BASE, "en"), Tally(), list[Reported]()
    subjects = gathered(importer.read(plan), work_nodes(importer, plan, stating), stating, importer, tally, reports.append)
    text = "".join(f"{subject.iri} {predicate} {value} .\n" for subject in subjects for predicate, value in subject.pairs)
    store = Store()
    store.extend(parse(text.encode(), RdfFormat.N_TRIPLES))
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in ontology.triples)
    tally.check()
    return tally, reports, store


def direct(store: Store) -> list[Triple]:
    """The plain triples that the rule for accepted facts derives."""
    folders = ontology_folders()
    return construct(store, "direct", rules(folders)["direct"], Ontology.load(folders))


def facts_of(items: Iterable[Item]) -> list[tuple[str, str, str, str]]:
    """Facts to compare: disease, kind, what is said, evidence."""
    return [(fact.about, fact.kind, _text(fact.says), _text(fact.evidence)) for item in items for fact in item.facts]


def value_of(fact: Fact) -> str:
    """The main value of a fact, as one finds it in a table: without its prefix."""
    value = str(next(fact.says[key] for key in ("name", "to", "gene", "mode") if key in fact.says))
    return value if fact.kind == "name" else value.partition(":")[2]


def spoilt(content: bytes, seed: int) -> tuple[str, bytes]:
    """A table of comma-separated values with one thing wrong in it, and what that is; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    table = list(csv.reader(io.StringIO(content.decode())))
    row, column = chance.randrange(len(table)), chance.randrange(len(max(table, key=len)))
    at = chance.randrange(len(content))

    def with_cell(text: str) -> bytes:
        changed = [list(cells) for cells in table]
        changed[row][column % max(len(changed[row]), 1) : column % max(len(changed[row]), 1) + 1] = [text]
        return _csv(changed)

    order = chance.sample(range(len(max(table, key=len))), len(max(table, key=len)))
    ways = {
        "cut off": content[:at],
        "a byte more": content[:at] + bytes([chance.randrange(256)]) + content[at:],
        "a byte else": content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :],
        "a quote more": content[:at] + b'"' + content[at:],
        "a NUL": content[:at] + b"\x00" + content[at:],
        "no row": _csv(table[:row] + table[row + 1 :]),
        "a row twice": _csv(table[: row + 1] + table[row:]),
        "rows in another order": _csv([*table[:1], *chance.sample(table[1:], len(table) - 1)]),
        "no column": _csv([cells[:column] + cells[column + 1 :] for cells in table]),
        "a column twice": _csv([cells[: column + 1] + cells[column:] for cells in table]),
        "columns in another order": _csv([[cells[each] for each in order if each < len(cells)] for cells in table]),
        "a cell less": _csv([cells[:column] + cells[column + 1 :] if each == row else cells for each, cells in enumerate(table)]),
        "no data": with_cell("no data"),
        "an empty cell": with_cell(""),
        "a number": with_cell("-1.5e3"),
        "another cell": with_cell(chance.choice(chance.choice([cells for cells in table if cells]))),
        "a long cell": with_cell("x" * 5000),
        "UTF-16": content.decode().encode("utf-16"),
        "Latin-1": (content.decode() + "\né").encode("latin-1", "replace"),
        "semicolons": content.replace(b",", b";"),
        "a mark, and ends of lines": b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"),
    }
    how = sorted(ways)[seed % len(ways)]
    return how, ways[how]


def _csv(table: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue().encode()


def _text(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
