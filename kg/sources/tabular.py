"""A publisher's own table (CSV, TSV, Excel), made into facts by a mapping beside it: a file in YAML, and no Python.

.. code-block:: yaml

    work:                         # the table as a work that the facts cite
      key: our-registry           # with the version, the key of the work; the import is called table-our-registry
      version: "2026-03"
      title: Registry of our centre
      publisher: Our centre
      license: https://creativecommons.org/licenses/by/4.0/
      page: https://example.org/registry
    table: {sheet: Patients, before: 2}                          # may be left out; delimiter: ";" for text
    disease: {column: OMIM, prefix: OMIM}                        # prefix: what stands before bare identifiers; unpad: true, where they
                                                                 # are filled up with zeros, as in GARD:0000073
    empty: ["-", n/a, no data]                                   # words that mean nothing in any column
    skip:
      - {column: Status, is: [draft], because: the registry does not stand by it}
    leave: {Notes: for the staff alone}                          # every column is used, or left with a reason
    facts:
      - kind: inheritance
        mode: {column: Inheritance, split: "/", values: {AR: "HP:0000007 ! Autosomal recessive inheritance", unknown: }}
      - kind: phenotype
        when: {column: Sort, is: sign}                           # only in rows of which this holds
        feature: {column: Term}
        percentage: {column: Share}
    evidence:                                                    # for all facts, unless one has its own
      references: {column: PMIDs, prefix: PMID, split: [";", ","], strip: "[]"}
      locator: {column: Row}                                     # the disease's identifier, where it is left out
      evidenceType: PCS

The keys below a kind are those of a record, but that the kind of a name is its ``predicate``. Each is a value that holds for all rows, or
a map with ``column``; ``values`` says what the words of the column mean, one without a value meaning nothing. A word that is not among them
is reported and never guessed, and its fact is not made, since the word may be what restricts it. An empty cell of the object makes no fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from kg.errors import UnreadableError, reading_problem
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.facts import facts_of_row
from kg.sources.forms import Form, described
from kg.sources.mapping import Table
from kg.sources.mapping_file import read_mapping
from kg.sources.model import Importer, Item, Reading, Role, SourceFile
from kg.sources.opening import refuse
from kg.sources.sheets import EXCEL, parted, table_rows


def _read(reading: Reading) -> Iterator[Item]:
    ontology = reading.ontology or Ontology.load(ontology_folders())
    [file] = reading.files["mapping"]
    mapping = read_mapping(file, ontology)
    for table in reading.files["table"]:
        yield from _items(table, mapping, reading.works["table"], ontology)


def _items(file: SourceFile, mapping: Table, work: str, ontology: Ontology) -> Iterator[Item]:
    header: list[str] | None = None
    for line, cells in table_rows(file, mapping.sheet, mapping.delimiter, mapping.before):
        if header is None:
            header = _header(file, line, cells, mapping)
            continue
        short = len(cells) < len(header) and not file.name.lower().endswith(EXCEL)  # there a row ends with its last cell that is written
        if short or any(cells[len(header) :]):
            yield Item(file.name, line, f"row {line}", lost="broken-row", detail=f"{len(cells)} cells, {len(header)} columns")
            continue
        row = dict(zip_longest(header, cells[: len(header)], fillvalue=""))
        facts, notes = facts_of_row(row, mapping, work, ontology)
        lost, kept = ("", notes) if facts else (notes[0].reason, notes[1:])
        what = " ".join(filter(None, (row.get(mapping.disease.column, ""), f"row {line}")))
        yield Item(file.name, line, what, tuple(facts), lost=lost, detail="" if facts else notes[0].detail, notes=tuple(kept))
    if header is None:
        refuse(file.name, "no-column", "is empty; get the file again")


def _header(file: SourceFile, line: int, cells: list[str], mapping: Table) -> list[str]:
    """The columns, which have to be those that the mapping uses or leaves, each once. Raises UnreadableError."""
    names = [*cells]
    while names and not names[-1]:
        names.pop()
    listed = ", ".join(f'"{name}"' for name in names)
    hint = parted(names[0], "") if len(names) == 1 and not file.name.lower().endswith(EXCEL) else ""
    problems = [
        reading_problem(place, "no-column", f'names the column "{name}", which {file.name} has not once; it has {listed}{hint}')
        for name, place in mapping.columns.items()
        if names.count(name) != 1
    ]
    if problems:
        raise UnreadableError(problems)
    for name in names:
        if name not in mapping.columns and name not in mapping.leave:
            refuse(
                file.name,
                "no-column",
                f'has a column "{name}" that the mapping does not use; use it, or add it to leave: with the reason',
                line,
            )
    return names


def _describe(files: Mapping[str, tuple[SourceFile, ...]]) -> Importer:
    if len(files["mapping"]) != 1:
        refuse(files["mapping"][-1].name, "mapping", "is a second mapping; import the tables of each by themselves")
    form = Form.read(files["mapping"][0])
    importer = described(TABLE, form)
    form.check()
    return importer


TABLE = Importer(
    name="table",
    title="a publisher's own table, with a mapping",
    roles=(
        Role("mapping", ("*.yaml", "*.yml"), "what the columns mean", "", "", "", "", ""),
        Role("table", ("*.csv", "*.tsv", "*.csv.gz", "*.tsv.gz", "*.xlsx"), "the table", "table", "", "", "", ""),
    ),
    read=_read,
    reasons={
        "skipped": "the mapping says that such rows are skipped",
        "not-mapped": "no fact of the mapping is for such rows",
        "reference": "the reference is no identifier of a known vocabulary, so the table itself is cited for it",
        "several-values": "the key has one value, and the cell several",
    },
    version=2,
    describe=_describe,
)
