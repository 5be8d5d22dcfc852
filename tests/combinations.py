"""Shapes and data to be judged, at random: most of what SHACL Core has, over values that engines see differently."""

from __future__ import annotations

from random import Random
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

EX, XSD = "http://example.org/", "http://www.w3.org/2001/XMLSchema#"
PREFIXES = f"""@prefix ex: <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <{XSD}> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
_SHARED = 'ex:Shared a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:message "shared" .\n'
_TARGETS = """
sh:targetClass ex:C
sh:targetClass ex:D
sh:targetClass ex:C , ex:E
sh:targetSubjectsOf ex:p
sh:targetObjectsOf ex:p
sh:targetObjectsOf ex:q
sh:targetNode ex:a
sh:targetNode ex:gone , "x"
a rdfs:Class
a owl:Class ; sh:targetNode ex:b
"""
_PATHS = """
ex:p
ex:q
rdf:type
[ sh:inversePath ex:p ]
[ sh:alternativePath ( ex:p ex:q ) ]
[ sh:alternativePath ( ex:q [ sh:inversePath ex:p ] ) ]
[ sh:inversePath [ sh:alternativePath ( ex:p ex:q ) ] ]
"""
_LONG_PATHS = """
( ex:p ex:q )
[ sh:zeroOrMorePath ex:p ]
"""
_OF_VALUES = r"""
sh:nodeKind sh:IRI
sh:nodeKind sh:Literal
sh:nodeKind sh:BlankNode
sh:nodeKind sh:BlankNodeOrIRI
sh:nodeKind sh:IRIOrLiteral
sh:nodeKind sh:BlankNodeOrLiteral
sh:class ex:C
sh:class ex:D
sh:class ex:C , ex:D
sh:datatype xsd:string
sh:datatype xsd:integer
sh:datatype xsd:decimal
sh:datatype xsd:date
sh:datatype xsd:boolean
sh:datatype xsd:double
sh:datatype xsd:dateTime
sh:datatype xsd:anyURI
sh:datatype xsd:gYear
sh:datatype rdf:langString
sh:datatype rdfs:Literal
sh:datatype ex:dt
sh:in ( ex:a ex:b )
sh:in ( 1 1.0 true "x" )
sh:in ( "x"@en "1"^^xsd:decimal ex:c )
sh:in ( "2020-01-01"^^xsd:date "y"@DE )
sh:in ()
sh:pattern "^[a-c]"
sh:pattern "x$"
sh:pattern "^.$"
sh:pattern "K" ; sh:flags "i"
sh:pattern "\\d"
sh:pattern "^\\S*$"
sh:pattern "[^a]$" ; sh:flags "m"
sh:pattern "^https?://example[.]org/[ab]"
sh:pattern "a" , "b"
sh:pattern "^(a|b.){1,2}c?$"
sh:minLength 0
sh:minLength 1
sh:minLength 3
sh:maxLength 0
sh:maxLength 1
sh:maxLength 19
sh:minInclusive 1
sh:minInclusive -1.0 , 1
sh:minInclusive "b"
sh:minInclusive "2020"^^xsd:gYear
sh:minExclusive 1
sh:minExclusive "2020-01-01"^^xsd:date
sh:maxInclusive 1.5
sh:maxInclusive 1e2
sh:maxInclusive "2020-01-31"^^xsd:date
sh:maxExclusive 2
sh:languageIn ( "en" )
sh:languageIn ( "de" "fr" )
sh:languageIn ( "EN-gb" "*" )
sh:languageIn ( "en-GB" )
sh:languageIn ()
sh:hasValue ex:a
sh:hasValue 1.0
sh:hasValue 1
sh:hasValue "x"@en , ex:b
"""
_OF_PROPERTIES = """
sh:minCount 0
sh:minCount 1
sh:minCount 2
sh:minCount 3
sh:maxCount 0
sh:maxCount 1
sh:maxCount 2
sh:maxCount 3
sh:uniqueLang true
sh:uniqueLang false
sh:equals ex:q
sh:equals rdf:type
sh:disjoint ex:q
sh:disjoint ex:p , ex:q
sh:lessThan ex:q
sh:lessThanOrEquals ex:q
"""
_OF_NODES = """
sh:closed true
sh:closed true ; sh:ignoredProperties ( rdf:type ex:q )
sh:closed false
sh:property ex:Shared
"""
_WITHOUT_QUERY = """
sh:deactivated true
sh:node ex:Shared
sh:not [ sh:class ex:C ]
sh:or ( [ sh:class ex:C ] [ sh:nodeKind sh:Literal ] )
sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:property ex:Shared ]
sh:qualifiedValueShape [ sh:class ex:C ] ; sh:qualifiedMinCount 1
"""
TEXTS = ["", "x", "abc", "a\n", "Kelvin", "\u212a", "\uff12", "b\u00e9", "7", " "]
_TYPED = {
    "integer": ["1", "01", "2", "-1", "x", "1.0", "100000000000000000000"],
    "decimal": ["1", "1.0", "1.5", "0.1", ""],
    "double": ["1", "1.0E2", "INF", "NaN", "x"],
    "date": ["2020-01-01", "2020-01-31", "2020-02-30", "2020-01-01Z", "0000-01-01", "12020-01-01", "2020"],
    "dateTime": ["2020-01-01T00:00:00Z"],
    "gYear": ["2020"],
    "boolean": ["true", "1", "yes"],
    "nonNegativeInteger": ["1", "-1"],
    "anyURI": ["x y"],
    "token": ["x"],
    "duration": ["PT1H"],
}
_TAGGED = [("x", "en"), ("x", "EN"), ("y", "en"), ("y", "de"), ("x", "en-GB"), ("z", "en-gb"), ("", "fr")]
NODES: list[Any] = [*(NamedNode(EX + name) for name in "abc"), BlankNode("b1"), BlankNode("b2")]
_VALUES: list[Any] = [
    *NODES * 3,
    *map(Literal, TEXTS),
    *(Literal(text, datatype=NamedNode(XSD + name)) for name, texts in _TYPED.items() for text in texts),
    *(Literal(text, language=tag) for text, tag in _TAGGED),
    Literal("x", datatype=NamedNode(EX + "dt")),
]
_CLASSES = [NamedNode(EX + name) for name in ("C", "D", "E", "F", "S0", "S1")]
_PROPERTIES = [NamedNode(EX + "p"), NamedNode(EX + "q")]
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_BELOW = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")


def shapes_graph(random: Random) -> str:
    """One to three shapes, in Turtle, of nodes or of properties; few of them without queries."""
    texts = [PREFIXES, _SHARED]
    for number in range(random.randint(1, 3)):
        parts = random.sample(_lines(_TARGETS), random.randint(1, 2))
        if random.random() < 0.3:
            parts += ["a sh:PropertyShape", *_property(random)]
        else:
            parts += ["a sh:NodeShape", *_some(random, _lines(_OF_VALUES), 0, 1), *_some(random, _lines(_OF_NODES), 0, 1)]
            parts += [f"sh:property [ {' ; '.join(_property(random))} ]" for _ in range(random.randint(1, 2))]
        if random.random() < 0.05:
            parts.append(random.choice(_lines(_WITHOUT_QUERY)))
        if random.random() < 0.5:
            parts.append('sh:message "said"')
        texts.append(f"ex:S{number} {' ; '.join(dict.fromkeys(parts))} .\n")
    return "".join(texts)


def _property(random: Random) -> list[str]:
    paths = _lines(_PATHS) if random.random() < 0.96 else _lines(_LONG_PATHS)
    about_one, about_all = _some(random, _lines(_OF_VALUES), 0, 2), _some(random, _lines(_OF_PROPERTIES), 0, 2)
    return [f"sh:path {random.choice(paths)}", *about_one, *about_all]


def _some(random: Random, lines: list[str], least: int, most: int) -> list[str]:
    """Some of the lines, each of another predicate."""
    return list({line.split()[0]: line for line in random.sample(lines, random.randint(least, most))}.values())


def _lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


def data_graph(random: Random) -> list[tuple[Any, Any, Any]]:
    """Some triples about a few nodes: their classes, their values, often the same ones, and which class is below which."""
    values = random.choices(_VALUES, k=6)
    facts = [(random.choice(NODES), random.choice(_PROPERTIES), random.choice(values)) for _ in range(random.randint(2, 12))]
    types = [(random.choice(NODES), _TYPE, random.choice(_CLASSES)) for _ in range(random.randint(1, 4))]
    classes = [(random.choice(_CLASSES), _BELOW, random.choice(_CLASSES)) for _ in range(random.randint(0, 3))]
    return facts + types + classes
