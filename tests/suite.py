"""Cases of SHACL Core, in TriG (``tests/shacl``): a named graph is shapes and data at once, beside it stands what is to be reported.

``case:NAME :reports`` says so by lists of focus node, path, value, shape and constraint component, ``()`` where there is
none (a shape without an IRI is none), then severity and messages where they are not those that SHACL itself gives.
``:instead`` is what comes instead where pySHACL or the store deviates from the specification. ``:restates`` names the case
of the W3C's suite (https://w3c.github.io/data-shapes/data-shapes-test-suite/) whose situation it is, in our own words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from kg.shapes import to_rdflib

FOLDER: Final = Path(__file__).parent / "shacl"
_EX: Final = "http://example.org/"
_TARGET: Final = NamedNode(str(SH.targetNode))
_PATHS: Final = (SH.inversePath, SH.alternativePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath)
_RESULT: Final = (SH.focusNode, SH.value, SH.sourceShape, SH.sourceConstraintComponent, SH.resultSeverity)


@dataclass(frozen=True, slots=True)
class Row:
    """A validation result, in full: terms as texts that tell all of them apart, paths written out."""

    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str
    messages: tuple[str, ...] = ()

    def brief(self, messages: bool) -> Row:
        """As a case names it: without the names of nameless shapes, without SHACL's own messages."""
        return replace(self, shape="" if self.shape.startswith("_:") else self.shape, messages=self.messages if messages else ())


@dataclass(frozen=True, slots=True)
class Case:
    """Shapes and data, what SHACL wants reported, and what is reported in its stead."""

    name: str
    graph: Graph
    quads: tuple[Quad, ...]
    reports: Counter[Row]
    instead: Counter[Row]
    restates: str

    def store(self) -> Store:
        """The data in a store."""
        store = Store()
        store.extend(self.quads)
        return store

    def sought(self) -> Case:
        """The same, but no node is named as a target: each of them has to be found as the object of a property."""
        named = [quad for quad in self.quads if quad.predicate == _TARGET]
        of = {shape: NamedNode(f"{_EX}target-{n}") for n, shape in enumerate(dict.fromkeys(quad.subject for quad in named))}
        quads = [Quad(NamedNode(_EX + "them"), of[quad.subject], quad.object, quad.graph_name) for quad in named]
        quads += [Quad(shape, NamedNode(str(SH.targetObjectsOf)), way, named[0].graph_name) for shape, way in of.items()]
        return _case(self.name, [*(quad for quad in self.quads if quad not in named), *quads], self.reports, self.instead, self.restates)


def cases_of(file: Path) -> list[Case]:
    """The cases of a file, in its order."""
    said, graphs = Graph(), dict[str, list[Quad]]()
    for quad in parse(path=file, format=RdfFormat.TRIG):
        name = str(quad.graph_name)
        if name == "DEFAULT":
            said.__iadd__(to_rdflib([quad.triple]))
        else:
            graphs.setdefault(name.strip("<>"), []).append(quad)
    assert set(map(str, said.subjects(URIRef(_EX + "reports")))) <= graphs.keys(), "a result of no case"
    return [_read(said, name, quads) for name, quads in graphs.items()]


def _read(said: Graph, name: str, quads: list[Quad]) -> Case:
    node = URIRef(name)
    reports, instead = (Counter(_row(said, head) for head in said.objects(node, URIRef(_EX + key))) for key in ("reports", "instead"))
    restates = "".join(map(str, said.objects(node, URIRef(_EX + "restates"))))
    return _case(name.rpartition("/")[2], quads, reports, instead or reports, restates)


def _case(name: str, quads: list[Quad], reports: Counter[Row], instead: Counter[Row], restates: str) -> Case:
    graph = Graph()
    graph.__iadd__(to_rdflib(quad.triple for quad in quads))
    return Case(name, graph, tuple(quads), reports, instead, restates)


def _row(said: Graph, head: Node) -> Row:
    focus, path, value, shape, component, *more = said.items(head)
    severity, *messages = more or [SH.Violation]
    of, by = ("" if each == RDF.nil else text(each) for each in (value, shape))
    return Row(text(focus), path_text(said, path), of, by, text(component), text(severity), tuple(sorted(map(text, messages))))


def results(reports: Iterable[Graph]) -> Counter[Row]:
    """All results of reports; in pySHACL's own messages terms stand in an order of chance."""
    stringify_blank_node.dict_cache.clear()  # pySHACL keeps texts of blank nodes by the address of a graph that may be gone
    found = Counter[Row]()
    for report in reports:
        for result in (each for whole in report.subjects(RDF.type, SH.ValidationReport) for each in report.objects(whole, SH.result)):
            focus, value, shape, component, severity = (
                "" if each is None else text(each) for each in (report.value(result, p) for p in _RESULT)
            )
            path = path_text(report, report.value(result, SH.resultPath) or RDF.nil)
            messages = tuple(sorted(map(text, report.objects(result, SH.resultMessage))))
            found[Row(focus, path, value, shape, component, severity, messages)] += 1
    return found


def in_any_order(rows: Counter[Row]) -> Counter[Row]:
    """Results whose messages are compared by their words."""
    return Counter(replace(row, messages=tuple(sorted(map(_words, row.messages)))) for row in rows.elements())


def _words(message: str) -> str:
    return " ".join(sorted(re.findall(r"[^\s,()'\[\]]+", message)))


def text(node: Node) -> str:
    """A term, written so that no two terms are written alike."""
    if isinstance(node, Literal):
        return f"{str(node)!r}@{node.language or ''}^^{node.datatype or ''}"
    return f"_:{node}" if isinstance(node, BNode) else f"<{node}>"


def path_text(graph: Graph, path: Node) -> str:
    """A path, written out."""
    if isinstance(path, URIRef):
        return "" if path == RDF.nil else text(path)
    if (path, RDF.first, None) in graph:
        return f"({' '.join(path_text(graph, each) for each in graph.items(path))})"
    said = {p: graph.value(path, p) for p in _PATHS}
    return " ".join(f"{p.rpartition('#')[2]} {path_text(graph, each)}" for p, each in said.items() if each is not None)
