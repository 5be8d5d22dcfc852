"""Imports as they enter a dataset: diseases by their accession, each statement once, and what a record says left as it is.

- A disease of a source goes by the accession that ``kg.identity`` decides.
- A fact that a record states as well is not stated again: its evidence goes to the record's fact.
- Of several facts whose predicate yields (``rf:yieldsTo``) a record's stays, else that of the vocabulary that comes first; the others
  get the predicate that it yields to, and what says the same in other words of the ontology is evidence for the one that stays.
- Works and terms that the dataset describes are not described again; of several imports the first by name describes one.
- A link between two entries of a source that are one disease here would link it with itself: it is left out, and told (``Settled.within``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from kg.claimed import EVIDENCE, NEGATED, OBJECT, PREDICATE, SOURCE, SUBJECT, VIA, Claimed, language, signature
from kg.errors import Place
from kg.identity import Conflict
from kg.imports import Node
from kg.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Entering:
    """A node of an import as it enters the dataset; all terms as N-Triples writes them."""

    iri: str
    pairs: list[tuple[str, str]]
    graph: str

    def n_quads(self) -> str:
        """Its statements in N-Quads, a line each."""
        return "".join(f"{self.iri} {predicate} {value} {self.graph} .\n" for predicate, value in self.pairs)


@dataclass(frozen=True, slots=True)
class Within:
    """A fact that links two entries of a source which are one disease here, so that the dataset does not have it.

    ``entries`` are their accessions in the source, the subject first; ``works`` are what says so; the place is in the graph of the import.
    """

    accession: str
    entries: tuple[str, str]
    works: tuple[str, ...]
    place: Place


class Settled:
    """The imports of a dataset, put together with what it says itself: all of their nodes are learned first, then each is entered."""

    def __init__(self, ontology: Ontology, base: str, quads: Iterable[Quad]) -> None:
        self._known = Claimed(ontology, base)
        self._known.learn_records(quads)
        self._here: dict[str, str] = {}
        """The evidence lines of the fact that is being read, by their names in the import; a fact stands before its lines."""
        self.within: list[Within] = []
        """What is left out since it would link a disease with itself; complete once all nodes have entered."""

    def learn(self, node: Node) -> None:
        """Take note of what a node says; their order plays no part."""
        self._known.learn(node)

    def decide(self) -> None:
        """Decide what is one disease and which fact yields, once all nodes are learned."""
        self._known.decide()

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The diseases that stay apart since it cannot be told for certain which they are."""
        return self._known.identity.conflicts

    @property
    def accessions(self) -> dict[str, str]:
        """The accession that each disease of a source goes by, where that is another than the source's own."""
        return dict(self._known.identity.accessions)

    def enter(self, node: Node, graph: str, shown: str) -> Iterator[Entering]:
        """A node as it enters the dataset, in the graph of its import; in the order of imports by name and of their files, each once."""
        told = dict(node.pairs)
        if SUBJECT in told:
            yield from self._fact(node, told, graph, shown)
        elif "#" in node.iri and node.iri.startswith(self._known.diseases):
            yield from self._line(node, told, graph)
        else:
            yield from self._once(self._known.renamed(node.iri), node.pairs, graph)

    def _once(self, iri: str, pairs: list[tuple[str, str]], graph: str) -> Iterator[Entering]:
        if iri not in self._known.described:
            self._known.described.add(iri)
            yield Entering(iri, pairs, graph)

    def _line(self, node: Node, told: dict[str, str], graph: str) -> Iterator[Entering]:
        line = self._here.get(node.iri, "")
        fact = _fact_of(line)
        if line and (fact, told.get(SOURCE, ""), told.get(VIA, "")) not in self._known.lines and line not in self._known.described:
            yield Entering(fact, [(EVIDENCE, line)], graph)
            yield from self._once(line, node.pairs, graph)

    def _fact(self, node: Node, told: dict[str, str], graph: str, shown: str) -> Iterator[Entering]:
        known = self._known
        iri, disease, value, predicate = known.renamed(node.iri), known.renamed(told[SUBJECT]), known.renamed(told[OBJECT]), told[PREDICATE]
        self._here.clear()
        lines = [value for p, value in node.pairs if p == EVIDENCE]
        if value == disease:  # two that the source tells apart, one a subtype of the other, are one disease here
            entries = known.accession(told[SUBJECT]), known.accession(told[OBJECT])
            works = tuple(line[line.index(".", line.index("#")) + 1 : -1] for line in lines)
            self.within.append(Within(known.accession(disease), entries, works, Place(shown, node.line)))
            return
        if value != told[OBJECT]:
            iri = iri.replace(f"-{known.accession(told[OBJECT])}", f"-{known.accession(value)}", 1)
        if NEGATED not in told:
            iri, predicate = self._yielding(iri, disease, predicate, value)
        new = {SUBJECT: disease, OBJECT: value, PREDICATE: predicate}
        pairs = [(p, new.get(p, o)) for p, o in node.pairs if p != EVIDENCE]
        own = known.facts.get(signature(pairs), "")
        if not own:
            yield from self._once(iri, pairs, graph)
        self._here.update({line: (own or iri)[:-1] + line[line.index(".", line.index("#")) :] for line in lines})

    def _yielding(self, iri: str, disease: str, predicate: str, value: str) -> tuple[str, str]:
        """The IRI and the predicate of a fact, after those that yield have yielded."""
        known = self._known
        for first, second in known.yields.items():
            winner = known.winners.get((disease, first, language(value)))
            if winner is None or predicate not in (first, second):
                continue
            if winner[2] == value:
                return winner[1], first
            if predicate == first:
                return self._named(iri, first, second), second
        return iri, predicate

    def _named(self, iri: str, first: str, second: str) -> str:
        """The name of a fact with another predicate of its kind, as ``kg import`` would give it."""
        ontology = self._known.ontology
        one, other = NamedNode(first[1:-1]), NamedNode(second[1:-1])
        kind = next(kind for kind in ontology.kinds.values() if one in kind.predicates)
        said = "" if other == kind.default_predicate else f"{ontology.term(other)}-"
        return iri.replace(f"#{kind.key}-{ontology.term(one)}-", f"#{kind.key}-{said}", 1)


def _fact_of(line: str) -> str:
    """The fact of an evidence line: what comes before the first dot in its name."""
    return f"{line[: line.index('.', line.index('#'))]}>" if line else ""
