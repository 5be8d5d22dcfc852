"""No question drops what turns a fact round or narrows it: that it is negated, disputed or withdrawn, and of whom or where it holds.

The facts are those of the project's own data and of the invented diseases, of every kind that the ontology has. One thing is added, to all
of them, or to each first, second or third of three; then all questions are asked. Kinds, qualifiers and their values come from ontology and
shapes.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store

import kg
from kg import vocabulary as v
from kg.dataset import Dataset, read_dataset
from kg.graph import follow
from tests.conftest import ROOT

RF: Final = "https://w3id.org/rarefacts/vocab#"
TRUE: Final = Literal(True)
SHARES: Final = {"all": slice(None), "first": slice(0, None, 3), "second": slice(1, None, 3), "third": slice(2, None, 3)}

ABOUT_EXCLUSIONS: Final = {
    "evidence-excluded": "fact",
    "phenotype-found-and-excluded": "fact",
    "infection-said-of-group-denied-of-type": "deniedFact",
}
"""Questions about what is not so, with the column of the facts that are negated: these, and none of the others."""
ABOUT_DISPUTES: Final = {"evidence-disputed", "phenotype-found-and-excluded"}
"""Questions about disputed facts and no others."""
WAIVERS: Final = {"evidence-waived-rules"}
"""Questions about decisions on facts, not about facts."""
ONLY_NAMED: Final = {*WAIVERS, "evidence-one-page-only"}
"""Questions that name a fact without telling what it says."""
SAID_OTHERWISE: Final = {
    "epidemiology-areas-differ": {"per"},
    "infection-prevention": {"target"},
    "inheritance-x-linked-recessive-absent-igg": {"level"},
}
"""Qualifiers that are worked into another column, that each row has one value of, or that stand in the question itself."""
BY_OTHER_FACTS: Final = {"classification-subtypes"}
"""Questions whose rows follow from other facts as well, however it stands with the one that says the same by itself."""

NARROWING: Final = {"target", "patients"}
"""Columns that tell of what and of whom a fact of the row is; the disease of the row may have a fact about the same thing besides."""

Term = NamedNode | Literal | BlankNode
Cells = dict[str, Term]
Added = Callable[["Fact"], Iterator[tuple[NamedNode, Term] | Quad]]


@dataclass(frozen=True)
class Fact:
    """A fact, its kind, and the graph that it is in."""

    iri: NamedNode
    kind: NamedNode
    graph: NamedNode


@dataclass
class World:
    """The questions' answers over facts some of which have something added, and what is to be known of the facts."""

    store: Store
    prefixes: dict[str, str]
    touched: set[NamedNode] = field(default_factory=set)

    def select(self, query: str) -> list[Cells]:
        """The rows of a query, without what is unbound."""
        found = self.store.query(query, prefixes=self.prefixes, use_default_graph_as_union=True)
        assert isinstance(found, QuerySolutions)
        names = [variable.value for variable in found.variables]
        return [{name: row[name] for name in names if row[name] is not None} for row in found]

    def answer(self, question: str) -> list[Cells]:
        """The rows of a question."""
        return self.select(kg.questions()[question].text)

    def having(self, pattern: str) -> set[Term]:
        """The facts of which a pattern holds."""
        return {row["fact"] for row in self.select(f"SELECT ?fact WHERE {{ ?fact rdf:subject ?any ; {pattern} }}")}

    @cached_property
    def facts(self) -> set[Term]:
        """All facts."""
        return set().union(*self.about.values())

    @cached_property
    def about(self) -> dict[tuple[Term, Term], set[Term]]:
        """The facts by their disease and what they say of it."""
        facts = defaultdict(set)
        for row in self.select("SELECT ?s ?o ?fact WHERE { ?fact rdf:subject ?s ; rdf:object ?o }"):
            facts[row["s"], row["o"]].add(row["fact"])
        return facts

    @cached_property
    def restrictions(self) -> dict[Term, set[tuple[str, Term]]]:
        """What restricts each fact: the name of the qualifier, and its value."""
        found = defaultdict(set)
        for row in self.select("SELECT ?fact ?q ?value WHERE { ?q a rf:RestrictiveQualifier . ?fact ?q ?value ; rdf:subject ?any }"):
            found[row["fact"]].add((v.local_name(row["q"].value), row["value"]))
        return found


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The project's own data and the invented diseases."""
    folder = tmp_path_factory.mktemp("everything")
    for each in (ROOT / "data", ROOT / "tests" / "world"):
        shutil.copytree(each, folder / "data", dirs_exist_ok=True)
    return read_dataset(folder / "data")


@pytest.fixture(scope="session")
def facts(everything: Dataset) -> list[Fact]:
    """All facts, those of a kind together."""
    query = f"SELECT * WHERE {{ GRAPH ?graph {{ ?fact a ?kind ; <{v.RDF_SUBJECT.value}> ?any }} }} ORDER BY ?kind ?fact"
    found = _filled(everything).query(query)
    assert isinstance(found, QuerySolutions)
    return [Fact(row["fact"], row["kind"], row["graph"]) for row in found]


@pytest.fixture(scope="session")
def world(everything: Dataset, facts: list[Fact]) -> Callable[[str, Added], World]:
    """By which something is added to some of the facts, and everything is derived."""

    @cache
    def make(which: str, added: Added) -> World:
        store = _filled(everything)
        some = facts[SHARES[which]]
        for fact in some:
            for each in added(fact):
                store.add(each if isinstance(each, Quad) else Quad(fact.iri, *each, fact.graph))
        follow(everything, store, "settling")
        follow(everything, store)
        return World(store, everything.ontology.prefixes.namespaces, {fact.iri for fact in some})

    return make


def _filled(dataset: Dataset) -> Store:
    store = Store()
    store.extend(dataset.ontology.quads())
    dataset.fill(store)
    return store


@cache
def qualifiers() -> dict[NamedNode, dict[NamedNode, Term]]:
    """For each kind of fact the restrictive qualifiers that its shape allows, each with a value that the shape allows."""
    store = Store()
    for path in (*(ROOT / "shapes").glob("*.ttl"), *(ROOT / "ontology").glob("*.ttl")):
        store.load(path=str(path), format=RdfFormat.TURTLE)
    found = store.query(f"""
        PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT ?kind ?path ?type (MAX(?listed) AS ?value) WHERE {{
          ?shape sh:targetClass ?kind ; sh:property ?property . ?property sh:path ?path . ?path a <{RF}RestrictiveQualifier> .
          OPTIONAL {{ ?property sh:datatype ?type }}
          OPTIONAL {{ ?property sh:in/rdf:rest*/rdf:first ?listed }}
        }} GROUP BY ?kind ?path ?type ORDER BY ?kind ?path""")
    assert isinstance(found, QuerySolutions)
    allowed: dict[NamedNode, dict[NamedNode, Term]] = defaultdict(dict)
    for row in found:
        name = v.local_name(row["path"].value)
        made: Term = NamedNode(f"https://example.org/{name}")
        if row["type"] is not None:
            made = (
                Literal(f"a {name} made up", language="en")
                if row["type"] == v.RDF_LANG_STRING
                else Literal("1234567", datatype=row["type"])
            )
        allowed[row["kind"]].setdefault(row["path"], row["value"] or made)
    return allowed


# what is added


def negated(fact: Fact) -> Iterator[tuple[NamedNode, Term] | Quad]:
    """That it is not so."""
    yield NamedNode(f"{RF}negated"), TRUE


def withdrawn(fact: Fact) -> Iterator[tuple[NamedNode, Term] | Quad]:
    """That it is stated no longer."""
    yield v.OWL_DEPRECATED, TRUE


def disputed(fact: Fact) -> Iterator[tuple[NamedNode, Term] | Quad]:
    """A work that says otherwise."""
    line = NamedNode(f"{fact.iri.value}.made-up")
    yield NamedNode(f"{RF}evidence"), line
    for predicate, value in (("direction", NamedNode(f"{RF}disputes")), ("source", NamedNode("https://example.org/work"))):
        yield Quad(line, NamedNode(RF + predicate), value, fact.graph)


def restricted(fact: Fact) -> Iterator[tuple[NamedNode, Term] | Quad]:
    """A value for each restrictive qualifier that its kind may have."""
    yield from qualifiers()[fact.kind].items()


# what must come of it


each_question = pytest.mark.parametrize("question", list(kg.questions()))
each_share = pytest.mark.parametrize("which", SHARES)


def named(row: Cells, facts: set[Term]) -> dict[str, Term]:
    """The facts that a row names, by the column."""
    return {column: term for column, term in row.items() if term in facts}


def told(row: Cells, about: dict[tuple[Term, Term], set[Term]]) -> Iterator[set[Term]]:
    """Of a row that names no fact: for each thing in it, the facts that say it of the row's disease, any of which the row may tell."""
    cells = (term for column, term in row.items() if not column.endswith("Label") and column not in NARROWING)
    return (about[row["disease"], term] for term in cells if "disease" in row and (row["disease"], term) in about)


def unmarked(world: World, question: str, marked: set[Term], mark: Term) -> list[Cells]:
    """The rows that tell a marked fact and do not say so."""
    found = []
    for row in world.answer(question) if question not in WAIVERS else ():
        names = set(named(row, world.facts).values())
        wrong = names & marked if names else {fact for facts in told(row, world.about) if facts <= marked for fact in facts}
        if wrong and mark not in row.values():
            found.append(row)
    return found


def test_each_kind_is_there(facts: list[Fact], everything: Dataset) -> None:
    """There are facts of every kind that the ontology has, at least three, so that one has something added while others have not."""
    kinds = {triple.subject for triple in everything.ontology.quads() if triple.predicate == v.RDFS_SUBCLASS_OF and triple.object == v.FACT}
    assert len(kinds) >= 13
    for which in SHARES.values():
        assert {fact.kind for fact in facts[which]} == kinds


def test_each_qualifier_is_there(everything: Dataset) -> None:
    """Every restrictive qualifier that the ontology has is one that some kind of fact may have, by its shape."""
    listed = {triple.subject for triple in everything.ontology.quads() if triple.object == v.RESTRICTIVE_QUALIFIER}
    assert len(listed) >= 9
    assert {each for allowed in qualifiers().values() for each in allowed} == listed


@pytest.mark.parametrize(
    ("added", "mark"), [(negated, TRUE), (disputed, NamedNode(f"{RF}disputed")), (withdrawn, NamedNode(f"{RF}withdrawn"))]
)
def test_marks_are_seen(added: Added, mark: Term, world: Callable[[str, Added], World]) -> None:
    """Some questions tell such facts, with what they are: else the tests below would find nothing in anything."""
    asked = world("all", added)
    assert [question for question in kg.questions() if any(mark in row.values() for row in asked.answer(question))]


@each_question
@each_share
def test_what_is_negated_is_told_as_negated(question: str, which: str, world: Callable[[str, Added], World]) -> None:
    """A row that tells a negated fact says that it is negated, and no other row does; what a question says is excluded is."""
    asked = world(which, negated)
    denied = asked.having("rf:negated true")
    column = ABOUT_EXCLUSIONS.get(question)
    if column is None:
        assert unmarked(asked, question, denied, TRUE) == []
    for row in asked.answer(question):
        names = named(row, asked.facts)
        if column is not None:
            assert {name for name, fact in names.items() if fact in denied} == {column}
        elif TRUE in row.values() and names:
            assert set(names.values()) <= denied


@each_question
@each_share
def test_what_is_disputed_is_told_as_disputed(question: str, which: str, world: Callable[[str, Added], World]) -> None:
    """A row that tells a disputed fact says that it is disputed, or the question is about nothing else."""
    asked = world(which, disputed)
    contested = asked.having("rf:status rf:disputed")
    if question in ABOUT_DISPUTES:
        assert {row["fact"] for row in asked.answer(question)} <= contested
    elif question not in BY_OTHER_FACTS:
        assert unmarked(asked, question, contested, NamedNode(f"{RF}disputed")) == []


@each_question
@each_share
def test_what_is_withdrawn_is_told_as_withdrawn(question: str, which: str, world: Callable[[str, Added], World]) -> None:
    """A row that tells a withdrawn fact says that it is withdrawn."""
    asked = world(which, withdrawn)
    if question not in BY_OTHER_FACTS:
        assert unmarked(asked, question, asked.having("rf:status rf:withdrawn"), NamedNode(f"{RF}withdrawn")) == []


@pytest.mark.parametrize("question", [name for name in kg.questions() if name not in ONLY_NAMED])
@each_share
def test_what_is_restricted_is_told_with_its_restrictions(question: str, which: str, world: Callable[[str, Added], World]) -> None:
    """What a question tells of a fact comes with each value of each restrictive qualifier of it, whether it has a label or not."""
    asked = world(which, restricted)
    beside: dict[Term, set[Term | str]] = defaultdict(set)
    groups: list[set[Term]] = []
    for row in asked.answer(question):
        names = set(named(row, asked.facts).values())
        of_row = [{name} for name in names] if names else list(told(row, asked.about))
        groups += of_row
        for fact in set().union(*of_row):
            beside[fact].update(row.values())
            beside[fact].update(word for cell in row.values() if isinstance(cell, Literal) for word in cell.value.split(" or "))
    left = SAID_OTHERWISE.get(question, set())

    def missing(fact: Term) -> set[tuple[str, Term]]:
        named = ((name, value) for name, value in asked.restrictions[fact] if name not in left)
        return {(name, value) for name, value in named if not {value, v.local_name(value.value)} & beside[fact]}

    assert [found for group in groups if all(found := [missing(fact) for fact in group])] == []
