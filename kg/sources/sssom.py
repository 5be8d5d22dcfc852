"""Mappings of diseases in SSSOM (https://mapping-commons.github.io/sssom/): any mapping set, whoever made it.

A row becomes a fact about the side that is a disease. The set itself says what work it is, in which version and under which licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

from kg.errors import KgError
from kg.sources.mapping_sets import (
    JUSTIFICATION,
    OBJECT,
    PREDICATE,
    PROPAGATED,
    REQUIRED,
    SUBJECT,
    MappingSet,
    is_orcid,
    mapping_set,
    said,
    several,
    version,
)
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Value, cited
from kg.sources.opening import Row, refuse

DISEASES: Final = ("MONDO", "ORPHA", "OMIM", "OMIMPS", "DOID", "GARD", "NORD", "NANDO")
"""Vocabularies whose identifiers name diseases; a mapping between others says nothing of any."""
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
RELATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{_SKOS + match: match for match in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")},
        "http://www.geneontology.org/formats/oboInOwl#hasDbXref": "crossReference",
        "http://www.w3.org/2000/01/rdf-schema#seeAlso": "crossReference",
    }
)
_INVERSE: Final = MappingProxyType({"broadMatch": "narrowMatch", "narrowMatch": "broadMatch"})
"""The relations that are another one when they are read from the other end."""
_SEMAPV: Final = "https://w3id.org/semapv/vocab/"
_ORCID: Final = "https://orcid.org/"
_IRI: Final = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")
_NOBODY: Final = "https://w3id.org/sssom/NoTermFound"
_NO_ENTITY: Final = MappingProxyType({"rdfs literal": "literal", "composed entity expression": "composite"})
"""Types of a subject or object that is no identifier, and the reason that a row of them gives."""
_LABELS: Final = ("subject_label", "object_label", "predicate_label")
_USED: Final = (*REQUIRED, *PROPAGATED, *_LABELS, "predicate_modifier", "author_id", "comment", "record_id")
REASONS: Final = MappingProxyType(
    {
        "composite": "one side is an expression made of several terms, which is no identifier",
        "label": "the label of one side; names are taken from the vocabularies themselves, and identifiers are the keys",
        "literal": "one side is a text without an identifier",
        "no-disease": "neither side is in a vocabulary of diseases",
        "no-term": "it says that nothing corresponds (sssom:NoTermFound)",
        "slot": "there is no key for this slot of SSSOM in the ontology",
        "author": "the author is not the first, or has no ORCID iD that is right",
    }
)


def item(found: MappingSet, row: Row, work: str) -> Item:
    """What a row of a set says, as a fact that cites ``work``. Raises UnreadableError where the set does not declare a prefix."""
    cells = row.cells
    what = " ".join(cells.get(slot, "") for slot in (SUBJECT, PREDICATE, OBJECT))
    reason, detail = _unusable(found, row)
    if reason:
        return Item(found.file.name, row.line, what, lost=reason, detail=detail)
    about, other = (found.written(cells[slot], row.line) or "" for slot in (SUBJECT, OBJECT))
    relation = RELATIONS[found.expand(cells[PREDICATE], row.line)]
    if _vocabulary(about) not in DISEASES:
        about, other, relation = other, about, _INVERSE.get(relation, relation)
    says: dict[str, Value] = {"relation": relation, "to": other}
    says |= {"negated": True} if cells.get("predicate_modifier") else {}
    says |= {"comment": cells["comment"]} if cells.get("comment") else {}
    also, notes = _evidence(found, row)
    evidence = cited(work, cells.get("record_id") or about, **also)
    return Item(found.file.name, row.line, what, (Fact(about, "mapping", says, evidence),), notes=notes)


def _unusable(found: MappingSet, row: Row) -> tuple[str, str]:
    """The reason why a row is no mapping of a disease, and its detail; empty where it is one."""
    cells = row.cells
    if row.broken:
        return "broken-row", ""
    for kind, reason in _NO_ENTITY.items():
        if kind in (cells.get(slot) for slot in PROPAGATED):
            return reason, " ".join(cells.get(slot, "") for slot in _LABELS).strip()
    if missing := [slot for slot in REQUIRED if not cells[slot]]:
        return "no-value", ", ".join(missing)
    if _NOBODY in (found.expand(cells[SUBJECT], row.line), found.expand(cells[OBJECT], row.line)):
        return "no-term", found.one("object_source")
    if found.expand(cells[PREDICATE], row.line) not in RELATIONS:
        return "no-kind", cells[PREDICATE]
    if cells.get("predicate_modifier", "") not in ("", "Not"):
        return "unknown-value", f"predicate_modifier {cells['predicate_modifier']}"
    ends = {slot: found.written(cells[slot], row.line) for slot in (SUBJECT, OBJECT)}
    if unknown := [cells[slot] for slot, end in ends.items() if not end]:
        return "unknown-prefix", " ".join(unknown)
    if not any(_vocabulary(end or "") in DISEASES for end in ends.values()):
        return "no-disease", ""
    return "", ""


def _vocabulary(curie: str) -> str:
    return curie.partition(":")[0]


def _evidence(found: MappingSet, row: Row) -> tuple[dict[str, str], tuple[Note, ...]]:
    """The keys of the evidence line beside work and place, and what of the row has no key."""
    also, notes = {}, []
    justification = found.expand(row.cells[JUSTIFICATION], row.line).removeprefix(_SEMAPV)
    if re.fullmatch(r"[A-Za-z]+", justification):
        also["evidenceType"] = f"semapv:{justification}"
    else:
        notes.append(Note("unknown-value", f"{JUSTIFICATION} {row.cells[JUSTIFICATION]}"))
    for author in several(row.cells.get("author_id", "")):
        orcid = found.expand(author, row.line).removeprefix(_ORCID)
        if "curator" not in also and is_orcid(orcid):
            also["curator"] = f"ORCID:{orcid}"
        else:
            notes.append(Note("author", author))
    notes += [Note("label", row.cells[slot]) for slot in _LABELS if row.cells.get(slot)]
    notes += [Note("slot", f"{slot} {value}") for slot, value in row.cells.items() if value and slot not in _USED]
    return also, tuple(notes)


def _read(reading: Reading) -> Iterator[Item]:
    beside = {PurePath(file.name).stem: file for file in reading.files.get("metadata", ())}
    for file in reading.files["mappings"]:
        stem = file.name.removesuffix(".gz").removesuffix(".tsv").removesuffix(".txt")
        found = mapping_set(file, reading.prefixes, beside.pop(stem, None))
        for row in found.rows():
            yield item(found, row, reading.works["mappings"])
    for file in beside.values():
        refuse(file.name, "no-mappings", "is the metadata of no set that is named; give it the name of its set but for the end")


def _says(file: SourceFile) -> Mapping[str, str]:
    """What a set says of itself, as the fields of a role. A licence or an address that is no IRI is left out."""
    found = said(file)
    name = re.sub(r"(\.sssom)?(\.tsv|\.txt)?(\.gz)?$", "", found.one("mapping_set_id").rpartition("/")[2] or file.name)
    fields = {
        "work": "sssom-" + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "set"),
        "title": found.one("mapping_set_title") or found.one("mapping_set_id") or file.name,
        "publisher": "; ".join(found.slots.get("creator_label", ())),
        "license": found.one("license"),
        "page": found.one("mapping_set_id"),
    }
    return {key: text for key, text in fields.items() if key not in ("license", "page") or _IRI.fullmatch(text)}


def _describe(files: Mapping[str, tuple[SourceFile, ...]]) -> Importer:
    """The importer with the work that the sets themselves say they are, named after it, so that the import of one set leaves another.

    Raises KgError where they are of several works.
    """
    said = {file.name: _says(file) for file in files["mappings"]}
    first = next(iter(said))
    other = next((name for name, found in said.items() if found != said[first]), None)
    if other:
        raise KgError(f"sssom: {first} and {other} are of two works; import them one at a time")
    roles = tuple(replace(role, **said[first]) if role.name == "mappings" else role for role in SSSOM.roles)  # type: ignore[arg-type]
    return replace(SSSOM, name=said[first]["work"], roles=roles)


SSSOM: Final = Importer(
    "sssom",
    "Mappings of diseases in SSSOM, any mapping set",
    (
        Role(
            "mappings",
            ("*.sssom.tsv", "*.tsv", "*.tsv.gz", "*.txt"),
            "a mapping set",
            "sssom",
            "Mapping set",
            version=version,
        ),
        Role(
            "metadata",
            ("*.yml", "*.yaml"),
            "its metadata, in a file of the same name but for the end, where they do not stand at its top",
            required=False,
        ),
    ),
    _read,
    REASONS,
    describe=_describe,
)
