"""Tables for spreadsheets and for mapping tools: what the queries of ``ontology/exports/`` yield, as CSV and as SSSOM.

A query names its columns; here its rows are only sorted and written, so that the same release gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.dataset import Dataset
from kg.errors import KgError
from kg.formats import CSV, TSV
from kg.layout import files_in, ontology_folders
from kg.prefixes import Prefixes
from kg.publish.content import Content
from kg.publish.file import Body
from kg.publish.written import Written
from kg.sorting import sorted_lines

_FACTS: Final = "facts"
_MAPPINGS: Final = "mappings"
_HEAD: Final = "mappings-head"
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK: Final = "\ufeff"

Cell = NamedNode | Literal | None


def tables(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the tables."""
    made = Tables(content.dataset, content.name, content.store)
    yield f"{content.name}-facts.{CSV}", made.facts
    yield f"{content.name}.sssom.{TSV}", made.mappings


class Tables:
    """The tables of a release."""

    def __init__(self, dataset: Dataset, name: str, store: Store) -> None:
        self._dataset = dataset
        self._name = name
        self._store = store
        self._queries = {path.stem: path.read_text(encoding="utf-8") for path in files_in(ontology_folders(dataset.folder), "exports/*.rq")}

    def facts(self, stream: BinaryIO) -> None:
        """A row per fact and evidence line, as CSV (RFC 4180) in UTF-8.

        It begins with a byte order mark, by which spreadsheets know UTF-8, and nothing in it is a formula.
        """
        columns, rows = self.rows(_FACTS)
        prefixes = self._dataset.ontology.prefixes
        shown = ((row, [harmless(_shown(cell, prefixes)) for cell in row]) for row in rows)
        stream.write((_BYTE_ORDER_MARK + _row(columns)).encode())
        for cells in _in_order(shown):
            stream.write(_row(cells).encode())

    def mappings(self, stream: BinaryIO) -> None:
        """The mappings as SSSOM/TSV (https://mapping-commons.github.io/sssom/spec-formats-tsv/), its metadata in the head."""
        columns, rows = self.rows(_MAPPINGS)
        prefixes = self._with_own_prefixes()
        used: set[str] = set()

        def shown() -> Iterator[tuple[list[Cell], list[str]]]:
            for row in rows:
                texts = [_shown(cell, prefixes) for cell in row]
                used.update(text.partition(":")[0] for text in _curies(texts, row))
                yield row, texts

        with tempfile.TemporaryFile() as body:  # the head names the prefixes of all rows
            body.writelines(_row(texts, delimiter="\t", end="\n").encode() for texts in _in_order(shown()))
            stream.write(self._head(used, prefixes) + _row(columns, delimiter="\t", end="\n").encode())
            body.seek(0)
            shutil.copyfileobj(body, stream)

    def _head(self, used: set[str], prefixes: Prefixes) -> bytes:
        names, (values,) = self.rows(_HEAD)
        head = [f"{name}: {json.dumps(value.value, ensure_ascii=False)}" for name, value in zip(names, values, strict=True) if value]
        head += ["curie_map:", *(f"  {prefix}: {json.dumps(prefixes.namespaces[prefix])}" for prefix in sorted(used))]
        return "".join(f"# {line}\n" for line in head).encode()

    def _with_own_prefixes(self) -> Prefixes:
        """The prefixes of the ontology, and one for each type of record, since SSSOM has nothing but CURIEs."""
        ontology, base = self._dataset.ontology, self._dataset.base
        own = {f"{self._name}.{key}": base + kind.path for key, kind in ontology.record_types.items() if kind.path}
        return Prefixes({**ontology.prefixes.namespaces, **own})

    def rows(self, name: str) -> tuple[list[str], Iterator[list[Cell]]]:
        """The columns and the rows of an export, as they come. Raises KgError naming the query."""
        namespaces = self._dataset.ontology.prefixes.namespaces
        try:
            answer = self._store.query(self._queries[name], use_default_graph_as_union=True, prefixes=namespaces)
        except (SyntaxError, ValueError) as error:
            raise KgError(f"exports/{name}.rq: {error}") from None
        if not isinstance(answer, QuerySolutions):
            raise KgError(f"exports/{name}.rq: is no SELECT query; an export is a table")
        return [variable.value for variable in answer.variables], ([_cell(value) for value in solution] for solution in answer)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: ``'`` goes before what would begin one, but for plain numbers.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    if not text.startswith(_ACTIVE):
        return text
    number = text[1:] if text[0] in "+-" else text
    return text if number.replace(".", "", 1).isdecimal() and number.isascii() else f"'{text}"


def compress(path: Path, stream: BinaryIO) -> None:
    """The bytes of a file as gzip (RFC 1952), without a name or a time, so that they are the same every time."""
    with path.open("rb") as file, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=stream, mtime=0) as packed:
        shutil.copyfileobj(file, packed, 2**20)


def _cell(value: object) -> Cell:
    assert value is None or isinstance(value, NamedNode | Literal)
    return value


def _shown(cell: Cell, prefixes: Prefixes) -> str:
    if isinstance(cell, NamedNode):
        return prefixes.contract(cell.value) or cell.value
    return cell.value if cell is not None else ""


def _curies(row: list[str], cells: list[Cell]) -> list[str]:
    return [text for text, cell in zip(row, cells, strict=True) if isinstance(cell, NamedNode) and text != cell.value]


def _in_order(rows: Iterable[tuple[list[Cell], list[str]]]) -> Iterator[list[str]]:
    """What is shown of rows, sorted by their terms."""
    keyed = ("\0".join(str(cell or "") for cell in row) + "\0\0" + json.dumps(texts, ensure_ascii=False) + "\n" for row, texts in rows)
    for line in sorted_lines(each.encode() for each in keyed):
        texts: list[str] = json.loads(line.rpartition(b"\0\0")[2])
        yield texts


def _row(cells: list[str], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerow(cells)
    return text.getvalue()
