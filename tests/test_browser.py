"""Pages in a real browser: search finds, permalinks lead, evidence unfolds, tables filter, nobody else is asked, axe has no complaint.

Needs Debian's ``chromium``; ``KG_AXE`` names axe-core's ``axe.min.js``.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
import rdflib
from playwright.sync_api import Browser, FloatRect, Page

import kg
from kg.publish.embed import snippet
from tests.conftest import StaticHost, complaints

DISEASES = ["disease/MONDO_0010626.html", "disease/MONDO_0003947.html"]
INDEX = ["browse/classification.html", "browse/name.html", "browse/immunoglobulin.html"]
REFERENCE = ["vocab.html", "vocab/treatment.html", "shapes.html", "questions.html", "question/treatment-for-whom.html"]
WORKS = ["source/gard-higm1-2013.html"]
WITHDRAWN = ["withdrawn.html", "disease/MONDO_9999008.html"]
KINDS = ["index.html", "compare.html", "dataset.html", "query.html", *DISEASES, *INDEX, *REFERENCE, *WORKS, *WITHDRAWN]


@pytest.fixture(scope="module")
def site(release: kg.Release, withdrawing: kg.Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The release on a static host, with pages of what was withdrawn from another one; its address."""
    folder = shutil.copytree(release.path, tmp_path_factory.mktemp("host") / "site")
    for path in WITHDRAWN:
        shutil.copy(withdrawing.path / path, folder / path)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticHost, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_pages_are_quiet_and_fit(browser: Browser, site: str, width: int, scheme: Any) -> None:
    """Each kind of page asks nobody else, says nothing on the console, and scrolls in one direction only."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for kind in KINDS:
        page.goto(site + kind)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
    context.close()
    assert said == []
    assert len(asked) > len(KINDS) and [url for url in asked if not url.startswith(site)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_has_no_complaint(browser: Browser, site: str, kind: str, scheme: Any) -> None:
    """axe-core's rules for WCAG 2.2 A and AA and its best practices hold, on a phone and on a desk, with evidence unfolded."""
    for width in (360, 1440):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(site + kind)
        page.evaluate("for (const [at, each] of document.querySelectorAll('details').entries()) each.open = at % 5 === 0")
        if page.locator("a.cite:visible").count():
            page.locator("a.cite:visible").first.click()
            page.locator(".citing pre:not(:empty)").wait_for()
        assert complaints(page) == []
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["compare.html", "question/treatment-for-whom.html"])
def test_tables_say_that_they_go_on(browser: Browser, site: str, kind: str, scheme: Any) -> None:
    """A table wider than a phone is in a region that takes the focus, with a shade where it goes on, and none at its end."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(site + kind)
    table = page.locator(".scroll")
    assert table.evaluate("each => [each.tabIndex, each.scrollWidth > each.clientWidth]") == [0, True]
    for at, shaded in ((0, True), (10_000, False)):
        seen = []
        for background in ("", "none"):
            table.evaluate("(each, [at, background]) => { each.scrollLeft = at; each.style.background = background; }", [at, background])
            place = table.bounding_box()
            assert place
            edge = FloatRect(x=place["x"] + place["width"] - 8, y=place["y"] + 60, width=8, height=200)
            seen.append(page.screenshot(clip=edge, full_page=True))
        assert (seen[0] != seen[1]) == shaded, at
    context.close()


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_the_head_of_a_comparison_stays_in_sight(browser: Browser, site: str, width: int) -> None:
    """However far down a row is, the names of the columns stand above it, and the disease beside what is found in it."""
    context = browser.new_context(viewport={"width": width, "height": 500})
    page = context.new_page()
    page.goto(site + "compare.html")
    page.locator(".matrix tbody tr:last-child th").evaluate("each => each.scrollIntoView({ block: 'end' })")
    page.locator(".scroll").evaluate(
        "each => { if (each.scrollHeight > each.clientHeight) each.scrollIntoView(); each.scrollLeft = 10_000; }"
    )
    head, last = page.locator(".matrix thead th").last.bounding_box(), page.locator(".matrix tbody tr:last-child th").bounding_box()
    assert head and last
    assert 0 <= head["y"] < last["y"] < 500
    assert 0 <= last["x"] < width and head["x"] + head["width"] <= width
    page.locator(".matrix tbody th a").first.focus()
    first, head = page.locator(".matrix tbody th a").first.bounding_box(), page.locator(".matrix thead th").last.bounding_box()
    assert first and head
    assert first["y"] >= head["y"] + head["height"] - 1, "what has the focus is hidden by the head"
    context.close()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("HIGM1", "hyper-IgM syndrome type 1"),
        ("higm2", "hyper-IgM syndrome type 2"),
        ("hyper-IgM syndrome type 5", "hyper-IgM syndrome type 5"),
        ("hyper igm syndorme type 1", "hyper-IgM syndrome type 1"),
        ("Hýper-IGM sÿndrome type 3", "hyper-IgM syndrome type 3"),
        ("ORPHA:101088", "hyper-IgM syndrome type 1"),
        ("orphanet 101088", "hyper-IgM syndrome type 1"),
        ("308230", "hyper-IgM syndrome type 1"),
        ("cd40lg", "hyper-IgM syndrome type 1"),
        ("高IgM性", "hyper-IgM syndrome type 3"),
    ],
)
def test_search_finds(page: Page, site: str, query: str, first: str) -> None:
    """By name, abbreviation, code, gene; whatever the case and the accents; with a typing error."""
    page.goto(site + "index.html")
    page.get_by_role("combobox").fill(query)
    option = page.get_by_role("option").first
    option.wait_for()
    assert option.get_by_role("link", include_hidden=True).inner_text() == first


def test_search_with_the_keyboard(page: Page, site: str) -> None:
    """Typing, one arrow down and Enter lead to the page; Escape closes the list; nothing found is said."""
    page.goto(site + "index.html")
    box = page.get_by_role("combobox")
    box.fill("HIGM3")
    page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    assert page.get_by_role("option").first.get_attribute("aria-selected") == "true"
    box.press("Escape")
    assert page.get_by_role("option").count() == 0
    box.fill("zzzzzz")
    page.get_by_text("Nothing found").wait_for()
    box.fill("HIGM3")
    page.get_by_role("option").first.wait_for()
    box.press("Enter")
    page.wait_for_url("**/disease/MONDO_0011735.html")


def test_search_from_any_page(page: Page, site: str) -> None:
    """The box in the head of a page leads to the home page with the question asked."""
    page.goto(site + "disease/MONDO_0011528.html")
    page.get_by_role("searchbox").fill("HIGM4")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("option").first.wait_for()
    assert "hyper-IgM syndrome type 4" in page.get_by_role("option").first.inner_text()


def test_permalinks_scroll_and_highlight(page: Page, site: str) -> None:
    """A permalink brings its fact into view and marks it."""
    page.goto(site + "disease/MONDO_0010626.html#ivig")
    colour = "name => getComputedStyle(document.getElementById(name)).backgroundColor"
    assert page.evaluate("document.getElementById('ivig').getBoundingClientRect().top") < 300
    assert page.evaluate("scrollY") > 500
    assert page.evaluate(colour, "ivig") != page.evaluate(colour, "g-csf")
    page.locator("#g-csf .permalink").click()
    assert page.url.endswith("#g-csf")


def test_evidence_unfolds(page: Page, site: str) -> None:
    """The evidence of a fact is hidden until it is asked for, and leads to the reference."""
    page.goto(site + "disease/MONDO_0010626.html")
    lines = page.locator("#ivig .lines")
    assert not lines.is_visible()
    page.locator("#ivig summary").click()
    assert lines.is_visible() and "as reported by" in lines.inner_text()
    lines.get_by_role("link").first.click()
    assert "#:ref-" in page.url


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("Text", ["https://w3id.org/rarefacts/disease/MONDO_0010626#ivig\n", "Resting on: "]),
        ("BibTeX", ["@misc{MONDO_0010626:ivig,", "url = {https://w3id.org/rarefacts/disease/MONDO_0010626#ivig},"]),
        ("RIS", ["TY  - DATA", "UR  - https://w3id.org/rarefacts/disease/MONDO_0010626#ivig\n", "ER  -"]),
        (
            "Triples",
            ["@prefix rf: ", "disease/MONDO_0010626#ivig> ", "#ivig.pirc-2008> ", "rf:supplies rf:IgG"],
        ),
    ],
)
def test_a_fact_is_cited_in_every_form(browser: Browser, site: str, form: str, shown: list[str]) -> None:
    """The citation of one fact, and of no other, or its triples are shown where they are asked for, and can be copied."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(site + "disease/MONDO_0010626.html")
    fact = page.locator("#ivig")
    fact.locator("summary").click()
    fact.get_by_role("link", name="Cite this fact").click()
    fact.get_by_role("button", name=form).click()
    fact.locator("pre", has_text=shown[0].strip()).wait_for()
    text = fact.locator("pre").text_content() or ""
    assert [part for part in shown if part not in text + "\n"] == []
    assert not {"#g-csf", "#antibiotics", "#ivig-reported"} & set(re.findall(r"#[\w-]+", text))
    if form == "Triples":
        parsed = rdflib.Graph().parse(data=text, format="turtle")
        assert len(set(parsed.subjects())) == 3
    fact.get_by_role("button", name="Copy").click()
    fact.get_by_text("copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").strip() == text.strip()
    context.close()


def test_the_snippet_is_copied(browser: Browser, site: str, release: kg.Release) -> None:
    """The page gives the same snippet to paste as ``kg embed`` prints."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(site + "disease/MONDO_0010626.html")
    page.get_by_role("button", name="Copy the snippet").click()
    page.get_by_text("copied").wait_for()
    printed = snippet(release.path, (file["path"] for file in release.manifest["files"]), "MONDO_0010626")
    assert page.evaluate("navigator.clipboard.readText()") == printed.strip()
    context.close()


def test_citing_without_a_script_or_a_file(browser: Browser, site: str) -> None:
    """Without scripts the link leads to the files; where a file cannot be read, that is said."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "disease/MONDO_0010626.html#ivig")
    page.locator("#ivig summary").click()
    page.locator("#ivig").get_by_role("link", name="Cite this fact").click()
    assert page.url.endswith("#:reuse")
    assert page.locator("[data-stem]").get_by_role("link", name="BibTeX").get_attribute("href") == "MONDO_0010626.bib"
    context.close()
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*.txt", lambda route: route.abort())
    page.goto(site + "disease/MONDO_0010626.html#ivig")
    page.locator("#ivig summary").click()
    page.locator("#ivig").get_by_role("link", name="Cite this fact").click()
    page.get_by_text("MONDO_0010626.txt cannot be read from here.").wait_for()
    context.close()


def test_comparison_filters_and_sorts(page: Page, site: str) -> None:
    """A filter leaves the diseases that fit, with their number; a column sorts up and down."""
    page.goto(site + "compare.html")
    rows = page.locator("tbody tr:visible")
    assert rows.count() == 6
    before = page.locator("tbody").inner_html().replace("\n", "")
    page.get_by_label("IgD").select_option("low")
    page.get_by_text("1 of 6 diseases").wait_for()
    assert rows.count() == 1 and "type 1" in rows.first.inner_text()
    page.get_by_label("IgE").select_option("elevated")
    page.get_by_text("No disease fits.").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("6 of 6 diseases").wait_for()
    assert page.locator("tbody").inner_html() == before, "the script makes the same rows as the template"
    page.get_by_role("button", name="Disease").click()
    page.locator("th[aria-sort=ascending]").wait_for()
    page.get_by_role("button", name="Disease").click()
    page.locator("tbody tr:first-child", has_text="type 5").wait_for()


def test_a_host_for_files_answers_no_query(page: Page, site: str) -> None:
    """Where no endpoint is beside the query page, it says so, and what there is instead, both for a query and for the limits."""
    page.goto(site + "query.html")
    page.get_by_text("Limits", exact=True).click()
    page.get_by_role("button", name="Run").click()
    assert page.get_by_role("alert").inner_text() == page.locator("details[open] .notice").inner_text()
    assert f"No endpoint answers at {site}sparql" in page.get_by_role("alert").inner_text()
    assert not page.get_by_role("heading", name="Answer").is_visible()


def test_everything_reads_without_javascript(browser: Browser, site: str) -> None:
    """Without scripts every disease can be reached from the home page, and the comparison is a whole table."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "index.html")
    assert page.locator(".tree a").count() >= 8
    page.locator(".tree a").last.click()
    assert page.locator("h1").inner_text().startswith("hyper-IgM")
    page.goto(site + "index.html")
    page.get_by_role("link", name="AICDA").click()
    page.locator("li:target").get_by_role("link").click()
    assert page.locator("h1").inner_text() == "hyper-IgM syndrome type 2"
    page.goto(site + "compare.html")
    assert page.locator("tbody tr").count() == 6
    assert not page.locator(".filters").is_visible()
    context.close()
