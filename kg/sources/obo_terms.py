"""What any importer takes of an OBO file: the term of each entry (label, obsolescence), and what of the file can become nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kg.sources.model import Item, Note, SourceFile, Term
from kg.sources.obo import TERM, Frame

OF_THE_TERM: Final = frozenset({"name", "is_obsolete", "replaced_by"})
"""The tags of clauses that ``term_of`` reads."""

OBO_REASONS: Final[Mapping[str, str]] = {
    "broken-line": "the line cannot be read as OBO, or stands in an entry that has lost its head or its identifier",
    "other-vocabulary": "the entry is of another vocabulary, which the file only refers to",
    "replacement": "the term that is to be used in place of an obsolete one is of another vocabulary",
    "aside": "what says how the source is kept, and nothing of a disease; said once for all of it",
}
"""The reasons that these functions give, and that of what is passed over."""


def belongs(frame: Frame, prefix: str) -> bool:
    """Whether an entry is a term of the vocabulary with this prefix."""
    return frame.sort == TERM and frame.id.startswith(f"{prefix}:")


def reported(file: SourceFile, frame: Frame, prefix: str) -> Iterator[Item]:
    """The lines of an entry that cannot be read, and an entry that is no term of the vocabulary with this prefix."""
    for broken in frame.broken:
        yield Item(file.name, broken.line, f"{frame.id} {broken.text[:40]}".strip(), lost="broken-line", detail=broken.why)
    if frame.id and not belongs(frame, prefix):
        lost = "no-kind" if frame.sort != TERM else "other-vocabulary"
        yield Item(file.name, frame.line, f"[{frame.sort}] {frame.id}", lost=lost, detail="with all of its lines")


def term_of(frame: Frame, work: str) -> tuple[Term, tuple[Note, ...]]:
    """The term of an entry, and what is missing from it."""
    label, replacement = frame.first("name"), frame.first("replaced_by")
    notes = [] if label else [Note("no-value", "name")]
    if replacement.partition(":")[0] != frame.id.partition(":")[0]:
        notes += [Note("replacement", replacement)] if replacement else []
        replacement = ""
    return Term(frame.id, label, work, obsolete=frame.obsolete, replaced_by=replacement), tuple(notes)
