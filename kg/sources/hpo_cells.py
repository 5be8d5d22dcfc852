"""The rows of HPO's files, and what their cells say: how often a feature is found, and who says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.sources.hpo_terms import EXCLUDED, FREQUENCIES
from kg.sources.model import Note, SourceFile, cited
from kg.sources.opening import lines, refuse

_CODES = ("PCS", "TAS", "IEA")
_RATIO = re.compile(r"(0|[1-9][0-9]{0,6})/([1-9][0-9]{0,6})")
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,20})?")
_CLASS = re.compile(r"([A-Z][a-z ]+?) \(<?([0-9]+)(?:-([0-9]+))?%\)")
_PMID = re.compile(r"PMID:[1-9][0-9]{0,8}")
_ENTRY = re.compile(r"(?:OMIM|ORPHA|DECIPHER):[0-9]+")
_ORCID = re.compile(r"ORCID:[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of the files: where it stands, and its cells by the names that ``rows`` gives the columns."""

    file: str
    line: int
    cells: Mapping[str, str]
    broken: bool


def rows(file: SourceFile, wanted: Sequence[str]) -> Iterator[Row]:
    """The rows of a table with tabs, in which quotes mean nothing; the names of its columns in small letters without ``#`` and ``_``."""
    header: list[str] | None = None
    for number, text in lines(file):
        if header is None:
            names = [name.strip().lstrip("#").replace("_", "").lower() for name in text.split("\t")]
            if text.startswith("#") and "databaseid" not in names:
                continue
            missing = [name for name in wanted if names.count(name) != 1]
            if missing:
                refuse(file.name, "no-column", f"has not one column {missing[0]}; is it another file, or a newer form of it?", number)
            header = names
        elif text.strip():
            cells = [cell.strip() for cell in text.split("\t")]
            yield Row(file.name, number, dict(zip(header, cells, strict=False)), len(cells) != len(header))
    if header is None:
        refuse(file.name, "no-column", "has no header; get the file again")


def release_of(file: SourceFile) -> str | None:
    """The release that an annotation file says it is: ``#version:``, in older ones ``#date:``."""
    for _, text in lines(file):
        if not text.startswith("#"):
            return None
        if match := re.fullmatch(r"#(?:version|date):\s*([0-9]{4}-[0-9]{2}-[0-9]{2})\s*", text):
            return match[1]
    return None


def how_often(text: str) -> dict[str, str] | None:
    """``3/8``, ``12.5%`` or a term, as keys of a record; none for an empty cell. None where it is none of these, or cannot be."""
    if ratio := _RATIO.fullmatch(text):
        return {"affected": ratio[1], "total": ratio[2]} if int(ratio[1]) <= int(ratio[2]) else None
    if text.endswith("%"):
        share = _share(text[:-1].strip())
        return None if share is None else _percentage(share)
    if text in FREQUENCIES.values():
        return {"frequency": text}
    return None if text else {}


def class_or_share(name: str, least: str, most: str) -> dict[str, str] | None:
    """What the table of frequencies says: a class, whose bounds have to be those in its name, or a share; none for a range.

    None where it is none of these. The share of a ratio is a quotient with all its digits. It is rounded to one, unless that would say
    nobody or everybody.
    """
    low, high = _share(least), _share(most)
    if low is None or high is None or low > high:
        return None
    if match := _CLASS.fullmatch(name):
        known = match[1] in FREQUENCIES and (high, low) == (Decimal(match[2]), Decimal(match[3] or match[2]))
        return {"frequency": FREQUENCIES[match[1]]} if known else None
    if name not in ("ratio", "percentage"):
        return None
    if low != high:
        return {} if low else None  # from nobody to some: whether it was found is not said
    if name == "percentage":
        return _percentage(low)
    bounds = (0, 100)
    return _percentage(next(each for each in (round(low, digits) for digits in range(1, 22)) if (each in bounds) == (low in bounds)))


def excludes(frequency: Mapping[str, str]) -> bool:
    """Whether it says that the feature was found in nobody."""
    return frequency.get("frequency") == EXCLUDED or "0" in (frequency.get("affected"), frequency.get("percentage"))


def _share(text: str) -> Decimal | None:
    share = Decimal(text) if _PERCENT.fullmatch(text) else None
    return share if share is None or share <= 100 else None


def _percentage(share: Decimal) -> dict[str, str]:
    return {"percentage": f"{share.normalize():f}"}


def evidence_of(cells: Mapping[str, str], disease: str, work: str) -> tuple[tuple[dict[str, str], ...], list[Note]]:
    """The evidence lines of a row, and what of its evidence they leave out.

    Articles are cited as read in the work; the work itself is, for the database's own entries and where there is nothing else.
    """
    notes = []
    also: dict[str, str] = {}
    if cells["evidence"] in _CODES:
        also["evidenceType"] = cells["evidence"]
    elif cells["evidence"]:
        notes.append(Note("evidence-code", cells["evidence"]))
    curators = _list(cells["biocuration"])
    people = [match[0] for each in curators if (match := _ORCID.match(each))]
    if people:
        also["curator"] = people[0]
    others = [each for each in curators if not people or not each.startswith(people[0])]
    if others:
        notes.append(Note("curator", "; ".join(others)))
    references = _list(cells["reference"])
    articles = [each for each in references if _PMID.fullmatch(each)]
    entries = [each for each in references if _ENTRY.fullmatch(each)]
    notes.extend(Note("reference", each) for each in references if each not in articles and each not in entries)
    found = cited(work, disease, articles, **also) if articles else ()
    if entries or not articles:
        elsewhere = [each for each in entries if each != disease]
        found += cited(work, ", ".join([disease, *elsewhere]), **also)
    return found, notes


def _list(text: str) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in text.split(";") if each.strip()))
