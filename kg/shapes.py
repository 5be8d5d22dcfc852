"""The shapes: read from Turtle, split into what SHACL Core says and what SPARQL constraints say, and checked themselves.

A misspelt SHACL term, a shape without a target, or a SPARQL constraint in one judges nothing and says nothing, so these are refused here;
so is a severity that is none of SHACL's, a query that asks for more than ``$this`` to be bound, and a shape that nobody may waive
(``rf:neverWaived``) where it is made milder or turned off.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import NamedNode
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, SH
from rdflib.term import Node

from kg import vocabulary as v
from kg.errors import SEVERITIES, KgError
from kg.files import read_own
from kg.guard import guard
from kg.layout import files_in
from kg.ontology import Ontology
from kg.turtle import triples_of

DERIVED: Final = "derived"
ONTOLOGY: Final = "ontology"
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_BOUND = re.compile(r"[$?](?:PATH|shapesGraph|currentShape)\b")
"""What SHACL binds beside ``$this`` (https://www.w3.org/TR/shacl/#sparql-constraints-prebound), and kg does not."""
_REPEATED_REPEAT = re.compile(r"[+*}][^()]*\)[+*{]")
_KNOWN_TERMS = frozenset(str(term) for term in dir(SH)) | {str(SH) + name for name in ("class", "in", "not", "and", "or")}


@dataclass(frozen=True, slots=True)
class SparqlConstraint:
    """A ``sh:sparql`` constraint (https://www.w3.org/TR/shacl/#sparql-constraints) and the shape it belongs to."""

    shape: str
    select: str
    message: str
    severity: str
    targets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shapes:
    """The shapes of one stage: the graph for a SHACL Core engine, and the SPARQL constraints."""

    core: Graph
    constraints: tuple[SparqlConstraint, ...]
    rules: frozenset[str]
    never_waived: frozenset[str]
    """The IRIs of the shapes that nobody may waive."""
    files: dict[Path, str]


def load_shapes(folders: list[Path], stage: str | None = None) -> Shapes:
    """The shapes of a stage: of what was written (None), ``derived``, or ``ontology``. Raises KgError."""
    stages = (DERIVED, ONTOLOGY)
    paths = [path for path in files_in(folders, "*.ttl") if (path.stem == stage if stage else path.stem not in stages)]
    return _read(tuple((path, read_own(path)) for path in paths))


def require_all_judged(shapes: Shapes, ontology: Ontology) -> None:
    """Raises KgError where a kind of fact has no closed shape, or a shape is for a class that there is not: nothing would be judged."""
    targets = sorted((str(target), shape) for shape, target in shapes.core.subject_objects(SH.targetClass))
    closed = {target for target, shape in targets if any(_is_true(value) for value in shapes.core.objects(shape, SH.closed))}
    for kind in ontology.kinds.values():
        if (target := kind.iri.value) not in closed:
            said = f'nothing would judge the facts of kind "{kind.key}", as no closed shape is for it'
            raise KgError(f"ontology: {said}; write a sh:NodeShape with sh:targetClass <{target}> and sh:closed true")
    classes = {str(t.subject.value) for t in ontology.triples if str(t.object) == f"<{OWL.Class}>" and isinstance(t.subject, NamedNode)}
    spaces = {each.removesuffix(v.local_name(each)) for each in classes}
    for target, shape in targets:
        if target not in classes and target.removesuffix(v.local_name(target)) in spaces:
            raise KgError(f"shapes: <{shape}> would judge nothing: <{target}> is no class of the ontology; mend its name")


@lru_cache(maxsize=8)  # by content, so a file that changes is read again
def _read(files: tuple[tuple[Path, bytes], ...]) -> Shapes:
    graph = Graph()
    for path, content in files:
        triples = list(to_rdflib(triples_of(path, content)))
        _check_terms(path, content.decode("utf-8", "replace"), triples)
        for triple in triples:
            graph.add(triple)
    _check_targets(graph)
    _check_texts(graph)
    _check_severities(graph)
    rules = frozenset(v.local_name(str(node)) for node in graph.subjects() if isinstance(node, URIRef) and str(node).startswith(v.SHAPES))
    never = _never_waived(graph)
    constraints = tuple(sorted(_take_constraints(graph), key=lambda each: (each.shape, each.select)))
    return Shapes(graph, constraints, rules, never, {path: hashlib.sha256(content).hexdigest() for path, content in files})


def _check_terms(path: Path, text: str, triples: list[tuple[Node, Node, Node]]) -> None:
    for term in sorted({str(node) for triple in triples for node in triple if isinstance(node, URIRef) and node.startswith(str(SH))}):
        if term not in _KNOWN_TERMS:
            name = f"sh:{v.local_name(term)}"
            line = text.count("\n", 0, max(text.find(name), 0)) + 1
            raise KgError(f"{path}:{line}:1: SHACL has no term {name}; it would judge nothing")


def _check_targets(graph: Graph) -> None:
    used = {o for p in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape) for o in graph.objects(None, p)}
    used |= {item for p in (SH["or"], SH["and"], SH.xone) for head in graph.objects(None, p) for item in graph.items(head)}
    for shape in sorted(set(graph.subjects(RDF.type, SH.NodeShape)) | set(graph.subjects(RDF.type, SH.PropertyShape)), key=str):
        if shape not in used and not any(graph.value(shape, target) for target in _TARGETS):
            raise KgError(f"shapes: <{shape}> has no target and no shape refers to it; it would judge nothing")


def _check_texts(graph: Graph) -> None:
    """Queries that would reach the network, and patterns that can take for ever: Python's engine tries every way to fail."""
    for predicate in (SH.select, SH.ask, SH.construct, SH.update):
        for shape, query in graph.subject_objects(predicate):
            try:
                guard(str(query))
            except KgError as error:
                raise KgError(f"shapes: the query of <{shape}>: {error}") from None
    for shape, pattern in graph.subject_objects(SH.pattern):
        if _REPEATED_REPEAT.search(str(pattern)):
            raise KgError(
                f"shapes: the pattern {str(pattern)!r} of <{shape}> repeats a repetition, which can take for ever; write it without"
            )


def _check_severities(graph: Graph) -> None:
    for shape, severity in graph.subject_objects(SH.severity):
        if str(severity) not in SEVERITIES:
            raise KgError(f"shapes: the severity of <{shape}> is {severity}; take sh:Violation, sh:Warning or sh:Info")


def _never_waived(graph: Graph) -> frozenset[str]:
    """The shapes that nobody may waive, which a module of a dataset may not take back by other words. Raises KgError."""
    found = {shape for shape, value in graph.subject_objects(URIRef(v.NEVER_WAIVED.value)) if _is_true(value)}
    for shape in sorted(found, key=str):
        if _is_off(graph, shape) or any(_is_off(graph, node) for node in graph.objects(shape, SH.sparql)):
            raise KgError(f"shapes: <{shape}> is turned off, which nobody may waive; remove sh:deactivated")
        if any(severity != SH.Violation for severity in graph.objects(shape, SH.severity)):
            raise KgError(f"shapes: <{shape}> is no violation, though nobody may waive it; remove sh:severity")
    return frozenset(map(str, found))


def _take_constraints(graph: Graph) -> list[SparqlConstraint]:
    """The SPARQL constraints, taken out of the graph: they are answered for the whole graph at once. Raises KgError."""
    found = []
    for shape, node in list(graph.subject_objects(SH.sparql)):
        message = graph.value(node, SH.message) or graph.value(shape, SH.message) or Literal("breaks this rule")
        severity = graph.value(shape, SH.severity) or SH.Violation
        targets = tuple(sorted((v.local_name(str(p)), str(o)) for p in _TARGETS for o in graph.objects(shape, p)))
        select = str(graph.value(node, SH.select))
        if not targets:
            raise KgError(f"shapes: <{shape}> has a SPARQL constraint and no target; give it one, or move it to a node shape that has one")
        if any(not isinstance(o, URIRef) for p in _TARGETS for o in graph.objects(shape, p)):
            raise KgError(f"shapes: <{shape}> has a SPARQL constraint and a target that is no IRI; name what it judges by an IRI")
        if bound := _BOUND.search(select):
            raise KgError(f"shapes: the query of <{shape}> asks for {bound[0]}, which is not bound; write out what it stands for")
        if not (_is_off(graph, shape) or _is_off(graph, node)):
            found.append(SparqlConstraint(str(shape), select, str(message), str(severity), targets))
        graph.remove((shape, SH.sparql, node))
        graph.remove((node, None, None))
    return found


def _is_off(graph: Graph, node: Node) -> bool:
    """Whether a shape or a constraint is deactivated (https://www.w3.org/TR/shacl/#deactivated)."""
    return any(_is_true(value) for value in graph.objects(node, SH.deactivated))


def _is_true(value: Node) -> bool:
    return isinstance(value, Literal) and value.toPython() is True


def to_rdflib(triples: Iterable[pyoxigraph.Triple]) -> Iterable[tuple[Node, Node, Node]]:
    """Plain rdflib terms; pySHACL gives false verdicts over literals with an explicit ``xsd:string``."""
    for triple in triples:
        yield to_node(triple.subject), to_node(triple.predicate), to_node(triple.object)


def to_node(term: object) -> Node:
    """A term as a plain rdflib term."""
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    if isinstance(term, pyoxigraph.Literal):
        if term.language is not None:
            return Literal(term.value, lang=term.language, normalize=False)
        datatype = None if term.datatype == v.XSD_STRING else URIRef(term.datatype.value)
        return Literal(term.value, datatype=datatype, normalize=False)
    assert isinstance(term, pyoxigraph.BlankNode)
    return BNode(term.value)
