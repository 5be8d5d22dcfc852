"""Pages: every fact where it belongs, every link to something, nothing of another host, and every text only text."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import html5lib
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

import kg
from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.fields import layouts
from kg.layout import shapes_folders
from kg.ontology import Ontology
from kg.publish.content import Content
from kg.publish.file import File
from kg.publish.frame import ENDPOINT, NOT_FOUND, site_of
from kg.publish.pages import pages, site
from kg.publish.templating import environment
from kg.publish.written import Written
from kg.quads import Quads
from kg.shapes import load_shapes
from tests.cases import lay
from tests.conftest import ROOT, bytes_of
from tests.contents import content_of, derived, other, stated
from tests.markup import KEPT, Tokens, tokens
from tests.payloads import PAYLOADS

XHTML = "{http://www.w3.org/1999/xhtml}"
Element = Any
TREE_OF_ONE = tuple[str, tuple[str, ...], tuple[Any, ...]]
WITHDRAWN = """withdrawn: disease/MONDO_9999001
title: a made-up disease
withdrawnOn: 2026-11-22
lastVersion: 0.0.1
reason: Two records were of one disease.
replacedBy: disease/MONDO_0010626
comment: It was never a disease.
"""


def _parse(body: bytes) -> Element:
    return html5lib.parse(body.decode("utf-8"), treebuilder="etree")


def _classes(element: Element) -> list[str]:
    return str(element.get("class", "")).split()


@pytest.fixture(scope="module")
def documents(release: kg.Release) -> dict[str, Element]:
    """Every page of the release, as a browser's parser sees it, by path."""
    paths = sorted(release.path.rglob("*.html"))
    return {path.relative_to(release.path).as_posix(): _parse(path.read_bytes()) for path in paths}


@pytest.fixture(scope="module")
def content(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The graph that the release is made of, and a tombstone, which the project's own data has none of."""
    folder = shutil.copytree(data, tmp_path_factory.mktemp("content") / "data")
    (folder / "withdrawn").mkdir()
    (folder / "withdrawn" / "case.yaml").write_text(WITHDRAWN, encoding="utf-8")
    return content_of(folder)


def test_there_is_a_page_for_each_disease_and_the_pages_that_lead_to_it(release: kg.Release, documents: dict[str, Element]) -> None:
    """As many pages as diseases, home, comparison, dataset, the withdrawn, an index for each way to browse; the rest: test_reference.py."""
    diseases = [path for path in documents if path.startswith("disease/")]
    assert len(diseases) == release.manifest["counts"]["diseases"] == 8
    reference = {path for path in documents if path.startswith(("vocab", "shapes", "question"))}
    ways = [
        f"browse/{way}.html" for way in ("classification", "diseaseOnset", "gene", "immunoglobulin", "inheritance", "name", "treatment")
    ]
    works = [path for path in documents if path.startswith("source/")]
    assert set(documents) - set(diseases) - set(works) - reference == {
        "404.html",
        "index.html",
        "compare.html",
        "dataset.html",
        "query.html",
        "withdrawn.html",
        *ways,
    }


def test_every_fact_is_on_its_page_and_on_no_other(release: kg.Release, documents: dict[str, Element]) -> None:
    """The anchors of the facts on the page of a disease are the names of its facts, each once."""
    base = release.manifest["base"]
    wanted: dict[str, list[str]] = {}
    for quad in parse(path=str(release.dump("nq")), format=RdfFormat.N_QUADS):
        if quad.predicate == v.RDF_SUBJECT:
            assert isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
            wanted.setdefault(quad.object.value.removeprefix(base) + ".html", []).append(quad.subject.value.partition("#")[2])
    shown = {path: [e.get("id") for e in page.iter() if "fact" in _classes(e)] for path, page in documents.items()}
    assert {path: sorted(anchors) for path, anchors in shown.items() if anchors} == {path: sorted(names) for path, names in wanted.items()}
    assert sum(map(len, shown.values())) == release.manifest["counts"]["facts"]


def test_every_evidence_line_is_on_the_page_of_its_fact(release: kg.Release, documents: dict[str, Element]) -> None:
    """Each evidence line has an anchor inside of the fact that it speaks for or against."""
    lines = [q for q in parse(path=str(release.dump("nq")), format=RdfFormat.N_QUADS) if q.predicate == v.EVIDENCE]
    inside: dict[tuple[str, str], str] = {}
    for path, page in documents.items():
        for fact in (e for e in page.iter() if "fact" in _classes(e)):
            inside |= {(path, e.get("id")): fact.get("id") for e in fact.iter(XHTML + "li") if e.get("id") and e is not fact}
    found = set()
    for quad in lines:
        assert isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
        disease, _, line = quad.object.value.removeprefix(release.manifest["base"]).partition("#")
        assert inside[(f"{disease}.html", line)] == quad.subject.value.partition("#")[2]
        found.add((f"{disease}.html", line))
    assert found == set(inside)


def test_references_are_numbered_in_the_order_in_which_they_are_cited(documents: dict[str, Element]) -> None:
    """The list is 1, 2, 3 …, every citation leads into it, and the first citations come in that order."""
    for path, page in documents.items():
        numbers = [int(e.get("id").removeprefix(":ref-")) for e in page.iter(XHTML + "li") if str(e.get("id")).startswith(":ref-")]
        assert numbers == list(range(1, len(numbers) + 1)), path
        assert bool(numbers) == path.startswith("disease/")
        cited = [a.get("href") for a in page.iter(XHTML + "a") if str(a.get("href")).startswith("#:ref-")]
        assert list(dict.fromkeys(cited)) == [f"#:ref-{number}" for number in numbers], path


def test_every_work_has_a_page_that_lists_what_it_is_cited_for(release: kg.Release, documents: dict[str, Element]) -> None:
    """As many pages as works; on each, a link to every fact whose evidence cites the work, and to no other; and a page or two say more."""
    base = release.manifest["base"]
    query = "SELECT DISTINCT ?work ?fact WHERE { ?work a rf:Source . OPTIONAL { ?fact rf:evidence/rf:source ?work } }"
    wanted: dict[str, set[str]] = {}
    for row in kg.open(release.path).query(query):
        work, fact = (str(getattr(term, "value", "")).removeprefix(base) for term in row.values())
        wanted.setdefault(f"{work}.html", set()).update({fact.replace("#", ".html#")} - {""})
    shown = {
        path: {str(link.get("href")).removeprefix("../") for link in page.iter(XHTML + "a") if "#" in str(link.get("href"))} - {"#:main"}
        for path, page in documents.items()
        if path.startswith("source/")
    }
    assert shown == wanted
    assert len(wanted) == 40 and sum(map(len, wanted.values())) > 700
    assert "it says otherwise" in _text(documents["source/orphapackets-2025-12.html"])
    assert "were read in it that it reports from other works" in _text(documents["source/gard-higm1-2013.html"])


def test_every_name_of_a_thing_leads_to_documents(release: kg.Release) -> None:
    """Whatever disease or work the dump names has a page and the same in Turtle, N-Triples and JSON-LD; a waiver and a graph have none."""
    base = release.manifest["base"]
    named = {
        term.value.removeprefix(base).partition("#")[0]
        for quad in parse(path=str(release.dump("nq")), format=RdfFormat.N_QUADS)
        for term in (quad.subject, quad.predicate, quad.object)
        if isinstance(term, NamedNode) and term.value.startswith(base)
    }
    things = {name for name in named if name.startswith(("disease/", "source/"))}
    assert len(things) == 48
    for thing in things:
        assert all((release.path / f"{thing}.{extension}").is_file() for extension in ("html", "ttl", "nt", "jsonld")), thing


def test_what_is_read_elsewhere_says_so(documents: dict[str, Element]) -> None:
    """A reference that was only read in another names that one; one that was read itself does not."""
    page = documents["disease/MONDO_0010626.html"]
    texts = {_text(e).partition(".")[0]: _text(e) for e in page.iter(XHTML + "li") if str(e.get("id")).startswith(":ref-")}
    assert "read in 8 only" in texts["Primary Immunodeficiency Diseases: Some Examples"]
    assert "only" not in texts["Human Disease Ontology, rare slim (DO_rare_slim"]


def test_a_relation_stands_beside_its_value(content: Content) -> None:
    """Where a kind of fact has several relations, no list shows a value without: what must not be used is no treatment."""
    wrong, right = NamedNode(v.RF + "contraindicated"), NamedNode(v.RF + "treatedBy")
    quads = [Quad(q.subject, q.predicate, wrong, q.graph_name) if q.object == right else q for q in content.dataset.quads]
    made = dict(bytes_of(site(other(content, replace(content.dataset, quads=Quads(quads))), Written())))
    listed = [_text(e) for e in _parse(made["browse/treatment.html"]).iter(XHTML + "li") if str(e.get("id")).startswith(":by-")]
    assert [text for text in listed if text.startswith("immunoglobulin infusion therapy")] == [
        "immunoglobulin infusion therapy contraindicatedhyper-IgM syndrome type 1",
        "immunoglobulin infusion therapy contraindicated; against: Decreased circulating IgG concentrationhyper-IgM syndrome type 5",
    ]
    assert all("contraindicated" in text or "prevented by" in text for text in listed)
    assert "CD40LG causal gene" in _text(_parse(made["disease/MONDO_0010626.html"]))
    for path in ("index.html", "source/pirc-2008.html"):
        assert "immunoglobulin infusion therapy contraindicated" in _text(_parse(made[path]))


def test_a_dataset_that_does_not_describe_itself(content: Content) -> None:
    """Without a description the home page is headed with the title, and nothing is empty."""
    quads = [q for q in content.dataset.quads if q.predicate != v.DESCRIPTION]
    made = dict(bytes_of(site(other(content, replace(content.dataset, quads=Quads(quads))), Written())))
    assert [_text(each) for each in _parse(made["index.html"]).iter(XHTML + "h1")] == ["rarefacts"]
    assert b'name="description" content="rarefacts"' in made["index.html"]


RESTRICTED = {
    "browse/treatment.html": "corticosteroid agent therapy treated by; against: Decreased total neutrophil count",
    "index.html": "corticosteroid agent therapy treated by; against: Decreased total neutrophil count",
    "browse/inheritance.html": "X-linked recessive inheritance population: most patients, about 70 %hyper-IgM syndrome",
    "disease/MONDO_0003947.html": "X-linked recessive inheritance population: most patients, about 70 %",
    "source/pmid-14663287.html": "1 incidence at birth; per: 1,030,000; denominator: live births; area: United States",
}


@pytest.mark.parametrize("path", RESTRICTED)
def test_what_holds_for_some_is_not_said_of_all(documents: dict[str, Element], path: str) -> None:
    """Where a fact is told in a word, in lists, heads of pages and pages of works, it is told with what restricts it."""
    assert RESTRICTED[path] in _text(documents[path])


IN_ORDER = """\
disease: MONDO_9999001
modified: 2026-01-01
checked: 2026-01-01
gene:
  a: {role: modifier, gene: HGNC:999901 ! GENE1, evidence: page-one}
  b: {role: modifier, gene: HGNC:999902 ! GENE2, evidence: page-one}
  c: {role: causal, gene: HGNC:999902 ! GENE2, evidence: page-one}
diseaseOnset:
  adults: {age: adulthood, evidence: page-one}
  children: {age: childhood, evidence: page-one}
  infants: {age: infancy, evidence: page-one}
epidemiology:
  here: {measure: pointPrevalence, value: 3, per: 100000, denominator: people, area: Here, evidence: page-one}
  there: {measure: pointPrevalence, value: 3, per: 100000, denominator: people, area: There, evidence: page-one}
#--- terms/genes.ttl
@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://identifiers.org/hgnc/999902> a rf:Term ; rdfs:label "GENE2"@en .
"""


def test_what_is_the_same_is_said_once_and_what_matters_most_comes_first(tmp_path: Path) -> None:
    """The head of a page follows the order of the shapes, and says a relation, as a page says a figure, once for all that it holds for."""
    (tmp_path / "case.yaml").write_text(IN_ORDER)
    release = kg.build(lay(tmp_path / "case.yaml", ROOT / "tests" / "shapes" / "base", tmp_path / "data"), tmp_path / "release")
    page = _parse((release.path / "disease" / "MONDO_9999001.html").read_bytes())
    [head] = [element for element in page.iter(XHTML + "dl") if _classes(element) == ["key"]]
    said = {_text(pair[0]): [_text(each) for each in pair[1]] for pair in head}
    assert said["Genes"] == ["causal gene: GENE2", "modifier gene: GENE1, GENE2"]
    assert said["Age at onset"] == ["infancy", "childhood", "adulthood"]
    figures = [element for element in page.iter(XHTML + "p") if "number" in _classes(element)]
    assert [(_text(each) == "3 per 100,000 people", "unseen" in _classes(each)) for each in figures] == [(True, False), (True, True)]


def test_a_rate_between_two_limits_reads_as_one(tmp_path: Path) -> None:
    """A class of frequency is shown from its lower to its upper limit, and not as at most the upper one."""
    cases = ROOT / "tests" / "shapes"
    release = kg.build(lay(cases / "epidemiology" / "valid-rates.yaml", cases / "base", tmp_path / "data"), tmp_path / "release")
    page = _parse((release.path / "disease" / "MONDO_9999001.html").read_bytes())
    [rate] = [element for element in page.iter(XHTML + "li") if element.get("id") == "class"]
    assert _text(rate).startswith("1 to 10 per 100,000 people")
    assert "at most" not in _text(rate) and "1-9 / 100 000" in _text(rate)


def test_every_link_inside_leads_to_something(release: kg.Release, documents: dict[str, Element]) -> None:
    """Ids are unique, and each relative link names a file of the release, or the endpoint that a server has, and, after #, an id of it."""
    ids = {path: [e.get("id") for e in page.iter() if e.get("id")] for path, page in documents.items()}
    for path, page in documents.items():
        assert len(ids[path]) == len(set(ids[path])), path
        for element in page.iter():
            for target in (element.get("href"), element.get("src"), element.get("action"), element.get("data-index")):
                if target is None or re.match(r"https?://", target) or target == f"./{ENDPOINT}":
                    continue
                inside = target.removeprefix(urlsplit(release.manifest["base"]).path) if path == NOT_FOUND else target
                file, fragment = urldefrag(urljoin(path, inside))
                assert (release.path / file.partition("?")[0]).is_file(), (path, target)
                assert not fragment or fragment in ids[file], (path, target)
            for name in ("aria-labelledby", "aria-controls", "for", "data-for"):
                assert set(str(element.get(name, "")).split()) <= set(ids[path]), (path, element.attrib)


def test_nothing_is_asked_of_another_host(release: kg.Release, documents: dict[str, Element]) -> None:
    """Only plain links leave the site; no script or style stands in a page, so that a strict CSP holds."""
    for path, page in documents.items():
        for element in page.iter():
            if not isinstance(element.tag, str):
                continue
            tag = element.tag.rpartition("}")[2]
            assert tag not in {"style", "iframe", "object", "embed", "base", "img"}, path
            assert not [name for name in element.attrib if name.startswith("on") or name in ("style", "srcset", "ping")], path
            if tag == "script" and element.get("type") == "application/ld+json":
                embedded = release.path / path.replace("index", "dataset").replace(".html", ".schema.jsonld")
                assert json.loads(element.text or "") == json.loads(embedded.read_text(encoding="utf-8"))
            elif tag == "script":
                assert element.get("src") and not (element.text or "").strip()
            for name in ("src", "href", "action"):
                value = element.get(name)
                if value is not None and re.match(r"[a-z][a-z0-9+.-]*:|//", value, re.IGNORECASE):
                    assert value.startswith(("https://", "http://"))
                    assert tag == "a" or (tag == "link" and element.get("rel") in ("license", "canonical", "cite-as", "type")), (
                        path,
                        value,
                    )
    for asset in (release.path / "assets").iterdir():
        if asset.suffix in (".css", ".js"):
            assert not re.search(r"https?:|['\"]//|@import|url\(", asset.read_text(encoding="utf-8")), asset.name


def test_pages_have_a_good_skeleton(documents: dict[str, Element]) -> None:
    """One h1, headings that skip no level, one main, a language, a title, a way past the head."""
    for path, page in documents.items():
        levels = [int(e.tag[-1]) for e in page.iter() if isinstance(e.tag, str) and re.fullmatch(r".*\}h[1-6]", e.tag)]
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(after - before <= 1 for before, after in pairwise(levels)), path
        assert len(list(page.iter(XHTML + "main"))) == 1
        assert page.get("lang") == "en"
        [title] = page.iter(XHTML + "title")
        assert title.text and title.text.strip()
        first = next(e for e in page.iter(XHTML + "a"))
        assert first.get("href") == "#:main"


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize(
    ("anchor", "shown"),
    [
        ("ivig", ["Used as a treatment", "cornerstone", "supplies IgG", "lowers IgM", "given into a vein", "as reported by"]),
        ("g-csf", ["for patients with", "Decreased total neutrophil count"]),
        ("igm-normal-or-elevated", ["normal or elevated"]),
        ("autosomal-recessive", ["disputed", "contradicted by", "Says otherwise:"]),
        ("abnormal-igm-excluded", ["stated as absent"]),
        ("neutropenia-rate", ["63.9 %"]),
        ("incidence-usa", ["at least 1 in 1,030,000 live births", "United States"]),
        ("most-children-respond", ["Of most children:"]),
        ("ja", ["免疫不全-IgM高値"]),
        ("doid", ["exact match"]),
    ],
)
def test_what_a_reader_must_see(documents: dict[str, Element], anchor: str, shown: list[str]) -> None:
    """Qualifiers, disagreement, exclusion and populations are words on the page, not colour alone."""
    page = documents["disease/MONDO_0010626.html"]
    [fact] = [e for e in page.iter() if e.get("id") == anchor]
    text = _text(fact)
    assert [part for part in shown if part not in text] == []


def test_references_give_the_dates(documents: dict[str, Element]) -> None:
    """The page that the dataset began with: its own date and the day on which it was read are in the reference."""
    page = documents["disease/MONDO_0010626.html"]
    texts = [_text(e) for e in page.iter(XHTML + "li") if str(e.get("id")).startswith(":ref-")]
    [gard] = [text for text in texts if "1 August 2013" in text]
    assert "Immunodeficiency with hyper IgM type 1" in gard and "Accessed 22 November 2026" in gard


def test_the_pattern_is_a_picture_with_a_text(documents: dict[str, Element]) -> None:
    """Five isotypes in a row each, a dot for each level of each statement, and all of it in words."""
    page = documents["disease/MONDO_0010626.html"]
    svg = "{http://www.w3.org/2000/svg}"
    [picture] = [e for e in page.iter(svg + "svg") if "levels" in _classes(e)]
    assert [e.text for e in picture.iter(svg + "text") if "isotype" in _classes(e)] == ["IgG", "IgA", "IgM", "IgE", "IgD"]
    dots = list(picture.iter(svg + "circle"))
    assert len(dots) == 19
    description = _text(next(picture.iter(svg + "desc")))
    assert "IgM: elevated in 50 % of patients; normal or elevated; elevated." in description


def test_the_search_index_finds_by_name_synonym_and_code(release: kg.Release) -> None:
    """Each disease is in the index with its names, its codes and its genes."""
    index = json.loads((release.path / "assets" / "search.json").read_text(encoding="utf-8"))
    words = {path: {name, *rest} for path, name, rest in index["diseases"]}
    assert len(words) == release.manifest["counts"]["diseases"]
    assert words["disease/MONDO_0010626.html"] >= {
        "hyper-IgM syndrome type 1",
        "HIGM1",
        "ORPHA:101088",
        "OMIM:308230",
        "CD40LG",
        "MONDO:0010626",
    }


def test_downloads_are_listed_with_their_checksums(release: kg.Release, documents: dict[str, Element]) -> None:
    """The dataset page names every dump with the checksum of the manifest."""
    text = _text(documents["dataset.html"])
    dumps = [file for file in release.manifest["files"] if file["path"].startswith(release.manifest["name"])]
    assert len(dumps) >= 10
    for file in dumps:
        assert file["path"] in text and file["sha256"] in text


def test_same_graph_same_bytes(content: Content) -> None:
    """Two sites of one graph are the same, byte for byte."""
    assert list(site(content, Written())) == list(site(content, Written()))


def test_labels_come_in_the_language_of_the_dataset(content: Content) -> None:
    """With Japanese as its language names are Japanese where there are any, marked so; the words of the pages stay English."""
    quads = [Quad(q.subject, q.predicate, Literal("ja"), q.graph_name) if q.predicate == v.LANGUAGE else q for q in content.dataset.quads]
    made = dict(bytes_of(site(other(content, replace(content.dataset, quads=Quads(quads))), Written())))
    page = _parse(made["disease/MONDO_0010626.html"])
    [heading] = page.iter(XHTML + "h1")
    assert (page.get("lang"), heading.get("lang"), heading.text) == ("en", "ja", "免疫不全-IgM高値")
    [unnamed] = _parse(made["disease/MONDO_0003778.html"]).iter(XHTML + "h1")
    assert (unnamed.get("lang"), unnamed.text) == (None, "inborn error of immunity")
    shown = [link for link in _parse(made["browse/gene.html"]).iter(XHTML + "a") if link.text == "免疫不全-IgM高値"]
    assert shown and all(link.get("lang") == "ja" for link in shown)


def test_an_unknown_viewer_is_an_error(content: Content) -> None:
    """A viewer that there is not is named, with those that there are."""
    ontology = content.dataset.ontology
    kind = next(iter(ontology.kinds.values())).iri
    wrong = [t for t in ontology.triples if (t.subject, t.predicate) != (kind, v.VIEWER)] + [Triple(kind, v.VIEWER, Literal("hologram"))]
    broken = other(content, replace(content.dataset, ontology=Ontology(wrong)))
    with pytest.raises(kg.KgError, match=r"viewer hologram, which there is not; take one of cards, fields"):
        list(site(broken, Written()))


def test_an_unknown_place_is_an_error(content: Content) -> None:
    """rf:shownIn with a slip of the pen is refused, not passed over."""
    ontology = content.dataset.ontology
    kind = next(iter(ontology.kinds.values())).iri
    wrong = Ontology([*ontology.triples, Triple(kind, v.SHOWN_IN, Literal("sumary"))])
    with pytest.raises(kg.KgError, match="shown in sumary"):
        layouts(wrong, rdflib.Graph())


### Every text, in every field, is text

_ONTOLOGY_TEXTS = (v.RDFS_LABEL, v.HEADING, v.SKOS_DEFINITION)
_SHAPE_TEXTS = tuple(rdflib.SH[name] for name in ("name", "description"))
_DISEASE = "disease/MONDO_0011971"


def _with(content: Content, payload: str) -> Iterator[tuple[str, bytes]]:
    """The pages of a dataset in which every text ends in a payload; a number before it keeps the order of texts."""
    numbers: dict[tuple[str, str | None], int] = {}

    def changed(term: object) -> Any:
        if not isinstance(term, Literal) or (term.language is None and term.datatype != v.XSD_STRING):
            return term
        number = numbers.setdefault((term.value, term.language), len(numbers))
        text = f"{number:06d} {payload}"
        return Literal(text, language=term.language) if term.language else Literal(text)

    def quads(found: Iterable[Quad]) -> list[Quad]:
        return [Quad(q.subject, q.predicate, changed(q.object), q.graph_name) for q in sorted(found, key=str)]

    written, follows = quads(content.dataset.quads), quads(derived(content.dataset, content.store))
    language = next(q for q in content.dataset.quads if q.predicate == v.LANGUAGE)
    written = [language if q.predicate == v.LANGUAGE else q for q in written]
    ontology = content.dataset.ontology.triples
    texts = [Triple(t.subject, t.predicate, changed(t.object)) if t.predicate in _ONTOLOGY_TEXTS else t for t in ontology]
    hostile = stated(replace(content.dataset, quads=Quads(written), ontology=Ontology(texts)), follows)
    shapes = rdflib.Graph()
    for subject, predicate, value in load_shapes(shapes_folders(content.dataset.folder)).core:
        shapes.add((subject, predicate, rdflib.Literal(payload, lang="en") if predicate in _SHAPE_TEXTS else value))
    head = site_of(hostile)
    catalogue = Catalogue(hostile.by_subject, hostile.dataset.ontology, shapes, head.base, head.language)
    assert len(catalogue.digests) > 1, "pages name relatives, so all are looked at"
    catalogue.diseases = [disease for disease in catalogue.diseases if disease.value.endswith(_DISEASE)]
    return bytes_of(pages(environment(), head, catalogue, Written([File("x.nq", 1, payload)])))


_BY_TEXT = re.compile(r"(?<=^:by-)[A-Za-z0-9_-]+$")
"""What a text leaves of itself in the name of its place in the index: letters and digits, and nothing else."""


def _tree(element: Element) -> TREE_OF_ONE:
    """Elements and the names of their attributes; what stands in them is left out, but for where links lead."""
    names = [f"{name}={_BY_TEXT.sub('', value)}" if name in KEPT else name for name, value in element.attrib.items()]
    return element.tag if isinstance(element.tag, str) else "comment", tuple(sorted(names)), tuple(_tree(child) for child in element)


def _tokens(body: bytes) -> Tokens | None:
    return tokens(body, lambda value: _BY_TEXT.sub("", value))


@pytest.fixture(scope="module")
def harmless(content: Content) -> dict[str, tuple[Tokens | None, TREE_OF_ONE]]:
    """The tokens and the element tree of each page when all texts are harmless."""
    return {path: (_tokens(body), _tree(_parse(body))) for path, body in _with(content, "harmless") if path.endswith(".html")}


def test_there_are_a_hundred_payloads() -> None:
    """No payload stands twice."""
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 100


_PLACES = [
    "<p>{}</p>",
    '<p title="{}">x</p>',
    "<p title='{}'>x</p>",
    "<p title={}>x</p>",
    "<p {}>x</p>",
    "<table><tr>{}</tr></table>",
    "<svg><title>{}</title></svg>",
    "<script>{}</script>",
    "<style>{}</style>",
    "<title>{}</title>",
    "<!-- {} -->",
    '<a href="{}" rel="{}">x</a>',
]


def test_the_same_tokens_make_the_same_tree() -> None:
    """Wherever a payload stands, escaped or not, a browser's parser makes another tree of it only where the tokens are others."""
    same = 0
    for place in _PLACES:
        plain, *pages = (place.replace("{}", text).encode() for text in ("x", *PAYLOADS, *map(html.escape, PAYLOADS), " ", "&#32;"))
        for page in pages:
            if _tokens(page) is not None and _tokens(page) == _tokens(plain):
                same += 1
                assert _tree(_parse(page)) == _tree(_parse(plain)), page
    assert same > 3 * len(PAYLOADS)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_every_text_is_text(content: Content, harmless: dict[str, tuple[Tokens | None, TREE_OF_ONE]], payload: str) -> None:
    """With the payload in every text of data, ontology and shapes, each page has the element tree that harmless text gives.

    From the same tokens follows the same tree. Where these are others, or a page is not written strictly, a browser's parser is asked.
    """
    for path, body in _with(content, payload):
        if path.endswith(".json"):
            json.loads(body)
            continue
        said, tree = harmless[path]
        assert (said is not None and _tokens(body) == said) or _tree(_parse(body)) == tree, path


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "file:///etc/x", "vbscript:x", "blob:x"]
)
def test_only_the_web_is_linked(content: Content, scheme: str) -> None:
    """An IRI of another scheme than http and https, wherever it stands, is shown and not linked."""
    outside = NamedNode(scheme)
    swapped = (v.PAGE, v.IDENTIFIER, v.LICENSE, v.RDF_OBJECT, NamedNode(v.RF + "target"))

    def swap(q: Quad) -> Quad:
        foreign = isinstance(q.object, NamedNode) and not q.object.value.startswith((content.dataset.base, v.RF))
        return Quad(q.subject, q.predicate, outside, q.graph_name) if q.predicate in swapped and foreign else q

    changed = other(content, replace(content.dataset, quads=Quads(swap(q) for q in content.dataset.quads)))
    seen = 0
    for path, body in bytes_of(site(changed, Written())):
        if path.endswith(".html"):
            links = [e.get(name) for e in _parse(body).iter() for name in ("href", "src", "action") if e.get(name)]
            assert not [href for href in links if href.lower().startswith(scheme.partition(":")[0].lower())], path
            seen += body.count(scheme.encode())
    assert seen > 5
