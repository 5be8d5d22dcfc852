"""Evidence as curators write it: one line, ``KEY via KEY at PLACE``, or a map; and what is often meant by what is neither."""

from __future__ import annotations

import re
from typing import Final

from kg import vocabulary as v
from kg.advice import record_key
from kg.characters import look_alike
from kg.tree import Mapping, Node, Scalar
from kg.values import CUT, KEY, ValueRefusedError

_ONE_LINE: Final = re.compile(r"(?P<source>\S+)(?:\s+via\s+(?P<via>\S+))?(?:\s+at\s+(?P<locator>\S(?:(?!\svia\s).)*))?")
_QUOTED: Final = re.compile('"[^"]*"')
_NUMBERED: Final = "(?:[a-z][a-z0-9]*-)+[0-9]{4,}[a-z0-9-]*"
_NEXT: Final = rf"(?:[,;&+]|\sand|\s-)\s+(?:{KEY.pattern}\s+(?:at|via)\s|{_NUMBERED}(?=[\s,;]|$))"
_SEVERAL: Final = re.compile(rf"{_NEXT}|^\S+[,;]\s*{KEY.pattern}(?=[\s,;]|$)")
"""A second work behind a comma: its key with a place, or a key that ends in a year or a number; or two keys and nothing else between."""
_IN_PLACE: Final = re.compile(rf"(?:^|\s){_NUMBERED}\s+at\s")
"""The same on a line of its own that a list has lost its hyphen for."""
_NO_SOURCE: Final = "is evidence without a source; write source: and the key of a work in data/sources"


def evidence_body(item: Node) -> Mapping:
    """An evidence line as a mapping, whether it was written as one line or as a map. Raises ValueRefusedError."""
    if isinstance(item, Mapping):
        return item
    if isinstance(item, Scalar) and item.kind == "text":
        if item.cut:
            raise ValueRefusedError("comment-in-text", CUT)
        if re.match(r"-+[A-Za-z0-9]", item.text):
            raise ValueRefusedError(
                "evidence-source", 'begins with "-" and no blank behind it; write - and a blank before each work of a list'
            )
        match = _ONE_LINE.fullmatch(item.text)
        place = match["locator"] or "" if match else ""
        if _SEVERAL.search(_QUOTED.sub("", item.text)) or _IN_PLACE.search(_QUOTED.sub("", place)):
            message = "names several works in one line; several works are a list, one under the other, each with - and a blank before it"
            raise ValueRefusedError("several-works", f"{message} (a place that only looks so is written in a map, as locator:)")
        if match:
            parts = {key: text for key, text in match.groupdict().items() if text is not None}
            return Mapping(item.place, [(Scalar(item.place, key, "text"), Scalar(item.place, text, "text")) for key, text in parts.items()])
    key = record_key(v.SOURCE_CLASS, item.text if isinstance(item, Scalar) else "")
    message = f"is no evidence; write the key of a work, such as {key}, then perhaps: via KEY at PLACE, in this order"
    raise ValueRefusedError("wrong-type", message)


def evidence_name(body: Mapping) -> str:
    """What an evidence line is called after: its ``id``, else its source. Raises ValueRefusedError where neither is a key."""
    given = {key.text: value for key, value in body.entries}
    name = given.get("id", given.get("source"))
    if isinstance(name, Scalar) and KEY.fullmatch(name.text):
        return name.text
    if isinstance(name, Scalar) and name.text and "id" not in given:
        message = f'is evidence of "{name.text}", which is no key; a work is named by the key of its record in data/sources'
        raise ValueRefusedError("evidence-source", f"{message}, such as {record_key(v.SOURCE_CLASS, name.text)}{look_alike(name.text)}")
    raise ValueRefusedError("evidence-source", _NO_SOURCE)
