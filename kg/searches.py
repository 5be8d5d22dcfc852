"""What may be wrong about a focus node by SHACL Core (https://www.w3.org/TR/shacl/), as graph patterns of SPARQL about ``?this``.

A search never misses a focus node that pySHACL would report; it may find others, since pySHACL judges what is found.
Searches are written as Oxigraph answers them quickly: one triple pattern under NOT EXISTS, never two; values counted, or
EXISTS, rather than a join of all values with all values; a class in its triple rather than compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from rdflib import Literal, URIRef
from rdflib.namespace import SH, XSD
from rdflib.term import Node

from kg.conditions import CONDITIONS, NotCompiledError, comparable, iri, is_never, listed, same, whole
from kg.lookup import Lookup

TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_PAIRS: Final = {SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals}
TOGETHER: Final = _PAIRS | {SH.minCount, SH.maxCount, SH.uniqueLang}
_BOUNDS: Final = {SH.minInclusive, SH.minExclusive, SH.maxInclusive, SH.maxExclusive}
_MANY: Final = {*TARGETS, *_PAIRS, *_BOUNDS, SH.property, SH["class"], SH.hasValue, SH.pattern, SH.name, SH.description, SH.message}
_ONE: Final = {SH.path, SH.closed, SH.ignoredProperties, SH.flags, SH.deactivated, SH.severity, SH.order, SH.group, SH.defaultValue}
_SH: Final = str(SH)
_KNOWN: Final = _MANY | _ONE | TOGETHER | CONDITIONS.keys()


@dataclass(frozen=True, slots=True)
class Data:
    """What is known of the data beforehand: a class with those below it, whether a property is used, whether a class has instances."""

    below: Callable[[URIRef], tuple[URIRef, ...]]
    used: Callable[[URIRef], bool] = lambda _: True
    instances: Callable[[URIRef], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Search:
    """A graph pattern about ``?this``; ``alone`` where the path's triples lead to it and it finds few, ``having`` where it has to count.

    ``blind`` are constraints that Oxigraph cannot test, so that every value is a candidate.
    """

    pattern: str
    alone: bool = False
    having: str = ""
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Ways to the values of a focus node, each one triple: a property, and whether it points to the focus node."""

    ways: tuple[tuple[URIRef, bool], ...]

    def each(self, value: str) -> list[str]:
        """A triple pattern for each way."""
        return [f"{value} {iri(p)} ?this ." if inverse else f"?this {iri(p)} {value} ." for p, inverse in self.ways]

    def to(self, value: str) -> str:
        """All ways together."""
        patterns = self.each(value)
        return patterns[0] if len(patterns) == 1 else "{ " + " } UNION { ".join(patterns) + " }"

    def without(self, value: str, where: str = "") -> str:
        """That no way leads to such a value."""
        return " ".join(f"FILTER NOT EXISTS {{ {each} {where} }}" for each in self.each(value))


def searches(shapes: Lookup, shape: Node, data: Data) -> list[Search]:
    """What may be wrong about a focus node of a shape over such data. Raises NotCompiledError."""
    _demand_known(shapes, shape)
    path = path_of(shapes, shape)
    if path is not None and SH.NodeShape in shapes.types(shape):
        raise NotCompiledError("a node shape has a path")
    if flag(shapes, shape, SH.deactivated):
        return []
    if path is not None:
        if shapes.has(shape, SH.property, SH.closed, SH.ignoredProperties):
            raise NotCompiledError("the values of a property have to conform to a shape of their own")
        found = [*_of_value(shapes, shape, data, "?value", path.to("?value")), *_of_values(shapes, shape, path)]
        return [each for each in found if not each.alone or any(data.used(p) for p, _ in path.ways)]
    if shapes.has(shape, *TOGETHER):
        raise NotCompiledError("a shape without a path counts or compares values")
    found = [*_of_value(shapes, shape, data, "?this", ""), *_closed(shapes, shape)]
    for each in shapes.objects(shape, SH.property):
        if path_of(shapes, each) is None:
            raise NotCompiledError("a property shape has no path")
        found.extend(searches(shapes, each, data))
    return found


def _demand_known(shapes: Lookup, shape: Node) -> None:
    for predicate in shapes.predicates(shape):
        if predicate not in _KNOWN and predicate.startswith(_SH):
            raise NotCompiledError(f"there is no query for sh:{predicate.removeprefix(_SH)}")
        if predicate in _KNOWN and predicate not in _MANY and len(shapes.objects(shape, predicate)) > 1:
            raise NotCompiledError(f"sh:{predicate.removeprefix(_SH)} stands twice")


def flag(shapes: Lookup, shape: Node, predicate: URIRef) -> bool:
    """Whether it is said to be true. Raises NotCompiledError where something else than true or false is said."""
    value = shapes.one(shape, predicate)
    if value is not None and (not isinstance(value, Literal) or value.datatype != XSD.boolean or str(value) not in ("true", "false")):
        raise NotCompiledError(f"{value} stands where true or false is wanted")
    return value is not None and str(value) == "true"


def path_of(shapes: Lookup, shape: Node) -> Path | None:
    """The path of a property shape: a property, the inverse of one, or alternatives of these. Raises NotCompiledError."""
    path = shapes.one(shape, SH.path)
    return None if path is None else Path(tuple(dict.fromkeys(_ways(shapes, path))))


def _ways(shapes: Lookup, path: Node, backwards: bool = False, depth: int = 8) -> Iterator[tuple[URIRef, bool]]:
    said = shapes.predicates(path)
    inverse, alternatives = shapes.objects(path, SH.inversePath), shapes.objects(path, SH.alternativePath)
    if isinstance(path, URIRef):
        yield path, backwards
    elif depth and said == [SH.inversePath] and len(inverse) == 1:
        yield from _ways(shapes, inverse[0], not backwards, depth - 1)
    elif depth and said == [SH.alternativePath] and len(alternatives) == 1 and len(listed(shapes, alternatives[0])) > 1:
        for each in listed(shapes, alternatives[0]):
            yield from _ways(shapes, each, backwards, depth - 1)
    else:
        raise NotCompiledError("a path goes further than one triple")


def _of_value(shapes: Lookup, shape: Node, data: Data, value: str, reach: str) -> Iterator[Search]:
    """Where a single value may be wrong."""
    said = [(p, each) for p in shapes.predicates(shape) if p in CONDITIONS for each in shapes.objects(shape, p)]
    tests = [(CONDITIONS[p](value, each, shapes, shape), f"sh:{p.removeprefix(_SH)} {each}") for p, each in said]
    if tests:
        wrong = " || ".join(f"!COALESCE({test}, false)" for test, _ in tests)
        yield Search(f"{reach} FILTER({wrong})", alone=bool(reach), blind=tuple(words for test, words in tests if is_never(test)))
    for cls in shapes.objects(shape, SH["class"]):
        names = [iri(each) for each in data.below(class_of(cls))]
        kind = f"{names[0]} ." if len(names) == 1 else f"?class . FILTER(?class IN ({', '.join(names)}))"
        yield Search(f"{reach} FILTER NOT EXISTS {{ {value} a {kind} }}", alone=bool(reach))
    for wanted in shapes.objects(shape, SH.hasValue):
        fits = f"COALESCE({same('?value' if reach else value, wanted)}, false)"
        path = path_of(shapes, shape)
        yield Search(path.without("?value", f"FILTER({fits})") if path is not None else f"FILTER(!{fits})")


def class_of(node: Node) -> URIRef:
    """A class that has an IRI. Raises NotCompiledError for others."""
    if not isinstance(node, URIRef):
        raise NotCompiledError("a class has no IRI")
    return node


def _closed(shapes: Lookup, shape: Node) -> Iterator[Search]:
    heads = shapes.objects(shape, SH.ignoredProperties)
    if heads and not shapes.has(shape, SH.closed):
        raise NotCompiledError("sh:ignoredProperties stands without sh:closed")
    if flag(shapes, shape, SH.closed):
        allowed = {item for head in heads for item in listed(shapes, head) if isinstance(item, URIRef)}
        allowed |= {p for each in shapes.objects(shape, SH.property) for p in shapes.objects(each, SH.path) if isinstance(p, URIRef)}
        others = f"FILTER(?property NOT IN ({', '.join(map(iri, sorted(allowed)))}))" if allowed else ""
        yield Search(f"?this ?property ?value . {others}")


def _of_values(shapes: Lookup, shape: Node, path: Path) -> Iterator[Search]:
    """Where all values of a property together may be wrong."""
    values, distinct = path.to("?value"), "COUNT(DISTINCT ?value)"
    other = f"FILTER EXISTS {{ {path.to('?other')} FILTER(!sameTerm(?value, ?other)"
    for least in map(whole, shapes.objects(shape, SH.minCount)):
        if least > 0:
            yield Search(path.without("?value")) if least == 1 else Search(f"OPTIONAL {{ {values} }}", having=f"{distinct} < {least}")
    for most in map(whole, shapes.objects(shape, SH.maxCount)):
        if most > 1:
            yield Search(values, having=f"{distinct} > {most}")
        else:
            yield Search(f"{{ SELECT ?this WHERE {{ {values} }} GROUP BY ?this HAVING(COUNT(*) > 1) }}" if most else values, alone=True)
    if flag(shapes, shape, SH.uniqueLang):
        yield Search(f'{values} FILTER(LANG(?value) != "") {other} && LCASE(LANG(?value)) = LCASE(LANG(?other))) }}', alone=True)
    for p in shapes.objects(shape, SH.equals):
        second = Path(((class_of(p), False),))
        yield Search(f"{values} {second.without('?value')}", alone=True)
        yield Search(f"{second.to('?value')} {path.without('?value')}")
    for p in shapes.objects(shape, SH.disjoint):
        yield Search(f"{values} ?this {iri(p)} ?value .", alone=True)
    if shapes.has(shape, SH.lessThan, SH.lessThanOrEquals):  # pySHACL fails at a blank node, even where there is nothing to compare it with
        yield Search(f"{values} FILTER(isBlank(?value))", alone=True)
    for sign, predicate in (("<", SH.lessThan), ("<=", SH.lessThanOrEquals)):
        for p in shapes.objects(shape, predicate):
            right = f"({comparable('?value', '?other')}) && ?value {sign} ?other"
            yield Search(f"{values} ?this {iri(p)} ?other . FILTER(!COALESCE({right}, false))", alone=True)


def properties_towards(shapes: Lookup, shape: Node) -> frozenset[URIRef]:
    """The properties that a shape's paths go against: by these, other nodes point to its focus nodes."""
    paths = [path_of(shapes, each) for each in (shape, *shapes.objects(shape, SH.property))]
    return frozenset(p for path in paths if path is not None for p, inverse in path.ways if inverse)
