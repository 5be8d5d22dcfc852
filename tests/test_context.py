"""The JSON-LD context makes the same triples in processors that nobody here wrote, whatever kinds of fact there are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

import kg
from kg import vocabulary as v
from kg.context import Context
from kg.jsonld import Nodes, document
from kg.layout import ontology_folders
from kg.ontology import Ontology

BASE = "https://example.org/"
MADE_UP = """
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

rf:Vaccine rdfs:subClassOf rf:Fact ; rf:recordKey "vaccine" ; rf:objectRange rf:Term ; rf:defaultPredicate rf:hasVaccine .
rf:hasVaccine rf:predicateOf rf:Vaccine ; rf:term "has" .
"""
"""A kind of fact, but for its keys."""
KEYS = {
    "of the object": 'rf:objectKey "vaccine"',
    "of the predicate": 'rf:objectKey "against" ; rf:predicateKey "vaccine"',
    "none": 'rf:objectKey "against" ; rf:predicateKey "effect"',
    "general": 'rf:objectKey "object" ; rf:predicateKey "predicate"',
}


def _ontology(keys: str = "") -> Ontology:
    ours = Ontology.load(ontology_folders())
    if not keys:
        return ours
    made_up = parse(f"{MADE_UP} rf:Vaccine {keys} .".encode(), format=RdfFormat.TURTLE)
    return Ontology([*ours.triples, *(quad.triple for quad in made_up)])


def _read_by_pyld(text: bytes) -> set[Quad]:
    lines = jsonld.to_rdf(json.loads(text), {"format": "application/n-quads"})
    return set(parse(lines.encode(), format=RdfFormat.N_QUADS))


def _redefined(context: dict[str, Any]) -> list[str]:
    """The terms that are defined again in the context of their own."""
    return [term for term, defined in context.items() if isinstance(defined, dict) and term in defined.get("@context", {})]


@pytest.mark.parametrize("keys", ["", *KEYS.values()], ids=["ours", *KEYS])
def test_no_term_is_defined_again_in_its_own_scope(keys: str) -> None:
    """JSON-LD 1.1 allows it, but jsonld.js, PyLD and jsonld-streaming-parser then take the inner definition for the outer."""
    ontology = _ontology(keys)
    context = Context(ontology, BASE).document
    scopes = [term for term, defined in context.items() if isinstance(defined, dict) and "@context" in defined]
    assert scopes == list(ontology.kinds) and len(scopes) == 13 + bool(keys)
    assert _redefined(context) == []


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_facts_of_a_made_up_kind_are_read_by_others(keys: str) -> None:
    """Whichever of its keys is that of the kind, PyLD reads from a document the triples that were written."""
    disease, fact = NamedNode(f"{BASE}disease/X"), NamedNode(f"{BASE}disease/X#bcg")
    triples = [
        Triple(disease, v.RDF_TYPE, v.DISEASE),
        Triple(fact, v.RDF_TYPE, NamedNode(f"{v.RF}Vaccine")),
        Triple(fact, v.RDF_SUBJECT, disease),
        Triple(fact, v.RDF_PREDICATE, NamedNode(f"{v.RF}hasVaccine")),
        Triple(fact, v.RDF_OBJECT, NamedNode("http://purl.obolibrary.org/obo/HP_0003577")),
    ]
    context = Context(_ontology(keys), BASE)
    body = Nodes(triples, context).node(disease)
    assert len(body["vaccine"]) == 1
    assert _read_by_pyld(document(context, body)) == {Quad(*triple) for triple in triples}


def test_documents_and_dump_are_read_by_others(release: kg.Release) -> None:
    """PyLD, which does as jsonld.js does, reads from each JSON-LD document the triples of its N-Triples, and from the dump all quads."""
    documents = sorted(path for path in release.path.glob("*/*.jsonld") if not path.name.endswith(".schema.jsonld"))
    assert len(documents) == release.manifest["counts"]["diseases"] + len(list((release.path / "source").glob("*.nt")))
    for path in documents:
        assert _read_by_pyld(path.read_bytes()) == set(parse(path=str(path.with_suffix(".nt")))), path.name
    assert _read_by_pyld(release.dump("jsonld").read_bytes()) == set(parse(path=str(release.dump("nq"))))
