"""IUIS: the table of inborn errors of immunity, a row per disease, with its gene, inheritance, and immunoglobulins in free text.

It is read as the table of 2025 has it, and as the workbook of the committee, in which some columns have other names.
The table has no identifier of a disease (its OMIM column holds the gene's number), and names that no other source uses. So a disease
goes by a name of its own, worked out of gene, disease and first mode of inheritance, in which editions agree: the alias of a gene in
brackets and what is said beside the mode are left out. A curated record or a mapping may say which other it is. Symbols become genes by the
HGNC identifiers of a second file; without it, or where it has none, the gene is reported and not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from kg.sources.immunoglobulins import Reason, Refused, read_phrase
from kg.sources.immunoglobulins_overall import read_overall
from kg.sources.iuis_modes import first_mode, read_modes
from kg.sources.iuis_rows import COLUMNS, IN_THE_LIST, MODE_DETAIL, genes_of, workbook
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Value, cited
from kg.sources.opening import Row, rows

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
_NOTHING: Final = ("", "NA")
_NO_GENE, _ALIAS = (*_NOTHING, "Unknown"), re.compile(r"\A([A-Z0-9]+) \([A-Z0-9]+\)\Z")
_EFFECTS: Final = {"GOF": "gainOfFunction"}
_Fact = Callable[..., Fact]
_Lost = Callable[..., Item]
REASONS: Final = {
    **{f"phrase-{reason.name.lower().replace('_', '-')}": f"the phrase {reason.value}" for reason in Reason},
    "phrase-beside": "the end of the phrase speaks of how antibodies work, which is no level in the blood",
    "mode-undecided": "the cell says more of the inheritance than can be read, so the mode that it begins with is not said alone",
    "mode-beside": "what stands beside the mode is of the variant, and is not said of the inheritance",
    "of-the-group": "the terms are those of the whole subcategory, not of the disease",
    "no-gene-identifier": "the symbol stands for no gene, or for several, in the table of genes that was given",
    "column": "no fact is made of this column; cells of cell counts, variants, scores and categories have no kind of fact",
}


def _read(reading: Reading) -> Iterator[Item]:
    genes = genes_of(reading)
    for file in reading.files.get("table", ()):
        yield from _of_file(file, rows(file, "\t", COLUMNS, escape="\\"), reading.works["table"], genes, {})
    for file in reading.files.get("list", ()):
        yield from _of_file(file, workbook(file), reading.works["list"], genes, IN_THE_LIST)


def _of_file(file: SourceFile, found: Iterable[Row], work: str, genes: Mapping[str, set[str]], names: Mapping[str, str]) -> Iterator[Item]:
    """The items of a file, whose cells have the names of the table; ``names`` are those that its columns have instead."""
    unread: dict[str, int] = {}
    for row in found:
        if row.broken:
            yield Item(file.name, row.line, "row", lost="broken-row")
            continue
        yield from (_at(file.name, row, item) for item in _items(row, work, genes, names))
        for column in row.cells.keys() - {*COLUMNS, MODE_DETAIL}:
            unread[column] = unread.get(column, 0) + (row.cells[column] not in _NOTHING)
    for column, cells in sorted(unread.items()):
        yield Item(file.name, 1, f"column {column}", lost="column", detail=f"{cells} cells")


def _at(file: str, row: Row, item: Item) -> Item:
    what = f"{item.what} of {row.cells['Genetic defect']}, {row.cells['Disease']}"
    return Item(file, row.line, what, item.facts, item.terms, item.lost, item.detail, item.notes)


def _items(row: Row, work: str, genes: Mapping[str, set[str]], names: Mapping[str, str]) -> Iterator[Item]:
    """One item for each cell of a row that could be facts; file and line are filled in by the caller."""
    cells = row.cells
    gene = cells["Genetic defect"]
    about = accession(_symbol(gene), cells["Disease"], first_mode(cells["Inheritance"]))

    def fact(kind: str, says: Mapping[str, Value], column: str = "") -> Fact:
        place = ", ".join(part for part in (gene, cells["Disease"], column) if part)
        return Fact(about, kind, says, cited(work, place))

    def lost(column: str, reason: str, detail: str = "") -> Item:
        return Item("", 0, names.get(column, column), lost=reason, detail=detail or cells[column])

    yield Item("", 0, "Disease", (fact("name", {"kind": "preferred", "name": cells["Disease"]}),))
    yield _gene(cells, genes, names.get("GOF/DN details", "GOF/DN details"), fact, lost)
    yield _inheritance(cells, fact, lost)
    for column, prefix in (("ICD9", "ICD9"), ("ICD10", "ICD10")):
        if cells[column] in _NOTHING:
            yield lost(column, "no-value")
        else:
            yield Item("", 0, column, (fact("mapping", {"relation": "crossReference", "to": f"{prefix}:{cells[column]}"}, column),))
    yield lost("HPO IDs", "no-value" if cells["HPO IDs"] in _NOTHING else "of-the-group")
    yield _immunoglobulins(cells["Ig details"], names.get("Ig details", "Ig details"), fact)


def _inheritance(cells: Mapping[str, str], fact: _Fact, lost: _Lost) -> Item:
    if cells["Inheritance"] in _NOTHING:
        return lost("Inheritance", "no-value")
    text = " ".join(cells[name] for name in ("Inheritance", MODE_DETAIL) if cells.get(name, "") not in _NOTHING)
    read = read_modes(text)
    if not read.modes:
        return lost("Inheritance", "mode-undecided" if read.undecided else "unknown-value", text)
    remark = {"comment": f"The list says: {read.remark}"} if read.remark else {}
    facts = tuple(fact("inheritance", {"mode": mode, **remark}, text) for mode in read.modes)
    return Item("", 0, "Inheritance", facts, notes=(Note("mode-beside", read.beside),) if read.beside else ())


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


def _symbol(cell: str) -> str:
    """The symbol of a gene without the alias in brackets after it: ``CD40`` of ``CD40 (TNFRSF5)``; nothing where the gene is unknown."""
    return "" if cell in _NO_GENE else _ALIAS.sub(r"\1", cell)


def accession(*parts: str) -> str:
    """The name that a disease of the table goes by here: ``IUIS_aicda-aid-deficiency-ar``."""
    words = re.sub(r"[^a-z0-9]+", "-", "-".join(part for part in parts if part not in _NOTHING).lower()).strip("-")
    return f"IUIS_{words}"


IUIS = Importer("iuis", "Inborn errors of immunity (IUIS)", _ROLES, _read, REASONS, version=3)
