"""Records, read or recalled: one whose bytes were read before, under the same ontology, is not read again.

What reading gave, the quads in their order, where each stands, and what the record is about, stays packed as text: in memory as well as
where it is recalled from, so that both are the same. Only what was read without a problem is kept. A record also depends on the base and
the language of its dataset and on the labels of the terms that it labels itself; these are kept with it, and where one is another now,
the record is read again.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg.errors import Place, Problem, UnreadableError
from kg.ontology import Ontology, RecordType
from kg.parallel import Executor
from kg.places import Places
from kg.recall import Recall, key_of
from kg.record_types import record_type
from kg.records import read_record
from kg.serialize import to_bytes
from kg.strict_yaml import parse_record
from kg.tree import Scalar
from kg.values import Values


@dataclass(frozen=True, slots=True)
class Read:
    """What reading the file of a record gave; ``name`` is how messages call it.

    ``about`` are the key of its type and its own key, with line and column; ``problems`` are what keeps it from being read: then it says
    nothing. ``packed`` are the head as JSON, the places as JSON, and the quads as N-Quads, ``count`` of them: with these predicates, and
    each about the ``subject`` of the record or a node whose IRI begins with its IRI.
    """

    name: str
    about: tuple[str, str, int, int]
    packed: bytes
    count: int = 0
    subject: str = ""
    predicates: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    @property
    def key(self) -> Scalar:
        """The key of the record, where it stands."""
        _, key, line, column = self.about
        return Scalar(Place(self.name, line, column), key, "text")

    def placed(self) -> Iterator[tuple[tuple[str, ...], Place]]:
        """Where each node, property and value stands."""
        for *keys, line, column in json.loads(self._unpacked()[1]):
            yield tuple(keys), Place(self.name, line, column)

    def may_be_about(self, subject: NamedNode) -> bool:
        """Whether one of the quads may have this subject."""
        return subject.value.startswith(self.subject)

    def says(self, predicates: Iterable[NamedNode]) -> bool:
        """Whether one of the quads has one of some predicates."""
        return any(predicate.value in self.predicates for predicate in predicates)

    @property
    def n_quads(self) -> bytes:
        """The quads as N-Quads, a line each."""
        return self._unpacked()[2]

    def __iter__(self) -> Iterator[Quad]:
        return parse(self.n_quads, format=RdfFormat.N_QUADS)

    def __len__(self) -> int:
        return self.count

    def _unpacked(self) -> list[bytes]:
        return zlib.decompress(self.packed).split(b"\n", 2)


class Reading:
    """Reads the records of a dataset, or recalls them."""

    def __init__(self, ontology: Ontology, recall: Recall | None) -> None:
        self.ontology = ontology
        self.recall = recall
        self._under = "".join(sorted(set(ontology.files.values()))).encode()
        self._predicates: dict[frozenset[str], frozenset[str]] = {}

    def recalled(self, sha256: str, base: str, language: str) -> list[Quad] | None:
        """The quads of a record that was read before in a dataset of this base and language; None where they are not known."""
        kept = self.recall.get(self._key(sha256)) if self.recall else None
        if kept is None:
            return None
        head, _, quads = kept.split(b"\n", 2)
        return list(parse(quads, format=RdfFormat.N_QUADS)) if json.loads(head)["needs"][:2] == [base, language] else None

    def read(self, content: bytes, name: str, values: Values) -> Read:
        """A record. Raises UnreadableError where its file does not say what it is about."""
        known = self._known(content, name, values)
        return self._keep(content, _read(content, name, values)) if known is None else known

    def read_all(self, records: list[tuple[str, bytes]], values: Values, executor: Executor) -> Iterator[Read | UnreadableError]:
        """The records of files, in their order; only what is not recalled is sent to others."""
        known = {name: self._known(content, name, values) for name, content in records}
        found = executor.map(_Reader(values).read, [(name, content) for name, content in records if known[name] is None])
        for name, content in records:
            kept = known[name]
            read = next(found) if kept is None else kept
            yield read if kept is not None or isinstance(read, UnreadableError) else self._keep(content, read)

    def type_of(self, read: Read) -> RecordType:
        """What a record is about."""
        return self.ontology.record_types[read.about[0]]

    def _key(self, sha256: str) -> bytes:
        """The key under which a record is kept, given the SHA-256 of its bytes."""
        return key_of("record", self._under, sha256.encode())

    def _known(self, content: bytes, name: str, values: Values) -> Read | None:
        packed = self.recall.packed(self._key(hashlib.sha256(content).hexdigest())) if self.recall else None
        if packed is None:
            return None
        try:
            head = json.loads(zlib.decompress(packed).partition(b"\n")[0])
        except zlib.error:
            return None
        if _needs(head["labels"], values) != head["needs"]:
            return None
        predicates = frozenset(head["predicates"])
        same = self._predicates.setdefault(predicates, predicates)  # most records have the same
        return Read(name, tuple(head["about"]), packed, head["count"], head["subject"], same)

    def _keep(self, content: bytes, read: Read) -> Read:
        if self.recall is not None and not read.problems:
            self.recall.put_packed(self._key(hashlib.sha256(content).hexdigest()), read.packed)
        return read


@dataclass(frozen=True)
class _Reader:
    """Reads one record after the other, here or elsewhere."""

    values: Values

    def read(self, record: tuple[str, bytes]) -> Read | UnreadableError:
        """What reading the file of a record gave, or why it gave nothing."""
        name, content = record
        try:
            return _read(content, name, self.values)
        except UnreadableError as error:
            return error


def _read(content: bytes, name: str, values: Values) -> Read:
    tree = parse_record(content, name)
    kind, key, _ = record_type(tree, values.ontology)
    about = kind.key, key.text, key.place.line, key.place.column
    asked: dict[str, None] = {}
    places = Places()
    try:
        quads = read_record(tree, replace(values, asked=asked), places)
    except UnreadableError as error:
        return Read(name, about, b"", problems=error.problems)
    found = places.found()
    subject, predicates = found[0][0][0], {quad.predicate.value for quad in quads}
    head = {
        "about": about,
        "subject": subject,
        "predicates": sorted(predicates),
        "count": len(quads),
        "labels": list(asked),
        "needs": _needs(list(asked), values),
    }
    where = [(*keys, place.line, place.column) for keys, place in found]
    body = to_bytes(quads, RdfFormat.N_QUADS)
    assert list(parse(body, format=RdfFormat.N_QUADS)) == quads, name
    lines = (json.dumps(each, separators=(",", ":")).encode() for each in (head, where))
    packed = zlib.compress(b"\n".join((*lines, body)), 1)
    return Read(name, about, packed, len(quads), subject, frozenset(predicates))


def _needs(labels: list[str], values: Values) -> list[Any]:
    """What of the rest of the dataset a record depends on, given the terms that it labels."""
    return [values.base, values.language, [sorted(values.labels[iri]) if iri in values.labels else None for iri in labels]]
