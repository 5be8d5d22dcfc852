"""A JSON-LD document made to show what its readers would drop: what its contexts leave out, or take back, gets an IRI
of a vocabulary of ours. What no vocabulary can show (misspelt keywords, values outside of nodes) is refused here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from kg.json_text import CONTEXT, RefusedError

UNKNOWN: Final = "urn:kg:unknown:"
_DEFAULT: Final = {"@vocab": UNKNOWN}
_KEYWORD = re.compile("@[A-Za-z]+")
_OF_VALUES: Final = {"@value", "@type", "@language", "@direction", "@index", "@none", "@list", "@set"}
_OF_NODES: Final = _OF_VALUES | {CONTEXT, "@id", "@graph", "@reverse", "@nest", "@included"}
_OF_CONTEXTS: Final = _OF_NODES | {"@base", "@vocab", "@container", "@prefix", "@propagate", "@protected", "@version", "@import"}


def reveal(document: Any, aliases: dict[str, str]) -> Any:
    """The document, which is changed for it, with a default vocabulary. Raises RefusedError."""
    nodes_only(document, aliases)
    return _with_default(_reveal(document, aliases))


def _with_default(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_default(item) for item in node]
    return {CONTEXT: [_DEFAULT, *node.pop(CONTEXT, [])]} | node if isinstance(node, dict) else node


def _reveal(node: Any, aliases: dict[str, str]) -> Any:
    """What looks like a keyword is dropped where an IRI should stand, so it gets one; as a text it stays one."""
    if isinstance(node, str):
        return UNKNOWN + node if _KEYWORD.fullmatch(node) else node
    if isinstance(node, list):
        node[:] = (_reveal(item, aliases) for item in node)
    elif isinstance(node, dict):
        for key, value in node.items():
            node[key] = _reveal_context(value) if key == CONTEXT else _reveal_entry(key, value, aliases)
    return node


def _reveal_entry(key: str, value: Any, aliases: dict[str, str]) -> Any:
    if key.startswith("_:"):
        raise RefusedError("blank-node", "holds a blank node as a property; give it an IRI", key)
    if _KEYWORD.fullmatch(key) and key not in _OF_NODES:
        raise dropped(key)
    keyword = aliases.get(key, "")
    if keyword == "@index":
        raise RefusedError("unknown-key", f'"{key}" has no meaning in RDF, so it would be lost in silence; remove it', key)
    if keyword == "@direction" and value is not None:
        raise _of_rdf_12(key)
    if keyword in ("@graph", "@included"):
        nodes_only(value, aliases)
    return _reveal(value, aliases)


def _reveal_context(context: Any) -> list[Any]:
    """A context as a list in which whatever was taken back is unknown instead."""
    if context is None:
        return [None, _DEFAULT]
    if isinstance(context, list):
        return [part for each in context for part in _reveal_context(each)]
    if isinstance(context, str):
        raise _remote(context)
    return [{key: _reveal_term(key, value) for key, value in context.items()}] if isinstance(context, dict) else [context]


def _reveal_term(key: str, value: Any) -> Any:
    """An entry of a context."""
    if _KEYWORD.fullmatch(key) and key not in _OF_CONTEXTS:
        raise dropped(key, in_context=True)
    if key == "@import":
        raise _remote(key)
    if key == "@direction" and value is not None:
        raise _of_rdf_12(key, in_context=True)
    if key == "@vocab":
        if isinstance(value, str) and ":" not in value:
            raise RefusedError("rdf-syntax", "names a vocabulary that is no IRI; write it in full", key, in_context=True)
        return UNKNOWN if value is None else value
    if isinstance(value, dict):
        return _reveal_definition(key, value)
    if isinstance(value, str) and not key.startswith("@"):
        _check_meaning(value)
    return {"@id": UNKNOWN + key} if value is None and not key.startswith("@") else value


def _reveal_definition(term: str, definition: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in definition.items():
        if key not in _OF_CONTEXTS:
            raise dropped(key, in_context=True)
        if key == "@direction" and value is not None:
            raise _of_rdf_12(key, in_context=True)
        if key == "@container" and {"@index", "@graph"} & {*(value if isinstance(value, list) else [value])}:
            raise RefusedError("rdf-syntax", f'"{term}" is a map whose keys RDF does not keep; write a list', key, in_context=True)
        if isinstance(value, str):
            _check_meaning(value)
        found[key] = _reveal_context(value) if key == CONTEXT else UNKNOWN + term if (key, value) == ("@id", None) else value
    return found


def _check_meaning(value: str) -> None:
    if _KEYWORD.fullmatch(value) and value not in _OF_CONTEXTS:
        raise dropped(value, in_context=True)
    if value.startswith("_:"):
        raise RefusedError("blank-node", "holds a blank node as a term; give it an IRI", value, in_context=True)


def _remote(word: str) -> RefusedError:
    message = f'names the context "{word}"; nothing is fetched: put the context into the file'
    return RefusedError("remote-context", message, word, in_context=True)


def _of_rdf_12(key: str, in_context: bool = False) -> RefusedError:
    message = "holds a text with a direction, which is RDF 1.2; data is RDF 1.1: remove the direction"
    return RefusedError("rdf-12", message, key, in_context)


def dropped(word: str, in_context: bool = False) -> RefusedError:
    """The refusal of a word that would be dropped."""
    what = "is no keyword of JSON-LD" if word.startswith("@") else "is in no @context"
    return RefusedError("unknown-key", f'"{word}" {what}, so JSON-LD would drop it in silence; correct or remove it', word, in_context)


def contexts(node: Any) -> Iterator[dict[str, Any]]:
    """Every context of a document that is an object, also those within the terms of another."""
    for item in node if isinstance(node, list) else []:
        yield from contexts(item)
    for key, value in node.items() if isinstance(node, dict) else []:
        if key == CONTEXT:
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))
        yield from contexts(value)


def aliases_of(document: Any) -> dict[str, str]:
    """The words that contexts give to keywords."""
    named = [(term, d.get("@id") if isinstance(d, dict) else d) for context in contexts(document) for term, d in context.items()]
    aliases = {term: term for term in _OF_NODES}
    for _ in range(4):  # an alias of an alias of an alias
        aliases |= {term: aliases[word] for term, word in named if isinstance(word, str) and word in aliases}
    return aliases


def nodes_only(value: Any, aliases: dict[str, str]) -> None:
    """Refuse values where only nodes are kept: at the top, in a graph, among what is included."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            nodes_only(item, aliases)
        elif isinstance(item, dict):
            loose = next((key for key in item if aliases.get(key) in ("@value", "@list", "@set")), None)
            if loose is not None:
                raise RefusedError("rdf-syntax", "holds a value outside of a node, which JSON-LD would drop in silence", loose)
        elif item is not None:
            message = f"holds {json.dumps(item)[:40]} outside of a node, which JSON-LD would drop in silence; make it a value of a node"
            raise RefusedError("rdf-syntax", message, str(item))
