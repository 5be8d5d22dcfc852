"""What is said of a SPARQL query before and after the engine sees it: what is refused, and what its parser means."""

from __future__ import annotations

import re

from kg import limits
from kg.errors import KgError
from kg.tokens import loud, tokens

_FROM = re.compile(r"(?:ASK|CONSTRUCT|DESCRIBE|SELECT)?FROM(?:NAMED)?", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# No tokenizer of ours decides what the engine's lexer makes of a query: the word is refused wherever it could be one,
# which is everywhere but in a variable, after a prefix, and behind the slash or hash of an IRI.
_SERVICE = re.compile(r"(?<![?$:/#A-Za-z0-9_-])[A-Za-z0-9_]*service", re.IGNORECASE)


def guard(query: str, size: int = limits.QUERY_BYTES, levels: int = limits.QUERY_DEPTH, steps: int | None = None) -> None:
    """Refuse what must not reach the engine: SERVICE, which would reach the network, and what would bring it down.

    A query may have ``size`` bytes, brackets nested in ``levels``, and, where that matters, ``steps`` triple patterns and
    steps of paths. Raises KgError.
    """
    if len(query.encode("utf-8", errors="replace")) > size:
        raise KgError(f"the query is longer than {size:,} bytes")
    plain = unescaped(query)
    for text in (query, plain) if plain is not query else (query,):
        if (not text.isascii() or "service" in text.lower()) and _SERVICE.search(text):
            raise KgError(
                "the query has the word SERVICE, which asks another endpoint; kg reaches no network: query that endpoint by itself; "
                'in a text write CONCAT("ser", "vice"), and in a pattern [s]ervice'
            )
    depth = deepest = 0
    for bracket in re.findall(r"[(\[{)\]}]", plain):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    if deepest > levels:
        raise KgError(f"the query is nested deeper than {levels} levels")
    if steps is not None and _steps(plain) > steps:
        raise KgError(f"the query has more than {steps} triple patterns and steps of paths; ask in several queries")


def unescaped(query: str) -> str:
    """A query as a parser reads it that first puts characters for ``\\u`` and ``\\U`` (https://www.w3.org/TR/sparql11-query/#codepointEscape)."""
    return _ESCAPE.sub(lambda match: chr(min(int(match[1] or match[2], 16), 0x10FFFF)), query) if "\\" in query else query


def _steps(query: str) -> int:
    """About how many triple patterns and steps of paths a query has: what separates them, but the commas of arguments.

    A text that deceives this count only costs its own time limit.
    """
    count = depth = 0
    for mark in re.findall(r"[()/|^;,]|\.(?!\w)|(?<!\w)\.", loud(query)):
        if mark in "()":
            depth += 1 if mark == "(" else -1
        elif mark != "," or depth == 0:
            count += 1
    return count


def nested_too_deep(text: str) -> bool:
    """Whether a Turtle text may be nested so deep that its parser, which recurses, would end in a signal.

    Counted without a tokenizer, so brackets in strings count as well; the limit leaves room for those.
    """
    depth = 0
    for bracket in re.findall(r"<<|>>|[(\[)\]]", text):
        depth += 1 if bracket in ("<<", "(", "[") else -1
        if depth > limits.TURTLE_DEPTH:
            return True
    return False


def names_graphs(query: str) -> bool:
    """Whether a query says with FROM which graphs it is about (https://www.w3.org/TR/sparql11-query/#rdfDataset).

    The engine asks for no blank around a keyword: ``ASKFROM NAMEDa:b{}`` says so. In the list of what is to be described, where IRIs stand
    that may begin like it, one has to follow it.
    """
    if "from" not in query.lower():
        return False
    depth, before, pattern = 0, "", False
    for sort, text in tokens(query):
        if sort == "sign" and text in "([{":
            depth, pattern = depth + 1, pattern or text == "{"
        elif sort == "sign" and text in ")]}":
            depth -= 1
        elif depth == 0 and sort == "word" and _FROM.fullmatch(text):
            return True
        elif depth == 0 and sort == "name" and _FROM.match(text) and (before == "}" or not (pattern or before in ("PREFIX", "DESCRIBE"))):
            return True  # with the name of a graph behind it
        before = text.upper() if sort == "word" or (sort == "sign" and not text.isspace()) else before
    return False


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
