"""The house: imports point down, no kind of fact in Python, one word in five places, small modules."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.table import IMPORTERS
from tests.conftest import ROOT

LAYERS = [
    ["algebra", "among", "cuts", "earlier", "errors", "limits", "lookup", "regexes", "tokens", "vocabulary"],
    ["bibliography", "conditions", "files", "formats", "guard", "indented", "json_text", "layout", "literals", "parallel", "progress"],
    ["needs"],
    ["reach"],
    ["reads", "recall", "scratch", "sent", "sorting", "storing", "terms", "sources.immunoglobulins", "sources.immunoglobulins_overall"],
    ["cluster", "indexing", "locality", "part", "ranges", "spans", "touched"],
    ["parting", "prefixes", "competency", "saves", "turtle"],
    ["modules", "ontology", "reveal", "subjects"],
    [
        "advice",
        "characters",
        "context",
        "labels",
        "places",
        "serialize",
        "strict_json_ld",
        "tombstones",
        "tree",
        "yaml_events",
        "yaml_faults",
    ],
    ["quads", "yaml_builder"],
    ["strict_yaml"],
    ["foreign", "scope", "values"],
    ["jsonld"],
    ["jsonld_graphs"],
    ["evidence", "record_types", "statements"],
    ["head", "identity", "imports", "records"],
    ["claimed", "reading"],
    ["distinct"],
    ["settle"],
    ["entered"],
    ["dataset"],
    ["graph", "searches", "shapes"],
    ["compiled"],
    ["candidates", "division"],
    ["core"],
    ["judge"],
    ["again"],
    ["verdicts", "waivers"],
    ["fields"],
    ["display"],
    ["demands", "naming"],
    ["drafts", "examples", "rulebook", "signpost", "works"],
    ["facts", "lexicon"],
    ["catalogue"],
    ["validate"],
    ["part_judge", "publishable", "report"],
    ["partwise"],
    ["gate", "resident"],
    ["answer"],
    ["watch"],
    ["publish.described", "publish.released"],
    ["publish.file"],
    ["publish.before", "publish.delimited", "publish.disk", "publish.ordering", "publish.version"],
    ["publish.place", "publish.traces"],
    ["publish.answers", "publish.written"],
    ["publish.asked"],
    [
        "publish.compare",
        "publish.content",
        "publish.digests",
        "publish.exports",
        "publish.holding",
        "publish.nest",
        "publish.overview",
        "publish.packing",
        "publish.pieces",
        "publish.templating",
    ],
    ["publish.embed", "publish.facets", "publish.frame", "publish.tables"],
    ["publish.browse", "publish.citations", "publish.feed", "publish.projection", "publish.signposting"],
    ["publish.cited", "publish.withdrawn"],
    ["publish.crawlers", "publish.documents", "publish.dumps", "publish.library", "publish.metadata", "publish.pages"],
    ["publish.question_pages"],
    ["publish.elsewhere", "publish.preview", "publish.reference"],
    ["publish.rules"],
    ["publish.apache", "publish.deployed", "publish.nginx"],
    ["publish.hosts"],
    ["publish.permalinks"],
    ["publish.kept"],
    ["publish.release"],
    ["publish.build", "query"],
    [
        "serve.cache",
        "serve.limits",
        "serve.names",
        "serve.negotiate",
        "serve.conditional",
        "serve.reply",
        "serve.about",
        "serve.dialect",
        "serve.engine",
        "serve.written",
    ],
    ["serve.holds", "serve.store", "serve.worker"],
    ["serve.forkserver", "serve.load", "serve.remote"],
    ["serve.problems", "serve.refused", "serve.resources", "serve.description", "serve.settings", "serve.workers"],
    ["serve.reading"],
    ["serve.connection"],
    [
        "serve.clients",
        "serve.descriptors",
        "serve.exchange",
        "serve.forks",
        "serve.kinds",
        "serve.links",
        "serve.problem_page",
        "serve.protocol",
        "serve.previewer",
        "serve.rebuild",
        "serve.tries",
    ],
    ["serve.failures", "serve.reconcile"],
    ["serve.supply"],
    ["serve.pool"],
    ["serve.held"],
    ["serve.endpoint", "serve.health", "serve.site", "serve.trial"],
    ["serve.previews"],
    ["serve.reload"],
    ["serve.app"],
    ["serve.http", "serve.opened"],
    ["serve.server"],
    ["table"],
    ["sources.model"],
    ["sources.opening"],
    [
        "sources.columns",
        "sources.iuis_modes",
        "sources.mapping_sets",
        "sources.obo",
        "sources.orphanet_json",
        "sources.orphanet_references",
    ],
    [
        "sources.hpo_terms",
        "sources.mondo_classes",
        "sources.obo_terms",
        "sources.orphanet_epidemiology",
        "sources.orphanet_links",
        "sources.sssom",
    ],
    ["sources.construct", "sources.forms", "sources.gard_genes", "sources.mapping", "sources.sheets", "sources.orphanet_packet"],
    ["sources.facts", "sources.hpo_cells", "sources.iuis_rows", "sources.mapping_file", "sources.maxo_cells"],
    ["sources.nodes"],
    ["sources.clingen", "sources.doid", "sources.gard", "sources.hpo", "sources.iuis", "sources.maxo", "sources.mondo", "sources.orphanet"],
    ["sources.rdf", "sources.tabular"],
    ["sources.table"],
    ["sources.naming", "sources.stated"],
    ["sources.statements"],
    ["sources.gathering"],
    ["sources.imported", "sources.works"],
    ["sources.importing"],
    ["commands"],
    ["import_command"],
    ["cli"],
]
MODULES = sorted((ROOT / "kg").rglob("*.py"))
LEVEL = {f"kg.{name}": level for level, names in enumerate(LAYERS) for name in names}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _imports(path: Path) -> set[str]:
    """The modules of kg that a module imports, also inside of functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kg"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & LEVEL.keys()) or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("kg")}
    return found


@pytest.mark.parametrize("path", [m for m in MODULES if m.name != "__init__.py"], ids=_name)
def test_imports_point_down(path: Path) -> None:
    """A module imports only from layers below its own; the layers stand in this file and nowhere else."""
    level = LEVEL[_name(path)]
    assert {name: LEVEL.get(name) for name in _imports(path) if LEVEL.get(name, level) >= level} == {}


def test_every_layer_exists() -> None:
    """No layer names a module that is gone."""
    assert {_name(path) for path in MODULES if path.name != "__init__.py"} == set(LEVEL)


def test_no_kind_of_fact_in_python() -> None:
    """The code knows what a fact is; only ontology, shapes, and the importers of foreign files know which kinds there are."""
    ontology = Ontology.load(ontology_folders())
    words = {kind.iri.value.rsplit("#", 1)[-1] for kind in ontology.kinds.values()}
    words |= {predicate.value.rsplit("#", 1)[-1] for kind in ontology.kinds.values() for predicate in kind.predicates}
    words.remove("Mapping")  # YAML's word for a map as well
    found = []
    importers = {importer.read.__module__.rpartition(".")[2] for importer in IMPORTERS.values()} | {"immunoglobulins"}
    for path in MODULES:
        if path.parent.name == "sources" and path.stem.partition("_")[0] in importers:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            texts = [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
            names = [node.id] if isinstance(node, ast.Name) else [node.attr] if isinstance(node, ast.Attribute) else []
            if any(text in words for text in texts) or any(name in words for name in names):
                found.append((path.name, ast.unparse(node)))
    assert found == []


def test_one_word_five_places() -> None:
    """Each kind has an ontology module, a shape module, shape cases, and a question, all of the same stem."""
    ontology = Ontology.load(ontology_folders())
    stems = {path.stem for path in (ROOT / "ontology").glob("*.ttl")} - {"core", "prefixes"}
    assert len(stems) == len(ontology.kinds) == 13
    assert {path.stem for path in (ROOT / "shapes").glob("*.ttl")} - {"core", "derived", "ontology"} == stems
    assert stems <= {path.name for path in (ROOT / "tests" / "shapes").iterdir()}
    assert stems <= {path.stem.partition("-")[0] for path in (ROOT / "tests" / "questions").glob("*.rq")}
    for stem in stems:
        assert list((ROOT / "tests" / "shapes" / stem).glob("valid-*")), stem
        assert list((ROOT / "tests" / "shapes" / stem).glob("invalid-*")), stem


def test_what_is_remarked_on_a_fact_is_published() -> None:
    """A record remarks nothing beside a line: what a reader should know of a fact is its ``comment``, which is published."""
    records = {path.name: path.read_text(encoding="utf-8").splitlines() for path in (ROOT / "data" / "diseases").glob("*.yaml")}
    assert len(records) == 8
    assert [f"{name}: {line}" for name, lines in records.items() for line in lines if re.search(r"[^\s#].*\s#", line)] == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_are_small(path: Path) -> None:
    """A module that grows past 200 lines does more than one thing."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200


def test_the_base_iri_stands_once() -> None:
    """Nothing but dataset.yaml bakes in the base IRI of the data; the vocabulary has a namespace of its own."""
    pattern = re.compile(r"https://w3id\.org/rarefacts/(?!vocab|shapes|prefixes)")
    files = [*MODULES, *(ROOT / "ontology").rglob("*.*"), *(ROOT / "shapes").glob("*.*"), *(ROOT / "data").rglob("*.*")]
    assert [path.name for path in files if pattern.search(path.read_text(encoding="utf-8"))] == ["dataset.yaml"]
