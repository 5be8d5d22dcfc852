"""Rows as lines of text that a delimiter parts: CSV (RFC 4180), and TSV as the standard library quotes it."""

from __future__ import annotations

import csv
from collections.abc import Sequence


class _Echo:
    """A file for the writer of the standard library, which gives back what was written."""

    def write(self, text: str) -> str:
        return text


def line_of(cells: Sequence[str], delimiter: str = ",", end: str = "\r\n") -> str:
    """A row as text, with what ends it."""
    line: str = csv.writer(_Echo(), delimiter=delimiter, lineterminator=end).writerow(cells)
    return line
