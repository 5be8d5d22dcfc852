"""Orphanet's real files: their entries, counted, and a sample of them read again by code that shares nothing with the importer."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kg.sources.model import Fact, Reading, SourceFile
from kg.sources.orphanet import ORPHANET
from tests.conftest import ROOT

PACKETS, TABLE = "orphapacket-json-2025-12.tar.gz", "orphanet_epidemiology.csv.gz"
DRAWN = 100
Said = tuple[str, str, frozenset[tuple[str, str]], frozenset[str]]


@dataclass
class Read:
    """What the importer made of the real files: counts, and the facts of the disorders that were drawn."""

    facts: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    negated: int = 0
    of_drawn: Counter[Said] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def raw(real_data: Path) -> dict[str, dict[str, Any]]:
    """The packets of the drawn disorders by code, as they stand."""
    with tarfile.open(real_data / "orphanet" / PACKETS) as archive:
        names = {name: member for name in archive.getnames() if name.endswith(".json") for member in [archive.getmember(name)]}
        drawn = random.Random(20251209).sample(sorted(names), DRAWN)  # noqa: S311 - no secret hangs on it
        found = [json.load(archive.extractfile(names[name]))["Orphapacket"] for name in drawn]  # type: ignore[arg-type]
    return {packet["ORPHAcode"]: packet for packet in found}


@pytest.fixture(scope="module")
def read(real_data: Path, raw: dict[str, dict[str, Any]]) -> Read:
    """The real files, read once."""
    files = {"packets": (_file(real_data, PACKETS),), "epidemiology": (_file(real_data, TABLE),)}
    found = Read()
    drawn = {f"ORPHA:{code}" for code in raw}
    for item in ORPHANET.read(Reading(files, {"packets": "P", "epidemiology": "T"})):
        table = item.file == TABLE
        for fact in item.facts:
            found.facts["row" if table else fact.kind] += 1
            found.negated += "negated" in fact.says
            if fact.about in drawn:
                found.of_drawn[_said(fact)] += 1
        if item.lost:
            field = re.split(r"[ :]", item.what.partition(", ")[2])[0]
            found.lost["row" if table else field if item.lost != "repeated" else "repeated"] += 1
    return found


def _file(real_data: Path, name: str) -> SourceFile:
    return SourceFile(real_data / "orphanet" / name, name)


def _said(fact: Fact) -> Said:
    says = {key: str(value) for key, value in fact.says.items() if key != "comment"}
    return fact.about, fact.kind, frozenset(says.items()), frozenset(line["source"] for line in fact.evidence)


def test_versions(real_data: Path) -> None:
    """The files say that they are of December 2025 and of June 2023."""
    assert [role.version(_file(real_data, name)) for role, name in zip(ORPHANET.roles, (PACKETS, TABLE), strict=True)] == [
        "2025-12",
        "2023-06",
    ]


def test_counts(read: Read) -> None:
    """Every entry of the real files is a fact or a loss: 9,960 disorders, 115,878 features of which 727 are excluded, and so on."""
    kinds = {
        "name": (9_960 + 13_888, 0),
        "mapping": (8_435, 0),
        "gene": (7_262, 756),
        "phenotype": (115_878, 0),
        "inheritance": (5_085, 7_301 - 5_085),
        "diseaseOnset": (11_736, 11_788 - 11_736),
        "classification": (19_481 - 300, 300),
        "epidemiology": (11_267, 16_654 - 11_267),
        "row": (13_867, 15_978 - 13_867),
    }
    lost = {"mapping": "mapping", "phenotype": "feature", "diseaseOnset": "onset", "classification": "parent", "epidemiology": "prevalence"}
    assert {kind: (read.facts[kind], read.lost[lost.get(kind, kind)]) for kind in kinds} == kinds
    assert read.facts.keys() == kinds.keys()
    assert (read.negated, read.lost["TextSection"], read.lost["DisorderType"]) == (727, 6_891, 9_960)
    assert read.lost["repeated"] == 12_175 + 16_093


# the same once more, by other code


def _inside(value: Any, key: str) -> Iterator[dict[str, Any]]:
    """Every object below a value that has the key."""
    if isinstance(value, dict):
        if key in value:
            yield value
        for each in value.values():
            yield from _inside(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(each, key)


def _labels(real_data: Path) -> dict[str, str]:
    """Terms of HPO by their label in small letters, without hyphens and without the word inheritance."""
    with (real_data / "hpo" / "hp-es-preprocessed.babelon.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    return {row[3].lower().replace("semidominant", "semi-dominant").removesuffix(" inheritance"): row[2] for row in rows}


def _stages() -> dict[str, str]:
    """Stages of life by Orphanet's word, as the ontology says it."""
    text = (ROOT / "ontology" / "onset.ttl").read_text(encoding="utf-8")
    return {match[2]: match[1] for match in re.finditer(r'rf:(\w+) a rf:StageOfLife .*rdfs:comment "Orphanet: (.+?)\."@en', text)}


def _cited(source: str | None, work: str) -> frozenset[str]:
    """The works behind a source: articles by number, and the file itself where something else is named, or nothing."""
    rest = source or ""
    marked = re.findall(r"([0-9]+) ?\[PMID", rest)
    if rest.startswith("PMID:"):
        marked += re.findall(r"[0-9]{5,9}", rest)
    dois = [doi.lower() for doi in re.findall(r"DOI: ?(10\.[0-9]+/[^\[_ ]+)\[OTHER", rest)]
    others = re.sub(r"[0-9]+ ?\[PMID\]|PMID:|DOI: ?10\.[0-9]+/[^\[_ ]+\[OTHER\]|[_;, ]|" + "|".join(marked or ["_"]), "", rest)
    return frozenset(
        [*(f"PMID:{each}" for each in marked), *(f"DOI:{each}" for each in dois), *([work] if others or not marked + dois else [])]
    )


def _number(kind: str, qualification: str, of: str, mean: str, area: str) -> dict[str, str] | None:
    """What a record says: by the words in its type, and by the arithmetic of its class."""
    if area == "Specific population":
        where = {"population": "a certain population, which Orphanet does not name"}
    else:
        where = {"area": area} if area not in ("", "no data") else {}
    given = Decimal(mean) if re.fullmatch(r"[0-9.]+", mean) else Decimal(0)
    if kind.startswith("Cases"):
        counted = "knownFamilies" if qualification.startswith("Fam") else "knownCases"
        return {"measure": counted, "value": f"{given.normalize():f}"} | where if given else None
    measure = {"Poi": "pointPrevalence", "Pre": "birthIncidence", "Ann": "annualIncidence", "Lif": "lifetimePrevalence"}[kind[:3]]
    said = {"measure": measure, "denominator": "births" if measure == "birthIncidence" else "people"} | where
    limits = re.fullmatch(r"([<>]?)([0-9])(?:-([0-9]))? / ([0-9 ]+)", of)
    said |= {"prevalenceClass": of} if limits else {}
    if given and qualification == "Value and class":
        return said | {"value": f"{given.normalize():f}", "per": "100000"}
    if not limits:
        return None
    per = {"per": limits[4].replace(" ", "")}
    if limits[1]:
        return said | per | {"value": limits[2], "bound": "maximum" if limits[1] == "<" else "minimum"}
    return said | per | {"value": str(int(limits[3]) + 1), "lowerLimit": limits[2], "bound": "maximum"}


def _of_packet(packet: dict[str, Any], labels: dict[str, str], stages: dict[str, str], with_packet: set[str]) -> Iterator[Said]:
    about, here = f"ORPHA:{packet['ORPHAcode']}", frozenset({"P"})

    def said(kind: str, sources: frozenset[str], /, **says: str) -> Said:
        return about, kind, frozenset(says.items()), sources

    yield said("name", here, kind="preferred", name=packet["Label"])
    for each in _inside(packet.get("Synonyms"), "Synonym"):
        yield said("name", here, kind="exact", name=each["Synonym"])
    relations = {
        "is narrower": "broadMatch",
        "is broader": "narrowMatch",
        "are equivalent": "exactMatch",
        "not yet decided": "crossReference",
    }
    for each in _inside(packet.get("ExternalReferences"), "Reference"):
        (relation,) = [relation for words, relation in relations.items() if words in each["DisorderMappingRelation"]]
        yield said("mapping", here, relation=relation, to=f"OMIM:{each['Reference']}")
    for each in _inside(packet.get("Genes"), "Symbol"):
        numbers = [other["Reference"] for other in each["ExternalReferences"] if other.get("Source") == "HGNC"]
        words = each["DisorderGeneAssociationType"]
        roles = [
            r for w, r in (("causing germline", "causal"), ("susceptibility", "susceptibility"), ("Modifying", "modifier")) if w in words
        ]
        effect = [{"variantEffect": f"{way}OfFunction"} for way in ("loss", "gain") if f"({way} of" in words]
        yield from (said("gene", here, role=r, gene=f"HGNC:{n}", **(effect[0] if effect else {})) for r in roles for n in numbers)
    for each in _inside(packet.get("Parents"), "ORPHAcode"):
        if each["ORPHAcode"] in with_packet:
            yield said("classification", here, parent=f"ORPHA:{each['ORPHAcode']}")
    for each in _inside(packet.get("Phenotypes"), "HPOId"):
        frequency = labels[each["HPOFrequency"].partition(" (")[0].lower()]
        excluded = {"negated": "True"} if each["HPOFrequency"].endswith("(0%)") else {}
        yield said("phenotype", here, feature=each["HPOId"], frequency=frequency, **excluded)
    for each in _inside(packet.get("TypeOfInheritances"), "value"):
        mode = labels.get(each["value"].lower().removesuffix(" inheritance"))
        if mode:
            yield said("inheritance", here, mode=mode)
    for each in _inside(packet.get("AverageAgeOfOnsets"), "value"):
        if each["value"] in stages:
            yield said("diseaseOnset", here, age=stages[each["value"]])
    for each in _inside(packet.get("Prevalences"), "PrevalenceType"):
        cells = [each[key] for key in ("PrevalenceType", "PrevalenceQualification", "PrevalenceClass", "ValMoy", "PrevalenceGeographic")]
        if says := _number(*cells):
            yield said("epidemiology", _cited(each["Source"], "P"), **says)


def _of_table(real_data: Path, codes: set[str]) -> Iterator[Said]:
    with gzip.open(real_data / "orphanet" / TABLE, "rb") as packed:
        for row in csv.DictReader(io.TextIOWrapper(packed, "utf-8-sig", newline="")):
            short = {key.removeprefix("/DisorderList/Disorder/").removeprefix("PrevalenceList/"): cell for key, cell in row.items()}
            if short["OrphaCode"] not in codes:
                continue
            names = ("PrevalenceType/Name", "PrevalenceQualification/Name", "PrevalenceClass/Name", "ValMoy", "PrevalenceGeographic/Name")
            if says := _number(*(short[f"Prevalence/{name}"] for name in names)):
                yield f"ORPHA:{short['OrphaCode']}", "epidemiology", frozenset(says.items()), _cited(short["Prevalence/Source"], "T")


def test_a_sample_read_by_other_code(real_data: Path, raw: dict[str, dict[str, Any]], read: Read) -> None:
    """All facts of a hundred disorders drawn by lot are those that other code derives: none is wrong, missing or more than there is."""
    with tarfile.open(real_data / "orphanet" / PACKETS) as archive:
        with_packet = set(re.findall(r"_([0-9]+)\.json", " ".join(archive.getnames())))
    labels, stages = _labels(real_data), _stages()
    again = Counter(said for packet in raw.values() for said in _of_packet(packet, labels, stages, with_packet))
    again.update(_of_table(real_data, set(raw)))
    assert len(raw) == DRAWN and sum(again.values()) > 1_000
    assert {said[1] for said in again} == set(read.facts) - {"row"}
    assert (again - read.of_drawn, read.of_drawn - again) == (Counter(), Counter())
