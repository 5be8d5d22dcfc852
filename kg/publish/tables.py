"""Tables for spreadsheets and for mapping tools: what the queries of ``ontology/exports/`` yield, as CSV and as SSSOM.

A query names its columns; here its rows are only sorted and written, so that the same release gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import IO, Final

from pyoxigraph import NamedNode, Store

from kg.formats import CSV, TSV
from kg.indented import indented
from kg.parallel import Travelling, worth_it
from kg.prefixes import Prefixes
from kg.publish.content import Content
from kg.publish.exports import AT_ONCE, Around, Cell, Export
from kg.publish.file import Body
from kg.publish.written import Written
from kg.sorting import sorted_lines
from kg.subjects import Part

_FACTS: Final = "facts"
_MAPPINGS: Final = "mappings"
_HEAD: Final = "mappings-head"
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK: Final = "\ufeff"
_SHOWN: Final = 20_000
"""So many IRIs that rows share are not shortened again."""


def tables(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the tables: a row per fact and evidence line, as CSV (RFC 4180) in UTF-8, and the mappings.

    The first begins with a byte order mark, by which spreadsheets know UTF-8, and nothing in it is a formula. The mappings are
    SSSOM/TSV (https://mapping-commons.github.io/sssom/spec-formats-tsv/), whose head has the metadata.
    """
    facts = _Facts(_FACTS, content, content.dataset.ontology.prefixes)
    mappings = _Mappings(_MAPPINGS, content, _with_own(content))
    with tempfile.TemporaryFile() as first, tempfile.TemporaryFile() as second:
        _write({facts: first, mappings: second}, content)
        yield f"{content.name}-facts.{CSV}", lambda stream: stream.writelines(chain([facts.head], _in_order(first)))
        head = [_head(content, mappings), mappings.head]
        yield f"{content.name}.sssom.{TSV}", lambda stream: stream.writelines(chain(head, _in_order(second)))


def _with_own(content: Content) -> Prefixes:
    """The prefixes of the ontology, and one for each type of record, since SSSOM has nothing but CURIEs."""
    ontology, base = content.dataset.ontology, content.dataset.base
    own = {f"{content.name}.{key}": base + kind.path for key, kind in ontology.record_types.items() if kind.path}
    return Prefixes({**ontology.prefixes.namespaces, **own})


def _head(content: Content, mappings: _Table) -> bytes:
    """The metadata, and the prefixes of all rows."""
    export = Export(_HEAD, content.dataset)
    [values] = export.ask(content.store)
    head = [f"{name}: {json.dumps(value.value, ensure_ascii=False)}" for name, value in zip(export.columns, values, strict=True) if value]
    head += ["curie_map:", *(f"  {prefix}: {json.dumps(mappings.prefixes.namespaces[prefix])}" for prefix in sorted(mappings.used))]
    return "".join(f"# {line}\n" for line in head).encode()


class _Echo:
    """A file for the writer of the standard library, which gives back what was written."""

    def write(self, text: str) -> str:
        return text


class _Table(Travelling):
    """The rows of an export as text; ``used`` are the prefixes in those that were asked for."""

    delimiter = ","
    end = "\r\n"

    def __init__(self, name: str, content: Content, prefixes: Prefixes) -> None:
        self.export, self.prefixes = Export(name, content.dataset), prefixes
        self.used: set[str] = set()

    def rows(self, store: Store) -> Iterator[bytes]:
        """A line for each row that a store yields, behind what it is sorted by."""
        for row in self.export.ask(store):
            key = "\0".join(str(cell or "") for cell in row)
            yield f"{key}\0\0{indented(self._line([self.cell(cell) for cell in row]))}\n".encode()

    @property
    def head(self) -> bytes:
        """The names of the columns."""
        return self._line(self.export.columns).encode()

    def cell(self, cell: Cell) -> str:
        """What is shown of a term."""
        if isinstance(cell, NamedNode):
            return self._shown(cell.value)
        return cell.value if cell is not None else ""

    @cached_property
    def _shown(self) -> Callable[[str], str]:
        return lru_cache(maxsize=_SHOWN)(self._shorten)

    def _shorten(self, iri: str) -> str:
        short = self.prefixes.contract(iri)
        if short:
            self.used.add(short.partition(":")[0])
        return short or iri

    def _line(self, cells: Sequence[str]) -> str:
        line: str = csv.writer(_Echo(), delimiter=self.delimiter, lineterminator=self.end).writerow(cells)
        return line


class _Mappings(_Table):
    delimiter = "\t"
    end = "\n"


class _Facts(_Table):
    def cell(self, cell: Cell) -> str:
        return harmless(super().cell(cell))

    @property
    def head(self) -> bytes:
        return _BYTE_ORDER_MARK.encode() + super().head


class _OfPart(Travelling):
    """For each of some tables its rows of the facts in a part of the statements, and the prefixes in them."""

    def __init__(self, tables: Sequence[_Table], content: Content) -> None:
        self._tables, self._around = tables, Around(content.by_subject, content.store)

    def __call__(self, part: Part) -> list[tuple[bytes, set[str]]]:
        store = self._around.store(part)
        return [(b"".join(table.rows(store)), table.used) for table in self._tables]


def _write(tables: dict[_Table, IO[bytes]], content: Content) -> None:
    """Write the rows of each table, as they come, into its file."""
    shared = [table for table in tables if table.export.comes_with_kg]
    if shared:
        parts = content.by_subject.parts(AT_ONCE)
        for made in content.executor.map(_OfPart(shared, content), parts, 1, worth_it(content.by_subject.index.size)):
            for table, (text, used) in zip(shared, made, strict=True):
                tables[table].write(text)
                table.used |= used
    for table in tables.keys() - shared:
        tables[table].writelines(table.rows(content.store))


def _in_order(rows: IO[bytes]) -> Iterator[bytes]:
    """What was written of rows, sorted by their terms."""
    rows.seek(0)
    for line in sorted_lines(rows):
        text: str = json.loads(line.rpartition(b"\0\0")[2])
        yield text.encode()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: ``'`` goes before what would begin one, but for plain numbers.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    if not text.startswith(_ACTIVE):
        return text
    number = text[1:] if text[0] in "+-" else text
    return text if number.replace(".", "", 1).isdecimal() and number.isascii() else f"'{text}"
