"""How far a query looks from the nodes of a part: a walk through its algebra that notes what has to be there (``kg.locality``)."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from rdflib import URIRef, Variable
from rdflib.namespace import RDF
from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from kg.algebra import THROUGH, demanded, exists, is_way_back, joined, steps
from kg.needs import OBJECT, PREDICATE, SUBJECT, TOGETHER, Needs, NotLocalError


class Reach(IntEnum):
    """What a variable is bound to: something that a statement about an own node leads to, an own node, one that is held by another."""

    NEAR = 1
    OWN = 2
    HELD = 3


Known = dict[Node, tuple[Reach, bool]]
"""The variables that are bound to what is near or own, and whether they are bound for certain."""


def _strongest(*found: Known) -> Known:
    known: Known = {}
    for each in found:
        for term, reach in each.items():
            known[term] = max(reach, known.get(term, reach), key=lambda one: (one[1], one[0]))
    return known


def _certain(known: Known) -> Known:
    return {term: reach for term, reach in known.items() if reach[1]}


class Walk:
    """A walk through the algebra of a query, with what it needs on the way.

    Each step takes what is known of variables from outside, where rows are joined with those of the step: only such rows matter. It gives
    what is known of the variables that it binds. What is optional, taken away or tested sees only what it is put to.
    """

    def __init__(self, anchor: Variable | None = None, gathering: bool = False) -> None:
        self.needs = Needs()
        self._anchor = anchor
        """A variable that is an own node wherever a pattern binds it that has to match."""
        self._gathering = gathering
        self._checking = False
        self._given: Known = {}
        """What is known of variables whose values are put into a test before its patterns are matched."""

    def query(self, algebra: CompValue, known: Known) -> Known:
        """Walk through all of it; what is known in the end. Raises NotLocalError."""
        if algebra.name not in ("SelectQuery", "ConstructQuery") or algebra.datasetClause:
            raise NotLocalError("is neither a SELECT nor a CONSTRUCT query over the whole dataset")
        self._checking = True
        return self._walk(algebra, known)

    def _walk(self, node: CompValue, outer: Known) -> Known:
        step = getattr(self, f"_walk_{node.name.lower()}", None)
        if node.name in THROUGH:
            return self._walk(node.p, outer) if isinstance(node.get("p"), CompValue) else {}  # or VALUES, which leads nowhere
        if step is None:
            raise NotLocalError(f"has a pattern of the sort {node.name}")
        found: Known = step(node, outer)
        return found

    def _walk_values(self, _node: CompValue, _outer: Known) -> Known:
        return {}

    def _walk_project(self, node: CompValue, outer: Known) -> Known:
        shown = set(node.PV)
        before, self._given = self._given, {term: reach for term, reach in self._given.items() if term in shown}
        found = self._walk(node.p, {term: reach for term, reach in outer.items() if term in shown})
        self._given = before
        return {term: reach for term, reach in found.items() if term in shown}

    def _walk_join(self, node: CompValue, outer: Known) -> Known:
        parts, known, found = joined(node), Known(), None
        before, self._checking = self._checking, False
        while found != known:
            found, known = known, _strongest(known, *(self._walk(part, _strongest(outer, known)) for part in parts))
        self._checking = before
        if before:
            for part in parts:
                self._walk(part, _strongest(outer, known))
        return known

    def _walk_union(self, node: CompValue, outer: Known) -> Known:
        one, other = self._walk(node.p1, outer), self._walk(node.p2, outer)
        both = _certain(one).keys() & _certain(other).keys()
        return {term: min(one[term], other[term]) for term in both}

    def _walk_leftjoin(self, node: CompValue, outer: Known) -> Known:
        left = self._walk(node.p1, outer)
        right = self._aside(node.p2, left)
        self._test(node.expr, _strongest(left, right))
        return _strongest({term: (reach, False) for term, (reach, _) in right.items()}, left)

    def _walk_minus(self, node: CompValue, outer: Known) -> Known:
        left = self._walk(node.p1, outer)
        self._aside(node.p2, left)
        return left

    def _walk_filter(self, node: CompValue, outer: Known) -> Known:
        known = self._walk(node.p, outer)
        known = {**known, **{term: (known[term][0], True) for term in demanded(node.expr) if term in known}}
        self._test(node.expr, known)
        return known

    def _walk_extend(self, node: CompValue, outer: Known) -> Known:
        known = self._walk(node.p, outer)
        self._test(node.expr, known)
        return {**known, node.var: known[node.expr]} if isinstance(node.expr, Variable) and node.expr in known else known

    def _walk_aggregatejoin(self, node: CompValue, outer: Known) -> Known:
        keys = [each for each in node.p.get("expr") or () if isinstance(each, Variable)]
        if any(exists([*(node.p.get("expr") or ()), *node.A])):
            raise NotLocalError("tests what it counts or groups by")
        found = self._walk(node.p.p, {key: outer[key] for key in keys if key in outer})
        known = {key: found[key] for key in keys if key in found}
        if self._gathering or (Reach.OWN, True) not in known.values():
            raise NotLocalError("counts or compares what may be in many parts")
        return {**known, **{each.res: known[each.vars] for each in node.A if each.name == "Aggregate_Sample" and each.vars in known}}

    def _test(self, expression: object, known: Known) -> None:
        before, self._given = self._given, _strongest(self._given, _certain(known))
        for pattern in exists(expression):
            self._aside(pattern, {})
        self._given = before

    def _aside(self, node: CompValue, known: Known) -> Known:
        """Walk through what is optional, taken away or tested, and sees nothing but what is known."""
        before, self._anchor = self._anchor, None
        found = self._walk(node, known)
        self._anchor = before
        return found

    def _walk_bgp(self, node: CompValue, outer: Known) -> Known:
        triples = [step for triple in node.triples for step in steps(*triple)]
        terms = {term for triple in triples for term in triple}
        known = {term: reach for term, reach in _strongest(_certain(outer), self._given).items() if term in terms}
        if self._anchor in terms:
            known[self._anchor] = (Reach.OWN, True)
        before: Known | None = None
        while before != known:
            before, known = known, _strongest(known, *(self._led(*triple, known) for triple in triples))
        if self._checking:
            classes = {s for s, p, o in triples if p == RDF.type and isinstance(o, URIRef)}
            for triple in triples:
                self._cover(*triple, known, classes)
        return known

    def _led(self, s: Node, p: Any, o: Node, known: Known) -> Known:
        """What a triple pattern tells of what it binds."""
        if isinstance(p, Path):
            return {}
        led: dict[Node, Reach] = {}
        if self._gathering and p in (RDF.type, PREDICATE) and isinstance(o, URIRef):
            led[s] = Reach.OWN
        from_own, to_own = (term in known and known[term][0] >= Reach.OWN for term in (s, o))
        if from_own and p in TOGETHER:
            led[o] = Reach.HELD if self._gathering else Reach.OWN
        elif from_own and not self._gathering:
            led[o] = Reach.NEAR
        if to_own and p in TOGETHER and not self._gathering:
            led[s] = Reach.OWN
        return {term: (reach, True) for term, reach in led.items() if not isinstance(term, URIRef)}

    def _cover(self, s: Node, p: Any, o: Node, known: Known, classes: set[Node]) -> None:
        """See to it that what a triple pattern matches is there. Raises NotLocalError."""
        reach = known[s][0] if s in known else None
        if isinstance(p, Path):
            if not (is_way_back(p, OBJECT, SUBJECT) and reach == Reach.HELD):
                raise NotLocalError("follows a path that leads anywhere")
            self.needs.links = True
            return
        if self._gathering and p in (RDF.type, PREDICATE) and isinstance(o, URIRef):
            self.needs.marks.add((str(p), str(o)))
            return
        if reach == Reach.OWN or (reach == Reach.HELD and p not in TOGETHER):
            return
        if not isinstance(p, URIRef):
            raise NotLocalError("asks for any property of what may be anywhere")
        if p in TOGETHER:
            raise NotLocalError("looks for facts of any disease")
        if reach == Reach.NEAR:
            self.needs.near.add(str(p))
        elif p == RDF.type:
            if not isinstance(o, URIRef):
                raise NotLocalError("asks for the class of what may be anywhere")
            self.needs.classes.add(str(o))
        elif s not in classes:
            self.needs.everywhere.add(str(p))
