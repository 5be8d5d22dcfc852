"""The graph of what was written and what follows from it: ontology, data, and the rules of ``ontology/rules/``."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple

from kg.dataset import Dataset
from kg.errors import KgError
from kg.files import own_text, written
from kg.guard import explain, guard
from kg.layout import files_in, ontology_folders
from kg.ontology import Ontology
from kg.storing import putting

_THREADS: Final = 2
_BLANK: Final = re.compile(rb"""^_:| _:[^\s"]+ \.$""", re.MULTILINE)
"""A blank node in N-Triples; a literal that looks so ends with a quote, a tag or a datatype."""


def store_of(quads: Iterable[Quad]) -> Store:
    """An in-memory store; queries see the union of its graphs where they ask for it."""
    store = Store()
    store.extend(quads)
    return store


def queries(folders: list[Path], folder: str) -> dict[str, str]:
    """The CONSTRUCT queries in a folder of the ontology by name, one a file. Raises UnreadableError.

    Those in ``rules`` say what follows, in ``settling`` how sources meet, in ``alignments`` what it is in other models, in ``metadata``
    what there is to say of a release.
    """
    return {path.stem: own_text(path) for path in files_in(folders, f"{folder}/*.rq")}


def construct(store: Store, name: str, query: str, ontology: Ontology) -> list[Triple]:
    """What a CONSTRUCT query yields over the union of all graphs, sorted. Raises KgError naming the query."""
    return sorted(set(_answer(store, lambda: f"{name}.rq", query, ontology)), key=str)


def constructed(store: Store, name: str, query: str, ontology: Ontology) -> Iterator[bytes]:
    """The same as lines of N-Triples, as they come and on disk, not in memory."""
    with tempfile.NamedTemporaryFile() as file:
        _answer(store, lambda: f"{name}.rq", query, ontology).serialize(file.name, format=RdfFormat.N_TRIPLES)
        yield from file


def _answer(store: Store, file: Callable[[], str], query: str, ontology: Ontology) -> QueryTriples:
    """What a CONSTRUCT query yields. Raises KgError, with the file that it is written in."""
    try:
        guard(query)
        answer = store.query(query, use_default_graph_as_union=True, prefixes=ontology.prefixes.namespaces)
    except (SyntaxError, ValueError) as error:
        raise KgError(f"{file()}: {explain(str(error), query)}") from None
    except KgError as error:
        raise KgError(f"{file()}: {error}") from None
    if not isinstance(answer, QueryTriples):
        del answer  # rows may end in no other thread than their own (pyoxigraph), and what an error leaves behind ends in any
        raise KgError(f"{file()}: is no CONSTRUCT query; write CONSTRUCT {{ the triples that follow }} WHERE {{ ... }}")
    return answer


def _file(folder: Path, name: str, query: str) -> str:
    """The path of the file of a dataset, or of kg, that a query is written in."""
    paths = files_in(ontology_folders(folder), f"*/{name}.rq")
    return next((written(path) for path in paths if own_text(path) == query), f"{name}.rq")


def follow(dataset: Dataset, store: Store, stage: str = "rules") -> None:
    """Put into a store what follows from it by the rules of a stage. Raises KgError."""
    follow_rules(dataset, store, queries(ontology_folders(dataset.folder), stage))


def follow_rules(dataset: Dataset, store: Store, rules: Mapping[str, str]) -> None:
    """Put into a store what follows from it by some rules, in the graph for it. Rules do not see each other's results.

    Of a dataset with imports, that goes by way of files: it may not fit into memory twice. Raises KgError naming the rule where one
    cannot be asked, or constructs blank nodes: by these two releases cannot be told to be the same.
    """
    graph = derived_graph(dataset)

    def file(name: str) -> str:
        return _file(dataset.folder, name, rules[name])

    with tempfile.TemporaryDirectory() if dataset.entered else nullcontext() as folder:

        def found(name: str) -> dict[str, Any]:
            answer = _answer(store, lambda: file(name), rules[name], dataset.ontology)
            if folder is None:
                return {"input": answer.serialize(format=RdfFormat.N_TRIPLES)}
            path = f"{folder}/{name}.nt"
            answer.serialize(path, format=RdfFormat.N_TRIPLES)
            return {"path": path}

        with ThreadPoolExecutor(_THREADS) as pool:  # Oxigraph lets go of the GIL
            answers = dict(zip(rules, pool.map(found, rules), strict=True))
        for name, each in answers.items():
            if _has_blank(**each):
                raise KgError(f"{file(name)}: constructs a blank node; name every node by an IRI")
        put = putting(store, dataset.in_memory)
        for each in answers.values():
            put(**each, format=RdfFormat.N_TRIPLES, to_graph=graph)


def _has_blank(input: bytes = b"", path: str = "") -> bool:
    """Whether a blank node is in N-Triples."""
    if path and Path(path).stat().st_size:
        with Path(path).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
            return text.find(b"_:") >= 0 and bool(_BLANK.search(text))
    return b"_:" in input and bool(_BLANK.search(input))


def derived_graph(dataset: Dataset) -> NamedNode:
    """The graph of what follows from what was written."""
    return NamedNode(dataset.base + "graph/derived")
