"""Records, read or recalled: one whose bytes were read before, under the same ontology, is not read again.

What is recalled is exactly what reading gave: its quads in their order, where each stands, and what the record is about. Only what was
read without a problem is kept. A record also depends on the base and the language of its dataset and on the labels of the terms that it
labels itself; these are kept with it, and where one is another now, the record is read again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse

from kg.errors import Place, Problem, UnreadableError
from kg.ontology import Ontology, RecordType
from kg.parallel import Executor
from kg.places import Places
from kg.recall import Recall, key_of
from kg.records import read_record, record_type
from kg.serialize import to_bytes
from kg.strict_yaml import parse_tree
from kg.tree import Node, Scalar
from kg.values import Values


class Reading:
    """Reads the records of a dataset, or recalls them."""

    def __init__(self, ontology: Ontology, recall: Recall | None) -> None:
        self.ontology = ontology
        self.recall = recall
        self._under = "".join(sorted(set(ontology.files.values()))).encode()

    def key(self, sha256: str) -> bytes:
        """The key under which a record is kept, given the SHA-256 of its bytes."""
        return key_of("record", self._under, sha256.encode())

    def recalled(self, sha256: str, base: str, language: str) -> list[Quad] | None:
        """The quads of a record that was read before in a dataset of this base and language; None where they are not known."""
        kept = self.recall.get(self.key(sha256)) if self.recall else None
        if kept is None:
            return None
        head, _, quads = kept.split(b"\n", 2)
        return list(parse(quads, format=RdfFormat.N_QUADS)) if json.loads(head)["needs"][:2] == [base, language] else None

    def open(self, content: bytes, name: str) -> Opened:
        """A record, as far as its file says without the rest of the dataset. Raises UnreadableError where it is no YAML of ours."""
        return self._known(content, name) or Opened(self, content, name, parse_tree(content, name), None)

    def open_all(self, records: list[tuple[str, bytes]], executor: Executor) -> tuple[dict[str, Opened], list[Problem]]:
        """The records of files, in their order, and what keeps others from being opened; only what is not recalled is sent to others."""
        known = {name: self._known(content, name) for name, content in records}
        missing = [(name, content) for name, content in records if known[name] is None]
        trees = dict(zip((name for name, _ in missing), executor.map(_tree, missing), strict=True))
        opened: dict[str, Opened] = {}
        problems: list[Problem] = []
        for name, content in records:
            tree = trees.get(name)
            if isinstance(tree, UnreadableError):
                problems.extend(tree.problems)
            else:
                opened[name] = known[name] or Opened(self, content, name, tree, None)
        return opened, problems

    def _known(self, content: bytes, name: str) -> Opened | None:
        kept = self.recall.get(self.key(hashlib.sha256(content).hexdigest())) if self.recall else None
        if kept is None:
            return None
        head, places, quads = kept.split(b"\n", 2)
        return Opened(self, content, name, None, (json.loads(head), places, quads))


@dataclass(frozen=True, slots=True)
class Opened:
    """The file of a record: its tree, or what reading it gave before; ``name`` is how messages call it."""

    reading: Reading
    content: bytes
    name: str
    parsed: Node | None
    kept: tuple[dict[str, Any], bytes, bytes] | None

    def about(self) -> tuple[RecordType, Scalar]:
        """What the record is about: its type, and the key that it gives. Raises UnreadableError."""
        if self.kept is None:
            return record_type(self.tree(), self.reading.ontology)
        kind, key, line, column = self.kept[0]["about"]
        return self.reading.ontology.record_types[kind], Scalar(Place(self.name, line, column), key, "text")

    def read(self, values: Values, places: Places) -> list[Quad]:
        """The quads of the record; where each stands goes to ``places``. Raises UnreadableError with every mistake."""
        if self.kept is not None:
            head, where, quads = self.kept
            if _needs(head["labels"], values) == head["needs"]:
                places.add_later(head["subject"], lambda: _placed(self.name, where))
                return list(parse(quads, format=RdfFormat.N_QUADS))
        asked: dict[str, None] = {}
        own = Places()
        quads_read = read_record(self.tree(), replace(values, asked=asked), own)
        found = own.found()
        subject = next(keys[0] for keys, _ in found)
        places.add_later(subject, lambda: iter(found))
        self._keep(quads_read, found, subject, list(asked), values)
        return quads_read

    def tree(self) -> Node:
        """The tree of the file."""
        return parse_tree(self.content, self.name) if self.parsed is None else self.parsed

    def _keep(self, quads: list[Quad], found: list[tuple[tuple[str, ...], Place]], subject: str, asked: list[str], values: Values) -> None:
        body = to_bytes(quads, RdfFormat.N_QUADS)
        if self.reading.recall is None or list(parse(body, format=RdfFormat.N_QUADS)) != quads:
            return
        kind, key = self.about()
        head = {
            "about": (kind.key, key.text, key.place.line, key.place.column),
            "subject": subject,
            "labels": asked,
            "needs": _needs(asked, values),
        }
        places = [(*keys, place.line, place.column) for keys, place in found]
        lines = (json.dumps(each, separators=(",", ":")).encode() for each in (head, places))
        self.reading.recall.put(self.reading.key(hashlib.sha256(self.content).hexdigest()), b"\n".join((*lines, body)))


def _tree(record: tuple[str, bytes]) -> Node | UnreadableError:
    name, content = record
    try:
        return parse_tree(content, name)
    except UnreadableError as error:
        return error


def _needs(labels: list[str], values: Values) -> list[Any]:
    """What of the rest of the dataset a record depends on, given the terms that it labels."""
    return [values.base, values.language, [sorted(values.labels[iri]) if iri in values.labels else None for iri in labels]]


def _placed(name: str, where: bytes) -> Iterator[tuple[tuple[str, ...], Place]]:
    for *keys, line, column in json.loads(where):
        yield tuple(keys), Place(name, line, column)
