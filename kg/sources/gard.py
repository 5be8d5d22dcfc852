"""GARD's list of rare diseases, with its mappings and genes: mostly Orphanet's content, and OMIM's where Orphanet has none.

The entry that GARD rests on (``SourceID``) is a mapping like the others: ``GARD_xrefs.csv`` has it, with its relation. Relations are those
of the GARD entry to the other one: NTBT, narrower to broader, is a broad match; BTNT a narrow match. NA says nothing of how close the two
are, ND that it is not decided yet; both are cross references. Numbers of the Disease Ontology have lost their leading zeros, and where an
entry had several they were run together and cut at their thousands: such pieces are no identifiers. Genes of OMIM have no role here, since
OMIM's braces, which tell a susceptibility from a cause, are lost in this file: APOE stands beside Alzheimer disease 2 as GUCY2D does beside
Leber congenital amaurosis 1. They are associated, no more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from kg.sources.columns import COLUMN_REASONS, Columns
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Term, cited
from kg.sources.opening import Row, rows

_OF_GENE = ("column-not-of-diseases", "it describes the gene, as HGNC, Ensembl and UniProt do")
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
_GENES: Final = Columns(
    ("GardID", "GeneSymbol", "AssociationType", "AssociationStatus", "Reference", "GeneIdentifier"),
    {
        "DataSource": (_ELSEWHERE, "the vocabulary of the entry that GARD rests on, which GARD_xrefs.csv has"),
        "SourceID": (_ELSEWHERE, "the entry that GARD rests on, which GARD_xrefs.csv has"),
        "SourceLabelID": (_ELSEWHERE, "the entry that GARD rests on, which GARD_xrefs.csv has"),
        "GeneCount": (_ELSEWHERE, "how many genes Orphanet or OMIM has for the disease, which are rows of their own"),
        **dict.fromkeys(("GeneSynonym", "GeneTitle", "GeneType", "Locus", "OMIM", "Ensembl", "IUPHAR", "SwissProt", "Reactome"), _OF_GENE),
    },
)
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
_GHR_PAGE: Final = "https://medlineplus.gov/genetics/condition/"
# Of GARD's numbers, those from 50000 on have seven digits in Mondo's mappings to the Disease Ontology (2026-08-04), and no others.
_DOID_PADDED_FROM: Final = 50000
_CAUSE: Final = "Disease-causing germline mutation(s)"
_ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    f"{_CAUSE} in": {"role": "causal"},
    f"{_CAUSE} (loss of function) in": {"role": "causal", "variantEffect": "lossOfFunction"},
    f"{_CAUSE} (gain of function) in": {"role": "causal", "variantEffect": "gainOfFunction"},
    "Major susceptibility factor in": {"role": "susceptibility"},
    "Modifying germline mutation in": {"role": "modifier"},
    "Candidate gene tested in": {"role": "candidate"},
    "The molecular basis of the disorder is known": {"role": "associated"},
}
_NO_ROLE: Final = frozenset(
    (
        "Role in the phenotype of",
        "Part of a fusion gene in",
        "Disease-causing somatic mutation(s) in",
        "Biomarker tested in",
        "The disease phenotype itself was mapped",
        "The disorder is a chromosome deletion or duplication syndrome",
        "The disorder was positioned by mapping of the wildtype gene",
    )
)
_GARD, _PMID = re.compile(r"GARD:0*([1-9][0-9]*)"), re.compile(r"PMID:[1-9][0-9]{0,8}")
_REASONS: Final = {
    **COLUMN_REASONS,
    "broken-number": "the number is a piece of several that were run together and cut at their thousands",
    "dagger-asterisk": "the dagger or asterisk of ICD-10 tells how a code is used beside another one, and is no part of the code",
    "no-hgnc": "the gene or locus has no number of HGNC there, and genes are known by theirs",
    "no-relation": "GARD rests on this entry, but its mappings do not say how close the two are",
    "other-symbol": "the gene has another symbol elsewhere in the file; a gene has one label",
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


def _read(reading: Reading) -> Iterator[Item]:
    mapped: set[tuple[str, str]] = set()
    pieces: Counter[str] = Counter()
    for found in _items(reading, "xrefs", _XREFS):  # what has to be known of the mappings before they are read
        if not isinstance(found, Item):
            source, text = found[1].cells["XrefSource"], found[1].cells["SourceID"]
            mapped.add((found[2], f"{_PREFIXES.get(source, '')}:{text}"))
            pieces[found[2]] += source == "DiseaseOntology" and len(text) <= 3
    for found in _items(reading, "diseases", _DISEASES):
        yield found if isinstance(found, Item) else _named(*found, mapped, reading.works["diseases"])
    for found in _items(reading, "xrefs", _XREFS):
        yield found if isinstance(found, Item) else _mapping(*found, pieces[found[2]] > 1, reading.works["xrefs"])
    symbols: dict[str, str] = {}
    for found in _items(reading, "genes", _GENES):
        yield found if isinstance(found, Item) else _gene(*found, symbols, reading.works["genes"])


def _named(file: SourceFile, row: Row, about: str, at: str, mapped: set[tuple[str, str]], work: str) -> Item:
    name, source = row.cells["Name"], row.cells["SourceID"]
    synonyms = [text for text in dict.fromkeys(part.strip() for part in row.cells["Synonym"].split("|")) if text and text != name]
    names = [*([("preferred", name)] if name else []), *(("exact", synonym) for synonym in synonyms)]
    facts = tuple(Fact(about, "name", {"kind": kind, "name": text}, cited(work, at)) for kind, text in names)
    notes = (Note("no-relation", source),) if source and (about, source) not in mapped else ()
    what = f"{at} {name}"
    if not facts:
        return Item(file.name, row.line, what, lost="no-value", detail="Name", notes=notes)
    return Item(file.name, row.line, what, facts, notes=(*notes, *(() if name else (Note("no-value", "Name"),))))


def _mapping(file: SourceFile, row: Row, about: str, at: str, pieces: bool, work: str) -> Item:
    source, text, relation = (row.cells[name] for name in _XREFS.read[1:])
    word, what = relation.partition(" ")[0], f"{at} {source} {text} {relation}"
    notes: tuple[Note, ...] = ()
    if source not in _PREFIXES or not text or word not in _RELATIONS:
        reason = "no-value" if not text or not source or not word else "unknown-prefix" if source not in _PREFIXES else "unknown-value"
        return Item(file.name, row.line, what, lost=reason, detail=f"{source}:{text} {relation}")
    if source == "DiseaseOntology":
        if not re.fullmatch("[1-9][0-9]*", text) or (pieces and len(text) <= 3):
            return Item(file.name, row.line, what, lost="broken-number", detail=f"{source}:{text}")
        text = text if int(text) < _DOID_PADDED_FROM else text.zfill(7)
    elif source == "GeneticsHomeReference":
        text = text.removeprefix(_GHR_PAGE).removesuffix("/")
    elif source == "ICD-10" and text[-1] in "+*":
        notes, text = (Note("dagger-asterisk", text),), text[:-1]
    locator = at if word in ("Exact", "NA") else f"{at}, {word}"
    says = {"relation": _RELATIONS[word], "to": f"{_PREFIXES[source]}:{text}"}
    return Item(file.name, row.line, what, (Fact(about, "mapping", says, cited(work, locator)),), notes=notes)


def _gene(file: SourceFile, row: Row, about: str, at: str, symbols: dict[str, str], work: str) -> Item:
    symbol, association, status, reference, gene = (row.cells[name] for name in _GENES.read[1:])
    what = f"{at} {symbol} {association}"
    if association not in _ROLES:
        reason = "no-kind" if association in _NO_ROLE else "unknown-value" if association else "no-value"
        return Item(file.name, row.line, what, lost=reason, detail=association)
    if not re.fullmatch("HGNC:[1-9][0-9]*", gene):
        return Item(file.name, row.line, what, lost="no-hgnc" if gene else "no-value", detail=f"GeneIdentifier {gene}")
    notes = [Note("other-symbol", f"{gene} {symbol}")] if symbols.setdefault(gene, symbol) != symbol else []
    told = [each.strip() for each in reference.removeprefix("[").removesuffix("]").split(",") if each.strip()]
    articles = [each for each in told if _PMID.fullmatch(each)]
    notes += [Note("unknown-value", f"Reference {each}") for each in told if each not in articles]
    # "Assessed" is what one expects and OMIM's "Unknown" says nothing; that Orphanet has not assessed it yet a reader wants to know.
    locator = at if status in ("Assessed", "Unknown", "") else f"{at}, {status}"
    fact = Fact(about, "gene", {**_ROLES[association], "gene": gene}, cited(work, locator, articles))
    terms = (Term(gene, symbol, work),) if symbol and symbols[gene] == symbol else ()
    return Item(file.name, row.line, what, (fact,), terms, notes=tuple(notes))


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
