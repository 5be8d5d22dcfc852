"""Pages of the questions that come with the project: each with its query and what it yields in this very release; and the page to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from jinja2 import Environment

from kg.competency import Question
from kg.display import Value
from kg.formats import CSV, GRAPHS, RESULT_OFFERS, SPARQL
from kg.publish.asked import Asked
from kg.publish.file import Body, from_file
from kg.publish.frame import ENDPOINT, Site, render
from kg.publish.library import Library

_NUMBERS: Final = frozenset({"integer", "decimal", "double"})


def question_pages(surroundings: Environment, site: Site, library: Library, found: Iterable[Asked]) -> Iterator[tuple[str, Body]]:
    """For each question its page, its query and all its rows; then the page that leads to them, by kind of fact."""
    index: dict[str, list[tuple[Question, int]]] = {}
    show = library.signpost.value
    for each in found:
        path = f"question/{each.question.name}"
        yield f"{path}.{SPARQL}", each.question.text.encode()
        yield f"{path}.{CSV}", from_file(each.csv)
        each.csv.unlink()
        rows = [[show(term) if term is not None else None for term in row] for row in each.answer.rows]
        empty = [column for place, column in enumerate(each.answer.columns) if all(row[place] is None for row in rows)]
        left_out = [column for column in repeated(each, rows) if column not in empty]
        kept = [place for place, column in enumerate(each.answer.columns) if column not in {*left_out, *empty}]
        columns = [(each.answer.columns[place], _is_number(row[place] for row in rows)) for place in kept]
        table = {"columns": columns, "rows": [[row[place] for place in kept] for row in rows]}
        values = {"question": each.question, "count": each.rows, "left_out": left_out, "empty": empty, **table}
        yield f"{path}.html", render(surroundings, "question.html", site=site, root="../", **values)
        index.setdefault(each.stem, []).append((each.question, each.rows))
    order = [chapter.stem for chapter in library.chapters]
    headings = {stem: layout.heading for stem, layout in library.layouts.items()}
    stems = sorted(index, key=lambda stem: (stem not in order, order.index(stem) if stem in order else 0, stem))
    groups = [(stem, headings.get(stem, stem.capitalize()), index[stem]) for stem in stems]
    yield "questions.html", render(surroundings, "questions.html", site=site, root="./", groups=groups)
    yield "query.html", render(surroundings, "query.html", site=site, root="./", groups=groups, **query_page(library))


def query_page(library: Library) -> dict[str, object]:
    """What the page to ask has to know: where, the prefixes that need no declaration, and name, label and extension of each format."""
    return {
        "endpoint": ENDPOINT,
        "prefixes": library.content.dataset.ontology.prefixes.namespaces,
        "tables": [(offer.name, offer.name.upper(), offer.name) for offer in RESULT_OFFERS],
        "graphs": [(format.name, format.rdf.name, format.extension) for format in GRAPHS],
    }


def repeated(asked: Asked, shown: list[list[Value | None]]) -> list[str]:
    """The columns of texts that only say what the links of another show: ``diseaseLabel`` beside ``disease``."""
    texts = (text for text in sorted(asked.texts) if any(_same(shown, text, link) for link in asked.links))
    return [asked.answer.columns[text] for text in texts]


def _is_number(cells: Iterable[Value | None]) -> bool:
    """Whether a column holds numbers and nothing else."""
    kinds = {cell.datatype for cell in cells if cell is not None}
    return bool(kinds) and kinds <= _NUMBERS


def _same(shown: list[list[Value | None]], text: int, link: int) -> bool:
    pairs = [(row[text], row[link]) for row in shown]
    return all(said is None or (named is not None and said.text == named.text) for said, named in pairs)
