"""RDF files, read in a child process with limits, since some bytes bring a parser down.

A parser may meet bombs that end in a signal, not an error (deeply nested triple terms or JSON, see ``kg.limits``).
The child turns each file into plain N-Quads; the parent names the file on which the child died. Nothing is fetched:
pyoxigraph's JSON-LD reader refuses remote contexts, and they are refused by name before it sees them.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from kg import limits
from kg.errors import Place, UnreadableError, reading_problem
from kg.formats import BY_EXTENSION, JSON_LD
from kg.serialize import to_bytes
from kg.strict_json_ld import JsonLdError, parse_json_ld


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """An RDF file to read, the name that messages show, and the graph for triples that stand in none."""

    path: Path
    name: str
    graph: NamedNode


def read_foreign(files: list[ForeignFile], base: str) -> Iterator[tuple[ForeignFile, list[Quad]]]:
    """The quads of each file. Raises UnreadableError with every file that cannot be read."""
    problems = []
    todo = list(files)
    while todo:
        answers, died = _run_child(todo, base)
        for file, answer in zip(todo, answers, strict=False):
            if isinstance(answer, bytes):
                yield file, [_in_graph(quad, file.graph) for quad in parse(answer, format=RdfFormat.N_QUADS)]
            else:
                problems.append(reading_problem(Place(file.name, answer["line"], answer["column"]), answer["rule"], answer["message"]))
        todo = todo[len(answers) :]
        if died and todo:
            problems.append(reading_problem(Place(todo[0].name), "reader-died", died))
            todo = todo[1:]
    if problems:
        raise UnreadableError(problems)


def _in_graph(quad: Quad, graph: NamedNode) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, graph) if isinstance(quad.graph_name, DefaultGraph) else quad


def _run_child(files: list[ForeignFile], base: str) -> tuple[list[Any], str]:
    """Answers for the first files (N-Quads, or a problem as a dict), and why the child ended early, if it did."""
    size = sum(file.path.stat().st_size for file in files)
    seconds = limits.RDF_SECONDS + size * limits.RDF_SECONDS_PER_BYTE
    memory = limits.RDF_MEMORY + size * limits.RDF_MEMORY_PER_BYTE
    job = {"base": base, "memory": int(memory), "seconds": int(seconds) + 1, "files": [str(file.path) for file in files]}
    died = ""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kg.foreign"], input=json.dumps(job).encode(), capture_output=True, timeout=seconds, check=False
        )
        output = done.stdout
        if done.returncode != 0:
            died = f"ends the reader (exit {done.returncode}): it is nested too deeply or needs too much memory"
    except subprocess.TimeoutExpired as expired:
        output, died = expired.stdout or b"", f"takes longer than {seconds:.0f} seconds to read"
    return _answers(output), died


def _answers(output: bytes) -> list[Any]:
    """Each answer is a header line with its length or its problem, then that many bytes."""
    answers: list[Any] = []
    at = 0
    while (end := output.find(b"\n", at)) >= 0:
        header = json.loads(output[at:end])
        at = end + 1
        if "length" not in header:
            answers.append(header)
        elif at + header["length"] <= len(output):
            answers.append(output[at : at + header["length"]])
            at += header["length"]
        else:
            break
    return answers


def main() -> None:
    """The child: a job on standard input, answers on standard output."""
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for file in job["files"]:
        try:
            body = _to_n_quads(Path(file), job["base"])
            header: dict[str, Any] = {"length": len(body)}
        except _RefusedError as refused:
            body, header = b"", {"rule": refused.rule, "message": str(refused), "line": refused.line, "column": refused.column}
        sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + body)
        sys.stdout.buffer.flush()


class _RefusedError(Exception):
    def __init__(self, rule: str, message: str, line: int = 1, column: int = 1) -> None:
        self.rule, self.line, self.column = rule, line, column
        super().__init__(message)


def _to_n_quads(path: Path, base: str) -> bytes:
    format = BY_EXTENSION[path.suffix[1:]]
    if path.stat().st_size > limits.RDF_BYTES:
        raise _RefusedError("too-large", f"is larger than {limits.RDF_BYTES:,} bytes; split it")
    content = path.read_bytes()
    try:
        quads = parse_json_ld(content, base) if format is JSON_LD else list(parse(content, format=format.rdf, base_iri=base))
    except JsonLdError as problem:
        raise _RefusedError(problem.rule, str(problem), problem.line, problem.column) from None
    except SyntaxError as error:
        said = re.sub(r"^Parser error.*?: ", "", str(error.msg))
        raise _RefusedError("rdf-syntax", f"not {format.name}: {said}", error.lineno or 1, error.offset or 1) from None
    for quad in quads:
        terms = (quad.subject, quad.object, quad.graph_name)
        if any(isinstance(term, BlankNode) for term in terms):
            raise _RefusedError("blank-node", "holds a blank node; give every node an IRI", _line(content, rb"\[|_:"))
        if any(isinstance(term, Triple) for term in terms):
            raise _RefusedError("rdf-12", "holds a triple term of RDF 1.2; data is RDF 1.1", _line(content, rb"<<"))
    return to_bytes(quads, RdfFormat.N_QUADS)


def _line(content: bytes, pattern: bytes) -> int:
    match = re.search(pattern, content)
    return content.count(b"\n", 0, match.start()) + 1 if match else 1


if __name__ == "__main__":
    main()
