"""The reference of a release: vocabulary and rules as pages, and as Turtle beside them.

The IRI of a term is ``…/vocab#Term`` and that of a rule ``…/shapes#rule``, so ``vocab.html`` and ``shapes.html`` have these anchors;
the full entry of a term is on the page of its module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from jinja2 import Environment
from rdflib import Graph

from kg.display import Value
from kg.formats import TURTLE
from kg.publish.content import Content
from kg.publish.file import Body
from kg.publish.frame import Site, render, site_of
from kg.publish.library import Library
from kg.publish.question_pages import question_pages
from kg.publish.templating import environment
from kg.publish.written import Written
from kg.rulebook import Rule
from kg.serialize import sorted_triples, write

_TOGETHER: Final = 4
"""So many parts of the statements are looked through by the same process, one after the other."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rules of a module of the shapes, as the page of all rules shows them."""

    stem: str
    title: Value
    about: Value | None
    rules: tuple[Rule, ...]


def reference(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the reference pages and of the files beside them."""
    library = Library.of(content, partial(written.traces.values, "examples", write=str, read=str, together=_TOGETHER))
    surroundings, site = environment(), site_of(content)
    ontology = content.dataset.ontology
    yield f"vocab.{TURTLE.extension}", write(sorted_triples(ontology.triples), TURTLE, ontology)
    for module in library.vocabulary:
        yield f"vocab/{module.stem}.{TURTLE.extension}", write(sorted_triples(module.triples), TURTLE, ontology)
    yield f"shapes.{TURTLE.extension}", _turtle(library)
    yield from vocabulary_pages(surroundings, site, library)
    yield from shapes_page(surroundings, site, library)
    yield from question_pages(surroundings, site, library, content.asking.answers())


def vocabulary_pages(surroundings: Environment, site: Site, library: Library) -> Iterator[tuple[str, bytes]]:
    """The page of all terms, and a page for each module with the full entries."""
    chapters = library.chapters
    yield "vocab.html", render(surroundings, "vocab.html", site=site, root="./", chapters=chapters)
    for chapter in chapters:
        path = f"vocab/{chapter.stem}.html"
        yield path, render(surroundings, "chapter.html", site=site, root="../", chapter=chapter, chapters=chapters)


def shapes_page(surroundings: Environment, site: Site, library: Library) -> Iterator[tuple[str, bytes]]:
    """The page of all rules, by module: every fact first, the kinds in the order of a page, then what judges other things."""
    chapters = {chapter.stem: chapter for chapter in library.chapters}
    order = [*(stem for stem in chapters if stem in library.rules), *(stem for stem in sorted(library.rules) if stem not in chapters)]
    parts = [Part(stem, *library.shapes_head(stem), library.rules[stem]) for stem in order if library.rules[stem]]
    by_iri = {rule.iri: rule for rules in library.rules.values() for rule in rules}
    shown = {term: library.signpost.value(term) for rule in by_iri.values() for term in rule.mentions}
    values = {"parts": parts, "by_iri": by_iri, "shown": shown, "names": {rule.name for rule in by_iri.values()}}
    yield "shapes.html", render(surroundings, "shapes.html", site=site, root="./", **values)


def _turtle(library: Library) -> bytes:
    """All shapes in Turtle, with lists and constraints nested as people write them."""
    whole = Graph(bind_namespaces="none")
    for prefix, namespace in library.content.dataset.ontology.prefixes.namespaces.items():
        whole.bind(prefix, namespace)
    for graph in library.shapes.values():
        for triple in graph:
            whole.add(triple)
    return whole.serialize(format="turtle", encoding="utf-8")
