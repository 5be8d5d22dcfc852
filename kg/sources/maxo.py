"""MAxO's annotations: what is done in a disease, against what, on whose word; and the terms of MAxO that they are checked against.

Identifiers are keys. A name beside one is compared where the file of terms has its label, and is never looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Value, cited
from kg.sources.obo import frames, release
from kg.sources.obo_terms import OBO_REASONS, OF_THE_TERM, belongs, reported, term_of
from kg.sources.opening import Row, rows

_INTENTS: Final = {
    "treats": "treats",
    "prevents": "prevents",
    "contraindicated": "contraindicated",
    "lack of observed response": "noBenefit",
    "no_observed_benefit": "noBenefit",
}
_UNDECIDED: Final = frozenset({"unknown", "investigates"})
_COLUMNS: Final = (
    *("disease_id", "source_id", "maxo_id", "maxo_name", "hpo_id", "relation", "evidence"),
    *("extension_id", "extension_name", "comment", "other", "author"),
)
_ASIDE: Final = ("disease_name", "last_updated", "created")
_EVIDENCE: Final = frozenset({"PCS", "TAS"})
_CITED = re.compile(r"PMID:[1-9][0-9]{0,8}|OMIM:[1-9][0-9]{5}")
_CURATOR = re.compile(r"ORCID:[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")
_SEVERAL = re.compile(r"[;|,]")


@dataclass(frozen=True, slots=True)
class _Label:
    """The name of a term of MAxO, and whether it is obsolete."""

    text: str
    obsolete: bool


def _read(reading: Reading) -> Iterator[Item]:
    labels: dict[str, _Label] = {}
    work = reading.works.get("terms", "")
    for file in reading.files.get("terms", ()):
        yield from _terms(file, work, labels)
    (file,) = reading.files["annotations"]
    yield Item(file.name, 1, " ".join(_ASIDE), lost="aside", detail="columns")
    for row in rows(file, "\t", _COLUMNS):
        yield _annotation(file, row, reading.works["annotations"], labels, work)


def _terms(file: SourceFile, work: str, labels: dict[str, _Label]) -> Iterator[Item]:
    """The terms, which are also put into ``labels``; of their lines, only name and obsolescence are taken."""
    aside = 0
    for frame in frames(file):
        yield from reported(file, frame, "MAXO")
        if belongs(frame, "MAXO"):
            term, notes = term_of(frame, work)
            labels[frame.id] = _Label(term.label, term.obsolete)
            yield Item(file.name, frame.line, frame.id, terms=(term,), notes=notes)
            aside += sum(clause.tag not in OF_THE_TERM for clause in frame.clauses)
    if aside:
        yield Item(file.name, 0, "all but name, is_obsolete and replaced_by", lost="aside", detail=f"lines: {aside:,}")


def _annotation(file: SourceFile, row: Row, work: str, labels: Mapping[str, _Label], terms: str) -> Item:
    """A row as a treatment, or why it is none."""
    cells = row.cells
    what = " ".join(filter(None, (cells.get(name, "") for name in ("disease_id", "relation", "maxo_id", "hpo_id"))))
    if lost := _unusable(row):
        return Item(file.name, row.line, what, lost=lost, detail=cells.get("relation", "") if lost != "broken-row" else "")
    disease, action, target, agent = (cells[name] for name in ("disease_id", "maxo_id", "hpo_id", "extension_id"))
    says: dict[str, Value] = {"intent": _INTENTS[cells["relation"]], "action": action}
    if target not in ("", disease):
        says["target"] = target
    if agent:
        says["agent"] = agent
    notes = [Note("words", f"{name}: {cells[name]}") for name in ("comment", "other") if cells[name]]
    if cells["extension_name"] and not agent:
        notes.append(Note("words", f"extension_name: {cells['extension_name']}"))
    if terms:
        notes += _checked(action, cells["maxo_name"], labels, terms)
    references, also, left = _evidence(cells)
    locator = " ".join(filter(None, (disease, action, target, agent)))
    fact = Fact(disease, "treatment", says, cited(work, locator, references, **also))
    return Item(file.name, row.line, what, (fact,), notes=(*notes, *left))


def _unusable(row: Row) -> str:
    """The reason why a row can be no fact, or nothing."""
    cells = row.cells
    if row.broken:
        return "broken-row"
    if all(name == cell for name, cell in cells.items()):
        return "header"
    if not cells["disease_id"] or not cells["maxo_id"] or not cells["relation"]:
        return "no-value"
    if cells["relation"] in _UNDECIDED:
        return "undecided"
    return "" if cells["relation"] in _INTENTS else "unknown-value"


def _checked(action: str, name: str, labels: Mapping[str, _Label], terms: str) -> Iterator[Note]:
    """What the terms say against an action; it is kept as it is, for nothing is put in its place by guess."""
    label = labels.get(action)
    if label is None:
        yield Note("term-unknown", f"{action} ({name}) is not in {terms}")
    elif label.obsolete:
        yield Note("term-obsolete", f"{action} ({name}) is obsolete in {terms}")
    elif name and name.casefold() != label.text.casefold():
        yield Note("label-differs", f'{action} is "{label.text}" in {terms}, here "{name}"')


def _evidence(cells: Mapping[str, str]) -> tuple[list[str], dict[str, str], list[Note]]:
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


MAXO: Final = Importer(
    name="maxo",
    title="MAxO annotations",
    roles=(
        Role(
            name="annotations",
            patterns=("maxo-annotations*.tsv", "maxo_annotations*.tsv"),
            what="the annotations, a row each",
            work="maxo-annotations",
            title="MAxO annotations",
            publisher="Medical Action Ontology",
            license="https://creativecommons.org/licenses/by/4.0/",
            page="https://github.com/monarch-initiative/maxo-annotations",
        ),
        Role(
            name="terms",
            patterns=("maxo-base*.obo", "maxo.obo"),
            what="the terms of MAxO, against which actions are checked",
            work="maxo",
            title="Medical Action Ontology (maxo-base)",
            publisher="Medical Action Ontology",
            license="https://creativecommons.org/licenses/by/4.0/",
            page="http://purl.obolibrary.org/obo/maxo.owl",
            required=False,
            version=release,
        ),
    ),
    read=_read,
    reasons={
        "header": "the row is the header once more",
        "undecided": "the source does not say whether the action helps",
        **OBO_REASONS,
        "term-unknown": "the action is none of the terms of the release that it was checked against; it is kept",
        "term-obsolete": "the action is obsolete in the release that it was checked against; it is kept",
        "label-differs": "the name beside the identifier is not the label of its term; the identifier counts",
        "words": "what the row adds in words, which may be the drug, and is not guessed",
        "reference": "the reference is neither an article of PubMed nor an entry of OMIM; the annotations themselves are cited",
        "evidence-code": "the code of the evidence is none that the ontology has",
        "author": "no ORCID iD, or one more than an evidence line has place for",
    },
)
