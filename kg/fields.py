"""How facts of each kind are laid out, worked out of the ontology and the shapes: which fields, in which order, under which names.

A kind of fact that is new to the ontology has a layout without a line of Python: ``sh:group`` and ``sh:order`` put its
fields in order, ``sh:name`` and ``sh:description`` name them, ``sh:in`` lists what they may say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode
from rdflib import Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.namespace import RDFS, SH
from rdflib.term import Node

from kg import vocabulary as v
from kg.errors import KgError
from kg.ontology import Kind, Ontology
from kg.terms import Value as Term

SUMMARY: Final = "summary"
INDEX: Final = "index"
SEARCH: Final = "search"
_PLACES: Final = frozenset({SUMMARY, INDEX, SEARCH})
_LAST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Field:
    """A property of facts, as people see it; ``choices`` are its values where the shape lists them, in that order.

    Where it ``restricts``, a fact that has it holds for some, and without it something else would be said.
    """

    key: str
    iri: NamedNode
    label: str
    description: str = ""
    choices: tuple[NamedNode, ...] = ()
    quantity: str = ""
    restricts: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How facts of one kind are shown: heading, viewer, where else they appear, and their fields in order."""

    kind: Kind
    heading: str
    about: str
    order: int
    viewer: str
    shown_in: frozenset[str]
    compared_by: NamedNode | None
    sorted_by: NamedNode | None
    fields: tuple[Field, ...]

    @property
    def key(self) -> str:
        """The word that the kind has in records and in JSON-LD."""
        return self.kind.key

    def field(self, iri: NamedNode | None) -> Field | None:
        """The field of a property, or None."""
        return next((field for field in self.fields if field.iri == iri), None)

    def place(self, iri: NamedNode | None, values: Iterable[Term]) -> int:
        """The first place of values of a property in the list that the shape gives: its end where none is, 0 without a list."""
        field = self.field(iri)
        choices = field.choices if field else ()
        return min((choices.index(value) for value in values if value in choices), default=len(choices))


def layouts(ontology: Ontology, shapes: Graph) -> tuple[Layout, ...]:
    """The layout of each kind of fact, in the order of a page. Raises KgError where an annotation says what nobody understands."""
    found = [_layout(kind, ontology, shapes) for kind in ontology.kinds.values()]
    return tuple(sorted(found, key=lambda layout: (layout.order, layout.heading, layout.key)))


def _layout(kind: Kind, ontology: Ontology, shapes: Graph) -> Layout:
    shown_in = frozenset(value.value for value in ontology.values(kind.iri, v.SHOWN_IN))
    if not shown_in <= _PLACES:
        places = ", ".join(sorted(_PLACES))
        raise KgError(f"ontology: <{kind.iri.value}> is shown in {', '.join(sorted(shown_in - _PLACES))}; rf:shownIn knows {places}")
    order = ontology.text(kind.iri, v.DISPLAY_ORDER) or ""
    return Layout(
        kind=kind,
        heading=ontology.best(kind.iri, v.HEADING) or kind.label[:1].upper() + kind.label[1:],
        about=ontology.best(kind.iri, v.SKOS_DEFINITION) or "",
        order=int(order) if order.isdecimal() else _LAST,
        viewer=ontology.text(kind.iri, v.VIEWER) or "",
        shown_in=shown_in,
        compared_by=_resource(ontology, kind.iri, v.COMPARED_BY),
        sorted_by=_resource(ontology, kind.iri, v.SORTED_BY),
        fields=fields_of(kind.iri, ontology, shapes, kind),
    )


def _resource(ontology: Ontology, subject: NamedNode, predicate: NamedNode) -> NamedNode | None:
    return next((value for value in ontology.values(subject, predicate) if isinstance(value, NamedNode)), None)


def fields_of(cls: NamedNode, ontology: Ontology, shapes: Graph, kind: Kind | None = None) -> tuple[Field, ...]:
    """The fields of a class by group and order; of several shapes for one path, the first gives the name."""
    nodes = sorted(shapes.subjects(SH.targetClass, URIRef(cls.value)), key=str)
    listed = {shape for node in nodes for shape in shapes.objects(node, SH.property)}
    found: dict[str, Field] = {}
    for shape in sorted(listed, key=lambda shape: rank(shapes, shape)):
        path = shapes.value(shape, SH.path)
        if isinstance(path, URIRef) and str(path) not in found:
            found[str(path)] = _field(kind, ontology, shapes, shape, NamedNode(str(path)))
    return tuple(found.values())


def rank(shapes: Graph, shape: Node) -> tuple[float, float, str]:
    """The place of a property shape: by the order of its group, its own order, its name."""
    group = shapes.value(shape, SH.group)
    return _number(shapes.value(group, SH.order) if group else None), _number(shapes.value(shape, SH.order)), str(shape)


def _number(node: Node | None) -> float:
    try:
        return float(str(node))
    except ValueError:
        return _LAST


def _text(shapes: Graph, shape: Node, predicate: URIRef) -> str:
    """The English text, or the first in another language, or nothing."""
    texts = [text for text in shapes.objects(shape, predicate) if isinstance(text, RdfLiteral)]
    return min(((text.language != "en", text.language or "", str(text)) for text in texts), default=(True, "", ""))[2]


def _field(kind: Kind | None, ontology: Ontology, shapes: Graph, shape: Node, path: NamedNode) -> Field:
    name = _text(shapes, shape, SH.name) or _text(shapes, shape, RDFS.label)
    listed = shapes.value(shape, SH["in"])
    choices = [NamedNode(str(item)) for item in shapes.items(listed) if isinstance(item, URIRef)] if listed is not None else []
    return Field(
        key=key_of(kind, ontology, path),
        iri=path,
        label=name or ontology.label(path),
        description=_text(shapes, shape, SH.description),
        choices=tuple(choices),
        quantity=ontology.text(path, v.QUANTITY) or "",
        restricts=v.RESTRICTIVE_QUALIFIER in ontology.values(path, v.RDF_TYPE),
    )


def key_of(kind: Kind | None, ontology: Ontology, path: NamedNode) -> str:
    """The word for a property in facts of a kind, as in records."""
    if kind and path == v.RDF_OBJECT:
        return kind.object.key
    if kind and kind.predicate and path == v.RDF_PREDICATE:
        return kind.predicate.key
    return ontology.term(path)
