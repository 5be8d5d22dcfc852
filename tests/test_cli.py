"""The commands, as a user meets them: exit codes, formats, help, and no traceback for a user's mistake."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click
import jsonschema
import pyoxigraph
import pytest
from click.testing import CliRunner

import kg
from kg.cli import main
from kg.competency import questions
from kg.errors import Place, counted
from kg.report import as_sarif
from kg.table import echo_answer, echo_questions
from tests.conftest import ROOT

FAULTY = "disease: MONDO_9999001\nname:\n  a: {kind: preferred, name: A}\n  b: {name: 'B ', evidence: mondo-2026-08-04}\n"


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, piped."""
    command = [sys.executable, "-c", "from kg.cli import main; main(prog_name='kg')", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def faulty(data: Path, tmp_path: Path) -> Path:
    """A folder with a dataset that breaks rules in one record."""
    shutil.copytree(data, tmp_path / "data")
    (tmp_path / "data" / "diseases" / "faulty.yaml").write_text(FAULTY, encoding="utf-8")
    return tmp_path


def test_check_explains_what_is_judged_over_the_whole_graph(faulty: Path) -> None:
    """A shape of the dataset's own that has no queries is named with the reason; what the check says stays as it was."""
    (faulty / "data" / "shapes").mkdir()
    shape = "<http://example.org/S> a sh:NodeShape ; sh:targetClass sh:Shape ; sh:or ( [ sh:nodeKind sh:IRI ] ) ."
    (faulty / "data" / "shapes" / "own.ttl").write_text(f"PREFIX sh: <http://www.w3.org/ns/shacl#>\n{shape}", encoding="utf-8")
    plain, explained = run("check", cwd=faulty), run("check", "--explain", cwd=faulty)
    assert (explained.returncode, explained.stdout) == (plain.returncode, plain.stdout)
    assert "http://example.org/S is judged over the whole graph: there is no query for sh:or\n" in explained.stderr
    assert "a large dataset is judged as a whole: S is judged over the whole graph: there is no query for sh:or\n" in explained.stderr
    assert "judged over" not in plain.stderr


def test_check_passes_the_projects_own_data(data: Path) -> None:
    """The project's data conforms, without a warning."""
    done = run("check", "--strict", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"no problems in \d+ facts of \d+ files, \d+ waived\n", done.stdout)


def test_check_prints_lines_that_editors_know(faulty: Path) -> None:
    """Each problem is a line with file, line and column, and says what to do."""
    done = run("check", cwd=faulty)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [re.match(r"(\S+?:\d+:\d+: \w+: \w+ \"\w+\") .* (\[[\w-]+\])$", line).groups() for line in lines] == [  # type: ignore[union-attr]
        ('data/diseases/faulty.yaml:3:3: error: name "a"', "[fact-has-evidence]"),
        ('data/diseases/faulty.yaml:4:13: error: name "b"', "[stray-blanks]"),
    ]
    assert "add evidence" in lines[0]
    assert done.stderr.startswith("2 errors in ")


def test_check_of_single_records(faulty: Path) -> None:
    """Only what lies in the records asked about is reported; references are still resolved in the whole dataset."""
    assert run("check", "data/diseases/faulty.yaml", cwd=faulty).returncode == 1
    good = run("check", "data/diseases/hyper-igm-syndrome-type-2.yaml", cwd=faulty)
    assert (good.returncode, good.stderr) == (0, "")


@pytest.mark.parametrize("link", ["data/diseases/linked.yaml", "elsewhere.yaml"])
def test_check_of_a_record_that_is_a_link(link: str, faulty: Path) -> None:
    """A link in a dataset to a file elsewhere is a record of that dataset; one elsewhere to a record is that record."""
    record = faulty / "data" / "diseases" / "faulty.yaml"
    if link.startswith("data"):
        record = record.rename(faulty / "outside.yaml")
    (faulty / link).symlink_to(record)
    done = run("check", link, cwd=faulty)
    shown = link if link.startswith("data") else "data/diseases/faulty.yaml"
    assert (done.returncode, done.stderr) == (1, f"2 errors in {shown}, judged among 453 facts of 62 files\n")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [shown] * 2


@pytest.mark.parametrize("target", ["nowhere.yaml", "linked.yaml"])
def test_check_of_a_link_that_leads_nowhere(target: str, faulty: Path) -> None:
    """What is wrong is said of the link, not of the dataset."""
    (faulty / "linked.yaml").symlink_to(target)
    done = run("check", "linked.yaml", cwd=faulty)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"kg: linked.yaml: is a link to {target}, where nothing is; make it anew, or name the record itself\n"


def test_check_as_json(faulty: Path) -> None:
    """JSON has the same problems, for programs."""
    answer = json.loads(run("check", "--format", "json", cwd=faulty).stdout)
    assert answer["conforms"] is False
    assert [(each["file"], each["line"], each["column"], each["rule"]) for each in answer["problems"]] == [
        ("data/diseases/faulty.yaml", 3, 3, "fact-has-evidence"),
        ("data/diseases/faulty.yaml", 4, 13, "stray-blanks"),
    ]


def _sarif(folder: Path, *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("check", "--format", "sarif", *arguments, cwd=folder).stdout)
    return answer


def test_check_as_sarif_names_places(faulty: Path) -> None:
    """SARIF has rule, level, file, line and column of each problem."""
    [first, _] = _sarif(faulty)["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]
    assert (first["ruleId"], first["level"]) == ("fact-has-evidence", "error")
    assert place["artifactLocation"]["uri"] == "data/diseases/faulty.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 3}


@pytest.mark.parametrize("path", ["a/my #1 50%.yaml", "a/%20?.yaml", "a:b.yaml", "a\\b[1].yaml", "a/\u8033.yaml", "/a/b.yaml"])
def test_sarif_names_files_by_uri_references(path: str) -> None:
    """Whatever a file is called, SARIF has a URI reference of RFC 3986 whose path is that file's name."""
    answer = json.loads(as_sarif([kg.Problem(Place(path), kg.Severity.VIOLATION, "a-rule", "is wrong")], "1"))
    uri = answer["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"([/\w.~!$&'()*+,;=@-]|%[0-9A-F]{2})+", uri, re.ASCII)
    assert unquote(urlsplit(uri).path) == path and not urlsplit(uri).scheme


def test_sarif_validates_against_its_schema(faulty: Path, data: Path) -> None:
    """SARIF, with problems, with reading problems and without any, conforms to the schema of OASIS."""
    schema_file = os.environ.get("KG_SARIF_SCHEMA")
    if schema_file is None:
        pytest.skip("KG_SARIF_SCHEMA does not name sarif-2.1.0.json (npm: @microsoft/sarif-multitool-linux holds it)")
    schema = json.loads(Path(schema_file).read_text(encoding="utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    (faulty / "data" / "diseases" / "two.yaml").write_text("disease: MONDO_9999002\nnmae: x\n", encoding="utf-8")
    for answer in (_sarif(faulty), _sarif(faulty, str(data))):
        validator.validate(answer)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**_sarif(faulty, str(data)), "runs": [{"results": []}]})


def test_check_as_turtle_is_a_shacl_report(faulty: Path) -> None:
    """Turtle is the SHACL validation report: it says whether the data conforms, and has a result for each problem."""
    text = run("check", "--format", "turtle", cwd=faulty).stdout
    shacl = "http://www.w3.org/ns/shacl#"
    quads = list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE))
    assert [quad.object.value for quad in quads if quad.predicate.value == shacl + "conforms"] == ["false"]
    focus = sorted(quad.object.value for quad in quads if quad.predicate.value == shacl + "focusNode")
    assert [iri.rsplit("#", 1)[-1] for iri in focus] == ["a", "b"]


def test_what_cannot_be_read_is_exit_2(faulty: Path) -> None:
    """A key that is not known ends in exit code 2, with the nearest known one, and nothing is judged."""
    (faulty / "data" / "diseases" / "faulty.yaml").write_text("disease: MONDO_9999001\ntreatmnet:\n  a: {}\n", encoding="utf-8")
    done = run("check", cwd=faulty)
    assert done.returncode == 2
    assert done.stdout == (
        'data/diseases/faulty.yaml:2:1: error: "treatmnet" is not a key that is known here; did you mean "treatment"? [unknown-key]\n'
    )
    assert "nothing was judged" in done.stderr
    assert run("build", cwd=faulty).returncode == 2


def test_build_refuses_what_breaks_a_rule(faulty: Path) -> None:
    """A build of a dataset that breaks a rule says where, exits with 1 and writes nothing."""
    done = run("build", cwd=faulty)
    assert done.returncode == 1
    assert "[fact-has-evidence]" in done.stderr
    assert not (faulty / "release").exists()


def test_build_then_query(data: Path, tmp_path: Path) -> None:
    """A release that was built can be asked by name, by file and by text, in every format."""
    done = run("build", data, "--out", tmp_path / "release")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"8 diseases, \d+ facts, \d+ triples", done.stdout)
    query = "SELECT ?isotype WHERE { ?fact rf:supplies ?isotype }"
    (tmp_path / "q.rq").write_text(query, encoding="utf-8")
    for arguments in (["-e", query], ["q.rq"]):
        table = run("query", *arguments, cwd=tmp_path)
        assert table.stdout.splitlines() == ["isotype", "rf:IgG"]
    heads = {"csv": "isotype\r\nhttps://", "tsv": "?isotype\n<https://", "json": '{"head":', "xml": "<?xml"}
    for name, head in heads.items():
        assert run("query", "-e", query, "--format", name, cwd=tmp_path).stdout.startswith(head.replace("\r\n", "\n"))
    graph = "CONSTRUCT { ?fact rf:supplies ?isotype } WHERE { ?fact rf:supplies ?isotype }"
    assert "#ivig> rf:supplies rf:IgG" in run("query", "-e", graph, cwd=tmp_path).stdout
    document = json.loads(run("query", "-e", graph, "--format", "jsonld", cwd=tmp_path).stdout)
    assert document["graph"] == [{"id": "disease/MONDO_0010626#ivig", "supplies": ["IgG"]}]
    assert run("query", "-e", "ASK { ?fact rf:supplies rf:IgG }", cwd=tmp_path).stdout == "yes\n"
    bound = run("query", "-e", "SELECT ?f ?i WHERE { ?f rf:supplies ?i }", "--bind", "i=rf:IgA", "--format", "csv", cwd=tmp_path)
    assert bound.stdout.split() == ["f,i"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nowhere"], "no such file or folder"),
        (["check", "."], "not a dataset"),
        (["build", "nowhere"], "no such file or folder"),
        (["query", "x", "--release", "nowhere"], "there is no release here"),
        (["query"], "give one of"),
        (["query", "-e", "SELECT * WHERE { ?s nope:p ?o }"], "the prefix nope: is not declared"),
        (["query", "-e", "SELECT * WHERE {"], "cannot be read at line 1"),
        (["query", "-e", "ASK { SERVICE <http://localhost/> { ?s ?p ?o } }"], "reaches no network"),
        (["query", "-e", "ASK { s\\u0065rvice <http://localhost/> { ?s ?p ?o } }"], "reaches no network"),
        (["query", "-e", "SELECT ?s WHERE { ?s ?p ?o }", "--bind", "x=1"], "no variable ?x"),
        (["query", "-e", "SELECT ?s WHERE { ?s ?p ?x }", "--bind", "x=1"], "among what the query selects"),
        (["query", "-e", "SELECT ?s WHERE { ?s ?p ?o }", "--bind", "s=disease/a b"], '"disease/a b" makes no IRI'),
        (["query", "-e", "SELECT ?s WHERE { ?s ?p ?o }", "--bind", "s=\udcff"], "is no UTF-8"),
        (["query", "-e", "SELECT ?s y WHERE { ?s ?p ?o }", "--bind", "s y=1"], "no variable ?s y"),
        (["query", "-e", "SELECT ?s WHERE { ?s ?p ?o }", "--bind", "=1"], "no variable ? to bind"),
        (["query", "SELECT ?s WHERE {" + 300 * " ?s ?p ?o ."], "cannot be read at line 1"),
        (["query", "-e", "SELECT ?s WHERE { ?s ?p ?o }", "--format", "turtle"], "no graph"),
        (["query", "-e", "CONSTRUCT WHERE { ?s ?p ?o }", "--format", "csv"], "is a graph"),
        (["query", "-e", "(" * 5000], "nested deeper"),
        (["query", "no-such-question"], "no question"),
        (["query", "missing.rq"], "cannot be read"),
        (["check", "--format", "html"], "is not one of"),
    ],
)
def test_mistakes_get_a_message_and_no_traceback(arguments: list[str], said: str, release: kg.Release, tmp_path: Path) -> None:
    """A user's mistake ends with exit code 2, one message that says what is wrong, and no traceback."""
    (tmp_path / "release").symlink_to(release.path.resolve())
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


MANIFESTS = {
    "no-json": "{",
    "a-list": "[]",
    "no-name": '{"base": "https://example.org/", "files": [], "counts": {"quads": 0}}',
    "no-files": '{"base": "https://example.org/", "name": "ears", "counts": {"quads": 0}}',
    "files-are-names": '{"base": "https://example.org/", "name": "ears", "files": ["ears.nq"], "counts": {"quads": 0}}',
    "no-counts": '{"base": "https://example.org/", "name": "ears", "files": []}',
}
ASKING = [["query", "-e", "ASK {}", "--release"], ["embed", "MONDO_0010626", "--release"], ["load", "--endpoint", "http://[::1]:9/"]]


@pytest.mark.parametrize("asking", ASKING, ids=[arguments[0] for arguments in ASKING])
@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_broken_manifest_is_no_release(manifest: str, asking: list[str], tmp_path: Path) -> None:
    """Whoever asks a folder whose manifest is none of ours is told so, with the command that makes a release."""
    (tmp_path / "manifest.json").write_text(MANIFESTS[manifest], encoding="utf-8")
    done = CliRunner().invoke(main, [*asking, str(tmp_path)])
    assert (done.exit_code, done.output) == (
        2,
        f"kg: {tmp_path}: there is no release here (manifest.json is missing or broken); make one with: kg build --out {tmp_path}\n",
    )


@pytest.mark.parametrize("asking", ASKING[:2], ids=["query", "embed"])
def test_a_file_of_a_release_that_is_gone_is_named(asking: list[str], release: kg.Release, tmp_path: Path) -> None:
    """Whoever asks a release that has lost the file which has the answer is told which, and to build again."""
    shutil.copy(release.path / "manifest.json", tmp_path)
    done = CliRunner().invoke(main, [*asking, str(tmp_path)])
    assert done.exit_code == 2
    assert re.fullmatch(rf"kg: {tmp_path}/\S+: cannot be read: No such file or directory.*; build the release again\n", done.output)


def test_a_table_has_a_line_for_each_row(release: kg.Release) -> None:
    """A text with line breaks or with codes that control a terminal is one cell in one line of a table."""
    done = run("query", "-e", r'SELECT ?a ?b { VALUES (?a ?b) { ("two\nlines" "\u001B[2J") } }', "--release", release.path)
    assert (done.returncode, done.stdout) == (0, "a           b\ntwo\\nlines  \\x1b[2J\n")


def test_what_is_no_term_is_not_bound(release: kg.Release) -> None:
    """A number, or nothing, is no value for a variable: terms and texts are, and the message says how to make one."""
    graph = kg.open(release.path)
    for value in (20, 1.5, None, b"x", True):
        with pytest.raises(kg.KgError, match=r"neither a term nor text.*Literal\("):
            graph.query("SELECT ?l WHERE { ?s rdfs:label ?l }", {"l": value})  # type: ignore[dict-item]  # no terms, on purpose


def test_a_graph_that_json_ld_cannot_hold_is_told(release: kg.Release) -> None:
    """A triple in the place of a term comes out as Turtle, and as JSON-LD it is a mistake with a message."""
    query = "CONSTRUCT { <urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> } {}"
    graph = kg.open(release.path)
    assert b"<<( <urn:a>" in graph.query(query).serialize("turtle")
    with pytest.raises(kg.KgError, match="take turtle or ntriples"):
        graph.query(query).serialize("jsonld")


def test_every_command_has_an_example() -> None:
    """The help of each command shows a line that can be pasted."""
    assert f"kg {next(iter(main.commands))}" in run("--help").stdout
    for name in main.commands:
        assert re.search(rf"Examples?:\n +kg {name}", run(name, "--help").stdout), name


def _parameters(command: click.Command, path: str = "kg") -> Iterator[tuple[str, click.Parameter]]:
    for each in command.params:
        yield path, each
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _parameters(below, f"{path} {name}")


def test_help_says_what_holds_unless_something_is_given() -> None:
    """Each default that is no switch stands in the help of its command."""
    found = 0
    for path, parameter in _parameters(main):
        if parameter.default not in (None, "", False, True) and isinstance(parameter.default, str | int | float):
            said = " ".join(run(*path.split()[1:], "--help").stdout.split())
            assert f"default: {parameter.default}" in said, (path, parameter.name)
            found += 1
    assert found > 30


def test_one_of_a_thing_is_singular(tmp_path: Path) -> None:
    """Counts are told in words that fit them, in the terminal and at home."""
    shutil.copytree(ROOT / "tests" / "shapes" / "base", tmp_path / "data")
    assert run("build", cwd=tmp_path).stdout.startswith("release: 1 disease, 2 facts, ")
    assert run("check", cwd=tmp_path).stdout == "no problems in 2 facts of 7 files\n"
    assert "2 facts about 1 disease, resting on 2 citations." in (tmp_path / "release" / "index.html").read_text(encoding="utf-8")
    assert (counted(1, "file"), counted(0, "file")) == ("1 file", "0 files")


def test_the_package_lists_its_names() -> None:
    """``dir(kg)``, and so a console that completes names, has all that there is, before any of it was used."""
    code = "import kg, sys; assert set(kg.__all__) <= set(dir(kg)); assert 'pyoxigraph' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_help_loads_no_heavy_library() -> None:
    """``kg --help`` stays quick because it imports neither rdflib nor pySHACL nor pyoxigraph."""
    code = "import sys, kg.cli; print([m for m in ('rdflib', 'pyshacl', 'pyoxigraph', 'rich', 'ruamel.yaml') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [
        "query -e 'SELECT * { ?s ?p ?o }'",
        "query -e 'SELECT * { ?s ?p ?o }' --format csv",
        "query --list",
        "embed MONDO_0010626",
        "check",
        "check --format turtle",
        "check --help",
    ],
)
def test_who_reads_no_more_is_told_nothing(arguments: str, faulty: Path, release: kg.Release) -> None:
    """``kg query … | head`` ends as other commands do: in silence, and as if by the signal SIGPIPE."""
    (faulty / "release").symlink_to(release.path.resolve())
    command = f"{sys.executable} -P -c 'from kg.cli import main; main()' {arguments} | true"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, cwd=faulty)
    assert (done.returncode, done.stderr) == (141, "")


def test_what_was_asked_about_is_named(faulty: Path) -> None:
    """Of one record the summary says that it is about that one, and a file that is none that is read is refused."""
    clean = faulty / "data" / "sources" / "ghr-xhigm.yaml"
    done = run("check", clean, cwd=faulty)
    assert done.returncode == 0
    assert re.search(r"^no problems in \S*sources/ghr-xhigm\.yaml, judged among \d+ facts of \d+ files$", done.stdout, re.MULTILINE)
    for name in ("notes.md", ".hidden.yaml"):
        other = faulty / "data" / "diseases" / name
        other.write_text("disease: [\n", encoding="utf-8")
        done = run("check", other, cwd=faulty)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"kg: {other}: is no file that is read as a part of the dataset; name a record\n"


@pytest.mark.parametrize(("width", "in_blocks"), [(500, False), (300, True), (80, True)])
def test_a_terminal_breaks_no_word(
    width: int, in_blocks: bool, release: kg.Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However wide it is, each IRI and each word of an answer stands whole on a line; with too little room each row is a block."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    rows = kg.open(release.path).query("treatment-for-whom")
    echo_answer(rows, None)
    shown = capsys.readouterr().out
    words = {word for row in rows for term in row.values() for word in rows.show(term).split()}
    assert words <= set(shown.split())
    assert shown.startswith("disease: disease/MONDO_") is in_blocks


@pytest.mark.parametrize("width", [80, 200])
def test_a_list_of_questions_is_a_table_in_a_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where only texts have to be broken into lines there is a table: each name stands whole at the beginning of a line."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    asked = questions()
    echo_questions(asked)
    begun = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ") and line[2:3].strip()}
    assert set(asked) - begun == set()
