"""The first pass over the imports of a dataset: what records and imports claim of identity, and which fact stays where one has to yield."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import NamedNode, Quad

from kg import vocabulary as v
from kg.errors import KgError
from kg.identity import Claims, Identity, decide
from kg.imports import Node
from kg.ontology import Ontology
from kg.terms import Value

TYPE, SUBJECT, PREDICATE, OBJECT = map(str, (v.RDF_TYPE, v.RDF_SUBJECT, v.RDF_PREDICATE, v.RDF_OBJECT))
EVIDENCE, SOURCE, VIA, NEGATED = map(str, (v.EVIDENCE, v.SOURCE, v.VIA, v.NEGATED))
_ABOUT: Final = {TYPE, EVIDENCE, *map(str, (v.MODIFIED, v.RDFS_COMMENT, v.OWL_DEPRECATED, v.REASON))}
"""What is said about a fact rather than by it."""
Signature = tuple[tuple[str, str], ...]
Winner = tuple[int, str, str]
"""Of facts that would yield to each other, the one that stays: the rank of its vocabulary (-1 for a record), its IRI, its object."""


def signature(pairs: Iterable[tuple[str, str]]) -> Signature:
    """What a fact states: subject, predicate, object and qualifiers."""
    return tuple(sorted(pair for pair in pairs if pair[0] not in _ABOUT))


def language(text: str) -> str:
    """The language tag of a literal as N-Triples writes it, in small letters; nothing where it has none."""
    return text.rpartition("@")[2].lower() if text.startswith('"') and text[-1] not in '">' else ""


def _rank(prefix: NamedNode, rank: Value) -> int:
    if not rank.value.isdecimal():
        raise KgError(f'ontology: {prefix} has the rf:accessionRank "{rank.value}", which is none; give it a whole number, such as 9')
    return int(rank.value)


class Claimed:
    """What is known when the first pass is over. Raises KgError where a vocabulary has no number for its rank.

    All terms are as N-Triples writes them, accessions as IRIs of diseases end.
    """

    def __init__(self, ontology: Ontology, base: str) -> None:
        self.ontology = ontology
        self.diseases = f"<{base}{ontology.record_paths[v.DISEASE]}"
        self.yields = {str(s): str(o) for s, o in self._annotated(v.YIELDS_TO)}
        self.described: set[str] = set()
        self.facts: dict[Signature, str] = {}
        self.lines: set[tuple[str, str, str]] = set()
        self.winners: dict[tuple[str, str, str], Winner] = {}
        self.identity = Identity({}, ())
        self._named: set[str] = set()
        self._bids: list[tuple[str, str, str]] = []
        self._claims = Claims({ontology.text(s, v.SH_PREFIX) or "": _rank(s, o) for s, o in self._annotated(v.ACCESSION_RANK)})
        self._decides = {str(s) for s, _ in self._annotated(v.DECIDES_IDENTITY)}

    def _annotated(self, predicate: NamedNode) -> list[tuple[NamedNode, Value]]:
        subjects = (t.subject for t in self.ontology.triples if t.predicate == predicate)
        return [(s, o) for s in subjects if isinstance(s, NamedNode) for o in self.ontology.values(s, predicate)]

    def accession(self, iri: str) -> str:
        """The accession of a disease, of a fact of it, or of an entry of another vocabulary; nothing where it can have none."""
        if iri.startswith(self.diseases):
            return iri[len(self.diseases) : -1].partition("#")[0]
        return (self.ontology.prefixes.contract(iri[1:-1]) or "").replace(":", "_", 1)

    def renamed(self, iri: str) -> str:
        """The IRI of a disease, a fact or an evidence line with the accession that the disease goes by; others as they are."""
        if not iri.startswith(self.diseases):
            return iri
        own = self.accession(iri)
        name = self.identity.of(own)
        return iri if name == own else f"{self.diseases}{name}{iri[len(self.diseases) + len(own) :]}"

    def learn_records(self, quads: Iterable[Quad]) -> None:
        """What the dataset says without its imports: its diseases, facts and evidence, what it pins and forbids, works and terms."""
        said: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for quad in quads:
            said[str(quad.subject)].append((str(quad.predicate), str(quad.object)))
        for iri, pairs in said.items():
            told = dict(pairs)
            self.described.add(iri)
            if (TYPE, str(v.DISEASE)) in pairs:
                self._claims.curated.add(self.accession(iri))
            if SUBJECT in told and PREDICATE in told and OBJECT in told:
                self.facts.setdefault(signature(pairs), iri)
                self._learn_fact(iri, told)
                about = [dict(said[value]) for predicate, value in pairs if predicate == EVIDENCE]
                self.lines |= {(iri, line.get(SOURCE, ""), line.get(VIA, "")) for line in about}

    def _learn_fact(self, iri: str, told: Mapping[str, str]) -> None:
        disease, target = self.accession(told[SUBJECT]), self.accession(told[OBJECT])
        if told[PREDICATE] in self._decides and target and target != disease:
            if NEGATED in told:
                self._claims.bans.add(frozenset((disease, target)))
            else:
                self._claims.pins[target].add(disease)
        if told[PREDICATE] in self.yields and NEGATED not in told:
            self.winners[told[SUBJECT], told[PREDICATE], language(told[OBJECT])] = (-1, iri, told[OBJECT])

    def learn(self, node: Node) -> None:
        """What a node of an import says, whatever the order of nodes."""
        told = dict(node.pairs)
        if told.get(OBJECT, "").startswith(self.diseases):  # a parent may be no subject of its own source
            self._named.add(self.accession(told[OBJECT]))
        if told.get(TYPE) == str(v.DISEASE):
            self._named.add(self.accession(node.iri))
        elif str(v.REPLACED_BY) in told and SUBJECT not in told:
            replacements = {self.accession(value) for predicate, value in node.pairs if predicate == str(v.REPLACED_BY)}
            self._claims.replaced[self.accession(node.iri)] |= replacements
        elif NEGATED in told:
            return
        elif told.get(PREDICATE) in self._decides and (target := self.accession(told[OBJECT])):
            self._claims.match(self.accession(node.iri), target)
        elif told.get(PREDICATE) in self.yields:
            self._bids.append((node.iri, told[PREDICATE], told[OBJECT]))

    def decide(self) -> None:
        """Once all nodes are learned: each disease has its accession, and of facts that would yield one stays."""
        self.identity = decide(self._claims, self._named)
        for iri, predicate, value in self._bids:
            key = (self.renamed(f"{iri.partition('#')[0]}>"), predicate, language(value))
            bid = (self._claims.rank(self.accession(iri)), self.renamed(iri), value)
            self.winners[key] = min(self.winners.get(key, bid), bid)
