"""The query page in a real browser, before a running server: questions, answers, mistakes, limits, links to share, downloads.

Needs Debian's ``chromium``; ``KG_AXE`` names axe-core's ``axe.min.js``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

import kg
from kg.competency import questions
from kg.formats import GRAPH_OFFERS, RESULT_OFFERS
from kg.serve.limits import Limits, table
from tests.conftest import ROOT, complaints
from tests.payloads import PAYLOADS
from tests.serving import Server, serving

QUESTION = "treatment-for-whom"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LIMITS = {"timeout": 20.0, "budget": 600.0, "answer_size": 1.0, "in_flight": 1}


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served with limits of its own."""
    options = [text for name, value in LIMITS.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    with serving(release.path, "--workers", "2", *options) as running:
        yield running


@pytest.fixture
def asking(browser: Browser, server: Server) -> Iterator[Page]:
    """The query page. Whatever a test does there: nobody else is asked, and the console tells of nothing but refused queries."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}query")
    assert page.url == f"{server.url}query.html"
    yield page
    context.close()
    assert [text for text in said if not re.match(r"Failed to load resource: (.* of (400|413|429) |net::\w+)", text)] == []
    assert [url for url in asked if not url.startswith(server.url)] == []


def _run(page: Page, query: str) -> None:
    page.get_by_role("textbox", name="Query").fill(query)
    page.get_by_role("button", name="Run").click()


def _answered(page: Page) -> None:
    page.get_by_role("heading", name="Answer").wait_for()


def _editor(page: Page) -> str:
    return page.get_by_role("textbox", name="Query").input_value()


def _texts(page: Page, selector: str) -> list[str | None]:
    return [each.text_content() for each in page.locator(f"[id=':shown'] {selector}").all()]


@pytest.mark.parametrize("name", [QUESTION, "evidence-disputed", "name-in-a-language"])
def test_a_question_is_chosen_and_answered(asking: Page, name: str) -> None:
    """Choosing a question fills in its text; its answer has the rows that are expected of it."""
    asking.get_by_label("A question to begin with").select_option(name)
    asking.wait_for_url(f"**/query.html?question={name}")
    assert _editor(asking) == questions()[name].text
    asking.get_by_role("button", name="Run").click()
    _answered(asking)
    expected = list(csv.DictReader((ROOT / "tests" / "questions" / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
    assert asking.locator("[id=':shown'] tbody tr").count() == len(expected) > 0
    assert asking.get_by_role("status").inner_text().startswith(f"{len(expected)} row")
    assert [re.sub(r" .*", "", text or "") for text in _texts(asking, "thead th")] == list(expected[0])


def test_things_go_by_their_names_and_lead_to_their_pages(asking: Page, server: Server) -> None:
    """What is ours leads to this server, to the very fact; what is not, out of it; a name in the language of the dataset comes first."""
    iris = "<disease/MONDO_0010626> <disease/MONDO_0010626#ivig> rf:IgG MAXO:0001480 <urn:x:y>"
    _run(asking, f"SELECT ?it {{ VALUES ?it {{ {iris} }} }}")
    _answered(asking)
    links = [(a.text_content(), a.get_attribute("href"), a.get_attribute("rel")) for a in asking.locator("tbody a:visible").all()]
    assert links == [
        ("hyper-IgM syndrome type 1", "./disease/MONDO_0010626", None),
        ("disease/MONDO_0010626#ivig", "./disease/MONDO_0010626#ivig", None),
        ("IgG", "./vocab#IgG", None),
        ("immunoglobulin infusion therapy", "http://purl.obolibrary.org/obo/MAXO_0001480", "noopener"),
    ]
    assert _texts(asking, "td code") == ["disease/MONDO_0010626", "disease/MONDO_0010626#ivig", "rf:IgG", "MAXO:0001480", "<urn:x:y>"]
    asking.get_by_role("link", name="disease/MONDO_0010626#ivig").click()
    assert asking.url == f"{server.url}disease/MONDO_0010626.html#ivig"


def test_values_say_what_they_are(asking: Page) -> None:
    """Languages and datatypes are shown, numbers stand to the right, and what is unbound is said to be."""
    _run(asking, 'SELECT ("a"@ja AS ?l) (1.5 AS ?n) ?u { VALUES ?x { 1 2 } }')
    _answered(asking)
    assert _texts(asking, "thead th") == ["l ja", "n xsd:decimal", "u"]
    assert _texts(asking, "tbody td") == ["a", "1.5", "unbound"] * 2
    assert _texts(asking, "td.n") == ["1.5"] * 2
    _run(asking, 'SELECT ?v { VALUES ?v { "a"@ja "b"@en "c" 2 } }')
    asking.get_by_text("4 rows in").wait_for()
    assert _texts(asking, "tbody td") == ["a ja", "b en", "c", "2 xsd:integer"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("ASK { ?s rf:supplies rf:IgG }", "Yes."),
        ("ASK { ?s rf:supplies ?s }", "No."),
        ("SELECT * { ?s rf:supplies ?s }", "Nothing: no row fits."),
        ("CONSTRUCT { ?s ?p ?p } { ?s ?p ?p }", "Nothing: the graph is empty."),
        ("CONSTRUCT { rf:IgG rdfs:label ?l } { rf:IgG rdfs:label ?l }", "rf:IgG rdfs:label "),
    ],
)
def test_every_form_of_answer_is_shown(asking: Page, query: str, shown: str) -> None:
    """A truth value in a word, a graph as Turtle, and nothing as nothing."""
    _run(asking, query)
    _answered(asking)
    assert shown in asking.locator("[id=':shown']").inner_text()


def test_long_answers_say_that_they_are_cut(asking: Page) -> None:
    """Of many rows the first thousand are shown, of a long graph the beginning, and the page says so."""
    _run(asking, "SELECT ?s { ?s ?p ?o } LIMIT 2500")
    _answered(asking)
    assert asking.locator("tbody tr:visible").count() == 1000
    assert "These are the first 1,000 rows of 2,500; the downloads have all." in asking.locator("[id=':shown']").inner_text()
    _run(asking, "CONSTRUCT { ?s ?p ?o } { ?s a rf:Disease . ?s ?p ?o }")
    asking.get_by_text("A graph in").wait_for()
    assert "the downloads have the whole" not in asking.locator("[id=':shown']").inner_text()
    _run(asking, "CONSTRUCT { ?s ?p ?o } { { SELECT * { ?s ?p ?o } LIMIT 5000 } }")
    asking.get_by_text("This is the beginning; the downloads have the whole.").wait_for()


def test_a_mistake_is_shown_at_its_place(asking: Page) -> None:
    """The message stands under the editor, the line is marked, the caret is where the parser stopped, whatever came before."""
    query = 'SELECT ?s\nWHERE {\n  ?s rdfs:label "😀😀" ; a nope:Thing .\n}\n'
    _run(asking, query)
    asking.get_by_role("alert").wait_for()
    assert "line 3, column 36; the prefix nope: is not declared" in asking.get_by_role("alert").inner_text()
    assert asking.locator(".wrong").all_text_contents() == ["3"]
    assert asking.evaluate("document.activeElement.value.slice(document.activeElement.selectionStart)") == " .\n}\n"
    assert asking.get_by_role("textbox", name="Query").get_attribute("aria-invalid") == "true"
    asking.keyboard.type("x")
    assert asking.locator(".wrong").count() == 0 and not asking.get_by_role("alert").is_visible()


def test_a_limit_that_is_hit_is_told(asking: Page) -> None:
    """An answer that is too large is no answer: the page says how large it may be, and shows nothing of it."""
    _run(asking, "SELECT * { ?s ?p ?o }")
    asking.get_by_role("alert").wait_for()
    assert "the answer is larger than 1 MB, and nothing of it is sent" in asking.get_by_role("alert").inner_text()
    assert not asking.get_by_role("heading", name="Answer").is_visible()


def test_a_query_is_cancelled(asking: Page, server: Server) -> None:
    """A client may have one query at a time here: another is told when to try again, and is answered once the first is cancelled."""
    other = asking.context.new_page()
    other.goto(f"{server.url}query.html")
    with other.expect_request("**/sparql"):
        _run(other, SLOW)
    _run(asking, "ASK {}")
    asking.get_by_role("alert").wait_for()
    assert "you have 1 queries in flight" in asking.get_by_role("alert").inner_text()
    assert "Try again in 1 second." in asking.get_by_role("alert").inner_text()
    other.get_by_role("button", name="Cancel").click()
    other.get_by_text("Cancelled.").wait_for()
    assert not other.get_by_role("button", name="Cancel").is_visible()
    while b'{status="499"} 1' not in server.ask("/-/metrics").body:
        asking.wait_for_timeout(20)
    asking.get_by_role("button", name="Run").click()
    _answered(asking)


def test_a_network_that_is_gone_is_told(asking: Page) -> None:
    """Where the server cannot be reached, that is said."""
    asking.route("**/sparql", lambda route: route.abort())
    _run(asking, "ASK {}")
    asking.get_by_role("alert").wait_for()
    assert "cannot be reached" in asking.get_by_role("alert").inner_text()


def test_a_query_is_shared_by_its_address(asking: Page, server: Server) -> None:
    """The link has the query and runs nothing by itself; a reload keeps it; Back brings back what a question took the place of."""
    query = 'SELECT ?ü {\n  VALUES ?ü { "a+b&c=d#e%20" }\n}'
    asking.get_by_role("textbox", name="Query").fill(query)
    asking.get_by_role("button", name="Copy a link").click()
    asking.get_by_text("The link is copied.").wait_for()
    link = asking.evaluate("navigator.clipboard.readText()")
    other = asking.context.new_page()
    queries: list[Request] = []
    other.on("request", lambda request: queries.append(request) if request.url.endswith("/sparql") else None)
    other.goto(link)
    other.reload()
    assert _editor(other) == query and queries == []
    other.get_by_role("button", name="Run").click()
    _answered(other)
    assert other.locator("tbody bdi:visible").all_text_contents() == ["a+b&c=d#e%20"]
    other.get_by_label("A question to begin with").select_option(QUESTION)
    other.wait_for_url(f"**/query.html?question={QUESTION}")
    other.go_back()
    other.wait_for_url(link)
    assert _editor(other) == query


def test_a_question_page_leads_to_the_editor(asking: Page, server: Server) -> None:
    """The page of a question has a link by which it can be tried."""
    asking.goto(f"{server.url}question/{QUESTION}.html")
    asking.get_by_role("link", name="Try it").click()
    expect(asking.get_by_role("textbox", name="Query")).to_have_value(questions()[QUESTION].text)


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("SELECT ?s { ?s a rf:Disease }", [offer.media_type for offer in RESULT_OFFERS]),
        ("DESCRIBE rf:IgG", [offer.media_type for offer in GRAPH_OFFERS]),
    ],
)
def test_every_format_is_a_download(asking: Page, server: Server, query: str, types: list[str]) -> None:
    """An answer can be had in each format that the endpoint speaks, under a name with its extension."""
    _run(asking, query)
    _answered(asking)
    links = asking.locator("[data-downloads]:visible a").all()
    answers = [server.ask((each.get_attribute("href") or "").removeprefix(server.url.rstrip("/"))) for each in links]
    assert [(answer.status, answer.type) for answer in answers] == [(200, each) for each in types]
    with asking.expect_download() as download:
        links[-1].click()
    assert download.value.suggested_filename == links[-1].get_attribute("download")
    assert download.value.path().read_bytes() == answers[-1].body


def test_the_limits_are_those_of_the_server(asking: Page) -> None:
    """The table has each limit as this server has it, under the name of its option."""
    asking.get_by_text("Limits", exact=True).click()
    rows = asking.locator("[id=':limits-table'] tbody tr")
    rows.first.wait_for()
    shown = {row.locator("code").inner_text(): row.locator("td").inner_text() for row in rows.all()}
    assert shown == {each.name: f"{each.value:,g} {each.unit}".replace("e+06", "") for each in table(Limits(**LIMITS))}  # type: ignore[arg-type]


def test_whatever_comes_back_is_text(asking: Page, server: Server) -> None:
    """Texts that would be markup, in literals and in the message of a mistake, make no element; links are of the web, ours stay here."""
    texts = " ".join('"' + re.sub(r'(["\\])', r"\\\1", text).replace("\n", "\\n") + '"' for text in PAYLOADS)
    _run(asking, f"SELECT ?text {{ VALUES ?text {{ {texts} }} }}")
    asking.get_by_text(f"{len(PAYLOADS)} rows in").wait_for()
    assert _texts(asking, "td bdi") == PAYLOADS
    made = "[...new Set([...document.querySelectorAll('[id=\":shown\"] *')].map((each) => each.localName))].sort()"
    assert asking.evaluate(made) == ["bdi", "div", "table", "tbody", "td", "th", "thead", "tr"]
    _run(asking, f"SELECT * {{ {texts.replace(chr(10), ' ')} }}")
    asking.get_by_role("alert").wait_for()
    said = asking.get_by_role("alert").text_content() or ""
    assert "<img src=x onerror=alert(1)>" in said and asking.locator("[role=alert] *").count() == 0
    iris = [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/x",
        "//evil.example/x",
        "https://evil.example/'onclick='x",
    ]
    iris += ["https://w3id.org/rarefacts///evil.example/x", "https://w3id.org/rarefacts/javascript:alert(1)"]
    _run(asking, f"SELECT ?iri {{ VALUES ?iri {{ {' '.join(f'<{iri}>' for iri in iris)} }} }}")
    asking.get_by_text(f"{len(iris)} rows in").wait_for()
    links = asking.evaluate("[...document.querySelectorAll('[id=\":shown\"] a')].map((each) => each.href)")
    assert [urlsplit(link).netloc for link in links] == ["evil.example"] * 2 + [urlsplit(server.url).netloc] * 2
    assert {urlsplit(link).scheme for link in links} == {"http", "https"}


def test_the_keyboard_is_enough(asking: Page) -> None:
    """Tab leaves the editor, Enter on the button and Ctrl+Enter in the editor run the query."""
    editor = asking.get_by_role("textbox", name="Query")
    editor.focus()
    editor.press("Control+Enter")
    asking.get_by_text("8 rows in").wait_for()
    editor.fill("ASK {}")
    editor.press("Tab")
    asking.keyboard.press("Enter")
    asking.get_by_text("Yes.").wait_for()


def test_without_javascript_the_form_asks_by_itself(browser: Browser, server: Server) -> None:
    """The query is sent as it stands, the answer comes in the format that is chosen, and the limits are a link away."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}query")
    assert not page.get_by_label("A question to begin with").is_visible()
    page.get_by_label("Answer in").select_option("csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Run").click()
    assert download.value.path().read_text(encoding="utf-8").count("MONDO_") == 8
    page.get_by_text("Limits", exact=True).click()
    assert server.ask("/" + (page.get_by_role("link", name="sparql").get_attribute("href") or "").removeprefix("./")).status == 200
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_has_no_complaint(browser: Browser, server: Server, width: int, scheme: Any) -> None:
    """With rows, the limits and a mistake on it the page keeps the rules, and scrolls in one direction only."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{server.url}query.html")
    page.get_by_text("Limits", exact=True).click()
    page.locator("[id=':limits-table'] td").first.wait_for()
    page.get_by_text("Prefixes that", exact=False).click()
    for query in (questions()[QUESTION].text, "nonsense"):
        _run(page, query)
        page.locator("[id=':result']:visible, [id=':problem']:visible").first.wait_for()
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
