"""A dataset that stays in memory, so that a record is judged the moment it is saved.

What is said of a record is what ``kg check`` of its file says of it: what keeps it from being read, and every rule about it and its facts,
also those across records, whose other side is what was written last everywhere else. What follows from what was written is not judged
here, nor are other records that what was saved may have changed the verdict of. Imports are those that were there at the start, settled
with the records as they were then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from kg import limits
from kg import vocabulary as v
from kg.dataset import IGNORED, RECORDS, Dataset, read_dataset
from kg.errors import Problem, UnreadableError
from kg.files import read_small, written
from kg.graph import follow
from kg.imports import FOLDER
from kg.judge import judge
from kg.layout import DATASET_FILE, EXTENSIONS, shapes_folders
from kg.quads import Quads
from kg.reading import Read, Reading
from kg.recall import Recall
from kg.shapes import load_shapes
from kg.terms import subject_of
from kg.validate import problem_of
from kg.waivers import waive


class Resident:
    """A dataset and its store. Raises UnreadableError where it cannot be read."""

    def __init__(self, folder: Path, name: str, recall: Recall) -> None:
        dataset = read_dataset(folder, name, recall=recall)
        assert dataset.values is not None
        self._dataset, self._values, self._reading = dataset, dataset.values, Reading(dataset.ontology, recall)
        self._store = dataset.new_store(to_stay=True)
        self._store.extend(dataset.ontology.quads())
        dataset.fill(self._store, to_stay=True)
        if dataset.entered:
            follow(dataset, self._store, "settling")
        self._also: dict[NamedNode, set[Quad]] = defaultdict(set)
        for quad in dataset.foreign:
            if isinstance(quad.graph_name, NamedNode):
                self._also[quad.graph_name].add(quad)
        dataset.quads = Quads()  # they are in the store
        self.refused: set[Path] = set()
        """Files that could not be read when they were saved last: what they said before still holds here."""

    @property
    def dataset(self) -> Dataset:
        """The dataset, whose statements are in the store instead."""
        return self._dataset

    @property
    def store(self) -> Store:
        """The ontology, and what was written by now, with imports as they were at the start; not what follows from it."""
        return self._store

    def saved(self, paths: Iterable[Path]) -> tuple[list[Path], list[Problem]] | None:
        """Which records were saved, also by deleting or renaming them, and what is wrong with them; None where all has to be read again."""
        if any(self._concerns_all(path) for path in paths):
            return None
        records = (path for path in paths if path.suffix in RECORDS and not path.is_dir())
        changed = sorted(records, key=lambda path: (path.exists(), path))  # what is gone makes room for what is there
        changed = [path for path in changed if path.exists() or path in self.refused or self._dataset.shown(path) in self._dataset.records]
        problems: list[Problem] = []
        nodes: set[NamedNode] = set()
        for path in changed:
            try:
                read = self._read(path)
            except UnreadableError as error:
                problems.extend(error.problems)
                self.refused.add(path)
                continue
            self.refused.discard(path)
            if read is None:
                return None
            nodes.update(read)
        return changed, sorted([*problems, *self._judged(frozenset(nodes))], key=lambda problem: problem.order)

    def _concerns_all(self, path: Path) -> bool:
        """Whether a file is more than a record of its own: by it other records are read or judged."""
        if not path.is_relative_to(self._dataset.folder):
            return True
        relative = path.relative_to(self._dataset.folder)
        if path == self._dataset.folder:
            return not path.is_dir()
        if relative.parts[0] in (*EXTENSIONS, FOLDER) or relative == Path(DATASET_FILE):
            return True
        if path.is_dir():
            return any(path.iterdir())
        if path.suffix in (*RECORDS, *IGNORED):
            return False
        file = written(relative)
        return path.exists() or any(each == file or each.startswith(f"{file}/") for each in self._dataset.files)

    def _read(self, path: Path) -> set[NamedNode] | None:
        """The nodes of a record, after what it says now has taken the place of what it said. None where all has to be read again."""
        dataset, shown = self._dataset, self._dataset.shown(path)
        before = dataset.records.get(shown)
        if not path.exists():
            if before is not None:
                self._state(before, [], None)
                del dataset.records[shown]
            return set()
        read = self._reading.read(read_small(path, shown, limits.RECORD_BYTES), shown, self._values)
        kind = self._reading.type_of(read)
        name = kind.path + read.key.text
        if kind.iri == v.DATASET or any(other == name and file != shown for file, other in dataset.records.items()):
            return None
        if read.problems:
            raise UnreadableError(read.problems)
        quads = list(read)
        if before is not None:
            self._state(before, [], None)
        self._state(name, quads, read)
        dataset.records[shown] = name
        return {subject_of(quad) for quad in quads}

    def _state(self, name: str, quads: list[Quad], read: Read | None) -> None:
        """Put what a record says into the place of what the record of this name said."""
        graph = NamedNode(f"{self._dataset.base}graph/{name}")
        new = {*quads, *self._also.get(graph, ())}
        for quad in [quad for quad in self._store.quads_for_pattern(None, None, None, graph) if quad not in new]:
            self._store.remove(quad)
        self._store.extend(new)
        self._dataset.places.forget(self._dataset.base + name)
        if read is not None:
            self._dataset.places.add_later(self._dataset.base + name, read.placed)

    def _judged(self, nodes: frozenset[NamedNode]) -> list[Problem]:
        if not nodes:
            return []
        shapes = load_shapes(shapes_folders(self._dataset.folder))
        results = judge(shapes, self._store, self._dataset.ontology, self._dataset.base, only=nodes)
        waivers = [quad for p in (v.ENTITY, v.RULE) for quad in self._store.quads_for_pattern(None, p, None, None)]
        kept, _, _ = waive(results, waivers, shapes.rules, shapes.never_waived)
        return [problem_of(result, self._dataset, self._store) for result in kept]
