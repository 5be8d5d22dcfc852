"""IRIs of a release that have no document of their own: graphs, waivers, imports, modules of shapes, the list of prefixes.

They stand in the dumps, and whoever looks one up is led to a document that tells of it (https://www.w3.org/TR/cooluris/#r303gendocument).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from kg.formats import BY_EXTENSION
from kg.graph import derived_graph
from kg.layout import shapes_folders
from kg.publish.content import Content
from kg.publish.described import GRAPH
from kg.publish.frame import site_of

GRAPHS: Final = "graph/"
"""Where the IRI of the graph of what a record says begins, below the base IRI; what follows is the path of what the record is about."""


def elsewhere(content: Content, files: Collection[str]) -> dict[str, str]:
    """Each such IRI with the thing whose documents tell of it, both as paths below the base IRI; sorted.

    What a record says is its graph, so that is told of where the record is; what has no page, by the documents of the dataset.
    """
    dataset = content.dataset
    whole = site_of(content).iri.removeprefix(dataset.base)
    found = {"prefixes": "vocab/prefixes", GRAPH: whole, derived_graph(dataset).value.removeprefix(dataset.base): whole}
    found |= {f"shapes/{path.stem}": "shapes" for folder in shapes_folders(dataset.folder) for path in folder.glob("*.ttl")}
    found |= {f"{GRAPHS}{path}": whole for path in dataset.files if path.rpartition(".")[2] in BY_EXTENSION}
    for name in dataset.records.values():
        there = name if f"{name}.html" in files else whole
        found |= {name: there, f"{GRAPHS}{name}": there}
    return {path: there for path, there in sorted(found.items()) if path != there}
