"""The rows of the IUIS list, be it the table of 2025 or the committee's workbook, and the genes that its symbols stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from kg.sources.model import Reading, SourceFile
from kg.sources.opening import Row, refuse, rows
from kg.sources.sheets import table_rows

COLUMNS: Final = ("Disease", "Genetic defect", "Inheritance", "ICD9", "ICD10", "HPO IDs", "Ig details", "GOF/DN details")
IN_THE_LIST: Final = {"Ig details": "Immunoglobulin levels", "GOF/DN details": "GOF/DN", "HPO IDs": "HPO (table)"}
"""What columns of the table are called in the workbook, where that is something else."""
MODE_DETAIL: Final = "Inheritance detail"
"""A second word of the cell for inheritance, which only the table has."""


def workbook(file: SourceFile) -> Iterator[Row]:
    """The rows of the first sheet; a row ends with its last cell that is written. Raises UnreadableError."""
    header: list[str] = []
    ours = {name: column for column, name in IN_THE_LIST.items()}
    for line, cells in table_rows(file, "", "", 0):
        if header:
            row = dict(zip_longest(header, cells[: len(header)], fillvalue=""))
            yield Row(line, row, any(cells[len(header) :]))
            continue
        for number, name in enumerate(cells):
            again = cells[:number].count(name)
            header.append(f"{name} ({again + 1})" if again else ours.get(name, name))
        if missing := [IN_THE_LIST.get(column, column) for column in COLUMNS if column not in header]:
            refuse(file.name, "no-column", f"has no column {', '.join(missing)}; is it another file, or a newer form of it?", line)


def genes_of(reading: Reading) -> dict[str, set[str]]:
    """The HGNC identifiers of each symbol."""
    found: dict[str, set[str]] = {}
    for file in reading.files.get("genes", ()):
        for row in rows(file, ",", ("GeneSymbol", "GeneIdentifier")):
            if not row.broken and re.fullmatch(r"HGNC:[1-9][0-9]*", row.cells["GeneIdentifier"]):
                found.setdefault(row.cells["GeneSymbol"], set()).add(row.cells["GeneIdentifier"])
    return found
