"""ORPHApackets as JSON whose form is not to be relied on: what stands in a field, however it is wrapped, and texts or nothing.

A field is an object that holds a list where it has one value, and a list of objects with one key where it has more; entries of
``ExternalReferences`` are wrapped in some packets and not in others. ``no data`` may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.json_text import JsonLdError, load
from kg.sources.model import Fact, Item, Note, Term, cited

_ROOT: Final = "Orphapacket"
_NOTHING: Final = frozenset({"", "no data", "No data available"})
_WRAPPINGS: Final = 4
"""How many lists and one-key objects may stand around a value; the packets have three."""


class OddFormError(Exception):
    """Something of a packet is not of a form that is known: the message says what."""


@dataclass(frozen=True, slots=True)
class Packet:
    """What one packet says of one disorder; ``work`` is the key of the work that its facts cite."""

    file: str
    work: str
    about: str
    content: Mapping[str, object]

    def told(self, what: str, *facts: Fact, terms: tuple[Term, ...] = (), notes: tuple[Note, ...] = ()) -> Item:
        """An item that became facts."""
        return Item(self.file, 0, f"{self.about}, {what}".rstrip(" :"), facts, terms, notes=notes)

    def lost(self, what: str, reason: str, detail: str = "") -> Item:
        """An item that became none, and why."""
        return Item(self.file, 0, f"{self.about}, {what}".rstrip(" :"), lost=reason, detail=detail)

    def fact(self, kind: str, /, **says: str | bool) -> Fact:
        """A fact of the disorder, cited as this packet of the work."""
        return Fact(self.about, kind, says, cited(self.work, self.about))


def root(content: bytes) -> Mapping[str, object]:
    """The fields of a packet. Raises OddFormError."""
    try:
        document = load(content)[1]
    except JsonLdError as error:
        raise OddFormError(str(error)) from None
    fields = document.get(_ROOT) if isinstance(document, dict) else None
    if not isinstance(fields, dict):
        raise OddFormError(f"has no {_ROOT} with fields")
    return fields


def entries(value: object, wrapper: str, depth: int = _WRAPPINGS) -> Iterator[object]:
    """The values in a field, freed of lists and of objects that hold nothing but ``wrapper``."""
    if isinstance(value, list) and depth:
        for each in value:
            yield from entries(each, wrapper, depth - 1)
    elif isinstance(value, dict) and set(value) == {wrapper} and depth:
        yield from entries(value[wrapper], wrapper, depth - 1)
    else:
        yield value


def text(value: object) -> str:
    """A text without blanks around it; the empty one where there is nothing, or ``no data``. Raises OddFormError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OddFormError(f"a text was expected, not {str(value)[:80]}")
    stripped = value.strip()
    return "" if stripped in _NOTHING else stripped


def fields(value: object, known: tuple[str, ...]) -> tuple[dict[str, object], tuple[Note, ...]]:
    """The known fields of an object (None where one is missing), and a note for each other one. Raises OddFormError."""
    if not isinstance(value, dict):
        raise OddFormError(f"an object was expected, not {str(value)[:80]}")
    notes = tuple(Note("unknown-key", f"{key}: {str(each)[:80]}") for key, each in value.items() if key not in known)
    return {key: value.get(key) for key in known}, notes


def one(packet: Packet, key: str, entry: object, read: Callable[[Packet, str, object], Item]) -> Item:
    """What ``read`` makes of an entry of the field ``key``; lost where there is nothing, or something of an odd form."""
    if entry is None or entry == "no data":
        return packet.lost(key, "no-value")
    try:
        return read(packet, key, entry)
    except OddFormError as error:
        return packet.lost(key, "odd-form", str(error))
