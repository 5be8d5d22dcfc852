"""The Human Phenotype Ontology: its annotations of diseases, their frequencies, and the labels of its terms.

The columns of ``phenotype.hpoa`` have had two sets of names (``#DatabaseID`` … until 2023, ``database_id`` … since); both are read, each by
what its name says. The name of a disease in it is OMIM's or Orphanet's own, so it is left to those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.sources.hpo_cells import Row, class_or_share, evidence_of, excludes, how_often, release_of, rows
from kg.sources.hpo_terms import INHERITED_OTHERWISE, MODES, MODIFIERS, NO_PHENOTYPE, ONSETS
from kg.sources.model import Fact, Importer, Item, Note, Reading, Role, SourceFile, Term, Value, cited

_ANNOTATED = ("databaseid", "qualifier", "hpoid", "reference", "evidence", "onset", "frequency", "sex", "modifier", "aspect", "biocuration")
_COUNTED = ("diseaseid", "hpoid", "phenofreqname", "phenofreqmin", "phenofreqmax")
_LABELLED = ("sourcelanguage", "translationlanguage", "subjectid", "sourcevalue", "predicateid", "translationvalue", "translationstatus")
_SEX = {"": "", "MALE": "male", "FEMALE": "female"}
_OBSOLETE = "obsolete "
_OF_THE_DISEASE = NO_PHENOTYPE | ONSETS


@dataclass(slots=True)
class _Reader:
    reading: Reading
    obsolete: dict[str, bool] = field(default_factory=dict)

    def items(self) -> Iterator[Item]:
        for role, wanted, each in (
            ("labels", _LABELLED, self._label),
            ("annotations", _ANNOTATED, self._annotation),
            ("frequencies", _COUNTED, self._frequency),
        ):
            for file in self.reading.files.get(role, ()):
                for row in rows(file, wanted):
                    yield _lost(row, "broken-row", f"{len(row.cells)} cells") if row.broken else each(row, self.reading.works[role])

    def _label(self, row: Row, work: str) -> Item:
        languages, curie = (row.cells["sourcelanguage"], row.cells["translationlanguage"]), row.cells["subjectid"]
        label, translation = row.cells["sourcevalue"], row.cells["translationvalue"]
        if languages != ("en", "es") or row.cells["predicateid"] != "rdfs:label":
            return _lost(row, "unknown-value", "is no label in English and Spanish")
        if not re.fullmatch(r"HP:[0-9]{7}", curie) or not label:
            return _lost(row, "no-value" if not label else "identifier-pattern", curie)
        obsolete = self.obsolete[curie] = label.startswith(_OBSOLETE)
        terms = [Term(curie, label, work, "en", obsolete)]
        official = row.cells["translationstatus"] == "OFFICIAL" and translation
        if official:
            terms.append(Term(curie, translation, work, "es", obsolete))
        notes = () if official or not translation else (Note("not-official", f"{row.cells['translationstatus']}: {translation}"),)
        return Item(row.file, row.line, curie, terms=tuple(terms), notes=notes)

    def _annotation(self, row: Row, work: str) -> Item:
        cells, disease = row.cells, row.cells["databaseid"]
        frequency, sex = how_often(cells["frequency"]), _SEX.get(cells["sex"].upper())
        denied = {"": False, "NOT": True}.get(cells["qualifier"])
        if (
            frequency is None or sex is None or denied is None
        ):  # what cannot be read may exclude the feature, or speak of some patients only
            unread = "frequency" if frequency is None else "sex" if sex is None else "qualifier"
            return _lost(row, "unknown-value", f"{unread}: {cells[unread]}")
        if cells["modifier"] and (denied or excludes(frequency)):
            return _lost(row, "modified-and-denied", f"{row.cells['hpoid']}: {cells['modifier']}")
        evidence, notes = evidence_of(cells, disease, work)
        if denied and frequency and not excludes(frequency):
            notes.append(Note("not-and-frequency", cells["frequency"]))
            frequency = {}
        onset = tuple(each.strip() for each in cells["onset"].split(";") if each.strip())
        says: dict[str, str | tuple[str, ...]] = {**({"onset": onset} if onset else {}), **({"sex": sex} if sex else {})}
        modified = ", ".join(_modifier(each.strip()) for each in cells["modifier"].split(";") if each.strip())
        remarked = (
            tuple({**line, "comment": f"The annotation adds the modifier: {modified}"} for line in evidence) if modified else evidence
        )
        return self._item(row, cells["aspect"], disease, denied, frequency, says, remarked, notes)

    def _frequency(self, row: Row, work: str) -> Item:
        disease, curie = row.cells["diseaseid"], row.cells["hpoid"]
        name, least, most = (row.cells[key] for key in ("phenofreqname", "phenofreqmin", "phenofreqmax"))
        if not (name or least or most):  # where Orphanet excludes a feature, this file has its row without the word, as if it were found
            return _lost(row, "no-frequency", curie)
        frequency = class_or_share(name, least, most)
        if frequency is None:
            return _lost(row, "unknown-value", f"frequency: {name}, {least} to {most}")
        aspect = "I" if curie in MODES | INHERITED_OTHERWISE else "C" if curie in _OF_THE_DISEASE else "P"
        notes = [Note("range", f"{name}, {least} to {most}")] if not frequency else []
        return self._item(row, aspect, disease, False, frequency, {}, cited(work, disease), notes)

    def _item(
        self,
        row: Row,
        aspect: str,
        disease: str,
        negated: bool,
        frequency: Mapping[str, str],
        says: Mapping[str, str | tuple[str, ...]],
        evidence: tuple[dict[str, str], ...],
        notes: list[Note],
    ) -> Item:
        """The item of a row, whichever file it is of."""
        term = row.cells["hpoid"]
        denied: dict[str, Value] = {"negated": True} if negated or excludes(frequency) else {}
        if aspect == "P":
            fact = Fact(disease, "phenotype", {"feature": term, **frequency, **says, **denied}, evidence)
        elif aspect == "I" and term in MODES and "sex" not in says:
            fact = Fact(disease, "inheritance", {"mode": term, **denied}, evidence)
            left_out = "; ".join(
                f"{key}: {value if isinstance(value, str) else ', '.join(value)}" for key, value in {**frequency, **says}.items()
            )
            notes = [*notes, Note("mode-and-number", left_out)] if left_out else notes
        elif aspect == "C" and term in ONSETS:
            counted = {key: value for key, value in says.items() if key != "onset"}
            fact = Fact(disease, "diseaseOnset", {"age": term, **frequency, **counted, **denied}, evidence)
            notes = [*notes, Note("onset-of-onset", ", ".join(says["onset"]))] if "onset" in says else notes
        elif aspect in ("I", "C", "M", "H"):
            return _lost(row, "no-kind", f"aspect {aspect}: {term}{', of one sex' if 'sex' in says else ''}")
        else:
            return _lost(row, "unknown-value", f"aspect: {aspect}")
        return Item(row.file, row.line, f"{disease} {term}", (fact,), notes=(*notes, *self._standing(term, says.get("onset", ()))))

    def _standing(self, term: str, onset: Sequence[str]) -> Iterator[Note]:
        """What the file of labels says of the terms of a row, where there is one."""
        release = self.reading.works.get("labels", "")
        for curie in (term, *onset):
            if self.obsolete and self.obsolete.get(curie, True):
                reason = "obsolete-term" if curie in self.obsolete else "unknown-term"
                yield Note(reason, f"{curie}, checked against {release}")


def _modifier(curie: str) -> str:
    return f"{MODIFIERS[curie]} ({curie})" if curie in MODIFIERS else curie


def _lost(row: Row, reason: str, detail: str) -> Item:
    what = " ".join(filter(None, (row.cells.get(key) for key in ("databaseid", "diseaseid", "subjectid", "hpoid"))))
    return Item(row.file, row.line, what or "row", lost=reason, detail=detail)


def _read(reading: Reading) -> Iterator[Item]:
    yield from _Reader(reading).items()


_PUBLISHER = "Human Phenotype Ontology"
_LICENSE = "https://hpo.jax.org/app/license"
_PAGE = "https://github.com/obophenotype/human-phenotype-ontology"


def _role(name: str, patterns: tuple[str, ...], what: str, work: str, title: str, version: Callable[[SourceFile], str | None]) -> Role:
    return Role(name, patterns, what, work, title, _PUBLISHER, _LICENSE, _PAGE, required=False, version=version)


HPO = Importer(
    name="hpo",
    title="Human Phenotype Ontology",
    roles=(
        _role("annotations", ("*.hpoa",), "annotations of diseases", "hpo-annotations", "HPO annotations (phenotype.hpoa)", release_of),
        _role(
            "frequencies",
            ("hpo_frequencies*.tsv", "hpo_frequencies*.tsv.gz"),
            "annotations with frequencies, without citations",
            "hpoa",
            "HPO annotations with frequencies (hpo_frequencies.tsv)",
            lambda _: None,
        ),
        _role(
            "labels",
            ("*.babelon.tsv",),
            "all terms with their English and Spanish labels",
            "hpo",
            "Human Phenotype Ontology, English and Spanish labels",
            lambda _: None,
        ),
    ),
    read=_read,
    reasons={
        "obsolete-term": "the term is obsolete in the release that it was checked against; it is kept as the source has it",
        "unknown-term": "the term is not in the release that it was checked against; it is kept as the source has it",
        "not-official": "the translation is a candidate, not an official one",
        "not-and-frequency": "the row says NOT and how often; which of them is counted is not said, so the number is left out",
        "mode-and-number": "a mode of inheritance has no frequency and no onset",
        "modified-and-denied": "a feature that is modified is denied, which does not deny the feature",
        "onset-of-onset": "the age at which a disease begins has no age at which it begins",
        "no-frequency": "no frequency is given, which is all that this file leaves of the rows that exclude a feature",
        "range": "the frequency is a range, which no key holds; the feature itself is stated",
        "evidence-code": "the ontology has no such evidence code",
        "curator": "only the first curator with an ORCID iD is kept",
        "reference": "the work is known by no PMID, so the annotation file is cited for it",
    },
    version=2,
)
