"""Every fact can be cited: one entry in each form, read back by readers nobody here wrote, whatever its texts are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from bibtexparser.bparser import BibTexParser
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

import kg
from kg import vocabulary as v
from kg.bibliography import key, latex, one_line
from kg.formats import MEDIA_TYPES
from kg.publish.citations import FORMS, Citations
from kg.publish.projection import Projection
from kg.quads import Quads
from tests.contents import derived, stated
from tests.payloads import PAYLOADS

DISEASE = "disease/MONDO_0010626"
BREAKING = [
    "}",
    "{",
    "{{}",
    "\\",
    "\\}",
    "\\url{x}",
    '",',
    "@misc{x, title = {y}}",
    "},\n}\n\n@misc{x,\n",
    "\nER  - \n\nTY  - JOUR\nTI  - x",
    "\r\n\r\nER  - ",
    "a\n\nb",
    "100 % & $5 #1 a_b ~ ^ < > |",
    "naïve Ærøskøbing 免疫不全 😀",
]
SHOWN_BY_LATEX = {
    "{\\textbackslash}": "\\",
    "{\\textbraceleft}": "{",
    "{\\textbraceright}": "}",
    "{\\textasciitilde}": "~",
    "{\\textasciicircum}": "^",
    "{\\textless}": "<",
    "{\\textgreater}": ">",
    "{\\textbar}": "|",
}


def _bibtex(text: str) -> list[dict[str, str]]:
    return list(bibtexparser.loads(text, BibTexParser(common_strings=True, ignore_nonstandard_types=False)).entries)


def _ris(text: str) -> list[dict[str, Any]]:
    return list(rispy.loads(text))


def _read_by_latex(text: str) -> str:
    """What LaTeX shows of a text in which only what ``SHOWN_BY_LATEX`` lists, and a backslash before a special, is a command."""
    shown = re.sub("|".join(map(re.escape, SHOWN_BY_LATEX)), lambda match: chr(0xE000 + ord(SHOWN_BY_LATEX[match[0]])), text)
    shown = re.sub(r"\\([$&#_%])", r"\1", shown)
    assert not set(shown) & set("\\{}~^<>|")
    return re.sub("[\ue000-\ue0ff]", lambda match: chr(ord(match[0]) - 0xE000), shown)


def _picked(text: str, iri: str) -> list[str]:
    """The entries that a page finds for a fact: those with its IRI between white space or braces, white space being JavaScript's."""
    return [entry for entry in text.split("\n\n") if iri in re.split(r"[\s{}<>\ufeff]+", entry)]


def _facts(quads: Iterable[Quad]) -> dict[str, list[str]]:
    facts: dict[str, list[str]] = {}
    for quad in quads:
        if quad.predicate == v.RDF_SUBJECT:
            assert isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
            facts.setdefault(quad.object.value, []).append(quad.subject.value)
    return {disease: sorted(iris) for disease, iris in facts.items()}


def test_every_fact_has_one_entry_in_each_form(release: kg.Release) -> None:
    """In the order of their IRIs, one empty line between two and none inside, and a page finds that entry and no other."""
    seen = 0
    for disease, facts in _facts(parse(path=str(release.dump("nq")), format=RdfFormat.N_QUADS)).items():
        path = release.path / disease.removeprefix(release.manifest["base"])
        for extension in FORMS:
            text = Path(f"{path}.{extension}").read_text(encoding="utf-8")
            assert "\n\n\n" not in text and text.endswith("\n") and not text.endswith("\n\n")
            parts = text.split("\n\n")
            assert len(parts) == len(facts)
            for iri, part in zip(facts, parts, strict=True):
                assert _picked(text, iri) == [part]
                seen += 1
        assert [entry["url"] for entry in _bibtex(Path(f"{path}.bib").read_text(encoding="utf-8"))] == facts
        assert [url for entry in _ris(Path(f"{path}.ris").read_text(encoding="utf-8")) for url in entry["urls"]] == facts
    assert seen == 3 * release.manifest["counts"]["facts"]


def test_an_entry_says_what_is_cited(release: kg.Release) -> None:
    """The fact in words, who says it, when, in which version, and what it rests on, as BibTeX, RIS and text."""
    read = {extension: (release.path / f"{DISEASE}.{extension}").read_text(encoding="utf-8") for extension in FORMS}
    iri = f"{release.manifest['base']}{DISEASE}#ivig"
    [entry] = [entry for entry in _bibtex(read["bib"]) if entry["url"] == iri]
    assert entry["title"].startswith("{hyper-IgM syndrome type 1: treated by: immunoglobulin infusion therapy (")
    assert (entry["ENTRYTYPE"], entry["ID"], entry["author"]) == ("misc", "MONDO_0010626:ivig", "{the rarefacts team}")
    assert (entry["howpublished"], entry["year"], entry["date"]) == ("rarefacts, version 0.1.0", "2026", "2026-11-22")
    assert "Resting on: Hyper IgM Immunodeficiency, Primary Immunodeficiency Resource Center, 2008 (read in " in entry["note"]
    [reference] = [entry for entry in _ris(read["ris"]) if iri in entry["urls"]]
    assert (reference["type_of_reference"], reference["authors"], reference["year"]) == ("DATA", ["the rarefacts team"], "2026")
    assert reference["title"] == entry["title"].strip("{}")
    assert [note.partition(",")[0] for note in reference["notes"]] == [
        "Resting on: Primary Immunodeficiency Diseases: Some Examples",
        "Resting on: Hyper IgM Immunodeficiency",
    ]
    [text] = _picked(read["txt"], iri)
    assert text.splitlines()[:2] == [f"the rarefacts team (2026). {reference['title']}. rarefacts, version 0.1.0.", iri]
    assert [line for line in text.splitlines()[2:] if not line.startswith("Resting on: ")] == []


def test_what_disputes_a_fact_is_named_as_such(release: kg.Release) -> None:
    """For each fact as many works for and against as its evidence lines have; an article is named by its PMID."""
    rows = kg.open(release.path).query(
        "SELECT ?fact (COUNT(?line) AS ?all) (SUM(IF(?side = rf:disputes, 1, 0)) AS ?against) "
        "WHERE { ?fact rdf:subject ?disease ; rf:evidence ?line . ?line rf:direction ?side } GROUP BY ?fact"
    )
    disputed = 0
    for row in rows:
        iri, total, against = (str(getattr(row[name], "value", "")) for name in ("fact", "all", "against"))
        path = release.path / iri.removeprefix(release.manifest["base"]).partition("#")[0]
        [text] = _picked(Path(f"{path}.txt").read_text(encoding="utf-8"), iri)
        assert (text.count("\nResting on: "), text.count("\nDisputed by: ")) == (int(total) - int(against), int(against)), iri
        disputed += int(against)
    assert disputed > 0
    assert "\nDisputed by: PMID:14663287 " in (release.path / f"{DISEASE}.txt").read_text(encoding="utf-8")


def test_the_words_are_those_of_the_claim(release: kg.Release) -> None:
    """The title of a reference is the text of the claim that the page embeds."""
    claims = json.loads((release.path / f"{DISEASE}.schema.jsonld").read_text(encoding="utf-8"))["hasPart"]
    wanted = {claim["@id"]: one_line(claim["text"]) for claim in claims}
    found = {entry["urls"][0]: entry["title"] for entry in _ris((release.path / f"{DISEASE}.ris").read_text(encoding="utf-8"))}
    assert found == wanted


@pytest.fixture(scope="module")
def hostile(data: Path) -> Callable[[str], str]:
    """The references of a disease, by extension, in a dataset whose every text ends in a payload, each payload many times."""
    report = kg.check(data)
    assert report.dataset is not None and report.verdict is not None
    facts = _facts(report.dataset.quads)[report.dataset.base + DISEASE]
    payloads = [*BREAKING, *PAYLOADS, *facts[:3], f"see <{facts[3]}> and {facts[4]}\ufeff"]
    said: dict[tuple[str, str | None], str] = {}

    def changed(quad: Quad) -> Quad:
        term = quad.object
        if not isinstance(term, Literal) or not (term.language or term.datatype == v.XSD_STRING) or quad.predicate == v.LANGUAGE:
            return quad
        text = said.setdefault((term.value, term.language), f"{len(said)} {payloads[len(said) % len(payloads)]}")
        return Quad(
            quad.subject, quad.predicate, Literal(text, language=term.language) if term.language else Literal(text), quad.graph_name
        )

    quads = [changed(quad) for quad in report.dataset.quads]
    follows = (changed(quad) for quad in derived(report.dataset, report.verdict.store))
    content = stated(replace(report.dataset, quads=Quads(quads)), follows)
    told = Projection(content).of(NamedNode(content.dataset.base + DISEASE))
    made = Citations(content).files(DISEASE, [NamedNode(iri) for iri in facts], told)
    assert len(said) > 2 * len(payloads)
    return {path.rpartition(".")[2]: body.decode() for path, body in made}.__getitem__


@pytest.mark.parametrize("extension", FORMS)
def test_hostile_texts_stay_in_their_entry(hostile: Callable[[str], str], release: kg.Release, extension: str) -> None:
    """One entry a fact, found by its IRI and by no other, and the readers see as many and the same titles."""
    text = hostile(extension)
    facts = _facts(parse(path=str(release.dump("nq")), format=RdfFormat.N_QUADS))[release.manifest["base"] + DISEASE]
    parts = text.split("\n\n")
    assert [_picked(text, iri) for iri in facts] == [[part] for part in parts]
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text) is None
    if extension == "bib":
        titles = [_read_by_latex(entry["title"].removeprefix("{").removesuffix("}")) for entry in _bibtex(text)]
        assert titles == [entry["title"] for entry in _ris(hostile("ris"))]
    elif extension == "ris":
        assert [entry["urls"] for entry in _ris(text)] == [[iri] for iri in facts]
        assert all(line[2:6] == "  - " for line in text.splitlines() if line)


@pytest.mark.parametrize("payload", [*BREAKING, *PAYLOADS], ids=range(len(BREAKING) + len(PAYLOADS)))
def test_latex_shows_the_text(payload: str) -> None:
    """Braces balance however they are counted, and what LaTeX shows is the text in one line."""
    written = latex(payload)
    assert _read_by_latex(written) == one_line(payload)
    depths = [written[:end].count("{") - written[:end].count("}") for end in range(len(written) + 1)]
    assert min(depths) == depths[-1] == 0


def test_keys_are_plain_and_different() -> None:
    """A key has no character that BibTeX takes for an end, and two facts never share one."""
    names = ["MONDO_1:ivig", "MONDO_1+ivig", "a b", "a,b", "a#b", "a+23+b", "a{b}", 'a"b', "é", "%23"]
    keys = [key(name) for name in names]
    assert len(set(keys)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_:./+-]+", each) for each in keys)
    assert keys[0] == names[0]


def test_each_form_has_its_media_type() -> None:
    """The table of formats knows every form; BibTeX and RIS have the types that doi.org answers with."""
    assert [MEDIA_TYPES[extension] for extension in FORMS] == ["application/x-bibtex", "application/x-research-info-systems", "text/plain"]
