"""Results that somebody waived, with a reason: they are kept, and shown to nobody; and what is wrong with the waivers themselves."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Quad
from rdflib import URIRef
from rdflib.namespace import SH

from kg import vocabulary as v
from kg.judge import SPARQL_COMPONENT, Result
from kg.terms import subject_of, value_of


def waive(results: list[Result], quads: Iterable[Quad], rules: frozenset[str]) -> tuple[list[Result], list[Result], list[Result]]:
    """Results that stay, results that are waived, and what is wrong with the waivers themselves."""
    told: dict[str, dict[NamedNode, str]] = {}
    for quad in quads:
        if quad.predicate in (v.ENTITY, v.RULE):
            told.setdefault(subject_of(quad).value, {})[quad.predicate] = value_of(quad).value
    pairs = {waiver: (said.get(v.ENTITY, ""), said.get(v.RULE, "")) for waiver, said in sorted(told.items())}
    first = {pair: waiver for waiver, pair in reversed(pairs.items())}
    waived = [result for result in results if (result.focus, result.rule) in first]
    kept = [result for result in results if (result.focus, result.rule) not in first]
    used = {(result.focus, result.rule) for result in waived}
    faults = []
    for waiver, pair in pairs.items():
        _, rule = pair
        if rule and rule not in rules:
            faults.append(
                _about_waiver(waiver, v.RULE.value, rule, "waiver-rule-known", SH.Violation, f'waives "{rule}", no rule there is')
            )
        elif pair not in used:
            faults.append(_about_waiver(waiver, "", "", "waiver-unused", SH.Warning, "waives nothing; its reason is gone: remove it"))
        elif first[pair] != waiver:
            message = f'waives what "{v.local_name(first[pair])}" waives already; keep one of them'
            faults.append(_about_waiver(waiver, "", "", "waiver-unused", SH.Warning, message))
    return kept, waived, faults


def _about_waiver(waiver: str, path: str, value: str, rule: str, severity: URIRef, message: str) -> Result:
    return Result(waiver, path, value, v.SHAPES + rule, SPARQL_COMPONENT, str(severity), message)
