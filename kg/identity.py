"""Which disease is meant: what several sources say of one disease meets on one node, by one written rule.

1. A curated record decides: what it calls an exact match is its disease; an exact match that it negates is none.
2. Otherwise a disease of a vocabulary is that of the first vocabulary (``rf:accessionRank`` in ``ontology/prefixes.ttl``; Mondo's
   comes first) that some source maps it to exactly, if the two are one to one: one disease there, and nothing else of this vocabulary
   mapped to it. What that one is, is asked in the same way.
3. Where it is not one to one, the disease stays a node of its own. So do those of one vocabulary that would meet by a way round, all
   but the one that is matched directly: a fact on the wrong disease is worse than one that stands apart. ``kg import --identity`` lists
   them.
4. An obsolete identifier with one replacement means the replacement.

The order in which sources are read plays no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disease that stays apart, the rule that keeps it apart, and the diseases that it might be or that compete with it."""

    accession: str
    why: str
    others: tuple[str, ...]


@dataclass
class Claims:
    """What is claimed of identity, by accession: exact matches of imports, pins and bans of curated records, what replaces the obsolete."""

    ranks: Mapping[str, int]
    exact: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pins: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bans: set[frozenset[str]] = field(default_factory=set)
    replaced: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    curated: set[str] = field(default_factory=set)

    def match(self, one: str, other: str) -> None:
        """An exact match that an import states."""
        self.exact[one].add(other)
        self.exact[other].add(one)

    def rank(self, accession: str) -> int:
        """The rank of its vocabulary; those without one come last."""
        return self.ranks.get(vocabulary(accession), len(self.ranks) + 1)


@dataclass(frozen=True)
class Identity:
    """The accession that each disease of a source goes by, where it is another one, and the cases that were not decided."""

    accessions: Mapping[str, str]
    conflicts: tuple[Conflict, ...]

    def of(self, accession: str) -> str:
        """The accession that a disease goes by."""
        return self.accessions.get(accession, accession)


def vocabulary(accession: str) -> str:
    """``ORPHA`` of ``ORPHA_101088``."""
    return accession.partition("_")[0]


def decide(claims: Claims, diseases: Iterable[str]) -> Identity:
    """The accession of each disease that an import speaks of, by the rule of this module."""
    listed = sorted(set(diseases))
    apart: dict[str, Conflict] = {}
    while True:
        found = _Deciding(claims, apart)
        decided = {accession: found.of(accession) for accession in listed}
        met = _met(claims, decided)
        if not met:
            break
        apart |= met  # what was decided by way of one of these is decided again
    changed = {accession: final for accession, final in decided.items() if final != accession}
    return Identity(changed, tuple(found.conflicts[each] for each in sorted(found.conflicts) if each in decided))


def _met(claims: Claims, decided: Mapping[str, str]) -> dict[str, Conflict]:
    """Those of one vocabulary that meet on one disease, but for the one that is matched with it directly."""
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for accession, final in decided.items():
        if accession != final and accession not in claims.pins and accession not in claims.replaced:
            together[final, vocabulary(accession)].append(accession)
    met = {}
    for (final, _), several in together.items():
        direct = [each for each in several if final in claims.exact[each]]
        for accession in several if len(several) > 1 else []:
            if direct != [accession]:
                others = tuple(each for each in several if each != accession)
                met[accession] = Conflict(accession, "two-of-one-vocabulary", (final, *others))
    return met


class _Deciding:
    def __init__(self, claims: Claims, apart: Mapping[str, Conflict]) -> None:
        self.claims = claims
        self.known: dict[str, str] = {accession: accession for accession in apart}
        self.conflicts: dict[str, Conflict] = dict(apart)

    def of(self, accession: str) -> str:
        if accession not in self.known:
            self.known[accession] = self._decide(accession)
        return self.known[accession]

    def _decide(self, accession: str) -> str:
        claims = self.claims
        if accession in claims.curated:
            return accession
        if owners := claims.pins.get(accession):
            return next(iter(owners)) if len(owners) == 1 else self._apart(accession, "two-records-claim-it", owners)
        if accession in claims.replaced:
            return self._replaced(accession)
        rank = claims.rank(accession)
        near = {other for other in claims.exact.get(accession, ()) if claims.rank(other) < rank and self._holds(accession, other)}
        if not near:
            return accession
        first = min(map(claims.rank, near))
        candidates = {other for other in near if claims.rank(other) == first}
        if len(candidates) > 1:
            return self._apart(accession, "several-exact-matches", candidates)
        hub = next(iter(candidates))
        own = vocabulary(accession)
        rivals = {other for other in claims.exact[hub] if vocabulary(other) == own and other != accession and self._holds(hub, other)}
        return self._apart(accession, "shares-its-exact-match", {hub, *rivals}) if rivals else self.of(hub)

    def _replaced(self, accession: str) -> str:
        chain = [accession]
        while replacements := self.claims.replaced.get(chain[-1]):
            if len(replacements) > 1 or replacements <= set(chain):
                return self._apart(accession, "several-replacements" if len(replacements) > 1 else "replaced-in-a-circle", replacements)
            chain.extend(replacements)
        return self.of(chain[-1])

    def _holds(self, one: str, other: str) -> bool:
        """Whether a match counts: no record forbids it, and the other is not obsolete."""
        return frozenset((one, other)) not in self.claims.bans and other not in self.claims.replaced

    def _apart(self, accession: str, why: str, others: Iterable[str]) -> str:
        self.conflicts[accession] = Conflict(accession, why, tuple(sorted(others)))
        return accession
