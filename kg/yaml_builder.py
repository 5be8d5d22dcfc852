"""The tree of a YAML text put together from its events; what cannot stand in a record is refused, each with its place."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from kg import limits
from kg.errors import Place, Problem, UnreadableError, reading_problem
from kg.literals import unfit
from kg.tree import Mapping, Node, Scalar, ScalarKind, Sequence
from kg.yaml_events import ALIAS, DOCUMENT, END, MAPPING, SCALAR, SEQUENCE

_KINDS: dict[str, ScalarKind] = {"int": "integer", "float": "number", "bool": "boolean", "null": "nothing"}
_CUT: Final = re.compile(r"[ \t]#|[ \t]{2,}#+[^#\s]")
"""A comment as nobody sets it off from a text: after one blank, or with none behind ``#``. In prose, ``see result #1`` looks so."""


@cache
def _resolver() -> Any:
    return YAML(typ="safe", pure=True).resolver


@lru_cache(maxsize=10_000)
def _kind_of(plain: str) -> ScalarKind:
    """What YAML 1.2 takes a plain scalar for."""
    tag = str(_resolver().resolve(ScalarNode, plain, (True, False)))
    return _KINDS.get(tag.rsplit(":", 1)[-1], "text")


class Builder:
    """Puts events together. What cannot stand in a record is a problem; building goes on where that is safe."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
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
            quoted = event.style not in (None, "")
            self._scalar(Scalar(place, self._whole_characters(event), self._kind(event), quoted, not quoted and self._is_cut(event)))
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

    def _is_cut(self, event: Any) -> bool:
        return _CUT.match(self._text, event.end_mark.index) is not None

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
