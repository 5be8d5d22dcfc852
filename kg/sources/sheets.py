"""Somebody's table as rows of texts, be it CSV, TSV or a sheet of an Excel workbook: a ZIP archive of XML, so foreign bytes twice."""

from __future__ import annotations

import csv
import datetime
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl

from kg import limits
from kg.sources.model import SourceFile
from kg.sources.opening import lines, refuse

EXCEL = ".xlsx"
_DELIMITERS = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "vertical bars"}


def table_rows(file: SourceFile, sheet: str, delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their numbers, the header first; ``before`` lines above it are passed over.

    Cells are stripped. ``delimiter`` is a comma where it is empty, in files whose name says TSV a tab. Raises UnreadableError.
    """
    if file.name.lower().endswith(EXCEL):
        rows = _sheet(file, sheet, before)
    else:
        if sheet:
            refuse(file.name, "no-sheet", f'has no sheets, so "sheet: {sheet}" of the mapping cannot hold for it; leave it out')
        rows = _text(file, delimiter or ("\t" if ".tsv" in file.name.lower() else ","), before)
    for number, cells in rows:
        if any(cells):
            yield number, cells


def _text(file: SourceFile, delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    if len(delimiter) != 1:
        refuse(file.name, "broken-table", f'cannot be parted by "{delimiter}"; a delimiter is one character')
    at, header = 0, ""

    def texts() -> Iterator[str]:
        nonlocal at, header
        for number, text in lines(file):
            at = number
            if number > before:  # what is above the header is no table, so its quotes need not pair
                header = header or text
                yield text + "\n"

    try:
        for cells in csv.reader(texts(), delimiter=delimiter, strict=True):
            yield at, [cell.strip() for cell in cells]
    except csv.Error as error:
        refuse(file.name, "broken-table", f"cannot be read as a table: {error}; see how its quotes pair{parted(header, delimiter)}", at)


def parted(header: str, delimiter: str) -> str:
    """The end of a message about a table whose header has not the character that should part it, but one that often does."""
    if delimiter and delimiter in header:
        return ""
    found = next((character for character in _DELIMITERS if character in header), "")
    written = found.replace("\t", "\\t")
    told = f'. Its columns seem to be parted by {_DELIMITERS.get(found)}: write table: {{delimiter: "{written}"}} in the mapping'
    return told if found else ""


def _sheet(file: SourceFile, name: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet, the first where none is named. What formulas come to is what Excel has saved of them."""
    _weigh(file)
    number = 0
    left = limits.SHEET_CELLS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that it does not know, which no value depends on
            book = openpyxl.load_workbook(file.path, read_only=True, data_only=True, keep_links=False)
            names = book.sheetnames
            found = book[name if name in names else names[0]]
            found.reset_dimensions()
            rows = iter(found.iter_rows())
    except Exception as error:  # a broken workbook ends in whatever its reader did not think of
        refuse(file.name, "unreadable", f"cannot be read as an Excel workbook ({type(error).__name__}: {error}); save it again as .xlsx")
    try:
        if name and name not in names:
            refuse(file.name, "no-sheet", f'has no sheet "{name}"; it has {", ".join(names)}')
        while (cells := _next(file, rows, number)) is not None:
            number += 1
            left -= 1 + len(cells)
            if left < 0 or number > limits.SHEET_ROWS:
                most = f"{limits.SHEET_ROWS:,} rows or {limits.SHEET_CELLS:,} cells"
                refuse(file.name, "too-large", f"has more than {most}, empty ones among them; take the table out of it", number)
            if number > before:
                yield number, cells
    finally:
        book.close()


def _next(file: SourceFile, rows: Iterator[Any], number: int) -> list[str] | None:
    """The cells of the next row as texts, if there is one."""
    try:
        row = next(rows, None)
        return None if row is None else [_shown(cell) for cell in row]
    except Exception as error:  # likewise
        refuse(file.name, "unreadable", f"cannot be read as a sheet ({type(error).__name__}: {error}); save it again as .xlsx", number + 1)


def _weigh(file: SourceFile) -> None:
    """Refuse an archive that would unpack to too much; what is unpacked of a part is never more than it says of itself."""
    if not file.path.is_file():
        refuse(file.name, "unreadable", "is no regular file; name a file that is there")
    try:
        with zipfile.ZipFile(file.path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        refuse(file.name, "unreadable", f"is no Excel workbook ({error}); save it as .xlsx or as CSV")
    if len(parts) > limits.SHEET_PARTS or sum(part.file_size for part in parts) > limits.SHEET_BYTES:
        refuse(file.name, "too-large", f"unpacks to more than {limits.SHEET_BYTES:,} bytes or {limits.SHEET_PARTS:,} parts; save it as CSV")


def _shown(cell: Any) -> str:
    """The value of a cell as text, near to what Excel shows: shares in per cent, numbers without exponent, days without time."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            number = Decimal(repr(value))
            if not number.is_finite():
                return str(value)
            shown, sign = (number * 100, "%") if "%" in str(cell.number_format) else (number, "")
            return f"{shown.normalize():f}{sign}"
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value).strip()
