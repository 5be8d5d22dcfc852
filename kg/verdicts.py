"""What was said of a dataset before, kept: what nothing was changed about is not judged again (``kg.again``).

This holds for records: after any other change of a dataset, of its ontology or shapes, or of the code, everything is judged.
"""

from __future__ import annotations

import json
from dataclasses import astuple
from importlib.metadata import version
from typing import Any, Final

import rdflib
from pyoxigraph import NamedNode, Quad, Store

from kg.again import judge_again
from kg.dataset import RECORDS, Dataset
from kg.graph import queries
from kg.judge import Result
from kg.layout import ontology_folders
from kg.parallel import HERE, Executor
from kg.reading import Reading
from kg.recall import Recall, key_of
from kg.shapes import Shapes

_FILES: Final = 500
"""Where more were changed, judging everything is no slower."""


def written_results(shapes: Shapes, store: Store, dataset: Dataset, recall: Recall, executor: Executor = HERE) -> list[Result]:
    """What the shapes of what was written say of a dataset that is in a store, sorted, each once. Raises KgError."""
    key = _key(shapes, dataset)
    body = recall.get(key)
    kept = json.loads(body) if body is not None else None
    changed = _changed(kept, store, dataset, recall) if kept is not None else None
    said = [Result(*each) for each in kept["results"]] if kept is not None else []
    found = judge_again(shapes, store, dataset, changed, said, executor)
    if kept is None or kept["files"] != dataset.files:
        new = {"files": dataset.files, "language": _language(dataset), "results": [astuple(result) for result in found]}
        recall.put(key, json.dumps(new).encode())
    return found


def _key(shapes: Shapes, dataset: Dataset) -> bytes:
    settling = json.dumps(queries(ontology_folders(dataset.folder), "settling")).encode()
    return key_under("written", shapes, dataset, str(dataset.folder.resolve()).encode("utf-8", "replace"), settling)


def key_under(what: str, shapes: Shapes, dataset: Dataset, *parts: bytes) -> bytes:
    """The key of what was said under these shapes and this ontology, of what the parts of the key tell."""
    versions = f"{version('pyshacl')} {rdflib.__version__} {rdflib.NORMALIZE_LITERALS}"
    under = "".join(sorted(shapes.files.values())) + " " + "".join(sorted(dataset.ontology.files.values()))
    return key_of(what, versions.encode(), under.encode(), dataset.base.encode(), *parts)


def _language(dataset: Dataset) -> str:
    return dataset.values.language if dataset.values else ""


def _changed(kept: dict[str, Any], store: Store, dataset: Dataset, recall: Recall) -> set[Quad] | None:
    """The statements that came or went since; None where that is not known, or many."""
    before, now = kept["files"], dataset.files
    files = {file for file in {*before, *now} if before.get(file) != now.get(file)}
    if kept["language"] != _language(dataset) or len(files) > _FILES:
        return None
    if files and (dataset.entered or not all(file.endswith(RECORDS) for file in files)):
        return None
    reading = Reading(dataset.ontology, recall)
    old: set[Quad] = set()
    for sha256 in (before[file] for file in files if file in before):
        quads = reading.recalled(sha256, dataset.base, _language(dataset))
        if quads is None:
            return None
        old.update(quads)
    graphs = {NamedNode(f"{dataset.base}graph/{dataset.records[dataset.shown(dataset.folder / file)]}") for file in files if file in now}
    new = {quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)}
    return old ^ new
