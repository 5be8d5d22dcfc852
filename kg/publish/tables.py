"""Tables for spreadsheets and for mapping tools: what the queries of ``ontology/exports/`` yield, as CSV and as SSSOM.

A query names its columns; here its rows are only sorted and written, so that the same release gives the same bytes.
"""

from __future__ import annotations

import json
import tempfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import IO, Final

from pyoxigraph import NamedNode, Store

from kg.cuts import Named
from kg.formats import CSV, TSV
from kg.indented import indented
from kg.parallel import Travelling
from kg.prefixes import Prefixes
from kg.publish.content import Content
from kg.publish.delimited import line_of
from kg.publish.exports import AT_ONCE, Around, Cell, Export
from kg.publish.file import Body
from kg.publish.traces import Traces
from kg.publish.written import Written
from kg.sorting import sorted_lines

_FACTS: Final = "facts"
_MAPPINGS: Final = "mappings"
_HEAD: Final = "mappings-head"
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK: Final = "\ufeff"
_TOGETHER: Final = 4
"""So many parts of the statements are asked for rows by the same process, one after the other."""
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
        _write({facts: first, mappings: second}, content, written.traces)
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


class _Table(Travelling):
    """The rows of an export as text; ``used`` are the prefixes in those that were asked for so far."""

    delimiter = ","
    end = "\r\n"

    def __init__(self, name: str, content: Content, prefixes: Prefixes) -> None:
        self.name, self.export, self.prefixes = name, Export(name, content.dataset), prefixes
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
            shown, prefix = self._shown(cell.value)
            self.used.update(prefix)
            return shown
        return cell.value if cell is not None else ""

    @cached_property
    def _shown(self) -> Callable[[str], tuple[str, tuple[str, ...]]]:
        return lru_cache(maxsize=_SHOWN)(self._shorten)

    def _shorten(self, iri: str) -> tuple[str, tuple[str, ...]]:
        """An IRI by a prefix, with the prefix, or as it is."""
        short = self.prefixes.contract(iri)
        return (short, (short.partition(":")[0],)) if short else (iri, ())

    def _line(self, cells: Sequence[str]) -> str:
        return line_of(cells, self.delimiter, self.end)


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
    """For each of some tables its rows of the facts in a part of the statements, and the prefixes in them; packed, as text."""

    def __init__(self, tables: Sequence[_Table], around: Around) -> None:
        self._tables, self._around = tables, around

    def __call__(self, part: Named) -> str:
        store, found = self._around.store(part), []
        for table in self._tables:
            so_far, table.used = table.used, set()
            found.append([b"".join(table.rows(store)).decode(), sorted(table.used)])
            table.used = so_far
        return b64encode(zlib.compress(json.dumps(found).encode(), 1)).decode()


def _write(tables: dict[_Table, IO[bytes]], content: Content, traces: Traces) -> None:
    """Write the rows of each table, as they come, into its file."""
    shared = [table for table in tables if table.export.comes_with_kg]
    if shared:
        around = Around(content.by_subject, content.store)
        parts, given = content.by_subject.named(AT_ONCE), ([table.name for table in shared], around.declared)
        for made in traces.values("rows of tables", _OfPart(shared, around), parts, str, str, given, _TOGETHER):
            for table, (text, used) in zip(shared, json.loads(zlib.decompress(b64decode(made))), strict=True):
                tables[table].write(text.encode())
                table.used.update(used)
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
