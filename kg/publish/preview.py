"""What the next release will say of one disease, made at once: its page and its documents, of what is in memory.

They are made by what makes a release, of a small part of the dataset: the disease and all that it leads to, the diseases that it names and
those that name it, and those beside it in a group; then what follows from that. A page shows nothing of any other. So they have the bytes
of the next release, as long as nothing but records was saved, and imports for checking only change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Final

from jinja2 import Environment
from pyoxigraph import NamedNode, Quad, Store

from kg import vocabulary as v
from kg.catalogue import Catalogue
from kg.dataset import Dataset
from kg.graph import follow, store_of
from kg.imports import graph_of
from kg.layout import shapes_folders
from kg.parallel import Pool
from kg.publish.content import Content
from kg.publish.documents import Documents
from kg.publish.file import File
from kg.publish.frame import site_of
from kg.publish.pages import DiseasePages
from kg.publish.signposting import Signposts
from kg.publish.templating import environment
from kg.publish.written import Written
from kg.quads import Quads
from kg.shapes import load_shapes
from kg.terms import subject_of

_ALONE: Final = Pool(1)
_GROUP: Final = 500
"""So many diseases of a group are looked at; a page lists those beside it only where they are far fewer."""


class Preview:
    """Pages and documents of the diseases of a dataset whose statements, but for what follows from them, are in a store."""

    def __init__(self, dataset: Dataset, store: Store) -> None:
        self._dataset, self._store = dataset, store
        self._hidden = {NamedNode(graph_of(dataset.base, each.name)) for each in dataset.imports if each.private} | {v.ONTOLOGY_GRAPH}

    @cached_property
    def _surroundings(self) -> Environment:
        return environment()

    def files(self, disease: NamedNode) -> list[tuple[str, bytes]]:
        """Path and bytes of the documents and the page of a disease, as they will be in a release. Raises KgError."""
        part = replace(self._dataset, quads=Quads(self._around(disease)), imports=[], entered=None)
        store = store_of([*part.ontology.quads(), *part.quads])
        follow(part, store)
        content = Content(part, store, _ALONE)
        try:
            return self._files(content, disease)
        finally:
            content.scratch.remove()

    def _files(self, content: Content, disease: NamedNode) -> list[tuple[str, bytes]]:
        part = content.dataset
        documents = Documents(content).files(disease)
        folder = content.scratch.path
        for path, body in documents:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(body)
        written, site = Written([File(path, 0, "") for path, _ in documents], folder), site_of(content)
        core = load_shapes(shapes_folders(part.folder)).core
        catalogue = Catalogue(content.by_subject, part.ontology, core, part.base, site.language, map)
        pages = DiseasePages(self._surroundings, site, catalogue, folder, written.documents, Signposts(site, written))
        return [*documents, *pages.page(disease)]

    def _around(self, disease: NamedNode) -> list[Quad]:
        """What is said of a disease and of what it leads to, of the diseases that its page names, and of the dataset."""
        its = (quad.subject for quad in self._closure([disease]) if quad.predicate == v.RDF_TYPE and quad.object == v.DISEASE)
        named = [each for each in its if isinstance(each, NamedNode)]
        group = [each for link in named if link != disease for each in islice(self._linked_to(link), _GROUP)]
        heads = (subject_of(quad) for quad in self._store.quads_for_pattern(None, v.BASE, None))
        return self._closure([disease, *named, *self._linked_to(disease), *group, *heads])

    def _linked_to(self, disease: NamedNode) -> Iterator[NamedNode]:
        """The diseases of which a fact names a disease, also more than once."""
        for fact in self._subjects(v.RDF_OBJECT, disease):
            objects = (quad.object for quad in self._store.quads_for_pattern(fact, v.RDF_SUBJECT, None))
            yield from (each for each in objects if isinstance(each, NamedNode))

    def _closure(self, starts: Iterable[NamedNode]) -> list[Quad]:
        """What is said of nodes, of facts about them, also withdrawn, of what these name, and so on; of what is only named no facts."""
        seen = dict.fromkeys(starts)
        for node in list(seen):
            seen |= dict.fromkeys([*self._subjects(v.RDF_SUBJECT, node), *self._subjects(v.PART_OF, node)])
        found: list[Quad] = []
        nodes = list(seen)
        for node in nodes:
            for quad in self._store.quads_for_pattern(node, None, None):
                if quad.graph_name in self._hidden:
                    continue
                found.append(quad)
                if isinstance(quad.object, NamedNode) and quad.object not in seen:
                    seen[quad.object] = None
                    nodes.append(quad.object)
        return found

    def _subjects(self, predicate: NamedNode, node: NamedNode) -> Iterator[NamedNode]:
        subjects = (quad.subject for quad in self._store.quads_for_pattern(None, predicate, node))
        return (each for each in subjects if isinstance(each, NamedNode))
