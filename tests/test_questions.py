"""The competency questions: each has the rows that are expected beside it, and each fact of the first page comes back with its citation.

A row that changes is a change of what the project says: look at it before it is taken over with the command that a failure shows.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

import kg
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "questions"
QUESTIONS = sorted(FOLDER.glob("*.rq"))
KINDS = {path.stem for path in (ROOT / "ontology").glob("*.ttl")} - {"core", "prefixes"}

_WHOM = {"sex", "population"}
_SHARE = {"affected", "total", "frequency", "frequencyLabel"}
_PATIENTS = {"patients", "forWhom"}
_AGENT = {"agent", "agentLabel"}

NOT_SAID_YET = {
    "epidemiology-rates": {"lowestPerMillion", "lowerLimit", "remark", *_WHOM},
    "evidence-best-supported": {"negated"},
    "evidence-by-curator": {"negated"},
    "evidence-disputed": {"restrictedBy", "restriction"},
    "evidence-excluded": {"restrictedBy", "restriction", "percentage", "via", *_SHARE},
    "evidence-one-page-only": {"negated"},
    "evidence-without-article": {"negated"},
    "immunoglobulin-findings": _SHARE | _WHOM,
    "immunoglobulin-which-test": _WHOM,
    "infection-prevention": {"occurrence", *_PATIENTS, *_WHOM},
    "infection-susceptibility": _WHOM,
    "inheritance-x-linked-recessive-absent-igg": _WHOM,
    "mapping-two-codes": {"via"},
    "onset-ages": _SHARE | _WHOM,
    "onset-first-year-with-treatment": {"onsetSex", "onsetPopulation", *_WHOM},
    "phenotype-by-frequency": {"affected", "total", *_WHOM},
    "phenotype-found-and-excluded": {"excludedVia", *_WHOM},
    "phenotype-several-frequencies": {"affected", "total", "negated", *_WHOM},
    "prognosis-for-whom": {"occurrence", "sex"},
    "treatment-about-a-feature": _WHOM,
    "treatment-effects": {"target", "against", *_AGENT, *_PATIENTS, *_WHOM},
    "treatment-for-whom": {"raises", "occurrence", *_WHOM},
    "treatment-immunoglobulin": _AGENT | _PATIENTS | _WHOM,
    "treatment-shared": _AGENT | _PATIENTS | _WHOM,
}
"""Columns that are empty since no record says so yet; of those that turn a fact round or narrow it, see test_questions_qualified.py."""

OF_INVENTED = {"epidemiology-areas-differ", "gene-inherited-differently", "inheritance-works-disagree", "treatment-not-to-be-used"}
"""Asked of the project's own data, these yield nothing, so what is expected of them is of the diseases in ``tests/world`` as well."""

Row = dict[str, str]

each_question = pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def asked_release(release: kg.Release) -> kg.Graph:
    """The one release of the project's own data, opened."""
    return kg.open(release.path)


@pytest.fixture(scope="session")
def with_invented(tmp_path_factory: pytest.TempPathFactory) -> kg.Graph:
    """A release of the project's own data with some invented diseases beside them, opened."""
    folder = tmp_path_factory.mktemp("world")
    for each in (ROOT / "data", ROOT / "tests" / "world"):
        shutil.copytree(each, folder / "data", dirs_exist_ok=True)
    return kg.open(kg.build(folder / "data", folder / "release").path)


@pytest.fixture
def asked(path: Path, request: pytest.FixtureRequest) -> kg.Graph:
    """What a question is asked of."""
    graph: kg.Graph = request.getfixturevalue("with_invented" if path.stem in OF_INVENTED else "asked_release")
    return graph


@pytest.fixture(scope="session")
def in_rdflib() -> Callable[[kg.Graph], rdflib.Graph]:
    """By which the union of all graphs of a release is put into another engine, once for each release."""

    @cache
    def put(asked: kg.Graph) -> rdflib.Graph:
        graph = rdflib.Graph()
        for subject, predicate, object_, _ in asked.to_rdflib().quads():
            graph.add((subject, predicate, object_))
        return graph

    return put


def rows_of(text: str) -> list[Row]:
    """The rows of a CSV, whatever ends its lines."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def expected(name: str) -> list[Row]:
    """The rows that stand beside a question."""
    return rows_of((FOLDER / f"{name}.csv").read_text(encoding="utf-8"))


def ask(graph: kg.Graph, name: str, bindings: dict[str, str] | None = None) -> list[Row]:
    """What a question yields, as it would be printed."""
    return rows_of(graph.query(name, bindings).serialize("csv").decode())


# the questions as files


def test_there_are_enough() -> None:
    """At least 25 questions are asked, so that an empty folder passes no test below."""
    assert len(QUESTIONS) >= 25


def test_questions_and_answers_are_pairs() -> None:
    """Every question has expected rows beside it, and no rows stand without their question."""
    assert {path.stem for path in QUESTIONS} == {path.stem for path in FOLDER.glob("*.csv")}
    assert {path.suffix for path in FOLDER.iterdir()} == {".rq", ".csv"}


def test_every_kind_is_asked_about() -> None:
    """A question's name begins with the kind of fact it is about, or with evidence, and every kind has one."""
    assert len(KINDS) == 13
    assert {path.stem.partition("-")[0] for path in QUESTIONS} == KINDS | {"evidence"}


@each_question
def test_title(path: Path) -> None:
    """The first line says the question as a person would ask it, in one sentence."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert re.fullmatch(r"# [A-Z][^.?!]*\?", first)
    assert kg.questions()[path.stem].title == first[2:]


@each_question
def test_prefixes(path: Path, asked_release: kg.Graph) -> None:
    """A question declares the prefixes that it uses, sorted, as the ontology has them, and no others."""
    text = path.read_text(encoding="utf-8")
    declared = re.findall(r"^PREFIX (\w+): <(.+)>$", text, re.MULTILINE)
    query = re.sub(r'^PREFIX .*$|^#.*$|"[^"]*"', "", text, flags=re.MULTILINE)
    assert [prefix for prefix, _ in declared] == sorted(set(re.findall(r"(?<![\w?])(\w+):(?=\w)", query)), key=str.lower)
    assert dict(declared).items() <= asked_release.ontology.prefixes.namespaces.items()


@each_question
def test_names_no_record_of_ours(path: Path, asked_release: kg.Graph) -> None:
    """A question asks any dataset: it holds no IRI of a disease or a source."""
    base = asked_release.release.manifest["base"]
    assert not re.search(rf"<{re.escape(base)}(disease|source|waiver|dataset)/", path.read_text(encoding="utf-8"))


# the answers


@each_question
def test_answer(path: Path, asked: kg.Graph) -> None:
    """A question yields the rows that are expected, in their order."""
    of = f" --release {asked.release.path}" if path.stem in OF_INVENTED else ""
    hint = f"if the new rows are right: kg query {path.stem}{of} --format csv | tr -d '\\r' > tests/questions/{path.stem}.csv"
    assert ask(asked, path.stem) == expected(path.stem), hint


@pytest.mark.parametrize("name", sorted(OF_INVENTED))
def test_invented_where_needed(name: str, asked_release: kg.Graph) -> None:
    """Invented diseases stand in only where the project's own data have nothing to answer with."""
    assert not ask(asked_release, name)


@each_question
def test_rows(path: Path) -> None:
    """A question that yields nothing proves nothing, and one that says a thing twice counts wrongly."""
    rows = [tuple(row.values()) for row in expected(path.stem)]
    assert rows
    assert len(rows) == len(set(rows))


@each_question
def test_columns_are_filled(path: Path) -> None:
    """A column that is empty in every row would not be missed if it broke; so only what no record says yet may be empty."""
    rows = expected(path.stem)
    empty = {column for column in rows[0] if not any(row[column] for row in rows)}
    assert empty == NOT_SAID_YET.get(path.stem, set())


@each_question
def test_runs_anywhere(path: Path) -> None:
    """A question is SPARQL 1.1 by itself: an engine that knows no prefix of ours can read it."""
    pyoxigraph.Store().query(path.read_text(encoding="utf-8"))


@each_question
def test_another_engine_agrees(path: Path, asked: kg.Graph, in_rdflib: Callable[[kg.Graph], rdflib.Graph]) -> None:
    """rdflib gives the same rows in the same order, so the rows hang on no engine's peculiarity."""
    body = in_rdflib(asked).query(path.read_text(encoding="utf-8")).serialize(format="csv")
    assert body is not None
    assert [plain(row) for row in rows_of(body.decode())] == [plain(row) for row in expected(path.stem)]


def plain(row: Row) -> Row:
    """A row whose numbers are written in one way: 2 and 2.0 are one value."""
    return {column: re.sub(r"^(\d+)\.0+$", r"\1", cell) for column, cell in row.items()}


# what no record says yet, so that the expected rows cannot tell

FINDINGS = """
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://example.org/> .
rf:absent skos:broader rf:low .
<igg> rdf:subject <d> ; rdf:object rf:IgG ; rf:level rf:low ; rf:status rf:accepted ; dcterms:source <work> .
<iga> rdf:subject <d> ; rdf:object rf:IgA ; rf:level rf:low ; rf:status rf:accepted ; dcterms:source <work> .
<igm> rdf:subject <d> ; rdf:object rf:IgM ; rf:level rf:normal ; rf:status rf:accepted ; dcterms:source <work> .
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", True),
        ("rf:IgG ; rf:level rf:low", "rf:IgG ; rf:level rf:absent", True),
        ("rf:IgG ; rf:level rf:low", "rf:IgG ; rf:level rf:low, rf:absent", True),
        ("rf:IgG ; rf:level rf:low", "rf:IgG ; rf:level rf:low, rf:normal", False),
        ("rf:IgA ; rf:level rf:low", "rf:IgA ; rf:level rf:elevated", False),
        ("rf:level rf:normal", "rf:level rf:normal, rf:elevated", True),
        ("rf:level rf:normal", "rf:level rf:normal, rf:low", False),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:percentage 100.0", True),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:percentage 50.0", False),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:occurrence rf:sometimes", False),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:sex rf:male", False),
        ("rf:level rf:normal", 'rf:level rf:normal ; rf:population "some"@en', False),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:affected 1 ; rf:total 2", False),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:affected 2 ; rf:total 2", True),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:frequency <http://purl.obolibrary.org/obo/HP_0040281>", False),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:frequency <http://purl.obolibrary.org/obo/HP_0040280>", True),
        ("rf:level rf:normal", "rf:level rf:normal ; rf:negated true", False),
        ("rf:level rf:normal ; rf:status rf:accepted", "rf:level rf:normal ; rf:status rf:disputed", False),
    ],
)
def test_pattern_of_immunoglobulins(old: str, new: str, found: bool) -> None:
    """A disease has the pattern where each of the three findings fits with all its levels, in all patients, undisputed."""
    assert old in FINDINGS
    store = pyoxigraph.Store()
    store.load(input=FINDINGS.replace(old, new) if old else FINDINGS, format=pyoxigraph.RdfFormat.TURTLE)
    query = (FOLDER / "immunoglobulin-low-igg-iga-normal-or-raised-igm.rq").read_text(encoding="utf-8")
    solutions = store.query(query)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    assert len(list(solutions)) == found


_HEAD = """
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix HP: <http://purl.obolibrary.org/obo/HP_> .
@base <https://example.org/> .
"""
DEFINITIVE = """
<says> rf:strength rf:definitive ; rf:source <work> ; rf:direction rf:supports .
<cause> rf:evidence <says> ; rdf:predicate rf:causalGene ; rdf:subject <d> ; rdf:object <gene> ; rf:status rf:accepted .
"""
TREATMENT = "<treatment> rdf:subject <d> ; rdf:object <action> ; rdf:predicate "
TWO_WAYS = """
<one> rf:causalGene <gene> ; rf:hasInheritance HP:0000006 .
<dominant> rdf:subject <one> ; rdf:predicate rf:hasInheritance ; rdf:object HP:0000006 .
<two> rf:causalGene <gene> ; rf:hasInheritance HP:0000007 .
<recessive> rdf:subject <two> ; rdf:predicate rf:hasInheritance ; rdf:object HP:0000007 .
"""
THIRD_WAY = "<third> rdf:subject <two> ; rdf:predicate rf:hasInheritance ; rdf:object HP:0001417 ; "
TREATED = """
<cure> a rf:Treatment ; rdf:subject <d> ; rdf:predicate rf:treatedBy ; rdf:object <action> ; rf:status rf:accepted .
<d> rf:causalGene <gene> . <onset> rdf:subject <d> ; rdf:predicate rf:hasOnset ; rf:status rf:accepted ; rdf:object """
FOUND = """
<says> rf:direction rf:supports ; rf:source <work> ; rf:locator "here" .
<igg> a rf:ImmunoglobulinFinding ; rdf:subject <d> ; rdf:object rf:IgG ; rf:level rf:absent ; rf:status rf:accepted .
<igg> rf:evidence <says> .
<d> rf:hasInheritance HP:0001419 . <mode> rdf:subject <d> ; rdf:object HP:0001419 ; rf:status rf:accepted ; dcterms:source <work> .
"""
LEVELS = """
<one> a rf:ImmunoglobulinFinding ; rdf:subject <d> ; rdf:object rf:IgG ; rf:level rf:low ; rf:status rf:accepted ; dcterms:source <work> .
<two> a rf:ImmunoglobulinFinding ; rdf:subject <d> ; rdf:object rf:IgG ; rf:level rf:normal ; rf:status rf:accepted .
<two> dcterms:source <other> .
"""
WAYS = """
<a> rf:direction rf:supports ; rf:source <work> . <b> rf:direction rf:supports ; rf:source <other> .
<one> rdf:subject <d> ; rdf:predicate rf:hasInheritance ; rdf:object HP:0000006 ; rf:evidence <a> .
<two> rdf:subject <d> ; rdf:predicate rf:hasInheritance ; rdf:object HP:0000007 ; rf:evidence <b> .
"""
PARTS = ("rf:occurrence rf:sometimes", "rf:percentage 50.0", "rf:affected 1 ; rf:total 2", "rf:frequency HP:0040281")
ALL = ("rf:percentage 100.0", "rf:affected 2 ; rf:total 2", "rf:frequency HP:0040280")
WHOM = ("rf:sex rf:male", 'rf:population "some"@en')
NOT_SO = ("rf:negated true", "owl:deprecated true")

SMALL = [
    # a treatment that is denied or withdrawn is none; what works disagree on is on record
    ("gene-definitive-without-treatment", DEFINITIVE, "", 1),
    ("gene-definitive-without-treatment", DEFINITIVE, TREATMENT + "rf:treatedBy .", 0),
    ("gene-definitive-without-treatment", DEFINITIVE, TREATMENT + "rf:preventedBy ; rf:status rf:disputed .", 0),
    ("gene-definitive-without-treatment", DEFINITIVE, TREATMENT + "rf:contraindicated .", 1),
    ("gene-definitive-without-treatment", DEFINITIVE, TREATMENT + "rf:treatedBy ; rf:negated true .", 1),
    ("gene-definitive-without-treatment", DEFINITIVE, TREATMENT + "rf:treatedBy ; owl:deprecated true .", 1),
    ("gene-definitive-without-treatment", DEFINITIVE, "<cause> rf:negated true .", 0),
    # a disease is inherited in one way only where no other is on record, be it disputed or of some patients
    ("gene-inherited-differently", TWO_WAYS, "", 2),
    ("gene-inherited-differently", TWO_WAYS, THIRD_WAY + "rf:status rf:disputed .", 0),
    ("gene-inherited-differently", TWO_WAYS, THIRD_WAY + WHOM[1] + " .", 0),
    ("gene-inherited-differently", TWO_WAYS, THIRD_WAY + "rf:negated true .", 2),
    ("gene-inherited-differently", TWO_WAYS, THIRD_WAY + "owl:deprecated true .", 2),
    # infancy is not said to end with the first year
    *(("onset-first-year-with-treatment", TREATED, f"{age} .", 1) for age in ("rf:neonatal", "HP:0003593", "HP:0011461")),
    *(("onset-first-year-with-treatment", TREATED, f"{age} .", 0) for age in ("rf:infancy", "rf:childhood")),
    # what is found in a part of the patients is no pattern, and no lack of all IgG
    *(("immunoglobulin-patterns", FOUND, f"<igg> {part} .", 0) for part in (*PARTS, *WHOM)),
    *(("immunoglobulin-patterns", FOUND, f"<igg> {part} .", 1) for part in ALL),
    *(("inheritance-x-linked-recessive-absent-igg", FOUND, f"<igg> {part} .", 0) for part in PARTS),
    *(("inheritance-x-linked-recessive-absent-igg", FOUND, f"<igg> {part} .", 1) for part in (*ALL, *WHOM)),
    ("inheritance-x-linked-recessive-absent-igg", FOUND, f"<mode> {WHOM[1]} .", 0),
    # works that speak of other patients do not disagree, nor does one with what it does not say
    ("immunoglobulin-sources-disagree", LEVELS, "", 2),
    *(("immunoglobulin-sources-disagree", LEVELS, f"<two> {said} .", 0) for said in (*PARTS, *WHOM, *NOT_SO)),
    ("inheritance-works-disagree", WAYS, "", 1),
    *(("inheritance-works-disagree", WAYS, f"<two> {said} .", 0) for said in (WHOM[1], *NOT_SO)),
]


@pytest.mark.parametrize(("name", "facts", "more", "rows"), SMALL, ids=[f"{name}: {more}" for name, _, more, _ in SMALL])
def test_what_counts(name: str, facts: str, more: str, rows: int) -> None:
    """A question that asks what holds counts what is said of the disease as such, and nothing that is denied or withdrawn."""
    assert len(_asked_of(name, facts + more)) == rows


def test_a_gene_that_is_denied_tells_no_type_apart() -> None:
    """A type of which a gene is said not to be the cause has no gene, beside types that have one."""
    types = "<one> rf:subtypeOf <g> ; rf:causalGene <a> . <two> rf:subtypeOf <g> ; rf:causalGene <b> . <three> rf:subtypeOf <g> ."
    fact = "<fact> rdf:subject <three> ; rdf:predicate rf:causalGene ; rdf:object <c> ; rf:status rf:accepted ; dcterms:source <work> "
    assert [str(row["gene"]) for row in _asked_of("gene-tells-types-apart", f"{types} {fact}.") if row["gene"] is not None] == [
        "<https://example.org/c>"
    ]
    assert [row["gene"] for row in _asked_of("gene-tells-types-apart", f"{types} {fact}; rf:negated true .")] == [None] * 3


def test_groups_are_not_counted_beside_their_subtypes() -> None:
    """Of the diseases of a gene only those count that no other of them stands below, at any distance; and only their modes."""
    above = "<type> rf:subtypeOf <between> . <between> rf:subtypeOf <group> ."
    modes = "<type> rf:hasInheritance HP:0000007 . <group> rf:hasInheritance HP:0000006 ."
    causes = "<type> rf:causalGene <gene> . <group> rf:causalGene <gene> . <another> rf:causalGene <gene> . <group> rf:causalGene <other> ."
    rows = _asked_of("gene-number-of-diseases", above + modes + causes)
    assert [[str(term.value) for term in row if term is not None] for row in rows] == [
        ["https://example.org/gene", "2", "1"],
        ["https://example.org/other", "1", "1"],
    ]


def _asked_of(name: str, facts: str) -> list[pyoxigraph.QuerySolution]:
    store = pyoxigraph.Store()
    store.load(input=_HEAD + facts, format=pyoxigraph.RdfFormat.TURTLE)
    solutions = store.query((FOLDER / f"{name}.rq").read_text(encoding="utf-8"))
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return list(solutions)


# what can be bound

BOUND = [
    ("name-in-a-language", {"language": "ja"}, {"language": "ja"}),
    ("name-abbreviation", {"abbreviation": "XHIM"}, {"abbreviation": "XHIM"}),
    ("mapping-from-mondo", {"mondo": "MONDO:0010626"}, {"disease": "{base}disease/MONDO_0010626"}),
    ("mapping-code-to-disease", {"vocabulary": "GARD", "code": "73"}, {"vocabulary": "GARD", "code": "73"}),
    ("classification-subtypes", {"group": "{base}disease/MONDO_0003778"}, {"groupLabel": "inborn error of immunity"}),
    ("phenotype-shared", {"feature": "HP:0001875"}, {"featureLabel": "Decreased total neutrophil count"}),
    ("treatment-for-whom", {"action": "MAXO:0001480"}, {"actionLabel": "immunoglobulin infusion therapy"}),
    ("treatment-about-a-feature", {"feature": "HP:0001875"}, {"featureLabel": "Decreased total neutrophil count"}),
    ("evidence-references-of-a-page", {"via": "{base}source/gard-higm1-2013"}, {"via": "{base}source/gard-higm1-2013"}),
    ("evidence-by-curator", {"curator": "ORCID:0000-0002-0736-9199"}, {"curator": "https://orcid.org/0000-0002-0736-9199"}),
]


@pytest.mark.parametrize(("name", "bindings", "cells"), BOUND, ids=[name for name, _, _ in BOUND])
def test_bound(name: str, bindings: dict[str, str], cells: Row, asked_release: kg.Graph) -> None:
    """With values given to its variables, a question yields those of its rows that have these values, and some."""
    base = asked_release.release.manifest["base"]
    given = {variable: value.format(base=base) for variable, value in bindings.items()}
    wanted = {column: cell.format(base=base) for column, cell in cells.items()}
    rows = [row for row in expected(name) if wanted.items() <= row.items()]
    assert 0 < len(rows) < len(expected(name))
    assert ask(asked_release, name, given) == rows


def test_what_can_be_bound_is_said() -> None:
    """A question whose comment offers a variable to bind is tested with it, and has it as a column."""
    offered = {path.stem: set(re.findall(r"\?(\w+) \(", _comment(path, "# Bind "))) for path in QUESTIONS if _comment(path, "# Bind ")}
    assert offered == {name: set(bindings) for name, bindings, _ in BOUND}
    for name, variables in offered.items():
        assert variables <= set(expected(name)[0])


def _comment(path: Path, start: str) -> str:
    return "".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(start))


# the page that the dataset began with

PAGE = "gard-higm1-2013"
REFERENCES = {1: "nichd-pid-2008", 2: "mesh-hyper-igm", 3: "nichd-examples-2008", 4: "pirc-2008"}
TYPE_1, GROUP, PRIMARY, HEREDITARY = "MONDO_0010626", "MONDO_0003947", "MONDO_0003778", "MONDO_0003847"
TYPES = [TYPE_1, "MONDO_0011528", "MONDO_0011735", "MONDO_0011985", "MONDO_0011971"]
VOCAB = "https://w3id.org/rarefacts/vocab#"


@dataclass(frozen=True)
class Said:
    """What the page says, the fact that holds it, the references that the page gives, and the question that brings it back."""

    what: str
    fact: str
    question: str
    references: tuple[int, ...] = ()
    cells: Row = field(default_factory=dict)


def _name(fact: str, name: str, kind: str = "exactName") -> Said:
    return Said(f"is called {name}", f"{TYPE_1}#{fact}", "name-on-a-web-page", cells={"name": name, "kind": VOCAB + kind})


def _level(isotype: str, levels: str, fact: str) -> list[Said]:
    cells = {"isotype": VOCAB + isotype, "levels": levels}
    return [Said(f"{isotype} is {levels}", f"{disease}#{fact}", "immunoglobulin-findings", (2,), cells) for disease in (TYPE_1, GROUP)]


BACTERIAL = {"infectionLabel": "Recurrent bacterial infections", "occurrence": ""}
OPPORTUNISTIC = {"infectionKind": VOCAB + "opportunistic", "occurrence": VOCAB + "sometimes"}
IVIG = {"actionLabel": "immunoglobulin infusion therapy"}
CORNERSTONE = IVIG | {"place": VOCAB + "cornerstone", "supplies": VOCAB + "IgG", "lowers": VOCAB + "IgM"}
G_CSF = {"actionLabel": "granulocyte colony stimulating factor agent therapy", "forWhom": "Decreased total neutrophil count"}
ANTIBIOTICS = {"actionLabel": "antibacterial agent therapy", "disease": "{base}disease/" + TYPE_1}

SEED = [
    _name("immunodeficiency-with-hyper-igm-type-1", "Immunodeficiency with hyper IgM type 1"),
    _name("higm", "HIGM", "abbreviation"),
    _name("higm1", "HIGM1", "abbreviation"),
    _name("hyper-igm-immunodeficiency-x-linked", "Hyper IgM immunodeficiency, X-linked"),
    _name("hyper-igm-syndrome", "Hyper IgM syndrome", "relatedName"),
    _name("hyper-igm-syndrome-1", "Hyper IgM syndrome 1"),
    Said("the group is called hyper IgM syndrome", f"{GROUP}#hyper-igm-syndrome-spaced", "name-on-a-web-page"),
    Said("MeSH calls the group so", f"{GROUP}#hyper-igm-immunodeficiency-syndrome", "name-on-a-web-page", (2,)),
    Said("primary immunodeficiency is a name", f"{PRIMARY}#primary-immunodeficiency", "name-on-a-web-page", (1,)),
    Said("is a primary immunodeficiency", f"{TYPE_1}#primary-immunodeficiency", "classification-cited", (1,)),
    Said("is a primary immunodeficiency", f"{GROUP}#primary-immunodeficiency", "classification-cited", (1,)),
    Said("what a primary immunodeficiency is", f"{PRIMARY}#summary", "definition-cited", (1,)),
    Said("is inherited", f"{PRIMARY}#hereditary", "classification-cited", (1,)),
    Said("from parents to children", f"{HEREDITARY}#summary", "definition-cited", (1,)),
    *_level("IgM", "normal or elevated", "igm-normal-or-elevated"),
    *_level("IgG", "absent", "igg-absent"),
    *_level("IgA", "absent", "iga-absent"),
    *_level("IgE", "absent", "ige-absent"),
    Said("bacterial infections", f"{TYPE_1}#bacterial-infections", "infection-susceptibility", (2,), BACTERIAL),
    Said("bacterial infections", f"{GROUP}#bacterial-infections", "infection-susceptibility", (2,), BACTERIAL),
    Said("opportunistic ones", f"{TYPE_1}#opportunistic-infections-sometimes", "infection-susceptibility", (2,), OPPORTUNISTIC),
    Said("opportunistic ones", f"{GROUP}#opportunistic-infections", "infection-susceptibility", (2,), OPPORTUNISTIC),
    Said("five types, told apart by the mutated gene", f"{GROUP}#summary", "definition-cited", (2,)),
    *(Said("is one of the five", f"{each}#hyper-igm-group", "classification-cited", (2,)) for each in TYPES),
    Said("IVIG is the cornerstone", f"{TYPE_1}#ivig", "treatment-for-whom", (3, 4), CORNERSTONE),
    Said("supplies IgG", f"{TYPE_1}#ivig", "treatment-effects", (3, 4), {"effect": VOCAB + "supplies", "isotype": VOCAB + "IgG"}),
    Said("lowers IgM", f"{TYPE_1}#ivig", "treatment-effects", (3, 4), {"effect": VOCAB + "lowers", "isotype": VOCAB + "IgM"}),
    Said("G-CSF for neutropenia", f"{TYPE_1}#g-csf", "treatment-for-whom", (4,), G_CSF),
    Said("antibiotics", f"{TYPE_1}#antibiotics", "treatment-for-whom", (4,), {"against": "Pneumocystis jirovecii pneumonia"}),
    Said("antibiotics", f"{TYPE_1}#antibiotics", "infection-prevention", (4,), ANTIBIOTICS),
    Said("most children do well", f"{TYPE_1}#most-children-respond", "prognosis-for-whom", (3,), {"population": "most children"}),
]


@pytest.mark.parametrize("said", SEED, ids=lambda said: f"{said.question}: {said.what}: {said.fact}")
def test_what_the_page_says_comes_back(said: Said, asked_release: kg.Graph) -> None:
    """Each fact of the page is in the answer of its question, once for each reference that the page gives, read on the page."""
    base = asked_release.release.manifest["base"]
    cells = {column: cell.format(base=base) for column, cell in said.cells.items()}
    fact = f"{base}disease/{said.fact}"
    rows = [row for row in ask(asked_release, said.question) if fact in row.values() and cells.items() <= row.items()]
    cited = {(row["source"], row["via"]) for row in rows}
    if said.references:
        assert {(f"{base}source/{REFERENCES[number]}", f"{base}source/{PAGE}") for number in said.references} <= cited
    else:
        assert (f"{base}source/{PAGE}", "") in cited


def test_nothing_of_the_page_is_left_out(asked_release: kg.Graph) -> None:
    """The table above holds every fact that cites the page."""
    base = asked_release.release.manifest["base"]
    query = "SELECT DISTINCT ?fact ?page WHERE { ?line (rf:source|rf:via) ?page . ?fact rf:evidence ?line }"
    facts = {row["fact"] for row in rows_of(asked_release.query(query, {"page": f"{base}source/{PAGE}"}).serialize("csv").decode())}
    assert facts == {f"{base}disease/{said.fact}" for said in SEED}


def test_references_of_the_page(asked_release: kg.Graph) -> None:
    """The page's four references come back with title, publisher, date and day of access, and the page with its own date."""
    base = asked_release.release.manifest["base"]
    rows = ask(asked_release, "evidence-references-of-a-page", {"via": f"{base}source/{PAGE}"})
    assert {row["viaUpdated"] for row in rows} == {"2013-08-01"}
    institute = "National Institute of Child Health and Human Development (NICHD)"
    columns = ("title", "publisher", "issued", "accessed")
    assert {row["source"].removeprefix(f"{base}source/"): tuple(row[column] for column in columns) for row in rows} == {
        REFERENCES[1]: ("Primary Immunodeficiency", institute, "2008-04-07", "2010-10-12"),
        REFERENCES[2]: ("Hyper IgM Immunodeficiency Syndrome", "MeSH", "", "2008-04-16"),
        REFERENCES[3]: ("Primary Immunodeficiency Diseases: Some Examples", institute, "2008-04-07", "2008-04-16"),
        REFERENCES[4]: ("Hyper IgM Immunodeficiency", "Primary Immunodeficiency Resource Center", "2008", "2008-04-16"),
    }


def test_five_types_told_apart_by_gene(asked_release: kg.Graph) -> None:
    """The group has five types, and no two of them share a gene."""
    rows = ask(asked_release, "gene-tells-types-apart")
    assert sorted(row["disease"].rpartition("/")[2] for row in rows) == sorted(TYPES)
    genes = [row["gene"] for row in rows if row["gene"]]
    assert len(genes) == len(set(genes)) == 4
