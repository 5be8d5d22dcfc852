"""A release on disk: complete or absent, named by its content, put in place in one step.

``--out release`` is a symbolic link to ``.release/<id>/`` beside it. A build writes a folder of its own, brings it to
disk, and then swaps the link; whoever reads ``release`` sees the old one or the new one, whole, whatever
happens in between (a kill, a full disk). The release before is kept, for readers that still have it open.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, Final

from kg import vocabulary as v
from kg.errors import KgError
from kg.files import sha256
from kg.indented import in_pieces
from kg.progress import Tell, silent
from kg.publish.before import STAGING, Before, Notes
from kg.publish.content import Content, Part
from kg.publish.crawlers import crawlers
from kg.publish.disk import sync, sync_all, write
from kg.publish.documents import documents
from kg.publish.dumps import dumps
from kg.publish.elsewhere import elsewhere
from kg.publish.file import File
from kg.publish.holding import remove_unless_held
from kg.publish.hosts import HOSTS, hosts
from kg.publish.kept import forget_drafts, note_draft, published, refuse_missing
from kg.publish.metadata import description
from kg.publish.pages import site
from kg.publish.place import Place, unwritten
from kg.publish.reference import reference
from kg.publish.released import MANIFEST, Release
from kg.publish.signposting import linksets
from kg.publish.tables import tables
from kg.publish.traces import Traces
from kg.publish.version import made_with, version_of
from kg.publish.written import Written

PARTS: Final[tuple[Part, ...]] = (dumps, tables, documents, description, linksets, reference, site, crawlers, hosts)
"""What makes the files of a release, in order: each sees the files of those before it."""

_NAME: Final = re.compile("[0-9a-f]{16}")
"""What the folder of a release is called."""
_INSIDE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def write_release(content: Content, place: Place, tell: Tell = silent, draft: bool = False) -> Release:
    """Write a release and put it in its place, and tell what is being made; what only drafts had before may be missing from it.

    Raises KgError where what is there has things that this one neither has nor says are withdrawn.
    """
    out, store = place.out, place.store
    try:
        with closing(Notes(content.scratch.path / "notes.sqlite")) as notes:
            refuse_missing(content, out, published(out, store))
            staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=store.absolute()))
            key = version_of(content.dataset, place.deciding)
            before = Before.of(store, key) if place.unchanged else None
            written = Written([], staging, Traces(content.reads, staging, notes, before, content.executor, tell))
            try:
                manifest, digest = _write_files(content, written)
                final = _settle(written, store, digest)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
                if before is not None:
                    before.close()
            note_draft(out, store, final, draft)
            _swap(out, final)
            forget_drafts(out, store)
            if place.unchanged:
                notes.settle(written.files, store, final, key, content.by_subject.digest)
            else:  # nobody knows which of them were read before they were saved, and which after
                place.say(f"{out}: the ontology, shapes or another file that decides all of it was saved during this build; build again")
            tidy(store, out)
    except (OSError, sqlite3.Error) as error:
        raise unwritten(out, error) from None
    return Release(out, manifest)


def _write_files(content: Content, written: Written) -> tuple[dict[str, Any], str]:
    """Write the files, and tell what the manifest says and its SHA-256."""
    files, folder = written.files, written.folder
    new: list[str] = []
    there: set[str] = {MANIFEST}
    same = written.traces.all_files(content.by_subject.digest)
    files.extend(same or ())
    for path, body in chain.from_iterable(part(content, written) for part in (() if same else PARTS)):
        if path in there:
            what = "another file of the release has this path, and one would take the other's place"
            raise KgError(f"{path}: {what}; give the dataset another name in dataset.yaml, or the thing that it is about another IRI")
        there.add(path)
        if isinstance(body, File):
            files.append(body)
            continue
        if path not in HOSTS and not _INSIDE.fullmatch(path):
            raise KgError(f"{path}: cannot be the path of a file of a release; an IRI in the data leads outside of it: mend the IRI")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        files.append(File(path, *write(target, body)))
        new.append(path)
    manifest = _manifest(content, sorted(files, key=lambda file: file.path))
    _, digest = write(folder / MANIFEST, lambda stream: stream.writelines(map(str.encode, chain(in_pieces(manifest), "\n"))))
    within = {file.path.rpartition("/")[0] for file in files}
    folders = {str(parent) for path in within for parent in (Path(path), *Path(path).parents)}
    sync_all(folder, [*new, MANIFEST, *sorted(folders)])
    return manifest, digest


def _manifest(content: Content, files: list[File]) -> dict[str, Any]:
    dataset, whole = content.dataset, content.measured()
    return {
        "name": content.name,
        "base": dataset.base,
        "version": content.said(v.VERSION),
        "issued": content.said(v.ISSUED),
        "counts": {
            "diseases": len(content.diseases),
            "facts": whole.facts,
            "quads": whole.quads,
            "triples": whole.triples,
        },
        "withdrawn": content.withdrawn,
        "elsewhere": elsewhere(content, {each.path for each in files}),
        "rdfc10-sha256": whole.rdfc,
        "vocabulary": dataset.ontology.version,
        "made-with": made_with(),
        "files": [{"path": each.path, "mediaType": each.media_type, "size": each.size, "sha256": each.sha256} for each in files],
        "read": [{"path": path, "sha256": digest} for path, digest in sorted(dataset.files.items())],
    }


def _settle(written: Written, store: Path, digest: str) -> Path:
    """Give the staged folder its name, by the SHA-256 of its manifest; a folder of that name that is whole is kept."""
    final = store / digest[:16]
    taken = written.traces.taken if written.traces.taken_from == final else set()
    if final.exists() and not verify(final, taken):
        os.utime(final)  # by which it is told when it was put in place last
        return final
    if final.exists():
        shutil.rmtree(final)
    written.folder.chmod(0o755)
    written.folder.rename(final)
    sync(store)
    return final


def verify(path: Path, known: Collection[str] = ()) -> list[str]:
    """What is wrong with the files of a release, by its manifest, but for those that are known to be right; empty where nothing is."""
    try:
        files: Iterable[dict[str, Any]] = Release.open(path).manifest["files"]
        asked = (file for file in files if file["path"] not in known)
        return [f["path"] for f in asked if sha256(path / f["path"], f["path"]) != f["sha256"]]
    except (KgError, OSError, KeyError) as error:
        return [str(error)]


def _swap(out: Path, final: Path) -> None:
    link = out.parent / f".{out.name}" / "next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(f".{out.name}") / final.name)
    link.replace(out)
    sync(out.parent)


def tidy(store: Path, out: Path) -> None:
    """Remove all releases but the present one, the one before it, the one that drafts are held against, and those that are served."""
    present = out.resolve(), published(out, store).resolve()
    releases = (path for path in store.iterdir() if _NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink())
    others = [path for path in releases if path.resolve() not in present]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-1]:
        remove_unless_held(path)
