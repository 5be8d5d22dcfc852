"""The Mondo Disease Ontology (https://mondo.monarchinitiative.org): names, mappings, classification, genes, and what became of classes.

Mondo has 32,000 classes, of which half are rare diseases. Facts are given of those in its rare subsets, of their groups, and of the classes
that are an exact match of a disease of OMIM, Orphanet or GARD: what others say of these would not meet on one node without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kg.sources.mapping_sets import OBJECT, PREDICATE, SUBJECT, mapping_set, version
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Term, cited
from kg.sources.mondo_classes import CROSS_REFERENCE, RARE, Known, known_of, label_of, table
from kg.sources.opening import Row, rows
from kg.sources.sssom import REASONS as OF_MAPPINGS
from kg.sources.sssom import item

_CLASS = re.compile(r"MONDO:[0-9]{7}")
_CAUSE: Final = "RO:0004003"
"""Has material basis in germline mutation in (https://github.com/monarch-initiative/mondo, dosdp-patterns)."""
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **OF_MAPPINGS,
        "no-class": "it is no class of Mondo's own, nor a gene that an edge leads to",
        "no-hgnc": "the gene has no number of HGNC there, which alone names genes here",
        "not-rare": "the class is neither in a rare subset nor a group of such, and no exact match of a disease of OMIM, Orphanet or GARD",
        "obsolete": "the class is obsolete; its replacement, where it has one, has mappings of its own",
        "scope": "it says which classes are rare, which decides what is imported",
    }
)


def _classes(file: SourceFile, known: Known, work: str, reading: Reading) -> Iterator[Item]:
    for line, cells in table(file):
        curie, label = cells[0], label_of(cells)
        place = file.name, line, curie
        if curie in known.others and label:
            yield Item(*place, terms=(Term(reading.prefixes.recognise(curie) or curie, label, work),))
        elif not _CLASS.fullmatch(curie):
            yield Item(*place, lost="no-class", detail=label)
        elif not label:
            yield Item(*place, lost="no-value", detail="cls_label")
        elif known.obsolete(curie):
            yield Item(*place, terms=(Term(curie, label, work, obsolete=True),))
        elif curie not in known.wanted:
            yield Item(*place, lost="not-rare", detail=label)
        else:
            name = Fact(curie, "name", {"kind": "preferred", "name": label}, cited(work, curie))
            yield Item(*place, (name,), (Term(curie, label, work),))


def _obsoletes(file: SourceFile, work: str, reading: Reading) -> Iterator[Item]:
    """Each row by itself: of a class that was split, all replacements are kept, and all that may be meant."""
    seen: set[tuple[str, ...]] = set()
    for line, row in table(file):
        (curie, replacement, consider), place = row[:3], (file.name, line, row[0])
        if len(row) > 3:
            yield Item(*place, lost="broken-row")
        elif not _CLASS.fullmatch(curie):
            yield Item(*place, lost="no-class")
        elif tuple(row) in seen:
            yield Item(*place, lost="repeated")
        else:
            known = consider and reading.prefixes.expand(consider) is not None
            term = Term(curie, "", work, obsolete=True, replaced_by=replacement, consider=(consider,) if known else ())
            yield Item(*place, terms=(term,), notes=(Note("unknown-prefix", consider),) if consider and not known else ())
        seen.add(tuple(row))


def _edges(file: SourceFile, known: Known, work: str, reading: Reading) -> Iterator[Item]:
    for row in rows(file, "\t", ("subject", "object", "relation")):
        subject, relation, other = (row.cells.get(name, "") for name in ("subject", "relation", "object"))
        place = file.name, row.line, f"{subject} {relation} {other}"
        evidence = cited(work, f"{subject} {relation}")
        if row.broken:
            yield Item(*place, lost="broken-row")
        elif not _CLASS.fullmatch(subject):
            yield Item(*place, lost="no-class")
        elif obsolete := [each for each in (subject, other) if known.obsolete(each)]:
            yield Item(*place, lost="obsolete", detail=known.instead(obsolete[0]))
        elif relation == _CAUSE:
            gene = reading.prefixes.recognise(other) or other
            if gene.startswith("HGNC:"):
                yield Item(*place, (Fact(subject, "gene", {"role": "causal", "gene": gene}, evidence),))
            else:
                yield Item(*place, lost="no-hgnc", detail=other)
        elif relation != "rdfs:subClassOf":
            yield Item(*place, lost="no-kind", detail=relation)
        elif not _CLASS.fullmatch(other):
            yield Item(*place, lost="no-class")
        else:
            yield Item(*place, (Fact(subject, "classification", {"parent": other}, evidence),))


def _mappings(file: SourceFile, known: Known, work: str, reading: Reading) -> Iterator[Item]:
    found = mapping_set(file, reading.prefixes)
    for row in found.rows():
        reason, detail = _unwanted(row, known)
        if reason:
            what = " ".join(row.cells[slot] for slot in (SUBJECT, PREDICATE, OBJECT))
            yield Item(file.name, row.line, what, lost=reason, detail=detail)
            continue
        read = item(found, row, work)
        own = Note("label", known.labels.get(row.cells.get(SUBJECT, ""), ""))  # the name of the class, which is a fact of its own
        yield replace(read, notes=tuple(note for note in read.notes if note != own)) if own in read.notes else read


def _unwanted(row: Row, known: Known) -> tuple[str, str]:
    """The reason why a mapping is left out though it is one, and its detail; empty where it is not left out."""
    if row.broken:
        return "", ""
    subject = row.cells[SUBJECT]
    if known.obsolete(subject):
        return "obsolete", known.instead(subject)
    if subject not in known.wanted:
        return "not-rare", known.labels.get(subject, "")
    if row.cells[PREDICATE] == CROSS_REFERENCE and (subject, row.cells[OBJECT]) in known.matched:
        return "repeated", "it is a match as well"
    return "", ""


def _subsets(file: SourceFile) -> Iterator[Item]:
    for row in rows(file, "\t", ("id", "subset")):
        subset = row.cells.get("subset", "")
        reason = "broken-row" if row.broken else "scope" if subset in RARE else "no-kind"
        yield Item(file.name, row.line, row.cells.get("id", ""), lost=reason, detail=subset)


def _read(reading: Reading) -> Iterator[Item]:
    known = known_of(reading)
    files, works = reading.files, reading.works
    for file in files["classes"]:
        yield from _classes(file, known, works["classes"], reading)
    for file in files["obsoletes"]:
        yield from _obsoletes(file, works["obsoletes"], reading)
    for file in files["edges"]:
        yield from _edges(file, known, works["edges"], reading)
    for file in files["mappings"]:
        yield from _mappings(file, known, works["mappings"], reading)
    for file in files["subsets"]:
        yield from _subsets(file)


def _role(name: str, patterns: tuple[str, ...], what: str) -> Role:
    return Role(
        name,
        patterns,
        what,
        "mondo",
        "Mondo Disease Ontology, labels and SSSOM mappings",
        "Mondo Disease Ontology",
        "https://creativecommons.org/licenses/by/4.0/",
        "https://mondo.monarchinitiative.org",
        version=version if name == "mappings" else lambda _: None,
    )


MONDO: Final = Importer(
    "mondo",
    "Mondo Disease Ontology",
    (
        _role("mappings", ("*.sssom.tsv",), "the mappings in SSSOM, a file or several"),
        _role("classes", ("class-stats*.tsv",), "the classes with their labels"),
        _role("obsoletes", ("obsoletes*.tsv",), "the obsolete classes"),
        _role("subsets", ("mondo_subsets*.csv", "mondo_subsets*.tsv"), "which class is in which subset"),
        replace(
            _role("edges", ("mondo-rare_edges*.tsv",), "the edges of the rare subset"),
            work="mondo-rare",
            title="Mondo Disease Ontology, edges of the rare subset (mondo-rare.json)",
        ),
    ),
    _read,
    REASONS,
)
