"""What is known of sorted statements while they are read from a file: where subjects begin, and which are of the classes asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg import vocabulary as v
from kg.reads import record

_BLOCK: Final = 32 * 2**10
"""Bytes of a block, at most but for its last subject, which is not divided."""
_TYPE: Final = f"{v.RDF_TYPE} ".encode()
_LABEL: Final = f"{v.RDFS_LABEL} ".encode()
_SUBJECT: Final = f"{v.RDF_SUBJECT} ".encode()


@dataclass(slots=True)
class Index:
    """Blocks by the subject that each begins with, and where; counts; the nodes of listed classes; and which facts there are.

    ``states`` has a record for each subject, ``labels`` one for each that has a label. ``about`` has the sum of the digests of the facts
    about a node, ``elsewhere`` the facts that are not named below the node.
    """

    firsts: list[bytes] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    size: int = 0
    subjects: int = 0
    quads: int = 0
    triples: int = 0
    facts: int = 0
    states: bytes = b""
    labels: list[bytes] = field(default_factory=list)
    listed: dict[bytes, list[bytes]] = field(default_factory=dict)
    about: dict[bytes, int] = field(default_factory=dict)
    elsewhere: dict[bytes, list[bytes]] = field(default_factory=dict)

    def add(self, other: Index) -> None:
        """What is known of the statements that come next, but for their states."""
        self.firsts += other.firsts
        self.starts += [self.size + start for start in other.starts]
        self.size += other.size
        self.subjects += other.subjects
        self.quads += other.quads
        self.triples += other.triples
        self.facts += other.facts
        self.labels += other.labels
        for cls, nodes in other.listed.items():
            self.listed.setdefault(cls, []).extend(nodes)
        for node, digests in other.about.items():
            self.about[node] = self.about.get(node, 0) + digests
        for node, facts in other.elsewhere.items():
            self.elsewhere.setdefault(node, []).extend(facts)


class Indexing:
    """The index of sorted lines. ``states`` and ``labels`` are what the tables of their states are called, ``listed`` classes."""

    def __init__(self, states: str, labels: str, listed: Collection[bytes]) -> None:
        self._states, self._labels, self._listed = states, labels, frozenset(listed)

    def __call__(self, lines: Sequence[bytes]) -> Index:
        """What is known of lines that begin and end with a subject."""
        index, states, within = Index(), [], b" "
        for subject, its in _by_subject(lines):
            body = b"".join(its)
            states.append(record(self._states, subject[:-1], body))
            if not subject.startswith(within) or index.size - index.starts[-1] >= _BLOCK:
                within = subject[: subject.find(b"#") + 1] or subject
                index.firsts.append(subject[:-1])
                index.starts.append(index.size)
            labels = self._look_at(subject, its, index)
            if labels:
                index.labels.append(record(self._labels, subject[:-1], b"".join(labels)))
            index.size += len(body)
            index.subjects += 1
        index.states, index.quads = b"".join(states), len(lines)
        return index

    def _look_at(self, subject: bytes, its: Sequence[bytes], index: Index) -> list[bytes]:
        """The labels of a subject; what it is, and what it is about, goes into the index."""
        labels, before = [], b""
        for line in its:
            statement = line[: line.rindex(b" <")]
            if statement != before:
                index.triples += 1
                before = statement
            if line.startswith(_LABEL, len(subject)):
                labels.append(line)
            elif line.startswith(_TYPE, len(subject)):
                cls = line.split(b" ", 3)[2]
                if cls in self._listed:
                    index.listed.setdefault(cls, []).append(subject[:-1])
            elif line.startswith(_SUBJECT, len(subject)):
                index.facts += 1
                about = line.split(b" ", 3)[2]
                digest = hashlib.blake2b(subject, digest_size=16).digest()
                index.about[about] = index.about.get(about, 0) + int.from_bytes(digest, "big")
                if not subject.startswith(about[:-1] + b"#"):
                    index.elsewhere.setdefault(about, []).append(subject[:-1])
        return labels


def _by_subject(lines: Sequence[bytes]) -> Iterator[tuple[bytes, Sequence[bytes]]]:
    """The lines of each subject, and the subject with the space that follows it."""
    first, subject = 0, lines[0][: lines[0].index(b" ") + 1] if lines else b""
    for number, line in enumerate(lines):
        if not line.startswith(subject):
            yield subject, lines[first:number]
            first, subject = number, line[: line.index(b" ") + 1]
    if lines:
        yield subject, lines[first:]
