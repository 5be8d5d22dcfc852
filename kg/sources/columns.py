"""Columns that never become facts: each is told once in the report, rather than once for each row.

An importer names the columns that it reads, and for each of the others why it does not. A column that it has never heard of, such as one
that a newer release brings, is told as well. So nothing is left out in silence, and the report stays as short as the reasons are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.sources.model import Item, SourceFile
from kg.sources.opening import Row

COLUMN_REASONS: Final[Mapping[str, str]] = {
    "column-not-of-diseases": "the whole column says something of the other thing in the row, not of the disease",
    "column-said-elsewhere": "the whole column repeats what another column or file says, from which it is taken",
    "column-no-kind": "there is no kind of fact for the whole column in the ontology",
    "column-unknown": "the importer does not know the column; see whether a newer version of it does",
}
"""Reasons for leaving out a whole column; an importer that uses ``Columns`` has them among its own."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: those that facts are made of, and by name the reason and the sentence for each of the others."""

    read: Sequence[str]
    never: Mapping[str, tuple[str, str]]

    def told(self, file: SourceFile, row: Row) -> Iterator[Item]:
        """An item for each column of a row that is left out, in the order of the table; given the first row, each is told once."""
        for name in row.cells:
            if name in self.read:
                continue
            reason, why = self.never.get(name, ("column-unknown", "no such column was there when the importer was written"))
            yield Item(file.name, 0, f"column {name}", lost=reason, detail=why)
