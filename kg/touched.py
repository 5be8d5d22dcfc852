"""About which nodes a change of some statements may alter what is asked part by part (``kg.locality``).

What such a query says of a node rests on the node's own statements, on those of the nodes that ``together`` predicates join with it, on
what has to be known of the nodes that these statements lead to, and on what every part knows. The needs of the query tell which that is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from kg import vocabulary as v
from kg.needs import TOGETHER, Needs
from kg.terms import subject_of

MANY: Final = 20_000
"""To ask about more nodes is no quicker than to ask about all."""
_TOGETHER: Final = tuple(NamedNode(each) for each in sorted(TOGETHER))


def differing(changed: Iterable[Quad], store: Store) -> set[Triple]:
    """The triples that came into the union of a store's graphs, or went, with the quads that did: other graphs may say the same."""
    by_triple: dict[Triple, set[Quad]] = defaultdict(set)
    for quad in changed:
        by_triple[quad.triple].add(quad)
    found = set()
    for triple, its in by_triple.items():
        now = set(store.quads_for_pattern(subject_of(triple), triple.predicate, triple.object, None))
        if bool(now) != bool(now ^ its):
            found.add(triple)
    return found


def touched(changed: set[Triple], store: Store, needs: Needs) -> frozenset[NamedNode] | None:
    """The nodes of which something else may be said after triples came or went; None where that may be any, or very many."""
    if _everywhere(changed, store, needs):
        return None
    todo: list[object] = [each for t in changed for each in (t.subject, t.object if t.predicate in _TOGETHER else None)]
    for known in {t.subject for t in changed if t.predicate.value in needs.near}:
        todo += [quad.subject for quad in store.quads_for_pattern(None, None, known, None)]
    found: set[NamedNode] = set()
    while todo:
        node = todo.pop()
        if isinstance(node, NamedNode) and node not in found:
            found.add(node)
            if len(found) > MANY:
                return None
            for predicate in _TOGETHER:
                todo += [quad.object for quad in store.quads_for_pattern(node, predicate, None, None)]
                todo += [quad.subject for quad in store.quads_for_pattern(None, predicate, node, None)]
    return frozenset(found)


def _everywhere(changed: set[Triple], store: Store, needs: Needs) -> bool:
    """Whether something is said otherwise that every part knows: by a predicate, or of the instances of a class."""
    subjects = {subject_of(t) for t in changed}
    types = chain(
        (t.object for t in changed if t.predicate == v.RDF_TYPE),
        (quad.object for node in subjects for quad in store.quads_for_pattern(node, v.RDF_TYPE, None, None)),
    )
    classes = {each.value for each in types if isinstance(each, NamedNode)}
    return not (classes.isdisjoint(needs.classes) and {t.predicate.value for t in changed}.isdisjoint(needs.everywhere))
