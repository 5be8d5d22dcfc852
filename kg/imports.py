"""The imports of a dataset: the graphs beside the records that ``kg import`` wrote, read as streams of statements, each node by itself."""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg import vocabulary as v
from kg.errors import Place, UnreadableError, reading_problem
from kg.files import sha256
from kg.quads import Quads
from kg.terms import subject_of, value_of

FOLDER: Final = "imports"
GRAPH, REPORT, RECORD = ".nq.gz", ".report.tsv", ".yaml"
_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]+>'
_LITERAL: Final = rf'"(?:[^"\\\n\r]|\\["\\bfnrt]|\\u[0-9A-F]{{4}}|\\U[0-9A-F]{{8}})*"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^{_IRI})?'
_LINE: Final = re.compile(rf"({_IRI}) ({_IRI}) ({_IRI}|{_LITERAL}) {_IRI} \.\n")
"""A quad of N-Quads without blank nodes, as serializers write it: what the import of a stranger may not smuggle past has no other form."""


@dataclass(frozen=True, slots=True)
class Import:
    """A graph of imported facts: its name, its file, how messages call it, and whether it stays out of releases.

    ``works`` are those that it was made of, as N-Triples writes them: its record names them, and is published in any case.
    """

    name: str
    path: Path
    shown: str
    private: bool = False
    works: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Node:
    """A node of an import and its statements, all terms as N-Triples writes them; ``line`` is that of the first."""

    iri: str
    pairs: list[tuple[str, str]]
    line: int


def graph_of(base: str, name: str) -> str:
    """The name of the graph that an import is, in the dataset with that base IRI."""
    return f"{base}graph/import/{name}"


def find_imports(quads: Quads, graphs: Mapping[str, tuple[Path, str]]) -> list[Import]:
    """The imports that records describe, with their graphs: file and shown name by name of the import.

    Raises UnreadableError where a record has no graph or a graph no record, or where the two do not belong together.
    """
    sums = {subject_of(q): value_of(q).value for q in quads.saying(v.GRAPH_CHECKSUM)}
    checksums = {v.local_name(record.value): checksum for record, checksum in sums.items()}
    private, works = set(), defaultdict[str, set[str]](set)
    for quad in quads.saying(v.CHECKING_ONLY, v.CITED) if sums else ():
        name = v.local_name(subject_of(quad).value)
        if quad.predicate == v.CHECKING_ONLY:
            private.add(name)
        elif quad.subject in sums:
            works[name].add(str(quad.object))
    problems = []
    found = []
    for name in sorted({*checksums, *graphs}):
        path, shown = graphs.get(name, (Path(), f"{FOLDER}/{name}{GRAPH}"))
        if name not in graphs or name not in checksums:
            message = "is missing, though its record is there" if name not in graphs else "has no record beside it that names its checksum"
            problems.append(reading_problem(Place(shown), "import-incomplete", f"{message}; import the source again"))
        elif sha256(path, shown) != checksums[name]:
            message = "is not the graph that its record names: one was changed, or an import was interrupted; import the source again"
            problems.append(reading_problem(Place(shown), "import-changed", message))
        else:
            found.append(Import(name, path, shown, name in private, frozenset(works[name])))
    if problems:
        raise UnreadableError(problems)
    return found


def nodes(found: Import) -> Iterator[Node]:
    """The nodes of an import in the order of its file. Raises UnreadableError where it is not what its record says."""
    node, number = Node("", [], 0), 0
    try:
        with gzip.open(found.path, "rt", encoding="utf-8", newline="\n") as file:
            for number, match in enumerate(map(_LINE.fullmatch, file), 1):
                if match is None:
                    problem = reading_problem(Place(found.shown, number), "import-changed", "is no quad as kg import writes it")
                    raise UnreadableError([problem])
                subject, predicate, value = match.groups()
                if subject != node.iri:
                    if node.pairs:
                        yield node
                    node = Node(subject, [], number)
                node.pairs.append((predicate, value))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UnreadableError([reading_problem(Place(found.shown, number + 1), "unreadable", f"cannot be read on: {error}")]) from None
    if node.pairs:
        yield node
