"""Statements by subject, read from a sorted file where they are needed: memory holds an index and what was read last.

The index is sparse, as that of a sorted string table is: the first subject of each block of the file, and where the block begins. No
block has statements of two nodes that have a page or a name of their own, so that what is read is what was asked for.
What is read is noted (``kg.reads``): the statements of a subject, graphs included, and which facts there are about a node.
"""

from __future__ import annotations

import hashlib
import shutil
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg import vocabulary as v
from kg.cuts import Named, Part, parts_of
from kg.earlier import name_of
from kg.indexing import Index, Indexing
from kg.parallel import HERE, Executor, Travelling, cores
from kg.ranges import AT_ONCE, Unsorted, sorted_ranges
from kg.reads import Reads, record
from kg.scratch import Scratch
from kg.sorting import once
from kg.terms import subject_of

_KEPT: Final = 1_000
"""So many blocks stay in memory as they were read; those of facts have 150 statements or so, those of works and terms few."""
_REMEMBERED: Final = 20_000
"""So many subjects are found again without a search; most are asked for many times in a row."""


class Subjects(Travelling, Mapping[NamedNode, list[Triple]]):
    """The triples of each subject in the union of the graphs, sorted, each once.

    The statements of files that are ``unsorted`` are sorted into a file of that name; the nodes of the classes ``listed`` can be asked for.
    """

    def __init__(
        self,
        scratch: Scratch,
        name: str,
        unsorted: Sequence[Unsorted],
        reads: Reads,
        listed: Collection[NamedNode] = (),
        executor: Executor = HERE,
        size: int = AT_ONCE,
    ) -> None:
        self._scratch = scratch  # so that the file stays
        self.reads = reads
        self.path = scratch.path / name
        self._name, self._facts, self._labels = name, f"facts of {name}", f"labels of {name}"
        self._states = scratch.path / f"{name}.states"
        self._classes = {cls: str(cls).encode() for cls in listed}
        self.index = Index()
        indexing = Indexing(self._name, self._labels, self._classes.values())
        with self.path.open("wb") as file, self._states.open("wb") as states:
            for path, found in sorted_ranges(unsorted, scratch.path, executor, indexing, size):
                with path.open("rb") as part:
                    shutil.copyfileobj(part, file, 2**20)
                path.unlink()
                states.write(found.states)
                self.index.add(found)
        self._firsts, self._starts = self.index.firsts, [*self.index.starts, self.index.size]
        reads.tables |= {self._name: self._states.read_bytes, self._facts: self._states_of_facts, self._labels: self._states_of_labels}

    def __getstate__(self) -> dict[str, Any]:
        index = replace(self.index, labels=[], about={})  # states are compared by who sends it
        return {**super().__getstate__(), "index": index}

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the states of all subjects: what all that is made of them follows from."""
        return hashlib.sha256(self._states.read_bytes()).digest()

    def _states_of_labels(self) -> bytes:
        return b"".join(self.index.labels)

    def _states_of_facts(self) -> bytes:
        return b"".join(sorted(record(self._facts, node, str(state).encode()) for node, state in self.index.about.items()))

    @cached_property
    def _block(self) -> Callable[[int], dict[NamedNode, list[Triple]]]:
        return lru_cache(maxsize=_KEPT)(self._read)

    @cached_property
    def _found(self) -> Callable[[NamedNode], list[Triple] | None]:
        return lru_cache(maxsize=_REMEMBERED)(self._find)

    def of_type(self, cls: NamedNode) -> list[NamedNode]:
        """The nodes of a listed class, by IRI."""
        self.reads.whole(self._name)
        return [_node(each) for each in dict.fromkeys(self.index.listed.get(self._classes[cls], ()))]

    @cached_property
    def _about_it(self) -> Callable[[NamedNode], list[NamedNode]]:
        return lru_cache(maxsize=_KEPT)(self._find_facts)

    def facts(self, node: NamedNode) -> list[NamedNode]:
        """The facts about a node, by IRI. Most are named below it (``disease/X#fact``), and only where others are has to be known."""
        self.reads.note(self._facts, node)
        return list(self._about_it(node))

    def _find_facts(self, node: NamedNode) -> list[NamedNode]:
        below = (s for s, triples in self._below(node) if any(t.predicate == v.RDF_SUBJECT and t.object == node for t in triples))
        return sorted({*below, *map(_node, self.index.elsewhere.get(str(node).encode(), ()))}, key=str)

    def _below(self, node: NamedNode) -> Iterator[tuple[NamedNode, list[Triple]]]:
        prefix = f"<{node.value}#".encode()
        for number in range(max(bisect_left(self._firsts, prefix) - 1, 0), len(self._firsts)):
            if self._firsts[number] > prefix and not self._firsts[number].startswith(prefix):
                return
            yield from ((s, triples) for s, triples in self._block(number).items() if s.value.startswith(f"{node.value}#"))

    def labels(self, node: NamedNode) -> list[Triple]:
        """The labels of a node, and nothing else of it is read."""
        self.reads.note(self._labels, node)
        return [t for t in self._found(node) or () if t.predicate == v.RDFS_LABEL]

    def __getitem__(self, node: NamedNode) -> list[Triple]:
        self.reads.note(self._name, node)
        found = self._found(node)
        if found is None:
            raise KeyError(node)
        return found

    def get(self, node: NamedNode, default: Any = None) -> Any:
        """As a dictionary's, without an exception on the way: many nodes that are asked for are no subjects."""
        self.reads.note(self._name, node)
        found = self._found(node)
        return default if found is None else found

    def __iter__(self) -> Iterator[NamedNode]:
        self.reads.whole(self._name)
        for number in range(len(self._firsts)):
            yield from self._read(number)

    def __len__(self) -> int:
        self.reads.whole(self._name)
        return self.index.subjects

    def parts(self, size: int) -> list[Part]:
        """The file in parts of about so many bytes, none of which ends within a document."""
        return parts_of(self._firsts, self._starts, size)

    def named(self, size: int) -> list[Named]:
        """The same, by what is in them."""
        return list(self._named(size))

    @cached_property
    def _named(self) -> Callable[[int], list[Named]]:
        return lru_cache(self._name_parts)

    def _name_parts(self, size: int) -> list[Named]:
        with ThreadPoolExecutor(cores()) as threads:  # what reads and hashes lets others work meanwhile
            names = threads.map(lambda part: name_of(self.read(part)), self.parts(size))
            return [Named(*part, name) for part, name in zip(self.parts(size), names, strict=True)]

    def first(self, part: Part | Named) -> bytes:
        """The first subject of a part."""
        return self._firsts[bisect_left(self._starts, part[0])]

    def read(self, part: Part | Named) -> bytes:
        """A part as it stands in the file."""
        with self.path.open("rb") as file:
            file.seek(part[0])
            return file.read(part[1] - part[0])

    def within(self, part: Part | Named) -> dict[NamedNode, list[Triple]]:
        """The subjects in a part, in the order of the file, with their triples."""
        triples = once(quad.triple for quad in parse(self.read(part), format=RdfFormat.N_QUADS))
        return {subject: list(those) for subject, those in groupby(triples, subject_of)}

    def text(self, node: bytes) -> bytes:
        """The lines of a node as they stand in the file; nothing where it is no subject."""
        self.reads.note(self._name, node.decode())
        number = bisect_right(self._firsts, node) - 1
        if number < 0:
            return b""
        body = b"\n" + self.read((self._starts[number], self._starts[number + 1]))
        wanted = b"\n" + node + b" "
        start = body.find(wanted)
        return body[start + 1 : body.index(b"\n", body.rfind(wanted) + 1) + 1] if start >= 0 else b""

    def _find(self, node: NamedNode) -> list[Triple] | None:
        number = bisect_right(self._firsts, str(node).encode()) - 1
        return self._block(number).get(node) if number >= 0 else None

    def _read(self, number: int) -> dict[NamedNode, list[Triple]]:
        return self.within((self._starts[number], self._starts[number + 1]))


def _node(term: bytes) -> NamedNode:
    return NamedNode(term.decode().strip(" <>"))
