"""The SPARQL 1.1 Protocol against the running server, case by case, and clients that people use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import rdflib
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

import kg
from kg.competency import questions
from kg.formats import GRAPH_OFFERS, GRAPHS, RESULT_OFFERS, RESULTS
from kg.serve.limits import Limits, table
from kg.serve.protocol import Question
from tests.serving import SERVE, Server, serving

W3C: dict[str, Any] = tomllib.loads((SERVE / "w3c.toml").read_text(encoding="utf-8"))
OURS: dict[str, Any] = tomllib.loads((SERVE / "protocol.toml").read_text(encoding="utf-8"))
CASES: dict[str, dict[str, Any]] = OURS | W3C["case"]
GRAPHS_OF_CASES = {"one": "MONDO_0010626", "two": "MONDO_0011528", "three": "MONDO_0011735", "none": "none"}
SD = "http://www.w3.org/ns/sparql-service-description#"


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served."""
    with serving(release.path, "--budget", "10000") as running:
        yield running


def test_the_cases_are_read() -> None:
    """Every test of the W3C's manifest is a case, in its order, and ours come on top."""
    assert list(W3C["case"]) == W3C["entries"] and len(W3C["entries"]) == 34
    assert len(OURS) >= 50 and not OURS.keys() & W3C["case"].keys()


@pytest.mark.parametrize("name", W3C["case"])
def test_what_differs_from_the_suite_is_said(name: str) -> None:
    """Where the status is of another class than the suite wants, the case says why; that is so for updates alone."""
    case = W3C["case"][name]
    as_wanted = str(case.get("status", 200))[0] == case["suite"][0]
    assert as_wanted != ("differs" in case)
    assert as_wanted or name.startswith("update_")
    assert "answer" in case or "types" in case or case.get("status", 200) >= 400


@pytest.mark.parametrize("name", CASES)
def test_protocol(name: str, server: Server, release: kg.Release) -> None:
    """Each request gets what its case says; each problem is problem details that agree with the status."""
    case = CASES[name]
    params, body = case.get("params", ""), case.get("body")
    for key, graph in GRAPHS_OF_CASES.items():
        iri = quote(f"{release.manifest['base']}graph/disease/{graph}", safe="")
        params, body = params.replace(f"{{{key}}}", iri), body.replace(f"{{{key}}}", iri) if body else body
    headers = {header.title(): case[header] for header in ("content_type", "accept") if header in case}
    method = case.get("method", "GET")
    sent = body.encode(case.get("encoding", "utf-8")) if body is not None else None
    answer = server.ask("/sparql" + (f"?{params}" if params else ""), method, sent, **headers)
    assert answer.status == case.get("status", 200), answer.body
    if "afterwards" in case:
        assert json.loads(server.query(case["afterwards"]).body)["boolean"] is False
    if answer.status >= 400:
        assert answer.type == "application/problem+json"
        if method != "HEAD":
            problem = json.loads(answer.body)
            assert problem["status"] == answer.status and problem["title"] and problem["detail"]
            assert problem["type"].endswith("/" + case.get("kind", "")) or "kind" not in case
            assert case.get("detail", "") in problem["detail"]
        return
    assert "type" not in case or answer.type == case["type"]
    assert answer.type in case.get("types", [answer.type])
    if "answer" in case:
        assert json.loads(answer.body)["boolean"] is case["answer"]
    if "rows" in case:
        assert len(json.loads(answer.body)["results"]["bindings"]) == case["rows"]


def test_a_mistake_has_its_place(server: Server) -> None:
    """The line and the column of a mistake are numbers for programs, and a text with a caret for people."""
    problem = json.loads(server.query("SELECT *\n{ ?s ?p\n  }").body)
    assert (problem["line"], problem["column"]) == (3, 3)
    assert problem["detail"].endswith("^")


@pytest.mark.parametrize("name", sorted(questions()))
def test_the_projects_questions_have_the_answers_of_kg_query(name: str, server: Server, release: kg.Release) -> None:
    """Over HTTP, in JSON, each question has the rows that ``kg query`` gives."""
    text = questions()[name].text
    answer = server.query(text, "application/sparql-results+json")
    assert answer.status == 200, answer.body
    over_http = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
    assert isinstance(over_http, QuerySolutions)
    names = [variable.value for variable in over_http.variables]
    ours = kg.open(release.path).query(text)
    assert [dict(zip(names, row, strict=True)) for row in over_http] == [{each: row[each] for each in names} for row in ours]


@pytest.mark.parametrize("offer", RESULT_OFFERS, ids=lambda offer: offer.name)
def test_rows_read_back(offer: Any, server: Server) -> None:
    """Every format of rows can be read, and has all of them."""
    answer = server.query("SELECT ?s ?label { ?s rdfs:label ?label } ORDER BY ?s ?label LIMIT 50", offer.media_type)
    if offer.name == "csv":
        assert answer.body.count(b"\r\n") == 51
        return
    read = parse_query_results(answer.body, format=RESULTS[offer.name])
    assert isinstance(read, QuerySolutions) and len(list(read)) == 50


@pytest.mark.parametrize("offer", GRAPH_OFFERS, ids=lambda offer: offer.name)
def test_graphs_read_back(offer: Any, server: Server) -> None:
    """Every format of graphs can be read, and they all say the same."""
    query = "CONSTRUCT { ?s rdfs:label ?label } { ?s rdfs:label ?label }"
    [rdf] = [format.rdf for format in GRAPHS if format.name == offer.name]
    triples = {quad.triple for quad in parse(server.query(query, offer.media_type).body, format=rdf)}
    lines = server.query(query, "application/n-triples").body
    assert triples == {quad.triple for quad in parse(lines, format=RdfFormat.N_TRIPLES)} and len(triples) > 100
    assert server.query(query, offer.media_type).body == server.query(query, offer.media_type).body


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (r'SELECT ("a\r\nb\rc\td" AS ?x) {}', "application/sparql-results+xml"),
        (r'CONSTRUCT { <http://e/s> <http://e/p> "a\r\nb\rc\td" } {}', "application/rdf+xml"),
    ],
)
def test_xml_says_every_end_of_a_line(query: str, accept: str, server: Server) -> None:
    """A carriage return is a reference, since readers of XML take a bare one for the end of a line (XML 1.0, 2.11)."""
    read = ElementTree.fromstring(server.query(query, accept).body)  # noqa: S314 (our own)
    texts = [element.text for element in read.iter()]
    assert "a\r\nb\rc\td" in texts


def test_an_answer_that_is_kept_is_not_sent_again(server: Server) -> None:
    """Answers have a strong tag, other per format; who has the bytes gets 304. What changes from time to time is asked anew."""
    path = "/sparql?query=" + quote("SELECT ?s { ?s a rf:Disease }")
    json_, csv = server.ask(path), server.ask(path, Accept="text/csv")
    assert json_.headers["etag"] != csv.headers["etag"]
    again = server.ask(path, If_None_Match=json_.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", json_.headers["etag"])
    assert server.ask(path, If_Match=json_.headers["etag"]).body == json_.body
    bodies = {server.query("SELECT (STRUUID() AS ?x) {}").body for _ in range(3)}
    assert len(bodies) == 3


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"If_Match": '"x"'}, 412),
        ("GET", {"If_Match": "TAG"}, 200),
        ("GET", {"If_Match": '"x"', "If_None_Match": "TAG"}, 412),
        ("HEAD", {"If_Match": '"x"'}, 412),
        ("POST", {"If_Match": '"x"'}, 412),
        ("POST", {"If_Match": "*"}, 200),
        ("POST", {"If_None_Match": "TAG"}, 412),
        ("POST", {"If_None_Match": '"x"'}, 200),
        ("QUERY", {"If_Match": '"x"'}, 412),
        ("QUERY", {"If_None_Match": "TAG"}, 304),
        ("QUERY", {"If_None_Match": '"x"'}, 200),
    ],
)
def test_an_answer_may_be_wanted_on_a_condition(method: str, headers: dict[str, str], status: int, server: Server) -> None:
    """Preconditions are heeded whatever the method (RFC 9110, 13.1), after all else (13.2.1): a query that fails does so as without."""
    text = "SELECT ?s { ?s a rf:Disease }"
    tag = server.query(text).headers["etag"]
    given = {name: value.replace("TAG", tag) for name, value in headers.items()}
    for query, expected in ((text, status), ("SELECT", 400)):
        if method in ("GET", "HEAD"):
            answer = server.ask(f"/sparql?query={quote(query)}", method, **given)
        else:
            answer = server.ask("/sparql", method, query, Content_Type="application/sparql-query", **given)
        assert answer.status == expected
        if expected == 412 and method != "HEAD":
            assert json.loads(answer.body)["type"].endswith("/precondition-failed")


def test_the_endpoint_describes_itself(server: Server, release: kg.Release) -> None:
    """The service description says language, formats, the union graph and every limit, and has the VoID and the questions."""
    answer = server.ask("/sparql", Accept="text/turtle")
    graph = rdflib.Graph().parse(answer.body, format="turtle")
    endpoint = rdflib.URIRef(release.manifest["base"] + "sparql")
    assert (endpoint, rdflib.URIRef(SD + "feature"), rdflib.URIRef(SD + "UnionDefaultGraph")) in graph
    assert len(list(graph.objects(endpoint, rdflib.URIRef(SD + "resultFormat")))) == len(RESULTS) + len(GRAPHS)
    names = {str(name) for name in graph.objects(None, rdflib.URIRef("http://schema.org/name"))}
    assert {limit.name for limit in table(Limits())} <= names
    void = rdflib.Graph().parse(release.path / "void.ttl")
    assert all(triple in graph for triple in void)
    executable = rdflib.URIRef("http://www.w3.org/ns/shacl#SPARQLExecutable")
    assert len(list(graph.subjects(rdflib.RDF.type, executable))) == len(questions())


def test_what_an_endpoint_takes_is_said(server: Server) -> None:
    """OPTIONS says the methods, and Accept-Query (RFC 10008) what QUERY takes."""
    headers = server.ask("/sparql", "OPTIONS").headers
    assert headers["allow"] == "GET, HEAD, OPTIONS, POST, QUERY" and "application/sparql-query" in headers["accept-query"]


# Clients


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("how", ["urlencoded", POSTDIRECTLY])
def test_sparqlwrapper(method: str, how: str, server: Server) -> None:
    """SPARQLWrapper gets rows, truth values and graphs, in each of its formats, by GET, form and direct POST."""
    wrapper: Any = SPARQLWrapper(server.url + "sparql")
    wrapper.setMethod(method)
    wrapper.setRequestMethod(how)
    wrapper.setQuery("SELECT ?s { ?s a <https://w3id.org/rarefacts/vocab#Disease> }")
    wrapper.setReturnFormat(JSON)
    assert len(wrapper.queryAndConvert()["results"]["bindings"]) == 8
    wrapper.setReturnFormat(XML)
    assert len(wrapper.queryAndConvert().getElementsByTagName("result")) == 8
    wrapper.setReturnFormat(CSV)
    assert wrapper.queryAndConvert().count(b"\r\n") == 9
    wrapper.setReturnFormat(TSV)
    assert wrapper.queryAndConvert().count(b"\n") == 9
    wrapper.setQuery("CONSTRUCT WHERE { ?s a <https://w3id.org/rarefacts/vocab#Disease> }")
    read = {TURTLE: RdfFormat.TURTLE, N3: RdfFormat.N3, JSONLD: RdfFormat.JSON_LD, RDFXML: RdfFormat.RDF_XML, XML: RdfFormat.RDF_XML}
    for wanted, format in read.items():
        wrapper.setReturnFormat(wanted)
        assert len(list(parse(wrapper.query().response.read(), format=format))) == 8, wanted


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflibs_store(method: Any, server: Server) -> None:
    """rdflib's SPARQLStore reads the endpoint like a graph."""
    store = SPARQLStore(server.url + "sparql", method=method, returnFormat="json")
    graph = rdflib.Graph(store)
    disease = rdflib.URIRef("https://w3id.org/rarefacts/vocab#Disease")
    assert len(list(graph.subjects(rdflib.RDF.type, disease))) == 8
    [row] = graph.query("SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/rarefacts/vocab#Disease> }")
    assert row[0].toPython() == 8  # type: ignore[index,union-attr]


def test_curl(server: Server) -> None:
    """curl follows a thing to its document, and posts a query as people write it."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed (Debian: curl)")
    followed = [curl, "-sfL", "-H", "Accept: text/turtle", f"{server.url}disease/MONDO_0010626"]
    assert b"@prefix" in subprocess.run(followed, capture_output=True, check=True).stdout
    asked = [curl, "-sf", "-H", "Accept: text/csv", "--data-urlencode", "query=SELECT ?s { ?s a rf:Disease }", f"{server.url}sparql"]
    assert subprocess.run(asked, capture_output=True, check=True).stdout.count(b"\r\n") == 9


def test_comunica(server: Server) -> None:
    """Comunica finds out by itself what is at an address, the endpoint, a document of a thing, a dump, and reads the same triples there."""
    disease, names = "https://w3id.org/rarefacts/vocab#Disease", "SELECT DISTINCT ?a ?b ?c { ?a ?b ?c FILTER(isIRI(?a) && isIRI(?c)) }"
    rows = f"SELECT ?disease {{ ?disease a <{disease}> }}"
    found, yes, no, graph = _comunica(
        server,
        ("rows", "sparql", rows),
        ("truth", "sparql", f"ASK {{ ?s a <{disease}> }}"),
        ("truth", "sparql", "ASK { ?s a <http://example.org/Nothing> }"),
        ("graph", "sparql", f"CONSTRUCT WHERE {{ ?s a <{disease}> }}"),
    )
    expected = [row["disease"]["value"] for row in json.loads(server.query(rows).body)["results"]["bindings"]]
    assert found == sorted(f"<{iri}>" for iri in expected) and (yes, no) == (True, False)
    assert graph == sorted(f"<{iri}> <{rdflib.RDF.type}> <{disease}>" for iri in expected)
    same = {
        "disease/MONDO_0010626": "disease/MONDO_0010626.nt",  # by negotiation, JSON-LD
        "source/pirc-2008": "source/pirc-2008.nt",  # by negotiation, JSON-LD
        "vocab/treatment": "vocab/treatment.ttl",  # by negotiation, Turtle
        "dataset/rarefacts": "void.ttl",
        "disease/MONDO_0010626?format=ttl": "disease/MONDO_0010626.nt",
        "rarefacts.jsonld": "rarefacts.nq",
        "rarefacts.nq": "rarefacts.nq",
        "rarefacts.trig": "rarefacts.nq",
    }
    for answer, (source, file) in zip(_comunica(server, *(("rows", source, names) for source in same)), same.items(), strict=True):
        assert answer == _named(server.ask(f"/{file}").body, file), source


def _comunica(server: Server, *asked: tuple[str, str, str]) -> list[Any]:
    folder, node = os.environ.get("KG_COMUNICA"), shutil.which("node")
    if folder is None or node is None:
        pytest.skip("set KG_COMUNICA to a folder where npm installed @comunica/query-sparql, and install node")
    sent = json.dumps([(kind, server.url + source, query) for kind, source, query in asked])
    done = subprocess.run([node, str(SERVE / "comunica.mjs")], input=sent, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def _named(body: bytes, file: str) -> list[str]:
    """The triples of a file of names only, as the script writes them."""
    triples = {quad.triple for quad in parse(body, format=RdfFormat.from_extension(file.rpartition(".")[2]))}
    named = [triple for triple in triples if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode)]
    assert named
    return sorted(f"{triple.subject} {triple.predicate} {triple.object}" for triple in named)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?t) {}",
        "SELECT (now # the time\n () AS ?t) {}",
        "SELECT (UUID#\n() AS ?u) {}",
        "SELECT (STRUUID () AS ?u) {}",
        "SELECT (COUNT(DISTINCTRAND()) AS ?n) {}",
        "SELECT (BNODE(\n) AS ?b) {}",
        "SELECT (\\u004eOW() AS ?t) {}",
    ],
)
def test_what_changes_is_answered_anew(query: str) -> None:
    """No answer is kept of a query that may have another one each time, however the function is written."""
    assert not Question(query, None, None, True, None, None).repeats


@pytest.mark.parametrize("query", ["SELECT ?now {}", "SELECT * { ?s rf:now ?o }", "SELECT * { ?s ?p 'nowhere' . ?rand ?p ?o }"])
def test_what_stays_the_same_is_kept(query: str) -> None:
    """A name or a text that looks like such a function keeps no answer from being kept."""
    assert Question(query, None, None, True, None, None).repeats
