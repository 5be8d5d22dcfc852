"""Characters that nobody sees, or that look like others: refused or named in what people write, since they would stay in it for ever."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from kg import limits
from kg.errors import Place, UnreadableError, reading_problem

_UNSEEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f]"
)
"""Unicode's category Cf (https://www.unicode.org/reports/tr44/#GC_Values_Table), without the signs of it that are drawn."""
_JOINERS: Final = ("\u200c", "\u200d")
_JOINING: Final = frozenset(
    {"ARABIC", "SYRIAC", "NKO", "MANDAIC", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU"}
    | {"KANNADA", "MALAYALAM", "SINHALA", "TIBETAN", "MYANMAR", "KHMER", "BALINESE", "JAVANESE"}
)
"""Scripts in which a joiner behind a letter changes what is seen, by the first word of the names of their letters."""
_LOOKS_BLANK: Final = re.compile(r"(?m)^[ \t]*(?:- +)*-?([\u00a0\u2000-\u200a\u202f\u3000])")


def refuse_unseen(content: bytes, name: str) -> None:
    """Raises UnreadableError where a text has characters that nobody sees. In double quotes, an escape shows that one is meant."""
    text = content.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    problems = []
    for position, message in _found(text):
        line = text.count("\n", 0, position) + 1
        place = Place(name, line, position - text.rfind("\n", 0, position))
        problems.append(reading_problem(place, "unseen-character", message))
        if len(problems) == limits.PROBLEMS_PER_FILE:
            break
    if problems:
        raise UnreadableError(problems)


def _found(text: str) -> Iterator[tuple[int, str]]:
    if text.isascii():
        return
    for match in _UNSEEN.finditer(text):
        sign, before = match[0], text[match.start() - 1 : match.start()]
        if sign not in _JOINERS or unicodedata.name(before or " ", "").partition(" ")[0] not in _JOINING:
            escape = sign.encode("unicode_escape").decode()
            yield match.start(), f"holds {named(sign)}, which nobody sees; remove it, or write it as {_as_yaml(escape)} in double quotes"
    for match in _LOOKS_BLANK.finditer(text):
        yield match.start(1), f"begins with {named(match[1])}, which only looks like a blank; write a blank instead"


def _as_yaml(escape: str) -> str:
    return escape.replace("\\x", "\\u00")


def named(sign: str) -> str:
    """A character by its number and its name: ``U+200B (ZERO WIDTH SPACE)``."""
    name = unicodedata.name(sign, "")
    return f"U+{ord(sign):04X} ({name})" if name else f"U+{ord(sign):04X}"


def look_alike(word: str) -> str:
    """``; it has U+041D (…) in it``: the first character that is none of a word of ours and no Latin letter; else nothing."""
    sign = next((each for each in word if not each.isascii() and not unicodedata.name(each, "").startswith("LATIN ")), None)
    return f"; it has {named(sign)} in it, which may only look right: type it anew" if sign else ""
