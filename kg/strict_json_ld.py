"""JSON-LD read without loss. Every JSON-LD library drops in silence what its context does not name, and terms that
are no IRI; so a second reading, with a default vocabulary of its own and without checks, shows what would be dropped.

Remote contexts, and what has no meaning in RDF, are refused before a parser sees them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from kg import json_text
from kg.json_text import CONTEXT, JsonLdError, RefusedError
from kg.reveal import UNKNOWN, aliases_of, contexts, dropped, reveal

__all__ = ["JsonLdError", "parse_json_ld"]


def parse_json_ld(content: bytes, base: str, blank_nodes: bool = False) -> list[Quad]:
    """All quads of a JSON-LD text. Raises JsonLdError where one would be lost, SyntaxError where it is not JSON-LD."""
    text, document = json_text.load(content)
    try:
        revealing = json.dumps(reveal(document, aliases_of(document)), ensure_ascii=False)
        del document  # several times the size of the text
        return _quads(text, revealing, base, blank_nodes)
    except RefusedError as refused:
        raise refused.located(text) from None


def _quads(text: str, revealing: str, base: str, blank_nodes: bool) -> list[Quad]:
    """The quads of a text, if as many as its revealing version has, and those without a word of ours."""
    count = 0
    try:
        for quad in parse(revealing, format=RdfFormat.JSON_LD, base_iri=base, lenient=True):
            count += 1
            for term in _terms(quad):
                if isinstance(term, BlankNode):
                    if blank_nodes:
                        continue
                    raise json_text.error_at(text, _blank_node(text), "blank-node", "holds a blank node; give every node an IRI")
                if term.value.startswith(UNKNOWN):
                    raise _lost(term.value.removeprefix(UNKNOWN))
    except SyntaxError as error:
        raise JsonLdError(
            "rdf-syntax", f"not JSON-LD: {str(error.msg).replace(UNKNOWN, '')}", error.lineno or 1, error.offset or 1
        ) from None
    try:
        quads = list(parse(text, format=RdfFormat.JSON_LD, base_iri=base))
    except SyntaxError:
        quads = []
    if len(quads) == count:
        return quads
    everything = parse(revealing, format=RdfFormat.JSON_LD, base_iri=base, lenient=True)
    invalid = next((value for quad in everything for value in _invalid(quad)), None)
    if invalid is None:
        list(parse(text, format=RdfFormat.JSON_LD, base_iri=base))  # raises what is wrong, if it has to do with no term
        raise JsonLdError("rdf-syntax", "holds a statement that is not RDF, which JSON-LD would drop in silence")
    raise json_text.error_at(text, _spelt(text, invalid), "rdf-syntax", f'"{invalid}" is no absolute IRI and no language tag; mend it')


def _lost(word: str) -> RefusedError:
    if not word.startswith("@"):
        return dropped(word)
    message = f'"{word}" looks like a keyword, so JSON-LD would drop the statement in silence; write an absolute IRI'
    return RefusedError("rdf-syntax", message, word)


def _terms(quad: Quad) -> Iterator[NamedNode | BlankNode]:
    """The nodes of a quad, and the datatype of its literal."""
    for term in (quad.predicate, quad.object, quad.subject, quad.graph_name):
        if isinstance(term, NamedNode | BlankNode):
            yield term
        elif isinstance(term, Literal) and not term.language:
            yield term.datatype


def _invalid(quad: Quad) -> Iterator[str]:
    """What is no IRI and no language tag, though it stands where one should."""
    for term in _terms(quad):
        try:
            NamedNode(term.value)
        except ValueError:
            yield term.value
    if isinstance(quad.object, Literal) and quad.object.language:
        try:
            Literal("", language=quad.object.language)
        except ValueError:
            yield quad.object.language


def _spelt(text: str, value: str) -> int:
    """The offset of the word that was expanded to an IRI: the longest on which the IRI ends."""
    ends = ((word.text if value.endswith(word.text) else word.text.partition(":")[2], word.offset) for word in json_text.words(text))
    return max(((len(end), -offset) for end, offset in ends if value.endswith(end)), default=(0, 0))[1] * -1


def _blank_node(text: str) -> int:
    """The offset of a blank node: its label, or else the first object without an IRI."""
    labels = (word.offset for word in json_text.words(text) if word.text.startswith("_:") and not word.in_context)
    document = json.loads(text)
    aliases = aliases_of(document)
    maps = {term for context in contexts(document) for term, d in context.items() if isinstance(d, dict) and "@container" in d}
    maps |= {key for key, word in aliases.items() if word in ("@reverse", "@nest")}
    nodes = [each.offset for each in json_text.objects(text) if _is_blank({aliases.get(k, k) for k, _ in each.keys}, each.path, maps)]
    return next(labels, min(nodes, default=0))


def _is_blank(keys: set[str], path: tuple[str, ...], maps: set[str]) -> bool:
    named = keys & {"@id", "@value", "@set"} or not keys - {CONTEXT, "@graph", "@included"}
    return not named and CONTEXT not in path and not (path and path[-1] in maps and "@list" not in keys)
