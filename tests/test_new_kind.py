"""A new kind of fact needs no Python: an ontology module, a shape, and a fact of it in a record are enough."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import html5lib
import pytest

import kg

ONTOLOGY = """
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

rf:AgeOfOnset a owl:Class ; rdfs:subClassOf rf:Fact ; rdfs:label "age of onset"@en ;
    rf:recordKey "ageOfOnset" ; rf:defaultPredicate rf:hasAgeOfOnset ; rf:objectKey "age" ; rf:objectRange rf:Term ;
    rf:shownIn "index", "summary" ;
    rdfs:comment "A term of HPO."@en ; skos:definition "The fact that a disease begins at a certain age."@en .
rf:hasAgeOfOnset a owl:ObjectProperty ; rf:predicateOf rf:AgeOfOnset ; rdfs:label "has age of onset"@en ;
    rdfs:comment "Of the first sign."@en ; skos:definition "The age at which the disease begins."@en .
rf:firstSign a owl:ObjectProperty ; rdfs:label "first sign"@en ; rdfs:range rf:Term ;
    rdfs:comment "A term of HPO."@en ; skos:definition "What is noticed first."@en .
"""

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rfs: <https://w3id.org/rarefacts/shapes#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix HP: <http://purl.obolibrary.org/obo/HP_> .

rfs:AgeOfOnset a sh:NodeShape ; sh:targetClass rf:AgeOfOnset ;
    sh:closed true ; sh:ignoredProperties rfs:fact-properties ;
    sh:property rfs:age-of-onset-listed, rfs:first-sign, rfs:age-of-onset-predicate .
rfs:age-of-onset-predicate a sh:PropertyShape ; sh:path rdf:predicate ; sh:hasValue rf:hasAgeOfOnset .
rfs:first-sign a sh:PropertyShape ; sh:path rf:firstSign ; sh:maxCount 1 .
rfs:age-of-onset-listed a sh:PropertyShape ; sh:path rdf:object ; sh:in ( HP:0003577 HP:0011463 ) ;
    sh:name "age"@en ; sh:message "is no age of onset that we list; take HP:0003577 or HP:0011463"@en .
"""

TERMS = """
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix HP: <http://purl.obolibrary.org/obo/HP_> .

HP:0003577 a rf:Term ; rdfs:label "Congenital onset"@en .
HP:0011463 a rf:Term ; rdfs:label "Childhood onset"@en .
"""

FACT = """
ageOfOnset:
  congenital:
    age: HP:0003577 ! Congenital onset
    evidence: hpoa-2023 at OMIM:308230
"""


@pytest.fixture
def dataset(data: Path, tmp_path: Path) -> Path:
    """A copy of the dataset that brings a kind of fact of its own, and a fact of it in a record."""
    folder = shutil.copytree(data, tmp_path / "data")
    for name, text in (("ontology/beginning.ttl", ONTOLOGY), ("shapes/beginning.ttl", SHAPES), ("terms/beginning.ttl", TERMS)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    record = folder / "diseases" / "hyper-igm-syndrome-type-1.yaml"
    record.write_text(record.read_text(encoding="utf-8") + FACT, encoding="utf-8")
    return folder


def _line(folder: Path, text: str) -> int:
    lines = (folder / "diseases" / "hyper-igm-syndrome-type-1.yaml").read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("HP:0003577 ! Congenital onset", "HP:0001419 ! X-linked recessive inheritance", "age-of-onset-listed"),
        ("HP:0003577 ! Congenital onset", "HP:0003577 ! Childhood onset", "label-mismatch"),
        ("    age: HP:0003577", "    aeg: HP:0003577", "unknown-key"),
        ("    age: HP:0003577 ! Congenital onset", "    age: HP:0003577\n    isotype: IgG", "unknown-key"),
        ("    age: HP:0003577 ! Congenital onset", "    age: HP:0003577\n    place: cornerstone", "closed"),
    ],
)
def test_facts_of_the_kind_are_checked(dataset: Path, right: str, wrong: str, rule: str) -> None:
    """Mistakes in a fact of the new kind are found, by the new shape and by the reader, at their line."""
    assert kg.check(dataset).conforms
    record = dataset / "diseases" / "hyper-igm-syndrome-type-1.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    [problem] = [each for each in kg.check(dataset).problems if each.severity is kg.Severity.VIOLATION]
    assert (problem.rule, problem.place.line) == (rule, _line(dataset, wrong.splitlines()[-1]))


def test_facts_of_the_kind_are_built_and_queried(dataset: Path, tmp_path: Path) -> None:
    """The fact comes back from a query with its evidence, as a direct triple, and in the disease's JSON-LD."""
    release = kg.build(dataset, tmp_path / "release")
    graph = kg.open(release.path)
    rows = graph.query(
        "SELECT ?disease ?label ?source WHERE { ?disease rf:hasAgeOfOnset ?age . ?age rdfs:label ?label ."
        " ?fact a rf:AgeOfOnset ; rdf:subject ?disease ; rdf:object ?age ; dcterms:source ?source }"
    )
    base = release.manifest["base"]
    assert [[str(getattr(term, "value", "")) for term in row.values()] for row in rows] == [
        [f"{base}disease/MONDO_0010626", "Congenital onset", f"{base}source/hpoa-2023"]
    ]
    document = json.loads((release.path / "disease" / "MONDO_0010626.jsonld").read_text(encoding="utf-8"))
    [fact] = document["ageOfOnset"]
    assert fact["age"] == {"id": "HP:0003577", "label": {"en": "Congenital onset"}}
    assert (fact["type"], fact["evidence"][0]["locator"]) == ("AgeOfOnset", "OMIM:308230")


def test_facts_of_the_kind_are_on_the_page(dataset: Path, tmp_path: Path) -> None:
    """The page shows the fact under a heading of its own, field by field, with its anchor and its reference."""
    release = kg.build(dataset, tmp_path / "release")
    page = html5lib.parse((release.path / "disease" / "MONDO_0010626.html").read_text(encoding="utf-8"), namespaceHTMLElements=False)
    [fact] = [element for element in page.iter() if element.get("id") == "congenital"]
    shown = {"".join(dt.itertext()): "".join(dd.itertext()) for dt, dd in zip(fact.iter("dt"), fact.iter("dd"), strict=True)}
    assert shown["age"] == "Congenital onset"
    assert [element.text for element in page.iter("h2") if element.get("id") == ":ageOfOnset"] == ["Age of onset"]
    assert "#:ageOfOnset" in {link.get("href") for link in page.iter("a")}
    [number] = {link.text for sup in fact.iter("sup") for link in sup.iter("a")}
    [work] = [element for element in page.iter("li") if element.get("id") == f":ref-{number}"]
    assert "HPO annotations with frequencies" in "".join(work.itertext())
    assert "Age of onset" in (release.path / "dataset.html").read_text(encoding="utf-8")
    [summary] = [element for element in page.iter("dl") if element.get("class") == "key"]
    assert "Age of onset" in {term.text for term in summary.iter("dt")}
    index = html5lib.parse((release.path / "browse" / "ageOfOnset.html").read_bytes(), treebuilder="etree", namespaceHTMLElements=False)
    [entry] = [element for element in index.iter("li") if element.get("id") == ":by-HP_0003577"]
    assert "".join(entry.itertext()) == "Congenital onsethyper-IgM syndrome type 1"
    home = (release.path / "index.html").read_text(encoding="utf-8")
    assert 'href="./browse/ageOfOnset.html"' in home and 'href="./browse/ageOfOnset.html#:by-HP_0003577"' in home


def test_the_kind_is_in_the_reference(dataset: Path, tmp_path: Path) -> None:
    """Its class and properties have entries in the vocabulary, its shapes among the rules, its module files for programs."""
    release = kg.build(dataset, tmp_path / "release")

    def page(path: str) -> Any:
        return html5lib.parse((release.path / path).read_text(encoding="utf-8"), namespaceHTMLElements=False)

    module, index, rules = page("vocab/beginning.html"), page("vocab.html"), page("shapes.html")
    entries = {e.get("id"): " ".join(" ".join(e.itertext()).split()) for e in module.iter("article")}
    assert set(entries) == {"AgeOfOnset", "hasAgeOfOnset", "firstSign"} <= {e.get("id") for e in index.iter("div")}
    assert "The fact that a disease begins at a certain age." in entries["AgeOfOnset"]
    assert "congenital: age: HP:0003577 ! Congenital onset evidence: hpoa-2023 at OMIM:308230" in entries["AgeOfOnset"].replace('"', "")
    assert "used by age of onset" in entries["firstSign"] and "judged by first-sign" in entries["firstSign"]
    shapes = {e.get("id"): " ".join(" ".join(e.itertext()).split()) for e in rules.iter("article")}
    assert {"AgeOfOnset", "age-of-onset-listed", "first-sign", "age-of-onset-predicate"} <= set(shapes)
    assert "is one of Congenital onset , Childhood onset" in shapes["age-of-onset-listed"]
    assert [e.text for e in rules.iter("bdi") if e.text == "Age of onset"] == ["Age of onset"]
    assert "rfs:first-sign" in (release.path / "shapes.ttl").read_text(encoding="utf-8")
    assert "rf:firstSign" in (release.path / "vocab" / "beginning.ttl").read_text(encoding="utf-8")
    assert "rf:firstSign" in (release.path / "vocab.ttl").read_text(encoding="utf-8")


def test_a_fault_is_told_in_the_module_that_has_it(dataset: Path) -> None:
    """Of several modules of a dataset's own that one is named, with the line, in which the fault stands."""
    prefixes, _, _ = ONTOLOGY.partition("\n\n")
    fault = 'rf:lastSign a owl:ObjectProperty ; rdfs:label "last sign"@en ; rdfs:comment "A term of HPO."@en .\n'
    (dataset / "ontology" / "ending.ttl").write_text(f"{prefixes}\n\n{fault}", encoding="utf-8")
    [problem] = kg.check(dataset).problems
    assert (problem.rule, str(problem.place)) == ("own-term-definition", f"{dataset}/ontology/ending.ttl:7:1")


def test_the_new_words_are_unknown_without_the_ontology(dataset: Path) -> None:
    """It is the ontology that makes the kind known: without its module the record is refused."""
    shutil.rmtree(dataset / "ontology")
    shutil.rmtree(dataset / "shapes")
    assert [problem.rule for problem in kg.check(dataset).problems] == ["unknown-key"]


@pytest.mark.parametrize(
    ("was", "then", "said"),
    [
        ("sh:targetClass rf:AgeOfOnset", "sh:targetClass rf:AgeOfOnst", 'nothing would judge the facts of kind "ageOfOnset"'),
        ("sh:closed true ;", "", 'nothing would judge the facts of kind "ageOfOnset"'),
        ("sh:closed true", 'sh:closed "yes"', 'nothing would judge the facts of kind "ageOfOnset"'),
        ("sh:path rf:firstSign ;", "sh:path rf:firstSign ; sh:targetClass rf:AgeOfOnst ;", "AgeOfOnst> is no class of the ontology"),
    ],
)
def test_a_kind_that_nothing_judges_is_refused(dataset: Path, was: str, then: str, said: str) -> None:
    """A shape for another class, or one that lets everything be said, would let anything pass."""
    shapes = dataset / "shapes" / "beginning.ttl"
    assert was in SHAPES
    shapes.write_text(SHAPES.replace(was, then), encoding="utf-8")
    with pytest.raises(kg.KgError, match=said):
        kg.check(dataset)


def test_a_kind_without_a_shape_is_refused(dataset: Path) -> None:
    """Without any shape of its own as well."""
    (dataset / "shapes" / "beginning.ttl").unlink()
    with pytest.raises(kg.KgError, match="write a sh:NodeShape with sh:targetClass"):
        kg.check(dataset)
