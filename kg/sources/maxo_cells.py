"""What the cells of MAxO's annotations say: which rows can be no fact, who says it, and how an action stands among the terms of MAxO."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.sources.model import Note
from kg.sources.opening import Row

INTENTS: Final = {
    "treats": "treats",
    "prevents": "prevents",
    "contraindicated": "contraindicated",
    "lack of observed response": "noBenefit",
    "no_observed_benefit": "noBenefit",
}
_AGAINST: Final = frozenset({"contraindicated", "noBenefit"})
_UNDECIDED: Final = frozenset({"unknown", "investigates"})
_EVIDENCE: Final = frozenset({"PCS", "TAS", "IEA"})
_CITED = re.compile(r"PMID:[1-9][0-9]{0,8}|OMIM:[1-9][0-9]{5}")
_CURATOR = re.compile(r"ORCID:[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")
_SEVERAL = re.compile(r"[;|,]")
_AVOIDS = re.compile(r"\bavoid", re.IGNORECASE)
_REANNOTATE = re.compile(r"re-?annotate\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a term of MAxO, and whether it is obsolete."""

    text: str
    obsolete: bool


def unusable(row: Row, labels: Mapping[str, Label]) -> tuple[str, str]:
    """The reason why a row can be no fact, and what stands there; or nothing."""
    cells = row.cells
    if row.broken:
        return "broken-row", ""
    relation = cells["relation"]
    if all(name == cell for name, cell in cells.items()):
        return "header", relation
    if not cells["disease_id"] or not cells["maxo_id"] or not relation:
        return "no-value", relation
    if relation in _UNDECIDED:
        return "undecided", relation
    if relation not in INTENTS:
        return "unknown-value", relation
    if _REANNOTATE.match(cells["comment"]):
        return "undecided-reannotate", cells["comment"]
    if cells["extension_name"] and not cells["extension_id"] and INTENTS[relation] in _AGAINST:
        return "undecided-agent", f"{relation}: {cells['extension_name']}"
    label = labels.get(cells["maxo_id"])
    avoided = [name for name in (cells["maxo_name"], label.text if label else "") if _AVOIDS.search(name)]
    if relation == "contraindicated" and avoided:  # "must not be used: avoiding exertion" would tell people to exert themselves
        return "undecided-avoidance", f"{relation}: {avoided[0]}"
    return "", ""


def checked(action: str, name: str, labels: Mapping[str, Label], terms: str) -> Iterator[Note]:
    """What the terms say against an action; it is kept as it is, for nothing is put in its place by guess."""
    label = labels.get(action)
    if label is None:
        yield Note("term-unknown", f"{action} ({name}) is not in {terms}")
    elif label.obsolete:
        yield Note("term-obsolete", f"{action} ({name}) is obsolete in {terms}")
    elif name and name.casefold() != label.text.casefold():
        yield Note("label-differs", f'{action} is "{label.text}" in {terms}, here "{name}"')


def evidence(cells: Mapping[str, str]) -> tuple[list[str], dict[str, str], list[Note]]:
    """References, further keys of the evidence lines, and what could become neither."""
    also: dict[str, str] = {}
    notes = []
    references = [cells["source_id"]] if _CITED.fullmatch(cells["source_id"]) else []
    if not references:
        notes.append(Note("reference", cells["source_id"] or "none"))
    if cells["evidence"] in _EVIDENCE:
        also["evidenceType"] = cells["evidence"]
    elif cells["evidence"]:
        notes.append(Note("evidence-code", cells["evidence"]))
    first, *others = (each.strip() for each in _SEVERAL.split(cells["author"]))
    if _CURATOR.fullmatch(first):
        also["curator"] = first
    notes += [Note("author", each) for each in (*([first] if "curator" not in also else []), *others) if each]
    return references, also, notes
