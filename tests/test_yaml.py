"""libyaml reads what it is given as ruamel.yaml does, and is not given what it reads otherwise."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kg.errors import UnreadableError
from kg.strict_yaml import parse_tree
from kg.tree import Node
from kg.yaml_events import _alike
from tests.cases import parts_of
from tests.conftest import ROOT

OWN = sorted((ROOT / "data").rglob("*.yaml"))
CASES = [*sorted((ROOT / "tests" / "records").glob("*.yaml")), *sorted((ROOT / "tests" / "shapes").rglob("*.yaml"))]
OTHERWISE = {
    "a comment that hugs a block scalar": "a: |#x\n  y\n",
    "blank lines that are deeper than a block scalar": "|-  \n  \n  \n   ##-",
    "a colon that hugs a list": "a: [[]:]\n",
    "a colon that hugs a map": "a: [{}:]\n",
}
"""Texts that libyaml reads and ruamel.yaml does not, or reads as something else."""
PIECES = ["{", "}", "[", "]", ",", ":", ": ", "- ", "-", "#", " #", "'", '"', "|", ">", "\n", "\n\n", " ", "  ", "\n  ", "!", " ! "]
PIECES += ["&a", "*a", "@", "`", "a", "1", "~", "null", "? ", "\u00e9", "\u00a0", "''", '""', ":\n", "a: b\n", "- a\n", "{a: b}", "::"]
PIECES += ["[a,]", "=", "<<", "\t"]

Event = tuple[Any, ...]


def _signs(events: Any) -> list[Event]:
    """What of events the tree of a record is made of; where an empty value stands is not, which is told by its key."""
    signs: list[Event] = []
    for each in events:
        name, mark = type(each).__name__, each.start_mark
        if name == "ScalarEvent":
            place = (mark.line, mark.column) if each.value or not each.implicit[0] else ()
            signs.append((name, *place, each.value, each.implicit[0], each.anchor, str(each.tag)))
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            signs.append((name, mark.line, mark.column, each.anchor, str(each.tag)))
        elif name in ("MappingEndEvent", "SequenceEndEvent", "DocumentStartEvent", "AliasEvent"):
            signs.append((name,))
    return signs


def _slowly(text: str) -> list[Event] | None:
    try:
        return _signs(YAML(typ="safe", pure=True).parse(text))
    except (YAMLError, ValueError, AssertionError, IndexError):
        return None


def _tree(text: bytes) -> Node | str:
    try:
        return parse_tree(text, "x.yaml")
    except UnreadableError as error:
        return str(error)


def test_a_record_is_the_same_by_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """All records of ours, and all that cases are made of, give the same tree, or the same problems; most are read by libyaml."""
    texts = {text for case in CASES for name, text in parts_of(case).items() if name.endswith("ml")}
    texts |= {path.read_text(encoding="utf-8") for path in OWN}
    whole = {text: text.encode(errors="surrogateescape") for text in texts}
    fast = {text: _tree(content) for text, content in whole.items()}
    assert sum(bool(_alike(text)) for text in texts) > 0.8 * len(texts) > 300
    monkeypatch.setattr("kg.yaml_events._alike", lambda text: [])
    assert {text: _tree(content) for text, content in whole.items()} == fast


@given(st.lists(st.sampled_from(PIECES) | st.sampled_from(CASES).map(lambda case: case.read_text("utf-8", "replace")[:60]), max_size=14))
@settings(max_examples=4000, deadline=None, derandomize=True, database=None)
def test_what_libyaml_is_trusted_with_is_read_alike(pieces: list[str]) -> None:
    """Whatever is written: where libyaml is taken at its word, ruamel.yaml gives the same events at the same places."""
    text = "".join(pieces)
    found = _alike(text)
    assert not found or _signs(found) == _slowly(text)


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_libyaml_reads_otherwise_is_not_given_to_it(name: str) -> None:
    """The two differ about such a text, so ruamel.yaml reads it."""
    text = OTHERWISE[name]
    assert _signs(yaml.parse(text, Loader=yaml.CSafeLoader)) != _slowly(text)
    assert _alike(text) == []


def test_a_machine_without_libyaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML was built without libyaml, ruamel.yaml reads everything."""
    with_it = [_tree(path.read_bytes()) for path in OWN]
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert _alike("a: b\n") == []
    assert [_tree(path.read_bytes()) for path in OWN] == with_it
