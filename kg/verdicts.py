"""What pySHACL said before, kept with what it was said of: nodes that nothing was changed about are not judged again.

This holds for shapes whose verdict on a node rests on the node's own statements, those that point to it, and the classes of what these
lead to (``kg.candidates``), and only for records: after any other change of a dataset, of its ontology or shapes, or of the code,
everything is judged. Constraints in SPARQL, which may look anywhere, are always judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple
from importlib.metadata import version
from typing import Any, Final

import rdflib
from pyoxigraph import NamedNode, Quad, Store

from kg import vocabulary as v
from kg.core import is_local, reports
from kg.dataset import RECORDS, Dataset
from kg.judge import Result, results_of
from kg.parallel import HERE, Executor
from kg.reading import Reading
from kg.recall import Recall, key_of
from kg.shapes import Shapes

_FILES: Final = 500
_NODES: Final = 20_000
"""Where more was changed, judging everything is no slower."""


def core_results(shapes: Shapes, store: Store, dataset: Dataset, recall: Recall, executor: Executor = HERE) -> list[Result]:
    """What pySHACL says of a dataset that is in a store. Raises KgError."""
    key = _key(shapes, dataset)
    body = recall.get(key)
    kept = json.loads(body) if body is not None else None
    only = _to_judge(kept, shapes, store, dataset, recall) if kept is not None else None
    judged_now = reports(shapes.core, store, executor, only) if only is None or only else ()
    found = [result for report in judged_now for result in results_of(report)]
    if kept is not None and only is not None:
        judged = {node.value for node in only}
        found = [result for result in found if result.focus in judged]
        found += [Result(*each) for each in kept["results"] if each[0] not in judged]
    said = {"files": dataset.files, "language": _language(dataset), "results": [astuple(result) for result in found]}
    if kept is None or kept["files"] != dataset.files:
        recall.put(key, json.dumps(said).encode())
    return found


def _key(shapes: Shapes, dataset: Dataset) -> bytes:
    return key_under("core", shapes, dataset, str(dataset.folder.resolve()).encode("utf-8", "replace"))


def key_under(what: str, shapes: Shapes, dataset: Dataset, *parts: bytes) -> bytes:
    """The key of what was said under these shapes and this ontology, of what the parts of the key tell."""
    versions = f"{version('pyshacl')} {rdflib.__version__} {rdflib.NORMALIZE_LITERALS}"
    under = "".join(sorted(shapes.files.values())) + " " + "".join(sorted(dataset.ontology.files.values()))
    return key_of(what, versions.encode(), under.encode(), dataset.base.encode(), *parts)


def _language(dataset: Dataset) -> str:
    return dataset.values.language if dataset.values else ""


def _to_judge(kept: dict[str, Any], shapes: Shapes, store: Store, dataset: Dataset, recall: Recall) -> frozenset[NamedNode] | None:
    """The nodes that are to be judged again; None where everything is."""
    before, now = kept["files"], dataset.files
    changed = {file for file in {*before, *now} if before.get(file) != now.get(file)}
    if kept["language"] != _language(dataset) or len(changed) > _FILES:
        return None
    if not changed:
        return frozenset()
    if dataset.entered or not is_local(shapes.core, store):
        return None
    if not all(file.endswith(RECORDS) for file in changed):
        return None
    reading = Reading(dataset.ontology, recall)
    old: set[Quad] = set()
    for sha256 in (before[file] for file in changed if file in before):
        quads = reading.recalled(sha256, dataset.base, _language(dataset))
        if quads is None:
            return None
        old.update(quads)
    graphs = {NamedNode(f"{dataset.base}graph/{dataset.records[dataset.shown(dataset.folder / file)]}") for file in changed if file in now}
    new = {quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)}
    return affected(old ^ new, store)


def affected(changed: Iterable[Quad], store: Store) -> frozenset[NamedNode] | None:
    """The nodes whose verdict may be another after statements came or went; None where it may be that of any node."""
    nodes: set[object] = set()
    for quad in changed:
        if quad.predicate == v.RDFS_SUBCLASS_OF:
            return None
        nodes.update((quad.subject, quad.object))
        if quad.predicate == v.RDF_TYPE:  # whoever has it for a value, either way
            nodes.update(each.subject for each in store.quads_for_pattern(None, None, quad.subject, None))
            nodes.update(each.object for each in store.quads_for_pattern(quad.subject, None, None, None))
        if len(nodes) > _NODES:
            return None
    return frozenset(node for node in nodes if isinstance(node, NamedNode))
