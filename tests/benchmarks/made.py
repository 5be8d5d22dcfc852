"""Datasets made for benchmarks: so many diseases of a dozen facts, and a known number of faults."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from tests.conftest import ROOT

_RECORD = """disease: MONDO_8{n:06d}
modified: 2026-01-01
checked: 2026-01-01
name:
  label: {{kind: preferred, name: generated disease {n}, evidence: made at row {n}}}
  short: {{kind: abbreviation, name: GD{n}, evidence: made}}
mapping:
  orpha: {{relation: exactMatch, to: "ORPHA:9{n}", evidence: made}}
  omim: {{relation: exactMatch, to: "OMIM:8{n:05d}", evidence: made}}
classification:
  parent: {{parent: MONDO_8{parent:06d}, evidence: made}}
immunoglobulin:
  igg: {{isotype: IgG, level: [low, absent], evidence: made}}
  igm: {{isotype: IgM, level: [normal, elevated], evidence: made}}
inheritance:
  xlr: {{mode: HP:0001419, evidence: made}}
phenotype:
  neutropenia: {{feature: HP:0001875, affected: 3, total: 9, evidence: made}}
  diarrhea: {{feature: HP:0002014, percentage: 12.5, evidence: made}}
treatment:
  ivig: {{intent: treats, action: MAXO:0001480, supplies: IgG, evidence: made}}
"""
_SOURCE = "source: made\nsourceType: data\ntitle: generated data\nversion: '1'\n"
_TERMS = """@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
obo:HP_0001419 a rf:Term ; rdfs:label "a"@en .
obo:HP_0001875 a rf:Term ; rdfs:label "b"@en .
obo:HP_0002014 a rf:Term ; rdfs:label "c"@en .
obo:MAXO_0001480 a rf:Term ; rdfs:label "d"@en .
"""


def generate(folder: Path, diseases: int, children: int = 10) -> None:
    """A dataset of so many diseases, in a tree whose nodes have so many children."""
    for name in ("diseases", "sources", "terms"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "data" / "dataset.yaml", folder)
    (folder / "sources" / "made.yaml").write_text(_SOURCE, encoding="utf-8")
    (folder / "terms" / "terms.ttl").write_text(_TERMS, encoding="utf-8")
    for n in range(diseases):
        text = _RECORD.format(n=n, parent=n // children)
        if n == 0:
            text = text.replace("classification:\n", "").replace("  parent: {parent: MONDO_8000000, evidence: made}\n", "")
        (folder / "diseases" / f"{n}.yaml").write_text(text, encoding="utf-8")


FAULTS: Final = {
    "percentage": ("percentage: 12.5", "percentage: 125"),
    "fact-has-evidence": ("{mode: HP:0001419, evidence: made}", "{mode: HP:0001419}"),
    "affected-within-total": ("affected: 3, total: 9", "affected: 9, total: 3"),
    "identifier-pattern": ("ORPHA:9", "ORPHA:x9"),
    "one-preferred-name": ("kind: abbreviation", "kind: preferred"),
}
"""A text of a record and what makes a fault of it, by the rule that sees it; SHACL Core, SPARQL constraints and what holds across facts."""


def plant(folder: Path, every: int = 100) -> dict[str, int]:
    """One fault in every so many records of such a dataset, the kinds in turn; how many of each, by rule."""
    planted = dict.fromkeys(FAULTS, 0)
    for number, record in enumerate(sorted((folder / "diseases").iterdir())[every // 2 :: every]):
        rule = list(FAULTS)[number % len(FAULTS)]
        text = record.read_text(encoding="utf-8")
        right, wrong = FAULTS[rule]
        assert text.count(right) == 1, (record, right)
        record.write_text(text.replace(right, wrong), encoding="utf-8")
        planted[rule] += 1
    return planted
