"""A YAML file as a tree of nodes that know their place, read strictly.

YAML 1.2 (https://yaml.org/spec/1.2.2/) as far as records need it: one document of mappings, sequences and scalars.
Aliases, anchors, tags, directives, duplicate keys, deep nesting and large files are refused, each with its place.
The tree is built from ruamel.yaml's events without recursion, so that no nesting can exhaust the stack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from kg import limits
from kg.errors import Place, Problem, UnreadableError, reading_problem

ScalarKind = Literal["text", "integer", "number", "boolean", "nothing"]
_KINDS: dict[str, ScalarKind] = {"int": "integer", "float": "number", "bool": "boolean", "null": "nothing"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as written, and what YAML 1.2 takes it for."""

    place: Place
    text: str
    kind: ScalarKind


@dataclass(slots=True)
class Mapping:
    """Keys with their values, in the order of the file."""

    place: Place
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)


@dataclass(slots=True)
class Sequence:
    """Items in the order of the file."""

    place: Place
    items: list[Node] = field(default_factory=list)


Node = Scalar | Mapping | Sequence


def read_tree(path: Path, name: str) -> Node:
    """The tree of a YAML file; ``name`` is the path that places show.

    Raises UnreadableError with every mistake found; after a syntax error reading ends.
    """
    size = path.stat().st_size
    if size > limits.RECORD_BYTES:
        raise _refuse(Place(name), "too-large", f"is {size:,} bytes; a record has at most {limits.RECORD_BYTES:,}: split it")
    return parse_tree(path.read_bytes(), name)


def parse_tree(content: bytes, name: str) -> Node:
    """The tree of a YAML text. Raises UnreadableError."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refuse(Place(name, line), "encoding", "is not UTF-8 here; save the file as UTF-8") from None
    builder = _Builder(name)
    try:
        yaml = YAML(typ="safe", pure=True)
        for event in yaml.parse(text):
            builder.take(event)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _refuse(Place(name, line), "encoding", f"holds the control character U+{ord(text[error.position]):04X}; remove it") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise _refuse(place, "yaml-syntax", f"not YAML: {said}; check indentation, quotes and colons") from None
    except (YAMLError, YAMLStreamError, ValueError) as error:
        raise _refuse(Place(name), "yaml-syntax", f"not YAML: {error}") from None
    if builder.problems:
        raise UnreadableError(builder.problems)
    if builder.root is None:
        raise _refuse(Place(name), "empty", "is empty; a record begins with disease:, source: or waiver:")
    return builder.root


def _refuse(place: Place, rule: str, message: str) -> UnreadableError:
    return UnreadableError([reading_problem(place, rule, message)])


class _Builder:
    """Puts events together. What cannot stand in a record is a problem; building goes on where that is safe."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[Mapping | Sequence] = []
        self._keys: list[Scalar | None] = []
        self._seen: list[dict[str, Place]] = []
        self._documents = 0
        self._resolver: Any = YAML(typ="safe", pure=True).resolver

    def take(self, event: object) -> None:
        """One event of the parser."""
        match event:
            case DocumentStartEvent():
                self._document(event)
            case AliasEvent():
                self._fatal(event, "yaml-alias", f"*{event.anchor} is an alias; write the value out")
            case ScalarEvent() | MappingStartEvent() | SequenceStartEvent():
                self._node(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._open.pop()
                self._keys.pop()
                self._seen.pop()
            case _:
                pass

    def _place(self, event: Any) -> Place:
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _fatal(self, event: Any, rule: str, message: str) -> None:
        raise UnreadableError([*self.problems, reading_problem(self._place(event), rule, message)])

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._fatal(event, "yaml-document", "begins a second document; one file holds one record")
        if event.version or event.tags:
            self._fatal(event, "yaml-directive", "follows a % directive; records are YAML 1.2 without directives")

    def _node(self, event: Any) -> None:
        place = self._place(event)
        if event.anchor:
            self._fatal(event, "yaml-alias", f"&{event.anchor} is an anchor; write the value out where it is needed")
        if event.tag is not None and str(event.tag) != "!":
            self._fatal(event, "yaml-tag", f"{event.tag} is a tag; records have none: write the plain value")
        if len(self._open) >= limits.RECORD_DEPTH:
            self._fatal(event, "too-deep", f"is nested deeper than {limits.RECORD_DEPTH} levels; no record needs that")
        if isinstance(event, ScalarEvent):
            self._scalar(Scalar(place, event.value, self._kind(event)))
            return
        node: Mapping | Sequence = Mapping(place) if isinstance(event, MappingStartEvent) else Sequence(place)
        self._attach(node)
        self._open.append(node)
        self._keys.append(None)
        self._seen.append({})

    def _kind(self, event: Any) -> ScalarKind:
        plain, _ = event.implicit
        if not plain:
            return "text"
        tag = str(self._resolver.resolve(ScalarNode, event.value, (True, False)))
        return _KINDS.get(tag.rsplit(":", 1)[-1], "text")

    def _scalar(self, scalar: Scalar) -> None:
        if self._open and isinstance(self._open[-1], Mapping) and self._keys[-1] is None:
            first = self._seen[-1].setdefault(scalar.text, scalar.place)
            if first is not scalar.place:
                message = f'"{scalar.text}" stands twice, first in line {first.line}; keep one of them'
                self.problems.append(reading_problem(scalar.place, "duplicate-key", message))
            self._keys[-1] = scalar
            return
        self._attach(scalar)

    def _attach(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            problem = reading_problem(node.place, "yaml-syntax", "is a list or map used as a key; keys are words")
            raise UnreadableError([*self.problems, problem])
        parent.entries.append((key, node))
        self._keys[-1] = None
