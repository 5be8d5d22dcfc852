"""Pages of the questions that come with the project: each with its query and what it yields in this very release; and the page to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Final

from jinja2 import Environment
from pyoxigraph import Literal, NamedNode

from kg.competency import Question, questions
from kg.display import Value
from kg.formats import CSV, GRAPHS, RESULT_OFFERS, SPARQL
from kg.parallel import HERE, cores
from kg.publish.answers import Answer, answer
from kg.publish.content import Content
from kg.publish.file import Body, from_file
from kg.publish.frame import ENDPOINT, Site, render
from kg.publish.library import Library

ROWS_SHOWN: Final = 200
"""So many rows of an answer are on its page; the CSV beside it has all."""

_NUMBERS: Final = frozenset({"integer", "decimal", "double"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the first rows of its answer, and what is known of all rows, which are in a file (CSV).

    That is how many there are, and which columns, by their place, hold nothing but literals, or nothing but IRIs.
    """

    question: Question
    answer: Answer
    rows: int
    texts: frozenset[int]
    links: frozenset[int]
    csv: Path

    @classmethod
    def of(cls, question: Question, answer: Answer, csv: Path) -> Asked:
        """A question with its whole answer, which is written into a file."""
        with csv.open("wb") as file:
            answer.write_csv(file)
        first = Answer(answer.columns, answer.rows[:ROWS_SHOWN])
        return cls(question, first, len(answer.rows), _all(answer, Literal), _all(answer, NamedNode), csv)

    @property
    def stem(self) -> str:
        """The module that it is about, which its name begins with."""
        return self.question.name.partition("-")[0]


def asked(content: Content) -> Iterator[Asked]:
    """Each question, put to the graph once, sorted by name. Raises KgError naming the question that cannot be read."""
    asking, ask = list(questions().values()), _Asking(content)
    if content.dataset.in_memory:  # it is shared with processes, which give back the memory that an answer takes
        yield from HERE.map(ask, asking, batch=1, many=2)
        return
    with ThreadPoolExecutor(cores()) as pool:  # a query holds up no other thread
        for start in range(0, len(asking), cores()):
            yield from pool.map(ask, asking[start : start + cores()])


class _Asking:
    """Puts questions to the graph."""

    def __init__(self, content: Content) -> None:
        self._store, self._ontology, self._folder = content.store, content.dataset.ontology, content.scratch.path

    def __call__(self, question: Question) -> Asked:
        return Asked.of(question, answer(self._store, question, self._ontology), self._folder / f"{question.name}.{CSV}")


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
        left_out = repeated(each, rows)
        kept = [place for place, column in enumerate(each.answer.columns) if column not in left_out]
        columns = [(each.answer.columns[place], _is_number(row[place] for row in rows)) for place in kept]
        table = {"columns": columns, "rows": [[row[place] for place in kept] for row in rows]}
        values = {"question": each.question, "count": each.rows, "left_out": left_out, **table}
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


def _all(answer: Answer, of: type) -> frozenset[int]:
    """The columns that hold terms of one type, and some."""
    columns = ((place, {type(row[place]) for row in answer.rows} - {NoneType}) for place in range(len(answer.columns)))
    return frozenset(place for place, types in columns if types == {of})


def _same(shown: list[list[Value | None]], text: int, link: int) -> bool:
    pairs = [(row[text], row[link]) for row in shown]
    return all(said is None or (named is not None and said.text == named.text) for said, named in pairs)
