"""GARD's list of rare diseases, with its mappings and genes: mostly Orphanet's content, and OMIM's where Orphanet has none.

The entry that GARD rests on (``SourceID``) is a mapping like the others: ``GARD_xrefs.csv`` has it, with its relation. Relations are those
of the GARD entry to the other one: NTBT, narrower to broader, is a broad match; BTNT a narrow match. NA says nothing of how close the two
are, ND that it is not decided yet; both are cross references. So is what several entries call their exact match, but for the one that rests
on it. Numbers of the Disease Ontology have lost their leading zeros, and where an entry had several they were run together and cut at their
thousands: such pieces are no identifiers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.sources.columns import COLUMN_REASONS, Columns
from kg.sources.gard_genes import GENE_REASONS, GENES, gene_item
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, cited
from kg.sources.opening import Row, rows

_ELSEWHERE = "column-said-elsewhere"
_DISEASES: Final = Columns(
    ("GardID", "SourceID", "Name", "Synonym"),
    {
        "DataSource": (_ELSEWHERE, "the vocabulary of the entry that GARD rests on, which GARD_xrefs.csv has"),
        "ClassificationLevel": ("column-no-kind", "whether it is a disorder, a subtype or a group, in Orphanet's classification"),
        "DisorderType": ("column-no-kind", "the type of the disorder, in Orphanet's classification"),
    },
)
_XREFS: Final = Columns(("GardID", "XrefSource", "SourceID", "MapRelationship"), {})
_RELATIONS: Final = {"Exact": "exactMatch", "NTBT": "broadMatch", "BTNT": "narrowMatch", "NA": "crossReference", "ND": "crossReference"}
_PREFIXES: Final = {
    "Orphanet": "ORPHA",
    "OMIM": "OMIM",
    "UMLS": "UMLS",
    "MeSH": "MESH",
    "MedDRA": "MEDDRA",
    "ICD-10": "ICD10",
    "ICD-10-CM": "ICD10CM",
    "SNOMED-CT": "SCTID",
    "DiseaseOntology": "DOID",
    "GeneticsHomeReference": "GHR",
}
_MARKS: Final = "+*"
_GHR_PAGE: Final = "https://medlineplus.gov/genetics/condition/"
# Of GARD's numbers, those from 50000 on have seven digits in Mondo's mappings to the Disease Ontology (2026-08-04), and no others.
_DOID_PADDED_FROM: Final = 50000
_GARD = re.compile(r"GARD:0*([1-9][0-9]*)")
_REASONS: Final = {
    **COLUMN_REASONS,
    **GENE_REASONS,
    "broken-number": "the number is a piece of several that were run together and cut at their thousands",
    "dagger-asterisk": "the dagger or asterisk of ICD-10 tells how a code is used beside another one, and is no part of the code",
    "exact-of-several": "several entries call it their exact match, which only one can be; a cross reference, but for one that rests on it",
    "of-omim": "its names are OMIM's titles, which are not ours to hand on; the number is kept as a mapping",
    "no-relation": "GARD rests on this entry, but its mappings do not say how close the two are",
}


def _items(reading: Reading, role: str, columns: Columns) -> Iterator[tuple[SourceFile, Row, str, str] | Item]:
    """Of each row its file, itself, its disease, and how GARD writes that; or an item, for columns and for rows without a disease."""
    for file in reading.files[role]:
        told = False
        for row in rows(file, ",", columns.read):
            if row.broken:
                yield Item(file.name, row.line, " ".join(row.cells.values())[:80], lost="broken-row", detail=f"{len(row.cells)} cells")
                continue
            if not told:
                yield from columns.told(file, row)
                told = True
            at = row.cells["GardID"]
            if number := _GARD.fullmatch(at):
                yield file, row, f"GARD:{number[1]}", at
            else:
                yield Item(file.name, row.line, at, lost="identifier-pattern" if at else "no-value", detail=f"GardID {at}")


def _target(source: str, text: str) -> str:
    """The identifier as a CURIE, without a prefix where there is none."""
    if source == "DiseaseOntology" and text.isdecimal() and int(text) >= _DOID_PADDED_FROM:
        text = text.zfill(7)
    elif source == "GeneticsHomeReference":
        text = text.removeprefix(_GHR_PAGE).removesuffix("/")
    elif source == "ICD-10":
        text = text.rstrip(_MARKS)
    return f"{_PREFIXES.get(source, '')}:{text}"


@dataclass
class _Known:
    """What has to be known of all rows before the first becomes an item, by GARD number and by the identifier that is mapped to.

    ``rests`` is the disease that rests on an entry, ``exact`` the first that calls one an exact match, ``several`` what others do as well;
    ``pieces`` is how many short numbers of the Disease Ontology a disease has.
    """

    mapped: set[tuple[str, str]] = field(default_factory=set)
    rests: dict[str, str] = field(default_factory=dict)
    exact: dict[str, str] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    pieces: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, reading: Reading) -> _Known:
        known = cls()
        for found in _items(reading, "diseases", _DISEASES):
            if not isinstance(found, Item):
                known.rests.setdefault(found[1].cells["SourceID"], found[2])
        for found in _items(reading, "xrefs", _XREFS):
            if not isinstance(found, Item):
                source, text, relation = (found[1].cells[name] for name in _XREFS.read[1:])
                target = _target(source, text)
                known.mapped.add((found[2], target))
                if relation == "Exact" and known.exact.setdefault(target, found[2]) != found[2]:
                    known.several.add(target)
                known.pieces[found[2]] += source == "DiseaseOntology" and len(text) <= 3
        return known


def _read(reading: Reading) -> Iterator[Item]:
    known = _Known.of(reading)
    for found in _items(reading, "diseases", _DISEASES):
        yield found if isinstance(found, Item) else _named(*found, known, reading.works["diseases"])
    for found in _items(reading, "xrefs", _XREFS):
        yield found if isinstance(found, Item) else _mapping(*found, known, reading.works["xrefs"])
    symbols: dict[str, str] = {}
    for found in _items(reading, "genes", GENES):
        yield found if isinstance(found, Item) else gene_item(*found, symbols, reading.works["genes"])


def _named(file: SourceFile, row: Row, about: str, at: str, known: _Known, work: str) -> Item:
    name, source = row.cells["Name"], row.cells["SourceID"]
    synonyms = [text for text in dict.fromkeys(part.strip() for part in row.cells["Synonym"].split("|")) if text and text != name]
    names = [*([("preferred", name)] if name else []), *(("exact", synonym) for synonym in synonyms)]
    facts = tuple(Fact(about, "name", {"kind": kind, "name": text}, cited(work, at)) for kind, text in names)
    notes = (Note("no-relation", source),) if source and (about, source) not in known.mapped else ()
    what = f"{at} {name}"
    if source.startswith("OMIM:"):
        return Item(file.name, row.line, at, lost="of-omim", detail=source, notes=notes)
    if not facts:
        return Item(file.name, row.line, what, lost="no-value", detail="Name", notes=notes)
    return Item(file.name, row.line, what, facts, notes=(*notes, *(() if name else (Note("no-value", "Name"),))))


def _mapping(file: SourceFile, row: Row, about: str, at: str, known: _Known, work: str) -> Item:
    source, text, relation = (row.cells[name] for name in _XREFS.read[1:])
    word, what = relation.partition(" ")[0], f"{at} {source} {text} {relation}"
    if source not in _PREFIXES or not text or word not in _RELATIONS:
        reason = "no-value" if not text or not source or not word else "unknown-prefix" if source not in _PREFIXES else "unknown-value"
        return Item(file.name, row.line, what, lost=reason, detail=f"{source}:{text} {relation}")
    if source == "DiseaseOntology" and (not re.fullmatch("[1-9][0-9]*", text) or (len(text) <= 3 and known.pieces[about] > 1)):
        return Item(file.name, row.line, what, lost="broken-number", detail=f"{source}:{text}")
    kind, target = _RELATIONS[word], _target(source, text)
    notes = (Note("dagger-asterisk", text),) if source == "ICD-10" and text[-1] in _MARKS else ()
    if word == "Exact" and target in known.several and known.rests.get(target) != about:
        kind, notes = "crossReference", (*notes, Note("exact-of-several", target))
    locator = at if (word, kind) in (("Exact", "exactMatch"), ("NA", "crossReference")) else f"{at}, {word}"
    says = {"relation": kind, "to": target}
    return Item(file.name, row.line, what, (Fact(about, "mapping", says, cited(work, locator)),), notes=notes)


def _role(name: str, pattern: str, what: str) -> Role:
    return Role(
        name=name,
        patterns=(pattern,),
        what=what,
        work="gard-list",
        title="GARD list: diseases, mappings and genes (ncats/RDAS)",
        publisher="National Institutes of Health (NIH)",
        license="https://creativecommons.org/licenses/by/4.0/",  # Orphanet's, whose content most of it is; NIH's own part is free
        page="https://github.com/ncats/RDAS",
    )


GARD: Final = Importer(
    name="gard",
    title="GARD, the NIH's list of rare diseases: names, mappings, genes with their articles",
    roles=(
        _role("diseases", "gard.csv", "the list of diseases"),
        _role("xrefs", "gard_xrefs.csv", "its mappings"),
        _role("genes", "gard_genes.csv", "its genes"),
    ),
    read=_read,
    reasons=_REASONS,
)
