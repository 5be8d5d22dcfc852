"""Diseases side by side, by what a kind of fact says of them: which levels sources allow for each of its main values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.display import Value
from kg.fields import Layout

ROWS_A_PAGE: Final = 200
Cells = tuple[tuple[int, ...], ...]
"""For each column, how many works allow each step of the scale."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Diseases, or one of them, by the main values of a kind of fact."""

    key: str
    heading: str
    columns: tuple[Value, ...]
    scale: tuple[Value, ...]
    rows: tuple[tuple[Value, Cells], ...]

    @property
    def pages(self) -> tuple[tuple[str, Comparison], ...]:
        """The parts that stand on a page each, with the path of that page; at least one."""
        parts = [self.rows[start : start + ROWS_A_PAGE] for start in range(0, len(self.rows), ROWS_A_PAGE)] or [()]
        names = ["compare.html", *(f"compare/{self.key}-{number}.html" for number in range(2, len(parts) + 1))]
        return tuple(
            (name, Comparison(self.key, self.heading, self.columns, self.scale, part)) for name, part in zip(names, parts, strict=True)
        )

    def document(self) -> bytes:
        """All rows as JSON, for the script that filters and sorts: path, name, and the works for each column and step."""
        rows = [[disease.href, disease.text, *cells] for disease, cells in self.rows]
        return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def columns_and_scale(layout: Layout) -> tuple[tuple[NamedNode, ...], tuple[NamedNode, ...]] | None:
    """What the facts of a kind are compared by, in the order of its shape; None where its diseases are not compared."""
    main, by = layout.field(v.RDF_OBJECT), layout.field(layout.compared_by)
    return (main.choices, by.choices) if main and by and main.choices and by.choices else None


def comparisons(catalogue: Catalogue) -> tuple[Comparison, ...]:
    """One for each kind of fact that says what diseases are compared by, of all diseases that have such facts."""
    return _comparisons(catalogue, catalogue.diseases)


def patterns(catalogue: Catalogue, disease: NamedNode) -> tuple[Comparison, ...]:
    """The same of one disease; a kind that says nothing of it is left out."""
    return tuple(each for each in _comparisons(catalogue, [disease]) if each.rows)


def _comparisons(catalogue: Catalogue, diseases: list[NamedNode]) -> tuple[Comparison, ...]:
    show = catalogue.naming.value
    found = []
    for layout in catalogue.layouts:
        compared = columns_and_scale(layout)
        if compared is None:
            continue
        columns, scale = compared
        rows = []
        for disease in diseases:
            works = catalogue.digests[disease].levels.get(layout.key)
            if works:
                cells = tuple(tuple(works.get((column, step), 0) for step in scale) for column in columns)
                rows.append((show(disease), cells))
        found.append(Comparison(layout.key, layout.heading, tuple(map(show, columns)), tuple(map(show, scale)), tuple(rows)))
    return tuple(found)
