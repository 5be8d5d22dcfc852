"""The JSON-LD that a page embeds: a page about a condition, with its facts as cited claims, in the words of schema.org.

What it says is the projection ``schema-org`` of ``ontology/alignments/``, a CONSTRUCT query; here its triples are nested and
written, whatever their terms. The document is JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with its context inside, so
nothing has to be fetched to read it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Iterable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Store, Triple

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.errors import KgError
from kg.graph import construct, projections
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.terms import Value, subject_of, value_of

EXTENSION: Final = "schema.jsonld"
_NAMESPACE: Final = "http://schema.org/"
_ABOUT: Final = NamedNode(f"{_NAMESPACE}mainEntity")
_PLAIN: Final = "@none"

_Values = dict[NamedNode, list[Value]]
_Holders = dict[NamedNode, tuple[NamedNode, NamedNode] | None]


def projected(name: str, dataset: Dataset, store: Store) -> Nest:
    """What a projection of ``ontology/alignments/`` yields of a small store, ready to be written."""
    return nested(name, query_of(name, dataset), store, dataset.ontology, language_of(dataset))


def nested(name: str, query: str, store: Store, ontology: Ontology, language: str) -> Nest:
    """What a CONSTRUCT query yields of a small store, ready to be written. Raises KgError naming the query."""
    return Nest(construct(store, name, query, ontology), language)


def query_of(name: str, dataset: Dataset) -> str:
    """The projection of that name."""
    return projections(ontology_folders(dataset.folder))[name]


def language_of(dataset: Dataset) -> str:
    """The language of a dataset's texts."""
    return next((value_of(quad).value for quad in dataset.quads.saying(v.LANGUAGE)), "en")


class Nest:
    """Triples, sorted, that are written as one tree from a root: each node in full where it is nearest to the root, else by its IRI."""

    def __init__(self, triples: Iterable[Triple], language: str) -> None:
        self._language = language
        self._values: dict[NamedNode, _Values] = {}
        self._pages: dict[Value, NamedNode] = {}
        for triple in triples:
            subject, value = subject_of(triple), value_of(triple)
            self._values.setdefault(subject, {}).setdefault(triple.predicate, []).append(value)
            if triple.predicate == _ABOUT:
                self._pages[value] = subject

    def __contains__(self, node: object) -> bool:
        return node in self._values

    def part(self, node: NamedNode, named: Collection[NamedNode], all_named: Collection[NamedNode]) -> Nest:
        """What is told of one of many nodes: what its page, and what is ``named`` by it, lead to; nothing that others of them name.

        ``all_named`` is what all of them name.
        """

        def is_its(value: Value) -> bool:
            return value in named or value not in all_named

        found = Nest((), self._language)
        if node in self._pages:
            found._pages[node] = self._pages[node]
        queue = dict.fromkeys(each for each in (*found._pages.values(), *named) if each in self._values)
        todo = list(queue)
        for each in todo:
            values = {predicate: its for predicate, objects in self._values[each].items() if (its := [*filter(is_its, objects)])}
            found._values[each] = values
            for value in (value for objects in values.values() for value in objects):
                if isinstance(value, NamedNode) and value in self._values and value not in queue:
                    queue[value] = None
                    todo.append(value)
        return found

    def page_about(self, node: NamedNode) -> bytes:
        """The document of the page about a node. Raises KeyError where there is none."""
        return self.document(self._pages[node])

    def said(self, node: Value, term: str) -> list[str]:
        """What is said of a node by a property of schema.org, such as ``text`` of a claim; nothing where nothing is said."""
        values = self._values.get(node, {}) if isinstance(node, NamedNode) else {}
        return [value.value for value in values.get(NamedNode(_NAMESPACE + term), [])]

    def document(self, root: NamedNode) -> bytes:
        """The root with all that it leads to, in UTF-8."""
        holders = self._holders(root)
        context = _context([self._values[node] for node in holders], self, self._language)
        body = {"@context": context, **self._node(root, holders, context)}
        return (json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n").encode()

    def _holders(self, root: NamedNode) -> _Holders:
        """Every node that the root leads to, with the node and property that hold it: those nearest to the root."""
        holders: _Holders = {root: None}
        queue = [root]
        for node in queue:
            for predicate, values in _types_first(self._values[node]):
                found = [value for value in values if isinstance(value, NamedNode) and value in self and value not in holders]
                holders.update(dict.fromkeys(found, (node, predicate)))
                queue.extend(found)
        return holders

    def _node(self, node: NamedNode, holders: _Holders, context: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"@id": node.value}
        for predicate, values in _types_first(self._values[node]):
            key = "@type" if predicate == v.RDF_TYPE else _term(predicate)
            written: list[Any] = []
            for value in values:
                if isinstance(value, NamedNode) and holders.get(value) == (node, predicate):
                    written.append(self._node(value, holders, context))
                else:
                    written.append(_term(value) if key == "@type" else _value(value, context.get(key), context["@language"]))
            body[key] = written[0] if len(written) == 1 else written
        return body


def script(document: bytes) -> str:
    r"""A JSON document as a script element, in which no text of the document can end the element or open a comment.

    An HTML parser looks for ``</script`` and ``<!--`` there, and in JSON ``<`` stands in strings only, where ``<\/`` and
    ``\u003c!`` mean the same (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements).
    """
    text = document.decode().strip().replace("</", "<\\/").replace("<!", "\\u003c!")
    return f'<script type="application/ld+json">{text}</script>\n'


def snippet(folder: Path, files: Iterable[str], accession: str) -> str:
    """The script element of a disease, from the files of a release. Raises KgError where the release has no such disease."""
    name = f"{accession.replace(':', '_')}.{EXTENSION}"
    found = next((path for path in files if path.rpartition("/")[2] == name), None)
    if found is None:
        raise KgError(f'{folder}: there is no disease "{accession}" in this release; give its accession, such as MONDO_0010626')
    return script((folder / found).read_bytes())


def _context(nodes: Iterable[_Values], known: Container[NamedNode], language: str) -> dict[str, Any]:
    """Terms are schema.org's; where all values of one are of a sort, the context says it once and they are plain strings."""
    sorts: dict[str, set[str | None]] = {}
    for values in nodes:
        for predicate, objects in values.items():
            if predicate != v.RDF_TYPE:
                sorts.setdefault(_term(predicate), set()).update(_sort(each, known, language) for each in objects)
    context: dict[str, Any] = {"@vocab": _NAMESPACE, "@language": language}
    for term, found in sorted(sorts.items()):
        only = next(iter(found)) if len(found) == 1 else None
        if only is not None:
            context[term] = {"@language": None} if only == _PLAIN else {"@type": only}
    return context


def _sort(value: Value, known: Container[NamedNode], language: str) -> str | None:
    """What the definition of a term has to say so that the value can be a string; None where it need not or cannot."""
    if isinstance(value, NamedNode):
        return None if value in known else "@id"
    if value.language or value.datatype == v.XSD_STRING:
        return None if value.language else _PLAIN
    return _term(value.datatype)


def _value(value: Value, definition: dict[str, Any] | None, language: str) -> Any:
    if definition is not None:
        return value.value
    if isinstance(value, NamedNode):
        return {"@id": value.value}
    if value.language:
        return value.value if value.language == language else {"@value": value.value, "@language": value.language}
    return {"@value": value.value} if value.datatype == v.XSD_STRING else {"@value": value.value, "@type": _term(value.datatype)}


def _types_first(values: _Values) -> list[tuple[NamedNode, list[Value]]]:
    return sorted(values.items(), key=lambda pair: (pair[0] != v.RDF_TYPE, pair[0].value))


def _term(value: Value) -> str:
    return value.value.removeprefix(_NAMESPACE)
