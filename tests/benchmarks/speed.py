"""Ten questions through HTTP, side by side with other servers on the same data, and pages. Run by hand.

    python -m tests.benchmarks.scale --keep generated 10000
    python -m tests.benchmarks.speed generated/release rdflib-endpoint oxigraph virtuoso

Needs ``wrk`` (Debian), which makes the requests; of the others, ``oxigraph`` is in the test extra, ``virtuoso-t`` is Debian's
virtuoso-opensource, and ``rdflib-endpoint`` is what ``KG_RDFLIB_ENDPOINT`` says (PyPI: rdflib-endpoint[cli], in an environment of its own).
``NAME=URL`` is a server that runs already and holds the data.

Each question is asked of each server by one client, one request after the other, each request another text, so that nobody
answers from a cache; then of kg with the same text each time. The figures are medians; machines are noisy, so read the ratios. In
the last columns eight clients ask at once. The answers of all servers have the same number of rows, or the question is marked ``!``;
``none`` is an error, or no answer in a minute.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kg
from tests.engines import free_port, running, virtuoso
from tests.serving import serving

_QUESTIONS = Path(__file__).with_suffix(".toml")
_SECONDS = 2
_PATIENCE = 60
_UNLIMITED = ("--no-log", "--in-flight", "1000", "--budget", "1e9", "--light", "1e9", "--answer-size", "64", "--queue-wait", "60")
_SCRIPT = """
local n = %d
request = function()
  n = n + %d
  local i = n %% %d
  local text = [==[%s]==]
  text = text:gsub("{n}", string.format("%%06d", i)):gsub("{i}", string.format("%%d", i))
  text = (text .. "\\n#" .. (%d * n)):gsub("[^%%w]", function(c) return string.format("%%%%%%02X", c:byte()) end)
  return wrk.format("POST", nil, {["Content-Type"] = "application/x-www-form-urlencoded", ["Accept"] = "%s"}, "query=" .. text)
end
response = function(status) if status ~= 200 then os.exit(3) end end
"""


@dataclass(frozen=True)
class Question:
    """A question of the table."""

    name: str
    query: str
    graph: bool = False
    aggregate: bool = False

    @property
    def accept(self) -> str:
        """What it is to be answered in; the one that all servers get right."""
        return "text/turtle" if self.graph else "application/sparql-results+json"


@dataclass(frozen=True)
class Figures:
    """Median latency in ms, and requests a second."""

    median: float
    throughput: float


def ask(url: str, question: Question, number: int) -> int:
    """How many rows the answer has; -1 for a graph. Raises OSError."""
    text = question.query.replace("{n}", f"{number:06d}").replace("{i}", str(number)) + f"\n#{time.time()}"
    form = urllib.parse.urlencode({"query": text}, quote_via=urllib.parse.quote).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": question.accept}
    request = urllib.request.Request(url, form, headers)  # noqa: S310 (a server that this program has started)
    with urllib.request.urlopen(request, timeout=_PATIENCE) as response:  # noqa: S310
        body = response.read()
    return -1 if question.graph else len(json.loads(body)["results"]["bindings"])


def measure(url: str, question: Question, diseases: int, clients: int, repeated: bool = False, least: float = 0.0) -> Figures:
    """Ask for some seconds, at least for so long that several are answered (``least``: how long one takes)."""
    step = 0 if repeated else 1
    script = _SCRIPT % (time.time_ns() % 1_000_000_007, 7919 * step, diseases, question.query, step, question.accept)
    return wrk(url, clients, max(_SECONDS, int(least * 6) + 1), script)


def wrk(url: str, clients: int, seconds: float, script: str = "", *options: str) -> Figures:
    """What wrk finds in so many seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "300s", "--latency", *options]
        said = subprocess.run([*command, *(["-s", file.name] if script else []), url], capture_output=True, text=True, check=True).stdout
    median, unit = re.findall(r"50%\s+([\d.]+)(us|ms|s|m)\b", said)[0]
    failed = re.findall(r"Non-2xx.*|Socket errors.*", said)
    if failed:
        raise OSError(failed[0])
    return Figures(
        float(median) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[unit], float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
    )


@contextmanager
def _oxigraph(release: Path, folder: Path) -> Iterator[str]:
    executable = str(Path(sys.executable).with_name("oxigraph"))
    store = str(folder / "store")
    subprocess.run([executable, "load", "--location", store, "--file", release / "rarefacts.nq"], check=True, capture_output=True)
    port = free_port()
    command = [executable, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}", "--union-default-graph"]
    with running(command, folder, port):
        yield f"http://127.0.0.1:{port}/query"


@contextmanager
def _rdflib(release: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    command = [os.environ["KG_RDFLIB_ENDPOINT"], "serve", "--host", "127.0.0.1", "--port", str(port), str(release / "rarefacts.ttl")]
    with running(command, folder, port, seconds=600):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def _virtuoso(release: Path, folder: Path) -> Iterator[str]:
    with virtuoso(folder, buffers=100_000) as url:
        user = ["--user", "dba"]
        command = [sys.executable, "-c", "from kg.cli import main; main()", "load", str(release), "--endpoint", url, *user]
        subprocess.run(command, check=True, env={**os.environ, "KG_PASSWORD": "dba"}, capture_output=True)
        yield url


_OTHERS: dict[str, Callable[[Path, Path], Any]] = {"rdflib-endpoint": _rdflib, "oxigraph": _oxigraph, "virtuoso": _virtuoso}


def _row(question: Question, urls: dict[str, str], diseases: int) -> str:
    rows: dict[str, int] = {}
    figures: dict[str, Figures] = {}
    for name, url in urls.items():
        try:
            ask(url, question, 1)
            start = time.monotonic()
            rows[name] = ask(url, question, 7)
            figures[name] = measure(url, question, diseases, 1, least=time.monotonic() - start)
        except OSError as error:
            print(f"{name}: {question.name}: {error}", file=sys.stderr, flush=True)
    repeated = measure(urls["kg"], question, diseases, 1, repeated=True)
    many = {name: measure(urls[name], question, diseases, 8) for name in urls if name in ("kg", "oxigraph")}
    own = figures["kg"].median
    cells = [f"{question.name}{' (aggregate)' if question.aggregate else ''}{'' if len({*rows.values()}) == 1 else ' !'}", f"{own:.2f}"]
    cells += [
        f"{figures[name].median:.2f} ({figures[name].median / own:.2g})" if name in figures else "none" for name in urls if name != "kg"
    ]
    cells += [f"{repeated.median:.2f}", *(f"{each.throughput:,.0f}" for each in many.values())]
    return " | ".join(cells)


def main(release: Path, others: list[str]) -> None:
    """Print the table in Markdown."""
    opened = kg.Release.open(release)
    base, diseases = opened.manifest["base"], opened.manifest["counts"]["diseases"]
    questions = [Question(**each) for each in tomllib.loads(_QUESTIONS.read_text(encoding="utf-8"))["question"]]
    assert shutil.which("wrk"), "install wrk"
    with ExitStack() as stack:
        server = stack.enter_context(serving(release, *_UNLIMITED))
        server.until_in_memory()
        page = f"{server.url}disease/MONDO_8000042.html"
        packed, plain = (wrk(page, 16, 2 * _SECONDS, "", *more).throughput for more in (("-H", "Accept-Encoding: gzip"), ()))
        print(f"A page, to 16 clients: {packed:,.0f} a second compressed, {plain:,.0f} as it is.\n", flush=True)
        urls = {"kg": server.url + "sparql"}
        for name in others:
            if "=" in name:
                known, _, url = name.partition("=")
                urls[known] = url
                continue
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            urls[name] = stack.enter_context(_OTHERS[name](release, folder))
            print(f"{name} is ready", file=sys.stderr, flush=True)
        head = ["question", "kg, ms", *(f"{name}, ms (times kg's)" for name in urls if name != "kg"), "kg, asked again, ms"]
        head += [f"{name}, requests a second of 8 clients" for name in urls if name in ("kg", "oxigraph")]
        print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
        for question in questions:
            filled = Question(**{**question.__dict__, "query": question.query.replace("{base}", base)})
            print(f"| {_row(filled, urls, diseases)} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
