"""What is said of a SPARQL query before and after the engine sees it: what is refused, and what its parser means."""

from __future__ import annotations

import re

from kg import limits
from kg.errors import KgError

_TOKEN = re.compile(
    r"""(?P<iri><[^<>"{}|^`\\\x00-\x20]*>) | (?P<comment>\#[^\n]*)
      | (?P<string>'''(?:[^'\\]|\\.|'{1,2}(?!'))*''' | \"""(?:[^"\\]|\\.|"{1,2}(?!"))*\""" | '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*")
      | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<name>[?$]?[A-Za-z_][\w.\-]*:?[\w.\-]*|:[\w.\-]*)""",
    re.VERBOSE | re.DOTALL,
)
_DEPTH = 100


def guard(query: str) -> None:
    """Refuse what must not reach the engine: SERVICE, which would reach the network, and what would bring it down.

    Raises KgError.
    """
    if len(query.encode()) > limits.QUERY_BYTES:
        raise KgError(f"the query is longer than {limits.QUERY_BYTES:,} bytes")
    plain = re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", lambda m: chr(int(m[1] or m[2], 16) % 0x110000), query)
    depth = 0
    for token in _TOKEN.finditer(plain):
        if token.lastgroup == "open":
            depth += 1
        elif token.lastgroup == "close":
            depth -= 1
        elif token.lastgroup == "name" and token[0].upper() == "SERVICE":
            raise KgError("the query asks another endpoint (SERVICE); kg reaches no network: query that endpoint by itself")
        if depth > _DEPTH:
            raise KgError(f"the query is nested deeper than {_DEPTH} levels")


def explain(said: str, query: str) -> str:
    """A parser's message with the line it is about, and a hint where there is one."""
    at = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", said, re.DOTALL)
    if at is None:
        return f"the query cannot be read: {said}"
    line, column = int(at[1]), int(at[2])
    shown = query.splitlines()[line - 1] if line <= len(query.splitlines()) else ""
    expected = "" if len(at[3]) > 80 else f"; expected {at[3]}"
    if "Prefix not found" in at[3]:
        prefix = re.search(r"([A-Za-z][\w.\-]*)?:[\w.\-]*$", shown[: column - 1])
        expected = f"; the prefix {prefix[1] or ''}: is not declared" if prefix else "; a prefix is not declared"
    return f"the query cannot be read at line {line}, column {column}{expected}\n  {shown}\n  {' ' * (column - 1)}^"
