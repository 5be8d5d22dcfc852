"""Phrases on immunoglobulins: each is read for certain, or refused for a reason.

The judge here reads in another way than the reader. It knows no grammar: it tries every way to cut a phrase into pieces of one
level and its isotypes. Where the reader reads a phrase, there has to be one such way only, and it has to be the reader's.
"""

from __future__ import annotations

import csv
import itertools
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, parse

from kg.sources import immunoglobulins as reader
from kg.sources.immunoglobulins import LEVELS, Findings, Reason, Refused, read_phrase
from tests.conftest import ROOT

RF = "https://w3id.org/rarefacts/vocab#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ISOTYPES = ("IgG", "IgA", "IgM", "IgE", "IgD")
QUICK = settings(max_examples=400, deadline=None, derandomize=True, database=None)

CASES = [
    tuple(cell.replace(r"\n", "\n") for cell in line.split("\t"))
    for line in (Path(__file__).parent / "sources" / "immunoglobulins.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]
READ = [case[0] for case in CASES if not case[1].startswith("REFUSED")]

Meaning = frozenset[tuple[str, frozenset[str], str]]
"""Isotype, levels, occurrence."""

SAID = {
    **dict.fromkeys(["absent", "undetectable"], "absent"),
    **dict.fromkeys(["low", "decreased", "reduced"], "low"),
    **dict.fromkeys(["normal", "nl"], "normal"),
    **dict.fromkeys(["high", "elevated", "increased", "raised"], "elevated"),
}
HARMLESS = re.compile("serum|total|levels?|of|very|slightly|mildly|markedly|severely|and|with|but|[&,;.•]")
LIMITING = [
    *(
        "some",
        "most",
        "few",
        "half",
        "patients",
        "50%",
        "rarely",
        "at birth",
        "later",
        "after",
        "progressive",
        "may",
        "if",
        "hyper",
        "±",
        "(",
    ),
    *(
        "variable",
        "variably",
        "relative",
        "near",
        "borderline",
        "no",
        "not",
        "without",
        "never",
        "and/or",
        "IgG2",
        "IgA1",
        "subclass",
        "?",
        "~",
    ),
]
_FURTHER = re.compile(
    r"(?is)(?:[.;•\r\n,]|\b(?:but|and|with)\b)(?:(?!\b(?:but|and|with)\b)[^.;•\r\n,])*?\b(?:antibod|autoantibod|ab\b|respons|production).*"
)


def meanings(phrase: str) -> set[Meaning]:
    """What a phrase may mean, cut into pieces in every way: each has one level or set of levels, first or last, and isotypes."""
    if further := _FURTHER.search(phrase):
        if re.search(r"(?i)\big", further[0]):
            return set()
        phrase = phrase[: further.start()]
    items: list[tuple[str, frozenset[str], str]] = []
    linked, occurrence = False, ""
    for word in re.findall(r"[\w-]+|[^\w\s]", phrase):
        plain = word.lower()
        if plain in ("or", "/", "to"):
            linked = True
            if not items or items[-1][0]:
                return set()  # between isotypes, or at the beginning
        elif plain in SAID and linked:
            items[-1] = ("", items[-1][1] | {SAID[plain]}, items[-1][2])
            linked = False
        elif plain in SAID:
            items.append(("", frozenset({SAID[plain]}), occurrence))
            occurrence = ""
        elif plain in ("occasionally", "sometimes", "usually"):
            occurrence = "usually" if plain == "usually" else "sometimes"
        elif re.fullmatch("(ig)?[gamed]", plain) and not linked and not occurrence:
            items.append((f"Ig{plain[-1].upper()}", frozenset(), ""))
        elif not HARMLESS.fullmatch(plain):
            return set()
    return set(_cut(items)) if not (linked or occurrence) else set()


def _cut(items: list[tuple[str, frozenset[str], str]]) -> Iterator[Meaning]:
    if not items:
        yield frozenset()
    for end in range(2, len(items) + 1):
        for level, isotypes in ((items[0], items[1:end]), (items[end - 1], items[: end - 1])):
            if not level[0] and all(isotype for isotype, _, _ in isotypes):
                for rest in _cut(items[end:]):
                    yield rest | {(isotype, level[1], level[2]) for isotype, _, _ in isotypes}


def meaning(found: Findings) -> Meaning:
    return frozenset((each.isotype, frozenset(each.levels), each.occurrence) for each in found.findings)


def judge(phrase: str) -> bool:
    """Whether the phrase was read; fails where it has another meaning, or a second one."""
    found = read_phrase(phrase)
    if isinstance(found, Findings):
        assert meanings(phrase) == {meaning(found)}, (phrase, found)
    return isinstance(found, Findings)


def words(phrase: str) -> list[str]:
    return re.findall(r"[\w/-]*\w|[^\w ]", phrase)


def shown(found: Findings | Refused) -> tuple[str, str]:
    """As the table of cases shows it."""
    if isinstance(found, Refused):
        return f"REFUSED {found.reason.name}", found.words
    each = (f"{one.isotype}: {', '.join(one.levels)}" + (f" ({one.occurrence})" if one.occurrence else "") for one in found.findings)
    return "; ".join(each), found.beside


@pytest.mark.parametrize(("phrase", "said", "further"), [case[:3] for case in CASES], ids=[repr(case[0]) for case in CASES])
def test_case(phrase: str, said: str, further: str) -> None:
    """A phrase is read as the table of cases says, or refused for the reason and the words that stand there."""
    assert shown(read_phrase(phrase)) == (said, further)


def test_the_table_of_cases_is_whole() -> None:
    """No case stands twice, each reason is met, and so is each word that the reader knows."""
    assert len(CASES) == len({case[0] for case in CASES}) > 140
    assert {case[1].removeprefix("REFUSED ") for case in CASES if case[1].startswith("REFUSED")} == {reason.name for reason in Reason}
    met = {word for case in CASES for word in words(case[0].lower().replace("/", " / ").replace("and / or", "and/or"))}
    assert (reader._LETTERS.keys() | reader._TELLING.keys()) - met == set()


def test_the_words_are_the_ontology_s() -> None:
    """Isotypes, levels and occurrences are the ontology's own terms, and none is forgotten."""
    quads = [
        quad for path in sorted((ROOT / "ontology").glob("*.ttl")) for quad in parse(path=str(path)) if quad.predicate.value == RDF + "type"
    ]
    terms = {
        name: {quad.subject.value.removeprefix(RF) for quad in quads if quad.object == NamedNode(RF + name)}
        for name in ("Isotype", "Level", "Occurrence")
    }
    assert (set(ISOTYPES), set(LEVELS)) == (terms["Isotype"], terms["Level"])
    found = (read_phrase(f"{word} low IgG") for word in ("sometimes", "usually"))
    assert {each.findings[0].occurrence for each in found if isinstance(each, Findings)} == terms["Occurrence"]


def test_judge_tells_ways_apart() -> None:
    """The judge sees two meanings where there are two, and none where something is left over; else it could find nothing wrong."""
    assert len(meanings("IgG low IgA high IgM")) == 0
    assert len(meanings("low IgG, IgA, IgM high")) == 2
    assert len(meanings("IgM normal or high low IgG, IgA")) == 1
    assert meanings("low IgG or IgA") == meanings("IgG") == meanings("low") == meanings("lwo IgG") == set()


def test_short_phrases_one_and_all() -> None:
    """Of all phrases of up to six words, in any order, those that are read have one meaning only, which is the reader's."""
    alphabet = ["IgG", "IgA", "low", "high", "or", "and", ","]
    phrases = [" ".join(each) for length in range(1, 7) for each in itertools.product(alphabet, repeat=length)]
    assert sum(judge(phrase) for phrase in phrases) > 100


def near(phrase: str) -> Iterator[str]:
    """The phrase with one word lost, one doubled, or two swapped."""
    each = words(phrase)
    for at in range(len(each)):
        yield " ".join(each[:at] + each[at + 1 :])
        yield " ".join(each[: at + 1] + each[at:])
        for other in range(at):
            yield " ".join([*each[:other], each[at], *each[other + 1 : at], each[other], *each[at + 1 :]])


def test_cases_with_a_mistake() -> None:
    """With one word lost, doubled or swapped, a phrase is refused or read as what it then says; nothing is filled in."""
    phrases = [changed for phrase in READ for changed in near(phrase)]
    assert len(READ) < 100 < sum(judge(changed) for changed in phrases) < len(phrases) / 2


@pytest.mark.parametrize("word", LIMITING)
def test_limits_are_not_passed_over(word: str) -> None:
    """A word that limits, denies or is not known has a phrase refused, wherever it stands."""
    for phrase in READ:
        each = words(phrase)
        for at in range(len(each) + 1):
            assert isinstance(read_phrase(" ".join([*each[:at], word, *each[at:]])), Refused), (phrase, word)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Meaning]:
    """A phrase, made from findings in one of several styles, and its meaning."""
    isotypes = draw(st.permutations(ISOTYPES))
    groups = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda sizes: sum(sizes) <= len(ISOTYPES)))
    after = draw(st.integers(0, len(groups)))
    clauses, meaning, at = [], set(), 0
    for number, size in enumerate(groups):
        levels = draw(st.sets(st.sampled_from(LEVELS), min_size=1, max_size=3).map(sorted))
        named = [draw(st.sampled_from([word for word, level in SAID.items() if level == each])) for each in levels]
        range_ = {tuple(sorted(LEVELS[at : at + 2])) for at in range(3)}
        level = draw(st.sampled_from([" or ", "/", *[" to "] * (tuple(levels) in range_)])).join(draw(st.permutations(named)))
        members = isotypes[at : at + size]
        at += size
        several = [" and ", ", and "] if number < after and size == 2 else [", ", " and "] if size == 2 else [" and ", ", and "]
        who = ", ".join(members[:-1]) + draw(st.sampled_from(several)) + members[-1] if size > 1 else members[0]
        who = draw(st.sampled_from(["", "serum ", "total "])) + who
        clauses.append(f"{who} {level}" if number < after else f"{level}{draw(st.sampled_from([' ', ' levels of ']))}{who}")
        meaning |= {(each, frozenset(levels), "") for each in members}
    text = clauses[0] + "".join(draw(st.sampled_from([", ", "; ", " and ", " with ", ", but ", ".\n"])) + clause for clause in clauses[1:])
    text += draw(st.sampled_from(["", ".", ", poor vaccine responses", "; low specific antibodies"]))
    return draw(st.sampled_from([text, text.upper(), text.replace("Ig", "ig"), text[0].upper() + text[1:]])), frozenset(meaning)


@given(written())
@QUICK
def test_made_from_findings(case: tuple[str, Meaning]) -> None:
    """What findings are written as is read back as these findings, in all styles that the reader knows."""
    phrase, meant = case
    found = read_phrase(phrase)
    assert isinstance(found, Findings), found
    assert meaning(found) == meant


@given(written(), st.data())
@QUICK
def test_made_with_a_mistake(case: tuple[str, Meaning], data: st.DataObject) -> None:
    """The same with a mistake in it is refused, or read as the one thing that it then says."""
    judge(data.draw(st.sampled_from(list(near(case[0])))))


@given(written(), st.text(min_size=1, max_size=8), st.data())
@QUICK
def test_made_with_noise(case: tuple[str, Meaning], noise: str, data: st.DataObject) -> None:
    """With any text between its words, a phrase is refused or read as the one thing that it then says."""
    each = words(case[0])
    at = data.draw(st.integers(0, len(each)))
    judge(" ".join([*each[:at], noise, *each[at:]]))


@given(st.text() | st.lists(st.sampled_from([*reader._LETTERS, *reader._TELLING, *ISOTYPES, "A", "M", "x"])).map(" ".join))
@QUICK
def test_any_text(text: str) -> None:
    """Any text is read or refused, and what is read names its isotypes."""
    found = read_phrase(text)
    assert isinstance(found, Refused) or all(one.isotype[2] in text.upper() for one in found.findings)


@pytest.mark.parametrize(
    "piece", ["low IgG, ", "IgG and ", "low or ", "IgG low ", "   ", "\n", "serum ", "low IgG and poor antibody or ", "anti-", "a-"]
)
def test_long_texts(piece: str) -> None:
    """The time for a text grows with its length and no faster: a quadratic one would take minutes for these."""
    began = time.process_time()
    for text in (piece * 20_000, piece * 20_000 + "x", "low IgG" + piece * 20_000 + "IgG"):
        assert isinstance(read_phrase(text), Refused)
    assert time.process_time() - began < 5


def test_real_phrases(real_data: Path) -> None:
    """Of the 591 rows of the IUIS table 44 are read; judge and the table's own summary agree, and a mistake does no harm."""
    with (real_data / "iei" / "iusis_iei_table_2025.tsv").open(encoding="utf-8", newline="") as file:
        rows = [(row["Ig details"], row["Ig"]) for row in csv.DictReader(file, delimiter="\t")]
    phrases = Counter(phrase for phrase, _ in rows if phrase != "NA")
    read = {phrase: found for phrase in phrases if isinstance(found := read_phrase(phrase), Findings)}
    assert (len(rows), len(phrases), phrases.total()) == (591, 72, 368)
    assert (len(read), sum(phrases[phrase] for phrase in read)) == (30, 44)
    assert all(map(judge, read))
    assert sum(judge(changed) for phrase in read for changed in near(phrase)) > 100
    for phrase, found in read.items():
        again = " and ".join(" ".join([one.occurrence, " or ".join(one.levels), one.isotype]) for one in found.findings)
        assert read_phrase(again) == Findings(found.findings), phrase
    agree = Counter(
        _agrees({level for one in read[phrase].findings for level in one.levels}, column) for phrase, column in rows if phrase in read
    )
    assert agree == {True: 35, None: 9}


def _agrees(levels: set[str], column: str) -> bool | None:
    """Whether levels fit what the table's authors have made of the same phrase; nothing is said where they speak of defects."""
    fits = {"low": levels <= {"low", "absent"}, "high": "elevated" in levels and "low" not in levels, "normal": levels == {"normal"}}
    return fits.get(column, len(levels) > 1 if column == "mixed" else None)
