"""The embedded JSON-LD: nothing outside schema.org 30.0, every fact a cited claim, nothing stated that the facts do not state."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import extruct
import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

import kg
from kg.cli import main
from kg.publish.embed import script

RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SCHEMA = "http://schema.org/"
USED = Path(__file__).parent / "schema-org-30.0.csv"
"""The classes and properties of schema.org 30.0 that we use, with what is above them, their domains and their ranges."""

Rows = dict[str, dict[str, set[str]]]


def _rows() -> Rows:
    with USED.open(encoding="utf-8", newline="") as file:
        return {row.pop("term"): {key: set(value.split()) for key, value in row.items()} for row in csv.DictReader(file)}


def _above(rows: Rows, cls: str) -> set[str]:
    return {cls}.union(*(_above(rows, parent) for parent in rows[cls]["above"] if parent in rows), rows[cls]["above"])


def _documents(release: kg.Release) -> dict[str, bytes]:
    return {path.name.partition(".")[0]: path.read_bytes() for path in sorted((release.path / "disease").glob("*.schema.jsonld"))}


def _catalog(release: kg.Release) -> bytes:
    return (release.path / "dataset.schema.jsonld").read_bytes()


def _store(document: bytes) -> Store:
    store = Store()
    store.extend(parse(document, format=RdfFormat.JSON_LD))
    return store


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _faults(store: Store, rows: Rows) -> list[str]:
    """Every statement with a term, domain or range that schema.org does not have."""
    types = {quad.subject: _iri(quad.object).removeprefix(SCHEMA) for quad in store.quads_for_pattern(None, RDF_TYPE, None)}
    found = [f"type {each}" for each in set(types.values()) - rows.keys()]
    for quad in store:
        if quad.predicate == RDF_TYPE or found:
            continue
        term = quad.predicate.value.removeprefix(SCHEMA)
        if term not in rows or quad.subject not in types:
            found.append(f"unknown: {quad}")
            continue
        if isinstance(quad.object, Literal):
            kinds = {"Date"} if quad.object.datatype.value == SCHEMA + "Date" else {"Text"}
        else:
            kinds = _above(rows, types[quad.object]) if quad.object in types else {"URL"}
        if not rows[term]["domain"] & _above(rows, types[quad.subject]) or not rows[term]["range"] & kinds:
            found.append(str(quad))
    return found


def test_nothing_is_outside_of_schema_org(release: kg.Release) -> None:
    """Expanded, each document has only terms, domains and ranges of schema.org, and no blank node."""
    documents = _documents(release)
    assert len(documents) == release.manifest["counts"]["diseases"]
    used = set()
    for accession, document in {**documents, "the dataset": _catalog(release)}.items():
        store = _store(document)
        assert _faults(store, _rows()) == [], accession
        assert all(isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal) for quad in store), accession
        used |= {quad.predicate.value.removeprefix(SCHEMA) for quad in store} | {_iri(quad.object).removeprefix(SCHEMA) for quad in store}
    rows = _rows()
    assert {term for term, row in rows.items() if row["domain"]} - used == set(), "the table lists no property that is not used"


@pytest.mark.parametrize("right, wrong", [(b'"typicalTest":', b'"citation":'), (b'"MedicalTherapy"', b'"Drugs"'), (b'"text":', b'"txet":')])
def test_what_is_outside_is_noticed(release: kg.Release, right: bytes, wrong: bytes) -> None:
    """The judge is no yes-man: a property of another class, a class and a property that there is not."""
    document = _documents(release)["MONDO_0010626"]
    assert _faults(_store(document.replace(right, wrong)), _rows())


def test_the_table_is_true_to_the_vocabulary(real_data: Path) -> None:
    """The table says what schema.org 30.0 says, class by class and property by property."""
    file = real_data / "schemaorg-30.0-https.ttl"
    if not file.is_file():
        pytest.skip(f"no real files: {file} is missing")
    said: dict[str, dict[str, set[str]]] = {}
    names = {"subClassOf": "above", "domainIncludes": "domain", "rangeIncludes": "range"}
    for quad in parse(path=str(file), format=RdfFormat.TURTLE):
        key = names.get(quad.predicate.value.replace("#", "/").rpartition("/")[2])
        if key and isinstance(quad.subject, NamedNode):
            row = said.setdefault(quad.subject.value.rpartition("/")[2], {"above": set(), "domain": set(), "range": set()})
            row[key].add(str(getattr(quad.object, "value", "")).rpartition("/")[2])
    for term, row in _rows().items():
        assert {key: values - said[term][key] for key, values in row.items()} == {"above": set(), "domain": set(), "range": set()}, term
        assert row["above"] == said[term]["above"] or not row["above"], term


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _cited(release: kg.Release, pattern: str) -> dict[str, dict[str, list[str]]]:
    """For each accession and fact that a pattern has, the works that it has for them, sorted."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in kg.open(release.path).query(
        f"SELECT DISTINCT ?disease ?fact ?work WHERE {{ ?fact rdf:subject ?disease . {pattern} }} ORDER BY ?work"
    ):
        disease, fact, work = (getattr(row[name], "value", "") for name in ("disease", "fact", "work"))
        found.setdefault(disease.rpartition("/")[2], {}).setdefault(fact, []).append(work)
    return found


def test_every_fact_is_one_claim_with_its_citations(release: kg.Release) -> None:
    """In number and one by one: a claim for each fact cites the works that support it, each in what it was read in, and no others.

    The page cites all of them, also those that dispute a fact: schema.org has no word by which a claim could cite these.
    """
    wanted = _cited(release, "?fact rf:status ?any")
    cited, read, disputing = (
        _cited(release, f"?fact rf:evidence ?line . ?line rf:direction rf:{direction} ; rf:{how} ?work")
        for direction, how in (("supports", "source"), ("supports", "via"), ("disputes", "source|rf:via"))
    )
    documents = _documents(release)
    assert sum(map(len, wanted.values())) == release.manifest["counts"]["facts"]
    for accession, document in documents.items():
        page = json.loads(document)
        claims = _list(page["hasPart"])
        assert Counter(claim["@type"] for claim in claims) == {"Claim": len(wanted[accession])}
        assert {claim["@id"] for claim in claims} == wanted[accession].keys()
        for term, works in (("citation", cited), ("isBasedOn", read)):
            said = {claim["@id"]: sorted(work["@id"] for work in _list(claim[term])) for claim in claims if term in claim}
            assert said == works.get(accession, {}), term
        assert all(claim["text"] and claim["about"] == {"@id": page["mainEntity"]["@id"]} for claim in claims)
        works = {work["@id"]: work for work in _list(page["citation"])}
        named = (work for found in (cited, read, disputing) for of_fact in found.get(accession, {}).values() for work in of_fact)
        assert works.keys() == set(named)
        assert all(work["name"] and work["@type"] for work in works.values())
    base = release.manifest["base"]
    denied = f"{base}disease/MONDO_0010626#abnormal-igm-excluded"
    assert cited["MONDO_0010626"][denied] == [f"{base}source/hpoa-2023"] and denied not in read["MONDO_0010626"]
    assert disputing["MONDO_0010626"][denied] == [f"{base}source/dismech-higm1", f"{base}source/pmid-14663287"]


def test_the_dataset_says_what_bioschemas_asks_for(release: kg.Release) -> None:
    """The minimum of Bioschemas' Dataset 1.0 and DataCatalog, and a download for each dump with its checksum."""
    catalog = json.loads(_catalog(release))
    dataset = catalog["dataset"]
    assert (catalog["@type"], dataset["@type"]) == ("DataCatalog", "Dataset")
    assert {"name", "description", "url", "keywords", "publisher"} <= catalog.keys()
    assert {"name", "description", "url", "keywords", "license", "identifier", "version", "distribution"} <= dataset.keys()
    listed = {file["path"]: file["sha256"] for file in release.manifest["files"]}
    downloads = {each["contentUrl"].removeprefix(release.manifest["base"]): each for each in dataset["distribution"]}
    assert len(downloads) == 11
    assert all(listed[name] == each["sha256"] for name, each in downloads.items())
    assert downloads["rarefacts.nq.gz"]["encodingFormat"] == "application/gzip"


def test_a_claim_reads_as_a_sentence(release: kg.Release) -> None:
    """The text of a claim names disease, predicate, object and qualifiers; what is denied or disputed says so first."""
    claims = {claim["@id"].rpartition("#")[2]: claim for claim in json.loads(_documents(release)["MONDO_0010626"])["hasPart"]}
    assert claims["ivig"]["text"] == (
        "hyper-IgM syndrome type 1: treated by: immunoglobulin infusion therapy"
        " (lowers: IgM; place in therapy: cornerstone; regimen: given into a vein, at regular intervals; supplies: IgG)"
    )
    assert claims["abnormal-igm-excluded"]["text"].startswith("Disputed: It is not so that: ")
    assert claims["autosomal-recessive"]["text"].startswith("Disputed: ")
    assert (claims["ivig"]["creativeWorkStatus"], claims["autosomal-recessive"]["creativeWorkStatus"]) == ("accepted", "disputed")


@pytest.mark.parametrize(
    "doubt", ["negated: true", "evidence: [{source: ghr-xhigm}, {source: pmid-14663287, direction: disputes}]", "deprecated: true"]
)
def test_what_is_denied_disputed_or_withdrawn_is_no_property(data: Path, tmp_path: Path, doubt: str) -> None:
    """A fact of each kind, denied, disputed or withdrawn: it is a claim that says so, and the condition has nothing of it."""
    evidence = "" if "evidence" in doubt else "evidence: ghr-xhigm, "
    doubt = doubt + (", reason: tested" if "deprecated" in doubt else "")
    facts = {
        "name": "kind: exact, name: Zzz syndrome",
        "mapping": "relation: exactMatch, to: MESH:C999999",
        "definition": "text: zzz",
        "immunoglobulin": "isotype: IgD, level: elevated",
        "gene": "role: causal, gene: HGNC:6010",
        "infection": "infection: HP:0000388",
        "phenotype": "feature: HP:0000230",
        "treatment": "intent: treats, action: MAXO:0000295",
        "prognosis": "text: zzz",
        "epidemiology": "measure: knownCases, value: 7",
    }
    folder = shutil.copytree(data, tmp_path / "data")
    shutil.rmtree(folder / "waivers")
    for record in (folder / "diseases").glob("*.yaml"):
        record.unlink()
    body = "".join(f"{kind}:\n  doubtful-{kind}: {{{fact}, {evidence}{doubt}}}\n" for kind, fact in facts.items() if kind != "name")
    name = (
        f"name:\n  title: {{kind: preferred, name: test, evidence: ghr-xhigm}}\n  doubtful-name: {{{facts['name']}, {evidence}{doubt}}}\n"
    )
    (folder / "diseases" / "t.yaml").write_text(f"disease: T_1\nmodified: 2026-11-22\nchecked: 2026-11-22\n{name}{body}", encoding="utf-8")
    release = kg.build(folder, tmp_path / "release")
    page = json.loads(_documents(release)["T_1"])
    assert len(page["hasPart"]) == len(facts) + 1
    openings = {claim["text"].partition(": ")[0] for claim in page["hasPart"] if "doubtful" in claim["@id"]}
    assert openings == {"It is not so that" if "negated" in doubt else "Disputed" if "disputes" in doubt else "Withdrawn"}
    condition = page["mainEntity"]
    assert condition == {"@id": condition["@id"], "@type": "MedicalCondition", "identifier": "T_1", "name": "test"}


def test_a_search_engine_finds_it(release: kg.Release) -> None:
    """extruct, which reads pages as search engines do, finds the page, the condition and the citations in the snippet."""
    done = CliRunner().invoke(main, ["embed", "MONDO:0010626", "--release", str(release.path)])
    assert done.exit_code == 0
    page = f"<!DOCTYPE html><html lang=en><head><title>x</title>{done.output}</head><body><p>y</p></body></html>"
    [found] = extruct.extract(page, syntaxes=["json-ld"])["json-ld"]
    assert found == json.loads(_documents(release)["MONDO_0010626"])
    assert (found["@type"], found["mainEntity"]["@type"]) == ("MedicalWebPage", "MedicalCondition")
    assert found["@context"]["@vocab"] == SCHEMA


def test_each_page_embeds_its_document(release: kg.Release) -> None:
    """extruct finds in the page of a disease its document, and in home and dataset that of the dataset, each once and whole."""
    embedded = {f"disease/{accession}.html": document for accession, document in _documents(release).items()}
    for path, document in {**embedded, "index.html": _catalog(release), "dataset.html": _catalog(release)}.items():
        page = (release.path / path).read_text(encoding="utf-8")
        assert extruct.extract(page, syntaxes=["json-ld"])["json-ld"] == [json.loads(document)], path
    assert extruct.extract((release.path / "compare.html").read_text(encoding="utf-8"), syntaxes=["json-ld"])["json-ld"] == []


def test_a_snippet_of_no_disease(release: kg.Release) -> None:
    """An accession that is not there is a message, whatever path it tries to be."""
    for accession in ("MONDO_9999999", "../manifest", "x/../MONDO_0010626"):
        done = CliRunner().invoke(main, ["embed", accession, "--release", str(release.path)])
        assert (done.exit_code, done.output) == (
            2,
            f'kg: {release.path}: there is no disease "{accession}" in this release; give its accession, such as MONDO_0010626\n',
        )


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028</SCRIPT", "<\\/", "&lt;/script&gt;", "\\u003c!"]
)
def test_no_text_ends_the_element(text: str) -> None:
    """The element holds the document whatever its strings are, and gives the same strings back."""
    element = script(json.dumps({"name": text}, ensure_ascii=False).encode())
    inside = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>\n")
    assert "</" not in inside and "<!" not in inside
    assert json.loads(inside) == {"name": text}
    [found] = extruct.extract(f"<html><head>{element}</head></html>", syntaxes=["json-ld"])["json-ld"]
    assert found == {"name": text}
