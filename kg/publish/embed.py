"""The JSON-LD that a page embeds: a page about a condition, with its facts as cited claims, in the words of schema.org.

What it says is the projection ``schema-org`` of ``ontology/alignments/``, a CONSTRUCT query; here its triples are nested and
written, whatever their terms. The document is JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with its context inside, so
nothing has to be fetched to read it.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.errors import KgError
from kg.graph import construct, constructed, projections
from kg.layout import ontology_folders
from kg.reads import Noted, Reads, Remembered
from kg.scratch import Scratch
from kg.sorting import once, sorted_lines
from kg.subjects import Subjects
from kg.terms import Value, subject_of, value_of

EXTENSION: Final = "schema.jsonld"
_DISEASES: Final = "schema-org"
_NAMESPACE: Final = "http://schema.org/"
_ABOUT: Final = f"<{_NAMESPACE}mainEntity>".encode()
_AT_HAND: Final = 5_000
"""So many nodes are at hand; most are named in many documents."""
_PLAIN: Final = "@none"

_Values = dict[NamedNode, list[Value]]
_Holders = dict[NamedNode, tuple[NamedNode, NamedNode] | None]


class Embedding:
    """The projection of a whole dataset, made once and kept in ``scratch``, and the document of each disease."""

    def __init__(self, dataset: Dataset, store: Store, scratch: Scratch, reads: Reads) -> None:
        pages: dict[Value, NamedNode] = {}
        lines = once(sorted_lines(constructed(store, _DISEASES, _query(_DISEASES, dataset), dataset.ontology)))
        self._nest = Nest(Subjects(scratch, f"{_DISEASES}.nt", _seen(lines, pages), reads), _language(dataset), reads)
        self._pages = Noted(reads, "pages", pages)

    def document(self, disease: NamedNode) -> bytes:
        """The document of a disease in UTF-8: its page with all that it leads to. Raises KeyError where there is no page about it."""
        return self._nest.document(self._pages[disease])

    def said(self, node: Value, term: str) -> list[str]:
        """What the projection says of a node by a property of schema.org, such as ``text`` of a claim; nothing where it says nothing."""
        values = self._nest.values(node) if isinstance(node, NamedNode) and node in self._nest else {}
        return [value.value for value in values.get(NamedNode(_NAMESPACE + term), [])]

    def script(self, disease: NamedNode) -> str:
        """The document as an element of an HTML page. Raises KeyError as ``document`` does."""
        return script(self.document(disease))


def _seen(lines: Iterable[bytes], pages: dict[Value, NamedNode]) -> Iterator[bytes]:
    """The same lines; what each page is about is remembered on the way."""
    for line in lines:
        if line.split(b" ", 2)[1] == _ABOUT:
            for statement in parse(line, format=RdfFormat.N_TRIPLES):
                pages[value_of(statement)] = subject_of(statement)
        yield line


def projected(name: str, dataset: Dataset, store: Store) -> Nest:
    """What a projection of ``ontology/alignments/`` yields of a small store, ready to be written."""
    index: dict[NamedNode, list[Triple]] = {}
    for triple in construct(store, name, _query(name, dataset), dataset.ontology):
        index.setdefault(subject_of(triple), []).append(triple)
    return Nest(index, _language(dataset), Reads())


def _query(name: str, dataset: Dataset) -> str:
    return projections(ontology_folders(dataset.folder))[name]


def _language(dataset: Dataset) -> str:
    return next((value_of(quad).value for quad in dataset.quads if quad.predicate == v.LANGUAGE), "en")


class Nest:
    """Triples that are written as one tree from a root: each node in full where it is nearest to the root, else by its IRI.

    ``index`` has the triples of each subject, sorted.
    """

    def __init__(self, index: Mapping[NamedNode, list[Triple]], language: str, reads: Reads) -> None:
        self._index = index
        self._language = language
        self.values = Remembered(reads, self._values, _AT_HAND)

    def __contains__(self, node: object) -> bool:
        return isinstance(node, NamedNode) and self._index.get(node) is not None

    def _values(self, node: NamedNode) -> _Values:
        """The values of a node by property, its types first. Raises KeyError where nothing is said of it."""
        values: _Values = {}
        for triple in self._index[node]:
            values.setdefault(triple.predicate, []).append(value_of(triple))
        return dict(sorted(values.items(), key=_type_first))

    def document(self, root: NamedNode) -> bytes:
        """The root with all that it leads to, in UTF-8."""
        holders = self._holders(root)
        context = _context([self.values(node) for node in holders], self, self._language)
        body = {"@context": context, **self._node(root, holders, context)}
        return (json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n").encode()

    def _holders(self, root: NamedNode) -> _Holders:
        """Every node that the root leads to, with the node and property that hold it: those nearest to the root."""
        holders: _Holders = {root: None}
        queue = [root]
        for node in queue:
            for predicate, values in self.values(node).items():
                found = [value for value in values if isinstance(value, NamedNode) and value in self and value not in holders]
                holders.update(dict.fromkeys(found, (node, predicate)))
                queue.extend(found)
        return holders

    def _node(self, node: NamedNode, holders: _Holders, context: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"@id": node.value}
        for predicate, values in self.values(node).items():
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


def _type_first(pair: tuple[NamedNode, list[Value]]) -> tuple[bool, str]:
    return pair[0] != v.RDF_TYPE, pair[0].value


def _term(value: Value) -> str:
    return value.value.removeprefix(_NAMESPACE)
