"""An IRI once published goes on answering: what the release in place has, and the new one would no longer say a word of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.errors import KgError
from kg.files import escaped
from kg.formats import BY_EXTENSION, TURTLE
from kg.graph import derived_graph
from kg.imports import FOLDER, GRAPH, graph_of
from kg.publish.content import Content
from kg.publish.disk import sync
from kg.publish.permalinks import permalinks, permalinks_but
from kg.publish.released import Release
from kg.scratch import no_room

_LISTED: Final = 10
"""So many of those that are missing are named in a message."""
_GRAPHS: Final = "graph/"
_PUBLISHED: Final = "published-before-"
"""What the names of links beside the releases begin with, one for each draft: to what people were given last when that draft was put in
place; to nothing where there was none. One holds only while that draft is in place, so it may be there before that, or after it."""


def published(out: Path, store: Path) -> Path:
    """What people were given last: the release at ``out``, or the one that was there before drafts were."""
    link = _before(store, out.readlink().name) if out.is_symlink() else out
    return link if link.is_symlink() else out


def note_draft(out: Path, store: Path, final: Path, draft: bool) -> None:
    """Note that the release which is to be put at ``out`` is a draft, or is none: then nothing of what drafts had before is missed."""
    link, before = _before(store, final.name), published(out, store)
    given = before.readlink().name if before.is_symlink() else "nothing"
    if draft and given != final.name:
        new = store / "next"
        new.unlink(missing_ok=True)
        new.symlink_to(given)
        new.replace(link)
    else:
        link.unlink(missing_ok=True)
    sync(store)


def forget_drafts(out: Path, store: Path) -> None:
    """Remove what was noted of drafts that are no longer in place."""
    for link in store.glob(f"{_PUBLISHED}*"):
        if link.name != _before(store, out.readlink().name).name:
            link.unlink()


def _before(store: Path, draft: str) -> Path:
    return store / f"{_PUBLISHED}{draft}"


def missing(content: Content, old: Release) -> list[str]:
    """The paths of things that a release has a document about, and that are neither in the data nor withdrawn there; sorted.

    A release with another base IRI is of another dataset, and none of its things is missing.
    """
    if old.manifest["base"] != content.dataset.base:
        return []
    below = tuple(content.dataset.ontology.record_paths.values())
    documents = (file["path"] for file in old.manifest["files"] if file["path"].startswith(below))
    before = {path.removesuffix(f".{TURTLE.extension}") for path in documents if path.endswith(f".{TURTLE.extension}")}
    now = {node.value.removeprefix(content.dataset.base) for node in (*content.diseases, *content.works, *content.tombstones)}
    return sorted(before - now)


def missing_facts(content: Content, old: Release) -> list[str]:
    """The paths of facts that a release has from records and RDF files, and that are neither in the data nor withdrawn there; sorted.

    Facts of imports are none of these: they are named after what their source says, and go when it no longer says so. Nor are those of
    diseases that are no longer in the data. Only what is in files that have changed is looked at; where one of them may have had graphs
    of any name, all but the graphs of imports and of what follows.
    """
    base, dump = content.dataset.base, old.dump("nq")
    files = _changed_files(content, old.manifest)
    graphs = _changed(content, old.manifest, files)
    if not graphs or not os.access(dump, os.R_OK) or not dump.stat().st_size:  # a release without its dump is no whole release
        return []
    if any(BY_EXTENSION[path.rpartition(".")[2]].has_graphs for path in files):
        before = permalinks_but(old, _following(content, old.manifest))
    else:
        before = permalinks(old, (base + graph for graph in graphs))
    diseases, withdrawn = set(content.diseases), set(content.by_subject.of_type(v.TOMBSTONE))
    found = set()
    for iri in before:
        fact = NamedNode(iri)
        there = fact in withdrawn or any(content.store.quads_for_pattern(fact, v.RDF_SUBJECT, None, None))
        if not there and NamedNode(iri.partition("#")[0]) in diseases:
            found.add(iri.removeprefix(base))
    return sorted(found)


def _following(content: Content, manifest: dict[str, Any]) -> list[str]:
    """The graphs of a release whose facts may go: those of imports, and of what follows."""
    read = (each["path"] for each in manifest.get("read", ()))
    names = [path[len(FOLDER) + 1 :].removesuffix(GRAPH) for path in read if path.startswith(f"{FOLDER}/") and path.endswith(GRAPH)]
    return [derived_graph(content.dataset).value, *(graph_of(content.dataset.base, name) for name in names)]


def _changed_files(content: Content, manifest: dict[str, Any]) -> list[str]:
    """The RDF files that a release was made of, and that are no longer so."""
    read = ((each["path"], each["sha256"]) for each in manifest.get("read", ()))
    changed = (path for path, digest in read if content.dataset.files.get(path) != digest and not path.startswith(f"{FOLDER}/"))
    return [path for path in changed if path.rpartition(".")[2] in BY_EXTENSION]


def _changed(content: Content, manifest: dict[str, Any], files: Iterable[str]) -> set[str]:
    """The graphs of records and RDF files that a release was made of, and that are no longer so; as paths below the base IRI."""
    dataset = content.dataset
    digests = {each["sha256"] for each in manifest.get("read", ())}
    shown = dataset.shown(dataset.folder / "x").removesuffix("x")
    names = {path: dataset.records.get(shown + path) for path in dataset.files}
    same = {_GRAPHS + name for path, name in names.items() if name and dataset.files[path] in digests}
    records = {graph for graph in manifest.get("elsewhere", ()) if graph.startswith(_GRAPHS + dataset.ontology.record_paths[v.DISEASE])}
    return (records - same) | {_GRAPHS + escaped(Path(path)) for path in files}


def refuse_missing(content: Content, out: Path, before: Path) -> None:
    """Raise KgError where something of the release ``before`` that at ``out`` is missing; it decides nothing else of the new one."""
    if not before.is_symlink():
        return
    try:
        old = Release.open(before)
        things, facts = missing(content, old), missing_facts(content, old)
    except KgError:  # what is there is no whole release, so nobody has read it
        return
    except OSError as error:  # the statements of the content are put in order when they are looked at
        raise no_room(error) from None
    told = []
    if things:
        why = f"{_named(things)}, which the data neither has nor says is withdrawn"
        told.append(f"{why}: write a record that begins with withdrawn: {things[0]}")
    if facts:
        disease, _, name = facts[0].partition("#")
        told.append(
            f"{_named(facts)}, which the data neither states nor says is withdrawn: give each its name again, or write in the record of "
            f"{disease}, below withdrawn:, its name ({name}:) with title:, withdrawnOn:, lastVersion: {old.manifest.get('version')}, "
            "reason:, and replacedBy: where another fact stands in its place"
        )
    if told:
        raise KgError(
            f"{out}: has {'; and has '.join(told)}. What was published goes on answering. "
            f"If nobody was ever given that release, remove {out} and build again"
        )


def _named(those: Sequence[str]) -> str:
    return ", ".join(those[:_LISTED]) + (f" and {len(those) - _LISTED:,} more" if len(those) > _LISTED else "")
