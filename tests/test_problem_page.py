"""What is wrong, told to people as a page of the site, and to programs as a problem document, by what they accept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import kg
from kg.publish.frame import NOT_FOUND
from kg.publish.rules import POLICY
from kg.serve.problem_page import ProblemPage
from kg.serve.problems import Problem
from kg.serve.resources import File, Resources
from tests.conftest import complaints
from tests.serving import Server, serving

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
WRONG = [
    ("GET", "/disease/nothing", 404, "There is no /disease/nothing in this release."),
    ("GET", "/a/b//c/%3Cscript%3Ealert(1)%3C/script%3E", 404, "There is no /a/b//c/<script>alert(1)</script> in this release."),
    ("GET", "/%ff?v=%22", 404, "There is no /\N{REPLACEMENT CHARACTER} in this release."),
    ("GET", "/problem/none", 404, "There is no problem of that kind"),
    ("POST", "/index.html", 405, "POST is not possible here; take one of GET, HEAD, OPTIONS."),
    ("GET", "/sparql?query=SELECT%20%3Fa%0AWHERE%20%7B%20%3Ca", 400, "The query cannot be read at line 2, column 11"),
    ("GET", "/vocab?format=exe", 406, "It is there as text/html, text/turtle."),
    ("GET", "/reconcile?queries=nonsense", 400, ""),
]
ACCEPTED = [
    (BROWSER, True),
    ("text/html", True),
    ("text/*", True),
    ("text/html;q=0.5, application/problem+json;q=0.4", True),
    (None, False),
    ("*/*", False),
    ("text/turtle", False),
    ("image/png", False),
    ("application/problem+json", False),
    ("text/html;q=0.4, application/json;q=0.5", False),
    ("text/html, application/problem+json", False),
    ("text/html;q=0", False),
]


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served; its base IRI has a path, and the server has not."""
    with serving(release.path) as running:
        yield running


@pytest.mark.parametrize(("method", "path", "status", "told"), WRONG)
def test_a_browser_gets_a_page(server: Server, method: str, path: str, status: int, told: str) -> None:
    """The page has the status, says what is wrong with nothing of it taken for markup, and its links lead somewhere."""
    answer = server.ask(path, method, Accept=BROWSER)
    document = server.ask(path, method)
    assert (answer.status, document.status, document.type) == (status, status, "application/problem+json")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    for name in ("allow", "cache-control", "vary", "retry-after"):
        assert answer.headers.get(name) == document.headers.get(name), name
    assert answer.headers["vary"] == "Accept"
    page = answer.body.decode()
    title = json.loads(document.body)["title"]
    assert f"<title>{title} · rarefacts</title>" in page and f"<h1>{title}</h1>" in page
    assert told in unescape(re.sub(r"<(?!/?script)[^>]*>", "", page)) and page.count("<script") == 0
    links = set(re.findall(r'(?:href|action)="(/[^"#]*)"', page))
    assert len(links) > 7 and {server.ask(link).status for link in links} == {200}


@pytest.mark.parametrize(("accept", "is_page"), ACCEPTED)
def test_who_wants_a_page_gets_one(server: Server, accept: str | None, is_page: bool) -> None:
    """By RFC 9110, section 12.5.1, for GET and HEAD; the document where nobody cares, or where neither is wanted."""
    sent = {} if accept is None else {"Accept": accept}
    whole, head = server.ask("/nothing", **sent), server.ask("/nothing", "HEAD", **sent)
    assert (whole.status, whole.type) == (404, "text/html" if is_page else "application/problem+json")
    assert (head.status, head.body, head.headers["content-length"]) == (404, b"", str(len(whole.body)))
    assert head.headers["vary"] == whole.headers["vary"] == "Accept"


def test_without_the_page_there_is_the_document() -> None:
    """A release that was made before there was such a page is served as before."""
    reply = ProblemPage(Resources("https://example.org/", {}, {}, {})).reply(Problem(404, "not-found", "there is none"), BROWSER)
    assert dict(reply.headers)["content-type"] == "application/problem+json"


def test_a_page_that_could_not_be_read_once_is_read_the_next_time(tmp_path: Path) -> None:
    """As when no file more could be opened: the document is sent in its place, and then the page."""
    place = tmp_path / NOT_FOUND
    there = {NOT_FOUND: File(NOT_FOUND, place, "text/html", 9, "a" * 64)}
    page = ProblemPage(Resources("https://example.org/", there, {}, {}))

    def media_type() -> str:
        return dict(page.reply(Problem(404, "not-found", "there is none"), BROWSER).headers)["content-type"]

    assert media_type() == "application/problem+json"
    place.write_text('<title>a · b</title><h1>a</h1><p class="lead">a</p>', encoding="utf-8")
    assert media_type() == "text/html; charset=utf-8"
    place.unlink()
    assert media_type() == "text/html; charset=utf-8"  # it is read once


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_has_no_complaint(browser: Browser, server: Server, width: int, scheme: Any) -> None:
    """Whatever is wrong, the page keeps the rules, scrolls in one direction only, and its search finds."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for method, path, status, _ in WRONG:
        if method == "GET":
            answer = page.goto(server.url + path[1:])
            assert answer is not None and answer.status == status
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert complaints(page) == [], path
    page.get_by_role("searchbox").fill("HIGM2")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**/index.html?q=HIGM2")
    context.close()
