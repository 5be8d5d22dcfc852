"""The Human Disease Ontology, from an OBO file such as its rare slim: names, mappings, and what is a subtype of what.

Its definitions are sentences of the source, which are not copied; a slim has been cut out of its ontology, so parents are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Term, Value, cited
from kg.sources.obo import Clause, Frame, frames, release
from kg.sources.obo_terms import OBO_REASONS, OF_THE_TERM, belongs, reported, term_of

_PREFIXES: Final = {"MIM": "OMIM", "ORDO": "ORPHA", "NCI": "NCIT", "UMLS_CUI": "UMLS"}
_SNOMED = re.compile(r"SNOMEDCT_US_([0-9]{4})_([0-9]{2})_([0-9]{2})")
_PUBMED = re.compile(r"(?:ncbi\.nlm\.nih\.gov/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/|^PMID:)([1-9][0-9]{0,8})/?$")
_MATCH = re.compile(r"skos:((?:exact|close|broad|narrow|related)Match)")
_ACRONYM: Final = ("OMO:0003012", ("synonymtypedef", "acronym"))  # OMO's term, and what other lines of the file write in braces
_ASIDE: Final = frozenset({"namespace", "subset", "comment", "creation_date", "created_by"})
_Said = tuple[str, Mapping[str, Value], tuple[Note, ...]]


def _read(reading: Reading) -> Iterator[Item]:
    (file,) = reading.files["ontology"]
    work = reading.works["ontology"]
    present = {frame.id for frame in frames(file) if belongs(frame, "DOID") and not frame.obsolete}
    aside: dict[str, tuple[int, int]] = {}
    for frame in frames(file):
        yield from reported(file, frame, "DOID")
        if not belongs(frame, "DOID"):
            continue
        yield _term(file, frame, work)
        names = 0
        for clause in frame.clauses:
            names += clause.tag == "name"
            if clause.tag in _ASIDE:
                first, count = aside.get(clause.tag, (clause.line, 0))
                aside[clause.tag] = first, count + 1
            elif clause.tag not in OF_THE_TERM or (clause.tag == "name" and names > 1):
                yield _item(file, frame, clause, work, present)
    for tag, (first, count) in sorted(aside.items()):
        yield Item(file.name, first, tag, lost="aside", detail=f"lines: {count:,}, the first of them here")


def _term(file: SourceFile, frame: Frame, work: str) -> Item:
    """The term itself: its label, and the preferred name of the disease unless it is obsolete."""
    term, notes = term_of(frame, work)
    says = {"kind": "preferred", "name": term.label}
    facts = (Fact(frame.id, "name", says, cited(work, frame.id)),) if term.label and not term.obsolete else ()
    return Item(file.name, frame.line, frame.id, facts, (term,), notes=notes)


def _item(file: SourceFile, frame: Frame, clause: Clause, work: str, present: set[str]) -> Item:
    """A clause as a fact, or why it is none."""
    what = " ".join(filter(None, (frame.id, clause.tag, clause.relation, "" if clause.tag == "def" else clause.value)))
    if clause.tag == "alt_id":
        merged = Term(clause.value, "", work, obsolete=True, replaced_by=frame.id)
        return Item(file.name, clause.line, what, terms=(merged,))
    articles = [f"PMID:{found.group(1)}" for each in clause.references if (found := _PUBMED.search(each))]
    said = "obsolete" if frame.obsolete else _said(clause, present)
    if isinstance(said, str):
        return Item(file.name, clause.line, what, lost=said, detail=", ".join(articles) if clause.tag == "def" else clause.value)
    kind, says, notes = said
    left = [Note("reference", each) for each in clause.references if not _PUBMED.search(each)]
    left += [Note("remark", value) for key, value in clause.qualifiers if (key, value) != _ACRONYM[1]]
    fact = Fact(frame.id, kind, says, cited(work, frame.id, articles))
    return Item(file.name, clause.line, what, (fact,), notes=(*notes, *left))


def _said(clause: Clause, present: set[str]) -> _Said | str:
    """Kind, keys and notes of a fact, or the reason why the clause is none."""
    match clause.tag:
        case "synonym":
            return _synonym(clause) if clause.value else "no-value"
        case "xref":
            return _mapping("crossReference", clause.value)
        case "property_value" if relation := _MATCH.fullmatch(clause.relation):
            return _mapping(relation.group(1), clause.value)
        case "is_a":
            return ("classification", {"parent": clause.value}, ()) if clause.value in present else "parent-elsewhere"
        case "def":
            return "not-copied"
        case "name":
            return "second-name"
    return "no-kind"


def _synonym(clause: Clause) -> _Said:
    """A name of another scope may mean more or less than the disease, so that none of these becomes an exact one, nor an abbreviation."""
    short = clause.sort == _ACRONYM[0] or _ACRONYM[1] in clause.qualifiers
    notes = [] if short or not clause.sort else [Note("unknown-value", clause.sort)]
    if clause.scope == "EXACT":
        return "name", {"kind": "abbreviation" if short else "exact", "name": clause.value}, tuple(notes)
    if clause.scope != "RELATED" or short:
        notes.append(Note("scope", f"{clause.scope}{', an acronym' if short else ''}"))
    return "name", {"kind": "related", "name": clause.value}, tuple(notes)


def _mapping(relation: str, value: str) -> _Said | str:
    prefix, colon, local = value.partition(":")
    if not prefix or not colon or not local:
        return "unknown-value"
    notes: tuple[Note, ...] = ()
    if edition := _SNOMED.fullmatch(prefix):
        prefix, notes = "SCTID", (Note("edition", "-".join(edition.groups())),)
    elif prefix == "MIM" and local.startswith("PS"):
        prefix, local = "OMIMPS", local.removeprefix("PS")
    elif prefix == "GARD":
        local = local.lstrip("0")
    return "mapping", {"relation": relation, "to": f"{_PREFIXES.get(prefix, prefix)}:{local}"}, notes


DOID: Final = Importer(
    name="doid",
    title="Human Disease Ontology",
    roles=(
        Role(
            name="ontology",
            patterns=("do_*slim*.obo", "doid*.obo"),
            what="the ontology or a slim of it, in OBO",
            work="doid",
            title="Human Disease Ontology, rare slim (DO_rare_slim.obo)",
            publisher="Human Disease Ontology",
            license="https://creativecommons.org/publicdomain/zero/1.0/",
            page="https://disease-ontology.org/",
            version=release,
        ),
    ),
    read=_read,
    reasons={
        **OBO_REASONS,
        "obsolete": "the entry is obsolete, so nothing is stated of it; its term is marked so",
        "second-name": "an entry has one name, and this is another",
        "not-copied": "a definition is a sentence of the source, which is not copied; the articles it names are given",
        "parent-elsewhere": "the parent is not in the file (a slim is cut out of its ontology), or it is obsolete",
        "scope": "the name means more or less than the disease, or is used beside it: it is kept as related",
        "edition": "the edition of SNOMED CT (US) that the code was looked up in",
        "reference": "what the name was taken from is no article",
        "remark": "a remark of the editors",
    },
)
