"""The files of a release over HTTP: conditions, ranges, compression, methods, headers, and nothing but what the manifest lists."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import kg
from kg.formats import HOST_FILES
from kg.prefixes import Prefixes
from kg.serve.about import About
from kg.serve.conditional import span
from kg.serve.kinds import KINDS
from kg.serve.problems import Problem
from kg.serve.resources import File, Resources, resources
from kg.serve.site import Site
from tests.serving import Server, serving

PAGE = "/disease/MONDO_0010626.html"
DATA = "/disease/MONDO_0010626.ttl"
THING = "/disease/MONDO_0010626"


@pytest.fixture(scope="module")
def server(release: kg.Release) -> Iterator[Server]:
    """The project's release, served."""
    with serving(release.path) as running:
        yield running


def _handed_out(release: kg.Release) -> list[dict[str, Any]]:
    return [file for file in release.manifest["files"] if not file["path"].endswith(HOST_FILES)]


def test_what_hosts_read_is_not_handed_out(server: Server, release: kg.Release) -> None:
    """Files by which a static host is set up are no part of the site."""
    kept = [file["path"] for file in release.manifest["files"] if file["path"].endswith(HOST_FILES)]
    assert kept and {server.ask(f"/{path}").status for path in kept} == {404}


def test_every_file_is_served_as_it_is(server: Server, release: kg.Release) -> None:
    """Each file of the manifest, and the manifest, byte for byte, with its media type and a tag of its own."""
    tags = set()
    for file in _handed_out(release):
        answer = server.ask(f"/{file['path']}")
        assert (answer.status, answer.type, sha256(answer.body).hexdigest()) == (200, file["mediaType"], file["sha256"]), file["path"]
        tags.add(answer.headers["etag"])
        assert "content-encoding" not in answer.headers
    assert len(tags) == len({file["sha256"] for file in _handed_out(release)})
    assert server.ask("/manifest.json").body == (release.path / "manifest.json").read_bytes()


def test_head_says_what_get_says(server: Server, release: kg.Release) -> None:
    """HEAD has the headers of GET, the length too, and no body."""
    for path in [THING, *(f"/{file['path']}" for file in _handed_out(release))]:
        for coding in ("identity", "gzip"):
            got, head = (server.ask(path, method, Accept_Encoding=coding) for method in ("GET", "HEAD"))
            assert (got.status, got.headers | {"date": ""}) == (head.status, head.headers | {"date": ""})
            assert head.body == b""


def test_a_range_is_of_get_alone(server: Server) -> None:
    """HEAD with Range is answered as without: 200, and the length of the whole (RFC 9110, 14.2)."""
    whole, head = server.ask(DATA), server.ask(DATA, "HEAD", Range="bytes=0-9")
    assert (head.status, head.headers["content-length"]) == (200, str(len(whole.body))) and "content-range" not in head.headers
    assert server.ask(DATA, "HEAD", Range="bytes=99999999-").status == 200


def test_compressed_bytes_are_the_same_text(server: Server, release: kg.Release) -> None:
    """Who takes gzip gets it, with a tag of its own, from the twin where the release has one; unpacked it is the file."""
    for file in _handed_out(release):
        plain, packed = (server.ask(f"/{file['path']}", Accept_Encoding=coding) for coding in ("identity", "gzip"))
        if "content-encoding" in packed.headers:
            assert gzip.decompress(packed.body) == plain.body
            assert packed.headers["etag"] != plain.headers["etag"] and packed.headers["content-type"] == plain.headers["content-type"]
            assert len(packed.body) < len(plain.body)
        assert "Accept-Encoding" in packed.headers["vary"] and "Accept-Encoding" in plain.headers["vary"]
    assert server.ask("/rarefacts.nq", Accept_Encoding="gzip").body == (release.path / "rarefacts.nq.gz").read_bytes()
    assert server.ask(PAGE, Accept_Encoding="gzip").headers["content-encoding"] == "gzip"


def test_a_tag_survives_a_restart(server: Server, release: kg.Release) -> None:
    """A second server says the same of the same bytes, so what a client has kept stays good."""
    with serving(release.path, "--workers", "1") as other:
        for path in (PAGE, DATA, "/rarefacts.nq", "/sparql"):
            for coding in ("identity", "gzip"):
                tag = server.ask(path, Accept_Encoding=coding).headers["etag"]
                again = other.ask(path, Accept_Encoding=coding, If_None_Match=tag)
                assert (again.status, again.headers["etag"], again.body) == (304, tag, b"")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": "TAG"}, 304),
        ({"If_None_Match": "W/TAG"}, 304),
        ({"If_None_Match": '"x", TAG'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"x"'}, 200),
        ({"If_None_Match": "x"}, 200),
        ({"If_None_Match": '"x"', "If_Modified_Since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 200),
        ({"If_None_Match": "TAG", "If_Modified_Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 304),
        ({"If_Modified_Since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Match": "TAG"}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"x"'}, 412),
        ({"If_Match": "W/TAG"}, 412),
        ({"Range": "bytes=0-9"}, 206),
        ({"Range": "bytes=-5"}, 206),
        ({"Range": "bytes=5-"}, 206),
        ({"Range": "bytes=0-9", "If_Range": "TAG"}, 206),
        ({"Range": "bytes=0-9", "If_Range": '"x"'}, 200),
        ({"Range": "bytes=0-9", "If_None_Match": "TAG"}, 304),
        ({"Range": "bytes=99999999-"}, 416),
        ({"Range": "bytes=-0"}, 416),
        ({"Range": "bytes=9-0"}, 200),
        ({"Range": "bytes=0-1,5-6"}, 200),
        ({"Range": "lines=0-1"}, 200),
        ({"Range": "bytes=-"}, 200),
        ({"Range": "bytes=" + "9" * 5000 + "-"}, 200),
    ],
)
def test_conditions_and_ranges(headers: dict[str, str], status: int, server: Server) -> None:
    """RFC 9110, sections 13 and 14: what is kept is not sent again, and a part is that part."""
    whole = server.ask(DATA)
    tag = whole.headers["etag"]
    answer = server.ask(DATA, **{name: value.replace("TAG", tag) for name, value in headers.items()})
    assert answer.status == status
    if status == 206:
        start, end, size = map(int, re.findall(r"\d+", answer.headers["content-range"]))
        assert answer.body == whole.body[start : end + 1] and size == len(whole.body)
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(whole.body)}"
    if status >= 400:
        assert answer.type == "application/problem+json"


def test_no_date_is_told_that_is_not_heeded(server: Server) -> None:
    """Where If-Modified-Since is passed over, there is no Last-Modified to make one of (RFC 9110, 13.1.3)."""
    for path in ("/", PAGE, DATA, THING, "/rarefacts.nq", "/sparql", "/sparql?query=ASK%20%7B%7D"):
        answer = server.ask(path, If_Modified_Since="Sat, 01 Jan 2050 00:00:00 GMT")
        assert answer.status in (200, 303) and "last-modified" not in answer.headers, path


@pytest.mark.parametrize(
    ("asked", "expected"), [("bytes=0-", (0, 10)), ("bytes=-3", (7, 10)), ("bytes=-99", (0, 10)), ("bytes=3-99", (3, 10))]
)
def test_a_range_ends_where_the_file_does(asked: str, expected: tuple[int, int]) -> None:
    """A range that goes on after the end is cut; the last bytes may be asked for without knowing how many there are."""
    assert span({"range": asked}, '"t"', 10) == expected


@pytest.mark.parametrize("extension", ["html", "ttl", "jsonld", "nt", "bib", "ris", "txt", "linkset.json"])
def test_a_format_may_be_asked_for_in_the_address(extension: str, server: Server) -> None:
    """``?format=`` wins over Accept, for links that a person can click; the suffix works by itself."""
    answer = server.ask(f"{THING}?format={extension}", Accept="image/png")
    assert (answer.status, answer.headers["location"]) == (303, f"{THING}.{extension}")
    assert server.ask(f"{THING}.{extension}", Accept="image/png").status == 200


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/query?query=ASK%20%7B%7D&x=a+b", "/query.html?query=ASK%20%7B%7D&x=a+b"),
        ("/query?query=<a>", "/query.html?query=%3Ca%3E"),
        ("/query?format=html", "/query.html"),
        ("/query", "/query.html"),
    ],
)
def test_a_page_is_reached_with_what_it_is_asked(path: str, location: str, server: Server) -> None:
    """The query of an address goes on to the page, percent-encoded, but for the format that is asked for."""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head = connection.makefile("rb").read().decode("latin-1")
    assert head.startswith("HTTP/1.1 303") and f"\r\nlocation: {location}\r\n" in head


def test_what_is_not_offered_is_listed(server: Server) -> None:
    """406 says which documents there are, and each of them is there."""
    for answer in (server.ask(THING, Accept="image/png"), server.ask(f"{THING}?format=docx")):
        assert answer.status == 406
        available = json.loads(answer.body)["available"]
        assert len(available) >= 4
        assert [server.ask(each["href"]).type for each in available] == [each["mediaType"] for each in available]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "QUERY", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(method: str, server: Server) -> None:
    """405 with Allow, for files and for things."""
    for path in (PAGE, THING, "/"):
        answer = server.ask(path, method, body=b"")
        assert (answer.status, answer.headers["allow"], answer.type) == (405, "GET, HEAD, OPTIONS", "application/problem+json")


def _raw(server: Server, target: bytes) -> Any:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


@pytest.mark.parametrize(
    "target",
    [
        b"/../manifest.json",
        b"/../../../../../../etc/passwd",
        b"/..%2f..%2f..%2f..%2fetc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/disease/../manifest.json",
        b"/disease/./MONDO_0010626.ttl",
        b"//etc/passwd",
        b"/%2fetc/passwd",
        b"/..\\..\\etc\\passwd",
        b"/%5c..%5cetc",
        b"/manifest.json%00.html",
        b"/manifest.json/",
        b"/disease",
        b"/disease/",
        b"/assets/",
        b"/.release",
        b"/%",
        b"/%zz",
        b"/%ff%fe",
        b"/" + b"a" * 5000,
        b"/nowhere?x=" + b"%ff",
        b"/disease/MONDO_9999999",
    ],
)
def test_no_path_leads_out(target: bytes, server: Server) -> None:
    """What the manifest does not list is not there: 404, or 400 where it is no address."""
    status, body = _raw(server, target)
    assert status in (400, 404)
    assert b"root:" not in body


def test_every_answer_has_the_strict_headers(server: Server) -> None:
    """Policy, nosniff, referrer and CORS stand on answers of every sort, errors among them."""
    for path in ("/", PAGE, DATA, THING, "/nowhere", "/sparql", "/sparql?query=x", "/-/health", "/-/metrics"):
        headers = server.ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"] and "unsafe-inline" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["access-control-allow-origin"]) == ("nosniff", "*")
        assert "referrer-policy" in headers and "server" not in headers


def test_no_host_is_believed(server: Server) -> None:
    """A redirect is a path, whatever Host and its relatives say."""
    evil = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "gopher", "Forwarded": "host=evil.example"}
    answer = server.ask(THING, **evil)
    assert answer.headers["location"] == f"{THING}.html"
    assert "evil" not in str(answer.headers)


def test_a_browser_may_ask_before_it_asks(server: Server) -> None:
    """A preflight says which methods and headers there are."""
    for path, methods in ((DATA, "GET, HEAD, OPTIONS"), ("/sparql", "GET, HEAD, OPTIONS, POST, QUERY")):
        answer = server.ask(path, "OPTIONS", Origin="https://example.org", Access_Control_Request_Method="GET")
        assert (answer.status, answer.headers["access-control-allow-methods"]) == (204, methods)


def test_links_for_machines(server: Server, release: kg.Release) -> None:
    """FAIR Signposting: a page has one cite-as, its data with their types, its licence and what it is; data leads back to it."""
    link = server.ask(PAGE).headers["link"]
    found = re.findall(r'<([^>]*)>; rel="([\w-]+)"(?:; type="([^"]+)")?', link)
    assert [target for target, relation, _ in found if relation == "cite-as"] == [release.manifest["base"] + THING[1:]]
    described = {target.rpartition("/")[2]: type_ for target, relation, type_ in found if relation == "describedby"}
    offered = {
        "MONDO_0010626.ttl": "text/turtle",
        "MONDO_0010626.nt": "application/n-triples",
        "MONDO_0010626.jsonld": "application/ld+json",
    }
    assert offered.items() <= described.items()
    assert {"license", "type"} <= {relation for _, relation, _ in found}
    assert 'rel="describes"' in server.ask(DATA).headers["link"]


def test_iris_of_the_data_answer(server: Server, release: kg.Release) -> None:
    """The path of a disease's IRI below the base IRI leads to documents that speak of that IRI."""
    base = release.manifest["base"]
    for path in {file["path"].partition(".")[0] for file in release.manifest["files"] if file["path"].startswith("disease/")}:
        there = server.ask(server.ask(f"/{path}", Accept="application/n-triples").headers["location"])
        assert f"<{base}{path}> ".encode() in there.body


def test_every_iri_that_is_published_answers(server: Server, release: kg.Release) -> None:
    """What stands below the base IRI in the dump, the vocabulary, the rules or the description leads to a document."""
    texts = [(release.path / name).read_text(encoding="utf-8") for name in ("rarefacts.nq", "vocab.ttl", "shapes.ttl", "void.ttl")]
    paths = set(re.findall(f"<{re.escape(release.manifest['base'])}([^>#]*)", "".join(texts)))
    assert {"graph/disease/MONDO_0010626", "graph/derived", "waiver/mixed-inheritance-group", "prefixes", "shapes/core"} <= paths
    missing = {path for path in paths if server.ask(f"/{path}", "HEAD", Accept="*/*").status not in (200, 303)}
    assert missing == set()
    for path, there in {"graph/disease/MONDO_0010626": "disease/MONDO_0010626.ttl", "graph/metadata": "void.ttl"}.items():
        assert server.ask(f"/{path}", Accept="text/turtle").headers["location"] == f"/{there}"
    page = server.ask(server.ask("/prefixes", Accept="text/html").headers["location"])
    assert b'id="ICD10CM"' in page.body  # the fragment of an IRI stays with the client, and is an anchor there


def test_every_kind_of_problem_is_explained(server: Server, release: kg.Release) -> None:
    """The type of each problem that the code can tell is an IRI that answers, and no other kind is explained."""
    code = "".join(path.read_text(encoding="utf-8") for path in Path(kg.__file__).parent.glob("serve/*.py"))
    assert {*re.findall(r'Problem\(\s*\d{3}, "([a-z0-9-]+)"', code), "engine-answer", "engine-failed"} == KINDS.keys()
    kind = json.loads(server.ask("/nowhere").body)["type"].removeprefix(release.manifest["base"])
    page = server.ask(f"/{kind}")
    assert (page.status, page.type) == (200, "text/html") and KINDS["not-found"].encode() in page.body
    assert server.ask("/problem/none").status == server.ask("/problem").status == 404


def test_a_key_may_have_dots(tmp_path: Path) -> None:
    """A thing whose IRI has a dot has its documents; what is only beside a page, such as its schema.org, is none of a thing."""
    (tmp_path / "manifest.json").touch()
    names = ("source/a.b.html", "source/a.b.ttl", "disease/x.html", "disease/x.schema.jsonld")
    files = [{"path": name, "mediaType": "", "size": 0, "sha256": ""} for name in names]
    found = resources(kg.Release(tmp_path, {"base": "https://example.org/", "files": files}), About((), Prefixes({}), "dataset/d"))
    assert {path: [file.path for file in documents] for path, documents in found.things.items()} == {
        "source/a.b": ["source/a.b.html", "source/a.b.ttl"],
        "disease/x": ["disease/x.html"],
    }


@pytest.mark.parametrize("path", ["disease/there.html", "disease/withdrawn.html", "disease/withdrawn"])
def test_a_file_that_is_gone_is_asked_for_again(path: str, tmp_path: Path) -> None:
    """What is gone from the disk while a release is replaced is 503 with Retry-After, a tombstone too."""
    there, gone = (File(f"disease/{name}.html", tmp_path / "gone", "text/html", 9, "a" * 64) for name in ("there", "withdrawn"))
    withdrawn: dict[str, tuple[str, ...]] = {"disease/withdrawn.html": (), "disease/withdrawn": ()}
    files = {file.path: file for file in (there, gone)}
    site = Site(Resources("https://example.org/", files, {"disease/withdrawn": (gone,)}, withdrawn), 1 << 20)
    with pytest.raises(Problem, match=path) as raised:
        site.reply("GET", path, "", {})
    assert (raised.value.status, raised.value.headers) == (503, (("retry-after", "1"),))


def test_slow_heads_are_cut_off(release: kg.Release) -> None:
    """A client that sends a byte now and then is not waited for, nor is one that sends a head without an end."""
    with serving(release.path, "--request-time", "1", "--workers", "1") as server:
        slow = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(500)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert server.ask("/").status == 200
        endless = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        with pytest.raises(OSError):
            for _ in range(10_000):
                endless.sendall(b"X-Ears: " + b"e" * 1000 + b"\r\n")
        for connection in slow:
            with suppress(ConnectionResetError):
                assert connection.recv(100) == b""
            connection.close()
        endless.close()


@contextmanager
def _connected(server: Server, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Connections over which something was sent, one after the other."""
    with ExitStack() as stack:
        there = []
        for _ in range(count):
            there.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)))
            there[-1].sendall(sent)
            time.sleep(0.1)
        yield there


def test_too_many_connections_are_told(release: kg.Release) -> None:
    """One connection more than may be is answered with a problem and closed; when one is free, all is as before."""
    unfinished = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    with serving(release.path, "--workers", "1", "--connections", "3") as server, _connected(server, 3, unfinished) as held:
        answer = server.ask("/")
        assert (answer.status, answer.type, answer.headers["retry-after"]) == (503, "application/problem+json", "1")
        assert json.loads(answer.body)["status"] == 503 and answer.headers["connection"] == "close"
        held.pop().close()
        time.sleep(0.2)
        assert server.ask("/").status == 200


@pytest.mark.parametrize("sent", [b"GET / HT", b"GET /-/health HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_who_asks_nothing_makes_room(sent: bytes, release: kg.Release) -> None:
    """Where all connections are taken, the one that has waited for a request for the longest time is closed for who asks one."""
    with serving(release.path, "--workers", "1", "--connections", "3") as server, _connected(server, 3, sent) as held:
        assert server.ask("/").status == 200
        assert [_is_open(connection) for connection in held] == [False, True, True]


def _is_open(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        while connection.recv(1 << 16):
            pass
    except TimeoutError:
        return True
    except ConnectionResetError:
        pass
    return False


def test_slow_readers_are_cut_off(release: kg.Release) -> None:
    """A client that takes nothing of a large file is not waited for; it gets less than it was promised, and knows."""
    with serving(release.path, "--send-time", "1", "--workers", "1") as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.settimeout(30)
        connection.sendall(b"GET /rarefacts.nq HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
        end = time.monotonic() + 20
        while not any('"status": 499' in line for line in server.log) and time.monotonic() < end:
            time.sleep(0.1)
        got = 0
        with suppress(ConnectionResetError):
            while part := connection.recv(1 << 20):
                got += len(part)
        assert got < 9 * (release.path / "rarefacts.nq").stat().st_size


def test_the_release_is_beside_nothing_new(release: kg.Release) -> None:
    """Serving writes nothing into a release."""
    assert {path.relative_to(release.path).as_posix() for path in Path(release.path).rglob("*") if path.is_file()} == {
        "manifest.json",
        *(file["path"] for file in release.manifest["files"]),
    }
