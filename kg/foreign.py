"""RDF files, read in a child process with limits, since some bytes bring a parser down.

A parser may meet bombs that end in a signal, not an error (deeply nested triple terms or JSON, see ``kg.limits``).
The child turns each file into plain N-Quads; the parent names the file on which the child died. Nothing is fetched:
pyoxigraph's JSON-LD reader refuses remote contexts, and they are refused by name before it sees them.
"""

from __future__ import annotations

import hashlib
import json
import re
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg import limits
from kg.errors import Place, UnreadableError, reading_problem
from kg.formats import BY_EXTENSION, JSON_LD, Format
from kg.serialize import to_bytes
from kg.strict_json_ld import JsonLdError, parse_json_ld

_TURTLE = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"  # texts, which hide what stands in them
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'(?:[^'\\\n]++|\\.)*+'"
    r"|(?P<rdf12><<|\{\||~|@[A-Za-z0-9-]+--[A-Za-z]+)"
    r"|<[^<>\s]*+>|\#[^\n]*+|\\."  # IRIs, comments, escapes
    r"|(?P<blank>\[|\(|(?<![\w.-])_:)",
    re.DOTALL,
)
"""Where a blank node or RDF 1.2 may begin in Turtle, TriG, N-Triples and N-Quads."""


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """An RDF file to read, the name that messages show, and the graph for triples that stand in none.

    In the data of a dataset ``blank_nodes`` are refused; what is only imported from may have them. ``sha256`` is that of the bytes that
    were read, once they were: those at the path may be others by then.
    """

    path: Path
    name: str
    graph: NamedNode
    blank_nodes: bool = False
    sha256: str = ""


def read_foreign(files: list[ForeignFile], base: str) -> Iterator[tuple[ForeignFile, list[Quad]]]:
    """The quads of each file. Raises UnreadableError with every file that cannot be read."""
    problems = []
    todo = list(files)
    seconds = limits.RDF_SECONDS + sum(map(_size, files)) * limits.RDF_SECONDS_PER_BYTE
    end = time.monotonic() + seconds
    while todo and time.monotonic() < end:
        with TemporaryFile() as output:  # not memory, which need not hold what all files say
            died = _run_child(todo, base, end - time.monotonic(), output)
            output.seek(0)
            answered = 0
            for file, (said, body) in zip(todo, _answers(output), strict=False):
                answered += 1
                if "sha256" in said:
                    read = replace(file, sha256=said["sha256"])
                    yield read, [_in_graph(quad, file.graph) for quad in parse(body, format=RdfFormat.N_QUADS, rename_blank_nodes=True)]
                else:
                    problems.append(reading_problem(Place(file.name, said["line"], said["column"]), said["rule"], said["message"]))
        todo = todo[answered:]
        if todo:
            problems.append(reading_problem(Place(todo[0].name), "reader-died", died))
            todo = todo[1:]
    if todo:
        message = f"is not read, nor are {len(todo) - 1:,} files after it: those before took the {seconds:.0f} seconds there are for all"
        problems.append(reading_problem(Place(todo[0].name), "reader-died", message))
    if problems:
        raise UnreadableError(problems)


def _size(file: ForeignFile) -> int:
    try:
        return min(file.path.stat().st_size, limits.RDF_BYTES)
    except OSError:  # the child says what is wrong with it
        return 0


def _in_graph(quad: Quad, graph: NamedNode) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, graph) if isinstance(quad.graph_name, DefaultGraph) else quad


def _run_child(files: list[ForeignFile], base: str, seconds: float, output: IO[bytes]) -> str:
    """Have answers for the first files written to ``output``, and tell why there is none for the next, if so."""
    job = {"base": base, "files": [(str(file.path), file.blank_nodes) for file in files]}
    # -P: the working folder may hold a json.py, and is none of ours
    command = [sys.executable, "-P", "-m", "kg.foreign"]
    try:
        done = subprocess.run(command, input=json.dumps(job).encode(), stdout=output, stderr=subprocess.PIPE, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return "takes longer to read than there is time for all files; split it or take it out"
    if done.returncode == -signal.SIGPROF:
        return "takes too long to read; split it"
    if done.returncode < 0:
        return f"brings the reader down (signal {-done.returncode}): it is nested too deeply or needs too much memory"
    said = done.stderr.decode("utf-8", errors="replace").strip().rpartition("\n")[2]
    return f"gets no answer from the reader (exit {done.returncode}{': ' if said else ''}{said})"


def _answers(output: IO[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """What is said of each file, and its N-Quads: a header line with their length and its SHA-256, or its problem, and so many bytes."""
    while (line := output.readline()).endswith(b"\n"):
        header = json.loads(line)
        body = output.read(header.get("length", 0))
        if len(body) < header.get("length", 0):
            return
        yield header, body


def main() -> None:
    """The child: a job on standard input, answers on standard output."""
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (limits.RDF_MEMORY, limits.RDF_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for file, blank_nodes in job["files"]:
        try:
            body, sha256 = _to_n_quads(Path(file), job["base"], blank_nodes)
            header: dict[str, Any] = {"length": len(body), "sha256": sha256}
        except JsonLdError as problem:
            body, header = b"", {"rule": problem.rule, "message": str(problem), "line": problem.line, "column": problem.column}
        sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()


def _to_n_quads(path: Path, base: str, blank_nodes: bool) -> tuple[bytes, str]:
    format = BY_EXTENSION[path.suffix[1:]]
    try:
        content = _read(path, limits.JSON_BYTES if format is JSON_LD else limits.RDF_BYTES)
        # no handler: the signal has to end the process in the midst of a parser, which no Python code would
        signal.setitimer(signal.ITIMER_PROF, limits.RDF_FILE_SECONDS + len(content) * limits.RDF_SECONDS_PER_BYTE)
        quads = parse_json_ld(content, base, blank_nodes) if format is JSON_LD else list(parse(content, format=format.rdf, base_iri=base))
        _check_terms(quads, content, blank_nodes)
        return to_bytes(quads, RdfFormat.N_QUADS), hashlib.sha256(content).hexdigest()
    except OSError as error:
        raise JsonLdError("unreadable", f"cannot be read: {error.strerror or error}") from None
    except MemoryError:
        raise JsonLdError("too-large", "needs too much memory to read; split it") from None
    except SyntaxError as error:
        raise _syntax(error, format) from None


def _syntax(error: SyntaxError, format: Format) -> JsonLdError:
    said = re.sub(r"^Parser error.*?: ", "", str(error.msg))
    return JsonLdError("rdf-syntax", f"not {format.name}: {said}", error.lineno or 1, error.offset or 1)


def _read(path: Path, limit: int) -> bytes:
    """A whole regular file; a named pipe would be waited for."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise JsonLdError("unreadable", "is no regular file; put the file itself here")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise JsonLdError("too-large", f"is larger than {limit:,} bytes; split it")
    return content


def _check_terms(quads: list[Quad], content: bytes, blank_nodes: bool) -> None:
    """RDF 1.2 is refused, and so are blank nodes unless they are wanted; annotations are made of both."""
    blank = False
    for quad in quads:
        if isinstance(quad.object, Triple) or (isinstance(quad.object, Literal) and quad.object.direction):
            message = "holds RDF 1.2 (a triple term, an annotation, or a text with a direction); data is RDF 1.1"
            raise JsonLdError("rdf-12", message, *_place(content, "rdf12"))
        blank = blank or any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name))
    if blank and not blank_nodes:
        raise JsonLdError("blank-node", "holds a blank node; give every node an IRI", *_place(content, "blank"))


def _place(content: bytes, what: str) -> tuple[int, int]:
    """Line and column of the first of its sort."""
    text = content.decode("utf-8", errors="replace")
    at = next((match.start() for match in _TURTLE.finditer(text) if match[what]), 0)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


if __name__ == "__main__":
    main()
