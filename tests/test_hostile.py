"""Hostile files, names and queries end in a message: never in a signal, a traceback, a hang, a connection or a loss.

What is hostile here is made when the tests run, none of it is kept. Commands run as users run them, in a process of their own.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

import kg
from kg import limits
from kg.dataset import read_dataset
from kg.foreign import ForeignFile, read_foreign
from kg.strict_json_ld import parse_json_ld

BASE = Path(__file__).parent / "records" / "base"
BASE_IRI = "https://example.org/rare/"
RECORD = "disease: MONDO_9999001\n"
FACT = f"{RECORD}phenotype:\n  ears: {{feature: HP:9999001, evidence: page-one}}\n"
DEEP = 100_000
SECONDS = 10
MEGABYTES = 1000
PREFIXES = """@prefix HP: <http://purl.obolibrary.org/obo/HP_> .
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rfs: <https://w3id.org/rarefacts/shapes#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""


@dataclass(frozen=True)
class Run:
    """How a command ended; a negative code is a signal, None is a command that had to be stopped."""

    code: int | None
    out: str
    err: str
    megabytes: int

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self.out + self.err


def _run(*arguments: str | Path, cwd: Path | None = None) -> Run:
    """A kg command, stopped after ten seconds, with the most memory that it or a child of its took."""
    command = [sys.executable, "-P", "-c", "from kg.cli import main; main()", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, start_new_session=True)
    assert process.stdout is not None and process.stderr is not None
    outputs: list[bytes] = [b"", b""]

    def read(number: int, stream: Any) -> None:
        outputs[number] = stream.read()

    readers = [threading.Thread(target=read, args=(n, stream)) for n, stream in enumerate((process.stdout, process.stderr))]
    for reader in readers:
        reader.start()
    status, megabytes = _wait(process.pid)
    process.returncode = 0 if status is None else os.waitstatus_to_exitcode(status)  # it is waited for; Popen must not do it again
    for reader in readers:
        reader.join()
    process.stdout.close()
    process.stderr.close()
    out, err = (output.decode("utf-8", errors="replace") for output in outputs)
    return Run(None if status is None else process.returncode, out, err, megabytes)


def _wait(pid: int) -> tuple[int | None, int]:
    """The exit status of a process, None where it had to be stopped, and its peak memory in megabytes."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return status, usage.ru_maxrss // 1024
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    return None, usage.ru_maxrss // 1024


def _dataset(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The base dataset with some files in it."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def _assert_orderly(run: Run) -> None:
    assert run.code is not None, "it did not end within ten seconds"
    assert run.code >= 0, f"it ended by signal {-run.code}"
    assert "Traceback" not in run.said, run.said[-2000:]
    assert run.megabytes < MEGABYTES


def _assert_refused(run: Run, name: str) -> None:
    _assert_orderly(run)
    assert run.code == 2, run.said[-2000:]
    assert name in run.said


# Bombs


def _laughs() -> str:
    lines = ["a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"{above}: &{above} [{', '.join([f'*{below}'] * 9)}]" for below, above in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join(lines)


YAML_BOMBS: dict[str, Callable[[], str]] = {
    "lists-in-brackets": lambda: f"{RECORD}comment: {'[' * DEEP}{']' * DEEP}\n",
    "lists-in-brackets-not-closed": lambda: f"{RECORD}comment: {'[' * DEEP}",
    "maps-in-brackets": lambda: f"{RECORD}comment: {'{a: ' * DEEP}{'}' * DEEP}\n",
    "lists-in-a-line": lambda: "- " * DEEP + "x\n",
    "maps-in-lines": lambda: "".join(f"{' ' * depth}a:\n" for depth in range(1400)),
    "keys-of-keys": lambda: "? " * DEEP + "x\n",
    "laughs": _laughs,
    "one-huge-text": lambda: f'{RECORD}comment: "{"x" * 50_000_000}"\n',
    "ten-megabytes-of-anchors": lambda: "".join(f"k{number}: &a{number} x\n" for number in range(600_000)),
    "one-megabyte-of-anchors": lambda: "".join(f"k{number}: &a{number} x\n" for number in range(50_000)),
    "only-documents": lambda: "---\n" * (limits.RECORD_BYTES // 4),
    "only-the-same-key": lambda: "a: 1\n" * (limits.RECORD_BYTES // 5),
    "only-the-same-value": lambda: f"{RECORD}comment: [{'a, ' * (limits.RECORD_BYTES // 3 - 20)}]\n",
    "only-unknown-keys": lambda: RECORD + "".join(f"k{number}: 1\n" for number in range(limits.RECORD_BYTES // 12)),
}


@pytest.mark.parametrize("bomb", YAML_BOMBS)
def test_a_yaml_bomb_is_refused(bomb: str, tmp_path: Path) -> None:
    """Depth, aliases, size and a file of nothing but mistakes end in a message that names the file."""
    _assert_refused(_run("check", _dataset(tmp_path, {"diseases/bomb.yaml": YAML_BOMBS[bomb]()})), "diseases/bomb.yaml")


RDF_BOMBS: dict[str, Callable[[], str]] = {
    "collections.ttl": lambda: f"{PREFIXES}HP:1 rdfs:seeAlso {'(' * DEEP}{')' * DEEP} .\n",
    "property-lists.ttl": lambda: f"{PREFIXES}HP:1 rdfs:seeAlso {'[ rdfs:seeAlso ' * DEEP}HP:1 {']' * DEEP} .\n",
    "triple-terms.ttl": lambda: f"{PREFIXES}HP:1 rdfs:seeAlso {'<<( HP:1 rdfs:seeAlso ' * DEEP}HP:1 {')>> ' * DEEP} .\n",
    "reifiers.ttl": lambda: f"{PREFIXES}{'<< ' * DEEP}HP:1 a HP:2{' >> a HP:1' * DEEP} .\n",
    "graphs.trig": lambda: f"<http://example.org/g> {'{ ' * DEEP}{'}' * DEEP}\n",
    "triple-terms.nq": lambda: f"<http://a> <http://b> {'<<( <http://a> <http://b> ' * DEEP}<http://c> {')>> ' * DEEP}.\n",
    "arrays.jsonld": lambda: "[" * DEEP + "]" * DEEP,
    "arrays-not-closed.jsonld": lambda: "[" * DEEP,
    "objects.jsonld": lambda: '{"http://example.org/p":' * DEEP + "1" + "}" * DEEP,
    "quotes-not-closed.jsonld": lambda: '{"@id": "' + '\\"' * 10_000_000,
    "digits.jsonld": lambda: '{"@id": "http://a", "http://b": ' + "1" * 1_000_000 + "}",
    "quotes-not-closed.ttl": lambda: '<http://a> <http://b> """' + '"" ' * 10_000_000,
}


@pytest.mark.parametrize("bomb", RDF_BOMBS)
def test_an_rdf_bomb_is_refused(bomb: str, tmp_path: Path) -> None:
    """What would bring a parser down ends in a message that names the file."""
    _assert_refused(_run("check", _dataset(tmp_path, {f"terms/{bomb}": RDF_BOMBS[bomb]()})), f"terms/{bomb}")


@pytest.mark.parametrize("name", ["huge.ttl", "huge.nt", "huge.jsonld"])
def test_a_huge_literal_stays_within_limits(name: str, tmp_path: Path) -> None:
    """A hundred megabytes in one literal are read or refused, within time and memory."""
    text = "x" * 100_000_000
    body = f'{{"@id": "http://a", "http://b": "{text}"}}' if name.endswith("jsonld") else f'<http://a> <http://b> "{text}" .\n'
    run = _run("check", _dataset(tmp_path, {f"terms/{name}": body}))
    _assert_orderly(run)
    assert run.code == 0 or f"terms/{name}" in run.said


OWN_BOMBS: dict[str, Callable[[], str]] = {
    "ontology/ears.ttl": RDF_BOMBS["triple-terms.ttl"],
    "shapes/ears.ttl": RDF_BOMBS["triple-terms.ttl"],
    "ontology/rules/ears.rq": lambda: f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER({'(' * DEEP}1{')' * DEEP}) }}",
}


@pytest.mark.parametrize("name", OWN_BOMBS)
def test_a_bomb_in_the_datasets_own_ontology_or_shapes_is_refused(name: str, tmp_path: Path) -> None:
    """What a dataset brings to read itself by is as foreign as the rest."""
    _assert_refused(_run("check", _dataset(tmp_path, {"diseases/ears.yaml": FACT, name: OWN_BOMBS[name]()})), Path(name).name)


OWN_FAULTS: dict[str, tuple[dict[str, str | bytes], str]] = {
    "rule-not-utf-8": ({"ontology/rules/ears.rq": b"# ears\n# caf\xe9\n"}, "ontology/rules/ears.rq:2:1: error: is not UTF-8 here"),
    "settling-not-utf-8": ({"ontology/settling/ears.rq": b"# caf\xe9\n"}, "ontology/settling/ears.rq:1:1: error: is not UTF-8 here"),
    "projection-not-utf-8": ({"ontology/alignments/ears.rq": b"# caf\xe9\n"}, "ontology/alignments/ears.rq:1:1: error: is not UTF-8 here"),
    "description-not-utf-8": ({"ontology/metadata/ears.rq": b"# caf\xe9\n"}, "ontology/metadata/ears.rq:1:1: error: is not UTF-8 here"),
    "export-not-utf-8": ({"ontology/exports/facts.rq": b"# caf\xe9\n"}, "ontology/exports/facts.rq:1:1: error: is not UTF-8 here"),
    "rule-is-a-select": (
        {"ontology/rules/ears.rq": b"SELECT ?s { ?s ?p ?o }"},
        "data/ontology/rules/ears.rq: is no CONSTRUCT query",
    ),
    "rule-is-an-ask": ({"ontology/rules/ears.rq": b"ASK { ?s ?p ?o }"}, "data/ontology/rules/ears.rq: is no CONSTRUCT query"),
    "rule-is-cut-off": (
        {"ontology/rules/ears.rq": b"CONSTRUCT { ?s ?p ?o }\nWHERE { ?s ?p"},
        "data/ontology/rules/ears.rq: the query cannot be read at line 2, column 14",
    ),
    "rule-has-an-unknown-prefix": (
        {"ontology/rules/ears.rq": b"CONSTRUCT { ?s ?p ?o } WHERE { ?s ears:of ?o }"},
        "data/ontology/rules/ears.rq: the query cannot be read at line 1, column 42; the prefix ears: is not declared",
    ),
    "rule-has-kg-s-name": (
        {"ontology/rules/direct.rq": b"SELECT ?s { ?s ?p ?o }"},
        "data/ontology/rules/direct.rq: is no CONSTRUCT query",
    ),
    "export-is-a-construct": (
        {"ontology/exports/facts.rq": b"CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"},
        "data/ontology/exports/facts.rq: is no SELECT query",
    ),
    "shapes-are-a-folder": ({"shapes/ears.ttl/ears": b""}, "shapes/ears.ttl/ears:1:1: error: is read by nothing"),
    "rule-is-a-folder": ({"ontology/rules/ears.rq/ears": b""}, "ontology/rules/ears.rq/ears:1:1: error: is read by nothing"),
    "module-is-a-folder": ({"ontology/ears.ttl/ears": b""}, "ontology/ears.ttl:1:1: error: is no regular file"),
}


@pytest.mark.parametrize("fault", OWN_FAULTS)
def test_what_cannot_be_read_of_the_datasets_own_ontology_is_named(fault: str, tmp_path: Path) -> None:
    """A module or a query of a dataset's own that is no text, or no file, ends in a message that names it and the line."""
    files, said = OWN_FAULTS[fault]
    _assert_refused(_run("build", _dataset(tmp_path / "data", {"diseases/ears.yaml": FACT, **files}), "--out", tmp_path / "release"), said)


def test_a_pattern_that_never_ends_is_stopped(tmp_path: Path) -> None:
    """A regular expression of a dataset's own shapes that tries every way to fail does not hold up the check."""
    shape = 'rfs:ears a sh:NodeShape ; sh:targetClass rf:Disease ; sh:property [ sh:path rdfs:comment ; sh:pattern "^(a+)+$" ] .\n'
    record = f"{FACT}comment: {'a' * 60}!\n"
    _assert_orderly(_run("check", _dataset(tmp_path, {"diseases/ears.yaml": record, "shapes/ears.ttl": PREFIXES + shape})))


def test_three_thousand_mistakes_in_one_file_are_reported_in_time(tmp_path: Path) -> None:
    """A file in which everything is wrong takes no more time for each mistake than a file with one."""
    labels = "".join(f'HP:{number} a rf:Term ; rdfs:label "no language" .\n' for number in range(9_990_000, 9_993_000))
    run = _run("check", _dataset(tmp_path, {"terms/ears.ttl": PREFIXES + labels}))
    _assert_orderly(run)
    assert run.code == 1
    assert run.out.count("[term-label]") == 3000


def test_one_bomb_does_not_hide_the_others(tmp_path: Path) -> None:
    """Each file that brings the reader down is named, and those that are only wrong are judged for what they are."""
    bomb = RDF_BOMBS["triple-terms.ttl"]()
    run = _run("check", _dataset(tmp_path, {"terms/a.ttl": bomb, "terms/b.ttl": "<a> a .\n", "terms/c.ttl": bomb}))
    _assert_refused(run, "terms/a.ttl")
    assert "terms/b.ttl:1:7: error: not turtle" in run.out
    assert "terms/c.ttl" in run.out


def test_what_many_files_hold_is_never_in_memory_at_once(tmp_path: Path) -> None:
    """Who reads files one after the other holds the statements of one of them, however many there are."""
    files = []
    for number in range(20):
        files.append(ForeignFile(tmp_path / f"{number}.nt", f"{number}.nt", NamedNode("https://example.org/graph")))
        files[-1].path.write_text(f'<urn:s> <urn:p{number}> "{"x" * 200_000}" .\n', encoding="utf-8")
    tracemalloc.start()
    try:
        found = [quad.predicate.value for _, quads in read_foreign(files, "https://example.org/") for quad in quads]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == [f"urn:p{number}" for number in range(20)]
    assert most < 2_000_000


def test_a_reader_that_says_nothing_is_not_asked_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that ends well without an answer is a problem of that file, not a loop."""
    asked: list[object] = []

    def silent(*arguments: object, **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(arguments)
        assert len(asked) < 10, "asked again and again"
        return subprocess.CompletedProcess([], 0, b"", b"")

    folder = _dataset(tmp_path, {})
    monkeypatch.setattr("subprocess.run", silent)
    assert not kg.check(folder).readable


# No network


@dataclass
class Listener:
    """A server on this machine that counts who connects."""

    url: str
    connections: list[float]


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listener that closes each connection at once."""
    server = socket.create_server(("127.0.0.1", 0))
    found = Listener(f"http://127.0.0.1:{server.getsockname()[1]}/ears", [])

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            found.connections.append(time.monotonic())
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield found
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_the_listener_would_notice_a_connection(listener: Listener) -> None:
    """The test of the tests: the engine does send SERVICE when nothing keeps it from it, and that is seen."""
    code = "import sys, pyoxigraph; list(pyoxigraph.Store().query('SELECT * { SERVICE <' + sys.argv[1] + '> { ?s ?p ?o } }'))"
    subprocess.run([sys.executable, "-c", code, listener.url], capture_output=True, check=False)
    assert len(listener.connections) == 1


def _reaching(url: str) -> dict[str, dict[str, str | bytes]]:
    """Datasets that would like to fetch something."""
    select = f"SELECT $this WHERE {{ $this a rf:Disease . SERVICE <{url}> {{ ?a ?b ?c }} }}"
    construct = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"
    shape = f'rfs:ears sh:targetClass rf:Disease ; a sh:NodeShape ; sh:sparql [ sh:message "ears" ; sh:select "{select}" ] .\n'
    imports = f"<http://example.org/ears> owl:imports <{url}> .\n"
    return {
        "context": {"terms/ears.jsonld": json.dumps({"@context": url, "@id": "http://example.org/ears"})},
        "context-in-list": {"terms/ears.jsonld": json.dumps([{"@context": [{}, url], "@id": "http://example.org/ears"}])},
        "import": {"terms/ears.jsonld": json.dumps({"@context": {"@version": 1.1, "@import": url}, "@id": "http://example.org/ears"})},
        "imports-of-terms": {"terms/ears.ttl": PREFIXES + imports},
        "imports-of-ontology": {"ontology/ears.ttl": PREFIXES + imports},
        "imports-of-shapes": {"shapes/ears.ttl": PREFIXES + imports},
        "service-of-shape": {"shapes/ears.ttl": PREFIXES + shape},
        "service-of-rule": {"ontology/rules/ears.rq": construct},
        "service-of-export": {"ontology/exports/facts.rq": f"SELECT ?s {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"},
        "service-of-projection": {"ontology/alignments/ears.rq": construct, "ontology/alignments/rdf12.rq": construct},
    }


@pytest.mark.parametrize("what", _reaching(""))
def test_building_a_dataset_connects_to_nothing(what: str, listener: Listener, tmp_path: Path) -> None:
    """Whatever a dataset names, neither check nor build fetches it, and neither breaks down over it."""
    folder = _dataset(tmp_path / "data", {"diseases/ears.yaml": FACT, **_reaching(listener.url)[what]})
    run = _run("build", folder, "--out", tmp_path / "release")
    assert listener.connections == []
    _assert_orderly(run)


@pytest.fixture(scope="module")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the base dataset with one disease."""
    folder = tmp_path_factory.mktemp("small")
    kg.build(_dataset(folder / "data", {"diseases/ears.yaml": FACT}), folder / "release")
    return folder / "release"


QUERIES = {
    "service": "SELECT * WHERE { SERVICE <URL> { ?a ?b ?c } }",
    "silent": "SELECT * WHERE { SERVICE SILENT <URL> { ?a ?b ?c } }",
    "in-small-letters": "SELECT * WHERE { service<URL>{ ?a ?b ?c } }",
    "escaped-letter": r"SELECT * WHERE { S\u0045RVICE <URL> { ?a ?b ?c } }",
    "after-a-variable": "SELECT * WHERE { ?s ?p ?o.SERVICE<URL> { ?a ?b ?c } }",
    "after-a-boolean": "SELECT * WHERE { ?s rf:negated ?o OPTIONAL { ?s ?p true.SERVICE<URL> { ?a ?b ?c } } }",
    "after-a-language": "SELECT * WHERE { ?s rdfs:label 'Blue ears'@en.SERVICE<URL> { ?a ?b ?c } }",
    "after-a-number": "SELECT * WHERE { BIND(1 AS ?x) FILTER(?x = 1.0e0)SERVICE<URL> { ?a ?b ?c } }",
    "after-a-prefixed-name": r"SELECT * WHERE { ?s a rf:Disease\..SERVICE<URL> { ?a ?b ?c } }",
    "after-an-escaped-quote": r"SELECT * WHERE { ?s a rf:x\' . SERVICE <URL> { ?a ?b ?c } ?s a rf:x\' }",
    "after-less-than": "SELECT * WHERE { BIND(<URL> AS ?v) FILTER(1<2)SERVICE?v#>\n{ ?x ?y ?z } }",
    "after-an-escaped-newline": 'SELECT * WHERE { # \\u000a """ \n SERVICE <URL> { ?a ?b ?c } # """\n }',
    "after-an-escaped-quote-in-a-comment": "SELECT * WHERE { # \\u0022\n SERVICE <URL> { ?a ?b ?c } # \\u0022\n }",
    "in-a-subquery": "SELECT * WHERE { { SELECT * WHERE { SERVICE <URL> { ?a ?b ?c } } } }",
    "in-exists": "ASK { ?s a rf:Disease FILTER NOT EXISTS { SERVICE <URL> { ?a ?b ?c } } }",
    "construct": "CONSTRUCT { ?a ?b ?c } WHERE { SERVICE <URL> { ?a ?b ?c } }",
    "describe": "DESCRIBE ?s WHERE { ?s a rf:Disease.SERVICE<URL> { ?a ?b ?c } }",
    "load": "LOAD <URL>",
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_connects_to_nothing(query: str, small_release: Path, listener: Listener) -> None:
    """A query for another endpoint is refused, however it is spelt."""
    refused = False
    try:
        answer = kg.open(small_release).query(QUERIES[query].replace("URL", listener.url))
        if answer.variables:
            list(answer)
        elif answer.is_graph:
            answer.serialize("ntriples")
    except kg.KgError:
        refused = True
    except OSError as error:
        pytest.fail(f"the engine tried: {error}")
    assert listener.connections == []
    assert refused


@pytest.mark.parametrize("query", ["service", "after-a-variable"])
def test_the_query_command_connects_to_nothing(query: str, small_release: Path, listener: Listener) -> None:
    """On the command line, too, it ends in a message and exit code 2."""
    run = _run("query", "--release", small_release, "-e", QUERIES[query].replace("URL", listener.url))
    assert listener.connections == []
    _assert_refused(run, "SERVICE")


@pytest.mark.parametrize("clause", ["FROM <URL>", "FROM NAMED <URL>"])
def test_from_fetches_nothing(clause: str, small_release: Path, listener: Listener) -> None:
    """FROM names graphs of the release; one that is elsewhere is empty here, or refused."""
    query = f"SELECT * {clause.replace('URL', listener.url)} WHERE {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
    run = _run("query", "--release", small_release, "--format", "csv", "-e", query)
    assert listener.connections == []
    _assert_orderly(run)
    assert run.code == 2 or len(run.out.splitlines()) == 1


def test_nothing_in_the_working_folder_is_run(tmp_path: Path) -> None:
    """A folder that holds Python files named like modules can be worked in: none of them is imported."""
    _dataset(tmp_path / "data", {})
    for module in ("json", "re", "resource", "subprocess", "pyoxigraph", "kg"):
        (tmp_path / f"{module}.py").write_text("import pathlib\npathlib.Path(__file__).with_suffix('.was-run').touch()\n")
    run = _run("check", "data", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.was-run")) == []
    _assert_orderly(run)
    assert run.code == 0


# Names and kinds of files


@pytest.mark.parametrize(
    "name",
    ["--help", "-", "ears and nose", "ears\nnose", "ears<b>", "ears%20", "ears#nose", "ears?nose", "ears\\nose", "\u8033", "\x1b[2J"],
)
def test_any_file_name_is_read(name: str, tmp_path: Path) -> None:
    """A file is read or refused by name whatever it is called; what it holds is not lost, and no name breaks the report."""
    label = f'{PREFIXES}HP:9999009 a rf:Term ; rdfs:label "Ears"@en .\n'
    run = _run("check", _dataset(tmp_path, {f"diseases/{name}.yaml": FACT, f"terms/{name}.ttl": label}))
    _assert_orderly(run)
    assert run.code in (0, 2)
    assert run.code == 2 or "1 fact of 6 files" in run.out
    assert run.code == 0 or all(": error: " in line for line in run.out.splitlines())


@pytest.mark.parametrize(("folder", "extension"), [("diseases", "yaml"), ("terms", "ttl")])
def test_a_file_name_that_is_not_utf_8_is_read_or_refused(folder: str, extension: str, tmp_path: Path) -> None:
    """Such names come out of old archives."""
    _dataset(tmp_path, {f"{folder}/x": b""})
    (tmp_path / folder / "x").unlink()
    path = os.fsencode(tmp_path / folder) + b"/\xe9ars." + extension.encode()
    with open(path, "wb") as file:  # noqa: PTH123 (a path in bytes)
        file.write(FACT.encode() if extension == "yaml" else PREFIXES.encode())
    run = _run("build", tmp_path, "--out", tmp_path / "release")
    _assert_orderly(run)
    assert run.code in (0, 2)


def test_links_in_circles_end(tmp_path: Path) -> None:
    """A folder that links to one above it is not walked for ever, and told."""
    _dataset(tmp_path, {"diseases/ears.yaml": FACT})
    (tmp_path / "diseases/again").symlink_to("..")
    run = _run("check", tmp_path)
    _assert_orderly(run)
    assert run.code == 2
    assert "diseases/again:1:1: error: is a link to a folder, which is not followed; put the folder here" in run.out


PASSED_OVER: dict[str, str] = {
    "ontology/more/x.ttl": r"ontology/more/x.ttl:1:1: error: is read by nothing: of ontology/ these are read: \*.ttl, ",
    "ontology/x.TTL": "ontology/x.TTL:1:1: error: is read by nothing",
    "ontology/Rules/x.rq": "ontology/Rules/x.rq:1:1: error: is read by nothing",
    "ontology/x.yaml": "ontology/x.yaml:1:1: error: is read by nothing",
    "shapes/more/x.ttl": r"shapes/more/x.ttl:1:1: error: is read by nothing: of shapes/ these are read: \*.ttl; ",
    "shapes/x.rq": "shapes/x.rq:1:1: error: is read by nothing",
    "ontology": "ontology:1:1: error: is no record and no RDF file",
}


@pytest.mark.parametrize("path", PASSED_OVER)
def test_nothing_of_an_ontology_of_its_own_is_passed_over(path: str, tmp_path: Path) -> None:
    """A file of a dataset's own ontology or shapes that nothing would read is told: what was meant by it would not hold."""
    run = _run("check", _dataset(tmp_path, {"diseases/ears.yaml": FACT, path: "nonsense {{{"}))
    _assert_orderly(run)
    assert run.code == 2
    assert re.search(PASSED_OVER[path], run.out)


def test_what_may_lie_about(tmp_path: Path) -> None:
    """Markdown and dotfiles may lie anywhere, and an ontology of its own may be a link."""
    here = _dataset(tmp_path / "data", {"diseases/ears.yaml": FACT, "shapes/README.md": "What is here.", "shapes/.hidden/x": "", ".x": ""})
    (tmp_path / "own").mkdir()
    (here / "ontology").symlink_to(tmp_path / "own")
    run = _run("check", here)
    assert (run.code, "1 fact" in run.out) == (0, True)


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records in a folder that may not be read are not left out in silence."""
    here = _dataset(tmp_path, {"diseases/ears.yaml": FACT, "diseases/locked/nose.yaml": FACT})
    listed = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(kg.UnreadableError, match=r"diseases/locked:1:1: error: cannot be listed: Permission denied; let it be read"):
        read_dataset(here)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _broken_link(path: Path) -> None:
    path.symlink_to("nowhere.yaml")


def _unreadable(path: Path) -> None:
    """Root reads everything, but not the first byte of its own memory."""
    if os.geteuid() == 0:
        path.symlink_to("/proc/self/mem")
    else:
        path.write_text(RECORD)
        path.chmod(0)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        *((name, make) for name in ("diseases/ears.yaml", "terms/ears.ttl") for make in (_fifo, _circle, _broken_link, _unreadable)),
        ("dataset.yaml", _fifo),
        ("dataset.yaml", _unreadable),
    ],
)
def test_what_looks_like_a_record_but_cannot_be_read_is_named(name: str, make: Any, tmp_path: Path) -> None:
    """Nothing called like a record is passed over in silence, and nothing is waited for."""
    folder = _dataset(tmp_path / "d", {"diseases/nose.yaml": FACT})
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    _assert_refused(_run("check", folder), Path(name).name)


def test_a_folder_may_be_called_like_a_record(tmp_path: Path) -> None:
    """A folder named x.yaml is a folder: what is in it is read."""
    run = _run("check", _dataset(tmp_path, {"diseases/x.yaml/ears.yaml": FACT, "terms/x.ttl/nose.ttl": PREFIXES}))
    _assert_orderly(run)
    assert (run.code, "1 fact of 6 files" in run.out) == (0, True)


def test_a_wrong_number_is_reported_without_a_traceback(tmp_path: Path) -> None:
    """A literal that is none of its datatype is a matter for the report, not for a library's log."""
    wrong = f'{PREFIXES}HP:9999009 rf:total "ten"^^<http://www.w3.org/2001/XMLSchema#integer> ; rf:affected 1 .\n'
    run = _run("check", _dataset(tmp_path, {"terms/ears.ttl": wrong}))
    _assert_orderly(run)
    assert run.code in (1, 2)
    assert "terms/ears.ttl" in run.out


# Round trips

TEXTS = [
    "</script><script>alert(1)</script>",
    "<!-- ears --> ]]> &amp; <b>",
    "ear".join(map(chr, range(127, 160))),
    "next\x85line\u2028separators\u2029here",
    "\u202eright to left\u202c \u200f",
    "\ufeffmarks",
    "\U0001f442 \U0010ffff",
    "quotes \"'` and \\ and \\u0041 and \"\"\" and '''",
    "{{ears}} ${ears} %(ears)s {?ears} <%= ears %>",
    "@id",
    "_:ears",
    "true",
    "0123",
    "e\u0301 is not \u00e9",
]
UNFIT = ["bell\x07", "\x1b[2J", "nothing\x00after", "no character \ufffe"]
LINES = ["two\nlines", "carriage\rreturn\r\n", "\ttab ", " blanks  around "]
IRIS = [
    "javascript:alert(1)",
    "data:text/html,<script>".replace("<", "%3C").replace(">", "%3E"),
    "urn:ears:blue",
    "HP:9999009",
    "rf:Term",
    f"{BASE_IRI}a:b",
    f"{BASE_IRI}/ears",
    f"{BASE_IRI}?ears",
    f"{BASE_IRI}#ears",
    f"{BASE_IRI}@id",
    f"{BASE_IRI}ears/../nose",
    f"{BASE_IRI}./ears",
    f"{BASE_IRI}%2e%2e/ears",
    f"{BASE_IRI}\u8033",
    "https://w3id.org/rarefacts/vocab#comment",
    "https://w3id.org/rarefacts/vocab#id",
    "https://w3id.org/rarefacts/vocab#a:b",
    "http://purl.obolibrary.org/obo/HP_",
    "http://purl.obolibrary.org/obo/HP_//ears",
]
FORMATS = {"nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG, "ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}
COMMENT = NamedNode("http://www.w3.org/2000/01/rdf-schema#comment")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
SEE_ALSO = NamedNode("http://www.w3.org/2000/01/rdf-schema#seeAlso")


def _quoted(text: str) -> str:
    """A text as a double-quoted YAML scalar, all in ASCII."""
    escapes = (f"\\U{ord(char):08x}" if not char.isascii() or not char.isprintable() or char in '"\\' else char for char in text)
    return f'"{"".join(escapes)}"'


def _statements(iri: str, number: int) -> list[Quad]:
    """An IRI in every place where one can stand, but the graph's."""
    node, other = NamedNode(iri), NamedNode(f"http://example.org/{number}")
    rf = "https://w3id.org/rarefacts/vocab#"
    return [
        Quad(node, SEE_ALSO, other),
        Quad(other, SEE_ALSO, node),
        Quad(other, node, Literal("ears")),
        Quad(other, node, other),
        Quad(other, SEE_ALSO, Literal("ears", datatype=node)),
        Quad(other, NamedNode(f"{rf}measuredBy"), node),
        Quad(other, NamedNode(f"{rf}phenotypeIsotype"), node),
    ]


@pytest.fixture(scope="module")
def odd_release(tmp_path_factory: pytest.TempPathFactory) -> kg.Release:
    """A release of texts and IRIs that are right, and that a careless writer gets wrong."""
    folder = tmp_path_factory.mktemp("odd")
    facts = [
        f"  ears-{number}: {{feature: HP:{9990000 + number}, comment: {_quoted(text)}, evidence: page-one}}\n"
        for number, text in enumerate(TEXTS)
    ]
    labels = [
        f"{Quad(NamedNode(f'http://example.org/label/{number}'), LABEL, Literal(text, language='en'))} .\n"
        for number, text in enumerate(TEXTS + LINES)
    ]
    iris = [f"{quad} .\n" for number, iri in enumerate(IRIS) for quad in _statements(iri, number)]
    files: dict[str, str | bytes] = {
        "diseases/ears.yaml": f"{RECORD}phenotype:\n{''.join(facts)}",
        "terms/labels.nt": "".join(labels),
        "terms/iris.nt": "".join(iris),
    }
    return kg.build(_dataset(folder / "data", files), folder / "release")


def _dump(release: kg.Release, extension: str) -> set[Quad]:
    """What a dump says, without its graphs."""
    content = release.dump(extension).read_bytes()
    return {Quad(q.subject, q.predicate, q.object) for q in parse(content, format=FORMATS[extension], base_iri=BASE_IRI)}


@pytest.mark.parametrize("text", UNFIT)
def test_a_text_that_xml_cannot_hold_is_refused(text: str, tmp_path: Path) -> None:
    """What a record or an RDF file brings by an escape, and answers in XML could not say, is told with its number."""
    label = f'{{"@id": "http://example.org/label", "http://www.w3.org/2000/01/rdf-schema#label": {{"@value": {json.dumps(text)}}}}}'
    statement = f"{Quad(NamedNode('http://example.org/label'), LABEL, Literal(text))} .\n"
    number = f"the control character U+{next(ord(char) for char in text if char < ' ' or char > '~'):04X}"
    for path, body in (("diseases/ears.yaml", f"{RECORD}comment: {_quoted(text)}\n"), ("terms/a.nt", statement), ("terms/a.jsonld", label)):
        folder = _dataset(tmp_path / Path(path).suffix, {path: body})
        with pytest.raises(kg.UnreadableError, match=re.escape(number)):
            read_dataset(folder)


@pytest.mark.parametrize("extension", FORMATS)
def test_every_text_survives_in_every_dump(extension: str, odd_release: kg.Release) -> None:
    """Markup, separators, line breaks and controls that XML knows come back from each dump as they were written."""
    dump = _dump(odd_release, extension)
    comments = {q.object.value for q in dump if q.predicate == COMMENT and isinstance(q.object, Literal)}
    labels = {
        q.object.value for q in dump if q.predicate == LABEL and isinstance(q.object, Literal) and "example.org/label" in str(q.subject)
    }
    assert set(TEXTS) - comments == set()
    assert labels == set(TEXTS + LINES)


@pytest.mark.parametrize("extension", ["ttl", "jsonld"])
def test_every_text_survives_in_the_document_of_its_disease(extension: str, odd_release: kg.Release) -> None:
    """The document of a disease says what the dumps say."""
    path = odd_release.path / f"disease/MONDO_9999001.{extension}"
    quads = list(parse(path.read_bytes(), format=FORMATS[extension], base_iri=BASE_IRI))
    assert {q.object.value for q in quads if q.predicate == COMMENT and isinstance(q.object, Literal)} == set(TEXTS)


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("iri", IRIS)
def test_every_iri_survives_in_every_dump(iri: str, extension: str, odd_release: kg.Release) -> None:
    """An IRI comes back from each dump as it was, wherever it stands and whatever it looks like."""
    written = {str(quad) for quad in _statements(iri, IRIS.index(iri))}
    assert written - {str(quad) for quad in _dump(odd_release, extension)} == set()


def test_our_own_json_ld_is_read_without_loss(small_release: Path) -> None:
    """The strict reader of JSON-LD takes our own dump, and reads the quads that the N-Quads dump holds."""
    release = kg.open(small_release).release
    quads = parse_json_ld(release.dump("jsonld").read_bytes(), BASE_IRI)
    assert {str(quad) for quad in quads} == {str(quad) for quad in parse(release.dump("nq").read_bytes(), format=RdfFormat.N_QUADS)}
