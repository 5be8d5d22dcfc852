"""What the files of Mondo say of its classes as a whole: which are wanted, which are obsolete and what stands in their place.

It has to be known before the first row is read, since a row about a class is used or not by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.sources.mapping_sets import OBJECT, PREDICATE, SUBJECT, mapping_set
from kg.sources.model import Reading, SourceFile
from kg.sources.opening import lines, refuse, rows

CROSS_REFERENCE: Final = "oboInOwl:hasDbXref"
_EXACT: Final = "skos:exactMatch"
RARE: Final = ("rare", "doid_rare")
"""Subsets of rare diseases: by Mondo, and by the slim of the Disease Ontology, of which a hundred are not in Mondo's."""
_DESCRIBED: Final = ("OMIM", "OMIMPS", "Orphanet", "GARD")
"""Vocabularies, by Mondo's prefixes, whose diseases other sources describe; 2,000 exact matches of OMIM's are in no rare subset."""
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@[A-Za-z-]+)?')
"""A literal as SPARQL's TSV writes it (https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of classes, by CURIE.

    ``wanted`` are those that facts are given of; ``replaced`` has the replacements of each obsolete one, ``consider`` the
    classes that may be meant instead; ``matched`` the pairs of a mapping that is more than a cross reference; ``others`` the IRIs of
    what else the edges lead to, such as genes.
    """

    wanted: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, set[str]] = field(default_factory=dict)
    consider: dict[str, set[str]] = field(default_factory=dict)
    matched: set[tuple[str, str]] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    def obsolete(self, curie: str) -> bool:
        """Whether a class is obsolete, by the table of those or by its label."""
        return curie in self.replaced or self.labels.get(curie, "").startswith("obsolete ")

    def instead(self, curie: str) -> str:
        """What stands in place of an obsolete class, in words; empty where nothing does."""
        if self.replaced.get(curie):
            return f"replaced by {', '.join(sorted(self.replaced[curie]))}"
        return f"consider {', '.join(sorted(self.consider[curie]))}" if curie in self.consider else ""


def known_of(reading: Reading) -> Known:
    """What the files of a reading say of classes. Raises UnreadableError."""
    known = Known()
    for file in reading.files["classes"]:
        known.labels.update((cells[0], label_of(cells)) for _, cells in table(file))
    for file in reading.files["obsoletes"]:
        for _, (curie, replacement, consider, *more) in table(file):
            if more:
                continue
            known.replaced.setdefault(curie, set()).update([replacement] if replacement else [])
            if consider:
                known.consider.setdefault(curie, set()).add(consider)
    for file in reading.files["subsets"]:
        subsets = rows(file, "\t", ("id", "subset"))
        known.wanted.update(row.cells["id"] for row in subsets if not row.broken and row.cells["subset"] in RARE)
    for file in reading.files["edges"]:
        for row in rows(file, "\t", ("subject", "object", "relation")):
            if not row.broken:
                known.wanted.update((row.cells["subject"], row.cells["object"]))
                known.others.update([row.cells["object"]] if "://" in row.cells["object"] else [])
    for file in reading.files["mappings"]:
        _matches(file, reading, known)
    return known


def _matches(file: SourceFile, reading: Reading, known: Known) -> None:
    for row in mapping_set(file, reading.prefixes).rows():
        if row.broken or row.cells[PREDICATE] == CROSS_REFERENCE:
            continue
        subject, other = row.cells[SUBJECT], row.cells[OBJECT]
        known.matched.add((subject, other))
        if row.cells[PREDICATE] == _EXACT and other.partition(":")[0] in _DESCRIBED:
            known.wanted.add(subject)


def table(file: SourceFile) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row below the header of a table that SPARQL made, whose rows may end with their last value.

    There are at least three cells; the first is a CURIE or an IRI. Raises UnreadableError.
    """
    header = True
    for number, text in lines(file):
        cells = [cell.strip() for cell in text.split("\t")]
        if header and cells[0] != "cls":
            refuse(file.name, "no-column", "has no first column cls; is it another file, or a newer form of it?", number)
        if not header and text.strip():
            yield number, cells + [""] * (3 - len(cells))
        header = False
    if header:
        refuse(file.name, "no-column", "is empty; get the file again")


def label_of(cells: list[str]) -> str:
    """The text of the second cell; empty where it is no literal."""
    found = _TEXT.fullmatch(cells[1])
    return re.sub(r"\\(.)", r"\1", found[1]) if found else ""
