"""The events of a YAML text: by libyaml where that is sure to read what ruamel.yaml reads, else by ruamel.yaml.

libyaml, by way of PyYAML, is fifty times as fast, but reads YAML 1.1, and its errors are others. So it is given only what both versions
read alike, and what it refuses, or finds anchors, aliases, tags or block scalars in, is read by ruamel.yaml from the start. Tests hold
the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from ruamel.yaml import YAML, events

ALIAS: Final = (events.AliasEvent, yaml.AliasEvent)
DOCUMENT: Final = (events.DocumentStartEvent, yaml.DocumentStartEvent)
SCALAR: Final = (events.ScalarEvent, yaml.ScalarEvent)
MAPPING: Final = (events.MappingStartEvent, yaml.MappingStartEvent)
SEQUENCE: Final = (events.SequenceStartEvent, yaml.SequenceStartEvent)
END: Final = (events.MappingEndEvent, events.SequenceEndEvent, yaml.MappingEndEvent, yaml.SequenceEndEvent)

_APART: Final = re.compile(
    r"^(?:---|\.\.\.|%)|[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\\?]|[\]}] *:", re.MULTILINE
)
"""Document markers and directives, tabs and signs that are no text, escapes, ``?``, which may begin a key, and lists and maps as keys."""


def events_of(text: str) -> Iterator[Any]:
    """The events, each with its place. Raises what ruamel.yaml raises."""
    return iter(_alike(text) or YAML(typ="safe", pure=True).parse(text))


def _alike(text: str) -> list[Any]:
    """The events by libyaml; none where ruamel.yaml has to look."""
    if not hasattr(yaml, "CSafeLoader") or _APART.search(text):
        return []
    try:
        found = list(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return []
    return [] if any(map(_read_apart, found)) else found


def _read_apart(event: Any) -> bool:
    """Whether it is something that the two may see differently, or that is refused in words of ruamel.yaml."""
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
        return True
    return isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">")
