"""All diseases of a graph as pages: facts by kind, evidence numbered in order of first citation, relatives with key facts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import groupby

from pyoxigraph import Literal, NamedNode
from rdflib import Graph

from kg import vocabulary as v
from kg.display import Fact, Group, Page, Relative, Row, Section, Value
from kg.fields import SUMMARY, Field, Layout, fields_of, layouts
from kg.naming import Index, Naming
from kg.ontology import Ontology
from kg.terms import Value as Term
from kg.works import Works

_ELSEWHERE = (v.RDF_TYPE, v.RDF_SUBJECT, v.EVIDENCE, v.CITED, v.NEGATED, v.OWL_DEPRECATED, v.STATUS)
"""Properties of facts that are shown by other means than a row."""
_NUMBERS = ("percent", "part", "whole")
_FAR = 1e9


class Catalogue:
    """The pages of a graph. ``by_subject`` holds what was written and what follows from it, without the ontology's own triples."""

    def __init__(self, by_subject: Index, ontology: Ontology, shapes: Graph, base: str, language: str) -> None:
        self.by_subject = by_subject
        self.ontology = ontology
        self.naming = Naming(by_subject, ontology, base, language)
        self.layouts = layouts(ontology, shapes)
        self.fact_fields = [field for field in fields_of(v.FACT, ontology, shapes) if field.iri not in _ELSEWHERE]
        self.line_fields = fields_of(v.EVIDENCE_LINE, ontology, shapes)
        self.work_fields = fields_of(v.SOURCE_CLASS, ontology, shapes)

    @cached_property
    def diseases(self) -> list[NamedNode]:
        """Every disease, by name."""
        found = [node for node in self.by_subject if v.DISEASE in self.naming.objects(node, v.RDF_TYPE)]
        return sorted(found, key=lambda node: (self.naming.value(node).text.casefold(), node.value))

    @cached_property
    def facts(self) -> dict[NamedNode, dict[NamedNode, list[NamedNode]]]:
        """The facts of each disease by kind."""
        kinds = {layout.kind.iri for layout in self.layouts}
        found: dict[NamedNode, dict[NamedNode, list[NamedNode]]] = {}
        for node, triples in self.by_subject.items():
            subjects = [t.object for t in triples if t.predicate == v.RDF_SUBJECT and isinstance(t.object, NamedNode)]
            for cls in self.naming.objects(node, v.RDF_TYPE) if subjects else []:
                if isinstance(cls, NamedNode) and cls in kinds:
                    found.setdefault(subjects[0], {}).setdefault(cls, []).append(node)
        return found

    def facts_of(self, disease: NamedNode, layout: Layout) -> list[NamedNode]:
        """The facts of one kind about a disease."""
        return self.facts.get(disease, {}).get(layout.kind.iri, [])

    def standing(self, disease: NamedNode, layout: Layout) -> list[NamedNode]:
        """Those of them that stand: neither negated nor disputed nor withdrawn."""
        said = self.naming.objects
        return [f for f in self.facts_of(disease, layout) if v.ACCEPTED in said(f, v.STATUS) and not said(f, v.NEGATED)]

    def main_values(self, disease: NamedNode, layout: Layout) -> tuple[Value, ...]:
        """The main values of the facts of a kind that stand, each once."""
        objects = {each for fact in self.standing(disease, layout) for each in self.naming.objects(fact, v.RDF_OBJECT)}
        return tuple(sorted((self.naming.value(each) for each in objects), key=lambda value: (value.text.casefold(), value.href)))

    def key_facts(self, disease: NamedNode) -> tuple[tuple[str, tuple[Value, ...]], ...]:
        """What the head of a page says in a word: heading and main values of each kind that is shown in the summary."""
        rows = [(layout.heading, self.main_values(disease, layout)) for layout in self.layouts if SUMMARY in layout.shown_in]
        return tuple((heading, values) for heading, values in rows if values)

    @cached_property
    def parents(self) -> dict[NamedNode, list[NamedNode]]:
        """The diseases that a disease is classified under, by the facts whose main value is a disease."""
        links = [layout for layout in self.layouts if v.DISEASE in layout.kind.object.ranges]
        return {disease: self._linked(disease, links) for disease in self.diseases}

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
        works = Works(self.naming, self.line_fields, self.work_fields, self.rows)
        sections = tuple(section for layout in self.layouts if (section := self._section(disease, layout, works)))
        parents = self.parents[disease]
        siblings = {child for parent in parents for child in self.children[parent]} - {disease, *parents}
        return Page(
            iri=disease.value,
            path=self.naming.path(disease),
            accession=v.local_name(disease.value),
            name=self.naming.value(disease),
            key_facts=self.key_facts(disease),
            sections=sections,
            references=works.references(),
            parents=self._relatives(parents),
            siblings=self._relatives(siblings),
            subtypes=self._relatives(self.children.get(disease, [])),
            about=self.rows(disease, self.fact_fields),
        )

    def _relatives(self, diseases: Iterable[NamedNode]) -> tuple[Relative, ...]:
        found = [Relative(self.naming.value(disease), self.key_facts(disease)) for disease in diseases]
        return tuple(sorted(found, key=lambda relative: (relative.disease.text.casefold(), relative.disease.href)))

    def rows(self, node: NamedNode, fields: Iterable[Field]) -> tuple[Row, ...]:
        """The fields of a node that have values, in order."""
        found = [(field, self.naming.objects(node, field.iri)) for field in fields]
        return tuple(Row(field, tuple(self._ordered(field, values))) for field, values in found if values)

    def _ordered(self, field: Field, values: list[Term]) -> list[Value]:
        place: dict[Term, int] = {choice: number for number, choice in enumerate(field.choices)}
        return [self.naming.value(each) for each in sorted(values, key=lambda each: (place.get(each, len(place)), str(each)))]

    def _section(self, disease: NamedNode, layout: Layout, works: Works) -> Section | None:
        drafts = [self._draft(fact, layout) for fact in self.facts_of(disease, layout)]
        first: dict[Value, tuple[tuple[float, ...], str]] = {}
        for fact in drafts:
            first[fact.object] = min(first.get(fact.object, ((_FAR,), "")), (fact.rank, fact.anchor))
        drafts.sort(key=lambda fact: (first[fact.object], fact.rank, fact.anchor))
        groups = [
            Group(value, tuple(works.cited(fact) for fact in facts)) for value, facts in groupby(drafts, key=lambda fact: fact.object)
        ]
        choices = {field.key: tuple(self.naming.value(choice) for choice in field.choices) for field in layout.fields}
        return Section(layout, tuple(groups), choices) if groups else None

    def _draft(self, node: NamedNode, layout: Layout) -> Fact:
        """A fact without its evidence, which gets its numbers once the order of the page is known."""
        shown = [field for field in layout.fields if field.iri != v.RDF_PREDICATE or len(layout.kind.predicates) > 1]
        known = {field.iri for field in [*layout.fields, *self.fact_fields]} | {*_ELSEWHERE, v.RDF_OBJECT, v.RDF_PREDICATE}
        others = sorted({t.predicate for t in self.by_subject[node]} - known, key=lambda iri: iri.value)
        shown += [Field(self.ontology.term(iri), iri, self.ontology.label(iri)) for iri in others]
        said = self.naming.objects
        values = [self.naming.value(each) for each in said(node, v.RDF_OBJECT)] or [Value("")]
        relations = [self.naming.value(each) for each in said(node, v.RDF_PREDICATE)] or [Value("")]
        statuses = [self.naming.value(each) for each in said(node, v.STATUS)] or [Value("")]
        negated, share = bool(said(node, v.NEGATED)), self._share(node, layout)
        stands = statuses[0].word == self.ontology.term(v.ACCEPTED)
        return Fact(
            anchor=node.value.partition("#")[2] or v.local_name(node.value),
            iri=node.value,
            object=values[0],
            relation=relations[0],
            rows=self.rows(node, shown),
            about=self.rows(node, self.fact_fields),
            negated=negated,
            status=statuses[0],
            lines=(),
            share=share,
            rank=(
                float(negated or not stands),
                self._choice(node, layout, v.RDF_PREDICATE),
                self._choice(node, layout, layout.sorted_by),
                _FAR if share is None else -share,
                *(self._choice(node, layout, field.iri) for field in layout.fields if field.quantity == "class"),
                -len(said(node, v.CITED)),
            ),
        )

    def _choice(self, node: NamedNode, layout: Layout, predicate: NamedNode | None) -> float:
        """The place of a fact's value in the list that the shape gives; the end where there is none."""
        field = layout.field(predicate)
        places = [field.choices.index(o) for o in self.naming.objects(node, field.iri) if o in field.choices] if field else []
        return float(min(places, default=len(field.choices) if field else 0))

    def _share(self, node: NamedNode, layout: Layout) -> float | None:
        """The share of patients in per cent, from the fields that give a quantity."""
        said: dict[str, float] = {}
        for field in layout.fields:
            for value in self.naming.objects(node, field.iri) if field.quantity in _NUMBERS else []:
                said[field.quantity] = _float(value)
        if said.get("part") is not None and said.get("whole"):
            return 100 * said["part"] / said["whole"]
        return said.get("percent")


def _float(value: object) -> float:
    try:
        return float(value.value if isinstance(value, Literal) else "nan")
    except ValueError:
        return float("nan")
