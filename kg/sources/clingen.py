"""ClinGen's gene-disease validity: how strong the evidence is that a gene causes a disease, as panels of experts graded it.

Definitive, Strong and Moderate are causes, each with its grade. Limited is a candidate: somebody suspects the gene, and no panel of ClinGen
has more than little for it. Disputed and Refuted speak against a claim that others make: the fact that the gene is causal with a line that
disputes it, so that it stands nowhere, and so that the same claim of another source is marked. Where ClinGen has looked and found no claim
there is nothing to say, and nothing is inferred from it.

What is graded is a gene, a disease and a mode of inheritance together. The mode becomes a fact about the disease only where all genes that
cause it have the same one; of a disease such as Leigh syndrome, AR, XL and MT are each the mode of a part. The locator keeps the mode of
each row. Where a gene is graded for two modes of a disease, the lesser grade is about its own mode and does not touch the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.sources.columns import COLUMN_REASONS, Columns
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Term, cited
from kg.sources.opening import Row, lines, rows

_GENE, _SYMBOL, _DISEASE, _MODE = "GENE ID (HGNC)", "GENE SYMBOL", "DISEASE ID (MONDO)", "MOI"
_CLASS, _REPORT = "CLASSIFICATION", "ONLINE REPORT"
_COLUMNS: Final = Columns(
    (_GENE, _SYMBOL, _DISEASE, _MODE, _CLASS, _REPORT),
    {
        "DISEASE LABEL": ("column-said-elsewhere", "the label of the disease in Mondo, which Mondo's own files give"),
        "SOP": ("column-no-kind", "the edition of ClinGen's procedure by which it was graded; the report that the locator names has it"),
        "CLASSIFICATION DATE": ("column-no-kind", "the day on which it was graded; the report that the locator names has it"),
        "GCEP": ("column-no-kind", "the panel that graded it, which has no ORCID; the report that the locator names has it"),
    },
)
_CAUSAL: Final = {"Definitive": "definitive", "Strong": "strong", "Moderate": "moderate"}
_CANDIDATE: Final = {"Limited": "limited"}
_AGAINST: Final = ("Disputed", "Refuted")
_NOTHING: Final = ("No Known Disease Relationship", "No Reported Evidence")
# Labels of HPO 2026-06; that SD is semidominant and MT mitochondrial, ClinGen's procedure and the Gene Curation Coalition say.
_MODES: Final = {"AD": "HP:0000006", "AR": "HP:0000007", "XL": "HP:0001417", "SD": "HP:0032113", "MT": "HP:0001427"}
_ABOVE: Final = ('"CLINGEN', "CLINGEN", '"FILE CREATED', "FILE CREATED", '"WEBPAGE', "WEBPAGE", '"+', "+")
_CREATED: Final = re.compile(r'"?FILE CREATED: *([0-9]{4}-[0-9]{2}-[0-9]{2})\b')
_REASONS: Final = {
    **COLUMN_REASONS,
    "no-relationship": "ClinGen looked and found no claim that the gene has to do with the disease, which says neither yes nor no",
    "other-mode": "the same gene and disease are graded as supported for another mode of inheritance; this grade is about its own",
    "mode-of-part": "the genes of the disease have different modes of inheritance, so this one is the mode of a part; the locator has it",
    "mode-unsure": "the mode of a gene that is not known to cause the disease is no mode of the disease; the locator has it",
}


def _created(file: SourceFile) -> str | None:
    """The version: the day that stands in one of the lines above the header."""
    for number, text in lines(file):
        if found := _CREATED.match(text):
            return found[1]
        if number >= len(_ABOVE):
            break
    return None


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands in the file: pairs of gene and disease that are supported, and by disease the modes that their genes have."""

    pairs: set[tuple[str, str]] = field(default_factory=set)
    modes: dict[str, set[str]] = field(default_factory=dict)


def _rows(file: SourceFile) -> Iterator[Row]:
    """The rows, without the rule of plus signs below the header."""
    for row in rows(file, ",", _COLUMNS.read, skip=_ABOVE):
        if not all(cell and not cell.strip("+") for cell in row.cells.values()):
            yield row


def _standing(file: SourceFile) -> _Standing:
    standing = _Standing()
    for row in _rows(file):
        if not row.broken and row.cells[_CLASS] in _CAUSAL:
            standing.pairs.add((row.cells[_GENE], row.cells[_DISEASE]))
            standing.modes.setdefault(row.cells[_DISEASE], set()).add(row.cells[_MODE])
    return standing


def _read(reading: Reading) -> Iterator[Item]:
    for file in reading.files["validity"]:
        standing, told = _standing(file), False
        for row in _rows(file):
            if not told and not row.broken:
                yield from _COLUMNS.told(file, row)
                told = True
            yield _item(file, row, standing, reading.works["validity"])


def _item(file: SourceFile, row: Row, standing: _Standing, work: str) -> Item:
    if row.broken:
        return Item(file.name, row.line, " ".join(row.cells.values())[:80], lost="broken-row", detail=f"{len(row.cells)} cells")
    gene, symbol, disease, mode, grade, report = (row.cells[name] for name in _COLUMNS.read)
    what = f"{symbol} in {disease}, {mode}: {grade}"

    def lost(reason: str, detail: str) -> Item:
        return Item(file.name, row.line, what, lost=reason, detail=detail)

    if grade in _NOTHING:
        return lost("no-relationship", grade)
    if grade not in {*_CAUSAL, *_CANDIDATE, *_AGAINST}:
        return lost("unknown-value" if grade else "no-value", f"{_CLASS} {grade}")
    for prefix, name, value in (("HGNC:", _GENE, gene), ("MONDO:", _DISEASE, disease)):
        if not value.startswith(prefix):
            return lost("identifier-pattern" if value else "no-value", f"{name} {value}")
    if grade not in _CAUSAL and (gene, disease) in standing.pairs:
        return lost("other-mode", f"{mode} {grade}")

    place = [symbol, disease, mode, *([grade] if grade in _AGAINST else []), report.rpartition("/")[2]]
    locator = ", ".join(part for part in place if part)
    if grade in _AGAINST:
        says, evidence = {"role": "causal", "gene": gene}, cited(work, locator, direction="disputes")
    elif grade in _CANDIDATE:
        says, evidence = {"role": "candidate", "gene": gene}, cited(work, locator, strength=_CANDIDATE[grade])
    else:
        says, evidence = {"role": "causal", "gene": gene}, cited(work, locator, strength=_CAUSAL[grade])
    facts, notes = _inheritance(disease, mode, grade, standing.modes, work, locator)
    terms = (Term(gene, symbol, work),) if symbol else ()
    return Item(file.name, row.line, what, (Fact(disease, "gene", says, evidence), *facts), terms, notes=notes)


def _inheritance(
    disease: str, mode: str, grade: str, modes: Mapping[str, set[str]], work: str, locator: str
) -> tuple[tuple[Fact, ...], tuple[Note, ...]]:
    """The mode as a fact about the disease, or why it is none."""
    if grade not in _CAUSAL:
        return (), (Note("mode-unsure", mode),)
    if mode not in _MODES:
        return (), (Note("no-value" if mode in ("", "Undetermined") else "unknown-value", f"{_MODE} {mode}"),)
    if len(modes[disease]) > 1:
        return (), (Note("mode-of-part", mode),)
    return (Fact(disease, "inheritance", {"mode": _MODES[mode]}, cited(work, locator)),), ()


CLINGEN: Final = Importer(
    name="clingen",
    title="ClinGen gene-disease validity: genes graded as causes, candidates, disputed or refuted",
    roles=(
        Role(
            name="validity",
            patterns=("clingen-gene-disease*.csv", "clingen-validity*.csv"),
            what="the table of gene-disease validity",
            work="clingen",
            title="ClinGen gene-disease validity",
            publisher="ClinGen",
            license="https://creativecommons.org/publicdomain/zero/1.0/",
            page="https://search.clinicalgenome.org/kb/gene-validity",
            version=_created,
        ),
    ),
    read=_read,
    reasons=_REASONS,
)
