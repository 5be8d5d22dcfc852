"""The graph of what was written and what follows from it: ontology, data, and the rules of ``ontology/rules/``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple

from kg.dataset import Dataset
from kg.errors import KgError
from kg.guard import guard
from kg.layout import files_in, ontology_folders
from kg.ontology import Ontology

_THREADS: Final = 2


def store_of(quads: Iterable[Quad]) -> Store:
    """An in-memory store; queries see the union of its graphs where they ask for it."""
    store = Store()
    store.bulk_extend(quads)
    return store


def rules(folders: list[Path], stage: str = "rules") -> dict[str, str]:
    """The inference rules by name: CONSTRUCT queries, one a file; with the stage ``settling`` those by which sources meet."""
    return {path.stem: path.read_text(encoding="utf-8") for path in files_in(folders, f"{stage}/*.rq")}


def projections(folders: list[Path]) -> dict[str, str]:
    """The projections to other models by name: CONSTRUCT queries, one a file."""
    return {path.stem: path.read_text(encoding="utf-8") for path in files_in(folders, "alignments/*.rq")}


def descriptions(folders: list[Path]) -> dict[str, str]:
    """What is said of a release, by name: CONSTRUCT queries, one a file."""
    return {path.stem: path.read_text(encoding="utf-8") for path in files_in(folders, "metadata/*.rq")}


def construct(store: Store, name: str, query: str, ontology: Ontology) -> list[Triple]:
    """What a CONSTRUCT query yields over the union of all graphs, sorted. Raises KgError naming the query."""
    return sorted(set(_answer(store, name, query, ontology)), key=str)


def constructed(store: Store, name: str, query: str, ontology: Ontology) -> Iterator[bytes]:
    """The same as lines of N-Triples, as they come and on disk, not in memory."""
    with tempfile.NamedTemporaryFile() as file:
        _answer(store, name, query, ontology).serialize(file.name, format=RdfFormat.N_TRIPLES)
        yield from file


def _answer(store: Store, name: str, query: str, ontology: Ontology) -> QueryTriples:
    try:
        guard(query)
    except KgError as error:
        raise KgError(f"{name}.rq: {error}") from None
    try:
        answer = store.query(query, use_default_graph_as_union=True, prefixes=ontology.prefixes.namespaces)
    except (SyntaxError, ValueError) as error:
        raise KgError(f"{name}.rq: {error}") from None
    if not isinstance(answer, QueryTriples):
        raise KgError(f"{name}.rq: is no CONSTRUCT query; a rule constructs the triples that follow")
    return answer


def follow(dataset: Dataset, store: Store, stage: str = "rules") -> list[Quad]:
    """Put into a store what follows from it by the rules of a stage.

    Returned as well, but where there are imports: then it is in the store only.
    """
    if dataset.entered:
        add_derived(dataset, store, stage)
        return []
    quads = derived(dataset, store, stage)
    store.bulk_extend(quads)
    return quads


def derived(dataset: Dataset, store: Store, stage: str = "rules") -> list[Quad]:
    """All that the rules of a stage derive from what was written, in the graph for it. Rules do not see each other's results."""
    triples: set[Triple] = set()
    for name, query in rules(ontology_folders(dataset.folder), stage).items():
        triples.update(_answer(store, name, query, dataset.ontology))
    graph = derived_graph(dataset)
    return [Quad(t.subject, t.predicate, t.object, graph) for t in sorted(triples, key=str) if isinstance(t.subject, NamedNode)]


def add_derived(dataset: Dataset, store: Store, stage: str = "rules") -> None:
    """Put the same into the store, by way of files: for a store whose statements do not fit into memory twice."""
    with tempfile.TemporaryDirectory() as folder:
        queries = rules(ontology_folders(dataset.folder), stage)
        found = {name: Path(folder) / f"{name}.nt" for name in queries}

        def write(name: str) -> None:
            _answer(store, name, queries[name], dataset.ontology).serialize(str(found[name]), format=RdfFormat.N_TRIPLES)

        with ThreadPoolExecutor(_THREADS) as pool:  # Oxigraph lets go of the GIL
            list(pool.map(write, queries))
        for path in found.values():
            store.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES, to_graph=derived_graph(dataset))


def derived_graph(dataset: Dataset) -> NamedNode:
    """The graph of what follows from what was written."""
    return NamedNode(dataset.base + "graph/derived")
