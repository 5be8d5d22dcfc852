"""Everything in the folder of real files, imported into a copy of the project's data. Run by hand.

    KG_REAL_DATA=... python -m tests.benchmarks.real FOLDER

For each source: items, facts and losses, seconds and peak memory; then the diseases, facts and statements that the sources come to, and
where identity was not decided. Each import runs in a process of its own, by the command that a user would type. FOLDER/data is the dataset
that is left. What is not read is told at the end, with the reason; a file that is neither read nor told is an error.
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
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path

from kg import vocabulary as v
from kg.dataset import read_dataset
from kg.imports import FOLDER, GRAPH
from tests.conftest import ROOT

REAL = Path(os.environ.get("KG_REAL_DATA", ROOT.parent / "shared" / "real"))
MAPPINGS = ROOT / "docs" / "mappings"
IMPORTS: dict[str, tuple[str, ...]] = {
    "clingen": ("clingen", "iei/ClinGen*.csv"),
    "doid": ("doid", "doid/*.obo"),
    "gard": ("gard", "gard/*.csv", "--version", "diseases=2024-05"),
    "hpo": ("hpo", "hpo/phenotype.excerpt.hpoa", "hpo/*.gz", "hpo/*.tsv", "--version", "frequencies=2023", "--version", "labels=2026-06"),
    "hpo-2023": ("hpo", "hpo/phenotype_test.hpoa", "--as", "hpo-2023"),
    "iuis": (
        *("iuis", "iei/iusis*.tsv", "iei/IUIS*.xlsx", "gard/GARD_genes.csv"),
        *("--version", "table=2025", "--version", "list=2024-07", "--version", "genes=2024-05"),
    ),
    "maxo": ("maxo", "treatment/*", "--version", "annotations=2026-08"),
    "mondo": ("mondo", "mondo/*.tsv", "mondo/*.csv", "mondo/sssom/*.tsv", "--version", "edges=2026-08-04"),
    "orphanet": ("orphanet", "orphanet/*"),
    "rdf-nando": ("rdf", "nando.yaml", "nando.rq", "higm/nando.ttl"),
    "rdf-pubcasefinder": ("rdf", "pubcasefinder.yaml", "pubcasefinder.rq", "higm/pubcasefinder.ttl", "--for-checking-only"),
    "table-gard-parents": ("table", "gard-parents.yaml", "higm/gard_to_gard_mappings.csv"),
    "table-mondo-synonyms": ("table", "mondo-synonyms.yaml", "higm/mondo-labels-synonyms.tsv"),
}
NOT_READ = {
    "higm/*": "rows on hyper-IgM cut out of the files above, or an older or poorer form of them",
    "higm/facts.tsv": "a table of what stands in the other files, for comparison",
    "higm/medquad*.xml": "questions and answers in prose",
    "higm/uniprot-humdisease.txt": "descriptions in prose, in a form of its own",
    "higm/CD40LG_PMID*.json": "a phenopacket: one patient, and nothing of the disease as such",
    "higm/Hyper-IgM*.yaml": "records of another knowledge base, whose sentences are not to be copied",
    "schemaorg*.ttl": "a vocabulary, of no disease",
    "README.md": "about these files",
}
_ARITHMETIC = re.compile(r"([\d,]+) items = [\d,]+ that became facts or terms \+ ([\d,]+) reported as lost\n.* = ([\d,]+) facts")


def main() -> None:
    """Import all sources and print what they come to."""
    folder = Path(sys.argv[1])
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(ROOT / "data", data)
    print("import                    items     lost    facts written   seconds  MB")
    read: set[str] = set()
    for name, words in IMPORTS.items():
        arguments = [part for word in words for part in _found(word, read)]
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        command = [sys.executable, "-m", "tests.benchmarks.real", "--one", "import", *arguments, "--data", str(data)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            sys.exit(done.stderr)
        said = _ARITHMETIC.search(done.stdout)
        assert said is not None and (data / FOLDER / f"{name}{GRAPH}").is_file()
        seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        peak = int(done.stderr.rpartition("peak ")[2]) // 1024
        print(f"{name:20} {said[1]:>10} {said[2]:>8} {said[3]:>10} {seconds:16.0f} ({used:.0f} of a processor) {peak:5}")
    _together(data)
    _rest(read)


def _found(word: str, read: set[str]) -> list[str]:
    """A word of a command; files in place of what names some."""
    if (MAPPINGS / word).is_file():
        return [str(MAPPINGS / word)]
    files = sorted(REAL.glob(word)) if "/" in word else []
    read |= {path.relative_to(REAL).as_posix() for path in files}
    return [str(path) for path in files] or [word]


def _together(data: Path) -> None:
    """What the sources come to: facts and diseases, merges, what stays apart, and what is left out."""
    began = time.monotonic()
    dataset = read_dataset(data)
    assert dataset.entered is not None
    statements = 0
    diseases, facts = set(), set()
    own = ((str(q.subject), str(q.predicate), str(q.object)) for q in dataset.quads)
    with dataset.entered.common.open(encoding="utf-8") as lines:
        for subject, predicate, value in chain(own, (line.split(" ", 3)[:3] for line in lines)):
            statements += 1
            if predicate == str(v.RDF_SUBJECT):
                facts.add(subject)
                diseases.add(value)
    print(f"{len(diseases):8,} diseases that facts are about, {len(facts):,} facts, {statements:,} statements, as they enter the gate")
    settled = dataset.entered
    merged = Counter(f"{old.partition('_')[0]} goes by {new.partition('_')[0]}" for old, new in settled.accessions.items())
    print("\n".join(f"{count:8,} {what}" for what, count in sorted(merged.items())))
    print("\n".join(f"{count:8,} stay apart: {why}" for why, count in sorted(Counter(each.why for each in settled.conflicts).items())))
    print(f"{len(dataset.entered.within):8,} links are left out, since their ends are one disease here")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{time.monotonic() - began:8.0f} seconds to put them together, {peak} MB")


def _rest(read: set[str]) -> None:
    """The files that no importer reads, and why."""
    left = {path.relative_to(REAL).as_posix() for path in REAL.rglob("*") if path.is_file()} - read
    for pattern, why in sorted(NOT_READ.items(), key=lambda item: item[0] == "higm/*"):
        found = sorted(name for name in left if fnmatch(name, pattern))
        left -= set(found)
        print(f"not read: {', '.join(found)}: {why}")
    assert not left, f"neither read nor explained: {sorted(left)}"


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
