"""What judging costs: time and peak of memory of the gate, and of pySHACL over the whole graph beside it. Run by hand.

    python -m tests.benchmarks.gate 1000 10000
    python -m tests.benchmarks.gate --phenotypes 60 --patience 1200 --without "pyshacl all" 10000

Diseases are made as quads, without records: a dozen facts each and so many phenotypes, taken from 5,000 terms that many diseases
share; each hundredth disease has a fault. Each way runs in a process of its own, which loads the quads first: ``core`` and ``all`` are
SHACL Core and all shapes as kg judges them, ``pyshacl core`` and ``pyshacl all`` the same by pySHACL over all of the store in an rdflib
graph, each given up after ``--patience`` seconds; ``same`` says whether both report the same of Core. Seconds are those of a processor.
Machines are noisy: read the ratios.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, Store, serialize
from rdflib import Graph

from kg.core import report_of, reports, whole_graph
from kg.dataset import read_dataset
from kg.judge import judge, results_of
from kg.layout import ontology_folders, shapes_folders
from kg.ontology import Ontology
from kg.parallel import Pool
from kg.shapes import load_shapes
from tests.benchmarks.made import generate

_POOL = 5000
_OBO = "http://purl.obolibrary.org/obo/"
_RF = "https://w3id.org/rarefacts/vocab#"


def write_quads(path: Path, diseases: int, phenotypes: int) -> None:
    """So many diseases as N-Quads: those of a generated record, its disease and terms replaced."""

    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "data", 2)
        dataset = read_dataset(Path(scratch) / "data", "generated")
    shared = [quad for quad in dataset.quads if "disease/MONDO_8" not in str(quad.subject)]
    of_one = [quad for quad in dataset.quads if "disease/MONDO_8000001" in str(quad.subject)]
    record = (serialize(of_one, format=RdfFormat.N_QUADS) or b"").decode()
    fact = "".join(line for line in record.splitlines(keepends=True) if line.partition(" ")[0].partition("#")[2].startswith("neutropenia"))
    first, graph = fact.split()[0], fact.split()[-2]
    denied = f'{first} <{_RF}negated> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> {graph} .\n'
    with path.open("wb") as file:
        file.write(serialize([*dataset.ontology.quads(), *shared], format=RdfFormat.N_QUADS) or b"")
        for number in range(_POOL if phenotypes else 0):
            file.write(f"<{_OBO}HP_7{number:06d}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{_RF}Term> .\n".encode())
        for n in range(diseases):
            more = "".join(
                (fact if each % 13 else fact + denied)
                .replace("#neutropenia", f"#p{each}")
                .replace("HP_0001875", f"HP_7{(n * 31 + each * 7) % _POOL:06d}")
                for each in range(phenotypes)
            )
            text = (record + more).replace("MONDO_8000000", f"MONDO_9{n // 10:06d}").replace("MONDO_8000001", f"MONDO_9{n:06d}")
            text = text.replace("Orphanet_91>", f"Orphanet_9{n}>").replace("entry/800001>", f"entry/8{n:05d}>")
            file.write((_with_fault(text, n // 100) if n % 100 == 99 else text).encode())


def _with_fault(text: str, kind: int) -> str:
    faults = [
        (f"<{_RF}total> ", f"<{_RF}totel> "),
        ('"2026-01-01"^^', '"2026-02-30"^^'),
        (f"<{_RF}IgM>", f"<{_RF}IgX>"),
        (f"<{_RF}evidence> ", "<http://www.w3.org/2000/01/rdf-schema#seeAlso> "),
        ("HP_0002014", "XX_0002014"),
    ]
    return text.replace(*faults[kind % len(faults)])


def measure(path: Path, way: str) -> None:
    """Judge what is in a file in one way, and print what it took as JSON."""

    store = Store()
    store.bulk_load(path=path, format=RdfFormat.N_QUADS)
    shapes, loaded, ontology = load_shapes(shapes_folders()), _peak(), Ontology.load(ontology_folders())
    whole = whole_graph(store) if way.startswith("pyshacl") else Graph()
    with_queries = Graph()
    for each in (*shapes.files, ontology_folders()[0] / "prefixes.ttl") if way == "pyshacl all" else ():
        with_queries.parse(each)
    started = time.process_time()
    match way:
        case "core":
            results = [result for report in reports(shapes.core, store, Pool(1)) for result in results_of(report)]
        case "all":
            results = judge(shapes, store, ontology, "https://w3id.org/rarefacts/", Pool(1))
        case _:
            results = results_of(report_of(whole, shapes.core if way == "pyshacl core" else with_queries))
    seconds = time.process_time() - started
    text = "\n".join(sorted(map(str, results)))
    said = {"quads": len(store), "loaded": loaded, "seconds": seconds, "peak": _peak(), "results": len(results)}
    print(json.dumps(said | {"hash": hashlib.sha256(text.encode()).hexdigest()}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_WAYS: Final = ("core", "all", "pyshacl core", "pyshacl all")


def _taken(path: Path, way: str, patience: int) -> dict[str, Any] | None:
    """What one way took; nothing where it was given up."""
    command = [sys.executable, "-m", "tests.benchmarks.gate", "--one", way, str(path)]
    try:
        said: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=patience, text=True).stdout)
    except subprocess.TimeoutExpired:
        return None
    return said


def main() -> None:
    """Sizes are the arguments."""
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[3]), sys.argv[2])
        return
    parser = argparse.ArgumentParser(description="What judging costs.")
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 1000])
    parser.add_argument("--phenotypes", type=int, default=0)
    parser.add_argument("--patience", type=int, default=600)
    parser.add_argument("--without", choices=_WAYS[1:], action="append", default=[])
    arguments = parser.parse_args()
    ways = [way for way in _WAYS if way not in arguments.without]
    heads = "".join(f" {way + ' s':>14} {'MB':>6}" for way in ways)
    print(f"{'diseases':>8} {'triples':>9} {'loaded MB':>9}{heads} {'results':>8} same", flush=True)
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "quads.nq"
            write_quads(path, size, arguments.phenotypes)
            taken = {way: _taken(path, way, arguments.patience) for way in ways}
        core, old = taken["core"], taken.get("pyshacl core")
        assert core is not None, "judging was given up"
        lines = (f"{each['seconds']:>14.1f} {each['peak']:>6.0f}" if each else f"{'given up':>14} {'':>6}" for each in taken.values())
        same = "" if old is None else "yes" if old["hash"] == core["hash"] else "NO"
        print(f"{size:>8} {core['quads']:>9} {core['loaded']:>9.0f} {' '.join(lines)} {core['results']:>8} {same}", flush=True)


if __name__ == "__main__":
    main()
