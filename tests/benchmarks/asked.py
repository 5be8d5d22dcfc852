"""Questions to ``kg serve`` about very many statements (``large.toml``), each within its limits: how long they take, or where they end."""

from __future__ import annotations

import json
import re
import time
import tomllib
from pathlib import Path
from typing import Final

from tests.benchmarks.made_imports import BASE, accession, code_of
from tests.serving import Server, serving

_QUESTIONS: Final = Path(__file__).with_name("large.toml")
_PREFIXES: Final = """PREFIX rf: <{base}vocab#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX obo: <http://purl.obolibrary.org/obo/>
"""


def ask(made: Path, diseases: int) -> None:
    """Serve the release and ask each question."""
    began = time.perf_counter()
    with serving(made, "--no-log", "--budget", "1e9") as server:
        print(f"{'serve':>12} {time.perf_counter() - began:>9.1f} s until it answers", flush=True)
        for each in tomllib.loads(_QUESTIONS.read_text(encoding="utf-8"))["question"]:
            name, question = each["name"], each["query"]
            first = _asked(server, question, diseases, 0)
            more = [_asked(server, question, diseases, number) for number in range(1, 6)] if isinstance(first[0], float) else []
            times = [each for each, _ in more if isinstance(each, float)]
            said = f"{first[0]:>10.1f} ms, then {min(times):>8.1f} ms" if times else str(first[0])
            print(f"  {name:<36} {said}, {first[1]}", flush=True)
        held = [_held(pid) for pid in server.workers]
        print(f"  the server holds {server.megabytes:.0f} MB, its workers {', '.join(f'{each:.0f}' for each in held)} MB", flush=True)


def _asked(server: Server, question: str, diseases: int, number: int) -> tuple[float | str, str]:
    """Milliseconds and how many rows, or how many there are where one is a count; or the status and why it failed."""
    n = (diseases // 3 + number * 7919) % diseases
    values = {
        "base": BASE,
        "n": n,
        "disease": accession("names", n),
        "omim": 100_000 + n,
        "code": f"{code_of(n, 0):06d}",
        "other": f"{code_of(n, 1):06d}",
    }
    text = re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), f"{_PREFIXES}{question} #{number}")
    began = time.perf_counter()
    answer = server.query(text, "application/sparql-results+json")
    took = (time.perf_counter() - began) * 1000
    said = json.loads(answer.body)
    if answer.status != 200:
        return f"{answer.status} after {took / 1000:.1f} s", said["detail"]
    rows = said["results"]["bindings"]
    return took, f"{int(rows[0]['n']['value']):,}" if said["head"]["vars"] == ["n"] else f"{len(rows):,} rows"


def _held(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", lines)[0]) / 1024
