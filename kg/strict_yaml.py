"""A YAML file as a tree, read strictly.

YAML 1.2 (https://yaml.org/spec/1.2.2/) as far as records need it: aliases, anchors, tags, directives, duplicate keys,
deep nesting and large files are refused, each with its place. The tree is built without recursion.
"""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.reader import ReaderError

from kg import limits
from kg.characters import refuse_unseen
from kg.errors import Place, UnreadableError, reading_problem
from kg.files import read_small
from kg.tree import Node
from kg.yaml_builder import Builder
from kg.yaml_events import events_of
from kg.yaml_faults import fault_of


def read_tree(path: Path, name: str) -> Node:
    """The tree of a YAML file; ``name`` is the path that places show.

    Raises UnreadableError with every mistake found; after a syntax error reading ends.
    """
    return parse_record(read_small(path, name, limits.RECORD_BYTES), name)


def parse_record(content: bytes, name: str) -> Node:
    """The tree of a YAML text that people write for us, in which nothing is unseen. Raises UnreadableError."""
    refuse_unseen(content, name)
    return parse_tree(content, name)


def parse_tree(content: bytes, name: str) -> Node:
    """The tree of a YAML text. Raises UnreadableError."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refuse(Place(name, line), "encoding", "is not UTF-8 here; save the file as UTF-8") from None
    _refuse_what_libraries_differ_about(text, name)
    builder = Builder(name, text)
    try:
        for event in events_of(text):
            builder.take(event)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _refuse(Place(name, line), "encoding", f"holds the control character U+{ord(text[error.position]):04X}; remove it") from None
    except MarkedYAMLError as error:
        fault = fault_of(text, error)
        raise _refuse(Place(name, fault.line + 1, fault.column + 1), "yaml-syntax", f"not YAML: {fault.said}") from None
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
