"""IUIS: the table of inborn errors of immunity, a row per disease, with its gene, inheritance, and immunoglobulins in free text.

It is read as the table of 2025 has it, and as the workbook of the committee, in which some columns have other names.
The table has no identifier of a disease (its OMIM column holds the gene's number), and names that no other source uses. So a disease
goes by a name of its own, worked out of gene, disease and inheritance, without the alias of a gene in brackets, in which editions differ; a
curated record or a mapping may say which other it is. Symbols become genes by the HGNC identifiers of a second file; without it, or where
it has none, the gene is reported and not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Final

from kg.sources.immunoglobulins import Reason, Refused, read_phrase
from kg.sources.immunoglobulins_overall import read_overall
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Value, cited
from kg.sources.opening import Row, refuse, rows
from kg.sources.sheets import table_rows

_CC_BY: Final = "https://creativecommons.org/licenses/by/4.0/"
_ROLES: Final = (
    Role(
        name="table",
        patterns=("*iei*.tsv", "*iuis*.tsv"),
        what="the table of inborn errors of immunity",
        work="iuis",
        title="IUIS table of inborn errors of immunity",
        publisher="IUIS",
        license=_CC_BY,
        page="https://iuis.org/committees/iei/",
        required=False,
    ),
    Role(
        name="list",
        patterns=("*iei*.xlsx", "*iuis*.xlsx"),
        what="the committee's own list, an Excel workbook",
        work="iuis-list",
        title="IUIS list of inborn errors of immunity",
        publisher="IUIS",
        license=_CC_BY,
        page="https://iuis.org/committees/iei/",
        required=False,
    ),
    Role(
        name="genes",
        patterns=("*genes*.csv",),
        what="a table of genes with the columns GeneSymbol and GeneIdentifier, such as GARD's, for the identifiers of HGNC",
        work="gard-list",
        title="GARD disease list",
        publisher="National Center for Advancing Translational Sciences",
        license=_CC_BY,
        page="https://github.com/ncats/RDAS",
        required=False,
    ),
)
_COLUMNS: Final = ("Disease", "Genetic defect", "Inheritance", "ICD9", "ICD10", "HPO IDs", "Ig details", "GOF/DN details")
_IN_THE_LIST: Final = {"Ig details": "Immunoglobulin levels", "GOF/DN details": "GOF/DN", "HPO IDs": "HPO (table)"}
"""What columns of the table are called in the workbook, where that is something else."""
_MODES: Final = {"AR": "HP:0000007", "AD": "HP:0000006", "XL": "HP:0001417"}
_NOTHING: Final = ("", "NA")
_NO_GENE, _ALIAS = (*_NOTHING, "Unknown"), re.compile(r"\A([A-Z0-9]+) \([A-Z0-9]+\)\Z")
_EFFECTS: Final = {"GOF": "gainOfFunction"}
_Fact = Callable[..., Fact]
_Lost = Callable[..., Item]
REASONS: Final = {
    **{f"phrase-{reason.name.lower().replace('_', '-')}": f"the phrase {reason.value}" for reason in Reason},
    "phrase-beside": "the end of the phrase speaks of how antibodies work, which is no level in the blood",
    "of-the-group": "the terms are those of the whole subcategory, not of the disease",
    "no-gene-identifier": "the symbol stands for no gene, or for several, in the table of genes that was given",
    "column": "no fact is made of this column; cells of cell counts, variants, scores and categories have no kind of fact",
}


def _read(reading: Reading) -> Iterator[Item]:
    genes = _genes(reading)
    for file in reading.files.get("table", ()):
        yield from _of_file(file, rows(file, "\t", _COLUMNS, escape="\\"), reading.works["table"], genes, {})
    for file in reading.files.get("list", ()):
        yield from _of_file(file, _workbook(file), reading.works["list"], genes, _IN_THE_LIST)


def _of_file(file: SourceFile, found: Iterable[Row], work: str, genes: Mapping[str, set[str]], names: Mapping[str, str]) -> Iterator[Item]:
    """The items of a file, whose cells have the names of the table; ``names`` are those that its columns have instead."""
    unread: dict[str, int] = {}
    for row in found:
        if row.broken:
            yield Item(file.name, row.line, "row", lost="broken-row")
            continue
        yield from (_at(file.name, row, item) for item in _items(row, work, genes, names))
        for column in row.cells.keys() - set(_COLUMNS):
            unread[column] = unread.get(column, 0) + (row.cells[column] not in _NOTHING)
    for column, cells in sorted(unread.items()):
        yield Item(file.name, 1, f"column {column}", lost="column", detail=f"{cells} cells")


def _workbook(file: SourceFile) -> Iterator[Row]:
    """The rows of the first sheet; a row ends with its last cell that is written. Raises UnreadableError."""
    header: list[str] = []
    ours = {name: column for column, name in _IN_THE_LIST.items()}
    for line, cells in table_rows(file, "", "", 0):
        if header:
            row = dict(zip_longest(header, cells[: len(header)], fillvalue=""))
            yield Row(line, row, any(cells[len(header) :]))
            continue
        for number, name in enumerate(cells):
            again = cells[:number].count(name)
            header.append(f"{name} ({again + 1})" if again else ours.get(name, name))
        if missing := [_IN_THE_LIST.get(column, column) for column in _COLUMNS if column not in header]:
            refuse(file.name, "no-column", f"has no column {', '.join(missing)}; is it another file, or a newer form of it?", line)


def _at(file: str, row: Row, item: Item) -> Item:
    what = f"{item.what} of {row.cells['Genetic defect']}, {row.cells['Disease']}"
    return Item(file, row.line, what, item.facts, item.terms, item.lost, item.detail, item.notes)


def _items(row: Row, work: str, genes: Mapping[str, set[str]], names: Mapping[str, str]) -> Iterator[Item]:
    """One item for each cell of a row that could be facts; file and line are filled in by the caller."""
    cells = row.cells
    gene, mode = cells["Genetic defect"], cells["Inheritance"]
    about = accession(_symbol(gene), cells["Disease"], mode)

    def fact(kind: str, says: Mapping[str, Value], column: str = "") -> Fact:
        place = ", ".join(part for part in (gene, cells["Disease"], column) if part)
        return Fact(about, kind, says, cited(work, place))

    def lost(column: str, reason: str, detail: str = "") -> Item:
        return Item("", 0, names.get(column, column), lost=reason, detail=detail or cells[column])

    yield Item("", 0, "Disease", (fact("name", {"kind": "preferred", "name": cells["Disease"]}),))
    yield _gene(cells, genes, names.get("GOF/DN details", "GOF/DN details"), fact, lost)
    modes = [_MODES.get(part) for part in mode.split("/")]
    if mode in _NOTHING:
        yield lost("Inheritance", "no-value")
    elif None in modes:
        yield lost("Inheritance", "unknown-value")
    else:
        yield Item("", 0, "Inheritance", tuple(fact("inheritance", {"mode": each}, mode) for each in modes if each))
    for column, prefix in (("ICD9", "ICD9"), ("ICD10", "ICD10")):
        if cells[column] in _NOTHING:
            yield lost(column, "no-value")
        else:
            yield Item("", 0, column, (fact("mapping", {"relation": "crossReference", "to": f"{prefix}:{cells[column]}"}, column),))
    yield lost("HPO IDs", "no-value" if cells["HPO IDs"] in _NOTHING else "of-the-group")
    yield _immunoglobulins(cells["Ig details"], names.get("Ig details", "Ig details"), fact)


def _gene(cells: Mapping[str, str], genes: Mapping[str, set[str]], column: str, fact: _Fact, lost: _Lost) -> Item:
    found = genes.get(_symbol(cells["Genetic defect"]), set())
    if len(found) != 1:
        return lost("Genetic defect", "no-value" if cells["Genetic defect"] in _NO_GENE else "no-gene-identifier")
    effect = _EFFECTS.get(cells["GOF/DN details"])
    left = cells["GOF/DN details"] not in _NOTHING and effect is None
    says: dict[str, Value] = {"role": "causal", "gene": min(found), **({"variantEffect": effect} if effect else {})}
    notes = (Note("unknown-value", f"{column}: {cells['GOF/DN details']}"),) if left else ()
    return Item("", 0, "Genetic defect", (fact("gene", says),), notes=notes)


def _immunoglobulins(phrase: str, column: str, fact: _Fact) -> Item:
    if phrase in _NOTHING:
        return Item("", 0, column, lost="no-value", detail=phrase)
    read = read_phrase(phrase)
    if isinstance(read, Refused) and (term := read_overall(phrase)):
        return Item("", 0, column, (fact("phenotype", {"feature": term}, f"{column}: {phrase}"),))
    if isinstance(read, Refused):
        return Item("", 0, column, lost=f"phrase-{read.reason.name.lower().replace('_', '-')}", detail=f"{phrase!r}: {read}")
    facts = []
    for finding in read.findings:
        says: dict[str, Value] = {"isotype": finding.isotype, "level": finding.levels}
        if finding.occurrence:
            says["occurrence"] = finding.occurrence
        facts.append(fact("immunoglobulin", says, f"{column}: {phrase}"))
    return Item("", 0, column, tuple(facts), notes=(Note("phrase-beside", read.beside),) if read.beside else ())


def _genes(reading: Reading) -> dict[str, set[str]]:
    """The HGNC identifiers of each symbol."""
    found: dict[str, set[str]] = {}
    for file in reading.files.get("genes", ()):
        for row in rows(file, ",", ("GeneSymbol", "GeneIdentifier")):
            if not row.broken and re.fullmatch(r"HGNC:[1-9][0-9]*", row.cells["GeneIdentifier"]):
                found.setdefault(row.cells["GeneSymbol"], set()).add(row.cells["GeneIdentifier"])
    return found


def _symbol(cell: str) -> str:
    """The symbol of a gene without the alias in brackets after it: ``CD40`` of ``CD40 (TNFRSF5)``; nothing where the gene is unknown."""
    return "" if cell in _NO_GENE else _ALIAS.sub(r"\1", cell)


def accession(*parts: str) -> str:
    """The name that a disease of the table goes by here: ``IUIS_aicda-aid-deficiency-ar``."""
    words = re.sub(r"[^a-z0-9]+", "-", "-".join(part for part in parts if part not in _NOTHING).lower()).strip("-")
    return f"IUIS_{words}"


IUIS = Importer("iuis", "Inborn errors of immunity (IUIS)", _ROLES, _read, REASONS, version=2)
