"""Orphanet's epidemiological records, from the packets and from the table: how many people have a disorder, among whom, where.

A record gives a class of frequency (``1-9 / 100 000``), and some a mean as well. The packets lost the means of all records that stand
in a list; the table, of an older release, has them. So a record with a class alone says no more than the limits of the class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
"""Measure and denominator. Orphanet writes no denominator down: it follows from the measure. Its report on prevalence names births as
what a prevalence at birth refers to, not whether the stillborn are among them, so ``liveBirths`` would say more than it does."""
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
    what = f"prevalence: {record.type}, {record.area}, {record.range or record.qualification}"
    says, more, reason = _says(record)
    if reason:
        return packet.lost(what, reason, record.range or record.qualification or record.type)
    lines, unnamed = evidence(record.source, packet.work, packet.about)
    return packet.told(what, Fact(packet.about, "epidemiology", says, lines), notes=(*notes, *more, *unnamed))


def of_table(reading: Reading) -> Iterator[Item]:
    """The items of the table's rows. Raises UnreadableError."""
    for file in reading.files.get("epidemiology", ()):
        for row in rows(file, ",", [_CODE_OF, *(_PATH + name for name in (_ID, *_CELLS, _STATUS))]):
            yield _of_row(file.name, row, reading.works["epidemiology"])


def _of_row(file: str, row: Row, work: str) -> Item:
    code, status = row.cells.get(_CODE_OF, ""), row.cells.get(_PATH + _STATUS, "")
    what = f"ORPHA:{code}, prevalence {row.cells.get(_PATH + _ID, '')}"
    record = Record(f"ORPHA:{code}", *[text(row.cells.get(_PATH + name)) for name in _CELLS], validated=status != "Not yet validated")
    says, notes, reason = _says(record)
    reason = "broken-row" if row.broken else "identifier-pattern" if not _CODE.fullmatch(code) else reason
    if reason:
        return Item(file, row.line, what, lost=reason, detail=record.range or record.qualification or record.type)
    lines, unnamed = evidence(record.source, work, what)
    if status not in ("Validated", "Not yet validated"):
        notes += (Note("unknown-value" if status else "no-value", f"validation status {status}".rstrip()),)
    return Item(file, row.line, what, (Fact(record.about, "epidemiology", says, lines),), notes=notes + unnamed)


def _says(record: Record) -> tuple[dict[str, Value], tuple[Note, ...], str]:
    """What a record says, notes on what is left out, and the reason where it says nothing."""
    if record.mean and not _NUMBER.fullmatch(record.mean):
        return {}, (), "unknown-value"
    mean = _canonical(record.mean)
    if record.type == "Cases/families":
        says, notes, reason = _counted(record.qualification, mean)
    elif record.type in RATES:
        says, notes, reason = _rated(record, mean)
    else:
        return {}, (), "unknown-value" if record.type else "no-value"
    if record.area == "Specific population":
        says["population"] = "a certain population, which Orphanet does not name"
    elif record.area:
        says["area"] = record.area
    if not record.validated:
        says["comment"] = "Orphanet had not validated this when the data were released."
    return says, notes, reason


def _counted(qualification: str, mean: str) -> tuple[dict[str, Value], tuple[Note, ...], str]:
    if qualification not in CASES:
        return {}, (), "unknown-value" if qualification else "no-value"
    return {"measure": CASES[qualification], "value": mean}, (), "" if mean else "number-lost"


def _rated(record: Record, mean: str) -> tuple[dict[str, Value], tuple[Note, ...], str]:
    measure, denominator = RATES[record.type]
    says: dict[str, Value] = {"measure": measure, "denominator": denominator}
    if record.range not in CLASSES.keys() | NOTHING or record.qualification not in QUALIFICATIONS:
        return says, (), "unknown-value"
    limits = CLASSES.get(record.range)
    if limits:
        says["prevalenceClass"] = record.range
    # A mean of 0 is what the files hold where only a class is known; all rows of "Class only" but six have it.
    if mean and record.qualification != "Class only":
        notes = (Note("class-disagrees", f"{mean} per {PER}, {record.range}"),) if limits and not _within(mean, *limits) else ()
        return says | {"value": mean, "per": PER}, notes, "refused" if Decimal(mean) > Decimal(PER) else ""
    if not limits:
        return says, (), "no-value"
    value, per, bound, lower = limits
    says |= {"value": value, "per": per, "bound": bound} | ({"lowerLimit": lower} if lower else {})
    if mean:
        return says, (Note("class-only", f"{mean} per {PER}"),), ""
    return says, (Note("number-lost", record.qualification or "no qualification"),) if record.qualification != "Class only" else (), ""


def _canonical(number: str) -> str:
    """A number in canonical form; the empty text for 0, which means that none is given."""
    whole, _, part = number.partition(".")
    whole, part = whole.lstrip("0"), part.rstrip("0")
    return f"{whole or '0'}.{part}" if part else whole


def _within(mean: str, value: str, per: str, bound: str, lower: str) -> bool:
    """Whether a mean is in a class, whose upper limit is not in it."""
    share = Decimal(mean) * Decimal(per) / Decimal(PER)
    return share >= Decimal(value) if bound == "minimum" else Decimal(lower or 0) <= share < Decimal(value)
