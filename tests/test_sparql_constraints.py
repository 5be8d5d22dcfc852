"""SPARQL constraints that a dataset brings are judged as pySHACL judges them, and what would judge nothing is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from kg.core import report_of, whole_graph
from kg.errors import KgError
from kg.judge import judge, results_of
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.report import as_turtle
from kg.shapes import load_shapes
from tests.test_judge import _shapes

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
DATA = """ex:Lower rdfs:subClassOf ex:Class . ex:Lowest rdfs:subClassOf ex:Lower . [] rdfs:subClassOf ex:Class .
ex:a a ex:Class ; ex:p "a$b" , 1 . ex:b a ex:Lowest ; ex:p "b" . ex:c a ex:Other ; ex:q ex:a .
"""
EVERY = "SELECT $this ?value WHERE { $this <http://example.org/p> ?value }"
WITH_A_DOLLAR = EVERY.replace("?value }", '?value FILTER(?value = "a$b") }')
BY_PATH = EVERY.replace("<http://example.org/p>", "$PATH")


def _constraint(select: str = EVERY, more: str = "") -> str:
    return f"sh:sparql [ a sh:SPARQLConstraint ; sh:message 'wrong' ; {more} sh:select '''{select}''' ]"


JUDGED: dict[str, tuple[str, int]] = {
    "a class, and those below it in the data": (f"ex:S a sh:NodeShape ; sh:targetClass ex:Class ; {_constraint()} .", 3),
    "a class below": (f"ex:S a sh:NodeShape ; sh:targetClass ex:Lower ; {_constraint()} .", 1),
    "a node": (f"ex:S a sh:NodeShape ; sh:targetNode ex:b , ex:c ; {_constraint()} .", 1),
    "subjects": (f"ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; {_constraint()} .", 3),
    "objects": (f"ex:S a sh:NodeShape ; sh:targetObjectsOf ex:q ; {_constraint()} .", 2),
    "a property with a target": (f"ex:S a sh:PropertyShape ; sh:path ex:p ; sh:targetClass ex:Class ; {_constraint()} .", 3),
    "a shape that is off": (f"ex:S a sh:NodeShape ; sh:deactivated true ; sh:targetClass ex:Class ; {_constraint()} .", 0),
    "a constraint that is off": (f"ex:S a sh:NodeShape ; sh:targetClass ex:Class ; {_constraint(more='sh:deactivated true ;')} .", 0),
    "one that is said to be on": (f"ex:S a sh:NodeShape ; sh:targetClass ex:Class ; {_constraint(more='sh:deactivated false ;')} .", 3),
    "a dollar in a text": (
        f"""ex:S a sh:NodeShape ; sh:targetClass ex:Class ; {_constraint(EVERY[:-1] + 'FILTER(?value = "a$b") }')} .""",
        1,
    ),
}

REFUSED: dict[str, tuple[str, str]] = {
    "in a property of a shape": (
        f"ex:S a sh:NodeShape ; sh:targetClass ex:Class ; sh:property ex:P . ex:P a sh:PropertyShape ; sh:path ex:p ; {_constraint()} .",
        r"<http://example.org/P> has a SPARQL constraint and no target",
    ),
    "the property of the shape": (
        f"ex:S a sh:PropertyShape ; sh:path ex:p ; sh:targetClass ex:Class ; {_constraint(BY_PATH)} .",
        r"the query of <http://example.org/S> asks for \$PATH, which is not bound",
    ),
    "the shape": (f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; {_constraint(EVERY + ' # ?currentShape')} .", r"asks for \?currentShape"),
    "a text for a target": (f"ex:S a sh:NodeShape ; sh:targetNode ex:a , 'b' ; {_constraint()} .", "a target that is no IRI"),
    "a severity of its own": ("ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:severity ex:Odd .", r"severity .* is http://example\.org/Odd"),
}


@pytest.mark.parametrize("what", JUDGED)
def test_what_is_found_is_what_pyshacl_finds(what: str, tmp_path: Path) -> None:
    """Focus nodes and values are those of pySHACL over the whole graph, and as many as are planted."""
    text, planted = JUDGED[what]
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    store = Store()
    store.load((PREFIXES + DATA).encode(), format=RdfFormat.TURTLE)
    found = judge(load_shapes([tmp_path]), store, Ontology.load(ontology_folders()), "http://example.org/")
    whole = results_of(report_of(whole_graph(store), _shapes(PREFIXES + text)))
    assert sorted((r.focus, r.value, r.term) for r in found) == sorted((r.focus, r.value, r.term) for r in whole)
    assert len(found) == planted


SAYING = """ex:n a ex:Node ; ex:has ex:a . ex:a ex:says "IgM:low" , "http://example.org/x"@ja , "urn:y"@zh-Hant , "5"^^ex:urn ,
    7 , true , "a\\nb \\"c\\"" , ex:iri , <urn:z> , ex:a , "" .
"""
_HAS, _SAYS = "<http://example.org/has>", "<http://example.org/says>"
SAID = {
    "of another node, by a path": "sh:targetClass ex:Node ; sh:property [ sh:path ( ex:has ex:says ) ; sh:nodeKind sh:BlankNode ]",
    "of another node, by a query": f"sh:targetClass ex:Node ; {_constraint(f'SELECT $this ?value {{ $this {_HAS}/{_SAYS} ?value }}')}",
    "of the node, by a path": "sh:targetNode ex:a ; sh:property [ sh:path ex:says ; sh:nodeKind sh:BlankNode ]",
    "of the node, by a query": f"sh:targetNode ex:a ; {_constraint(f'SELECT $this ?value {{ $this {_SAYS} ?value }}')}",
}


@pytest.mark.parametrize("whose", SAID)
def test_the_report_has_each_value_as_the_term_that_it_is(whose: str, tmp_path: Path) -> None:
    """In Turtle an IRI is an IRI and a literal a literal, with its datatype or language, whatever it looks like, whosever it is."""
    (tmp_path / "shapes.ttl").write_text(f"{PREFIXES}ex:S a sh:NodeShape ; {SAID[whose]} .", encoding="utf-8")
    store = Store()
    store.load((PREFIXES + SAYING).encode(), format=RdfFormat.TURTLE)
    ontology = Ontology.load(ontology_folders())
    text = as_turtle(judge(load_shapes([tmp_path]), store, ontology, "http://example.org/"), ontology, conforms=False)
    reported = [quad.object for quad in parse(text, RdfFormat.TURTLE) if quad.predicate.value == "http://www.w3.org/ns/shacl#value"]
    said = [quad.object for quad in store.quads_for_pattern(None, NamedNode("http://example.org/says"), None)]
    assert len(said) == 11 and sorted(map(str, reported)) == sorted(map(str, said))


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_not_be_judged_is_refused(what: str, tmp_path: Path) -> None:
    """What kg does not judge as SHACL says is an error that names the shape, not a verdict."""
    text, message = REFUSED[what]
    (tmp_path / "shapes.ttl").write_text(PREFIXES + text, encoding="utf-8")
    with pytest.raises(KgError, match=message):
        load_shapes([tmp_path])


def test_a_comment_that_is_no_utf_8_is_a_comment(tmp_path: Path) -> None:
    """Shapes with a comment in another encoding are read, or refused by name; they are no traceback."""
    (tmp_path / "shapes.ttl").write_bytes((PREFIXES + JUDGED["a node"][0]).encode() + b"# caf\xe9\n")
    assert len(load_shapes([tmp_path]).constraints) == 1
