"""All diseases of a graph as pages: facts by kind, evidence numbered in order of first citation, relatives with key facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import groupby
from typing import Any

from pyoxigraph import NamedNode
from rdflib import Graph

from kg import vocabulary as v
from kg.display import Group, Page, Reference, Relative, Section, Value, in_order
from kg.drafts import FAR, Drafts
from kg.facts import Citation, Cites, Digest, Facts, KeyFacts
from kg.fields import Layout, fields_of
from kg.ontology import Ontology
from kg.parallel import HERE
from kg.reads import Noted, Remembered
from kg.subjects import Subjects
from kg.tombstones import facts, things
from kg.works import Works

_MANY = 60
"""So many siblings or subtypes stand on a page; where there are more, the index lists them."""
FACTS_SHOWN = 300
"""So many facts stand on the page of a work; the facts as CSV have all."""


@dataclass(slots=True)
class CitedFor:
    """What a work is cited for: the first facts in the order of pages, how many there are, and how many it was read for."""

    first: list[Citation] = field(default_factory=list)
    facts: int = 0
    read_for: int = 0


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What pages have to know of other things than their own: of each disease its digest, its key facts and its subtypes; uses of works."""

    digests: Mapping[NamedNode, Digest]
    key_facts: Mapping[NamedNode, KeyFacts]
    children: Mapping[NamedNode, list[NamedNode]]
    uses: Mapping[NamedNode, CitedFor]


Survey = Callable[[Callable[[NamedNode], tuple[Digest, Cites]], Sequence[NamedNode]], Iterator[tuple[Digest, Cites]]]
"""How what is to be known of each disease is worked out, or known already."""


class Catalogue(Facts):
    """The pages of a graph. What they have to know of other things is worked out in one pass over all facts."""

    def __init__(
        self, by_subject: Subjects, ontology: Ontology, shapes: Graph, base: str, language: str, survey: Survey = HERE.map
    ) -> None:
        super().__init__(by_subject, ontology, shapes, base, language)
        self._survey = survey
        self._choices = Remembered(by_subject.reads, self._choices_of)
        self.drafts = Drafts(self.naming, shapes)
        self.line_fields = fields_of(v.EVIDENCE_LINE, ontology, shapes)
        self.work_fields = fields_of(v.SOURCE_CLASS, ontology, shapes)
        self.tombstone_fields = fields_of(v.TOMBSTONE, ontology, shapes)
        self.withdrawn_facts = facts(by_subject)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_survey"}  # by who sends it, before that

    @cached_property
    def diseases(self) -> list[NamedNode]:
        """Every disease, by name."""
        found = self.by_subject.of_type(v.DISEASE)
        self.naming.know(found)
        return sorted(found, key=lambda node: (in_order(self.naming.value(node).text), node.value))

    @cached_property
    def works(self) -> list[NamedNode]:
        """Every work that has a record, by IRI."""
        return sorted(self.by_subject.of_type(v.SOURCE_CLASS), key=lambda node: node.value)

    @cached_property
    def tombstones(self) -> list[NamedNode]:
        """Every withdrawn disease and work, by IRI."""
        return sorted(things(self.by_subject), key=lambda node: node.value)

    def reference(self, work: NamedNode, cited: int) -> Reference:
        """What is known of a work, by itself; ``cited`` is how many facts cite it."""
        return Reference(0, work.value, self.naming.path(work), "", self.drafts.rows(work, self.work_fields), cited)

    @property
    def digests(self) -> Mapping[NamedNode, Digest]:
        """What other pages say of each disease, in the order of names; all that pages about many diseases have to know."""
        return self.surveyed.digests

    @property
    def uses(self) -> Mapping[NamedNode, CitedFor]:
        """What each work is cited for."""
        return self.surveyed.uses

    @property
    def children(self) -> Mapping[NamedNode, list[NamedNode]]:
        """The diseases that are classified under a disease."""
        return self.surveyed.children

    @cached_property
    def surveyed(self) -> Surveyed:
        """One pass over all facts."""
        digests: dict[NamedNode, Digest] = {}
        children: dict[NamedNode, list[NamedNode]] = {}
        uses: dict[NamedNode, CitedFor] = {}
        same: dict[Value, Value] = {}  # what many diseases have is kept once
        for disease, (digest, cites) in zip(self.diseases, self._survey(self.digest, self.diseases), strict=True):
            values = {key: tuple(same.setdefault(value, value) for value in its) for key, its in digest.values.items()}
            digests[disease] = replace(digest, values=values)
            for parent in digest.parents:
                children.setdefault(parent, []).append(disease)
            for work, citation in cites.sources:
                use = uses.setdefault(work, CitedFor())
                use.facts += 1
                if len(use.first) < FACTS_SHOWN:
                    use.first.append(citation)
            for work in cites.read_in:
                uses.setdefault(work, CitedFor()).read_for += 1
        key_facts = {disease: self.key_facts(digest.values) for disease, digest in digests.items()}
        note = partial(Noted, self.by_subject.reads)
        return Surveyed(note("digests", digests), note("key facts", key_facts), note("children", children), note("uses", uses))

    def page(self, disease: NamedNode) -> Page:
        """The page of a disease."""
        works = Works(self.naming, self.line_fields, self.work_fields, self.drafts.rows)
        sections = tuple(section for layout in self.layouts if (section := self._section(disease, layout, works)))
        digest = self.digests[disease]
        parents = digest.parents
        subtypes = self.children.get(disease, [])
        beside = [child for parent in parents for child in self.children[parent]] if self._few(parents) else []
        key_facts = self.key_facts(digest.values)
        return Page(
            iri=disease.value,
            path=self.naming.path(disease),
            accession=v.local_name(disease.value),
            name=self.naming.value(disease),
            key_facts=key_facts,
            sections=sections,
            references=works.references(),
            parents=self._relatives(parents, key_facts),
            siblings=self._relatives(set(beside) - {disease, *parents, *subtypes}, key_facts),
            subtypes=self._relatives(subtypes[:_MANY], key_facts),
            more_siblings=not self._few(parents),
            more_subtypes=len(subtypes[_MANY:]),
            about=self.drafts.rows(disease, self.drafts.fields),
        )

    def _few(self, parents: Iterable[NamedNode]) -> bool:
        """Whether the siblings can be listed: a page for each of many siblings that lists all others would be quadratic."""
        return sum(len(self.children[parent]) for parent in parents) <= _MANY

    def _relatives(self, diseases: Iterable[NamedNode], known: KeyFacts) -> tuple[Relative, ...]:
        facts = ((disease, self.surveyed.key_facts[disease]) for disease in diseases)
        found = [Relative(self.naming.value(disease), self._apart(its, known)) for disease, its in facts]
        return tuple(sorted(found, key=lambda relative: (in_order(relative.disease.text), relative.disease.href)))

    def _apart(self, facts: KeyFacts, known: KeyFacts) -> KeyFacts:
        """The key facts that differ from the known ones, but for the classification, which says how the two are related."""
        same = {*known, *(fact for fact in facts if fact[0] in {layout.heading for layout in self.links})}
        return tuple(fact for fact in facts if fact not in same)

    def _section(self, disease: NamedNode, layout: Layout, works: Works) -> Section | None:
        drafts = [self.drafts.draft(fact, layout) for fact in self.facts_of(disease, layout)]
        first: dict[Value, tuple[tuple[float, ...], str]] = {}
        for fact in drafts:
            first[fact.object] = min(first.get(fact.object, ((FAR,), "")), (fact.rank, fact.anchor))
        drafts.sort(key=lambda fact: (first[fact.object], fact.rank, fact.anchor))
        groups = [
            Group(value, tuple(works.cited(fact) for fact in facts)) for value, facts in groupby(drafts, key=lambda fact: fact.object)
        ]
        return Section(layout, tuple(groups), self._choices(layout.key)) if groups else None

    def _choices_of(self, key: str) -> dict[str, tuple[Value, ...]]:
        """The values that the shape of a kind lists, by field."""
        fields = next(layout.fields for layout in self.layouts if layout.key == key)
        return {field.key: tuple(map(self.naming.value, field.choices)) for field in fields}
