"""The records of a dataset, of which no two are about the same, and one about the dataset itself."""

from __future__ import annotations

from collections.abc import Iterator

from kg import vocabulary as v
from kg.errors import Place, Problem, UnreadableError, reading_problem
from kg.layout import DATASET_FILE
from kg.parallel import Executor
from kg.reading import Read, Reading
from kg.values import Values


class Distinct:
    """Reads records, and keeps the problems of those that cannot be read or cannot stand beside the others; ``main`` is dataset.yaml."""

    def __init__(self, reading: Reading, main: str) -> None:
        self.problems: list[Problem] = []
        self._reading, self._main = reading, main
        self._first: dict[str, Place] = {}

    def records(self, contents: list[tuple[str, bytes]], values: Values, executor: Executor) -> Iterator[tuple[str, Read]]:
        """The name of each record that can be taken, which is its path below the base IRI, and what it says; in the order of files."""
        for read in self._reading.read_all(contents, values, executor):
            if isinstance(read, UnreadableError):
                self.problems.extend(read.problems)
                continue
            name = self._reading.type_of(read).path + read.key.text
            found = self._misplaced(read, name) or read.problems
            self.problems.extend(found)
            if not found:
                yield name, read

    def _misplaced(self, read: Read, name: str) -> tuple[Problem, ...]:
        kind, place = self._reading.type_of(read), read.key.place
        if (kind.iri == v.DATASET) != (read.name == self._main):
            belongs = f"belongs into {DATASET_FILE}, and nothing else does"
            message = belongs if kind.iri == v.DATASET else "is not about the dataset; begin it with dataset:"
            return (reading_problem(place, "no-record", message),)
        first = self._first.setdefault(name, place)
        if first is not place:
            message = f'is a second record of {kind.key} "{read.key.text}", the first is {first}; keep one'
            return (reading_problem(place, "duplicate-record", message),)
        return ()
