"""The algebra of a query, as rdflib makes it (https://www.w3.org/TR/sparql11-query/#sparqlAlgebra): what tells how it can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from rdflib import URIRef, Variable
from rdflib.paths import InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Node

THROUGH: Final = {"Distinct", "Reduced", "OrderBy", "ToMultiSet", "SelectQuery", "ConstructQuery"}
"""What gives on the solutions of its pattern, in another order or each once."""
_OF_THE_MOMENT: Final = frozenset(f"Builtin_{name}" for name in ("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
_MONOTONE: Final = {*THROUGH, "BGP", "Join", "Union", "Extend", "Filter", "Project"}


def algebra(query: str, namespaces: Mapping[str, str]) -> CompValue:
    """The algebra of a query, which is not to be changed: it is kept, as to make it takes some 25 ms. Raises ValueError."""
    return _algebra(query, tuple(sorted(namespaces.items())))


@lru_cache(maxsize=256)
def _algebra(query: str, namespaces: tuple[tuple[str, str], ...]) -> CompValue:
    try:
        found: CompValue = translateQuery(parseQuery(query), initNs=dict(namespaces)).algebra
    except Exception as error:  # rdflib raises what its parser raises, and others; the engine says what is wrong with the query
        raise ValueError(f"cannot be read: {error}") from None
    return found


def variables(node: object) -> frozenset[Variable]:
    """The variables that are bound by triple patterns which have to match."""
    if not isinstance(node, CompValue):
        return frozenset()
    if node.name == "BGP":
        return frozenset(term for triple in node.triples for term in triple if isinstance(term, Variable))
    if node.name == "Union":
        return variables(node.p1) & variables(node.p2)
    inner = [node.p1, node.p2] if node.name == "Join" else [node.p1] if node.name in ("LeftJoin", "Minus") else [node.get("p")]
    return frozenset[Variable]().union(*map(variables, inner))


def scopes(node: object, variable: Variable) -> set[int]:
    """The scopes in which a variable of this name occurs; those in subqueries that do not give it on are others."""
    if isinstance(node, (list, tuple)):
        return set().union(*(scopes(each, variable) for each in node))
    if not isinstance(node, CompValue):
        return {0} if node == variable else set()
    if node.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        return scopes(node.graph, variable)
    found = set().union(*(scopes(each, variable) for name, each in node.items() if name not in ("_vars", "PV")))
    return {each or id(node) for each in found} if node.name == "Project" and variable not in node.PV else found


def iris(node: object) -> set[str]:
    """The IRIs that are named anywhere."""
    if isinstance(node, URIRef):
        return {str(node)}
    if isinstance(node, CompValue):
        return set().union(*(iris(each) for each in node.values()), *(iris(each) for each in exists(node)))
    if isinstance(node, (list, tuple)):
        return set().union(*map(iris, node))
    if isinstance(node, Path):
        return set().union(*map(iris, vars(node).values()))
    return set()


def is_of_the_moment(node: object) -> bool:
    """Whether the answer over the same statements may be another one each time, as where the time is asked for."""
    if isinstance(node, (list, tuple)):
        return any(map(is_of_the_moment, node))
    if not isinstance(node, CompValue):
        return False
    return node.name in _OF_THE_MOMENT or any(map(is_of_the_moment, (*node.values(), *exists(node))))


def is_monotone(node: object) -> bool:
    """Whether more statements never take a solution away."""
    if not isinstance(node, CompValue) or node.name == "BGP":
        return True
    if node.name not in _MONOTONE or any(exists(node.get("expr"))):
        return False
    return all(map(is_monotone, (node.get("p"), node.get("p1"), node.get("p2"))))


def exists(expression: object) -> Iterator[CompValue]:
    """The patterns of EXISTS and NOT EXISTS in an expression."""
    if isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            yield expression.graph  # the attribute is translated, the item of this name is not
            return
        for each in expression.values():
            yield from exists(each)
    elif isinstance(expression, (list, tuple)):
        for each in expression:
            yield from exists(each)


def demanded(expression: object) -> Iterator[Variable]:
    """The variables that have to be bound for an expression to be true, as far as it says so by BOUND."""
    if isinstance(expression, CompValue):
        if expression.name == "Builtin_BOUND":
            yield expression.arg
        elif expression.name == "ConditionalAndExpression":
            for each in (expression.expr, *expression.other):
                yield from demanded(each)


def joined(node: CompValue) -> list[CompValue]:
    """What is joined."""
    return [*joined(node.p1), *joined(node.p2)] if node.name == "Join" else [node]


def steps(s: Node, p: Any, o: Node) -> Iterator[tuple[Node, Any, Node]]:
    """A triple pattern with a path as those with predicates that it stands for."""
    if isinstance(p, SequencePath):
        between = [s, *(BNode() for _ in p.args[1:]), o]
        for step, (one, other) in zip(p.args, pairwise(between), strict=True):
            yield from steps(one, step, other)
    elif isinstance(p, InvPath):
        yield from steps(o, p.arg, s)
    else:
        yield s, p, o


def is_way_back(path: Path, there: URIRef, back: URIRef) -> bool:
    """Whether a path goes against one property and then along another, any number of times."""
    if not isinstance(path, MulPath) or not isinstance(path.path, SequencePath):
        return False
    steps: Iterable[object] = path.path.args
    return [str(each.arg) if isinstance(each, InvPath) else each for each in steps] == [str(there), back]
