"""Everything in the folder of real files, imported into a copy of the project's data. Run by hand.

    KG_REAL_DATA=... python -m tests.benchmarks.real FOLDER

For each source: items, facts and losses, seconds and peak memory; then the diseases that the sources come to, and where identity was not
decided. Each import runs in a process of its own, by the command that a user would type. FOLDER/data is the dataset that is left.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from kg.dataset import read_dataset
from kg.imports import FOLDER, GRAPH, Import
from kg.settle import Settled
from tests.conftest import ROOT

REAL = Path(os.environ.get("KG_REAL_DATA", ROOT.parent / "shared" / "real"))
IMPORTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clingen": (("iei/ClinGen*.csv",), ()),
    "doid": (("doid/*.obo",), ()),
    "gard": (("gard/*.csv",), ("diseases=2024-05",)),
    "hpo": (("hpo/phenotype.excerpt.hpoa", "hpo/*.gz", "hpo/*.tsv"), ("frequencies=2023", "labels=2026-06")),
    "iuis": (("iei/iusis*.tsv", "gard/GARD_genes.csv"), ("table=2025", "genes=2024-05")),
    "maxo": (("treatment/*",), ("annotations=2026-08",)),
    "mondo": (("mondo/*.tsv", "mondo/*.csv", "mondo/sssom/*.tsv"), ("edges=2026-08-04",)),
    "orphanet": (("orphanet/*",), ()),
}
_ARITHMETIC = re.compile(r"([\d,]+) items = [\d,]+ that became facts or terms \+ ([\d,]+) reported as lost\n.* = ([\d,]+) facts")


def main() -> None:
    """Import all sources and print what they come to."""
    folder = Path(sys.argv[1])
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(ROOT / "data", data)
    print("source      items     lost    facts written   seconds  MB")
    for source, (patterns, versions) in IMPORTS.items():
        files = [str(path) for pattern in patterns for path in sorted(REAL.glob(pattern))]
        options = [part for version in versions for part in ("--version", version)]
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        command = [sys.executable, "-m", "tests.benchmarks.real", "--one", "import", source, *files, "--data", str(data), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            sys.exit(done.stderr)
        said = re.search(
            r"([\d,]+) items = [\d,]+ that became facts or terms \+ ([\d,]+) reported as lost\n.* = ([\d,]+) facts", done.stdout
        )
        assert said is not None
        seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        peak = int(done.stderr.rpartition("peak ")[2]) // 1024
        print(f"{source:8} {said[1]:>9} {said[2]:>8} {said[3]:>10} {seconds:16.0f} ({used:.0f} of a processor) {peak:5}")
    _identity(data)


def _identity(data: Path) -> None:
    """What the sources come to: diseases by vocabulary, merges, and what stays apart."""
    dataset = read_dataset(ROOT / "data")
    graphs = [Import(path.name.removesuffix(GRAPH), path, path.name) for path in sorted((data / FOLDER).glob(f"*{GRAPH}"))]
    settled = Settled(dataset.ontology, dataset.base, dataset.quads, graphs)
    merged = Counter(f"{old.partition('_')[0]} goes by {new.partition('_')[0]}" for old, new in settled.accessions.items())
    print("\n".join(f"{count:8,} {what}" for what, count in sorted(merged.items())))
    print("\n".join(f"{count:8,} stay apart: {why}" for why, count in sorted(Counter(each.why for each in settled.conflicts).items())))


def _one() -> None:
    """A command of kg, and what memory it took at most."""
    from kg.cli import main as kg  # noqa: PLC0415

    sys.argv = ["kg", *sys.argv[2:]]
    try:
        kg()
    finally:
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", file=sys.stderr)


if __name__ == "__main__":
    _one() if sys.argv[1:2] == ["--one"] else main()
