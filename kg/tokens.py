"""The tokens of a SPARQL query (https://www.w3.org/TR/sparql11-query/#sparqlGrammar, productions 139 to 173), as far as they tell what is a
keyword and what only looks like one: in a text, a comment, an IRI, a name.

The engine has no lexer, and takes ``<`` for a sign or for the begin of an IRI by what is expected there; here it is an IRI wherever it
can be. So nothing that must not reach the engine may be told from what may by these tokens (see ``kg.guard``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BASE: Final = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF"
    r"\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_CHARS: Final = rf"{_BASE}_\-0-9\u00B7\u0300-\u036F\u203F-\u2040"
_PLX: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_TOKEN: Final = re.compile(
    rf"""
    (?P<quiet>
        <[^<>"{{}}|^`\\\x00-\x20]*+>
      | \#[^\n\r]*+
      | \"{{3}}(?:[^"\\]|\\.|"(?!""))*+\"{{3}} | '{{3}}(?:[^'\\]|\\.|'(?!''))*+'{{3}}
      | "(?:[^"\\\n\r]|\\.)*+" | '(?:[^'\\\n\r]|\\.)*+'
    )
  | (?P<name>
        [?$][{_BASE}_0-9][{_BASE}_0-9\u00B7\u0300-\u036F\u203F-\u2040]*+
      | _:[{_BASE}_0-9](?:[{_CHARS}.]*[{_CHARS}])?
      | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?
      | (?:[{_BASE}][{_CHARS}.]*+)?:(?:(?:[{_BASE}_0-9:]|{_PLX})(?:(?:[{_CHARS}.:]|{_PLX})*(?:[{_CHARS}:]|{_PLX}))?)?
    )
  | (?P<word>[{_BASE}][{_CHARS}.]*+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(query: str) -> Iterator[tuple[str, str]]:
    """The tokens in order, each with its sort.

    ``quiet`` is an IRI, a text, or a comment; ``name`` a variable, a blank node, a language, or an IRI that has a prefix; ``word`` is a
    keyword or the name of a function, with what follows it without a blank; ``sign`` is any other character.
    """
    for match in _TOKEN.finditer(query):
        assert match.lastgroup is not None
        yield match.lastgroup, match[0]


def loud(query: str) -> str:
    """A query with a blank in place of each IRI, text and comment."""
    return "".join(" " if sort == "quiet" else text for sort, text in tokens(query))
