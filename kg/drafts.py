"""A fact as a page shows it, but for its evidence, which gets its numbers once the order of the page is known."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode
from rdflib import Graph

from kg import vocabulary as v
from kg.display import Fact, Row, Value
from kg.fields import Field, Layout, fields_of
from kg.naming import Naming
from kg.terms import Value as Term

_ELSEWHERE = (v.RDF_TYPE, v.RDF_SUBJECT, v.EVIDENCE, v.CITED, v.NEGATED, v.OWL_DEPRECATED, v.STATUS)
"""Properties of facts that are shown by other means than a row."""
_NUMBERS = ("percent", "part", "whole")
FAR = 1e9


class Drafts:
    """Facts and other nodes, field by field; ``fields`` are those that every kind of fact has."""

    def __init__(self, naming: Naming, shapes: Graph) -> None:
        self._naming = naming
        self.fields = [field for field in fields_of(v.FACT, naming.ontology, shapes) if field.iri not in _ELSEWHERE]

    def rows(self, node: NamedNode, fields: Iterable[Field]) -> tuple[Row, ...]:
        """The fields of a node that have values, in order."""
        found = [(field, self._naming.objects(node, field.iri)) for field in fields]
        return tuple(Row(field, tuple(self._ordered(field, values))) for field, values in found if values)

    def _ordered(self, field: Field, values: Iterable[Term]) -> list[Value]:
        place: dict[Term, int] = {choice: number for number, choice in enumerate(field.choices)}
        return [self._naming.value(each) for each in sorted(values, key=lambda each: (place.get(each, len(place)), str(each)))]

    def draft(self, node: NamedNode, layout: Layout) -> Fact:
        """A fact without its evidence, which gets its numbers once the order of the page is known."""
        shown = [field for field in layout.fields if field.iri != v.RDF_PREDICATE or len(layout.kind.predicates) > 1]
        known = {field.iri for field in [*layout.fields, *self.fields]} | {*_ELSEWHERE, v.RDF_OBJECT, v.RDF_PREDICATE}
        others = sorted({t.predicate for t in self._naming.by_subject[node]} - known, key=lambda iri: iri.value)
        shown += [Field(self._naming.ontology.term(iri), iri, self._naming.ontology.label(iri)) for iri in others]
        said = self._naming.objects
        values = [self._naming.value(each) for each in said(node, v.RDF_OBJECT)] or [Value("")]
        relations = [self._naming.value(each) for each in said(node, v.RDF_PREDICATE)] or [Value("")]
        statuses = [self._naming.value(each) for each in said(node, v.STATUS)] or [Value("")]
        negated, share = bool(said(node, v.NEGATED)), self._share(node, layout)
        stands = statuses[0].word == self._naming.ontology.term(v.ACCEPTED)
        return Fact(
            anchor=node.value.partition("#")[2] or v.local_name(node.value),
            iri=node.value,
            object=values[0],
            relation=relations[0],
            rows=self.rows(node, shown),
            about=self.rows(node, self.fields),
            negated=negated,
            status=statuses[0],
            lines=(),
            share=share,
            rank=(
                float(negated or not stands),
                self._choice(node, layout, v.RDF_PREDICATE),
                self._choice(node, layout, layout.sorted_by),
                FAR if share is None else -share,
                *(self._choice(node, layout, field.iri) for field in layout.fields if field.quantity == "class"),
                -len(said(node, v.CITED)),
            ),
        )

    def _choice(self, node: NamedNode, layout: Layout, predicate: NamedNode | None) -> float:
        """The place of a fact's value in the list that the shape gives; the end where there is none."""
        return float(layout.place(predicate, self._naming.objects(node, predicate) if predicate else ()))

    def _share(self, node: NamedNode, layout: Layout) -> float | None:
        """The share of patients in per cent, from the fields that give a quantity."""
        said: dict[str, float] = {}
        for field in layout.fields:
            for value in self._naming.objects(node, field.iri) if field.quantity in _NUMBERS else []:
                said[field.quantity] = _float(value)
        if said.get("part") is not None and said.get("whole"):
            return 100 * said["part"] / said["whole"]
        return said.get("percent")


def _float(value: object) -> float:
    try:
        return float(value.value if isinstance(value, Literal) else "nan")
    except ValueError:
        return float("nan")
