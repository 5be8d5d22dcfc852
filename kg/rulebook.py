"""The rules, as a curator looks them up: every shape by the name that ``kg check`` prints, with what it judges and demands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from kg import vocabulary as v
from kg.demands import Demand, demands, to_term
from kg.display import Value
from kg.errors import SEVERITIES, Severity
from kg.fields import rank
from kg.ontology import Kind, Ontology
from kg.terms import Value as Term

EVERY: Final = "every"
_TARGETS: Final = {
    SH.targetClass: EVERY,
    SH.targetNode: "",
    SH.targetSubjectsOf: "whatever has the property",
    SH.targetObjectsOf: "every value of the property",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape: its name, what it judges, what it demands, and what is said to whoever breaks it."""

    name: str
    iri: str
    label: Value | None
    about: Value | None
    messages: tuple[Value, ...]
    severity: str
    never_waived: bool
    targets: tuple[tuple[str, Term], ...]
    path: str
    paths: tuple[Term, ...]
    keys: tuple[str, ...]
    demands: tuple[Demand, ...]
    fields: tuple[str, ...]
    queries: tuple[str, ...]

    @property
    def mentions(self) -> frozenset[Term]:
        """What it speaks of: its targets, its path, and the terms of what it demands."""
        return frozenset([*(term for _, term in self.targets), *self.paths, *_terms(self.demands)])


def _terms(found: Iterable[Demand]) -> Iterable[Term]:
    for each in found:
        yield from each.terms
        for nested in each.nested:
            yield from _terms(nested)


def shape_names(shapes: Graph) -> dict[str, str]:
    """The name of each shape that has one, by IRI: what ``kg check`` prints in square brackets; the IRI where that name is taken."""
    found = {str(s) for cls in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, cls) if isinstance(s, URIRef)}
    found |= {str(s) for s in shapes.objects(None, SH.property) if isinstance(s, URIRef)}
    names: dict[str, str] = {}
    for iri in sorted(found, key=lambda iri: (not iri.startswith(v.SHAPES), iri)):
        name = v.local_name(iri)
        names[iri] = iri if name in names.values() else name
    return names


def rulebook(graphs: Mapping[str, Graph], ontology: Ontology, show: Callable[[Term], Value]) -> dict[str, tuple[Rule, ...]]:
    """The rules of each module, a class's own shape first, then by name. Shapes may use those of other modules."""
    whole = Graph()
    for graph in graphs.values():
        for triple in graph:
            whole.add(triple)
    names, found = shape_names(whole), {}
    for stem, graph in graphs.items():
        here = [(URIRef(iri), name) for iri, name in names.items() if (URIRef(iri), None, None) in graph]
        rules = [_rule(whole, shape, name, ontology, show) for shape, name in here]
        found[stem] = tuple(sorted(rules, key=lambda rule: (not rule.fields, rule.name.casefold(), rule.iri)))
    return found


def _rule(shapes: Graph, shape: URIRef, name: str, ontology: Ontology, show: Callable[[Term], Value]) -> Rule:
    def text(node: Node, *predicates: URIRef) -> Value | None:
        literals = [each for p in predicates for each in sorted(shapes.objects(node, p), key=str) if isinstance(each, Literal)]
        return show(to_term(literals[0])) if literals else None

    constraints = sorted(shapes.objects(shape, SH.sparql), key=lambda node: str(shapes.value(node, SH.select) or ""))
    said = [text(node, SH.message) for node in [*constraints, shape]]
    targets = _targets(shapes, shape)
    path, paths = _path(shapes, shapes.value(shape, SH.path))
    kinds = [kind for kind in ontology.kinds.values() if kind.iri in {term for _, term in targets}]
    fields = [each for each in shapes.objects(shape, SH.property) if isinstance(each, URIRef)]
    return Rule(
        name=name,
        iri=str(shape),
        label=text(shape, SH.name, RDFS.label),
        about=text(shape, SH.description, RDFS.comment),
        messages=tuple(dict.fromkeys(each for each in said if each)),
        severity=SEVERITIES.get(str(shapes.value(shape, SH.severity)), Severity.VIOLATION).value,
        never_waived=(shape, URIRef(v.NEVER_WAIVED.value), Literal(True)) in shapes,
        targets=targets,
        path=path,
        paths=paths,
        keys=tuple(sorted({key for each in paths if isinstance(each, NamedNode) for key in _keys(each, kinds, ontology)})),
        demands=(*demands(shapes, shape), *_of_nameless(shapes, shape)),
        fields=tuple(map(str, sorted(fields, key=lambda each: rank(shapes, each)))),
        queries=tuple(str(shapes.value(node, SH.select)).strip("\n") for node in constraints if shapes.value(node, SH.select)),
    )


def _of_nameless(shapes: Graph, shape: Node) -> Iterator[Demand]:
    """What is demanded of properties by shapes that have no name, and so no entry of their own."""
    for each in sorted(
        (each for each in shapes.objects(shape, SH.property) if isinstance(each, BNode)), key=lambda each: rank(shapes, each)
    ):
        words, paths = _path(shapes, shapes.value(each, SH.path))
        yield Demand(f"for {words or 'the property'}", paths, nested=(demands(shapes, each),))


def _keys(path: NamedNode, kinds: list[Kind], ontology: Ontology) -> Iterator[str]:
    """The words for a property in records: those of the kinds that are judged, or its own."""
    if path == v.RDF_OBJECT:
        yield from (kind.object.key for kind in kinds)
    elif path == v.RDF_PREDICATE:
        yield from (kind.predicate.key for kind in kinds if kind.predicate)
    elif path in {each.iri for each in ontology.properties.values()}:
        yield ontology.term(path)


def _targets(shapes: Graph, shape: Node, below: frozenset[Node] = frozenset()) -> tuple[tuple[str, Term], ...]:
    """What a shape judges: its own targets, and those of the shapes that it is a field of."""
    found = {(words, to_term(o)) for p, words in _TARGETS.items() for o in shapes.objects(shape, p)}
    for above in set(shapes.subjects(SH.property, shape)) - below:
        found |= set(_targets(shapes, above, below | {shape}))
    return tuple(sorted(found, key=str))


def _path(shapes: Graph, path: Node | None) -> tuple[str, tuple[Term, ...]]:
    """A path (https://www.w3.org/TR/shacl/#property-paths) as words, and the properties in it."""
    if path is None:
        return "", ()
    if isinstance(path, URIRef):
        return "", (to_term(path),)
    inverse, alternatives = shapes.value(path, SH.inversePath), shapes.value(path, SH.alternativePath)
    if inverse is not None:
        return "that which points to it by", _path(shapes, inverse)[1]
    head, words = (alternatives, "either of") if alternatives is not None else (path, "step by step")
    steps = list(shapes.items(head)) if (head, RDF.first, None) in shapes else list(shapes.objects(head))
    return words, tuple(term for step in steps for term in _path(shapes, step)[1])
