"""A CONSTRUCT query over foreign RDF, asked in a child process with limits: a query can take all time and memory there is.

The child is given N-Quads and answers with N-Triples; it opens nothing. What it answers counts only where it ends well.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn

from pyoxigraph import Quad, QueryTriples, RdfFormat, Store, Triple, parse

from kg import limits
from kg.errors import KgError
from kg.guard import explain, guard, names_graphs
from kg.serialize import to_bytes
from kg.sources.model import SourceFile
from kg.sources.opening import refuse

_REFUSED = 3


def constructed(query: SourceFile, text: str, quads: Iterable[Quad], prefixes: Mapping[str, str]) -> list[Triple]:
    """What a CONSTRUCT query makes of the union of some graphs. ``prefixes`` need not be declared. Raises UnreadableError."""
    try:
        guard(text)
    except KgError as error:
        refuse(query.name, "query", str(error))
    if names_graphs(text):
        refuse(query.name, "query", "names graphs with FROM; all files are asked as one graph: leave it out, or write GRAPH")
    most = {"seconds": limits.CONSTRUCT_SECONDS, "memory": limits.CONSTRUCT_MEMORY, "triples": limits.CONSTRUCT_TRIPLES}
    job = json.dumps({"query": text, "prefixes": dict(prefixes), **most}).encode() + b"\n" + to_bytes(quads, RdfFormat.N_QUADS)
    # -P: the working folder may hold a json.py, and is none of ours
    command = [sys.executable, "-P", "-m", "kg.sources.construct"]
    try:
        done = subprocess.run(command, input=job, capture_output=True, timeout=4 * limits.CONSTRUCT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        _refuse_slow(query, f"{4 * limits.CONSTRUCT_SECONDS} seconds by the clock")
    _check(query, done)
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in parse(done.stdout, format=RdfFormat.N_TRIPLES)]


def _check(query: SourceFile, done: subprocess.CompletedProcess[bytes]) -> None:
    """Refuse the query where the child did not end well."""
    if done.returncode == 0:
        return
    said = done.stderr.decode("utf-8", errors="replace").strip()
    if done.returncode == _REFUSED:
        at = re.search(r"at line (\d+)", said)
        refuse(query.name, "query", said, int(at[1]) if at else 1)
    if done.returncode == -signal.SIGPROF:
        _refuse_slow(query, f"{limits.CONSTRUCT_SECONDS} seconds of a processor")
    refuse(query.name, "query", f"brings the engine down (exit {done.returncode}): it needs more memory than there is for it")


def _refuse_slow(query: SourceFile, time: str) -> NoReturn:
    refuse(query.name, "query", f"takes more than {time}; see that its patterns are joined by common variables")


def main() -> None:
    """The child: a job on standard input, triples on standard output."""
    job = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # no handler: the signal has to end the process in the midst of the engine, which no Python code would
    signal.setitimer(signal.ITIMER_PROF, job["seconds"])
    store = Store()
    store.load(sys.stdin.buffer, format=RdfFormat.N_QUADS)
    try:
        made = store.query(job["query"], prefixes=job["prefixes"], use_default_graph_as_union=True)
    except (SyntaxError, ValueError) as error:
        _refuse(explain(str(error), job["query"]))
    if not isinstance(made, QueryTriples):
        _refuse("is no CONSTRUCT query; it has to construct facts")
    found = set()
    for triple in made:
        found.add(triple)
        if len(found) > job["triples"]:
            _refuse(f"makes more than {job['triples']:,} triples; see that its patterns are joined by common variables")
    sys.stdout.buffer.write(to_bytes(found, RdfFormat.N_TRIPLES))
    sys.stdout.buffer.flush()


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(message)
    sys.exit(_REFUSED)


if __name__ == "__main__":
    main()
