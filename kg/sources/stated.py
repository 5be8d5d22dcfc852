"""A fact on its way from an importer to the graph: as RDF, and as a line of text that can be sorted."""

from __future__ import annotations

import json
from dataclasses import dataclass

Pairs = list[tuple[str, str]]
"""Predicate and object as N-Triples writes them (https://www.w3.org/TR/n-triples/)."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as RDF: the accession of its disease, its own name, its statements, and those of each evidence line by its name."""

    accession: str
    name: str
    pairs: Pairs
    evidence: list[tuple[str, Pairs]]

    def line(self) -> str:
        """One line of text that sorts by disease and name; ``of_line`` reads it."""
        return f"{self.accession}\t{self.name}\t{json.dumps([self.pairs, self.evidence], ensure_ascii=False, separators=(',', ':'))}"

    @classmethod
    def of_line(cls, line: str) -> Stated:
        """The fact that ``line`` wrote."""
        accession, name, rest = line.split("\t", 2)
        pairs, evidence = json.loads(rest)
        return cls(accession, name, [(p, o) for p, o in pairs], [(line, [(p, o) for p, o in said]) for line, said in evidence])
