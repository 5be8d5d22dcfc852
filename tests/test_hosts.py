"""The files for hosts: Debian's Apache and nginx answer a release as they say, and those for Netlify and Cloudflare read as documented."""

from __future__ import annotations

import gzip
import html
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

import kg
from kg.formats import HOST_FILES, MEDIA_TYPES, content_type
from kg.publish.release import verify
from kg.publish.rules import HEADERS
from tests.engines import free_port

PAGE = "disease/MONDO_0010626"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
ACCEPTED = [
    (BROWSER, "html"),
    (None, "html"),
    ("*/*", "html"),
    ("text/html", "html"),
    ("text/turtle", "ttl"),
    ("application/ld+json", "jsonld"),
    ("application/n-triples", "nt"),
    ("text/turtle, application/ld+json", "ttl"),
    ("application/ld+json, text/turtle", "jsonld"),
    ("application/n-triples;q=0.5, text/turtle", "nt"),
    ("application/rdf+xml, text/turtle;q=0.9, */*;q=0.1", "ttl"),
    ("text/html;q=0.3, text/turtle", "ttl"),
    ("text/turtle, text/html;q=0.3", "ttl"),
    ("text/turtle, text/html", "html"),
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
    ("text/turtle;q=0", "ttl"),  # weights are ignored, as the files say
    ("application/rdf+xml", "html"),
    ("image/png", "html"),
    ("text/*", "html"),
    ("text/html;q=0.5", "html"),
]
"""An Accept header, and the extension of the document that it leads to."""

_APACHE = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {place}/pid
TypesConfig /dev/null
ErrorLog {place}/error.log
DocumentRoot {root}
User www-data
Group www-data
{modules}
<Directory {root}>
    Options FollowSymLinks
    AllowOverride FileInfo Indexes Options=Indexes,MultiViews,FollowSymLinks
    Require all granted
</Directory>
{more}
"""
_MODULES = ("mpm_event", "authz_core", "dir", "mime", "rewrite", "headers", "alias", "filter", "deflate")
_NGINX = """
user root;
daemon off;
pid {place}/pid;
error_log {place}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        include {release}/nginx.conf;
    }}
}}
"""


@dataclass(frozen=True)
class Answer:
    """What a host answered; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Host:
    """A running server; ``prefix`` is where the release is."""

    port: int
    prefix: str

    def ask(self, path: str, accept: str | None = None, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path below the prefix, or for one of the host where it begins with a slash; no redirect is followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Accept": accept} if accept is not None else {})
        connection.request(method, path if path.startswith("/") else self.prefix + path, headers=sent)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        found: dict[str, str] = {}
        for name, value in answer.getheaders():
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
        return Answer(answer.status, found, body)

    def location(self, answer: Answer) -> str:
        """Where an answer leads, as a path below the prefix."""
        return re.sub(r"^https?://[^/]+", "", answer.headers["location"]).removeprefix(self.prefix)


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            for _ in range(200):
                if process.poll() is not None:
                    raise AssertionError(log.read_text(encoding="utf-8") + (log.parent / "error.log").read_text(encoding="utf-8"))
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=20)


@contextmanager
def _place() -> Iterator[Path]:
    """A folder that the user of a server may read, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(prefix="kg-host-"))
    try:
        place.chmod(0o755)
        yield place
    finally:
        shutil.rmtree(place)


@contextmanager
def apache(release: Path, prefix: str, more: str = "") -> Iterator[Host]:
    """Apache with the release below a prefix of its root."""
    binary = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if binary is None:
        pytest.skip("apache2 is not installed (Debian: apache2)")
    with _place() as place:
        root = place / "root"
        shutil.copytree(release, root / prefix.strip("/"))
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in _MODULES)
        port = free_port()
        config = place / "apache.conf"
        config.write_text(_APACHE.format(port=port, place=place, root=root, modules=modules, more=more), encoding="utf-8")
        with _running([binary, "-d", str(place), "-f", str(config), "-DFOREGROUND"], port, place / "out.log"):
            yield Host(port, prefix)


@contextmanager
def nginx(release: Path, prefix: str) -> Iterator[Host]:
    """nginx with the release below a prefix of its root."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        pytest.skip("nginx is not installed (Debian: nginx)")
    with _place() as place:
        root = place / "root"
        shutil.copytree(release, root / prefix.strip("/"))
        port = free_port()
        config = place / "nginx.conf"
        config.write_text(_NGINX.format(port=port, place=place, root=root, release=root / prefix.strip("/")), encoding="utf-8")
        with _running([binary, "-p", str(place), "-c", str(config), "-e", str(place / "error.log")], port, place / "out.log"):
            yield Host(port, prefix)


SERVERS = {"apache": apache, "nginx": nginx}


@pytest.fixture(scope="module")
def site(release: kg.Release) -> Path:
    """The folder of the release."""
    return release.path.resolve()


@pytest.fixture(scope="module", params=SERVERS)
def host(request: pytest.FixtureRequest, site: Path) -> Iterator[Host]:
    """Each server, with the release below the path of its base IRI."""
    with SERVERS[request.param](site, "/rarefacts/") as running:
        yield running


@pytest.mark.parametrize(("accept", "extension"), ACCEPTED)
def test_a_disease_leads_to_the_document_that_is_asked_for(host: Host, site: Path, accept: str | None, extension: str) -> None:
    """303 to the document, for GET and HEAD, and caches are told that it depends on Accept; the document has its type and bytes."""
    for method in ("GET", "HEAD"):
        answer = host.ask(PAGE, accept, method)
        assert (answer.status, host.location(answer)) == (303, f"{PAGE}.{extension}")
        assert "accept" in answer.headers["vary"].lower()
        assert answer.headers["x-content-type-options"] == "nosniff"
    document = host.ask(f"{PAGE}.{extension}", accept)
    assert document.status == 200
    assert document.body == (site / f"{PAGE}.{extension}").read_bytes()
    assert document.headers["content-type"] == content_type(extension)


@pytest.mark.parametrize(
    ("path", "accept", "target"),
    [
        ("vocab", BROWSER, "vocab.html"),
        ("vocab", "text/turtle", "vocab.ttl"),
        ("vocab", "application/ld+json", "vocab.html"),
        ("vocab/gene", "text/html", "vocab/gene.html"),
        ("vocab/gene", "application/rdf+xml, text/turtle", "vocab/gene.ttl"),
        ("shapes", "text/turtle", "shapes.ttl"),
        ("shapes", None, "shapes.html"),
        ("question/evidence-disputed", BROWSER, "question/evidence-disputed.html"),
        ("question/evidence-disputed", "text/turtle", "question/evidence-disputed.html"),
        ("dataset/rarefacts", BROWSER, "dataset.html"),
        ("dataset/rarefacts", "text/turtle", "void.ttl"),
        ("dataset", "text/turtle", "dataset.html"),
        ("question/evidence-disputed", "text/csv", "question/evidence-disputed.csv"),
        ("question/evidence-disputed", "application/sparql-query, text/csv", "question/evidence-disputed.rq"),
        ("question/evidence-disputed", "text/csv, text/html", "question/evidence-disputed.html"),
        (PAGE, "text/csv", f"{PAGE}.html"),
        (PAGE, "text/csv, text/turtle", f"{PAGE}.ttl"),
        (f"graph/{PAGE}", BROWSER, f"{PAGE}.html"),
        (f"graph/{PAGE}", "text/turtle", f"{PAGE}.ttl"),
        ("graph/source/pirc-2008", "application/ld+json", "source/pirc-2008.jsonld"),
        ("graph/terms/hp.ttl", BROWSER, "dataset.html"),
        ("graph/terms/hp.ttl", "text/turtle", "void.ttl"),
        ("graph/waiver/two-exact-matches-group", None, "dataset.html"),
        ("waiver/two-exact-matches-group", "text/turtle", "void.ttl"),
        ("waiver/two-exact-matches-group", BROWSER, "dataset.html"),
        ("graph/derived", "text/turtle", "void.ttl"),
        ("prefixes", BROWSER, "vocab/prefixes.html"),
        ("prefixes", "text/turtle", "vocab/prefixes.ttl"),
        ("shapes/treatment", BROWSER, "shapes.html"),
        ("shapes/treatment", "text/turtle", "shapes.ttl"),
    ],
)
def test_what_else_has_a_page(host: Host, path: str, accept: str | None, target: str) -> None:
    """Vocabulary, shapes, questions and the dataset lead to their documents, as far as there are any."""
    for method in ("GET", "HEAD"):
        answer = host.ask(path, accept, method)
        assert (answer.status, host.location(answer)) == (303, target)
        assert "accept" in answer.headers["vary"].lower()


def test_what_is_told_of_elsewhere_leads_there(host: Host, release: kg.Release) -> None:
    """Each IRI of which the manifest says what tells of it leads to the page or the Turtle of that, as ``kg serve`` does."""
    elsewhere = release.manifest["elsewhere"]
    assert len(elsewhere) > 50
    for path, there in elsewhere.items():
        page, turtle = ("dataset.html", "void.ttl") if there == "dataset/rarefacts" else (f"{there}.html", f"{there}.ttl")
        assert [host.location(host.ask(path, accept)) for accept in (BROWSER, "text/turtle")] == [page, turtle], path


@pytest.mark.parametrize(
    "path",
    [
        "disease/MONDO_9999999",
        "disease/",
        "disease",
        "nothing",
        "nothing.ttl",
        f"{PAGE}.exe",
        f"{PAGE}/",
        f"{PAGE}/x",
        f"{PAGE}.ttl/x",
        "assets",
        "disease/%0d%0aX: y",
        "graph/disease/MONDO_9999999",
        f"graph/{PAGE}.ttl",
        f"graph/{PAGE}.html",
        f"graph/graph/{PAGE}",
        "graph/index.html",
        "graph/",
        "graph",
        "graph/%0d%0aX: y",
        "waiver/none",
        "shapes/none",
    ],
)
@pytest.mark.parametrize("accept", [BROWSER, "text/turtle"])
def test_what_there_is_not(host: Host, site: Path, path: str, accept: str) -> None:
    """404 for GET and HEAD with a page that leads on, whatever is asked for; no folder is listed."""
    for method in ("GET", "HEAD"):
        answer = host.ask(path.replace(" ", "%20"), accept, method, If_None_Match="*", Range="bytes=0-1")
        assert answer.status == 404
        assert "location" not in answer.headers
        assert answer.headers["content-type"] == content_type("html")
        assert answer.body == ((site / "404.html").read_bytes() if method == "GET" else b"")
        assert {each: answer.headers.get(each.lower()) for each in HEADERS} == HEADERS


@pytest.mark.parametrize("path", [PAGE, f"graph/{PAGE}", "dataset/rarefacts", "graph/terms/hp.ttl", "vocab", "prefixes"])
def test_a_script_of_any_site_can_follow_an_iri(host: Host, path: str) -> None:
    """A browser lets no script read what a redirect leads to unless the redirect may be read too (https://fetch.spec.whatwg.org/#http-fetch)."""
    for accept in (BROWSER, "text/turtle"):
        there = host.ask(path, accept)
        assert (there.status, there.headers.get("access-control-allow-origin")) == (303, "*")
        found = host.ask(host.location(there), accept)
        assert (found.status, found.headers.get("access-control-allow-origin")) == (200, "*")
        assert "Link" in found.headers["access-control-expose-headers"]


def test_a_script_in_a_browser_can_follow_an_iri(host: Host, page: Page) -> None:
    """The page and the data of a disease, from a page of another origin."""
    for accept in ("text/html", "text/turtle"):
        ask = "([url, accept]) => fetch(url, {headers: {accept}}).then(answer => answer.headers.get('content-type'))"
        assert page.evaluate(ask, [f"http://127.0.0.1:{host.port}{host.prefix}{PAGE}", accept]).startswith(accept)


def test_the_page_for_what_there_is_not_leads_on(host: Host, site: Path) -> None:
    """Its links and its style are found from any depth."""
    links = re.findall(r'(?:href|src|action)="([^"#?:]*)[^":]*"', host.ask("disease/nothing/at/all").body.decode())
    assert len(links) > 10 and {link.startswith(host.prefix) for link in links} == {True}
    assert {host.ask(link).status for link in set(links)} == {200}


def test_every_file_has_its_type_and_headers(host: Host, site: Path) -> None:
    """Each file of the release: 200 with its bytes, type and charset; pages run no foreign scripts; any site may read it."""
    seen = set()
    for file in sorted(site.rglob("*.*")):
        path = file.relative_to(site).as_posix()
        if file.name.endswith(HOST_FILES):
            continue
        name = next(each for each in sorted(MEDIA_TYPES, key=len, reverse=True) if file.name == each or file.name.endswith(f".{each}"))
        answer = host.ask(path)
        assert (answer.status, answer.headers["content-type"], path) == (200, content_type(name), path)
        assert answer.body == file.read_bytes()
        assert {each: answer.headers.get(each.lower()) for each in HEADERS} == HEADERS
        assert answer.headers.get("access-control-allow-origin") == "*", path
        assert "content-encoding" not in answer.headers
        seen.add(name)
    assert seen == MEDIA_TYPES.keys() - HOST_FILES


def test_the_home_page(host: Host, site: Path) -> None:
    """The prefix itself is the home page, and what its links name is there."""
    answer = host.ask("")
    assert (answer.status, answer.body) == (200, (site / "index.html").read_bytes())
    links = re.findall(r'(?:href|src)="\./([^"#?]*)', answer.body.decode())
    assert len(links) > 10
    assert {host.ask(link).status for link in set(links)} == {200}


def test_pages_have_their_links_in_the_header(host: Host, release: kg.Release) -> None:
    """As in the page: cite-as, what describes it with its type, and the link set; addresses are as seen from the page."""
    links = host.ask(f"{PAGE}.html", method="HEAD").headers["link"]
    assert f'<{release.manifest["base"]}{PAGE}>; rel="cite-as"' in links
    name = PAGE.rpartition("/")[2]
    assert f'<{name}.ttl>; rel="describedby"; type="text/turtle"' in links
    assert f'<{name}.linkset.json>; rel="linkset"; type="application/linkset+json"' in links
    assert '<../dataset.html>; rel="collection"' in links
    for page in ("", "index.html", "dataset.html"):
        links = host.ask(page).headers["link"]
        assert f'<{release.manifest["base"]}dataset/rarefacts>; rel="cite-as"' in links
        assert '<linkset.json>; rel="linkset"' in links and '<void.ttl>; rel="describedby"; type="text/turtle"' in links
    assert "link" not in host.ask("compare.html").headers


def test_dumps_travel_compressed(host: Host, site: Path, release: kg.Release) -> None:
    """Who can unpack gzip gets the twin under the name and type of the dump; the twin by its own name is a file like others."""
    for extension in ("nq", "ttl", "jsonld"):
        path = f"{release.manifest['name']}.{extension}"
        answer = host.ask(path, Accept_Encoding="gzip, br")
        assert (answer.headers["content-encoding"], answer.headers["content-type"]) == ("gzip", content_type(extension))
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.body == (site / f"{path}.gz").read_bytes()
        assert gzip.decompress(answer.body) == (site / path).read_bytes()
        assert "accept-encoding" in host.ask(path).headers["vary"].lower()
        twin = host.ask(f"{path}.gz", Accept_Encoding="gzip")
        assert (twin.headers["content-type"], twin.headers.get("content-encoding")) == ("application/gzip", None)
    assert "content-encoding" not in host.ask(f"{PAGE}.ttl", Accept_Encoding="gzip").headers, "there is no twin of a document"


def test_nginx_knows_the_well_known_address(site: Path) -> None:
    """The description of the dataset is found where VoID says."""
    with nginx(site, "/rarefacts/") as host:
        answer = host.ask("/.well-known/void")
        assert (answer.status, host.location(answer)) == (302, "void.ttl")
        assert {each: answer.headers.get(each.lower()) for each in HEADERS} == HEADERS


def test_apache_answers_wherever_the_folder_is(site: Path) -> None:
    """At the top of the host, and below an Alias of another name, the same rules hold."""
    with apache(site, "/") as host:
        answer = host.ask("/.well-known/void")
        assert (answer.status, host.location(answer)) == (302, "void.ttl")
        assert host.location(host.ask(PAGE, "text/turtle")) == f"{PAGE}.ttl"
        assert host.location(host.ask("dataset/rarefacts", "text/turtle")) == "void.ttl"
        assert host.ask("").status == 200
    granted = "Options FollowSymLinks\nAllowOverride All\nRequire all granted"
    with _place() as place:
        shutil.copytree(site, place / "release")
        more = f"Alias /else {place}/release\n<Directory {place}/release>\n{granted}\n</Directory>"
        with apache(site, "/rarefacts/", more) as host:
            elsewhere = Host(host.port, "/else/")
            assert elsewhere.location(elsewhere.ask(PAGE, "application/n-triples")) == f"{PAGE}.nt"
            assert elsewhere.location(elsewhere.ask("dataset/rarefacts", "text/turtle")) == "void.ttl"
            assert elsewhere.ask("").status == 200
            missing = elsewhere.ask("disease/nothing")
            assert (missing.status, missing.body) == (404, (site / "404.html").read_bytes())


def _with_base(base: str, data: Path, folder: Path) -> Path:
    """A release of the data with another base IRI."""
    copy = shutil.copytree(data, folder / "data")
    text = (copy / "dataset.yaml").read_text(encoding="utf-8")
    (copy / "dataset.yaml").write_text(text.replace("https://w3id.org/rarefacts/", base), encoding="utf-8")
    shutil.rmtree(copy / "waivers", ignore_errors=True)
    return kg.build(copy, folder / "release").path


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("base", ["https://example.org/", "https://example.org/a-b/c.d/it's/"])
def test_another_base_has_another_prefix(server: str, base: str, data: Path, tmp_path: Path) -> None:
    """The prefix is the path of the base IRI of the dataset, whatever is in it."""
    release = _with_base(base, data, tmp_path)
    prefix = base.removeprefix("https://example.org")
    with SERVERS[server](release, prefix) as host:
        assert host.location(host.ask(PAGE, "text/turtle")) == f"{PAGE}.ttl"
        assert f'<{base}{PAGE}>; rel="cite-as"' in host.ask(f"{PAGE}.html").headers["link"]
        assert host.ask("").status == 200
        style = re.findall(r'"stylesheet" href="([^"?]*)', host.ask("a/b").body.decode())
        assert [host.ask(html.unescape(each)).status for each in style] == [200]


### What was withdrawn


@pytest.fixture(scope="module", params=[("apache", "/"), ("apache", "/rare/"), ("nginx", "/rare/")], ids=str)
def keeper(request: pytest.FixtureRequest, withdrawing: kg.Release) -> Iterator[Host]:
    """Each server, with a release that withdraws two diseases and a work; Apache also where the folder is not the base IRI's."""
    server, prefix = request.param
    with SERVERS[server](withdrawing.path.resolve(), prefix) as running:
        yield running


@pytest.mark.parametrize("thing", ["disease/MONDO_9999007", "disease/MONDO_9999008", "source/page-nine"])
@pytest.mark.parametrize(("accept", "extension"), ACCEPTED)
def test_what_was_withdrawn_is_gone(keeper: Host, withdrawing: kg.Release, thing: str, accept: str | None, extension: str) -> None:
    """410 for the thing and for each document about it, for GET and HEAD, whatever the client has; the body is the tombstone."""
    base = withdrawing.manifest["base"]
    for method, path in ((method, path) for method in ("GET", "HEAD") for path in (thing, f"{thing}.{extension}")):
        answer = keeper.ask(path, accept, method, If_None_Match="*", Range="bytes=0-1")
        assert (answer.status, answer.headers["content-type"]) == (410, content_type(extension))
        assert answer.body == ((withdrawing.path / f"{thing}.{extension}").read_bytes() if method == "GET" else b"")
        assert ("accept" in re.split(r",\s*", answer.headers.get("vary", "").lower())) == (path == thing)
        assert answer.headers["link"] == ", ".join(
            f'<{base}{each}>; rel="successor-version"' for each in withdrawing.manifest["withdrawn"][thing]
        )
        assert answer.headers.get("access-control-allow-origin") == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("disease/MONDO_9999000", 303),
        ("disease/MONDO_9999000.html", 200),
        ("source/page-one.ttl", 200),
        ("withdrawn.html", 200),
        ("disease/MONDO_99990077", 404),
        ("disease/MONDO_9999007.exe", 404),
        ("disease/MONDO_9999007.ttl.nt", 404),
        ("disease/MONDO_9999007/x", 404),
        ("MONDO_9999007", 404),
    ],
)
def test_nothing_else_is_gone(keeper: Host, path: str, status: int) -> None:
    """What is there is there, and what never was is not found."""
    assert {keeper.ask(path, accept).status for accept in (BROWSER, "text/turtle")} == {status}


### Netlify and Cloudflare Pages


def _rules(text: str) -> dict[str, dict[str, str]]:
    """``_headers`` as documented: a line that begins with a slash is a pattern, indented ones below are its headers."""
    found: dict[str, dict[str, str]] = {}
    pattern = ""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] != " ":
            assert line.startswith("/") and line.count("*") <= 1 and " " not in line
            assert line not in found, "a pattern stands once"
            pattern = line
            found[pattern] = {}
        else:
            name, value = line.strip().split(": ", 1)
            assert re.fullmatch(r"[A-Za-z-]+", name) and len(line) <= 2000
            found[pattern][name] = value
    return found


def _fits(pattern: str, path: str) -> bool:
    before, _, after = pattern.partition("*")
    return path == pattern if "*" not in pattern else len(path) >= len(before + after) and path.startswith(before) and path.endswith(after)


def test_the_headers_of_deployed_sites(site: Path) -> None:
    """At most a hundred patterns; for each file of the release no header is given twice, and types are those of the table."""
    rules = _rules((site / "_headers").read_text(encoding="utf-8"))
    assert 10 < len(rules) <= 100
    given = set()
    for file in site.rglob("*.*"):
        path = f"/{file.relative_to(site).as_posix()}"
        pairs = [pair for pattern, values in rules.items() if _fits(pattern, path) for pair in values.items()]
        values = dict(pairs)
        assert len(values) == len(pairs), path
        assert {name: values[name] for name in HEADERS} == HEADERS
        name = next(each for each in sorted(MEDIA_TYPES, key=len, reverse=True) if file.name == each or file.name.endswith(f".{each}"))
        if "Content-Type" in values:
            assert values["Content-Type"] == content_type(name)
            given.add(name)
        assert values["Access-Control-Allow-Origin"] == "*", path
        assert ("Link" in values) == (path in ("/index.html", "/dataset.html"))
    assert given >= {"ttl", "jsonld", "nt", "nq", "trig", "bib", "ris", "atom", "linkset.json"}


def test_the_redirects_of_deployed_sites(site: Path) -> None:
    """From, to, status; what they lead to is there, and nothing that is there is led away from."""
    lines = [line for line in (site / "_redirects").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    for line in lines:
        source, target, status = line.split()
        assert source.startswith("/") and status in ("301", "302", "303", "307", "308")
        assert (site / target[1:]).is_file() or target == "/:splat"
        assert not (site / source[1:].removesuffix("*")).exists()
    elsewhere = json.loads((site / "manifest.json").read_text(encoding="utf-8"))["elsewhere"]
    told = [f"/{path}" for path, there in elsewhere.items() if path != f"graph/{there}" or there == "dataset/rarefacts"]
    assert {"/prefixes", "/graph/derived", "/graph/terms/hp.ttl", "/waiver/two-exact-matches-group", "/shapes/treatment"} <= set(told)
    assert [line.split()[0] for line in lines] == ["/.well-known/void", "/dataset/rarefacts", *told, "/graph/*", "/rarefacts/*"]


@pytest.mark.parametrize(
    ("base", "led"), [("https://example.org/", False), ("https://example.org/disease/", False), ("https://example.org/a/b/", True)]
)
def test_paths_of_the_base_lead_to_the_top_of_deployed_sites(base: str, led: bool, data: Path, tmp_path: Path) -> None:
    """Where a file of the release may be at such a path, nothing leads away from it."""
    redirects = (_with_base(base, data, tmp_path) / "_redirects").read_text(encoding="utf-8")
    assert (f"{urlsplit(base).path}* /:splat 301\n" in redirects, "splat 301" in redirects) == (led, led)


### The files themselves


def test_only_our_own_dot_file_is_in_a_release(release: kg.Release) -> None:
    """One file begins with a dot, it is in the manifest, and the release is whole with it."""
    dotted = [file["path"] for file in release.manifest["files"] if re.search(r"(^|/)\.", file["path"])]
    assert dotted == [".htaccess"]
    assert verify(release.path) == []
