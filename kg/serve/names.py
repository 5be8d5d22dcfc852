"""Which disease a text means: names and identifiers of a release, in memory, with an index over their words.

A wrong match is the worst that can happen, so a match is certain only where the text is exactly what names one disease, no
other disease has it in any way, and no other disease's name goes on from it: *hyper-IgM syndrome* is also how type 2 begins.
Typing errors are one letter wrong, missing, added or swapped, in words that no name has; that needs no library.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from kg.display import plain

_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9.]*:\S+")
_COMMON: Final = 3000
_TELLING: Final = 5
"""Digits that a number without its prefix must have to be certain: 73 is as well an age or a row."""
_CANDIDATES: Final = 400
EXACT, LONGER, OVERLAP = 100.0, 80.0, 75.0


@dataclass(frozen=True, slots=True)
class Disease:
    """A disease as search.json has it."""

    id: str
    path: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate: its score of 100, and whether it is certain."""

    disease: Disease
    score: float
    match: bool


@dataclass
class Names:
    """The index. Its size is bounded by the file it is made of."""

    diseases: list[Disease] = field(default_factory=list)
    _exact: dict[str, dict[int, bool]] = field(default_factory=dict)
    _numbers: dict[str, dict[int, bool]] = field(default_factory=dict)
    _by_word: dict[str, set[int]] = field(default_factory=dict)
    _sorted: list[str] = field(default_factory=list)
    _keys: list[list[frozenset[str]]] = field(default_factory=list)
    _schemes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Names:
        """The index of a release's ``assets/search.json``; without ``certain``, only the accession is."""
        found = cls(_schemes={folded(name): folded(prefix) for prefix, name in document["schemes"].items()})
        certain = document.get("certain") or [[0]] * len(document["diseases"])
        for (path, name, words), sure in zip(document["diseases"], certain, strict=True):
            found._add(Disease(path.rpartition("/")[2].partition(".")[0], path, name, tuple(words)), set(sure))
        found._sorted = sorted(found._exact)
        return found

    def _add(self, disease: Disease, sure: set[int]) -> None:
        number = len(self.diseases)
        self.diseases.append(disease)
        keys: dict[str, None] = {}
        for at, word in enumerate((*disease.words, disease.name)):
            key = folded(word)
            keys[key] = None
            owners = self._exact.setdefault(key, {})
            owners[number] = owners.get(number, False) or at in sure
            if _CODE.fullmatch(word):
                bare = self._numbers.setdefault(folded(word.partition(":")[2]), {})
                bare[number] = bare.get(number, False) or (at in sure and len(word.partition(":")[2]) >= _TELLING)
        self._keys.append([frozenset(key.split()) for key in keys])
        for word in {word for key in keys for word in key.split()}:
            self._by_word.setdefault(word, set()).add(number)

    def find(self, text: str, limit: int) -> list[Hit]:
        """The best candidates, best first."""
        key = self._resolved(folded(text))
        if not key:
            return []
        owners = self._exact.get(key) or self._numbers.get(key, {})
        scores = {number: EXACT if sure else EXACT - 10 for number, sure in owners.items()}
        goes_on = False
        for longer in self._longer(key):
            for number in self._exact[longer]:
                if number not in owners:
                    goes_on = goes_on or _is_boundary(key, longer)
                    scores[number] = max(scores.get(number, 0.0), LONGER * (0.5 + 0.5 * len(key) / len(longer)))
        for number, score in self._overlapping(key.split()):
            scores[number] = max(scores.get(number, 0.0), score)
        certain = len(owners) == 1 and all(owners.values()) and not goes_on
        if owners and not certain:  # what is not certain does not look so
            scores = {number: min(score, EXACT - 10) for number, score in scores.items()}
        best = sorted(scores, key=lambda number: (-scores[number], self.diseases[number].id))[: max(limit, 0)]
        return [Hit(self.diseases[number], round(scores[number], 1), certain and number in owners) for number in best]

    def get(self, identifier: str) -> Disease | None:
        """The disease of an accession."""
        return next((self.diseases[n] for n in self._exact.get(folded(identifier), {}) if self.diseases[n].id == identifier), None)

    def _resolved(self, key: str) -> str:
        """``orphanet 101088`` as ``orpha 101088``."""
        for name, prefix in self._schemes.items():
            rest = key.removeprefix(f"{name} ")
            if rest != key and f"{prefix} {rest}" in self._exact:
                return f"{prefix} {rest}"
        return key

    def _longer(self, key: str) -> Iterator[str]:
        at = bisect_left(self._sorted, key)
        for found in self._sorted[at : at + _CANDIDATES]:
            if not found.startswith(key):
                return
            if found != key:
                yield found

    def _overlapping(self, words: list[str]) -> Iterator[tuple[int, float]]:
        """Diseases that share the rarer words; words that no name has are taken for typing errors."""
        mended = [self._mended(word) for word in words[:20]]
        known = {word for each in mended for word in each}
        rare = sorted((word for word in known if len(self._by_word[word]) <= _COMMON), key=lambda word: len(self._by_word[word]))
        counts: dict[int, int] = {}
        for word in rare:
            for number in self._by_word[word]:
                counts[number] = counts.get(number, 0) + 1
        if known and not rare:  # only common words: diseases that have them all
            counts = dict.fromkeys(set.intersection(*(self._by_word[word] for word in known)), len(known))
        errors = sum(word not in self._by_word for word in words)
        for number in sorted(counts, key=lambda number: -counts[number])[:_CANDIDATES]:
            best = max(2 * len(known & each) / (len(each) + len(words)) for each in self._keys[number])
            yield number, max(OVERLAP * min(best, 1.0) - 2 * errors, 1.0)

    def _mended(self, word: str) -> list[str]:
        if word in self._by_word:
            return [word]
        if len(word) < 5 or len(word) > 40 or any(each.isdigit() for each in word):  # HIGM2 is no misspelt HIGM1
            return []
        cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        near = {a + b[1:] for a, b in cuts if b} | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        near |= {a + c + rest for a, b in cuts for c in _LETTERS for rest in (b, b[1:])}
        return sorted(near & self._by_word.keys())[:5]


def _is_boundary(key: str, longer: str) -> bool:
    """Whether a longer name is the shorter one with something added: *type 1* does not go on in *type 10*."""
    return longer[len(key)] == " " or (longer[len(key)].isdigit() and not key[-1].isdigit())


def folded(text: str) -> str:
    """A text as the index has it: words without accents, case and punctuation."""
    return " ".join(_WORD.findall(plain(text)))
