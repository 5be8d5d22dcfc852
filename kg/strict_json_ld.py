"""JSON-LD read without loss. Every JSON-LD library drops in silence what its context does not name, and terms that
are no IRI; so a document is given a default vocabulary of its own, under which what would be dropped shows up.

Remote contexts, duplicate keys and deep nesting are refused before a parser sees them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg import limits

_UNKNOWN = "urn:kg:unknown:"


class JsonLdError(Exception):
    """Why a text is not read: a rule, a message and a place that counts from 1."""

    def __init__(self, rule: str, message: str, line: int = 1, column: int = 1) -> None:
        self.rule, self.line, self.column = rule, line, column
        super().__init__(message)


def parse_json_ld(content: bytes, base: str) -> list[Quad]:
    """All quads of a JSON-LD text. Raises JsonLdError where one would be lost, SyntaxError where it is not JSON-LD."""
    text, document = _load(content)
    for context in _contexts(document):
        if isinstance(context, str):
            message = f'names the context "{context}"; nothing is fetched: put the context into the file'
            raise JsonLdError("remote-context", message, _line(text, context))
    revealing = json.dumps(_reveal(document), ensure_ascii=False)
    everything = list(parse(revealing, format=RdfFormat.JSON_LD, base_iri=base, lenient=True))
    for quad in everything:
        for term in (quad.predicate, quad.object, quad.subject):
            if isinstance(term, NamedNode) and term.value.startswith(_UNKNOWN):
                word = term.value.removeprefix(_UNKNOWN)
                message = f'"{word}" is in no @context, so JSON-LD would drop it in silence; add it to the context or remove it'
                raise JsonLdError("unknown-key", message, _line(text, word))
    quads = list(parse(revealing, format=RdfFormat.JSON_LD, base_iri=base))
    lost = {str(quad) for quad in everything} - {str(quad) for quad in quads}
    if lost:
        raise JsonLdError("rdf-syntax", f"holds a statement that is not RDF: {min(lost)}; mend its IRI or language tag")
    return quads


class _DuplicateKeyError(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise _DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return dict(pairs)


def _load(content: bytes) -> tuple[str, Any]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise JsonLdError("encoding", "is not UTF-8; save the file as UTF-8") from None
    depth = _depth(text)
    if depth > limits.JSON_DEPTH:
        raise JsonLdError("too-deep", f"is nested {depth:,} levels deep; at most {limits.JSON_DEPTH} are read")
    try:
        return text, json.loads(text, object_pairs_hook=_pairs)
    except _DuplicateKeyError as error:
        message = f'"{error}" stands twice in one object; keep one of them'
        raise JsonLdError("duplicate-key", message, _line(text, str(error), 2)) from None
    except json.JSONDecodeError as error:
        raise JsonLdError("rdf-syntax", f"not JSON: {error.msg}", error.lineno, error.colno) from None


def _depth(text: str) -> int:
    """The deepest nesting of a JSON text, counted without recursion and outside of strings."""
    depth = deepest = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _line(text: str, needle: str, nth: int = 1) -> int:
    at = -1
    for _ in range(nth):
        at = max(at, text.find(json.dumps(needle, ensure_ascii=False), at + 1))
    return text.count("\n", 0, max(at, 0)) + 1


def _contexts(node: Any) -> Iterator[Any]:
    """Every context of a document, and what ``@import`` names."""
    for item in node if isinstance(node, list) else []:
        yield from _contexts(item)
    for key, value in node.items() if isinstance(node, dict) else []:
        if key == "@context":
            yield from value if isinstance(value, list) else [value]
        elif key == "@import":
            yield value
        yield from _contexts(value)


def _reveal(node: Any) -> Any:
    """The document with a default vocabulary that shows every key its contexts leave out."""
    default = {"@vocab": _UNKNOWN}
    if isinstance(node, list):
        return [_reveal(item) for item in node]
    if not isinstance(node, dict):
        return node
    own = node.get("@context")
    contexts = [_reveal_context(each) for each in (own if isinstance(own, list) else [own]) if each is not None]
    reset: list[Any] = [None] if "@context" in node and own is None else []
    return {"@context": [*reset, default, *contexts]} | {key: value for key, value in node.items() if key != "@context"}


def _reveal_context(context: Any) -> Any:
    """A context without the entries that make JSON-LD drop things on purpose."""
    return {key: value for key, value in context.items() if value is not None} if isinstance(context, dict) else context
