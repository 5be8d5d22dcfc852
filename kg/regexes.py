"""Patterns that mean the same to Python's engine, by which pySHACL judges, and to Rust's, by which Oxigraph searches.

What is certain is only this: where Oxigraph says that a value matches, pySHACL says so too. So a pattern is searched
with only where it is made of parts that both engines read alike; of any other pattern every value is judged by pySHACL.
``$`` is among the parts though Python also takes it before a line break at the end, since that is the safe side.
"""

from __future__ import annotations

import re
from typing import Final

_CHARACTER: Final = r"[A-Za-z0-9 _,:;/#%@!\"'<>=~`-]"  # means itself, outside of a class
_ESCAPED: Final = r"\\[.\\/+*?()|\[\]{}^$-]"
_IN_CLASS: Final = rf"(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9 _.,:;/#%@!\"'<>=+*?()|$]|{_ESCAPED})"
_CLASS: Final = rf"\[\^?{_IN_CLASS}+-?\]"
_QUANTIFIER: Final = r"(?:[*+?]|\{[0-9]{1,3}(?:,(?:[0-9]{1,3})?)?\})\??"
_TOKEN: Final = re.compile(
    rf"(?P<atom>{_CHARACTER}|{_ESCAPED}|{_CLASS}|\.)(?:{_QUANTIFIER})?|(?P<open>\((?:\?:)?)|(?P<close>\))(?:{_QUANTIFIER})?|[|^$]"
)


def means_the_same(pattern: str, flags: str = "") -> bool:
    """Whether what matches a pattern in Rust surely matches it in Python.

    Only the flag ``i`` is known, and of a pattern with it the value has to be ASCII: the engines fold other letters differently.
    """
    if flags not in ("", "i"):
        return False
    at = depth = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return False
        depth += bool(token["open"]) - bool(token["close"])
        if depth < 0:
            return False
        at = token.end()
    return depth == 0
