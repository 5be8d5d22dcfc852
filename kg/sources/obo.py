"""OBO files (https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html), frame by frame, each clause with its line.

The library fastobo has the grammar. It knows no lines of clauses, ends at the first mistake of a file, and panics at a comment that has
a line for itself; so it is given one frame at a time without such lines, and clause by clause where it refuses the frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import fastobo

from kg import limits
from kg.sources.model import SourceFile
from kg.sources.opening import lines, refuse

TERM = "Term"
_SORTS = (TERM, "Typedef", "Instance")
_OF_FRAMES = re.compile(
    "(?:id|name|def|synonym|xref|is_a|relationship|alt_id|is_obsolete|replaced_by|consider|namespace|subset|comment|creation_date|created_by"
    "|intersection_of|union_of|disjoint_from):"
)
_DATE = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
Lines = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Clause:
    """A line of a frame, its escapes undone: the tag, and the value (a name, a text, an identifier).

    ``relation`` is that of a property_value or relationship, ``scope`` and ``sort`` belong to a synonym, ``references`` are the list in
    brackets behind a definition or synonym, ``qualifiers`` what stands in braces.
    """

    line: int
    tag: str
    value: str
    relation: str = ""
    scope: str = ""
    sort: str = ""
    references: tuple[str, ...] = ()
    qualifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that cannot be read, and why."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Frame:
    """An entity: its sort (Term, Typedef, Instance), identifier, and clauses; those of a Term alone are read.

    Where the entity cannot be told, ``id`` is empty and every line stands in ``broken``.
    """

    sort: str
    line: int
    id: str
    clauses: tuple[Clause, ...] = ()
    broken: tuple[Broken, ...] = ()

    def first(self, tag: str) -> str:
        """The value of the first clause with this tag, or nothing."""
        return next((clause.value for clause in self.clauses if clause.tag == tag), "")

    @property
    def obsolete(self) -> bool:
        """Whether the frame says that its entity is no longer to be used."""
        return self.first("is_obsolete") == "true"


def release(file: SourceFile) -> str | None:
    """The day of the release, as ``data-version`` of the header gives it; None where it gives none. Raises UnreadableError."""
    for _, text in lines(file):
        if text.startswith("["):
            break
        if text.startswith("data-version:"):
            found = _DATE.search(text)
            return found.group() if found else None
    return None


def frames(file: SourceFile) -> Iterator[Frame]:
    """The frames of a file in its order; the header is passed over, but for clauses that belong to a frame. Raises UnreadableError."""
    seen = False
    for block in _blocks(file):
        if frame := _frame(block):
            seen = seen or bool(frame.id)
            yield frame
    if not seen:
        refuse(file.name, "no-frame", "has no entry that can be read; is it an OBO file?")


def _blocks(file: SourceFile) -> Iterator[Lines]:
    """The lines of each frame, blank lines and comments apart. An identifier begins one too: where its head is lost, it is no other's."""
    block: Lines = []
    size = 0
    for number, raw in lines(file):
        text = raw.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("[") or (text.startswith("id:") and not (len(block) == 1 and block[0][1].startswith("["))):
            yield block
            block, size = [], 0
        size += len(text)
        if size > limits.SOURCE_FRAME_BYTES:
            refuse(file.name, "too-large", f"has an entry of more than {limits.SOURCE_FRAME_BYTES:,} letters, which none is", number)
        block.append((number, text))
    yield block


def _frame(block: Lines) -> Frame | None:
    if not block:
        return None
    (line, head), rest = block[0], block[1:]
    if not head.startswith(("[", "id:")):  # the header; a clause of a frame among its lines has lost the head of its frame
        stray = [(number, text) for number, text in block if _OF_FRAMES.match(text)]
        return _lost(stray, "stands in no entry") if stray else None
    sort = head.partition("!")[0].strip()[1:-1]
    if head[0] != "[" or sort not in _SORTS:
        return _lost(block, f"begins with none of {', '.join(f'[{each}]' for each in _SORTS)}")
    if not rest or not rest[0][1].startswith("id:"):
        return _lost(block, "has no identifier")
    if sort != TERM:
        return Frame(sort, line, rest[0][1].removeprefix("id:").partition(" !")[0].strip())
    parsed = _parsed(rest)
    if not isinstance(parsed, str):
        return Frame(sort, line, *parsed)
    alone = _parsed(rest[:1])
    if isinstance(alone, str):
        return _lost(block, f"has an identifier that cannot be read: {alone}")
    clauses: list[Clause] = []
    broken: list[Broken] = []
    for each in rest[1:]:
        found = _parsed([rest[0], each])
        if isinstance(found, str):
            broken.append(Broken(*each, found))
        else:
            clauses.extend(found[1])
    return Frame(sort, line, alone[0], tuple(clauses), tuple(broken))


def _lost(block: Lines, why: str) -> Frame:
    return Frame("", block[0][0], "", (), tuple(Broken(line, text, why) for line, text in block))


def _parsed(block: Lines) -> tuple[str, tuple[Clause, ...]] | str:
    """The identifier and the clauses of the lines of a Term, or what is wrong with them."""
    try:
        (frame,) = fastobo.loads("[Term]\n" + "".join(f"{text}\n" for _, text in block), threads=1)
        return _named(frame.id), tuple(_clause(line, clause) for (line, _), clause in zip(block[1:], frame, strict=True))
    except SyntaxError as error:
        return f"{error.msg}, at column {error.offset}"
    except (TypeError, ValueError) as error:
        return str(error)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust gives up at; Python does not count it among its exceptions
            raise
        return str(error)


def _clause(line: int, clause: Any) -> Clause:
    tag = clause.raw_tag()
    qualifiers = tuple((_named(each.key), each.value) for each in clause.qualifiers or ())
    match tag:
        case "synonym":
            said = clause.synonym
            sort = _named(said.type) if said.type else ""
            return Clause(line, tag, said.desc.strip(), "", said.scope, sort, _references(said.xrefs), qualifiers)
        case "def":
            return Clause(line, tag, clause.definition, references=_references(clause.xrefs), qualifiers=qualifiers)
        case "property_value":
            value = clause.property_value.value
            text = value if isinstance(value, str) else _named(value)
            return Clause(line, tag, text.strip(), _named(clause.property_value.relation), qualifiers=qualifiers)
        case "relationship":
            return Clause(line, tag, _named(clause.term), _named(clause.typedef), qualifiers=qualifiers)
    value = {"name": "name", "xref": "xref", "alt_id": "alt_id", "is_a": "term", "replaced_by": "term", "consider": "term"}.get(tag)
    found = getattr(clause, value) if value else clause.raw_value()
    text = found.strip() if isinstance(found, str) else _named(found.id if tag == "xref" else found)
    return Clause(line, tag, text, qualifiers=qualifiers)


def _references(references: Iterable[Any]) -> tuple[str, ...]:
    return tuple(_named(each.id) for each in references)


def _named(identifier: Any) -> str:
    """An identifier without the escapes that fastobo writes it with."""
    if isinstance(identifier, fastobo.id.PrefixedIdent):
        return f"{identifier.prefix}:{identifier.local}"
    return identifier.unescaped if isinstance(identifier, fastobo.id.UnprefixedIdent) else str(identifier)
