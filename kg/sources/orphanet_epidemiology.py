"""Orphanet's epidemiological records, from the packets and from the table: how many people have a disorder, among whom, where.

A record gives a class of frequency (``1-9 / 100 000``), and some a mean as well. The packets lost the means of all records that stand
in a list; the table, of an older release, has them. So a record with a class alone says no more than the limits of the class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Final

from kg.sources.model import Fact, Item, Note, Reading, Value
from kg.sources.opening import Row, rows
from kg.sources.orphanet_json import Packet, fields, text
from kg.sources.orphanet_references import evidence

RATES: Final = {
    "Point prevalence": ("pointPrevalence", "people"),
    "Prevalence at birth": ("birthIncidence", "births"),
    "Annual incidence": ("annualIncidence", "people"),
    "Lifetime Prevalence": ("lifetimePrevalence", "people"),
}
"""Measure and denominator. The files name no denominator, so it is that of the measure. Orphanet's report on prevalence reckons what is
congenital from the incidence at birth, that is among births; the files do not say whether the stillborn are counted (registers of
anomalies are among their sources), so ``liveBirths`` would say more than they do."""
CASES: Final = {"Case": "knownCases", "Case(s)": "knownCases", "Family": "knownFamilies", "Family(ies)": "knownFamilies"}
"""Qualifications of ``Cases/families``, in the table and in the packets; a family is not a case."""
PER: Final = "100000"
"""What means refer to. The table of 2023-06 shows it: taken so, all but 41 of its 6,982 means with a class lie within it."""
CLASSES: Final = {
    "<1 / 1 000 000": ("1", "1000000", "maximum", ""),
    "1-9 / 1 000 000": ("10", "1000000", "maximum", "1"),
    "1-9 / 100 000": ("10", "100000", "maximum", "1"),
    "1-5 / 10 000": ("6", "10000", "maximum", "1"),
    "6-9 / 10 000": ("10", "10000", "maximum", "6"),
    ">1 / 1000": ("1", "1000", "minimum", ""),
}
"""Value, per, bound and lower limit. The classes leave no gaps: 9.4 per 100,000 is in ``1-9 / 100 000``, so its limit is 10, not 9."""
NOTHING: Final = frozenset({"", "Unknown", "Not yet documented"})
QUALIFICATIONS: Final = frozenset({"", "Value and class", "Class only"})
Notes = tuple[Note, ...]
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_CODE: Final = re.compile(r"[1-9][0-9]*")
_KEYS: Final = ("Source", "PrevalenceType", "PrevalenceQualification", "PrevalenceClass", "ValMoy", "PrevalenceGeographic")
_CODE_OF: Final = "/DisorderList/Disorder/OrphaCode"
_ID: Final = "@id"
_STATUS: Final = "PrevalenceValidationStatus/Name"
_CELLS: Final = (
    "Source",
    "PrevalenceType/Name",
    "PrevalenceQualification/Name",
    "PrevalenceClass/Name",
    "ValMoy",
    "PrevalenceGeographic/Name",
)
_PATH: Final = "/DisorderList/Disorder/PrevalenceList/Prevalence/"
"""What the names of the table's columns on a record begin with."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record, whichever file it comes from; what the file does not say is empty. ``validated`` is False only where it says so."""

    about: str
    source: str
    type: str
    qualification: str
    range: str
    mean: str
    area: str
    _: KW_ONLY
    validated: bool = True


def of_packet(packet: Packet, entry: object) -> Item:
    """The item of a record in a packet. Raises OddFormError."""
    found, notes = fields(entry, _KEYS)
    record = Record(packet.about, *[text(found[key]) for key in _KEYS])
    what = "prevalence: " + ", ".join(filter(None, (record.type, record.area, record.range or record.qualification)))
    try:
        says, more = _says(record)
    except _LostError as lost:
        return packet.lost(what, lost.reason, lost.detail)
    lines, unnamed = evidence(record.source, packet.work, packet.about)
    return packet.told(what, Fact(packet.about, "epidemiology", says, lines), notes=(*notes, *more, *unnamed))


def of_table(reading: Reading, known: Set[str]) -> Iterator[Item]:
    """The items of the table's rows; ``known`` are the disorders that have a packet. Raises UnreadableError."""
    for file in reading.files.get("epidemiology", ()):
        for row in rows(file, ",", [_CODE_OF, *(_PATH + name for name in (_ID, *_CELLS, _STATUS))]):
            what = f"ORPHA:{row.cells.get(_CODE_OF, '')}, prevalence {row.cells.get(_PATH + _ID, '')}"
            try:
                fact, notes = _of_row(row, what, reading.works["epidemiology"], known)
            except _LostError as lost:
                yield Item(file.name, row.line, what, lost=lost.reason, detail=lost.detail)
            else:
                yield Item(file.name, row.line, what, (fact,), notes=notes)


class _LostError(Exception):
    """Why a record says nothing, and what stands there."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason)


def _of_row(row: Row, locator: str, work: str, known: Set[str]) -> tuple[Fact, Notes]:
    if row.broken:
        raise _LostError("broken-row", f"{len(row.cells)} columns have a cell")
    code, status = row.cells[_CODE_OF], row.cells[_PATH + _STATUS]
    if not _CODE.fullmatch(code):
        raise _LostError("identifier-pattern", code)
    # The table is of an older release: some of its disorders have been withdrawn since.
    if f"ORPHA:{code}" not in known:
        raise _LostError("no-packet", code)
    record = Record(f"ORPHA:{code}", *[text(row.cells[_PATH + name]) for name in _CELLS], validated=status != "Not yet validated")
    says, notes = _says(record)
    lines, unnamed = evidence(record.source, work, locator)
    if status not in ("Validated", "Not yet validated"):
        notes += (Note("unknown-value" if status else "no-value", f"validation status {status}".rstrip()),)
    return Fact(record.about, "epidemiology", says, lines), notes + unnamed


def _says(record: Record) -> tuple[dict[str, Value], Notes]:
    """What a record says, and notes on what is left out. Raises _LostError."""
    if record.mean and not _NUMBER.fullmatch(record.mean):
        raise _LostError("unknown-value", record.mean)
    if record.type != "Cases/families" and record.type not in RATES:
        raise _LostError("unknown-value" if record.type else "no-value", record.type)
    mean = _canonical(record.mean)
    says, notes = _counted(record.qualification, mean) if record.type == "Cases/families" else _rated(record, mean)
    if record.area == "Specific population":
        says["population"] = "a certain population, which Orphanet does not name"
    elif record.area:
        says["area"] = record.area
    if not record.validated:
        says["comment"] = "Orphanet had not validated this when the data were released."
    return says, notes


def _counted(qualification: str, mean: str) -> tuple[dict[str, Value], Notes]:
    if qualification not in CASES:
        raise _LostError("unknown-value" if qualification else "no-value", qualification)
    if not mean:
        raise _LostError("number-lost", qualification)
    return {"measure": CASES[qualification], "value": mean}, ()


def _rated(record: Record, mean: str) -> tuple[dict[str, Value], Notes]:
    measure, denominator = RATES[record.type]
    says: dict[str, Value] = {"measure": measure, "denominator": denominator}
    if record.range not in CLASSES.keys() | NOTHING or record.qualification not in QUALIFICATIONS:
        raise _LostError("unknown-value", f"{record.range}, {record.qualification}")
    limits = CLASSES.get(record.range)
    if limits:
        says["prevalenceClass"] = record.range
    # A mean of 0 is what the files hold where only a class is known; all rows of "Class only" but six have it.
    if mean and record.qualification != "Class only":
        if Decimal(mean) > Decimal(PER):
            raise _LostError("refused", f"{mean} per {PER}")
        agrees = limits is None or _within(mean, *limits)
        return says | {"value": mean, "per": PER}, () if agrees else (Note("class-disagrees", f"{mean} per {PER}, {record.range}"),)
    if not limits:
        raise _LostError("no-value", record.range)
    value, per, bound, lower = limits
    says |= {"value": value, "per": per, "bound": bound} | ({"lowerLimit": lower} if lower else {})
    if mean:
        return says, (Note("class-only", f"{mean} per {PER}"),)
    return says, () if record.qualification == "Class only" else (Note("number-lost", record.qualification or "no qualification"),)


def _canonical(number: str) -> str:
    """A number in canonical form; the empty text for 0, which means that none is given."""
    whole, _, part = number.partition(".")
    whole, part = whole.lstrip("0"), part.rstrip("0")
    return f"{whole or '0'}.{part}" if part else whole


def _within(mean: str, value: str, per: str, bound: str, lower: str) -> bool:
    """Whether a mean is in a class, whose upper limit is not in it."""
    share = Decimal(mean) * Decimal(per) / Decimal(PER)
    return share >= Decimal(value) if bound == "minimum" else Decimal(lower or 0) <= share < Decimal(value)
