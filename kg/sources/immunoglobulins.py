"""Phrases on the immunoglobulins in the blood, read into findings: "IgM nl or high low IgG, IgA" (IUIS, ``Ig details``).

A phrase is read as a whole or not at all. Each of its words has to be known, and there has to be one way only to give every isotype
its level and every level its isotypes; all else is refused, for one of the reasons below. So "Decreased" is refused: nothing tells
which isotypes were measured (what it does tell has ``immunoglobulins_overall``). The grammar is regular; it stands below as regular
expressions over one letter for each word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

LEVELS: Final = ("absent", "low", "normal", "elevated")
"""The local names of the ontology's levels, from nothing to much."""


class Reason(Enum):
    """Why a phrase is not read. The text follows the words that show it."""

    EMPTY = "is empty"
    NO_ISOTYPE = "names no isotype, so that it is not certain which are meant"
    SUBCLASS = "is a subclass, which does not tell the level of the whole isotype"
    PART = "limits something to a part of the patients, and how much of the phrase is not certain"
    VARIES = "tells that a level varies, not which levels there are"
    COURSE = "speaks of a time or a course"
    DENIED = "denies something, and what is left is not certain"
    OPEN = "leaves open which of the isotypes is meant"
    NEAR = "is near a level, but none"
    WORD = "is not among the words that are known"
    ORDER = "does not give each isotype its level in one certain way"
    TWICE = "names an isotype twice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One isotype and all levels that the phrase allows it, in the order of ``LEVELS``.

    ``occurrence`` is the local name of the ontology's term, "sometimes" or "usually", where the phrase says that; else it is empty,
    and the finding is said of the disease without limit.
    """

    isotype: str
    levels: tuple[str, ...]
    occurrence: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a phrase says, in its order: one finding for an isotype.

    ``beside`` is the end of the phrase where that speaks of how antibodies work ("poor specific antibody production"), which is no
    level in the blood. It is not read any further, so an importer has to report it.
    """

    findings: tuple[Finding, ...]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a phrase is not read, and the words of the phrase that show it."""

    reason: Reason
    words: str

    def __str__(self) -> str:
        return f'"{self.words}" {self.reason.value}'


_LETTERS: Final = {
    # 0 to 3: the levels, as they stand in LEVELS.
    **dict.fromkeys(("absent", "undetectable"), "0"),
    **dict.fromkeys(("low", "decreased", "reduced"), "1"),
    **dict.fromkeys(("normal", "nl"), "2"),
    **dict.fromkeys(("high", "elevated", "increased", "raised"), "3"),
    **{",": "C", ";": "S", "and": "A", "&": "A", "or": "O", "/": "O", "to": "T", "with": "W", "but": "W"},
    # B, L, F, D: words that leave a level what it is; "slightly low" is below the normal range as well.
    **dict.fromkeys(("serum", "total"), "B"),
    **{"level": "L", "levels": "L", "of": "F"},
    **dict.fromkeys(("slightly", "mildly", "markedly", "severely", "very"), "D"),
    **dict.fromkeys(("occasionally", "sometimes"), "Q"),
    **dict.fromkeys(("usually",), "U"),
    # H: how well antibodies work, which says nothing of how many there are; N: what is said of that.
    **dict.fromkeys(("antibody", "antibodies", "ab", "autoantibody", "autoantibodies", "production", "response", "responses"), "H"),
    **dict.fromkeys(
        ("poor", "abnormal", "lack", "specific", "vaccine", "vaccines", "polysaccharide", "pps", "antigens", "live", "viral"), "N"
    ),
}
_TELLING: Final = {
    **dict.fromkeys(("some", "most", "few", "many", "half", "often", "rarely", "may"), Reason.PART),
    **dict.fromkeys(("variable", "variably", "varying"), Reason.VARIES),
    **dict.fromkeys(("progressive", "progressively", "initially", "later", "after", "older", "early"), Reason.COURSE),
    **dict.fromkeys(("no", "not", "never", "without"), Reason.DENIED),
    **dict.fromkeys(("near", "near-normal", "borderline", "low-normal", "high-normal"), Reason.NEAR),
    **dict.fromkeys(("igg1", "igg2", "igg3", "igg4", "iga1", "iga2", "subclass", "subclasses"), Reason.SUBCLASS),
    "and/or": Reason.OPEN,
}
# I: an isotype, in a capital, since "Iga" is also what is left of Igα; G: one by its letter alone, as in "IgM and A"; S: what ends a
# sentence or a line; N: "anti-insulin".
_WORD: Final = re.compile(
    r"(?P<I>[Ii][Gg][GAMED](?![\w-]))|(?P<G>[GAMED](?![\w-]))|(?P<S>[.;•\n\r][.;•\s]*)|(?P<N>[Aa]nti-(?![Ii]g)[a-z]+(?![\w-]))"
    r"|and/or\b|[^\W_]+(?:-[^\W_]+)*|\S"
)

_RANGE: Final = "0TD?1|D?1T[02]|2TD?[13]|D?3T2"  # from one level to the next: "low to high" would pass by "normal"
_ONE: Final = "(?:D?[13]|[02])"
_LEVEL: Final = f"(?:{_RANGE}|{_ONE}(?:O{_ONE})*)"
_AND: Final = "(?!^)(?:[CS][AW]?|[AW])"
# A list in front of its level needs an "and": in "IgG, IgA low" the level of IgG may have been lost.
_ISOTYPES_LEVEL: Final = f"B*I(?:(?:C[IG])*C?A[IG])?L?{_LEVEL}"
_LEVEL_ISOTYPES: Final = f"{_LEVEL}(?:LF)?B*I(?:(?:C|C?A)[IG])*L?"
_PART: Final = f"[QU]{_ONE}B*I"  # last, and with one isotype, since nothing tells how far "occasionally" reaches
_BESIDE: Final = "(?=[0-3NTFO]*H)[0-3NH](?:[0-3NHTFO]*[0-3NH])?"
_AT_ONCE: Final = "(?<=1)(?=D?3)|(?<=3)(?=D?1)"  # "IgM high low IgG": no level is called "high low", but one is called "low normal"
# Isotypes never stand between two levels that could both be theirs, as IgA does in "low IgG, IgA high".
_PHRASE: Final = re.compile(
    rf"(?P<after>{_ISOTYPES_LEVEL}(?:{_AND}{_ISOTYPES_LEVEL})*)?"
    rf"(?P<before>(?:^|{_AND}|{_AT_ONCE}){_LEVEL_ISOTYPES}(?:{_AND}{_LEVEL_ISOTYPES})*)?"
    rf"(?P<part>(?:^|{_AND}){_PART})?"
    rf"(?:{_AND}(?P<beside>{_BESIDE}(?:{_AND}{_BESIDE})*))?"
)
_CLAUSES: Final = {"after": re.compile(_ISOTYPES_LEVEL), "before": re.compile(_LEVEL_ISOTYPES), "part": re.compile(_PART)}


def read_phrase(text: str) -> Findings | Refused:
    """What a phrase says, or why it is not read. Reads any text, in time that grows with its length and no faster."""
    phrase = text.strip().removesuffix(".").rstrip()
    words = list(_WORD.finditer(phrase))
    letters = "".join(match.lastgroup or _LETTERS.get(match[0].lower(), "?") for match in words)
    return _refused(phrase, words, letters) or _read(phrase, words, letters)


def _refused(phrase: str, words: list[re.Match[str]], letters: str) -> Refused | None:
    """Why a phrase cannot be read, where a word or the want of one is enough to tell."""
    telling = [Refused(_TELLING[word[0].lower()], word[0]) for word in words if word[0].lower() in _TELLING]
    if telling:
        return telling[0]
    if "I" not in letters:
        return Refused(Reason.NO_ISOTYPE if words else Reason.EMPTY, phrase)
    if "?" in letters:
        return Refused(Reason.WORD, words[letters.index("?")][0])
    return Refused(Reason.OPEN, phrase) if re.search("[IG]O[IG]", letters) else None


def _read(phrase: str, words: list[re.Match[str]], letters: str) -> Findings | Refused:
    match = _PHRASE.fullmatch(letters)
    if match is None:
        return Refused(Reason.ORDER, phrase)
    clauses = [clause for name, each in _CLAUSES.items() if match[name] for clause in each.finditer(letters, *match.span(name))]
    findings = tuple(finding for clause in clauses for finding in _findings(clause, words))
    if len({finding.isotype for finding in findings}) < len(findings):
        return Refused(Reason.TWICE, phrase)
    return Findings(findings, phrase[words[match.start("beside")].start() :] if match["beside"] else "")


def _findings(clause: re.Match[str], words: list[re.Match[str]]) -> Iterator[Finding]:
    levels = tuple(LEVELS[number] for number in range(len(LEVELS)) if str(number) in clause[0])
    occurrence = {"Q": "sometimes", "U": "usually"}.get(clause[0][0], "")
    for word, letter in zip(words[slice(*clause.span())], clause[0], strict=True):
        if letter in "IG":
            yield Finding(f"Ig{word[0][-1]}", levels, occurrence)
