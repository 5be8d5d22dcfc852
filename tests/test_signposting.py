"""A program that knows FAIR Signposting, and nothing of us, finds from each page what describes it and what belongs to it."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import signposting
from pyoxigraph import RdfFormat, parse

import kg
from kg.formats import BY_EXTENSION, MEDIA_TYPES, media_type

LICENSE = "https://creativecommons.org/licenses/by/4.0/"


class _Handler(SimpleHTTPRequestHandler):
    """Files with the media types of the table; nothing is printed."""

    def guess_type(self, path: Any) -> str:
        return media_type(Path(path).as_posix())

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host(release: kg.Release) -> Iterator[str]:
    """Another host than the one of the base IRI, which serves the release as files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(release.path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def _pages(release: kg.Release) -> list[str]:
    return sorted(f"disease/{path.stem}" for path in (release.path / "disease").glob("*.html"))


def _found(found: Any) -> dict[str, set[tuple[str, str | None]]]:
    """What a client found, by relation: target and media type."""
    links: dict[str, set[tuple[str, str | None]]] = {}
    for signpost in found:
        links.setdefault(str(signpost.rel), set()).add((str(signpost.target), signpost.type and str(signpost.type)))
    return links


def test_the_page_of_a_disease_leads_to_all_that_belongs_to_it(release: kg.Release, host: str) -> None:
    """The client finds one cite-as, the persistent IRI, and files on the host that it came to, each of the type that it says."""
    base = release.manifest["base"]
    pages = _pages(release)
    assert len(pages) == release.manifest["counts"]["diseases"]
    for page in pages:
        links = _found(signposting.find_signposting_html(f"{host}{page}.html"))
        described = {(f"{host}{page}.{extension}", MEDIA_TYPES[extension]) for extension in ("ttl", "jsonld", "nt")}
        assert links == {
            "cite-as": {(base + page, None)},
            "describedby": described,
            "type": {("https://schema.org/AboutPage", None), ("https://schema.org/MedicalWebPage", None)},
            "license": {(LICENSE, None)},
            "collection": {(f"{host}dataset.html", "text/html")},
            "linkset": {(f"{host}{page}.linkset.json", "application/linkset+json")},
        }
        for url, _ in described:
            file = release.path / url.removeprefix(host)
            subjects = {str(quad.subject) for quad in parse(path=str(file), format=BY_EXTENSION[file.suffix[1:]].rdf)}
            assert f"<{base}{page}>" in subjects, "what describes the page is about the disease"


@pytest.mark.parametrize("page", ["dataset.html", "index.html", ""])
def test_the_dataset_leads_to_its_dumps(release: kg.Release, host: str, page: str) -> None:
    """From the home and from the page of the dataset: every dump as an item, with its media type."""
    base, name = release.manifest["base"], release.manifest["name"]
    links = _found(signposting.find_signposting_html(host + page))
    dumps = {
        (host + file["path"], file["mediaType"]) for file in release.manifest["files"] if file["path"].startswith((f"{name}.", f"{name}-"))
    }
    assert len(dumps) == 11
    assert links == {
        "cite-as": {(f"{base}dataset/{name}", None)},
        "describedby": {(f"{host}void.ttl", "text/turtle"), (f"{host}dataset.schema.jsonld", "application/ld+json")},
        "type": {("https://schema.org/AboutPage", None), ("https://schema.org/Dataset", None)},
        "license": {(LICENSE, None)},
        "item": dumps,
        "linkset": {(f"{host}linkset.json", "application/linkset+json")},
    }
    [cited] = links["cite-as"]
    about = {str(quad.subject) for quad in parse(path=str(release.path / "void.ttl"), format=RdfFormat.TURTLE)}
    assert f"<{cited[0]}>" in about


@pytest.mark.parametrize("page", ["disease/MONDO_0010626.html", "dataset.html", "index.html"])
def test_the_link_set_says_what_the_page_says(release: kg.Release, host: str, page: str) -> None:
    """Read by the client, the link set has the links of the page, with the base in place of the host, and the way back."""
    base = release.manifest["base"]
    links = _found(signposting.find_signposting_html(host + page))
    [(address, _)] = links["linkset"]
    wanted = {rel: {(url.replace(host, base, 1), kind) for url, kind in targets} for rel, targets in links.items()}
    found = signposting.find_signposting_linkset(address)
    anchor = base + ("" if page == "index.html" else page)
    here = _found(found.for_context(anchor))
    if page == "dataset.html":
        diseases = {(f"{base}{each}.html", "text/html") for each in _pages(release)}
        assert diseases <= here["item"]
        here["item"] -= diseases
    assert here == wanted
    listed = {each["anchor"]: each for each in json.loads((release.path / address.removeprefix(host)).read_bytes())["linkset"]}
    if page != "index.html":
        for url, _ in wanted["describedby"]:
            assert listed[url] == {"anchor": url, "describes": [{"href": anchor, "type": "text/html"}]}


def test_link_sets_keep_to_rfc_9264(release: kg.Release) -> None:
    """One member, a list of contexts with an anchor each and relations that are lists of objects with href; all is absolute."""
    files = sorted(release.path.rglob("*linkset.json"))
    assert len(files) == release.manifest["counts"]["diseases"] + 1
    names = {file["path"]: file["mediaType"] for file in release.manifest["files"]}
    base = release.manifest["base"]
    for file in files:
        assert names[file.relative_to(release.path).as_posix()] == "application/linkset+json"
        document = json.loads(file.read_bytes())
        assert list(document) == ["linkset"]
        for context in document["linkset"]:
            for relation, targets in context.items():
                addresses = [targets] if relation == "anchor" else [target["href"] for target in targets]
                assert all(address.startswith("https://") for address in addresses)
                inside = [address.removeprefix(base) for address in addresses if address.startswith(base) and relation != "cite-as"]
                assert all((release.path / address).exists() for address in inside)


def test_the_other_pages_keep_their_licence(release: kg.Release, host: str) -> None:
    """A page that has no signposts of its own still names the licence, once."""
    assert _found(signposting.find_signposting_html(f"{host}compare.html")) == {"license": {(LICENSE, None)}}


def test_a_longer_extension_wins() -> None:
    """The media type of a link set is not that of other JSON; what the table lacks is an error."""
    assert media_type("disease/X.linkset.json") == media_type("linkset.json") == "application/linkset+json"
    assert media_type("assets/search.json") == "application/json"
    assert media_type("a.jsonld.gz") == "application/gzip"
    with pytest.raises(KeyError):
        media_type("a.exe")
