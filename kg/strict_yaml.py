"""A YAML file as a tree, read strictly.

YAML 1.2 (https://yaml.org/spec/1.2.2/) as far as records need it: aliases, anchors, tags, directives, duplicate keys,
deep nesting and large files are refused, each with its place. The tree is built without recursion.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from kg import limits
from kg.errors import Place, Problem, UnreadableError, reading_problem
from kg.files import read_small
from kg.literals import unfit
from kg.tree import Mapping, Node, Scalar, ScalarKind, Sequence
from kg.yaml_events import ALIAS, DOCUMENT, END, MAPPING, SCALAR, SEQUENCE, events_of

_KINDS: dict[str, ScalarKind] = {"int": "integer", "float": "number", "bool": "boolean", "null": "nothing"}


def read_tree(path: Path, name: str) -> Node:
    """The tree of a YAML file; ``name`` is the path that places show.

    Raises UnreadableError with every mistake found; after a syntax error reading ends.
    """
    return parse_tree(read_small(path, name, limits.RECORD_BYTES), name)


def parse_tree(content: bytes, name: str) -> Node:
    """The tree of a YAML text. Raises UnreadableError."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refuse(Place(name, line), "encoding", "is not UTF-8 here; save the file as UTF-8") from None
    _refuse_what_libraries_differ_about(text, name)
    builder = _Builder(name)
    try:
        for event in events_of(text):
            builder.take(event)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _refuse(Place(name, line), "encoding", f"holds the control character U+{ord(text[error.position]):04X}; remove it") from None
    except MarkedYAMLError as error:
        quoted = "quoted scalar" in str(error.context) and "end of stream" in str(error.problem)
        mark = error.context_mark if quoted else error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise _refuse(place, "yaml-syntax", f"not YAML: {said}; check indentation, quotes and colons") from None
    except (YAMLError, YAMLStreamError, ValueError, OverflowError, AssertionError, IndexError) as error:
        # broken escapes and directives come out of ruamel.yaml as all of these
        raise _refuse(builder.at, "yaml-syntax", f"not YAML near here: {error or type(error).__name__}") from None
    if builder.problems:
        raise UnreadableError(builder.problems)
    if builder.root is None:
        raise _refuse(Place(name), "empty", "is empty; begin it with what it is about, such as disease: and a name")
    return builder.root


def _refuse_what_libraries_differ_about(text: str, name: str) -> None:
    """Directives, and characters that YAML 1.1 takes for line breaks and YAML 1.2 does not."""
    for number, written in enumerate(text.split("\n"), 1):
        if written.startswith("---"):
            break
        if written.startswith("%"):
            raise _refuse(Place(name, number), "yaml-directive", "is a % directive; records are YAML 1.2 without directives")
    separator = re.search("[\x85\u2028\u2029]", text)
    if separator:
        line = text.count("\n", 0, separator.start()) + 1
        message = (
            f"holds the line separator U+{ord(separator[0]):04X}; write it as \\u{ord(separator[0]):04x} in double quotes, or remove it"
        )
        raise _refuse(Place(name, line), "encoding", message)


def _refuse(place: Place, rule: str, message: str) -> UnreadableError:
    return UnreadableError([reading_problem(place, rule, message)])


@cache
def _resolver() -> Any:
    return YAML(typ="safe", pure=True).resolver


@lru_cache(maxsize=10_000)
def _kind_of(plain: str) -> ScalarKind:
    """What YAML 1.2 takes a plain scalar for."""
    tag = str(_resolver().resolve(ScalarNode, plain, (True, False)))
    return _KINDS.get(tag.rsplit(":", 1)[-1], "text")


class _Builder:
    """Puts events together. What cannot stand in a record is a problem; building goes on where that is safe."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at = Place(name)
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[Mapping | Sequence] = []
        self._keys: list[Scalar | None] = []
        self._seen: list[dict[str, Place]] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """One event of the parser."""
        self.at = self._place(event)
        if isinstance(event, (*SCALAR, *MAPPING, *SEQUENCE)):
            self._node(event)
        elif isinstance(event, END):
            self._open.pop()
            self._keys.pop()
            self._seen.pop()
        elif isinstance(event, DOCUMENT):
            self._document(event)
        elif isinstance(event, ALIAS):
            self._fatal(event, "yaml-alias", f"*{event.anchor} is an alias; write the value out")

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
        if isinstance(event, SCALAR):
            if event.style in ("|", ">") and not event.value.strip():
                self._fatal(event, "yaml-syntax", f"is {event.style} with no text below it; write the text there, or quote the sign")
            self._scalar(Scalar(place, self._whole_characters(event), self._kind(event)))
            return
        node: Mapping | Sequence = Mapping(place) if isinstance(event, MAPPING) else Sequence(place)
        self._attach(node)
        self._open.append(node)
        self._keys.append(None)
        self._seen.append({})

    def _whole_characters(self, event: Any) -> str:
        """The text; half a character (a lone surrogate) and a control character, which only escapes can bring, are none."""
        text = str(event.value)
        if what := unfit(text):
            self._fatal(event, "encoding", f"holds {what}")
        return text

    def _kind(self, event: Any) -> ScalarKind:
        plain, _ = event.implicit
        if not plain:
            return "text"
        return _kind_of(event.value)

    def _scalar(self, scalar: Scalar) -> None:
        if self._open and isinstance(self._open[-1], Mapping) and self._keys[-1] is None:
            first = self._seen[-1].setdefault(scalar.text, scalar.place)
            if first is not scalar.place:
                message = f'"{scalar.text}" stands twice, first in line {first.line}; keep one of them'
                self.problems.append(reading_problem(scalar.place, "duplicate-key", message))
                if len(self.problems) >= limits.PROBLEMS_PER_FILE:
                    raise UnreadableError(self.problems)
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
        if isinstance(node, Scalar) and node.kind == "nothing" and not node.text:
            node = replace(node, place=key.place)  # the parser puts what is not there at whatever comes next
        parent.entries.append((key, node))
        self._keys[-1] = None
