"""What an importer says, put in order and together: equal facts become one with all their evidence, and everything is counted.

Only what is being sorted is held in memory (``kg.sorting``), so a file may be of any length.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, groupby

from kg import vocabulary as v
from kg.errors import KgError
from kg.sorting import sorted_lines
from kg.sources.model import COMMON_REASONS, Importer, Item, Note
from kg.sources.stated import Pairs, Stated
from kg.sources.statements import Stating
from kg.values import ValueRefusedError

_WORK, _TERM, _FACT = "0", "1", "2"
_EVIDENCE = str(v.EVIDENCE)
_DISEASE = [(str(v.RDF_TYPE), str(v.DISEASE))]


@dataclass
class Tally:
    """The arithmetic of an import: each item has facts (or terms) or a reason; each fact that was stated is written, once or with another.

    ``lost`` and ``notes`` count items and fields by reason.
    """

    items: int = 0
    used: int = 0
    stated: int = 0
    facts: int = 0
    diseases: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        """Raises AssertionError where an item has got lost in silence."""
        assert self.items == self.used + self.lost.total(), f"{self.items} items, but {self.used} used and {self.lost.total()} reported"


@dataclass(frozen=True, slots=True)
class Reported:
    """An item that is lost (with the reason), or whose facts leave something out."""

    file: str
    line: int
    what: str
    lost: str
    detail: str
    notes: tuple[Note, ...]


Report = Callable[[Reported], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """A node and its statements; ``accession`` is that of the disease that a fact or an evidence line belongs to."""

    iri: str
    pairs: Pairs
    accession: str = ""


def gathered(
    items: Iterable[Item], works: Iterable[Subject], stating: Stating, importer: Importer, tally: Tally, report: Report
) -> Iterator[Subject]:
    """The nodes of an import in order: works that facts cite, terms, then disease by disease its facts with their evidence.

    ``works`` are those of the files themselves. ``report`` is given every item that is lost or has notes, as it comes.
    """
    reasons = {**COMMON_REASONS, **importer.reasons}
    given = (_line(_WORK, work.iri, work.pairs) for work in works)
    texts = chain(given, _lines(items, stating, reasons, tally, report))
    lines = (line[:-1].decode() for line in sorted_lines(f"{text}\n".encode() for text in texts))
    for sort, group in groupby(lines, key=lambda line: line[0]):
        if sort == _FACT:
            yield from _facts(group, stating, tally)
        else:
            yield from _nodes(group)


def _lines(items: Iterable[Item], stating: Stating, reasons: Mapping[str, str], tally: Tally, report: Report) -> Iterator[str]:
    cited: set[str] = set()
    for item in items:
        texts, notes = [], list(item.notes)
        for fact in item.facts:
            try:
                stated = stating.fact(fact)
                for source in {value for line in fact.evidence for key, value in line.items() if key == "source" and ":" in value}:
                    if source not in cited:
                        cited.add(source)
                        texts.append(_line(_WORK, *stating.work_node(source)))
                texts.append(f"{_FACT}\t{stated.line()}")
                tally.stated += 1
            except ValueRefusedError as error:
                notes.append(Note(error.rule if error.rule in reasons else "refused", str(error)))
        for term in item.terms:
            try:
                texts.append(_line(_TERM, *stating.term(term)))
            except ValueRefusedError as error:
                notes.append(Note(error.rule if error.rule in reasons else "refused", str(error)))
        lost, detail = item.lost, item.detail
        if not texts and not lost:
            first = notes.pop(len(item.notes))
            lost, detail = first.reason, first.detail
        for reason in [*([lost] if lost else []), *(note.reason for note in notes)]:
            if reason not in reasons:
                raise KgError(f"{item.file}:{item.line}: {item.what}: gives the reason {reason!r}, which the importer does not explain")
        tally.items += 1
        tally.used += not lost
        tally.lost.update([lost] if lost else [])
        tally.notes.update(note.reason for note in notes)
        if lost or notes:
            report(Reported(item.file, item.line, item.what, lost, detail, tuple(notes)))
        yield from texts


def _line(sort: str, iri: str, pairs: Pairs) -> str:
    return f"{sort}\t{iri}\t{json.dumps(pairs, ensure_ascii=False, separators=(',', ':'))}"


def _nodes(lines: Iterable[str]) -> Iterator[Subject]:
    """Works and terms: what several items say of one is put together."""
    for iri, group in groupby((line.split("\t", 2) for line in lines), key=lambda parts: parts[1]):
        pairs = sorted({(predicate, value) for parts in group for predicate, value in json.loads(parts[2])})
        yield Subject(iri, pairs)


def _facts(lines: Iterable[str], stating: Stating, tally: Tally) -> Iterator[Subject]:
    parsed = (Stated.of_line(line[2:]) for line in lines)
    for accession, of_disease in groupby(parsed, key=lambda stated: stated.accession):
        tally.diseases += 1
        disease = stating.disease(accession)
        yield Subject(str(disease), list(_DISEASE), accession)
        for name, same in groupby(of_disease, key=lambda stated: stated.name):
            tally.facts += 1
            yield from _fact(f"{disease.value}#{name}", list(same), accession)


def _fact(iri: str, same: list[Stated], accession: str) -> Iterator[Subject]:
    """One fact and its evidence lines; lines of one work at several places are numbered."""
    if any(each.pairs != same[0].pairs for each in same):
        raise KgError(f"<{iri}> would name two facts; the hash in the names of facts has to be longer")
    lines = sorted({(name, tuple(pairs)) for each in same for name, pairs in each.evidence})
    count: Counter[str] = Counter()
    named = []
    for name, pairs in lines:
        count[name] += 1
        named.append((f"<{iri}.{name}{f'-{count[name]}' if count[name] > 1 else ''}>", pairs))
    yield Subject(f"<{iri}>", [*same[0].pairs, *((_EVIDENCE, line) for line, _ in named)], accession)
    for line, pairs in named:
        yield Subject(line, list(pairs), accession)
