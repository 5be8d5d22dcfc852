"""The questions that come with the project, put to the graph of a release, beside whatever else is made of it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from kg.competency import Question, questions
from kg.formats import CSV
from kg.ontology import Ontology
from kg.parallel import Aside, cores
from kg.publish.answers import Answer, answer

ROWS_SHOWN: Final = 200
"""So many rows of an answer are on its page; the CSV beside it has all."""


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


class Asking:
    """All questions to a graph, the rows of whose answers go into files in a folder.

    Where it is in memory, processes share it, and give back the memory that an answer takes: each asks some of the questions, from now on
    until they are wanted, where nothing else wants a core. A graph on disk cannot be shared so; threads ask it, once they are wanted.
    """

    def __init__(self, store: Store, ontology: Ontology, folder: Path, in_memory: bool) -> None:
        self._store, self._ontology, self._folder = store, ontology, folder
        self._questions = list(questions().values())
        shares = [self._questions[number :: cores()] for number in range(cores())]
        self._asides = [Aside(self._ask, share, can_wait=True) for share in shares] if in_memory else []

    def answers(self) -> Iterator[Asked]:
        """Each question with its answer, in the order of their files; to be taken once. Raises KgError naming one that cannot be read."""
        if self._asides:
            found = [iter(aside.results()) for aside in self._asides]
            yield from (next(found[number % len(found)]) for number in range(len(self._questions)))
            return
        with ThreadPoolExecutor(cores()) as pool:  # a query holds up no other thread
            for start in range(0, len(self._questions), cores()):  # no more of their answers are in memory
                yield from pool.map(self._ask, self._questions[start : start + cores()])

    def _ask(self, question: Question) -> Asked:
        return Asked.of(question, answer(self._store, question, self._ontology), self._folder / f"{question.name}.{CSV}")


def _all(answer: Answer, of: type) -> frozenset[int]:
    """The columns that hold terms of one type, and some."""
    columns = ((place, {type(row[place]) for row in answer.rows} - {NoneType}) for place in range(len(answer.columns)))
    return frozenset(place for place, types in columns if types == {of})
