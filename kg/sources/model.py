"""What an importer says: of each item of its source, the facts that it became, or why it became none.

An importer speaks the language of records (the keys of the ontology, CURIEs, plain texts) and knows no RDF; ``kg.sources.statements``
turns what it says into quads. Nothing is dropped: an item without facts has a reason, and so has each field that a fact leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.prefixes import Prefixes

Value = str | bool | Sequence[str]
"""What stands behind a key of a record: a CURIE, a word of the ontology, a text, a number as text; True; or several."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that is imported, and the name that reports call it by: its base name."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Role:
    """A sort of file that a source is made of, and the work that facts from it cite.

    ``patterns`` are of file names, in small letters, as ``fnmatch`` reads them. ``work`` is what the key of the work begins with; the
    version follows it, such as ``mondo-2026-08-04``. ``version`` reads the version from a file, where it says it. A role without a work is
    of files that no fact cites, or of an importer that is told by one of its files what it reads (see ``Importer.describe``).
    """

    name: str
    patterns: tuple[str, ...]
    what: str
    work: str = ""
    title: str = ""
    publisher: str = ""
    license: str = ""
    page: str = ""
    required: bool = True
    version: Callable[[SourceFile], str | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run of an importer is given: its files by role, and the key of the work that each role's facts cite.

    ``ontology`` is that of the dataset, for importers whose kinds of fact stand in one of their files; None means the shipped one.
    """

    files: Mapping[str, tuple[SourceFile, ...]]
    works: Mapping[str, str]
    ontology: Ontology | None = None

    @property
    def prefixes(self) -> Prefixes:
        """The prefixes that are known."""
        return (self.ontology or Ontology.load(ontology_folders())).prefixes


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a record would write it: the disease as the source calls it, the kind by its key, and the keys below it.

    ``about`` is a CURIE such as ``ORPHA:101088``; ``kind`` a key such as ``phenotype``; ``says`` holds the object, the predicate where the
    kind has several, and the qualifiers. A text is in English, unless ``lang`` among them says otherwise. Each evidence line has the keys
    of one in a record, with ``source``: the key of a work of the reading, or a CURIE such as ``PMID:14663287``; then ``via`` is the work
    that it was read in.
    """

    about: str
    kind: str
    says: Mapping[str, Value]
    evidence: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of an outside vocabulary as its own file describes it. ``label`` is empty where it may not be published.

    ``consider`` are terms that may be meant by an obsolete one that was split, or has no replacement.
    """

    curie: str
    label: str
    work: str
    lang: str = "en"
    obsolete: bool = False
    replaced_by: str = ""
    consider: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A field of an item that its facts leave out, and why: a reason of the importer's table, and what stood there."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Item:
    """The smallest thing of a source that can become facts, such as a row of a table, or an entry of a list in a packet.

    It has facts, or terms, or the reason why there are none (``lost``, with ``detail``); ``notes`` say what of it is missing from the
    facts. ``file`` and ``line`` (from 1; 0 where lines mean nothing) say where it stands, ``what`` names it for people.
    """

    file: str
    line: int
    what: str
    facts: tuple[Fact, ...] = ()
    terms: tuple[Term, ...] = ()
    lost: str = ""
    detail: str = ""
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.facts or self.terms) == bool(self.lost):
            raise ValueError(f"{self.file}:{self.line}: {self.what}: an item has facts or the reason why it has none, never both")


@dataclass(frozen=True, slots=True)
class Importer:
    """A source: its files, the reader that makes items of them, and the sentence for each reason that it gives.

    ``version`` is raised whenever the same files give other facts. ``describe``, where there is one, gives the importer with the name, the
    title and the works that one of its files tells, such as the mapping of somebody's own table; it raises UnreadableError.
    """

    name: str
    title: str
    roles: tuple[Role, ...]
    read: Callable[[Reading], Iterator[Item]]
    reasons: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    describe: Callable[[Mapping[str, tuple[SourceFile, ...]]], Importer] | None = None


COMMON_REASONS: Mapping[str, str] = {
    "broken-row": "the row has another number of cells than the header",
    "no-value": "the cell that matters is empty, or says that there is nothing",
    "no-kind": "there is no kind of fact for it in the ontology",
    "unknown-value": "the value is none of those that the importer knows, and is not guessed",
    "unknown-prefix": "the identifier is of a vocabulary that is not among the prefixes",
    "bare-number": "the identifier is a number without the vocabulary that it is of; a mapping can say it once, as prefix:",
    "identifier-pattern": "the identifier does not look like one of its vocabulary",
    "repeated": "it says nothing that another item of the source does not say",
    "refused": "the value does not fit the key of the ontology",
}
"""Reasons that any importer may give."""


def cited(work: str, locator: str, references: Sequence[str] = (), **also: str) -> tuple[dict[str, str], ...]:
    """Evidence lines: one for each reference (a CURIE such as ``PMID:1``), read in the work; the work itself where there is none."""
    if not references:
        return ({"source": work, "locator": locator, **also},)
    return tuple({"source": reference, "via": work, "locator": locator, **also} for reference in dict.fromkeys(references))
