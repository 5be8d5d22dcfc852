"""Every rule catches what it is for, once, at the right line; two judges agree; clean data reports nothing."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pyrudof
import pyshacl
import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Graph, URIRef
from rdflib.namespace import SH
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.evaluate import evalQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor

import kg
from kg.core import report_of, reports, whole_graph
from kg.dataset import Dataset
from kg.graph import store_of
from kg.judge import SPARQL_COMPONENT, judge, results_of
from kg.layout import files_in, ontology_folders, shapes_folders
from kg.ontology import Ontology
from kg.serialize import sorted_triples, to_bytes
from kg.shapes import DERIVED, ONTOLOGY, Shapes, load_shapes, to_rdflib
from kg.sources.hpo_terms import INHERITED_OTHERWISE
from kg.vocabulary import EVIDENCE, RDF_PREDICATE, RDF_TYPE, RDFS_SUBCLASS_OF, SHAPES, SOURCE, local_name
from tests.cases import Expected, expected_of, lay
from tests.contents import derived
from tests.suite import in_any_order, results

HERE = Path(__file__).parent / "shapes"
BASE = HERE / "base"
INVALID = sorted(HERE.glob("*/invalid-*"))
VALID = sorted(HERE.glob("*/valid-*"))
BY_CODE = {"waiver-rule-known", "waiver-refused", "waiver-unused", "closed"}


@pytest.fixture(autouse=True)
def _parse_each_query_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """pySHACL has rdflib parse the same query again for every focus node; here each is parsed once."""

    def query(self: SPARQLProcessor, text: Any, bindings: Any = None, prefixes: Any = None, base: Any = None, debug: bool = False) -> Any:
        return evalQuery(self.graph, _translated(text, tuple(sorted((prefixes or {}).items())), base), bindings or {}, base)

    monkeypatch.setattr(SPARQLProcessor, "query", query)


@cache
def _translated(text: str, prefixes: tuple[tuple[str, Any], ...], base: str | None) -> Any:
    return translateQuery(parseQuery(text), base, dict(prefixes))


def _ids(paths: list[Path]) -> list[str]:
    return [f"{path.parent.name}/{path.stem}" for path in paths]


def _reported(report: kg.Report, folder: Path) -> list[Expected]:
    places = [(p.place.path.removeprefix(f"{folder}/"), p.place.line, p.rule) for p in report.problems]
    return sorted(Expected(file, line, rule) for file, line, rule in places)


@pytest.mark.parametrize("case", INVALID + VALID, ids=_ids(INVALID + VALID))
def test_each_fault_is_reported_once_at_its_line_and_judges_agree(case: Path, tmp_path: Path) -> None:
    """A case brings up what its comments say, at those lines, and nothing else; other judges find the same over the whole graph.

    pySHACL alone, with the SPARQL constraints per focus node, gives the gate's verdicts; pyrudof gives those of SHACL Core.
    """
    expected = [Expected(each.file, each.line, each.rule) for each in expected_of(case)]
    assert bool(expected) == (case in INVALID), "an invalid case says what it expects"
    report = kg.check(lay(case, BASE, tmp_path))
    assert _reported(report, tmp_path) == expected
    assert report.dataset is not None and report.verdict is not None
    gate = {(r.focus, r.rule) for r in (*report.verdict.results, *report.verdict.waived) if r.rule not in BY_CODE - {"closed"}}
    store = store_of([*report.dataset.ontology.quads(), *report.dataset.quads])
    found = _both_judges(store, None)
    store.extend(derived(report.dataset, report.verdict.store))
    assert found | _both_judges(store, DERIVED) == gate
    assert _pyrudof(report.dataset) == {(focus, rule) for focus, rule in gate if rule not in _in_sparql()}


def test_the_base_of_the_cases_is_clean() -> None:
    """The base dataset reports nothing, so what a case reports is the case's."""
    assert kg.check(BASE).render() == ""


def test_every_rule_has_a_failing_case() -> None:
    """A rule without a failing case may be passing on nothing."""
    shapes = [load_shapes(shapes_folders(), stage) for stage in (None, DERIVED)]
    rules = {rule for each in shapes for rule in each.rules if _judges(each, rule)} | BY_CODE
    caught = {expected.rule for case in INVALID for expected in expected_of(case)}
    assert rules - caught == set()


def _judges(shapes: Shapes, rule: str) -> bool:
    """Whether a named node of the shapes gives results under its own name: a property shape or a SPARQL rule."""
    node = URIRef(SHAPES + rule)
    return (node, SH.path, None) in shapes.core or any(constraint.shape == str(node) for constraint in shapes.constraints)


def test_which_rules_nobody_may_waive() -> None:
    """No reason lifts that a fact is cited, what it states, what follows from it, what shapes know of it, or what makes a waiver one."""
    written, derived = (load_shapes(shapes_folders(), stage) for stage in (None, DERIVED))
    core = written.core
    held = {local_name(each.shape) for each in derived.constraints}
    held |= {local_name(str(shape)) for shape in core.subjects(SH.closed)}
    for path in (EVIDENCE, SOURCE, RDF_PREDICATE):
        held |= {local_name(str(shape)) for shape in core.subjects(SH.path, URIRef(path.value))}
    held |= {local_name(str(each)) for each in core.objects(URIRef(SHAPES + "Waiver"), SH.property)} - {"comment"}
    held |= {rule for rule in written.rules if rule.startswith("waiver-")}
    never = {local_name(shape) for shape in written.never_waived | derived.never_waived}
    assert len(held) > 40
    assert held - never == set()
    assert {"fact-has-evidence", "evidence-source", "source-named"} <= never
    assert not never & {"two-exact-matches", "obsolete-term", "x-linked-and-autosomal", "negated-and-asserted"}


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("rfs:fact-has-evidence sh:deactivated true .", "is turned off"),
        ("rfs:fact-has-kind sh:sparql [ sh:select 'SELECT $this WHERE { $this a rf:Fact }' ; sh:deactivated true ] .", "is turned off"),
        ("rfs:fact-has-evidence sh:severity sh:Info .", "is no violation"),
    ],
)
def test_shapes_of_a_dataset_take_nothing_back(said: str, part: str, tmp_path: Path) -> None:
    """A module of a dataset cannot turn off what nobody may waive, nor make it milder."""
    folder = lay(HERE / "core" / "valid-fact.yaml", BASE, tmp_path)
    (folder / "shapes").mkdir()
    (folder / "shapes" / "own.ttl").write_text(f"@prefix rfs: <{SHAPES}> .\n@prefix sh: <{SH}> .\n{said}\n", encoding="utf-8")
    with pytest.raises(kg.KgError, match=part):
        kg.check(folder)


def test_there_are_at_least_sixty_faults() -> None:
    """The shape cases and the reading cases together are sixty or more, each named once."""
    reading = sorted((Path(__file__).parent / "records").glob("invalid-*"))
    names = Counter(_ids(INVALID) + [path.stem for path in reading])
    assert len(names) >= 60
    assert max(names.values()) == 1


@cache
def _in_sparql() -> frozenset[str]:
    return frozenset(local_name(each.shape) for stage in (None, DERIVED) for each in load_shapes(shapes_folders(), stage).constraints)


@cache
def _shapes_graph(stage: str | None) -> Graph:
    """The shapes of a stage as they stand in the files, with the prefixes that their queries name."""
    graph = Graph()
    stages = (DERIVED, ONTOLOGY)
    for path in files_in(shapes_folders(), "*.ttl"):
        if path.stem == stage if stage else path.stem not in stages:
            graph.parse(path)
    graph.parse(ontology_folders()[0] / "prefixes.ttl")
    return graph


def _both_judges(store: Store, stage: str | None) -> set[tuple[str, str]]:
    """What pySHACL finds over the whole of a store; what SHACL Core says of it, kg reports word for word where it looks for candidates."""
    report = report_of(whole_graph(store), _shapes_graph(stage))
    core = Counter({row: n for row, n in in_any_order(results([report])).items() if row.component != f"<{SPARQL_COMPONENT}>"})
    assert in_any_order(results(reports(load_shapes(shapes_folders(), stage).core, store))) == core
    return {(result.focus, result.rule) for result in results_of(report)}


@cache
def _core() -> str:
    return load_shapes(shapes_folders()).core.serialize(format="nt")


def _pyrudof(dataset: Dataset) -> set[tuple[str, str]]:
    """Of the ontology only its classes are handed over, since SHACL Core asks for nothing else.

    All is in N-Triples: pyrudof reads that in 1 ms, and the same in Turtle in 65.
    """
    classes = [triple for triple in dataset.ontology.triples if triple.predicate in (RDF_TYPE, RDFS_SUBCLASS_OF)]
    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    data = to_bytes(sorted_triples([*classes, *(quad.triple for quad in dataset.quads)]), RdfFormat.N_TRIPLES)
    rudof.read_data(data.decode(), format=pyrudof.RDFFormat.NTriples)
    rudof.read_shacl(_core(), format=pyrudof.ShaclFormat.NTriples)
    found = set()
    for entry in rudof.validate_shacl():
        closed = entry.constraint_component.endswith("#ClosedConstraintComponent")
        found.add((entry.focus_node, "closed" if closed else local_name(entry.source_shape or "")))
    return found


def test_what_no_patient_has_is_no_feature() -> None:
    """What a phenotype may not have are the terms that other shapes take for modes, ages and frequencies, and what is beside them."""
    written = load_shapes(shapes_folders())
    [query] = [each.select for each in written.constraints if local_name(each.shape) == "feature-of-patients"]
    listed: set[str] = set()
    for rule in ("inheritance-mode", "onset-age", "frequency"):
        [head] = written.core.objects(URIRef(SHAPES + rule), SH["in"])
        listed |= {str(each).replace("http://purl.obolibrary.org/obo/HP_", "HP:") for each in written.core.items(head)}
    terms = set(re.findall(r"HP:[0-9]{7}", query))
    assert terms == {each for each in listed if each.startswith("HP:")} | INHERITED_OTHERWISE | {"HP:0003674", "HP:0040279"}


def test_the_ontology_is_complete() -> None:
    """Every own term has a label, a comment and a definition; every kind of fact says how it is written."""
    ontology = Ontology.load(ontology_folders())
    data = Graph()
    for triple in to_rdflib(ontology.triples):
        data.add(triple)
    _, graph, text = pyshacl.validate(data, shacl_graph=_shapes_graph(ONTOLOGY), inplace=True)
    assert isinstance(graph, Graph)
    assert results_of(graph) == [], text


def test_each_fault_of_an_ontology_is_found() -> None:
    """Each rule about the ontology itself catches what a module that breaks them all says it breaks."""
    module = HERE / "ontology" / "faults.ttl"
    ontology = Ontology.load([*ontology_folders(), module.parent])
    found = judge(load_shapes(shapes_folders(), ONTOLOGY), store_of(ontology.quads()), ontology, "https://example.org/rare/")
    lines = module.read_text(encoding="utf-8").splitlines()
    expected = [(each.line, each.rule) for each in expected_of(module)]
    said = [
        (next(n for n, line in enumerate(lines, 1) if line.partition(" ")[0].endswith(f":{local_name(r.focus)}")), r.rule) for r in found
    ]
    assert sorted(said) == expected
    rules = {each.rule for each in expected_of(module)}
    shapes = load_shapes(shapes_folders(), ONTOLOGY)
    assert {rule for rule in shapes.rules if _judges(shapes, rule)} == rules


def test_the_shapes_are_well_formed() -> None:
    """The shapes conform to the shapes of SHACL."""
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=_shapes_graph(None), meta_shacl=True)
    assert conforms, text
