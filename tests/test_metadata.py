"""What a release says of itself: a description that keeps to DCAT and VoID, with true numbers, and files for crawlers."""

from __future__ import annotations

import csv
import shutil
import urllib.robotparser
from pathlib import Path
from xml.etree import ElementTree

import pyshacl
import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import RDF, URIRef
from rdflib.namespace import DCAT, DCTERMS, SH, VOID

import kg
from kg.competency import questions
from kg.publish.crawlers import sitemaps
from kg.shapes import to_rdflib

SHAPES = Path(__file__).parent / "metadata-shapes.ttl"
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
PREVIOUS = URIRef("http://www.w3.org/ns/dcat#previousVersion")  # DCAT 3, which rdflib does not know yet
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def description(release: kg.Release) -> rdflib.Graph:
    """void.ttl, read by rdflib."""
    return rdflib.Graph().parse(data=(release.path / "void.ttl").read_bytes(), format="turtle")


def _judge(graph: rdflib.Graph) -> tuple[bool, str]:
    conforms, _, text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(SHAPES), inference="none")
    return conforms, text


def test_the_description_keeps_to_dcat_and_void(description: rdflib.Graph) -> None:
    """pySHACL finds nothing wrong by shapes of what the two vocabularies demand, and every shape has something to judge."""
    conforms, text = _judge(description)
    assert conforms, text
    shapes = rdflib.Graph().parse(SHAPES)
    assert all((None, RDF.type, cls) in description for cls in shapes.objects(None, SH.targetClass))
    assert all((None, prop, None) in description for prop in shapes.objects(None, SH.targetObjectsOf))
    assert not any(isinstance(term, rdflib.BNode) for triple in description for term in triple)


@pytest.mark.parametrize(
    "gone", [DCTERMS.license, DCAT.byteSize, SPDX.checksumValue, SPDX.algorithm, VOID.triples, VOID["class"], SH.namespace, SH.select]
)
def test_what_is_missing_is_noticed(description: rdflib.Graph, gone: URIRef) -> None:
    """The shapes are no yes-men: a description that lacks one of these does not conform."""
    graph = rdflib.Graph()
    for triple in description:
        if triple[1] != gone:
            graph.add(triple)
    assert not _judge(graph)[0]


def test_distributions_are_the_dumps(release: kg.Release, description: rdflib.Graph) -> None:
    """Each dump of the manifest, with its size, checksum and media type; a compressed one has the type of what is in it."""
    base, name = release.manifest["base"], release.manifest["name"]
    wanted = {
        (base + file["path"], file["size"], file["sha256"])
        for file in release.manifest["files"]
        if file["path"].startswith((f"{name}.", f"{name}-"))
    }
    found = set()
    for node in description.subjects(RDF.type, DCAT.Distribution):
        url, size, checksum = (description.value(node, each) for each in (DCAT.downloadURL, DCAT.byteSize, SPDX.checksum))
        found.add((str(url), int(str(size)), str(description.value(checksum, SPDX.checksumValue))))
        compressed = str(url).endswith(".gz")
        assert ((node, DCAT.compressFormat, None) in description) == compressed
        assert "gzip" not in str(description.value(node, DCAT.mediaType))
        assert ((node, DCTERMS.conformsTo, URIRef("https://www.w3.org/TR/rdf12-turtle/")) in description) == ("rdf12" in str(url))
    assert found == wanted
    assert len(found) == 11


def test_a_dump_describes_itself(release: kg.Release, description: rdflib.Graph) -> None:
    """The dump says what void.ttl says, but for sizes and checksums, which no file can contain of itself; nothing is in two graphs."""
    metadata = NamedNode(release.manifest["base"] + "graph/metadata")
    quads = list(parse(path=str(release.dump("nq")), format=RdfFormat.N_QUADS))
    inside, elsewhere = (
        set(to_rdflib(quad.triple for quad in quads if (quad.graph_name == metadata) == wanted)) for wanted in (True, False)
    )
    assert inside and inside < set(description)
    assert not inside & elsewhere
    missing = set(description) - inside - elsewhere
    assert {prop for _, prop, _ in missing} == {DCAT.byteSize, SPDX.checksum, SPDX.checksumValue, SPDX.algorithm, RDF.type}
    assert {value for _, prop, value in missing if prop == RDF.type} == {SPDX.Checksum}


def test_an_endpoint_with_the_dump_can_be_asked_what_it_holds(release: kg.Release) -> None:
    """Counts, prefixes and questions are found over the union of the graphs, each once, and the counts are those of the manifest."""
    graph = kg.open(release.path)
    [row] = graph.query("SELECT ?triples WHERE { ?dataset a dcat:Dataset ; void:triples ?triples }")
    assert getattr(row["triples"], "value", "") == str(release.manifest["counts"]["triples"])
    assert len(list(graph.query("SELECT ?question WHERE { ?question a sh:SPARQLExecutable ; sh:select ?text }"))) == len(questions())
    [prefix] = graph.query(
        'SELECT ?namespace WHERE { ?dataset a dcat:Dataset ; sh:declare ?one . ?one sh:prefix "rf" ; sh:namespace ?namespace }'
    )
    assert getattr(prefix["namespace"], "value", "").endswith("/vocab#")


def test_the_counts_are_true(release: kg.Release, description: rdflib.Graph) -> None:
    """Counted again by rdflib over the Turtle dump: triples, classes, properties, and each partition."""
    graph = rdflib.Graph().parse(data=release.dump("ttl").read_bytes(), format="turtle")
    [dataset] = description.subjects(RDF.type, DCAT.Dataset)

    def number(node: rdflib.term.Node, prop: URIRef) -> int:
        return int(str(description.value(node, prop)))

    assert number(dataset, VOID.triples) == len(graph) == release.manifest["counts"]["triples"]
    assert number(dataset, VOID.classes) == len(set(graph.objects(None, RDF.type)))
    assert number(dataset, VOID.properties) == len(set(graph.predicates()))
    assert number(dataset, VOID.entities) == len(set(graph.subjects(RDF.type, None)))
    partitions = list(description.objects(dataset, VOID.classPartition))
    assert len(partitions) == number(dataset, VOID.classes)
    for partition in partitions:
        cls = description.value(partition, VOID["class"])
        members = set(graph.subjects(RDF.type, cls))
        assert number(partition, VOID.entities) == len(members), cls
        inside = {description.value(each, VOID.property): each for each in description.objects(partition, VOID.propertyPartition)}
        assert set(inside) == {prop for member in members for prop in graph.predicates(member)}, cls
        for prop, each in inside.items():
            assert number(each, VOID.triples) == sum(1 for member in members for _ in graph.objects(member, prop)), (cls, prop)
    for partition in description.objects(dataset, VOID.propertyPartition):
        prop = description.value(partition, VOID.property)
        assert number(partition, VOID.triples) == sum(1 for _ in graph.triples((None, prop, None))), prop


def test_the_version_before_is_named(data: Path, tmp_path: Path, description: rdflib.Graph) -> None:
    """Where dataset.yaml names it, as of DCAT 3, and the page of the dataset leads there; ours is the first, and names none."""
    assert not list(description.triples((None, PREVIOUS, None)))
    folder = shutil.copytree(data, tmp_path / "data")
    with (folder / "dataset.yaml").open("a", encoding="utf-8") as file:
        file.write("previousVersion: https://doi.org/10.5281/zenodo.1234567\n")
    release = kg.build(folder, tmp_path / "release").path
    graph = rdflib.Graph().parse(release / "void.ttl")
    [dataset] = graph.subjects(RDF.type, DCAT.Dataset)
    assert list(graph.objects(dataset, PREVIOUS)) == [URIRef("https://doi.org/10.5281/zenodo.1234567")]
    assert "Versions</h2>" in (release / "dataset.html").read_text(encoding="utf-8")
    assert '<a href="https://doi.org/10.5281/zenodo.1234567">' in (release / "dataset.html").read_text(encoding="utf-8")


def test_every_question_can_be_run_from_the_description(release: kg.Release, description: rdflib.Graph) -> None:
    """The questions are those of the project, and each has its rows with no more than the prefixes that the description declares."""
    executables = set(description.subjects(RDF.type, SH.SPARQLExecutable))
    assert {str(node).rpartition("/")[2] for node in executables} == questions().keys()
    store = kg.open(release.path).store
    for node in executables:
        prefixes = description.value(node, SH.prefixes)
        declared = {
            str(description.value(each, SH.prefix)): str(description.value(each, SH.namespace))
            for each in description.objects(prefixes, SH.declare)
        }
        query = str(description.value(node, SH.select))
        rows = list(store.query(query, use_default_graph_as_union=True, prefixes=declared))  # type: ignore[arg-type]
        with (release.path / "question" / f"{str(node).rpartition('/')[2]}.csv").open(encoding="utf-8", newline="") as file:
            assert len(rows) == len(list(csv.reader(file))) - 1, node


def _locations(file: Path) -> dict[str, str]:
    root = ElementTree.fromstring(file.read_bytes())  # noqa: S314 - our own file
    assert root.tag == f"{SITEMAP}urlset"
    return {str(url.findtext(f"{SITEMAP}loc")): str(url.findtext(f"{SITEMAP}lastmod")) for url in root}


def test_the_sitemap_has_true_days(data: Path, tmp_path: Path, release: kg.Release) -> None:
    """Each page but that for what there is not is a location; its day is that of the disease's latest fact, and no other moves with it."""
    base = release.manifest["base"]
    before = _locations(release.path / "sitemap.xml")
    pages = {f["path"] for f in release.manifest["files"] if f["path"].endswith(".html")}
    assert {url.removeprefix(base) for url in before} == pages - {"404.html"}
    assert len(before) > release.manifest["counts"]["diseases"] + len(["index.html", "compare.html", "dataset.html"])
    assert all((release.path / url.removeprefix(base)).is_file() for url in before)
    folder = shutil.copytree(data, tmp_path / "data")
    record = folder / "diseases" / "hereditary-disease.yaml"
    text = record.read_text(encoding="utf-8").replace("modified: 2026-11-22\n", "modified: 2026-11-20\n", 1)
    record.write_text(text.replace("{kind: preferred, ", "{kind: preferred, modified: 2026-11-21, ", 1), encoding="utf-8")
    after = _locations(kg.build(folder, tmp_path / "release").path / "sitemap.xml")
    [moved] = [url for url in after if after[url] != before[url]]
    assert "MONDO_0003847" in moved
    assert (before[moved], after[moved]) == ("2026-11-22", "2026-11-21")


def test_a_sitemap_holds_fifty_thousand() -> None:
    """Above the limit of the protocol there are several and an index of them, with the latest day of each."""
    pages = [(f"disease/{number:06}.html", f"2026-01-{1 + number % 28:02}") for number in range(50_001)]
    made = dict(sitemaps("https://example.org/a&b/", pages))
    assert list(made) == ["sitemap-1.xml", "sitemap-2.xml", "sitemap.xml"]
    sizes = [len(ElementTree.fromstring(made[name])) for name in made]  # noqa: S314
    assert sizes == [50_000, 1, 2]
    index = ElementTree.fromstring(made["sitemap.xml"])  # noqa: S314
    assert [(each.findtext(f"{SITEMAP}loc"), each.findtext(f"{SITEMAP}lastmod")) for each in index] == [
        ("https://example.org/a&b/sitemap-1.xml", "2026-01-28"),
        ("https://example.org/a&b/sitemap-2.xml", "2026-01-21"),
    ]


def test_crawlers_are_welcome(release: kg.Release) -> None:
    """A reader of RFC 9309 finds that all may be read, and the sitemap; llms.txt links to nothing that is not there."""
    parser = urllib.robotparser.RobotFileParser()
    parser.parse((release.path / "robots.txt").read_text(encoding="utf-8").splitlines())
    base = release.manifest["base"]
    assert parser.can_fetch("*", f"{base}disease/MONDO_0010626")
    assert parser.site_maps() == [f"{base}sitemap.xml"]
    text = (release.path / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# rarefacts\n\n> ")
    links = [part.partition(")")[0] for part in text.split("](")[1:]]
    assert len(links) > 10
    assert all((release.path / link.removeprefix(base)).is_file() for link in links)
