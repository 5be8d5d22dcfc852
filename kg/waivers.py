"""Results that somebody waived, with a reason: they are kept, and shown to nobody; and what is wrong with the waivers themselves.

Some rules nobody may waive: their shapes say so, by ``rf:neverWaived``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from pyoxigraph import NamedNode, Quad
from rdflib import URIRef
from rdflib.namespace import SH

from kg import vocabulary as v
from kg.judge import SPARQL_COMPONENT, Result
from kg.terms import subject_of, value_of

Pair = tuple[str, str]
"""An entity and a rule that it may break."""


def waive(
    results: list[Result], quads: Iterable[Quad], rules: Set[str], never: Set[str]
) -> tuple[list[Result], list[Result], list[Result]]:
    """Results that stay, results that are waived, and what is wrong with the waivers themselves.

    ``rules`` are the names of those there are, ``never`` the IRIs of the shapes that nobody may waive.
    """
    told: dict[str, dict[NamedNode, str]] = {}
    for quad in quads:
        if quad.predicate in (v.ENTITY, v.RULE):
            told.setdefault(subject_of(quad).value, {})[quad.predicate] = value_of(quad).value
    pairs = {waiver: (said.get(v.ENTITY, ""), said.get(v.RULE, "")) for waiver, said in sorted(told.items())}
    asked = set(pairs.values())
    kept, waived = list[Result](), list[Result]()
    for result in results:
        (waived if (result.focus, result.rule) in asked and result.shape not in never else kept).append(result)
    named = {v.local_name(shape) for shape in never}
    firm = {pair for pair in asked if pair[1] in named} | {(result.focus, result.rule) for result in kept} & asked
    return kept, waived, list(_faults(pairs, rules, {(result.focus, result.rule) for result in waived}, firm))


def _faults(pairs: dict[str, Pair], rules: Set[str], used: Set[Pair], firm: Set[Pair]) -> Iterator[Result]:
    """What is wrong with waivers: no rule, one that nobody may waive (``firm``), or nothing to waive."""
    first = {pair: waiver for waiver, pair in reversed(pairs.items())}
    for waiver, pair in pairs.items():
        _, rule = pair
        if rule and rule not in rules:
            yield _about_waiver(waiver, v.RULE.value, rule, "waiver-rule-known", SH.Violation, f'waives "{rule}", no rule there is')
        elif pair in firm:
            message = f'waives "{rule}", which nobody may waive; mend what breaks the rule, and remove the waiver'
            yield _about_waiver(waiver, v.RULE.value, rule, "waiver-refused", SH.Violation, message)
        elif pair not in used:
            yield _about_waiver(waiver, "", "", "waiver-unused", SH.Warning, "waives nothing; its reason is gone: remove it")
        elif first[pair] != waiver:
            message = f'waives what "{v.local_name(first[pair])}" waives already; keep one of them'
            yield _about_waiver(waiver, "", "", "waiver-unused", SH.Warning, message)


def _about_waiver(waiver: str, path: str, value: str, rule: str, severity: URIRef, message: str) -> Result:
    return Result(waiver, path, value, v.SHAPES + rule, SPARQL_COMPONENT, str(severity), message)
