"""Problems as text, JSON, SARIF or a SHACL report in Turtle."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg import vocabulary as v
from kg.errors import Problem, Severity
from kg.judge import Result
from kg.ontology import Ontology
from kg.serialize import to_bytes

_SH = "http://www.w3.org/ns/shacl#"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def summary(problems: Sequence[Problem]) -> str:
    """``2 errors, 1 warning``."""
    counts = Counter(problem.severity for problem in problems)
    parts = [f"{counts[s]} {s.value}{'' if counts[s] == 1 or s is Severity.INFO else 's'}" for s in Severity if counts[s]]
    return ", ".join(parts) or "no problems"


def as_text(problems: Sequence[Problem]) -> str:
    """One line a problem, as compilers write them."""
    return "".join(f"{problem}\n" for problem in problems)


def as_json(problems: Sequence[Problem], *, conforms: bool) -> str:
    """The problems for programs."""
    rows = [
        {
            "file": problem.place.path,
            "line": problem.place.line,
            "column": problem.place.column,
            "severity": problem.severity.value,
            "rule": problem.rule,
            "subject": problem.subject,
            "message": problem.message,
            "focus": problem.focus,
            "path": problem.path,
            "value": problem.value,
        }
        for problem in problems
    ]
    return json.dumps({"conforms": conforms, "problems": rows}, ensure_ascii=False, indent=2) + "\n"


def as_sarif(problems: Sequence[Problem], version: str) -> str:
    """SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which editors and code hosts show beside the lines.

    It names files by URI references (section 3.4.3), so their names are percent-encoded.
    """
    rules = sorted({problem.rule for problem in problems})
    results: list[dict[str, Any]] = [
        {
            "ruleId": problem.rule,
            "ruleIndex": rules.index(problem.rule),
            "level": _LEVELS[problem.severity],
            "message": {"text": f"{problem.subject} {problem.message}".strip()},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(problem.place.path)},
                        "region": {"startLine": problem.place.line, "startColumn": problem.place.column},
                    }
                }
            ],
        }
        for problem in problems
    ]
    driver = {"name": "kg", "version": version, "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def as_turtle(results: Sequence[Result], ontology: Ontology, *, conforms: bool) -> str:
    """The SHACL validation report (https://www.w3.org/TR/shacl/#validation-report)."""
    report = BlankNode("report")
    triples = [
        Triple(report, v.RDF_TYPE, NamedNode(_SH + "ValidationReport")),
        Triple(report, NamedNode(_SH + "conforms"), Literal("true" if conforms else "false", datatype=v.XSD_BOOLEAN)),
    ]
    nodes = [(BlankNode(f"result{number}"), result) for number, result in enumerate(results, 1)]
    triples += [Triple(report, NamedNode(_SH + "result"), node) for node, _ in nodes]
    for node, result in nodes:
        triples.append(Triple(node, v.RDF_TYPE, NamedNode(_SH + "ValidationResult")))
        for name, text in (
            ("focusNode", result.focus),
            ("resultPath", result.path),
            ("sourceShape", result.shape),
            ("sourceConstraintComponent", result.component),
            ("resultSeverity", result.severity),
        ):
            if text:
                triples.append(Triple(node, NamedNode(_SH + name), _term(text)))
        if result.term:
            [said] = parse(f"_:a <{_SH}value> {result.term} .", RdfFormat.N_TRIPLES)
            triples.append(Triple(node, said.predicate, said.object))
        triples.append(Triple(node, NamedNode(_SH + "resultMessage"), Literal(result.message, language="en")))
    return to_bytes(triples, RdfFormat.TURTLE, ontology.prefixes.namespaces).decode()


def _term(text: str) -> NamedNode | Literal:
    try:
        return NamedNode(text)
    except ValueError:
        return Literal(text)
