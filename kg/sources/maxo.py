"""MAxO's annotations: what is done in a disease, against what, on whose word; and the terms of MAxO that they are checked against.

Identifiers are keys. A name beside one is compared where the file of terms has its label, and is never looked up; that of an agent is its
label, for no other file has one. What a row adds in words goes with its evidence, for it may change what the row means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from kg.sources.maxo_cells import INTENTS, Label, checked, evidence, unusable
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Term, Value, cited
from kg.sources.obo import frames, release
from kg.sources.obo_terms import OBO_REASONS, OF_THE_TERM, belongs, reported, term_of
from kg.sources.opening import Row, rows

_COLUMNS: Final = (
    *("disease_id", "source_id", "maxo_id", "maxo_name", "hpo_id", "relation", "evidence"),
    *("extension_id", "extension_name", "comment", "other", "author"),
)
_ASIDE: Final = ("disease_name", "last_updated", "created")
_AGENT = re.compile(r"CHEBI:[1-9][0-9]*")
_ITSELF: Final = "HP:0000118"
"""Phenotypic abnormality, the root of all features: what is done against everything that a disease does is done against the disease."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows of a file are read with: their work, the terms of MAxO with theirs, and what the rows call each agent."""

    work: str
    labels: Mapping[str, Label]
    terms: str
    agents: Mapping[str, Set[str]]


def _read(reading: Reading) -> Iterator[Item]:
    labels: dict[str, Label] = {}
    work = reading.works.get("terms", "")
    for file in reading.files.get("terms", ()):
        yield from _terms(file, work, labels)
    (file,) = reading.files["annotations"]
    yield Item(file.name, 1, " ".join(_ASIDE), lost="aside", detail="columns")
    known = _Known(reading.works["annotations"], labels, work, _agents(file))
    for row in rows(file, "\t", _COLUMNS):
        yield _annotation(file, row, known)


def _agents(file: SourceFile) -> dict[str, set[str]]:
    """What the rows of a file call each agent."""
    found: dict[str, set[str]] = {}
    for row in rows(file, "\t", _COLUMNS):
        if not row.broken and _AGENT.fullmatch(row.cells["extension_id"]) and row.cells["extension_name"]:
            found.setdefault(row.cells["extension_id"], set()).add(row.cells["extension_name"])
    return found


def _terms(file: SourceFile, work: str, labels: dict[str, Label]) -> Iterator[Item]:
    """The terms, which are also put into ``labels``; of their lines, only name and obsolescence are taken."""
    aside = 0
    for frame in frames(file):
        yield from reported(file, frame, "MAXO")
        if belongs(frame, "MAXO"):
            term, notes = term_of(frame, work)
            labels[frame.id] = Label(term.label, term.obsolete)
            yield Item(file.name, frame.line, frame.id, terms=(term,), notes=notes)
            aside += sum(clause.tag not in OF_THE_TERM for clause in frame.clauses)
    if aside:
        yield Item(file.name, 0, "all but name, is_obsolete and replaced_by", lost="aside", detail=f"lines: {aside:,}")


def _annotation(file: SourceFile, row: Row, known: _Known) -> Item:
    """A row as a treatment, or why it is none."""
    cells = row.cells
    what = " ".join(filter(None, (cells.get(name, "") for name in ("disease_id", "relation", "maxo_id", "hpo_id"))))
    lost, detail = unusable(row, known.labels)
    if lost:
        return Item(file.name, row.line, what, lost=lost, detail=detail)
    disease, action, target, agent = (cells[name] for name in ("disease_id", "maxo_id", "hpo_id", "extension_id"))
    says: dict[str, Value] = {"intent": INTENTS[cells["relation"]], "action": action}
    if target not in ("", disease, _ITSELF):
        says["target"] = target
    words = [cells[name] for name in ("comment", "other") if cells[name]]
    if not agent and _AGENT.fullmatch(cells["comment"]):
        agent = words.pop(0)
    if agent:
        says["agent"] = agent
    term, notes = _named(agent, known)
    if cells["extension_name"] and not term:
        words.insert(0, f"agent {cells['extension_name']}")
    if words:
        says["comment"] = f"The annotation adds: {' / '.join(words)}"
    if known.terms:
        notes += checked(action, cells["maxo_name"], known.labels, known.terms)
    references, also, left = evidence(cells)
    locator = " ".join(filter(None, (disease, action, target, agent)))
    fact = Fact(disease, "treatment", says, cited(known.work, locator, references, **also))
    return Item(file.name, row.line, what, (fact,), term, notes=(*notes, *left))


def _named(agent: str, known: _Known) -> tuple[tuple[Term, ...], list[Note]]:
    """An agent as a term, with the name that the rows agree on, if they do."""
    names = known.agents.get(agent, set())
    if len({name.casefold() for name in names}) > 1:
        return (), [Note("names-differ", f"{agent}: {', '.join(sorted(names))}")]
    return tuple(Term(agent, name, known.work) for name in sorted(names)[:1]), []


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
        "undecided-agent": "it speaks against a drug that has no identifier, and without it would speak against all that the action may be",
        "undecided-avoidance": "it is contraindicated to avoid something: whether it must not be avoided, or is to be, is not said",
        "undecided-reannotate": "the source itself says that the row is to be annotated as something else",
        "names-differ": "rows call the agent by different names, so it has no label; the identifier counts",
        "reference": "the reference is neither an article of PubMed nor an entry of OMIM; the annotations themselves are cited",
        "evidence-code": "the code of the evidence is none that the ontology has",
        "author": "no ORCID iD, or one more than an evidence line has place for",
    },
    version=2,
)
