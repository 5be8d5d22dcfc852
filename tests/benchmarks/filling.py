"""A dump in memory, put there in either way: how long that takes, how much memory it needs, and how long the questions take. Run by hand.

    python -m tests.benchmarks.filling release/rarefacts.nq

Each way has a process of its own. The two are ``Store.load`` and ``Store.bulk_load`` (``kg.storing.putting``).
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kg.competency import questions
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.publish.answers import answer
from kg.storing import putting
from tests.conftest import ROOT


def fill(dump: str, way: str) -> None:
    """Put a dump into memory, and ask the questions."""
    store, ontology = Store(), Ontology.load(ontology_folders(ROOT / "data"))
    began = time.process_time()
    putting(store, in_memory=way == "load")(path=dump, format=RdfFormat.N_QUADS)
    filled = time.process_time()
    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
    for question in questions().values():
        answer(store, question, ontology)
    asked = time.process_time()
    print(f"{way:>10} {len(store):>12,} {filled - began:>9.1f} {held:>8.0f} {asked - filled:>10.1f}", flush=True)


def main() -> None:
    """A line for each way."""
    if len(sys.argv) == 3:
        fill(*sys.argv[1:])
        return
    print(f"{'':>10} {'statements':>12} {'s to fill':>9} {'MB':>8} {'s to ask':>10}", flush=True)
    for way in ("load", "bulk_load"):
        subprocess.run([sys.executable, "-m", "tests.benchmarks.filling", sys.argv[1], way], check=True)


if __name__ == "__main__":
    main()
