"""A SPARQL constraint asked about some focus nodes only: ``VALUES`` put where the engine makes use of it.

The rows are those of the whole query whose ``$this`` is among the nodes. That holds where every way through the pattern binds ``$this``
by a triple; where that cannot be told from the text, or where rows are cut off, there is no such query, and the whole one has to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from pyoxigraph import NamedNode

_TOKEN: Final = re.compile(
    r"""(?P<skip>\#[^\n]*|\s+)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\\\x00-\x20]*>|[?$]?\w+|.""", re.DOTALL
)
_THIS: Final = ("$this", "?this")
_OPTIONAL: Final = {"OPTIONAL", "EXISTS", "MINUS", "GRAPH", "SERVICE"}
_CUT: Final = {"LIMIT", "OFFSET", "MINUS", "VALUES", "GRAPH"}
_DEMANDED: Final = re.compile(
    r"(?<=[.}])\s*OPTIONAL\s*\{(\s*\?(?P<other>\w+)\s[^{}]*)\}\s*FILTER\s*\(\s*BOUND\(\?(?P=other)\)\s*\)(?=\s*\})"
)
"""What is optional and has to be there all the same, at the end of a group: quicker over all nodes, and slower over some."""


@dataclass
class _Group:
    """A group of a query: where its content begins, whether a triple of its own binds ``$this``, and the groups that have to match."""

    start: int
    binds: bool = False
    needed: list[list[_Group]] = field(default_factory=list)
    """Each a list of alternatives."""


def among(select: str, nodes: Iterable[NamedNode]) -> str | None:
    """The query about these nodes only; None where there is none that surely has the same rows."""
    select = _joined(select)
    tokens = [(match[0], match.end()) for match in _TOKEN.finditer(select) if not match["skip"]]
    words = [text.upper() for text, _ in tokens]
    begin = words.index("{") if "{" in words else 0
    if not begin or "EXISTS" in words[:begin] or _CUT.intersection(words) or _names_this(words) or '"""' in select or "'''" in select:
        return None
    outer, _ = _group(tokens, words, begin)
    places = _places(outer)
    if places is None:
        return None
    values = f" VALUES ?this {{ {' '.join(map(str, nodes))} }} "
    for place in sorted(places, reverse=True):
        select = select[:place] + values + select[place:]
    return select


def _joined(select: str) -> str:
    """The same query, where what is optional and has to be there is not optional, if it is what gives the variable its value."""
    match = _DEMANDED.search(select)
    if match is None or "#" in select or re.search(rf"[?$]{match['other']}\b", select[select.index("{") : match.start()]):
        return select
    return f"{select[: match.start()]} {match[1]}" + select[match.end() :]


def _names_this(words: list[str]) -> bool:
    """Whether something else than a pattern gives ``$this`` its value."""
    return any(word == "AS" and after in ("$THIS", "?THIS") for word, after in pairwise(words))


def _group(tokens: list[tuple[str, int]], words: list[str], at: int) -> tuple[_Group, int]:
    """The group whose bracket is at a place, and the place after it. What stands in parentheses is a test, and no pattern."""
    group = _Group(tokens[at][1])
    depth, before = 0, ""
    alternative = False
    at += 1
    while words[at] != "}":
        word = words[at]
        if word == "{":
            if depth == 0 and words[at + 1] == "SELECT":
                inner, at = _select(tokens, words, at)
            else:
                inner, at = _group(tokens, words, at)
            if depth == 0 and before not in _OPTIONAL:
                (group.needed[-1] if alternative else _new(group.needed)).append(inner)
            alternative, before = False, "}"
            continue
        depth += (word == "(") - (word == ")")
        alternative = word == "UNION"
        group.binds = group.binds or (depth == 0 and tokens[at][0] in _THIS)
        before, at = word, at + 1
    return group, at + 1


def _new(lists: list[list[_Group]]) -> list[_Group]:
    lists.append([])
    return lists[-1]


def _select(tokens: list[tuple[str, int]], words: list[str], at: int) -> tuple[_Group, int]:
    """A subselect as the group of its pattern; one that does not give ``$this`` on, or groups by something else, binds nothing."""
    begin = words.index("{", at + 1)
    group, end = _group(tokens, words, begin)
    close = words.index("}", end)
    given = any(text in _THIS for text, _ in tokens[at:begin]) and "EXISTS" not in words[at:begin]
    kept = "GROUP" not in words[end:close] or any(text in _THIS for text, _ in tokens[end:close])
    return (group if given and kept else _Group(group.start)), close + 1


def _places(group: _Group) -> list[int] | None:
    """Where the nodes are named: where groups begin that bind ``$this``, the innermost of them; None where there is none."""
    for alternatives in group.needed:
        inner = [_places(each) for each in alternatives]
        if all(each is not None for each in inner):
            return [place for each in inner for place in each or ()]
    return [group.start] if group.binds else None
