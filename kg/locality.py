"""What a query looks at, told by its text: whether it can be asked part by part of a dataset, and what each part needs for that.

A part has all statements about its own nodes. These are whole documents (an IRI without its fragment: a disease with its facts and their
evidence lines), and whatever ``together`` predicates (those from a fact to its disease and to its evidence) lead from or to is in one part.
A query can be asked part by part where each of its triple patterns is about

- an own node: its focus node, or what ``together`` predicates lead to from there, either way;
- what a statement about an own node leads to, by a predicate that is named (``Needs.near``);
- what may be anywhere and is little: the instances of a class (``Needs.classes``), or whatever has a predicate (``Needs.everywhere``);

and where it asks for nothing that is another each time, such as the time of day.

Then a part with these statements gives the rows about its own nodes that the whole gives, also where the query asks for what is not
there. All others are asked of what is gathered from all parts: what has a class or a predicate that the query names for it
(``Needs.marks``), with what ``together`` predicates lead to from there. A path that goes from disease to disease by their facts is the one
path of any length that this allows. The semantics are those of https://www.w3.org/TR/sparql11-query/#sparqlAlgebra.
"""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import URIRef, Variable
from rdflib.plugins.sparql.parserutils import CompValue

from kg.algebra import algebra, iris, is_monotone, is_of_the_moment, scopes, variables
from kg.needs import TOGETHER, Needs, NotLocalError
from kg.reach import Reach, Walk


def of_constraint(select: str, namespaces: Mapping[str, str]) -> Needs:
    """What a SPARQL constraint needs to be asked part by part, about the nodes that are its ``$this``. Raises NotLocalError."""
    walk = Walk()
    walk.query(_lasting(select, namespaces), {Variable("this"): (Reach.OWN, True)})
    return walk.needs


def of_rule(construct: str, namespaces: Mapping[str, str]) -> tuple[Needs, frozenset[str]]:
    """What a rule needs to be asked part by part, and the predicates of what it may say of a node elsewhere than in the node's part.

    Raises NotLocalError.

    Some variable has to be an own node in each solution; and a part must not yield what the whole does not, as where it has not all that
    the rule says must not be there. So the rule asks for nothing of this sort, or begins with what only own nodes have.
    """
    query = _lasting(construct, namespaces)
    found: list[tuple[Needs, frozenset[str]]] = []
    reasons: list[str] = []
    for anchor in sorted(each for each in variables(query) if len(scopes(query, each)) == 1):
        walk = Walk(anchor)
        try:
            known = walk.query(query, {})
        except NotLocalError as error:
            reasons.append(str(error))
            continue
        elsewhere = {p for s, p, _ in query.template or () if known.get(s) != (Reach.OWN, True)}
        if not all(isinstance(p, URIRef) for p in elsewhere):
            reasons.append("may say anything of nodes of other parts")
        elif is_monotone(query) or _begins_with_own(query, anchor):
            found.append((walk.needs, frozenset(map(str, elsewhere))))
    if not found:
        raise NotLocalError(max(reasons, key=reasons.count, default="has no variable that is a node of one part in each solution"))
    return min(found, key=lambda each: (len(each[0].classes), len(each[0].everywhere), len(each[0].near), len(each[1]), sorted(each[1])))


def gathered(query: str, namespaces: Mapping[str, str]) -> Needs:
    """What a query needs to be asked of what is gathered from all parts. Raises NotLocalError."""
    walk = Walk(gathering=True)
    walk.query(_algebra(query, namespaces), {})
    return walk.needs


def led_to(construct: str, namespaces: Mapping[str, str]) -> set[str]:
    """The IRIs that what a rule says leads to, whatever it finds. Raises NotLocalError where it cannot be read."""
    return {str(o) for _, _, o in _algebra(construct, namespaces).template or () if isinstance(o, URIRef)}


def terms_of(query: str, namespaces: Mapping[str, str]) -> set[str]:
    """The IRIs that a query names. Raises NotLocalError where it cannot be read."""
    return iris(_algebra(query, namespaces))


def _algebra(query: str, namespaces: Mapping[str, str]) -> CompValue:
    try:
        return algebra(query, namespaces)
    except ValueError as error:
        raise NotLocalError(str(error)) from None


def _lasting(query: str, namespaces: Mapping[str, str]) -> CompValue:
    """The algebra of a query whose answer stays the same while nothing is changed: it is kept for a part. Raises NotLocalError."""
    found = _algebra(query, namespaces)
    if is_of_the_moment(found):
        raise NotLocalError("may say something else each time")
    return found


def _begins_with_own(node: CompValue, anchor: Variable) -> bool:
    """Whether each solution has a ``together`` statement about the anchor, which only its own part has."""
    if node.name == "BGP":
        return any(s == anchor and p in TOGETHER for s, p, _ in node.triples)
    if node.name == "Union":
        return _begins_with_own(node.p1, anchor) and _begins_with_own(node.p2, anchor)
    if node.name == "Join":
        return _begins_with_own(node.p1, anchor) or _begins_with_own(node.p2, anchor)
    if node.name in ("LeftJoin", "Minus"):
        return _begins_with_own(node.p1, anchor)
    inner = node.get("p")
    return isinstance(inner, CompValue) and node.name != "Group" and _begins_with_own(inner, anchor)
