"""Shapes against graph: verdicts, each with file, line and column.

pySHACL judges what SHACL Core says. A SPARQL constraint is one query over the whole graph on Oxigraph, with ``$this``
as an ordinary variable whose values are then compared with the shape's targets: the same verdicts (the tests hold the
two against each other), without parsing the query again for every focus node.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyoxigraph
import pyshacl
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.errors import KgError, Problem, Severity
from kg.graph import derived, store_of
from kg.layout import shapes_folders
from kg.ontology import Ontology
from kg.shapes import DERIVED, Shapes, SparqlConstraint, load_shapes, to_rdflib
from kg.terms import subject_of, value_of

_SEVERITIES = {str(SH.Violation): Severity.VIOLATION, str(SH.Warning): Severity.WARNING, str(SH.Info): Severity.INFO}
_CLOSED = str(SH.ClosedConstraintComponent)
_SPARQL = str(SH.SPARQLConstraintComponent)


@dataclass(frozen=True, slots=True)
class Result:
    """A validation result (https://www.w3.org/TR/shacl/#results-validation-result); all but the message are IRIs or lexical forms."""

    focus: str
    path: str
    value: str
    shape: str
    component: str
    severity: str
    message: str

    @property
    def rule(self) -> str:
        """The name by which people know the rule."""
        return "closed" if self.component == _CLOSED else v.local_name(self.shape)


@dataclass(frozen=True)
class Verdict:
    """What the judges say of a dataset, with what they looked at."""

    results: tuple[Result, ...]
    waived: tuple[Result, ...]
    problems: tuple[Problem, ...]
    derived: tuple[Quad, ...]

    @property
    def conforms(self) -> bool:
        """No violation; warnings and information are allowed."""
        return not any(problem.severity is Severity.VIOLATION for problem in self.problems)


def validate(dataset: Dataset) -> Verdict:
    """Judge what was written, then what follows from it; then take away what is waived."""
    folders = shapes_folders(dataset.folder)
    ontology = dataset.ontology.quads()
    written = store_of([*ontology, *dataset.quads])
    shapes = load_shapes(folders)
    results = judge(shapes, written, dataset.ontology, dataset.base)
    follows = derived(dataset, written)
    written.extend(follows)
    shapes_of_derived = load_shapes(folders, DERIVED)
    results += judge(shapes_of_derived, written, dataset.ontology, dataset.base)
    kept, waived, about_waivers = _waive(results, dataset, shapes.rules | shapes_of_derived.rules | {"closed"})
    types = _types(dataset.quads)
    problems = sorted((_problem(result, dataset, types) for result in [*kept, *about_waivers]), key=lambda problem: problem.order)
    return Verdict(tuple(kept + about_waivers), tuple(waived), tuple(problems), tuple(follows))


def judge(shapes: Shapes, store: Store, ontology: Ontology, base: str) -> list[Result]:
    """The results of all shapes over the union of a store's graphs, sorted, each once; messages name IRIs below ``base`` without it."""
    results = set(_judge_core(shapes, store)) if shapes.has_core else set()
    for constraint in shapes.constraints:
        results.update(_judge_sparql(constraint, store, ontology, base))
    return sorted(results, key=lambda each: (each.focus, each.rule, each.path, each.value, each.message))


def _judge_core(shapes: Shapes, store: Store) -> Iterable[Result]:
    data = Graph()
    for triple in to_rdflib(quad.triple for quad in store):
        data.add(triple)
    _, report, text = pyshacl.validate(data, shacl_graph=shapes.core, allow_warnings=True, allow_infos=True, inplace=True)
    if not isinstance(report, Graph):
        raise KgError(f"shapes: pySHACL could not judge: {text}")
    return results_of(report)


def results_of(report: Graph) -> list[Result]:
    """The results of a SHACL validation report."""
    return [_result(report, node) for node in report.subjects(RDF.type, SH.ValidationResult)]


def _result(report: Graph, node: Node) -> Result:
    def text(predicate: URIRef) -> str:
        return min((str(value) for value in report.objects(node, predicate) if not isinstance(value, BNode)), default="")

    return Result(
        focus=text(SH.focusNode),
        path=text(SH.resultPath),
        value=text(SH.value),
        shape=text(SH.sourceShape),
        component=text(SH.sourceConstraintComponent),
        severity=text(SH.resultSeverity),
        message=text(SH.resultMessage),
    )


def _judge_sparql(constraint: SparqlConstraint, store: Store, ontology: Ontology, base: str) -> Iterable[Result]:
    query = re.sub(r"\$(?=\w)", "?", constraint.select)
    try:
        answer = store.query(query, use_default_graph_as_union=True, prefixes=ontology.prefixes.namespaces)
    except (SyntaxError, ValueError) as error:
        raise KgError(f"shapes: the query of <{constraint.shape}> cannot be read: {error}") from None
    if not isinstance(answer, QuerySolutions):
        raise KgError(f"shapes: the query of <{constraint.shape}> is no SELECT; a constraint selects what is wrong")
    names = [variable.value for variable in answer.variables]
    if "this" not in names:
        raise KgError(f"shapes: the query of <{constraint.shape}> does not select $this")
    rows = [dict(zip(names, solution, strict=True)) for solution in answer]
    targets = _focus_nodes(constraint, store, ontology) if rows else set()
    for row in rows:
        if row["this"] is None:
            raise KgError(f"shapes: the query of <{constraint.shape}> leaves $this unbound; bind it by a triple pattern")
        if row["this"] in targets:
            path, value = row.get("path"), row.get("value")
            yield Result(
                focus=row["this"].value,
                path=path.value if path is not None else "",
                value=value.value if value is not None else row["this"].value,
                shape=constraint.shape,
                component=_SPARQL,
                severity=constraint.severity,
                message=_fill(constraint.message, row, ontology, base),
            )


def _focus_nodes(constraint: SparqlConstraint, store: Store, ontology: Ontology) -> set[object]:
    """The focus nodes of a shape (https://www.w3.org/TR/shacl/#targets)."""
    found: set[object] = set()
    for target, iri in constraint.targets:
        node = NamedNode(iri)
        match target:
            case "targetClass":
                below = [cls for cls, above in ontology.superclasses.items() if node in above] + [node]
                found |= {quad.subject for cls in below for quad in store.quads_for_pattern(None, v.RDF_TYPE, cls)}
            case "targetSubjectsOf":
                found |= {quad.subject for quad in store.quads_for_pattern(None, node, None)}
            case "targetObjectsOf":
                found |= {quad.object for quad in store.quads_for_pattern(None, node, None)}
            case _:
                found.add(node)
    return found


def _fill(message: str, row: dict[str, object], ontology: Ontology, base: str) -> str:
    """A message with its ``{?variable}`` placeholders filled (https://www.w3.org/TR/shacl/#sparql-constraints-prebound)."""

    def text(match: re.Match[str]) -> str:
        term = row.get(match[1])
        if isinstance(term, pyoxigraph.NamedNode):
            return ontology.prefixes.show(term.value, base)
        return term.value if isinstance(term, pyoxigraph.Literal) else match[0]

    return re.sub(r"\{[?$](\w+)\}", text, message)


def _waive(results: list[Result], dataset: Dataset, rules: frozenset[str]) -> tuple[list[Result], list[Result], list[Result]]:
    """Results that stay, results that are waived, and what is wrong with the waivers themselves."""
    waivers: dict[tuple[str, str], str] = {}
    told: dict[str, dict[NamedNode, str]] = {}
    for quad in dataset.quads:
        if quad.predicate in (v.ENTITY, v.RULE):
            told.setdefault(subject_of(quad).value, {})[quad.predicate] = value_of(quad).value
    for waiver, said in told.items():
        waivers[said.get(v.ENTITY, ""), said.get(v.RULE, "")] = waiver
    waived = [result for result in results if (result.focus, result.rule) in waivers]
    kept = [result for result in results if (result.focus, result.rule) not in waivers]
    used = {waivers[result.focus, result.rule] for result in waived}
    faults = []
    for (_, rule), waiver in sorted(waivers.items(), key=lambda item: item[1]):
        if rule and rule not in rules:
            faults.append(
                _about_waiver(waiver, v.RULE.value, rule, "waiver-rule-known", SH.Violation, f'waives "{rule}", no rule there is')
            )
        elif waiver not in used:
            faults.append(_about_waiver(waiver, "", "", "waiver-unused", SH.Warning, "waives nothing; its reason is gone: remove it"))
    return kept, waived, faults


def _about_waiver(waiver: str, path: str, value: str, rule: str, severity: URIRef, message: str) -> Result:
    return Result(waiver, path, value, v.SHAPES + rule, _SPARQL, str(severity), message)


def _types(quads: Iterable[Quad]) -> dict[str, list[NamedNode]]:
    types: dict[str, list[NamedNode]] = {}
    for quad in quads:
        if quad.predicate == v.RDF_TYPE and isinstance(quad.object, NamedNode):
            types.setdefault(subject_of(quad).value, []).append(quad.object)
    return types


def _problem(result: Result, dataset: Dataset, types: dict[str, list[NamedNode]]) -> Problem:
    message = result.message
    if result.rule == "closed":
        name = dataset.ontology.term(NamedNode(result.path))
        message = f'has "{name}", which does not belong there; remove it or state it as a fact of its own'
    problem = Problem(
        place=dataset.place_of(result.focus, result.path, result.value),
        severity=_SEVERITIES[result.severity],
        rule=result.rule,
        message=message,
        subject=describe(result.focus, dataset.ontology, types),
    )
    return replace(problem, focus=result.focus, path=result.path, value=result.value)


def describe(focus: str, ontology: Ontology, types: dict[str, list[NamedNode]]) -> str:
    """A node as people call it: the label of its class and its own name, such as ``treatment "ivig"``."""
    classes = sorted(types.get(focus, []), key=lambda cls: (len(ontology.superclasses.get(cls, ())), cls.value))
    label = ontology.label(classes[-1]) if classes else "node"
    return f'{label} "{v.local_name(focus)}"' if classes else f"<{focus}>"
