"""The reference pages: each term, each rule and each question has its place, says what it is, and is only text."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import html5lib
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple
from rdflib import RDF, SH, URIRef
from rdflib.compare import isomorphic

import kg
from kg import vocabulary as v
from kg.competency import Question, questions
from kg.demands import Demand, demands
from kg.examples import Examples
from kg.formats import GRAPH_OFFERS, RESULT_OFFERS
from kg.modules import modules
from kg.ontology import Ontology
from kg.publish.answers import Answer, answer
from kg.publish.asked import ROWS_SHOWN, Asked
from kg.publish.content import Content
from kg.publish.file import Body, File
from kg.publish.frame import site_of
from kg.publish.library import Library
from kg.publish.question_pages import question_pages
from kg.publish.reference import reference, shapes_page, vocabulary_pages
from kg.publish.templating import environment
from kg.publish.written import Written
from kg.quads import Quads
from kg.serve.about import about
from tests.conftest import ROOT
from tests.contents import content_of, other, stated
from tests.markup import KEPT, Tokens, tokens
from tests.payloads import PAYLOADS

Element = Any
MODULES = sorted(path.stem for path in (ROOT / "ontology").glob("*.ttl"))
SHAPES = sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl"))
QUESTIONS = sorted(path.stem for path in (ROOT / "tests" / "questions").glob("*.rq"))


def _parse(body: bytes) -> Element:
    return html5lib.parse(body.decode("utf-8"), namespaceHTMLElements=False)


def _ids(page: Element) -> list[str]:
    return [element.get("id") for element in page.iter() if element.get("id")]


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _words(element: Element) -> str:
    """The text of an element, with a blank where one element ends and another begins."""
    return " ".join(" ".join(element.itertext()).split()).replace(" ,", ",")


def _graph(*paths: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in paths:
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def page(release: kg.Release) -> Callable[[str], Element]:
    """A page of the release, as a browser's parser sees it, by path."""
    found: dict[str, Element] = {}

    def read(path: str) -> Element:
        if path not in found:
            found[path] = _parse((release.path / path).read_bytes())
        return found[path]

    return read


@pytest.fixture(scope="module")
def content(data: Path) -> Content:
    """The graph that the release is made of."""
    return content_of(data)


# the vocabulary


@pytest.mark.parametrize("stem", MODULES)
def test_every_term_has_its_anchors(page: Callable[[str], Element], stem: str) -> None:
    """Each term that a module declares has one entry on the module's page and one in vocab.html, where its IRI leads."""
    graph = _graph(ROOT / "ontology" / f"{stem}.ttl")
    own = {str(s).removeprefix(v.RF) for s in graph.subjects(RDF.type, None) if str(s).startswith(v.RF)}
    assert own or stem == "prefixes"
    for path in ("vocab.html", f"vocab/{stem}.html"):
        ids = _ids(page(path))
        assert {name: ids.count(name) for name in own} == dict.fromkeys(own, 1), path


def test_vocab_html_has_no_other_terms(page: Callable[[str], Element]) -> None:
    """As many entries in vocab.html as in the modules together."""
    ids = [each for each in _ids(page("vocab.html")) if not each.startswith(":")]
    entries = [e.get("id") for stem in MODULES for e in page(f"vocab/{stem}.html").iter("article")]
    assert sorted(ids) == sorted(entries)
    assert len(ids) > 170


@pytest.mark.parametrize(
    ("path", "anchor", "shown"),
    [
        ("vocab/treatment.html", "Treatment", ["sub-class of fact", "relations contraindicated", "fields intent, action", "ivig:"]),
        ("vocab/treatment.html", "Treatment", ["judged by Treatment, treats-and-contraindicated", "record key treatment"]),
        ("vocab/treatment.html", "treatedBy", ["in records treats", "close match schema:possibleTreatment, biolink:treated_by"]),
        ("vocab/treatment.html", "appliesTo", ["is a restrictive qualifier", "values term", "used by treatment", "appliesTo: HP:0001875"]),
        ("vocab/immunoglobulin.html", "Level", ["individuals absent, elevated, low, normal", "values of level"]),
        ("vocab/immunoglobulin.html", "absent", ["is a level", "narrower than low", "None is found, or next to none."]),
        ("vocab/immunoglobulin.html", "low", ["includes absent", "judged by immunoglobulin-level"]),
        ("vocab/immunoglobulin.html", "HP:0004315", ["isotype of the phenotype IgG"]),
        ("vocab/core.html", "dcterms:source", ["in records sources", "values source", "defined at http://purl.org/dc/terms/source"]),
    ],
)
def test_what_an_entry_says(page: Callable[[str], Element], path: str, anchor: str, shown: list[str]) -> None:
    """Hierarchy, words in records, fields, rules, individuals, mappings and an example are words on the page."""
    [entry] = [e for e in page(path).iter("article") if e.get("id") == anchor]
    assert [part for part in shown if part not in _words(entry)] == []


def test_the_examples_are_records(data: Path, content: Content, tmp_path: Path) -> None:
    """There is an example of each kind of fact, and kg reads all of them, as they stand on the pages, without a complaint."""
    folder = shutil.copytree(data, tmp_path / "data")
    shutil.rmtree(folder / "diseases")
    (folder / "diseases").mkdir()
    library = Library.of(content)
    examples = Examples(content.by_subject, library.naming, ())
    kinds = content.dataset.ontology.kinds.values()
    record = "disease: MONDO_0010626\nmodified: 2026-11-22\nchecked: 2026-11-22\n" + "".join(f"{examples.fact(k.iri)}\n" for k in kinds)
    (folder / "diseases" / "x.yaml").write_text(record, encoding="utf-8")
    report = kg.check(folder)
    assert report.dataset is not None
    assert [str(problem) for problem in report.problems if problem.reading] == []
    assert len({quad.subject for quad in report.dataset.quads if quad.predicate == v.RDF_SUBJECT}) == len(kinds) == 13


def test_the_vocabulary_for_programs(release: kg.Release) -> None:
    """vocab.ttl is the whole ontology, and each module's file the module, as rdflib reads them."""
    for stem in MODULES:
        assert isomorphic(_graph(release.path / "vocab" / f"{stem}.ttl"), _graph(ROOT / "ontology" / f"{stem}.ttl"))
    files = [*(ROOT / "ontology").glob("*.ttl"), *(ROOT / "ontology" / "alignments").glob("*.ttl")]
    assert isomorphic(_graph(release.path / "vocab.ttl"), _graph(*files))


# the rules


def _shapes() -> rdflib.Graph:
    return _graph(*(ROOT / "shapes" / f"{stem}.ttl" for stem in SHAPES))


def test_every_rule_has_its_anchor(page: Callable[[str], Element]) -> None:
    """Each shape with a name has one entry in shapes.html, under the name that kg check prints; no entry is of anything else."""
    graph = _shapes()
    named = {s for cls in (SH.NodeShape, SH.PropertyShape) for s in graph.subjects(RDF.type, cls) if isinstance(s, URIRef)}
    entries = [e.get("id") for e in page("shapes.html").iter("article")]
    assert sorted(entries) == sorted(v.local_name(str(s)) for s in named)
    assert len(entries) > 140
    assert set(entries) <= set(_ids(page("shapes.html")))


def test_every_query_is_shown(page: Callable[[str], Element]) -> None:
    """The SPARQL of each constraint stands in the entry of its shape, unchanged."""
    found = {e.get("id"): ["".join(code.itertext()) for pre in e.iter("pre") for code in pre] for e in page("shapes.html").iter("article")}
    graph = _shapes()
    wanted: dict[str, list[str]] = {name: [] for name in found}
    for shape, node in graph.subject_objects(SH.sparql):
        wanted[v.local_name(str(shape))].append(str(graph.value(node, SH.select)).strip("\n"))
    assert found == {name: sorted(queries) for name, queries in wanted.items()}
    assert sum(map(len, found.values())) > 40


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "fact-has-evidence",
            ["cites no source; add evidence: with the key of a work", "has at least one value", "in records evidence", "every fact"],
        ),
        ("immunoglobulin-level", ["has at least one value", "is one of absent, low, normal, elevated", "in records level"]),
        ("treatment-action", ["has exactly one value", "is an IRI", "matches the pattern ^https?://", "in records action"]),
        ("affected", ["has at most one value", "is at least 0", "is of the datatype xsd:integer"]),
        ("affected-within-total", ["is not more than total"]),
        ("one-effect", ["has no value in common with raises", "has no value in common with supplies"]),
        ("regimen", ["is not empty", "has no two values in one language"]),
        ("Treatment", ["has no other property than those of its fields and", "treatment-intent, treatment-action, agent"]),
        ("two-exact-matches", ["warning", "is not found by the query below"]),
        ("evidence-of-a-fact", ["that which points to it by evidence"]),
        ("total-with-affected", ["whatever has the property total"]),
    ],
)
def test_what_a_rule_says(page: Callable[[str], Element], name: str, shown: list[str]) -> None:
    """Who gets an error finds what is judged, what is demanded, how it is written in a record, and the message."""
    [entry] = [e for e in page("shapes.html").iter("article") if e.get("id") == name]
    assert [part for part in shown if part not in _words(entry)] == []


PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix x: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."""
IRI = NamedNode("https://example.org/a")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("sh:minCount 2 ; sh:maxCount 2", [Demand("has exactly 2 values")]),
        ("sh:minCount 0 ; sh:maxCount 3", [Demand("has at most 3 values")]),
        ("sh:maxCount 0", [Demand("has no value")]),
        ("sh:closed true", [Demand("has no other property than those of its fields")]),
        ("sh:closed false", []),
        ("sh:uniqueLang false", []),
        ("sh:pattern '^a' ; sh:flags 'i'", [Demand("matches the pattern (flags i)", code="^a")]),
        ("sh:hasValue x:a", [Demand("has among its values", (IRI,))]),
        ("sh:not [ sh:class x:a ]", [Demand("does not conform to", nested=((Demand("is an instance of", (IRI,)),),))]),
        (
            "sh:or ( [ sh:nodeKind sh:IRI ] x:a )",
            [Demand("conforms to at least one of", (IRI,), nested=((Demand("is an IRI"),),))],
        ),
        ("sh:languageIn ( 'en' 'de' )", [Demand("is in one of the languages", (Literal("en"), Literal("de")))]),
        ("sh:minExclusive 1", [Demand("is more than", (Literal("1", datatype=v.XSD_INTEGER),))]),
        ("sh:deactivated true", [Demand("deactivated:", (Literal("true", datatype=v.XSD_BOOLEAN),))]),
        ("sh:name 'n' ; sh:order 1 ; sh:message 'm'", []),
    ],
)
def test_demands_in_words(said: str, words: list[Demand]) -> None:
    """Each constraint of SHACL Core has words; one that has none is named rather than passed over."""
    graph = rdflib.Graph().parse(data=f"{PREFIXES}\nx:shape sh:path x:p ; {said} .", format="turtle")
    assert list(demands(graph, URIRef("https://example.org/shape"))) == words


def test_the_rules_of_the_reader(page: Callable[[str], Element]) -> None:
    """Every rule that the code names where it refuses a file or a waiver is in shapes.html, and no other name is."""
    named = {"closed"}
    for path in (ROOT / "kg").glob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
            function = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
            if re.search(r"problem|Error$|error_at|refuse|_fatal|about_waiver", function, re.IGNORECASE):
                texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                named |= {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}
    [section] = [e for e in page("shapes.html").iter("section") if e.get("aria-labelledby") == ":reading"]
    shown = {e.get("id") for e in section.iter("div") if e.get("id")}
    assert len(named) > 25
    assert named <= set(_ids(page("shapes.html")))
    assert shown <= named


def test_which_rules_nobody_may_waive(page: Callable[[str], Element]) -> None:
    """shapes.html marks the rules that are never waived, as their shapes say, and no other."""
    marked = {e.get("id") for e in page("shapes.html").iter("article") if any(span.text == "never waived" for span in e.iter("span"))}
    said = {v.local_name(str(shape)) for shape in _shapes().subjects(URIRef(v.NEVER_WAIVED.value), rdflib.Literal(True))}
    assert "fact-has-evidence" in marked
    assert marked == said


def test_the_rules_for_programs(release: kg.Release) -> None:
    """shapes.ttl is all shapes, as rdflib reads them."""
    assert isomorphic(_graph(release.path / "shapes.ttl"), _shapes())


# the questions


def test_every_question_is_listed(page: Callable[[str], Element]) -> None:
    """questions.html leads to the page of each question, by its sentence, with the number of its rows."""
    links = {a.get("href"): a.text for a in page("questions.html").iter("a") if str(a.get("href")).startswith("question/")}
    assert links == {f"question/{question.name}.html": question.title for question in questions().values()}
    assert [h.text for h in page("questions.html").iter("h2")][-1] == "Evidence"
    assert "14 rows" in _text(page("questions.html"))


def test_the_query_page_knows_what_the_endpoint_knows(release: kg.Release, page: Callable[[str], Element]) -> None:
    """It offers each question, lists the prefixes that the endpoint takes from the release, and has every format."""
    tree = page("query.html")
    offered = {option.get("value"): option.text for option in tree.iter("option")}
    assert {name: offered[name] for name in QUESTIONS} == {name: question.title for name, question in questions().items()}
    [table] = [each for each in tree.iter("table") if each.get("id") == ":prefixes"]
    shown = ["".join(cell.itertext()) for cell in table.iter() if cell.tag == "code"]
    known = about(release).prefixes.namespaces
    assert dict(zip((prefix.removesuffix(":") for prefix in shown[::2]), shown[1::2], strict=True)) == known and "rf" in known
    formats = [link.get("data-format") for link in tree.iter("a") if link.get("data-format")]
    assert formats == [offer.name for offer in (*RESULT_OFFERS, *GRAPH_OFFERS)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_answered(release: kg.Release, page: Callable[[str], Element], name: str) -> None:
    """The page has as many rows as the answer, at most 200; the CSV beside it is that of kg query, and the query is the query."""
    answer = kg.open(release.path).query(name).serialize("csv")
    rows = len(answer.decode().splitlines()) - 1
    shown = [row for body in page(f"question/{name}.html").iter("tbody") for row in body.iter("tr")]
    assert len(shown) == min(rows, ROWS_SHOWN)
    assert (f"{rows} row" if rows else "no row of this release fits") in _text(page(f"question/{name}.html"))
    assert (release.path / "question" / f"{name}.csv").read_bytes() == answer
    text = (ROOT / "tests" / "questions" / f"{name}.rq").read_text(encoding="utf-8")
    assert (release.path / "question" / f"{name}.rq").read_text(encoding="utf-8") == text
    assert "".join(next(page(f"question/{name}.html").iter("pre")).itertext()).strip() == text.strip()


def test_what_a_row_shows(page: Callable[[str], Element]) -> None:
    """Diseases lead to their page, facts to their place on it, terms of ours to their entry, others to the web, by their labels."""
    table = next(page("question/treatment-for-whom.html").iter("table"))
    links = {(a.text, a.get("href")) for a in table.iter("a")}
    assert links >= {
        ("hyper-IgM syndrome type 1", "../disease/MONDO_0010626.html"),
        ("ivig", "../disease/MONDO_0010626.html#ivig"),
        ("treated by", "../vocab/treatment.html#treatedBy"),
        ("IgG", "../vocab/immunoglobulin.html#IgG"),
        ("bone marrow transplantation", "http://purl.obolibrary.org/obo/MAXO_0010030"),
    }
    assert "diseaseLabel" not in [th.text for th in table.iter("th")]
    [ja] = {
        e.get("lang") for e in next(page("question/name-in-a-language.html").iter("table")).iter("bdi") if e.text == "HIGM症候群1型"
    } or {"ja"}
    assert ja == "ja"


def _pages(content: Content, found: Iterable[Asked]) -> dict[str, bytes]:
    return _written(question_pages(environment(), site_of(content), Library.of(content), found))


def _written(files: Iterable[tuple[str, Body]]) -> dict[str, bytes]:
    """The bytes of each file, as they are written."""
    found = {}
    for path, body in files:
        assert not isinstance(body, File)
        stream = BytesIO()
        stream.write(body) if isinstance(body, bytes) else body(stream)
        found[path] = stream.getvalue()
    return found


def test_long_answers_are_cut_and_empty_ones_said(content: Content, tmp_path: Path) -> None:
    """Of very many rows the page shows 200 and says how many there are; the CSV has all. No rows: the page says so."""
    rows = tuple((Literal(str(number), datatype=v.XSD_INTEGER),) for number in range(12_345))
    found = [
        Asked.of(Question("name-many", "Which are many?", "SELECT ?n {}"), Answer(("n",), rows), tmp_path / "many"),
        Asked.of(Question("name-none", "Which are none?", "SELECT ?n {}"), Answer(("n",), ()), tmp_path / "none"),
    ]
    pages = _pages(content, found)
    many, none = _parse(pages["question/name-many.html"]), _parse(pages["question/name-none.html"])
    assert len(list(next(many.iter("tbody")))) == ROWS_SHOWN
    assert "12,345 rows; here are the first 200" in _text(many)
    assert pages["question/name-many.csv"].count(b"\r\n") == 12_346
    assert "Nothing: no row of this release fits." in _text(none) and not list(none.iter("table"))
    assert pages["question/name-none.csv"] == b"n\r\n"
    assert "12,345 rows" in _text(_parse(pages["questions.html"])) and "no rows" in _text(_parse(pages["questions.html"]))


def test_only_a_column_of_texts_repeats_one_of_links(content: Content, tmp_path: Path) -> None:
    """A column that says what the links of another show is left out; not where one of its rows, also one not shown, has something else."""
    disease = content.diseases[0]
    label = Literal(_label(content, disease), language="en")
    texts = [(disease, label)] * ROWS_SHOWN
    found = [
        Asked.of(Question("name-a", "?", ""), Answer(("disease", "label"), (*texts, (disease, None))), tmp_path / "a"),
        Asked.of(Question("name-b", "?", ""), Answer(("disease", "label"), (*texts, (disease, disease))), tmp_path / "b"),
        Asked.of(Question("name-c", "?", ""), Answer(("disease", "label"), (*texts, (label, label))), tmp_path / "c"),
    ]
    pages = _pages(content, found)
    heads = {name: [th.text for th in _parse(pages[f"question/name-{name}.html"]).iter("th")] for name in "abc"}
    assert heads == {"a": ["disease"], "b": ["disease", "label"], "c": ["disease", "label"]}


def test_a_column_with_nothing_in_it_is_said_and_not_shown(content: Content, tmp_path: Path) -> None:
    """What no row shown has is no column of the page, nor said to be the same as another: a later row may have it, and the CSV does."""
    disease = content.diseases[0]
    rows = [(disease, None)] * ROWS_SHOWN
    found = [
        Asked.of(Question("name-later", "?", ""), Answer(("disease", "forWhom"), (*rows, (disease, Literal("men")))), tmp_path / "later"),
        Asked.of(Question("name-one", "?", ""), Answer(("disease", "forWhom"), ((disease, None),)), tmp_path / "one"),
    ]
    pages = {name: _parse(body) for name, body in _pages(content, found).items() if name.startswith("question/") and name.endswith("html")}
    assert [[th.text for th in page.iter("th")] for page in pages.values()] == [["disease"], ["disease"]]
    said = [_text(page) for page in pages.values()]
    assert (
        "None of these rows has forWhom." in said[0]
        and "It has no forWhom." in said[1]
        and not any("the same again" in each for each in said)
    )


def test_a_work_without_a_title_goes_by_its_identifier(content: Content) -> None:
    """A cell with a work that nothing names says which one it is as people do, not by its path."""
    value, works = Library.of(content).signpost.value, content.dataset.base + "source/"
    names = [value(NamedNode(works + name)).text for name in ("pmid-14663287", "pirc-2008")]
    assert names == ["PMID:14663287", "Hyper IgM Immunodeficiency"]


def _label(content: Content, node: NamedNode) -> str:
    return next(t.object.value for t in content.by_subject.labels(node) if isinstance(t.object, Literal) and t.object.language == "en")


@pytest.mark.parametrize(
    ("query", "columns", "rows"),
    [
        ("ASK { ?s ?p ?o }", ("answer",), ((Literal("true", datatype=v.XSD_BOOLEAN),),)),
        ("CONSTRUCT { ?s ?p 1 } { ?s ?p ?o }", ("subject", "predicate", "object"), ((IRI, IRI, Literal("1", datatype=v.XSD_INTEGER)),)),
        ("SELECT ?s ?none { ?s ?p ?o }", ("s", "none"), ((IRI, None),)),
        ("SELECT ?s { ?s rf:x ?o }", ("s",), ()),
    ],
)
def test_every_form_of_query_has_an_answer(content: Content, query: str, columns: tuple[str, ...], rows: tuple[Any, ...]) -> None:
    """SELECT, ASK and CONSTRUCT, over the union of the graphs, with the prefixes of the ontology."""
    store = Store()
    store.add(Quad(IRI, IRI, IRI, NamedNode("https://example.org/graph")))
    assert answer(store, Question("x", "X?", query), content.dataset.ontology) == Answer(columns, rows)


@pytest.mark.parametrize("query", ["SELECT", "SELECT ?x { ?x nowhere:y 1 }", "SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }"])
def test_a_question_that_cannot_be_asked_is_named(content: Content, query: str) -> None:
    """A broken query, an undeclared prefix, another endpoint: the message begins with the file."""
    with pytest.raises(kg.KgError, match=r"^sick\.rq: "):
        answer(content.store, Question("sick", "?", query), content.dataset.ontology)


# the same every time, and only text


ANONYMOUS = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix x: <https://example.org/> .
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
x:Fact a sh:NodeShape ; sh:targetClass rf:Fact ; sh:property [ sh:path x:a ; sh:maxCount 1 ], [ sh:path x:b ; sh:maxCount 2 ],
    [ sh:path x:c ; sh:minCount 1 ], [ sh:path x:d ; sh:not [ sh:class x:A ], [ sh:class x:B ], [ sh:class x:C ] ] .
"""


def test_same_graph_same_bytes(content: Content, tmp_path: Path) -> None:
    """Two runs over one graph give the same bytes, also where shapes have no names, which parsers call as they like."""
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "anonymous.ttl").write_text(ANONYMOUS, encoding="utf-8")
    dataset = replace(content.dataset, folder=tmp_path)
    one, two = (_written(reference(other(content, dataset), Written())) for _ in range(2))
    assert one == two
    [rule] = [e for e in _parse(one["shapes.html"]).iter("article") if e.get("id") == "https://example.org/Fact"]
    assert "for the property https://example.org/c has at least one value" in _words(rule)
    assert isomorphic(rdflib.Graph().parse(data=one["shapes.ttl"]), _graph(tmp_path / "shapes" / "anonymous.ttl") + _shapes())


_DISEASE = "disease/MONDO_0011971"


class Hostile:
    """The reference of a part of the data, in which every text ends in a payload; a number before it keeps the order of texts."""

    def __init__(self, content: Content) -> None:
        base, dataset = content.dataset.base, content.dataset
        self.content = content
        self.quads = [
            q for q in sorted(dataset.quads, key=str) if f"{base}disease/" not in str(q.subject) or f"{base}{_DISEASE}" in str(q.subject)
        ]
        whole = Library.of(content)
        self.vocabulary = tuple(each for each in whole.vocabulary if each.stem in ("immunoglobulin", "prefixes", "treatment"))
        self.shapes = {stem: whole.shapes[stem] for stem in ("derived", "immunoglobulin", "treatment")}
        names = ("evidence-disputed", "name-in-a-language", "prognosis-for-whom", "treatment-for-whom")
        self.asked = [each for each in content.asking.answers() if each.question.name in names]

    def pages(self, payload: str) -> dict[str, bytes]:
        """The pages when each text is its number and the payload."""
        numbers: dict[tuple[str, str | None], int] = {}

        def text(value: str, language: str | None) -> str:
            return f"{numbers.setdefault((value, language), len(numbers)):06d} {payload}"

        def changed(term: Any) -> Any:
            if not isinstance(term, Literal) or (term.language is None and term.datatype != v.XSD_STRING):
                return term
            said = text(term.value, term.language)
            return Literal(said, language=term.language) if term.language else Literal(said)

        dataset = self.content.dataset
        kept = {v.LANGUAGE, v.DISPLAY_ORDER, v.SH_PREFIX, v.SH_NAMESPACE, v.SHOWN_IN}
        quads = [q if q.predicate in kept else Quad(q.subject, q.predicate, changed(q.object), q.graph_name) for q in self.quads]
        triples = [t if t.predicate in kept else Triple(t.subject, t.predicate, changed(t.object)) for t in dataset.ontology.triples]
        content = stated(replace(dataset, quads=Quads(quads), ontology=Ontology(triples)))
        shapes = {}
        for stem, graph in self.shapes.items():
            shapes[stem] = rdflib.Graph()
            for s, p, o in sorted(graph, key=str):
                if isinstance(o, rdflib.Literal) and (o.language or o.datatype is None):
                    o = rdflib.Literal(text(str(o), o.language), lang=o.language)  # noqa: PLW2901
                shapes[stem].add((s, p, o))
        library, site, surroundings = Library(content, self.vocabulary, shapes), site_of(content), environment()
        found = [
            Asked.of(
                Question(each.question.name, text(each.question.title, ""), text(each.question.text, "")),
                Answer(each.answer.columns, tuple(tuple(map(changed, row)) for row in each.answer.rows[:5])),
                self.content.scratch.path / each.question.name,
            )
            for each in self.asked
        ]
        made = [*vocabulary_pages(surroundings, site, library), *shapes_page(surroundings, site, library)]
        return _written(chain(made, question_pages(surroundings, site, library, found)))


def _tree(element: Element) -> tuple[Any, ...]:
    """Elements and the names of their attributes; what stands in them is left out, but for where links lead."""
    names = [f"{name}={value}" if name in KEPT else name for name, value in element.attrib.items()]
    return element.tag if isinstance(element.tag, str) else "comment", tuple(sorted(names)), tuple(_tree(child) for child in element)


@pytest.fixture(scope="module")
def hostile(content: Content) -> Hostile:
    """The pages with payloads."""
    return Hostile(content)


@pytest.fixture(scope="module")
def harmless(hostile: Hostile) -> dict[str, tuple[Tokens | None, tuple[Any, ...]]]:
    """The tokens and the element tree of each page when all texts are harmless."""
    return {path: (tokens(body), _tree(_parse(body))) for path, body in hostile.pages("harmless").items() if path.endswith(".html")}


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_every_text_is_text(hostile: Hostile, harmless: dict[str, tuple[Tokens | None, tuple[Any, ...]]], payload: str) -> None:
    """With the payload in every text of data, ontology, shapes and questions, each page has the element tree of harmless text.

    From the same tokens follows the same tree. Where these are others, or a page is not written strictly, a browser's parser is asked.
    """
    pages = {path: body for path, body in hostile.pages(payload).items() if path.endswith(".html")}
    assert pages.keys() == harmless.keys()
    assert len(pages) == 11
    for path, body in pages.items():
        said, tree = harmless[path]
        assert (said is not None and tokens(body) == said) or _tree(_parse(body)) == tree, path


def test_payloads_are_everywhere(hostile: Hostile) -> None:
    """Labels, definitions, comments, messages, names of fields, titles of questions, queries, rows and examples hold the payload."""
    pages = {path: _text(_parse(body)) for path, body in hostile.pages("PAYLOAD").items() if path.endswith(".html")}
    assert all(text.count("PAYLOAD") > 5 for text in pages.values())
    for text in ("place in therapy", "The main treatment.", "needs one intent", "patients with neutropenia", "hyper-IgM"):
        assert [path for path, said in pages.items() if text in said] == []


def test_modules_of_one_stem_stand_together(tmp_path: Path) -> None:
    """A dataset may add to a module of kg's own; what both say is one module. Broken Turtle is named by file and line."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.ttl").write_text(f"<https://example.org/{name}> a <https://example.org/C> .", encoding="utf-8")
    [module] = modules([tmp_path / "a", tmp_path / "b"])
    assert [node.value for node in module.subjects] == ["https://example.org/a", "https://example.org/b"]
    (tmp_path / "b" / "sick.ttl").write_text("<a", encoding="utf-8")
    with pytest.raises(kg.KgError, match=r"sick\.ttl:1:"):
        modules([tmp_path / "b"])
