"""The modules of an ontology or of shapes: which triples stand in which file, so that a page can be made of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from kg.layout import files_in
from kg.turtle import read_module


@dataclass(frozen=True, slots=True)
class Module:
    """A Turtle file by its stem, such as ``treatment`` of ``ontology/treatment.ttl``, and what it says."""

    stem: str
    triples: tuple[Triple, ...]

    @property
    def subjects(self) -> tuple[NamedNode, ...]:
        """What it speaks of, but for blank nodes, each once, sorted by IRI."""
        found = {triple.subject for triple in self.triples if isinstance(triple.subject, NamedNode)}
        return tuple(sorted(found, key=lambda node: node.value))


def modules(folders: list[Path]) -> tuple[Module, ...]:
    """The modules of some folders, sorted by stem; files of one stem make one module. Raises KgError naming file and line."""
    found: dict[str, list[Triple]] = {}
    for path in files_in(folders, "*.ttl"):
        found.setdefault(path.stem, []).extend(read_module(path)[1])
    return tuple(Module(stem, tuple(triples)) for stem, triples in sorted(found.items()))
