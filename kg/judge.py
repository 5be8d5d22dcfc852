"""The judges: shapes and graph in, results out.

pySHACL judges what SHACL Core says, where something may be wrong (``kg.core``). A SPARQL constraint is one query over the
whole graph on Oxigraph, with ``$this`` as an ordinary variable whose values are then compared with the shape's targets:
the same verdicts (the tests hold the two against each other), without parsing the query again for every focus node.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as Text
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from kg import vocabulary as v
from kg.among import among
from kg.candidates import Subject, below
from kg.core import reports
from kg.errors import KgError
from kg.ontology import Ontology
from kg.parallel import HERE, Executor
from kg.shapes import Shapes, SparqlConstraint

_CLOSED = str(SH.ClosedConstraintComponent)
SPARQL_COMPONENT = str(SH.SPARQLConstraintComponent)
_THREADS = 2
_PATH = re.compile(r"\)[*+]")
"""A path of any length, which takes long."""


@dataclass(frozen=True, slots=True)
class Result:
    """A validation result (https://www.w3.org/TR/shacl/#results-validation-result); all but the message are IRIs or lexical forms.

    ``term`` is the value as N-Triples has it, which tells an IRI from a text that looks like one; empty where there is none.
    """

    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str
    message: str
    term: str = ""

    @property
    def rule(self) -> str:
        """The name by which people know the rule."""
        return "closed" if self.component == _CLOSED else v.local_name(self.shape)


def judge(
    shapes: Shapes,
    store: Store,
    ontology: Ontology,
    base: str,
    executor: Executor = HERE,
    only: frozenset[NamedNode] | None = None,
    core: Sequence[Result] | None = None,
    has: Callable[[str], bool] | None = None,
) -> list[Result]:
    """The results of all shapes over the union of a store's graphs, sorted, each once; messages name IRIs below ``base`` without it.

    With ``only``, those about these focus nodes; with ``has``, those about the nodes that a part has (``kg.part``). ``core`` is what
    pySHACL says, where that is known.
    """
    if core is None:
        core = [result for report in reports(shapes.core, store, executor, only, has) for result in results_of(report)]
    found = list(core)
    asked = sorted(shapes.constraints, key=lambda each: _PATH.search(each.select) is None)  # a long one that is asked last is waited for
    with ThreadPoolExecutor(_THREADS) as pool:  # Oxigraph lets go of the GIL
        for results in pool.map(lambda each: list(_judge_sparql(each, store, ontology, base, only, has)), asked):
            found.extend(results)
    if only is not None:
        wanted = {node.value for node in only}
        found = [result for result in found if result.focus in wanted]
    return in_order(found)


def in_order(results: Iterable[Result]) -> list[Result]:
    """Results sorted, each once."""
    # a value may break several constraints of one shape; where the message is the same, one of them is enough
    kept = {
        (r.focus, r.path, r.value, r.shape, r.rule, r.message): r
        for r in sorted(results, key=lambda r: (r.component, r.message, r.term), reverse=True)
    }
    return sorted(kept.values(), key=lambda each: (each.focus, each.rule, each.path, each.value, each.message))


def results_of(report: Graph) -> list[Result]:
    """The results of a SHACL validation report."""
    return [_result(report, node) for node in report.subjects(RDF.type, SH.ValidationResult)]


def _result(report: Graph, node: Node) -> Result:
    def text(predicate: URIRef) -> str:
        return min((str(value) for value in report.objects(node, predicate) if not isinstance(value, BNode)), default="")

    values = sorted(report.objects(node, SH.value), key=str)
    return Result(
        focus=text(SH.focusNode),
        path=text(SH.resultPath),
        value=text(SH.value),
        shape=text(SH.sourceShape),
        component=text(SH.sourceConstraintComponent),
        severity=text(SH.resultSeverity),
        message=text(SH.resultMessage),
        term=next((_term(value) for value in values if not isinstance(value, BNode)), ""),
    )


def _term(node: Node) -> str:
    """An IRI or a literal of rdflib as N-Triples has it."""
    if not isinstance(node, Text):
        return str(NamedNode(str(node)))
    datatype = NamedNode(str(node.datatype)) if node.datatype and not node.language else None
    return str(Literal(str(node), language=node.language, datatype=datatype))


def _judge_sparql(
    constraint: SparqlConstraint,
    store: Store,
    ontology: Ontology,
    base: str,
    only: frozenset[NamedNode] | None,
    has: Callable[[str], bool] | None,
) -> Iterable[Result]:
    some = among(constraint.select, sorted(only, key=str)) if only is not None else None
    try:
        answer = store.query(some or constraint.select, use_default_graph_as_union=True, prefixes=ontology.prefixes.namespaces)
    except (SyntaxError, ValueError) as error:
        raise KgError(f"shapes: the query of <{constraint.shape}> cannot be read: {error}") from None
    if not isinstance(answer, QuerySolutions):
        raise KgError(f"shapes: the query of <{constraint.shape}> is no SELECT; a constraint selects what is wrong")
    names = [variable.value for variable in answer.variables]
    if "this" not in names:
        raise KgError(f"shapes: the query of <{constraint.shape}> does not select $this")
    rows = [dict(zip(names, solution, strict=True)) for solution in answer]
    classes = {iri: below(store, NamedNode(iri)) for target, iri in constraint.targets if target == "targetClass"}
    for row in rows:
        if row["this"] is None:
            raise KgError(f"shapes: the query of <{constraint.shape}> leaves $this unbound; bind it by a triple pattern")
        if (has is None or has(row["this"].value)) and _is_focus_node(row["this"], constraint, classes, store):
            path, value = row.get("path"), row.get("value")
            yield Result(
                focus=row["this"].value,
                path=path.value if path is not None else "",
                value=value.value if value is not None else row["this"].value,
                shape=constraint.shape,
                component=SPARQL_COMPONENT,
                severity=constraint.severity,
                message=_fill(constraint.message, row, ontology, base),
                term=str(value if value is not None else row["this"]),
            )


def _is_focus_node(node: object, constraint: SparqlConstraint, classes: Mapping[str, Sequence[Subject]], store: Store) -> bool:
    """Whether a node is among the targets of a shape (https://www.w3.org/TR/shacl/#targets); ``classes`` are those below each class."""
    assert isinstance(node, NamedNode | BlankNode | Literal)
    subject = None if isinstance(node, Literal) else node
    for target, iri in constraint.targets:
        term = NamedNode(iri)
        match target:
            case "targetClass":
                types = store.quads_for_pattern(subject, v.RDF_TYPE, None) if subject is not None else ()
                found = any(quad.object in classes[iri] for quad in types)
            case "targetSubjectsOf":
                found = subject is not None and any(True for _ in store.quads_for_pattern(subject, term, None))
            case "targetObjectsOf":
                found = any(True for _ in store.quads_for_pattern(None, term, node))
            case _:
                found = node == term
        if found:
            return True
    return False


def _fill(message: str, row: dict[str, object], ontology: Ontology, base: str) -> str:
    """A message with its ``{?variable}`` placeholders filled (https://www.w3.org/TR/shacl/#sparql-constraints-prebound)."""

    def text(match: re.Match[str]) -> str:
        term = row.get(match[1])
        if isinstance(term, NamedNode):
            return ontology.prefixes.show(term.value, base)
        return term.value if isinstance(term, Literal) else match[0]

    return re.sub(r"\{[?$](\w+)\}", text, message)
