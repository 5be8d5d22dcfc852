"""The index and the comparison stay bounded and complete, whatever the number of diseases."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.catalogue import Catalogue
from kg.dataset import read_dataset
from kg.display import Value, in_order
from kg.graph import follow
from kg.layout import shapes_folders
from kg.publish.browse import DISEASES_A_PAGE, ENTRIES_A_PAGE, Branch, foremost, listings, tree
from kg.publish.compare import ROWS_A_PAGE, Comparison
from kg.publish.facets import INLINE, Entry, Facet, facets, filed_under, place
from kg.publish.frame import NOT_FOUND, site_of
from kg.publish.pages import pages
from kg.publish.templating import environment
from kg.publish.written import Written
from kg.shapes import load_shapes
from tests.benchmarks.made import generate
from tests.conftest import bytes_of
from tests.contents import stated

XHTML = "{http://www.w3.org/1999/xhtml}"


def _facet(sizes: list[int]) -> Facet:
    entries = []
    for number, size in enumerate(sizes):
        diseases = tuple(Value(f"d{each}", href=f"disease/D_{each}.html") for each in range(size))
        entries.append(Entry(Value(f"{chr(97 + number * 26 // len(sizes))}{number:05}"), f"v{number}", diseases))
    return Facet("kind", "Kind", tuple(entries), is_tree=False, is_text=False)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=50),
    st.integers(1, 40),
    st.sampled_from([1, INLINE, INLINE + 1, DISEASES_A_PAGE, 2 * DISEASES_A_PAGE + 1]),
)
def test_every_entry_and_disease_is_listed_once_and_no_page_is_long(pattern: list[int], times: int, big: int) -> None:
    """Pages of a facet hold all entries in order; those of an entry with many diseases hold all of these; paths differ."""
    facet = _facet([*pattern * times, big])
    made = list(listings(facet))
    assert len({listing.path for listing in made}) == len(made)
    listed = [listing for listing in made if listing.entry is None]
    assert [entry for listing in listed for entry in listing.entries] == list(facet.entries)
    assert all(len(listing.entries) <= ENTRIES_A_PAGE and len(listing.diseases) <= DISEASES_A_PAGE for listing in made)
    for entry in facet.entries:
        own = [disease for listing in made if listing.entry == entry for disease in listing.diseases]
        assert own == (list(entry.diseases) if len(entry.diseases) > INLINE else [])
    for listing in listed:
        anchors = {(other.path, entry.anchor, entry.letter) for other in listed for entry in other.entries}
        assert {(path, anchor, letter) for letter, path, anchor in listing.letters} <= anchors
        assert {letter for letter, _, _ in listing.letters} == {entry.letter for entry in facet.entries}
        same = [(other.entries[0].value.text, other.path) for other in listed if other.entries[0].letter == listing.entries[0].letter]
        assert list(listing.near) == (same if len(same) > 1 else [])
    for before, after in pairwise(listed):
        assert (before.after, after.before) == (after.path, before.path)


def test_the_home_page_shows_what_most_diseases_have() -> None:
    """Ten entries at most, in the order of the index, each with the page and place where it stands."""
    sizes = [1] * ENTRIES_A_PAGE + [5, 7, 2]
    shown = foremost(_facet(sizes))
    assert len(shown) == 10
    assert [len(entry.diseases) for entry, _ in shown][-3:] == [5, 7, 2]
    assert shown[-1][1] == f"browse/kind-2.html#:by-v{ENTRIES_A_PAGE + 2}"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60), st.integers(1, 50))
def test_the_tree_is_bounded_and_says_what_it_leaves_out(edges: list[tuple[int, int]], most: int) -> None:
    """Never more than so many diseases; what is not unfolded is counted; circles end."""
    nodes: list[Any] = list(range(31))
    children = {node: sorted({b for a, b in edges if a == node and a != b}) for node in nodes}
    parents = {node: [a for a in nodes if node in children[a]] for node in nodes}
    digests = {node: SimpleNamespace(parents=parents[node]) for node in nodes}
    catalogue: Any = SimpleNamespace(
        diseases=nodes, digests=digests, children=children, naming=SimpleNamespace(value=lambda node: Value(str(node)))
    )
    found = tree(catalogue, most)

    def count(branch: Branch, path: tuple[int, ...]) -> int:
        node = int(branch.disease.text)
        below = [child for child in children[node] if child not in (*path, node)]
        if branch.below:
            assert [int(each.disease.text) for each in branch.below] == below and branch.more == 0
        else:
            assert branch.more == len(below)
        return 1 + sum(count(each, (*path, node)) for each in branch.below)

    assert sum(count(branch, ()) for branch in found.branches) <= most
    assert len(found.branches) + found.more == sum(1 for node in nodes if not parents[node])


def test_of_many_tops_the_tree_has_those_with_most_below_them() -> None:
    """They stand in the order of names; what is below twice, or in a circle, is counted once."""
    children = {
        "b": ["b1"],
        "c": ["c1", "c2"],
        "c1": ["c3"],
        "c2": ["c3"],
        "d": ["d1"],
        "d1": ["d2"],
        "d2": ["d1"],
        "e": ["e1", "e2", "e3"],
    }
    below = {node for those in children.values() for node in those}
    nodes = sorted({"a", *children, *below})
    digests = {node: SimpleNamespace(parents=["some"] if node in below else []) for node in nodes}
    catalogue: Any = SimpleNamespace(diseases=nodes, digests=digests, children=children, naming=SimpleNamespace(value=Value))
    sizes = {most: [branch.disease.text for branch in tree(catalogue, most).branches] for most in (1, 2, 3, 4, 5)}
    assert sizes == {1: ["c"], 2: ["c", "e"], 3: ["c", "d", "e"], 4: ["b", "c", "d", "e"], 5: ["a", "b", "c", "d", "e"]}
    assert tree(catalogue, 2).more == 3


@pytest.mark.parametrize(
    ("text", "letter"), [("élan", "E"), ("zebra", "Z"), ("  (x)", "X"), ("3-M syndrome", "0–9"), ("高IgM", "…"), ("", "…"), ("—", "…")]
)
def test_texts_are_filed_under_their_first_letter(text: str, letter: str) -> None:
    """Accents and punctuation do not count; digits and other scripts have a place of their own, after the letters."""
    assert filed_under(text) == letter
    assert (place(Value(text)) > place(Value("zzz"))) == (letter in ("0–9", "…"))


def test_texts_without_a_latin_letter_have_places_of_their_own(large: dict[str, bytes]) -> None:
    """Texts whose names in addresses would be the same are numbered, so that each has its own anchor."""
    page = html5lib.parse(large["browse/name.html"], treebuilder="etree")
    ids = [str(item.get("id")) for item in page.iter(XHTML + "li") if str(item.get("id")).startswith(":by-")]
    assert len(ids) == len(set(ids)) == 164
    assert {":by-other", ":by-other-2"} <= set(ids)


def test_numbers_are_put_in_order_by_size() -> None:
    """Accents and case do not count, and a 10 comes after a 2."""
    texts = ["Type 10", "type 2", "Ätiologie", "b", "type 2a"]
    assert sorted(texts, key=in_order) == ["Ätiologie", "b", "type 2", "type 2a", "Type 10"]


def test_a_comparison_is_cut_into_pages() -> None:
    """All rows, in order, and no page of more than two hundred."""
    rows = tuple((Value(str(number)), ((1, 0),)) for number in range(2 * ROWS_A_PAGE + 1))
    parts = Comparison("kind", "Kind", (Value("c"),), (Value("a"), Value("b")), rows).pages
    assert [path for path, _ in parts] == ["compare.html", "compare/kind-2.html", "compare/kind-3.html"]
    assert tuple(row for _, part in parts for row in part.rows) == rows
    assert max(len(part.rows) for _, part in parts) == ROWS_A_PAGE


def test_the_comparison_is_what_the_graph_says(release: kg.Release) -> None:
    """For each disease, isotype and level: as many works as a query counts, in the table and in what its script reads."""
    query = """SELECT ?disease ?isotype ?level (COUNT(DISTINCT ?work) AS ?works) WHERE {
      ?fact a rf:ImmunoglobulinFinding ; rdf:subject ?disease ; rdf:object/rdfs:label ?isotype ; rf:level/rdfs:label ?level ;
        rf:status rf:accepted ; rf:evidence/rf:source ?work .
      FILTER NOT EXISTS { ?fact rf:negated true } } GROUP BY ?disease ?isotype ?level"""
    base = release.manifest["base"]
    counted: dict[tuple[str, str, str], int] = {}
    for row in kg.open(release.path).query(query):
        disease, isotype, level, works = (str(getattr(term, "value", "")) for term in row.values())
        counted[(disease.removeprefix(base) + ".html", isotype, level)] = int(works)
    document = json.loads((release.path / "assets" / "compare-immunoglobulin.json").read_text(encoding="utf-8"))
    columns, scale = ["IgG", "IgA", "IgM", "IgE", "IgD"], ["absent", "low", "normal", "elevated"]
    said = {
        (path, columns[c], scale[s]): works for path, _, *cells in document for c, cell in enumerate(cells) for s, works in enumerate(cell)
    }
    assert {key: works for key, works in said.items() if works} == counted
    page = html5lib.parse((release.path / "compare.html").read_bytes(), treebuilder="etree")
    [body] = page.iter(XHTML + "tbody")
    table = [
        [row.find(f".//{XHTML}a").get("href").removeprefix("./")]
        + [[int(step.text or 0) for step in cell.iter(XHTML + "i")] or [0] * 4 for cell in row.iter(XHTML + "td")]
        for row in body.iter(XHTML + "tr")
    ]
    assert table == [[path, *cells] for path, _, *cells in document]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The pages of a disease with 80 subtypes, and of these."""
    folder = tmp_path_factory.mktemp("large") / "data"
    generate(folder, 81, children=100)
    record = folder / "diseases" / "5.yaml"
    names = "  han: {kind: related, name: 免疫不全, evidence: made}\n  kana: {kind: related, name: クラス, evidence: made}\n"
    record.write_text(record.read_text(encoding="utf-8").replace("mapping:\n", f"{names}mapping:\n"), encoding="utf-8")
    dataset = read_dataset(folder)
    content = stated(dataset)
    follow(dataset, content.store)
    head = site_of(content)
    catalogue = Catalogue(content.by_subject, dataset.ontology, load_shapes(shapes_folders()).core, head.base, head.language)
    assert {facet.key for facet in facets(catalogue)} >= {"classification", "immunoglobulin", "name"}
    return dict(bytes_of(pages(environment(), head, catalogue, Written())))


def test_many_relatives_are_left_to_the_index(large: dict[str, bytes]) -> None:
    """A group lists sixty subtypes and links to all; its members do not list each other, which would be quadratic."""
    group = large["disease/MONDO_8000000.html"].decode()
    assert group.count('<li><a href="../disease/MONDO_') == 60
    assert "And 20 more subtypes" in group and 'href="../browse/classification/MONDO_8000000.html"' in group
    assert large["browse/classification/MONDO_8000000.html"].count(b"disease/MONDO_") == 80
    member = large["disease/MONDO_8000007.html"].decode()
    assert "the page of the group lists them" in member and member.count('<li><a href="../disease/MONDO_') == 1


def test_every_disease_can_be_reached_by_clicking(large: dict[str, bytes]) -> None:
    """From the home page, over links alone, without a script, to each page of the site, but for that of what there is not."""
    seen: set[str] = set()
    todo = ["index.html"]
    while todo:
        path = todo.pop()
        if path in seen or path not in large:
            continue
        seen.add(path)
        folder = Path(path).parent
        for link in html5lib.parse(large[path], treebuilder="etree").iter(XHTML + "a"):
            target = str(link.get("href")).partition("#")[0]
            if target and "//" not in target:
                todo.append(Path(*_resolved((folder / target).parts)).as_posix())
    assert {path for path in large if path.endswith(".html")} - {NOT_FOUND} == seen


def _resolved(parts: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if part == "..":
            found.pop()
        else:
            found.append(part)
    return found
