"""JSON read without loss, and the places of things in it: the JSON parser gives none, so they are looked up once a
fault is known.

Nothing here recurses or builds a tree before the depth is known: the text may be hostile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from kg import limits

CONTEXT: Final = "@context"
# Possessive, so that neither a huge string nor one that is not closed costs memory or is scanned twice.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_TOKENS = re.compile(r'(?P<string>"(?:[^"\\]++|\\.)*+")(?P<key>\s*+:)?|[\[{]|[\]}]|-?[0-9][0-9.eE+-]*+', re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")
_DIGITS: Final = 15
"""What a double holds for certain: readers of JSON make doubles of longer numbers, and lose the rest of the digits."""


class JsonLdError(Exception):
    """Why a text is not read: a rule, a message and a place that counts from 1."""

    def __init__(self, rule: str, message: str, line: int = 1, column: int = 1) -> None:
        self.rule, self.line, self.column = rule, line, column
        super().__init__(message)


class RefusedError(ValueError):
    """A refusal that knows the word it is about, not yet its place."""

    def __init__(self, rule: str, message: str, word: str, in_context: bool = False) -> None:
        self.rule, self.word, self.in_context = rule, word, in_context
        super().__init__(message)

    def located(self, text: str) -> JsonLdError:
        """The same with its place in the text."""
        return error_at(text, find(text, self.word, self.in_context), self.rule, str(self))


def error_at(text: str, offset: int, rule: str, message: str) -> JsonLdError:
    """A refusal at an offset of a text."""
    return JsonLdError(rule, message, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def load(content: bytes) -> tuple[str, Any]:
    """A text and what it says in JSON. Raises JsonLdError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        raise error_at(before, len(before), "encoding", "is not UTF-8; save the file as UTF-8") from None
    depth = _depth(text)
    if depth > limits.JSON_DEPTH:
        raise JsonLdError("too-deep", f"is nested {depth:,} levels deep; at most {limits.JSON_DEPTH} are read")
    try:
        document = json.loads(text, object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except _DuplicateKeyError:
        key, offset = next(twice for each in objects(text) for twice in _twice(each.keys))
        raise error_at(text, offset, "duplicate-key", f'"{key}" stands twice in one object; keep one of them') from None
    except RefusedError as refused:
        raise refused.located(text) from None
    except json.JSONDecodeError as error:
        raise JsonLdError("rdf-syntax", f"not JSON: {error.msg}", error.lineno, error.colno) from None
    if re.search(r"\\u[dD][89a-fA-F]", text):
        half = next((word.offset for word in words(text) if _HALF.search(word.text)), None)
        if half is not None:
            raise error_at(text, half, "encoding", "holds half a character, a surrogate without its other half; write the whole character")
    return text, document


class _DuplicateKeyError(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _DuplicateKeyError
    return found


def _twice(keys: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for key, offset in keys:
        if key in seen:
            yield key, offset
        seen.add(key)


def _integer(text: str) -> int:
    return int(text) if len(text) <= _DIGITS else _rounded(text)


def _float(text: str) -> float:
    digits = re.sub("[eE].*|[^0-9]", "", text).strip("0")
    number = float(text)
    return number if len(digits) <= _DIGITS and abs(number) < float("inf") and (number or not digits) else _rounded(text)


def _rounded(text: str) -> NoReturn:
    message = (
        f"holds a number that JSON-LD would round: {text if len(text) < 40 else text[:37] + '...'}; write it as a text with its datatype"
    )
    raise RefusedError("rdf-syntax", message, text)


def _constant(name: str) -> NoReturn:
    raise RefusedError("rdf-syntax", f"not JSON: {name} is no value of JSON", name)


def _depth(text: str) -> int:
    """The deepest nesting, counted outside of strings; the text need not be JSON."""
    now = deepest = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            now += 1
            deepest = max(deepest, now)
        elif match[0] in "]}":
            now -= 1
    return deepest


@dataclass(slots=True)
class Word:
    """A string or a number: where it begins, whether it is a key, and whether it belongs to a context."""

    offset: int
    text: str
    is_key: bool
    in_context: bool


@dataclass(slots=True)
class Object:
    """An object: where it begins, the keys above it from the outermost, and its own keys with their places."""

    offset: int
    path: tuple[str, ...]
    keys: list[tuple[str, int]] = field(default_factory=list)


def words(text: str) -> Iterator[Word]:
    """Every string and number of a text that is JSON, in order."""
    return (each for each in _scan(text) if isinstance(each, Word))


def objects(text: str) -> Iterator[Object]:
    """Every object of a text that is JSON, the inner ones first."""
    return (each for each in _scan(text) if isinstance(each, Object))


def find(text: str, wanted: str, in_context: bool = False) -> int:
    """The offset of a word, rather in a context or outside as asked, rather a key; 0 where it does not occur as such."""
    found = ((word.in_context is not in_context, not word.is_key, word.offset) for word in words(text) if word.text == wanted)
    return min(found, default=(True, True, 0))[2]


def _scan(text: str) -> Iterator[Word | Object]:
    """Words as they come, and objects as they are closed."""
    above: list[tuple[str, Object | None]] = []  # each open bracket: the key that it stands under, and its object
    key = ""
    for match in _TOKENS.finditer(text):
        found = match[0]
        if found in "[{":
            path = (*(name for name, _ in above if name), *([key] if key else []))
            above.append((key, Object(match.start(), path) if found == "{" else None))
            key = ""
        elif found in "]}":
            closed = above.pop()[1]
            key = ""
            if closed:
                yield closed
        else:
            word = str(json.loads(match["string"])) if match["string"] else found
            is_key = match["key"] is not None
            if is_key and above and above[-1][1]:
                above[-1][1].keys.append((word, match.start()))
            yield Word(match.start(), word, is_key, key == CONTEXT or any(name == CONTEXT for name, _ in above))
            key = word if is_key else ""
