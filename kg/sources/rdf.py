"""Foreign RDF, made into facts by a CONSTRUCT query beside it, which constructs nodes as our own data are made of; no Python.

.. code-block:: sparql

    CONSTRUCT { [] a rf:Name ; rdf:subject ?disease ; rdf:predicate rf:exactName ; rdf:object ?label }
    WHERE { ?disease a owl:Class ; rdfs:label ?label . FILTER(LANG(?label) = "ja") }

Each solution makes one node. Prefixes that the project knows need not be declared. Diseases and terms have to be IRIs of vocabularies that
the project knows; what a file calls otherwise, the query turns (``BIND(IRI(CONCAT("https://omim.org/entry/", ?number)) AS ?disease)``) and
names the node of the file by ``rf:locator``. Articles are cited by ``dcterms:source``. A node of the file that is neither a fact, nor
the subject or the locator of one, is reported. A file in YAML beside them has the key ``work:``, as that of a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad

from kg import limits
from kg import vocabulary as v
from kg.files import read_small
from kg.foreign import ForeignFile, read_foreign
from kg.formats import FORMATS, SPARQL
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.construct import constructed
from kg.sources.forms import Form, described
from kg.sources.model import Importer, Item, Reading, Role, SourceFile
from kg.sources.nodes import Node, Nodes, NoFactError, Pair, by_subject
from kg.sources.opening import refuse

_BASE = "https://relative.invalid/"
"""What IRIs are relative to that a file gives without a base; no vocabulary has it, so no fact can be of one."""


def _read(reading: Reading) -> Iterator[Item]:
    ontology = reading.ontology or Ontology.load(ontology_folders())
    quads, files = _quads(reading.files["data"])
    query = reading.files["query"][0]
    made = by_subject(constructed(query, _text(query), quads, ontology.prefixes.namespaces))
    nodes = Nodes(ontology, reading.works["data"])
    used: set[str] = set()
    items = []
    for node, pairs in made.items():
        used |= {node.value} | {value.value for predicate, value in pairs if predicate in (v.RDF_SUBJECT, v.LOCATOR)}
        items.append(_item(node, pairs, nodes, files, query.name))
    yield from sorted(items, key=repr)  # the names of blank nodes say nothing, nor does their order
    for iri in sorted(files.keys() - used):
        shown = ontology.prefixes.show(iri, _BASE)
        if shown not in used:
            yield Item(files[iri], 0, shown, lost="not-constructed", detail=iri)


def _quads(data: tuple[SourceFile, ...]) -> tuple[list[Quad], dict[str, str]]:
    """All statements, and in which file each node with an IRI stands first."""
    wanted = [ForeignFile(file.path, file.name, NamedNode(_BASE + quote(file.name)), blank_nodes=True) for file in data]
    quads: list[Quad] = []
    files: dict[str, str] = {}
    for file, found in read_foreign(wanted, _BASE):
        quads += found
        for quad in found:
            if isinstance(quad.subject, NamedNode):
                files.setdefault(quad.subject.value, file.name)
    return quads, files


def _item(node: Node, pairs: list[Pair], nodes: Nodes, files: Mapping[str, str], query: str) -> Item:
    """What a constructed node becomes; it stands in the file of its locator or subject, where it has one."""
    named = sorted(pairs, key=lambda pair: pair[0] != v.LOCATOR)
    places = [value.value for predicate, value in named if predicate in (v.LOCATOR, v.RDF_SUBJECT)]
    if isinstance(node, NamedNode):
        places.insert(0, node.value)
    file = next((files[place] for place in places if place in files), query)
    try:
        fact = nodes.fact(pairs)
    except NoFactError as error:
        return Item(file, 0, " ".join(dict.fromkeys(places)) or "node", lost=error.reason, detail=error.detail)
    return Item(file, 0, fact.about, (fact,))


def _text(query: SourceFile) -> str:
    content = read_small(query.path, query.name, limits.QUERY_BYTES)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(query.name, "encoding", "is not UTF-8; save the file as UTF-8", content.count(b"\n", 0, error.start) + 1)


def _describe(files: Mapping[str, tuple[SourceFile, ...]]) -> Importer:
    for role in ("mapping", "query"):
        if len(files[role]) != 1:
            refuse(files[role][-1].name, "mapping", f"is a second {role}; import the files of each by themselves")
    form = Form.read(files["mapping"][0])
    importer = described(RDF, form)
    form.done()
    form.check()
    return importer


RDF = Importer(
    name="rdf",
    title="foreign RDF, with a query",
    roles=(
        Role("mapping", ("*.yaml", "*.yml"), "which work it is", "", "", "", "", ""),
        Role("query", (f"*.{SPARQL}",), "the query that constructs facts", "", "", "", "", ""),
        Role("data", tuple(f"*.{format.extension}" for format in FORMATS), "the RDF", "rdf", "", "", "", ""),
    ),
    read=_read,
    reasons={
        "not-constructed": "the query makes no fact of it, nor one whose subject or locator it is",
        "no-key": "the node says something that facts of this kind do not say",
        "several-values": "the node has several values where a fact has one",
    },
    describe=_describe,
)
