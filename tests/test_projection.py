"""What schema.org is told of a disease does not depend on which others are asked with it, whatever the alignment says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from kg.publish import projection
from kg.publish.content import Content
from kg.publish.projection import Projection
from tests.cases import lay
from tests.conftest import ROOT
from tests.contents import content_of

SIZES = (1, 2, 3, 7, 50)
NESTING = """
# Nests what each disease leads to: its facts, what they name, the diseases among that, and from each work back to the facts that cite it.
CONSTRUCT {
  ?page schema:mainEntity ?disease ; schema:hasPart ?fact .
  ?disease schema:name ?label .
  ?fact schema:about ?disease ; schema:isBasedOn ?object ; schema:citation ?work .
  ?object schema:name ?name .
  ?work schema:mentions ?fact ; schema:about ?disease .
}
WHERE {
  ?fact rdf:subject ?disease ; rdf:object ?object ; rf:evidence/rf:source ?work .
  BIND ( IRI(CONCAT(STR(?disease), ".html")) AS ?page )
  OPTIONAL { ?object rdfs:label ?name }
  OPTIONAL { ?disease rdfs:label ?label }
}
"""


@pytest.fixture(scope="module", params=["records", "relatives", "nesting"])
def content(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """Our own records; diseases that are classified under each other; and those with an alignment that nests all."""
    if request.param == "records":
        return content_of(data)
    folder = lay(ROOT / "tests" / "incremental.yaml", ROOT / "tests" / "shapes" / "base", tmp_path_factory.mktemp("projection") / "data")
    if request.param == "nesting":
        (folder / "ontology" / "alignments").mkdir(parents=True)
        (folder / "ontology" / "alignments" / "schema-org.rq").write_text(NESTING, encoding="utf-8")
    return content_of(folder)


def _told(content: Content, diseases: list[NamedNode], size: int) -> dict[str, tuple[bytes, frozenset[tuple[str, object]]]]:
    """The document of each disease, and what was read for it, where so many are asked together."""
    asked, told = Projection(content), {}
    for start in range(0, len(diseases), size):
        asked.ask(diseases[start : start + size])
        for disease in diseases[start : start + size]:
            with content.reads.noting() as read:
                told[disease.value] = asked.of(disease).page_about(disease), frozenset(read)
    return told


def test_who_is_asked_together_does_not_matter(content: Content) -> None:
    """Alone, in small batches and all at once, forwards and backwards, each disease is told the same of, and the same is read for it."""
    alone = _told(content, content.diseases, 1)
    assert len(alone) >= 5 and len({body for body, _ in alone.values()}) == len(alone)
    for size in SIZES:
        assert _told(content, content.diseases, size) == alone
        assert _told(content, content.diseases[::-1], size) == alone


def _within(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        yield value.get("@id", "")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _within(each)


def test_what_only_others_name_is_left_out(content: Content) -> None:
    """No document names a fact of another disease, also where a work is told what cites it; its relatives are named."""
    everything = _told(content, content.diseases, 50)
    for iri, (body, _) in everything.items():
        named = set(_within(json.loads(body)))
        others = tuple(f"{other}#" for other in everything if other != iri)
        assert [each for each in named if each.startswith(others)] == []


def _no_groups(led: dict[NamedNode, Any]) -> Iterable[dict[NamedNode, Any]]:
    return iter([led])


def test_relatives_that_were_asked_together_would_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is no yes-man: where a disease is asked together with one that it names, more is told of that one."""
    folder = lay(ROOT / "tests" / "incremental.yaml", ROOT / "tests" / "shapes" / "base", tmp_path / "relatives")
    (folder / "ontology" / "alignments").mkdir(parents=True)
    (folder / "ontology" / "alignments" / "schema-org.rq").write_text(NESTING, encoding="utf-8")
    content = content_of(folder)
    alone = _told(content, content.diseases, 1)
    monkeypatch.setattr(projection, "_apart", _no_groups)
    assert _told(content, content.diseases, 50) != alone
