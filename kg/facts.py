"""What is said of one disease, read where it is needed; and what pages about many diseases have to know of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from pyoxigraph import Literal, NamedNode
from rdflib import Graph

from kg import vocabulary as v
from kg.display import Value, in_order
from kg.fields import SEARCH, SUMMARY, Layout, layouts
from kg.naming import Naming
from kg.ontology import Ontology
from kg.parallel import Travelling
from kg.reads import Remembered
from kg.subjects import Subjects
from kg.terms import Value as Term
from kg.works import evidence_lines

_AT_HAND = 100
"""The facts of so many diseases are at hand; what looks at all diseases takes them one after the other."""
KeyFacts = tuple[tuple[str, tuple[Value, ...]], ...]
"""Headings with main values."""
Levels = dict[tuple[Term, Term], int]
"""How many works allow a level, by main value and level."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A fact that cites a work: the disease that it is about, the key of its kind, and whether the work speaks against it."""

    disease: NamedNode
    kind: str
    fact: NamedNode
    disputes: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """What other pages say of a disease: what it is classified under, and by the key of a kind of fact

    - the main values that stand, where the kind is shown anywhere but in its section,
    - the levels that works allow, where diseases are compared by the kind,
    - how many facts there are, and on how many evidence lines they rest;
    and the texts that mean it and nothing else: its accession, its labels, texts that a record gives it without saying how they differ, and
    the codes of exact matches. A gene, a broader entry of a vocabulary or an abbreviation finds a disease, but does not name it.
    """

    parents: tuple[NamedNode, ...]
    values: dict[str, tuple[Value, ...]]
    levels: dict[str, Levels]
    counts: dict[str, tuple[int, int]]
    certain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cites:
    """The works that facts about a disease rest on, each with the facts in the order of a page, and those that facts were read in."""

    sources: tuple[tuple[NamedNode, Citation], ...]
    read_in: tuple[NamedNode, ...]


class Facts(Travelling):
    """The facts of a graph, by disease and kind. ``by_subject`` holds the ontology, what was written, and what follows from it."""

    def __init__(self, by_subject: Subjects, ontology: Ontology, shapes: Graph, base: str, language: str) -> None:
        self.by_subject = by_subject
        self.ontology = ontology
        self.naming = Naming(by_subject, ontology, base, language)
        self.layouts = layouts(ontology, shapes)
        self._facts = Remembered(by_subject.reads, self._by_kind, _AT_HAND)

    def _by_kind(self, disease: NamedNode) -> dict[NamedNode, list[NamedNode]]:
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
        """The main values of the facts of a kind that stand, each once in each relation.

        Relations come in the order in which the shape lists them, a causal gene before those that modify, then values; the rest by name.
        """
        said, first = self.naming.objects, dict[Value, tuple[int, ...]]()
        for fact in self.standing(disease, layout):
            place = tuple(layout.place(iri, said(fact, iri)) for iri in (v.RDF_PREDICATE, v.RDF_OBJECT))
            for value in self.said_by(fact, layout):
                first[value] = min(first.get(value, place), place)
        return tuple(sorted(first, key=lambda value: (first[value], in_order(value.text), value.href, value.note)))

    def said_by(self, fact: NamedNode, layout: Layout) -> list[Value]:
        """The main value of a fact, with its relation where the kind has several, and with what restricts it: it is not said of all.

        Texts, such as names, go without a relation.
        """
        show, said = self.naming.value, self.naming.objects
        several = len(layout.kind.predicates) > 1 and v.RDF_LANG_STRING not in layout.kind.object.ranges
        notes = [show(each).text for each in said(fact, v.RDF_PREDICATE)][:1] if several else []
        for field in layout.fields:
            if field.restricts and (texts := sorted(show(each).text for each in said(fact, field.iri))):
                notes.append(f"{field.label[:1].lower()}{field.label[1:]}: {', '.join(texts)}")
        return [replace(show(each), note="; ".join(notes)) for each in said(fact, v.RDF_OBJECT)]

    @cached_property
    def links(self) -> list[Layout]:
        """The kinds of fact that link diseases to diseases."""
        return [layout for layout in self.layouts if v.DISEASE in layout.kind.object.ranges]

    def levels(self, disease: NamedNode, layout: Layout) -> Levels:
        """The levels that works allow; only facts that stand are counted."""
        said = self.naming.objects
        works: dict[tuple[Term, Term], set[Term]] = {}
        for fact in self.standing(disease, layout) if layout.compared_by else []:
            for column in said(fact, v.RDF_OBJECT):
                for allowed in said(fact, layout.compared_by) if layout.compared_by else []:
                    works.setdefault((column, allowed), set()).update(said(fact, v.CITED))
        return {cell: len(cited) for cell, cited in works.items()}

    def digest(self, disease: NamedNode) -> tuple[Digest, Cites]:
        """What other pages say of a disease, and what they have to know of its evidence."""
        lines = {layout.key: [evidence_lines(self.naming, f) for f in self.facts_of(disease, layout)] for layout in self.layouts}
        digest = Digest(
            parents=tuple(self._linked(disease)),
            values={layout.key: values for layout in self.layouts if layout.shown_in and (values := self.main_values(disease, layout))},
            levels={layout.key: levels for layout in self.layouts if (levels := self.levels(disease, layout))},
            counts={key: (len(facts), sum(map(len, facts))) for key, facts in lines.items() if facts},
            certain=tuple(sorted(self._certain(disease))),
        )
        return digest, self._cites(disease)

    def _certain(self, disease: NamedNode) -> set[str]:
        said, plainly = self.naming.objects, [each.kind.default_predicate for each in self.layouts if SEARCH in each.shown_in]
        texts = [o for predicate in (v.RDFS_LABEL, *plainly) if predicate for o in said(disease, predicate)]
        codes = {self.naming.value(o).code for o in said(disease, v.SKOS_EXACT_MATCH)}
        return {v.local_name(disease.value).replace("_", ":"), *(o.value for o in texts if isinstance(o, Literal)), *codes}

    def _linked(self, disease: NamedNode) -> list[NamedNode]:
        facts = (fact for layout in self.links for fact in self.standing(disease, layout))
        objects = {o for fact in facts for o in self.naming.objects(fact, v.RDF_OBJECT)}
        return sorted((o for o in objects if isinstance(o, NamedNode)), key=lambda node: node.value)

    def _cites(self, disease: NamedNode) -> Cites:
        said = self.naming.objects
        sources: list[tuple[NamedNode, Citation]] = []
        read_in: list[NamedNode] = []
        for layout in self.layouts:
            for fact in self.facts_of(disease, layout):
                lines = evidence_lines(self.naming, fact)
                works = {o: v.DISPUTES in said(line, v.DIRECTION) for line in lines for o in said(line, v.SOURCE)}
                sources += [(work, Citation(disease, layout.key, fact, d)) for work, d in works.items() if isinstance(work, NamedNode)]
                read_in += {o: None for line in lines for o in said(line, v.VIA) if isinstance(o, NamedNode)}
        return Cites(tuple(sources), tuple(read_in))

    def key_facts(self, values: dict[str, tuple[Value, ...]]) -> KeyFacts:
        """What the head of a page says in a word: heading and main values of each kind that is shown in the summary."""
        return tuple((layout.heading, values[layout.key]) for layout in self.summarized if layout.key in values)

    @cached_property
    def summarized(self) -> list[Layout]:
        """The kinds of fact that are shown in the summary."""
        return [layout for layout in self.layouts if SUMMARY in layout.shown_in]
