"""All diseases of a graph as pages: facts by kind, evidence numbered in order of first citation, relatives with key facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import groupby

from pyoxigraph import NamedNode
from rdflib import Graph

from kg import vocabulary as v
from kg.display import Group, Page, Reference, Relative, Section, Value, in_order
from kg.drafts import FAR, Drafts
from kg.fields import SUMMARY, Layout, fields_of, layouts
from kg.naming import Naming
from kg.ontology import Ontology
from kg.subjects import Subjects
from kg.works import Works

_MANY = 60
"""So many siblings or subtypes stand on a page; where there are more, the index lists them."""
_AT_HAND = 1_000
"""The facts of so many diseases are at hand; what looks at all diseases takes them one after the other."""
KeyFacts = tuple[tuple[str, tuple[Value, ...]], ...]
"""Headings with main values."""


class Catalogue:
    """The pages of a graph. ``by_subject`` holds what was written and what follows from it, without the ontology's own triples."""

    def __init__(self, by_subject: Subjects, ontology: Ontology, shapes: Graph, base: str, language: str) -> None:
        self.by_subject = by_subject
        self.ontology = ontology
        self.naming = Naming(by_subject, ontology, base, language)
        self.layouts = layouts(ontology, shapes)
        self.drafts = Drafts(self.naming, shapes)
        self._facts = lru_cache(maxsize=_AT_HAND)(self.facts)
        self.line_fields = fields_of(v.EVIDENCE_LINE, ontology, shapes)
        self.work_fields = fields_of(v.SOURCE_CLASS, ontology, shapes)
        self.tombstone_fields = fields_of(v.TOMBSTONE, ontology, shapes)

    @cached_property
    def diseases(self) -> list[NamedNode]:
        """Every disease, by name."""
        return sorted(self.by_subject.of_type(v.DISEASE), key=lambda node: (in_order(self.naming.value(node).text), node.value))

    @cached_property
    def works(self) -> list[NamedNode]:
        """Every work that has a record, by IRI."""
        return sorted(self.by_subject.of_type(v.SOURCE_CLASS), key=lambda node: node.value)

    @cached_property
    def tombstones(self) -> list[NamedNode]:
        """Every withdrawn thing, by IRI."""
        return sorted(self.by_subject.of_type(v.TOMBSTONE), key=lambda node: node.value)

    def reference(self, work: NamedNode, cited: int) -> Reference:
        """What is known of a work, by itself; ``cited`` is how many facts cite it."""
        return Reference(0, work.value, self.naming.path(work), "", self.drafts.rows(work, self.work_fields), cited)

    def facts(self, disease: NamedNode) -> dict[NamedNode, list[NamedNode]]:
        """The facts about a disease by kind."""
        kinds = {layout.kind.iri for layout in self.layouts}
        found: dict[NamedNode, list[NamedNode]] = {}
        for fact in self.by_subject.facts(disease):
            for cls in self.naming.objects(fact, v.RDF_TYPE):
                if isinstance(cls, NamedNode) and cls in kinds:
                    found.setdefault(cls, []).append(fact)
        return found

    def facts_of(self, disease: NamedNode, layout: Layout) -> list[NamedNode]:
        """The facts of one kind about a disease."""
        return self._facts(disease).get(layout.kind.iri, [])

    def standing(self, disease: NamedNode, layout: Layout) -> list[NamedNode]:
        """Those of them that stand: neither negated nor disputed nor withdrawn."""
        said = self.naming.objects
        return [f for f in self.facts_of(disease, layout) if v.ACCEPTED in said(f, v.STATUS) and not said(f, v.NEGATED)]

    def main_values(self, disease: NamedNode, layout: Layout) -> tuple[Value, ...]:
        """The main values of the facts of a kind that stand, each once in each relation."""
        values = {value for fact in self.standing(disease, layout) for value in self.said_by(fact, layout)}
        return tuple(sorted(values, key=lambda value: (in_order(value.text), value.href, value.note)))

    def said_by(self, fact: NamedNode, layout: Layout) -> list[Value]:
        """The main value of a fact, with its relation where the kind has several; texts, such as names, go without."""
        show, said = self.naming.value, self.naming.objects
        several = len(layout.kind.predicates) > 1 and v.RDF_LANG_STRING not in layout.kind.object.ranges
        notes = [show(each).text for each in said(fact, v.RDF_PREDICATE)][:1] if several else []
        return [replace(show(each), note="".join(notes)) for each in said(fact, v.RDF_OBJECT)]

    def key_facts(self, disease: NamedNode) -> KeyFacts:
        """What the head of a page says in a word: heading and main values of each kind that is shown in the summary."""
        rows = [(layout.heading, self.main_values(disease, layout)) for layout in self.layouts if SUMMARY in layout.shown_in]
        return tuple((heading, values) for heading, values in rows if values)

    @cached_property
    def links(self) -> list[Layout]:
        """The kinds of fact that link diseases to diseases."""
        return [layout for layout in self.layouts if v.DISEASE in layout.kind.object.ranges]

    @cached_property
    def parents(self) -> dict[NamedNode, list[NamedNode]]:
        """The diseases that a disease is classified under, by the facts whose main value is a disease."""
        return {disease: self._linked(disease, self.links) for disease in self.diseases}

    @cached_property
    def children(self) -> dict[NamedNode, list[NamedNode]]:
        """The diseases that are classified under a disease."""
        found: dict[NamedNode, list[NamedNode]] = {}
        for disease in self.diseases:
            for parent in self.parents[disease]:
                found.setdefault(parent, []).append(disease)
        return found

    def _linked(self, disease: NamedNode, links: list[Layout]) -> list[NamedNode]:
        objects = [o for layout in links for fact in self.standing(disease, layout) for o in self.naming.objects(fact, v.RDF_OBJECT)]
        return sorted({o for o in objects if isinstance(o, NamedNode)}, key=lambda node: node.value)

    def page(self, disease: NamedNode) -> Page:
        """The page of a disease."""
        works = Works(self.naming, self.line_fields, self.work_fields, self.drafts.rows)
        sections = tuple(section for layout in self.layouts if (section := self._section(disease, layout, works)))
        parents = self.parents[disease]
        subtypes = self.children.get(disease, [])
        beside = [child for parent in parents for child in self.children[parent]] if self._few(parents) else []
        key_facts = self.key_facts(disease)
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

    def _few(self, parents: list[NamedNode]) -> bool:
        """Whether the siblings can be listed: a page for each of many siblings that lists all others would be quadratic."""
        return sum(len(self.children[parent]) for parent in parents) <= _MANY

    def _relatives(self, diseases: Iterable[NamedNode], known: KeyFacts) -> tuple[Relative, ...]:
        found = [Relative(self.naming.value(disease), self._apart(self.key_facts(disease), known)) for disease in diseases]
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
        return Section(layout, tuple(groups), self._choices[layout.key]) if groups else None

    @cached_property
    def _choices(self) -> dict[str, dict[str, tuple[Value, ...]]]:
        """The values that the shape of each kind lists, by field."""
        show = self.naming.value
        return {each.key: {field.key: tuple(map(show, field.choices)) for field in each.fields} for each in self.layouts}
