"""Everything in ``data/`` against the public files it was taken from: nothing may stand there that the files do not say.

The files are too many to publish along; ``KG_REAL_DATA`` names their folder (``../shared/real`` beside the repository if it is
not set). What no file can say is listed in ``OURS``.
"""

from __future__ import annotations

import calendar
import csv
import functools
import gzip
import itertools
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
REAL = Path(os.environ.get("KG_REAL_DATA") or ROOT.parent / "shared" / "real").resolve()

pytestmark = pytest.mark.skipif(
    not (REAL / "higm").is_dir(), reason="the real files are not here; set KG_REAL_DATA to their folder to compare data/ with them"
)

# What is ours to say: when we wrote, checked and read, how long a waiver holds, and how we name things among ourselves.
OURS = {
    "keys": {"modified", "checked", "until", "source", "waiver", "entity", "rule", "reason", "by", "via", "id", "sourceType"},
    "dates": {"2026-11-22"},  # `accessed`: the day on which we read our copies
}
# Words of the files that are a number in ours.
IN_WORDS = {"1000000": "2 per million newborn boys", "100": "approximately 70%"}
PERCENTAGES_IN_WORDS = {"50": "only one-half had elevated IgM levels", "100": "All of the patients had significant IgG deficiency"}

# How the files write a vocabulary's prefix, and what may stand between it and the identifier.
WRITTEN = {
    "ORPHA": "ORPHA|Orphanet|ORDO",
    "OMIM": "OMIM|MIM|mim",
    "HGNC": "HGNC|hgnc",
    "MESH": "MESH|MeSH|mesh",
    "UMLS": "UMLS|UMLS_CUI|MedGen",
    "SCTID": "SCTID|SNOMED-CT|SNOMEDCT_US_20[0-9]{2}_[0-9]{2}_[0-9]{2}",
    "NCIT": "NCIT|NCI",
    "ICD10": "ICD-10",
    "PMID": "PMID|pubmed",
}

Record = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """One fact of a record, with its evidence lines spelt out."""

    disease: str
    kind: str
    name: str
    keys: Record
    evidence: list[dict[str, str]]

    def __str__(self) -> str:
        return f"{self.disease}#{self.name}"


# ---------------------------------------------------------------- our records


def read_yaml(text: str) -> Record:
    """A record with every scalar as it is written, but for the label after its own key."""
    loaded: Record = YAML(typ="base", pure=True).load(text)
    return {key: value.partition(" ! ")[0] if key == "disease" else value for key, value in loaded.items()}


def records(folder: str) -> dict[str, Record]:
    """The records of a folder of ``data/``, by file name."""
    return {path.name: read_yaml(path.read_text(encoding="utf-8")) for path in sorted((DATA / folder).glob("*.yaml"))}


def evidence_lines(value: Any) -> list[dict[str, str]]:
    """Evidence lines, whichever way they are written."""
    lines = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            match = re.fullmatch(r"(?P<source>\S+)(?:\s+via\s+(?P<via>\S+))?(?:\s+at\s+(?P<locator>\S.*))?", item)
            assert match, f"no evidence line: {item}"
            lines.append({key: text for key, text in match.groupdict().items() if text})
        else:
            lines.append(dict(item))
    return lines


def facts_of(record: Record) -> Iterator[Fact]:
    """All facts of a disease's record."""
    for kind, group in record.items():
        if isinstance(group, dict):
            for name, keys in group.items():
                yield Fact(record["disease"], kind, name, keys, evidence_lines(keys.get("evidence", [])))


def all_facts() -> list[Fact]:
    return [fact for record in records("diseases").values() for fact in facts_of(record)]


def scalars(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each scalar below a value, with the key it stands under."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from scalars(below, name)
    elif isinstance(value, list):
        for below in value:
            yield from scalars(below, key)
    elif value is not None:
        yield key, str(value)


# ---------------------------------------------------------------- the real files


@functools.cache
def text_of_higm() -> str:
    """Every file of ``higm/`` but ``facts.tsv``, which only tabulates the others."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((REAL / "higm").iterdir()) if path.name != "facts.tsv")


@functools.cache
def text_of_seed() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((REAL.parent / "seed").iterdir()))


@functools.cache
def mappings_of_mondo() -> frozenset[tuple[str, str, str]]:
    """Subject, predicate and object of the SSSOM rows about our diseases."""
    ours = tuple(f"{record['disease'].replace('_', ':')}\t" for record in records("diseases").values())
    return frozenset((row[0], row[2].split(":")[-1], row[3]) for row in _sssom_rows(ours))


@functools.cache
def text_of_mondo() -> str:
    ours = tuple(f"{record['disease'].replace('_', ':')}\t" for record in records("diseases").values())
    return "\n".join("\t".join(row) for row in _sssom_rows(ours))


@functools.cache
def _sssom_rows(beginnings: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    rows = []
    for path in sorted((REAL / "mondo" / "sssom").glob("*.tsv")):
        with path.open(encoding="utf-8") as lines:
            rows += [tuple(line.rstrip("\n").split("\t")) for line in lines if line.startswith(beginnings)]
    return tuple(rows)


@functools.cache
def edges_of_mondo() -> frozenset[tuple[str, str, str]]:
    rows = read_table(REAL / "mondo" / "mondo-rare_edges.tsv", "\t")
    return frozenset((row["subject"], row["relation"], row["object"]) for row in rows)


@functools.cache
def rows_with_frequency() -> tuple[dict[str, str], ...]:
    """HPO's annotations of the diseases that our records name."""
    named = {curie for _, text in _all_scalars() for curie in re.findall(r"OMIM:[0-9]+", text)}
    with gzip.open(REAL / "hpo" / "hpo_frequencies.tsv.gz", "rt", encoding="utf-8", newline="") as stream:
        return tuple(row for row in csv.DictReader(stream, delimiter="\t") if row["disease_id"] in named)


@functools.cache
def orphapackets() -> dict[str, str]:
    """The packets that our records name, by their number."""
    named = {number for _, text in _all_scalars() for number in re.findall(r"ORPHA:([0-9]+)", text)}
    found = {}
    with tarfile.open(REAL / "orphanet" / "orphapacket-json-2025-12.tar.gz") as archive:
        for member in archive:
            match = re.search(r"ORPHApacket_([0-9]+)\.json$", member.name)
            if match and match[1] in named:
                stream = archive.extractfile(member)
                assert stream is not None
                found[match[1]] = stream.read().decode("utf-8")
    return found


@functools.cache
def readme() -> str:
    return (REAL / "README.md").read_text(encoding="utf-8")


@functools.cache
def headers() -> str:
    """Where the vocabularies name their release, and the files of which we have excerpts."""
    vocabularies = (REAL / "treatment" / "maxo-base.obo", REAL / "doid" / "DO_rare_slim.obo")
    beginnings = [path.read_text(encoding="utf-8")[:500] for path in vocabularies]
    return "\n".join([*beginnings, *sorted({row["source_file"] for row in read_table(REAL / "higm" / "facts.tsv", "\t")})])


@functools.cache
def _all_scalars() -> tuple[tuple[str, str], ...]:
    return tuple(pair for folder in ("diseases", "sources") for record in records(folder).values() for pair in scalars(record))


@functools.cache
def everything() -> str:
    """All that the facts may rest on, as one text."""
    return "\n".join([text_of_higm(), text_of_seed(), text_of_mondo(), *orphapackets().values()])


@functools.cache
def identifiers() -> str:
    """Where an identifier may stand: in what the facts rest on, among the terms of a vocabulary, in an edge of Mondo."""
    edges = {curie for edge in edges_of_mondo() for curie in edge}
    return "\n".join([everything(), *current_labels(), *sorted(edges)])


def read_table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


@functools.cache
def current_labels() -> dict[str, str]:
    """The label of every term in the vocabularies that we have a file of."""
    labels: dict[str, str] = {}
    for row in read_table(REAL / "mondo" / "class-stats.tsv", "\t"):
        labels[row["cls"]] = row["cls_label"].strip('"')
    for subject, label in _sssom_object_labels():
        labels[subject] = label
    for obo in (REAL / "treatment" / "maxo-base.obo", REAL / "doid" / "DO_rare_slim.obo"):
        text = obo.read_text(encoding="utf-8")
        labels |= dict(re.findall(r"^id: (\S+)\nname: (.*)$", text, re.MULTILINE))
    for row in read_table(REAL / "hpo" / "hp-es-preprocessed.babelon.tsv", "\t"):
        labels[row["subject_id"]] = row["source_value"]
    for row in read_table(REAL / "gard" / "GARD_genes.csv"):
        labels[row["GeneIdentifier"]] = row["GeneSymbol"]
    dismech = (REAL / "higm" / "Hyper-IgM_Syndrome_Type_1.abridged.yaml").read_text(encoding="utf-8")
    labels |= dict(re.findall(r'\{id: "(CHEBI:[0-9]+)", label: ([^}]+)\}', dismech))
    return labels


def _sssom_object_labels() -> list[tuple[str, str]]:
    with (REAL / "mondo" / "sssom" / "mondo_exactmatch_doid.sssom.tsv").open(encoding="utf-8") as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        return [(row["object_id"], row["object_label"]) for row in rows]


@functools.cache
def spanish_labels() -> dict[str, str]:
    rows = read_table(REAL / "hpo" / "hp-es-preprocessed.babelon.tsv", "\t")
    return {row["subject_id"]: row["translation_value"] for row in rows if row["translation_status"] == "OFFICIAL"}


@functools.cache
def orphanet_labels() -> dict[str, str]:
    return {f"ORPHA:{code}": json.loads(packet)["Orphapacket"]["Label"] for code, packet in orphapackets().items()}


def higm(name: str) -> str:
    return (REAL / "higm" / name).read_text(encoding="utf-8")


def plain(text: str) -> str:
    """A text to search in: no line breaks, no capitals."""
    return " ".join(text.casefold().split())


PAGES = {
    "gard-higm1-2013": "",
    "gard-higm1-medquad": "medquad-GARD-HIGM1-0003162.xml",
    "gard-higm2-medquad": "medquad-GARD-HIGM2-0003163.xml",
    "gard-higm5-medquad": "medquad-GARD-HIGM5-0003166.xml",
    "ghr-xhigm": "medquad-GHR-XHIGM-0001052.xml",
}
# Where the blocks of a file begin and end, and what a block on the locator's entry contains.
BLOCKS = {
    "doid-2026-07-31": ("doid.obo", "\n\n", "\nid: {}\n", r"DOID:[0-9]+"),
    "uniprot-humdisease": ("uniprot-humdisease.txt", "//\n", "\nAC   {}\n", r"DI-[0-9]+"),
    "nando": ("nando.ttl", "\n\n", '"NANDO:{}"', r"[0-9]{7}"),
    "pubcasefinder": ("pubcasefinder.ttl", "\n\n", 'identifier "{}"', r"[0-9]{6}"),
    "gard-list-2024-05": ("GARD.csv", "\n", "{},Orphanet", r"GARD:[0-9]{7}"),
    "mondo-synonyms": ("mondo-labels-synonyms.tsv", "\n", "{}\t", r"MONDO:[0-9]{7}"),
    "maxo-annotations-2026-08": ("maxo-annotations.tsv", "\n", "{}\t", r"MONDO:[0-9]{7}"),
    "iuis-2025": ("iuis-2025.tsv", "\n", '"\t"{}"\t"', r"^\w+"),
}


def passage(line: dict[str, str]) -> str:
    """What the file of an evidence line says at its locator, or all that it says where the locator is a heading."""
    read_in = line.get("via", line["source"])
    locator = line.get("locator", "")
    if read_in in PAGES:
        return plain(
            higm(PAGES[read_in]) if PAGES[read_in] else (REAL.parent / "seed" / "gard-hyper-igm-type-1.txt").read_text(encoding="utf-8")
        )
    if read_in == "mondo-2026-08-04":
        accession = locator[: len("MONDO:0000000")]
        return plain("\n".join(row for row in text_of_mondo().splitlines() if row.startswith(accession)))
    if read_in == "orphapackets-2025-12":
        return plain(orphapackets()[locator.removeprefix("ORPHA:").split(",", maxsplit=1)[0]])
    if read_in == "dismech-higm1":
        return plain(json.dumps(_entries_of_dismech(locator), ensure_ascii=False))
    name, end, pattern, entry = BLOCKS[read_in]
    wanted = [pattern.format(found) for found in re.findall(entry, locator)]
    blocks = [f"\n{block}\n" for block in higm(name).split(end)]
    return plain(re.sub(r"\n[A-Z]{2}   ", "\n", "\n".join(block for block in blocks if any(want in block for want in wanted))))


def _entries_of_dismech(locator: str) -> Any:
    """The entries that a locator such as ``phenotype Oral ulcer`` or ``synonyms`` names."""
    entries = read_yaml(higm("Hyper-IgM_Syndrome_Type_1.abridged.yaml"))
    section, _, name = locator.partition(" ")
    chosen = entries[{"phenotype": "phenotypes", "treatment": "treatments"}.get(section, section)]
    return [entry for entry in chosen if entry["name"] == name] if name else chosen


# ---------------------------------------------------------------- the checks


def numbers_in(text: str) -> set[str]:
    """The numbers of a text, without separators and leading zeros."""
    return {number.replace(",", "").lstrip("0").rstrip(".") or "0" for number in re.findall(r"[0-9]+(?:[.,][0-9]+)*", text)}


@functools.cache
def known_numbers() -> frozenset[str]:
    return frozenset(numbers_in(everything()) | {number for number, words in IN_WORDS.items() if words in everything()})


def occurs(curie: str, text: str) -> bool:
    """Whether an identifier stands in a text, in any of the ways in which the files write its prefix."""
    prefix, _, local = curie.partition(":")
    if prefix in ("ICD10", "ICD9") and re.search(rf"(?<![\w.]){re.escape(local)}(?![\w.])", text):
        return True
    pattern = rf"\b(?:{WRITTEN.get(prefix, prefix)})[\"':;,/_\s]{{1,3}}0*{re.escape(local.lstrip('0') or local)}\b"
    if re.search(pattern, text):
        return True
    return prefix in ("OMIM", "HGNC") and f'"Reference": "{local}"' in text


CURIE = re.compile(
    r"\b((?:MONDO|HP|MAXO|ECO|CHEBI|RO|DOID|NCIT|NCBITaxon|ORPHA|OMIM|OMIMPS|HGNC|MESH|UMLS|MEDGEN|SCTID|ICD10|ICD9|GARD|NORD|NANDO|LOINC|ATC|PMID|DOI|ORCID)"
    r":[A-Za-z0-9./-]*[A-Za-z0-9])"
)


def unknown_identifiers(record: Record, text: str) -> list[str]:
    """The identifiers of a record that a text does not have."""
    found = {curie for _, scalar in scalars(record) for curie in CURIE.findall(scalar)}
    found |= {scalar.replace("_", ":") for _, scalar in scalars(record) if re.fullmatch(r"MONDO_[0-9]{7}", scalar)}
    found |= {f"PMID:{number}" for _, scalar in scalars(record) for number in re.findall(r"\bpmid-([0-9]+)", scalar)}
    return sorted(curie for curie in found if not occurs(curie, text))


def unknown_numbers(record: Record, known: Iterable[str]) -> list[str]:
    """The numbers of a record that are not among the known ones; percentages are compared by row, dates with their source."""
    known = set(known)
    return sorted(
        f"{key}: {number}"
        for key, text in scalars(record)
        if key not in OURS["keys"] | {"evidence", "percentage", "issued", "updated", "accessed", "version", "page", "identifier", "license"}
        for number in numbers_in(CURIE.sub("", text))
        if number not in known
    )


def ways_to_write(date: str) -> set[str]:
    """A date in the forms that the files have."""
    year, month, day = [*(part.lstrip("0") for part in date.split("-")), "", ""][:3]
    months = calendar.month_name
    if not day:
        return {date}
    return {date, f"{month}/{day}/{year}", f"{months[int(month)]} {day}, {year}"}


def unknown_dates(source: Record, text: str) -> list[str]:
    """The dates and versions of a source that a text does not have."""
    return [
        f"{key}: {source[key]}"
        for key in ("issued", "updated", "accessed", "version")
        if key in source and source[key] not in OURS["dates"] and not any(form in text for form in ways_to_write(source[key]))
    ]


def wrong_labels(turtle: str, labels: dict[str, str], spanish: dict[str, str]) -> list[str]:
    """The terms of a Turtle file whose label is not the one in the vocabulary's own file."""
    namespaces = {namespace: prefix for prefix, namespace in re.findall(r"@prefix (\w+): <([^>]+)>", turtle)}
    problems = []
    for quad in parse(input=turtle, format=RdfFormat.TURTLE, base_iri="https://example.org/"):
        if quad.predicate.value != "http://www.w3.org/2000/01/rdf-schema#label":
            continue
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, Literal)
        namespace = max((known for known in namespaces if quad.subject.value.startswith(known)), key=len)
        curie = f"{namespaces[namespace]}:{quad.subject.value.removeprefix(namespace)}"
        expected = (spanish if quad.object.language == "es" else labels).get(curie)
        if quad.object.value != expected:
            problems.append(f'{curie} is "{expected}", not "{quad.object.value}"')
    return problems


# ---------------------------------------------------------------- statements, row by row

RowCheck = Callable[[Fact, dict[str, str]], bool]


def _first(value: Any) -> str:
    return str(value).split(" ! ", maxsplit=1)[0]


def _accession(fact: Fact) -> str:
    return fact.disease.replace("_", ":")


def _said_by_mondo(fact: Fact, _: dict[str, str]) -> bool:
    relation = str(fact.keys["relation"])
    predicate = "hasDbXref" if relation == "crossReference" else relation
    rows = {target for subject, said, target in mappings_of_mondo() if subject == _accession(fact) and said.endswith(predicate)}
    if predicate == "hasDbXref":  # only where Mondo makes no stronger statement about the same target
        rows -= {target for subject, said, target in mappings_of_mondo() if subject == _accession(fact) and said.endswith("Match")}
    return fact.keys["to"] == _accession(fact) or any(occurs(fact.keys["to"], target) for target in rows)


def _said_by_doid(fact: Fact, line: dict[str, str]) -> bool:
    blocks = (REAL / "doid" / "DO_rare_slim.obo").read_text(encoding="utf-8").split("\n\n")
    block = next(block for block in blocks if f"\nid: {line['locator']}\n" in f"\n{block}\n")
    said = "xref: " if fact.keys["relation"] == "crossReference" else f'property_value: skos:{fact.keys["relation"]} "'
    return any(occurs(fact.keys["to"], text) for text in block.splitlines() if text.startswith(said))


def _said_by_gard(fact: Fact, line: dict[str, str]) -> bool:
    relation = {"exactMatch": "Exact", "broadMatch": "NTBT", "narrowMatch": "BTNT", "crossReference": "NA"}[fact.keys["relation"]]
    rows = [row for row in read_table(REAL / "gard" / "GARD_xrefs.csv") if row["GardID"] in line["locator"]]
    return any(row["MapRelationship"] == relation and occurs(fact.keys["to"], f"{row['XrefSource']}:{row['SourceID']}") for row in rows)


def _said_by_orphanet(fact: Fact, line: dict[str, str]) -> bool:
    match = re.match(r"ORPHA:([0-9]+)", line["locator"])
    assert match
    packet = (REAL / "higm" / f"ORPHApacket_{match[1]}.json").read_text(encoding="utf-8")
    if fact.keys["relation"] == "broadMatch":  # the packet says that its class is broader than the OMIM number in the locator
        omim = re.search(r"OMIM ([0-9]{6})", line["locator"])
        return fact.keys["to"] == match[0] and omim is not None and _packet_maps(packet, omim[1], "BTNT")
    return fact.keys["relation"] == "exactMatch" and _packet_maps(packet, fact.keys["to"].removeprefix("OMIM:"), "E")


def _packet_maps(packet: str, omim: str, relation: str) -> bool:
    return re.search(rf'"Reference": "{omim}",\s*"DisorderMappingRelation": "{relation} ', packet) is not None


def _annotated_with_frequency(fact: Fact, line: dict[str, str]) -> bool:
    disease = re.match(r"OMIM:[0-9]+", line["locator"])
    assert disease
    percentage = "0" if fact.keys.get("negated") == "true" else fact.keys.get("percentage", "none")
    rows = [row for row in rows_with_frequency() if row["disease_id"] == disease[0] and row["hpo_id"] == _first(fact.keys["feature"])]
    return any(f"{round(float(row['pheno_freq_mean']), 1):g}" == percentage for row in rows)


def _annotated_without_frequency(fact: Fact, line: dict[str, str]) -> bool:
    value = _first(fact.keys.get("feature") or fact.keys["mode"])
    rows = read_table(REAL / "higm" / "disease_to_pheno.tsv", "\t")
    return "percentage" not in fact.keys and {"hpo_id": value, "disease_id": line["locator"]} in rows


def _graded_by_clingen(fact: Fact, line: dict[str, str]) -> bool:
    modes = {"HP:0001417": "XL", "HP:0000007": "AR", "HP:0000006": "AD"}
    for row in read_table(REAL / "higm" / "clingen-validity.csv"):
        if row["DISEASE ID (MONDO)"] != _accession(fact):
            continue
        if fact.kind == "gene":
            return row["GENE ID (HGNC)"] == _first(fact.keys["gene"]) and row["CLASSIFICATION"].casefold() == line["strength"]
        return row["MOI"] == modes[_first(fact.keys["mode"])]
    return False


def _annotated_in_maxo(fact: Fact, line: dict[str, str]) -> bool:
    wanted = {
        "disease_id": _accession(fact),
        "source_id": line["source"].replace("pmid-", "PMID:"),
        "maxo_id": _first(fact.keys["action"]),
        "hpo_id": _first(fact.keys.get("target", "")),
        "relation": fact.keys["intent"],
        "evidence": line["evidenceType"],
        "author": line["curator"],
    }
    return any(wanted.items() <= row.items() for row in read_table(REAL / "treatment" / "maxo-annotations.tsv", "\t"))


def _edge_of_mondo(fact: Fact, line: dict[str, str]) -> bool:
    if fact.kind == "gene":
        gene = f"http://identifiers.org/hgnc/{_first(fact.keys['gene']).removeprefix('HGNC:')}"
        return (_accession(fact), "RO:0004003", gene) in edges_of_mondo()
    chain = re.findall(r"MONDO:[0-9]{7}", line["locator"])
    ends = fact.kind != "classification" or chain[-1] == fact.keys["parent"].replace("_", ":")
    steps = all((lower, "rdfs:subClassOf", upper) in edges_of_mondo() for lower, upper in itertools.pairwise(chain))
    return chain[0] == _accession(fact) and len(chain) > 1 and ends and steps


def _listed_by_iuis(fact: Fact, line: dict[str, str]) -> bool:
    symbol = line["locator"].split()[0].rstrip(",")
    with (REAL / "iei" / "iusis_iei_table_2025.tsv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if row["Genetic defect"].strip() == symbol]
    if fact.kind == "inheritance":
        mode = {"HP:0001417": "XL", "HP:0000007": "AR", "HP:0000006": "AD"}[_first(fact.keys["mode"])]
        return any(row["Inheritance"].strip() == mode for row in rows)
    if fact.kind == "mapping":
        return any(row[column].strip() in fact.keys["to"] for row in rows for column in ("ICD9", "ICD10") if row[column].strip())
    return bool(rows)


def _gene_by_gard(fact: Fact, line: dict[str, str]) -> bool:
    rows = [row for row in read_table(REAL / "gard" / "GARD_genes.csv") if row["GardID"] == line["locator"]]
    pmid = line["source"].replace("pmid-", "PMID:") if line.get("via") else ""
    causal = [row for row in rows if row["AssociationType"] == "Disease-causing germline mutation(s) in"]
    return any(row["GeneIdentifier"] == _first(fact.keys["gene"]) and pmid in row["Reference"] for row in causal)


def _quoted_by_dismech(fact: Fact, line: dict[str, str]) -> bool:
    """The article stands in the entry that the locator names."""
    chosen = _entries_of_dismech(line["locator"])
    return bool(chosen) and line["source"].replace("pmid-", "PMID:") in json.dumps(chosen)


def _named_in_its_file(fact: Fact, line: dict[str, str]) -> bool:
    return plain(fact.keys["name"]) in passage(line)


def _names_the_feature(fact: Fact, line: dict[str, str]) -> bool:
    """The term's label, or the words that we read as this term."""
    term, _, label = fact.keys["feature"].partition(" ! ")
    return any(plain(words) in passage(line) for words in [label, *OTHER_WORDS.get(term, [])])


def _names_the_mode(fact: Fact, line: dict[str, str]) -> bool:
    term = _first(fact.keys["mode"])
    words = {"HP:0001419": "X-linked recessive", "HP:0000007": "Autosomal recessive", "HP:0000006": "autosomal dominant"}[term]
    return plain(words) in passage(line) or plain(term.replace(":", "_")) in passage(line)


def _has_the_levels(fact: Fact, line: dict[str, str]) -> bool:
    isotype, levels = fact.keys["isotype"], fact.keys["level"]
    said = {
        level for isotypes, level, phrase in LEVELS if isotype in isotypes and plain(phrase) in passage(line) for level in level.split()
    }
    return said == {levels} if isinstance(levels, str) else said == set(levels)


STATING_LEVELS = ("gard-higm1-2013", "uniprot-humdisease", "doid-2026-07-31", "orphapackets-2025-12", "ghr-xhigm")
# The sentences on immunoglobulins in the files, and what we read them as.
LEVELS = [
    ("IgM", "normal elevated", "normal or elevated serum immunoglobulin M levels"),
    ("IgG IgA IgE", "absent", "with absence of immunoglobulin G, A, and E"),
    ("IgM", "normal elevated", "normal or elevated serum IgM levels"),
    ("IgG IgA IgE", "absent", "with absence of IgG, IgA, and IgE"),
    ("IgM", "normal elevated", "normal or increased serum IgM concentrations"),
    ("IgG IgA IgE", "low absent", "low or absent serum IgG, IgA, and IgE concentrations"),
    ("IgM", "normal elevated", "normal or elevated IgM serum levels"),
    ("IgG IgA IgE", "low absent", "low or absent IgG IgA and IgE serum concentrations"),
    ("IgM", "elevated", "elevated concentrations of serum IgM"),
    ("IgG IgA IgE IgD", "low", "decreased amounts of all other isotypes"),
    ("IgM", "normal elevated", "high levels of immunoglobulin M (IgM), some people have normal levels of this antibody"),
    ("IgG IgA IgE", "low", "immunoglobulin G (IgG), immunoglobulin A (IgA), and immunoglobulin E (IgE)"),
    ("IgM", "normal elevated", "IgM nl or high"),
    ("IgM", "normal elevated", "with normal or high IgM"),
    ("IgG IgA", "low", "low IgG, IgA"),
    ("IgG IgA", "low", "Low IgG and IgA"),
]


# Older labels of HPO, and the words of texts, that are recorded under a term with another label.
OTHER_WORDS = {
    "HP:0001080": ["biliary tract and liver disease"],
    "HP:0001392": ["liver disease"],
    "HP:0001875": ["Neutropenia"],
    "HP:0002716": ["enlarged lymph nodes"],
    "HP:0002720": ["IgA deficiency"],
    "HP:0002847": ["Impaired memory B-cell generation"],
    "HP:0002961": ["Dysgammaglobulinemia"],
    "HP:0003496": ["Increased IgM level"],
    "HP:0004315": ["IgG deficiency"],
    "HP:0005479": ["IgE deficiency"],
    "HP:0012539": ["non-Hodgkins lymphoma"],
}

ROW_CHECKS: dict[tuple[str, str], RowCheck] = {
    ("mondo-2026-08-04", "mapping"): _said_by_mondo,
    ("doid-2026-07-31", "mapping"): _said_by_doid,
    ("gard-list-2024-05", "mapping"): _said_by_gard,
    ("orphapackets-2025-12", "mapping"): _said_by_orphanet,
    ("hpoa-2023", "phenotype"): _annotated_with_frequency,
    ("hpo-build127", "phenotype"): _annotated_without_frequency,
    ("hpo-build127", "inheritance"): _annotated_without_frequency,
    ("clingen-2021-11-24", "gene"): _graded_by_clingen,
    ("clingen-2021-11-24", "inheritance"): _graded_by_clingen,
    ("maxo-annotations-2026-08", "treatment"): _annotated_in_maxo,
    ("mondo-rare", "classification"): _edge_of_mondo,
    ("mondo-rare", "inheritance"): _edge_of_mondo,
    ("mondo-rare", "gene"): _edge_of_mondo,
    ("gard-list-2024-05", "gene"): _gene_by_gard,
}
ROW_CHECKS |= {("iuis-2025", kind): _listed_by_iuis for kind in ("inheritance", "mapping", "gene", "infection")}
ROW_CHECKS |= {(page, "phenotype"): _names_the_feature for page in [*PAGES, "iuis-2025"] if page != "gard-higm1-2013"}
ROW_CHECKS |= {
    (file, "name"): _named_in_its_file for file in [*PAGES, *BLOCKS, "mondo-2026-08-04", "orphapackets-2025-12", "dismech-higm1"]
}
ROW_CHECKS |= {(file, "inheritance"): _names_the_mode for file in ("orphapackets-2025-12", "pubcasefinder", "ghr-xhigm")}
ROW_CHECKS |= {(f"gard-higm{number}-medquad", "inheritance"): _names_the_mode for number in (1, 2, 5)}
ROW_CHECKS |= {(file, "immunoglobulin"): _has_the_levels for file in (*STATING_LEVELS, "iuis-2025")}


def unsupported_lines(fact: Fact) -> list[str]:
    """The evidence lines of a fact that the row of their source does not bear out."""
    problems = []
    for line in fact.evidence:
        read_in = line.get("via", line["source"])
        check = ROW_CHECKS.get((read_in, fact.kind))
        if read_in == "dismech-higm1" and line["source"].startswith("pmid-"):
            check = _quoted_by_dismech
        if (
            line["source"].startswith("pmid-")
            and read_in == "doid-2026-07-31"
            and line["source"].removeprefix("pmid-") not in passage(line)
        ):
            problems.append(f"{fact}: {line}")
        if check is not None and line.get("direction") != "disputes" and not check(fact, line):
            problems.append(f"{fact}: {line}")
    return problems


# ---------------------------------------------------------------- the tests


def test_every_identifier_of_a_record_stands_in_the_files() -> None:
    """An identifier, accession, PMID or ORCID that no file has is an invention."""
    problems = {name: unknown_identifiers(record, identifiers()) for name, record in records("diseases").items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_identifier_of_a_source_stands_in_the_files_on_hyper_igm() -> None:
    """A work that the files on hyper-IgM do not name cannot be cited."""
    problems = {name: unknown_identifiers(record, text_of_higm()) for name, record in records("sources").items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_article_cited_for_a_disease_stands_in_the_files_on_hyper_igm() -> None:
    """A PMID from some other file would be a citation for another disease."""
    cited = {line["source"] for fact in all_facts() for line in fact.evidence if line["source"].startswith("pmid-")}
    assert sorted(key for key in cited if not occurs(key.replace("pmid-", "PMID:"), text_of_higm())) == []


def test_the_key_of_an_article_is_its_pmid() -> None:
    """A key that says one PMID and a record that says another would cite the wrong article."""
    articles = [record for name, record in records("sources").items() if name.startswith("pmid-")]
    assert [record for record in articles if record.get("identifier") != record["source"].replace("pmid-", "PMID:")] == []


def test_titles_and_pages_of_articles_are_not_from_memory() -> None:
    """A title or address of an article or web page that no file has is an invention."""
    texts = everything() + readme()
    named = [record for record in records("sources").values() if record["sourceType"] != "data"]
    assert [record[key] for record in named for key in ("title", "page") if key in record and record[key] not in texts] == []


def test_every_number_of_a_record_stands_in_the_files() -> None:
    """A figure in a value or in our own words that no file has is an invention."""
    problems = {name: unknown_numbers(record, known_numbers()) for name, record in records("diseases").items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_percentage_stands_in_the_files() -> None:
    """A percentage without a row of HPO's annotations stands, as it is or in words, in a sentence of the files."""
    free = [fact for fact in all_facts() if "percentage" in fact.keys and all(line["source"] != "hpoa-2023" for line in fact.evidence)]
    sentences = text_of_higm()
    unknown = [
        f
        for f in free
        if f"({f.keys['percentage']}%" not in sentences and PERCENTAGES_IN_WORDS.get(f.keys["percentage"], "\0") not in sentences
    ]
    assert [str(fact) for fact in unknown] == []


def test_every_date_and_version_of_a_source_stands_in_the_files() -> None:
    """A date or version of a work that no file has is an invention, but for the day on which we read our copies."""
    texts = everything() + readme() + headers()
    problems = {name: unknown_dates(record, texts) for name, record in records("sources").items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_label_of_a_term_is_the_current_one() -> None:
    """A label that the vocabulary's own file does not have, or no longer, is wrong."""
    labels = current_labels() | orphanet_labels()
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted((DATA / "terms").glob("*.ttl"))}
    problems = {name: wrong_labels(turtle, labels, spanish_labels()) for name, turtle in files.items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_label_in_a_record_is_the_current_one() -> None:
    """A label after an exclamation mark names the term before it."""
    labelled = {match for _, text in _all_scalars() for match in re.findall(r"^(\S+:\S+) ! (.+)$", text)}
    assert sorted(f"{curie} ! {label}" for curie, label in labelled if current_labels().get(curie) != label) == []


def test_every_evidence_line_is_borne_out_by_its_row() -> None:
    """A source with rows has a row that says what the fact says: the same relation, gene, percentage, action or level."""
    assert [problem for fact in all_facts() for problem in unsupported_lines(fact)] == []


def test_an_isotype_that_no_source_names_has_a_remark() -> None:
    """Where sources speak of an immunoglobulin only among others, such as all other isotypes, the fact says that it is our reading."""
    found = {fact.name: fact.keys.get("comment") for fact in all_facts() if fact.kind == "immunoglobulin" and not _names_the_isotype(fact)}
    assert list(found) == ["igd-low"] and "our reading" in (found["igd-low"] or "")


def _names_the_isotype(fact: Fact) -> bool:
    letter = fact.keys["isotype"].removeprefix("Ig").casefold()
    return any(re.search(rf"\big{letter}\b|immunoglobulin ([a-z], )*(and )?{letter}\b", passage(line)) for line in fact.evidence)


def test_every_row_check_is_used() -> None:
    """A check for a source and kind that no fact has would pass on nothing."""
    used = {(line.get("via", line["source"]), fact.kind) for fact in all_facts() for line in fact.evidence}
    assert sorted(set(ROW_CHECKS) - used) == []


# ---------------------------------------------------------------- the checks can fail

INVENTED = """
disease: MONDO_0010626
name:
  invented: {name: Smith-Jones syndrome, evidence: pmid-99999999 via dismech-higm1 at synonyms}
mapping:
  doid: {relation: closeMatch, to: DOID:6620, evidence: mondo-2026-08-04 at MONDO:0010626}
gene:
  cd40: {role: causal, gene: HGNC:11919 ! CD40, evidence: mondo-rare at MONDO:0010626 RO:0004003}
phenotype:
  neutropenia: {feature: HP:0001875 ! Decreased total neutrophil count, percentage: 63.8, evidence: hpoa-2023 at OMIM:308230}
  ulcer: {feature: HP:0000155 ! Oral ulcer, evidence: pmid-14663287 via dismech-higm1 at phenotype Oral ulcer}
  gut: {feature: HP:0002014 ! Diarrhea, evidence: iuis-2025 at CD40LG associated features}
immunoglobulin:
  igg: {isotype: IgG, level: low, evidence: mesh-hyper-igm via gard-higm1-2013 at paragraph 2}
inheritance:
  recessive: {mode: HP:0000007 ! Autosomal recessive inheritance, evidence: "orphapackets-2025-12 at ORPHA:101088"}
treatment:
  nothing: {intent: treats, action: MAXO:9999999, regimen: 4711 mg, evidence: pmid-14663287 via dismech-higm1 at prevalence}
"""


def test_an_invented_pmid_is_found() -> None:
    """The check of identifiers is no check if it lets an invented one through."""
    assert unknown_identifiers(read_yaml(INVENTED), identifiers()) == ["MAXO:9999999", "PMID:99999999"]


def test_an_invented_number_is_found() -> None:
    """The check of numbers is no check if it lets an invented one through."""
    assert unknown_numbers(read_yaml(INVENTED), known_numbers()) == ["regimen: 4711"]


def test_an_invented_date_is_found() -> None:
    """The check of dates is no check if it lets an invented one through."""
    source = read_yaml("source: x\nissued: 2008-04-08\nupdated: 2013-08-01\naccessed: 2026-11-22\nversion: 2031-01-01\n")
    assert unknown_dates(source, everything() + readme()) == ["issued: 2008-04-08", "version: 2031-01-01"]


def test_a_wrong_label_is_found() -> None:
    """The check of labels is no check if it lets a wrong one through."""
    prefixes = "@prefix HP: <http://purl.obolibrary.org/obo/HP_> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    turtle = f'{prefixes}\nHP:0000155 rdfs:label "Mouth ulcer"@en .'
    assert wrong_labels(turtle, current_labels(), {}) == ['HP:0000155 is "Oral ulcer", not "Mouth ulcer"']


@pytest.mark.parametrize("name", ["invented", "doid", "cd40", "neutropenia", "ulcer", "gut", "igg", "recessive"])
def test_a_line_that_its_row_does_not_bear_out_is_found(name: str) -> None:
    """The check of rows is no check if it lets another relation, gene, percentage or article through."""
    facts = {fact.name: fact for fact in facts_of(read_yaml(INVENTED))}
    assert len(unsupported_lines(facts[name])) == 1
