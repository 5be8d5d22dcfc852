"""The table of what a release serves, made of its manifest: files by path, and things by the path of their IRI below the base.

Whatever is not in the table does not exist: no path of a request is ever joined to a folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from kg.formats import (
    BIBTEX,
    CSV,
    GZIP,
    HOST_FILES,
    JSON_LD,
    LINKSET,
    MEDIA_TYPES,
    N_QUADS,
    N_TRIPLES,
    RIS,
    SPARQL,
    TEXT,
    TRIG,
    TURTLE,
    content_type,
)
from kg.publish.released import MANIFEST, Release
from kg.serve.about import DOCUMENT, About

_HTML: Final = "html"
_PREFERRED: Final = (_HTML, *(format.extension for format in (TURTLE, JSON_LD, N_TRIPLES, TRIG, N_QUADS)), BIBTEX, RIS)
"""Documents of a thing, the first for who has no preference: people have none, and see pages."""
_BESIDE: Final = (*_PREFERRED, CSV, SPARQL, TEXT, LINKSET)
"""With what is a document of a thing only beside its page: the rows and the query of a question, the text of a disease, its links."""


@dataclass(frozen=True)
class File:
    """A file of a release, and its compressed twin where the release has one."""

    path: str
    place: Path
    media_type: str
    size: int
    sha256: str
    twin: File | None = None

    @cached_property
    def etag(self) -> str:
        """A strong entity tag: the hash of the bytes, so that it outlives restarts and is the same on each server."""
        return f'"{self.sha256[:32]}"'

    @cached_property
    def extension(self) -> str:
        """What follows the last dot of its path."""
        return self.path.rpartition(".")[2]

    @cached_property
    def ending(self) -> str:
        """The longest ending of its name that has a media type, such as ``linkset.json``."""
        return max((ending for ending in MEDIA_TYPES if f".{self.path.rpartition('/')[2]}".endswith(f".{ending}")), key=len)

    @cached_property
    def content_type(self) -> str:
        """The value of Content-Type, with the charset where one belongs there."""
        return content_type(self.ending)

    @property
    def is_page(self) -> bool:
        """Whether people read it."""
        return self.extension == _HTML


@dataclass(frozen=True)
class Resources:
    """Files and things by path, without the first slash.

    ``gone`` has the paths of what was withdrawn and of the documents about it, each with the paths of what stands in its place.
    """

    base: str
    files: dict[str, File]
    things: dict[str, tuple[File, ...]]
    gone: dict[str, tuple[str, ...]]

    def siblings(self, file: File) -> tuple[File, ...]:
        """The documents about the same thing, the file among them; none where it is about no thing."""
        return self.things.get(file.path.rpartition(".")[0], ()) if file.extension in _PREFERRED else ()


def resources(release: Release, about: About) -> Resources:
    """What a release serves: the files of its manifest, the manifest itself, and the things that some of them are about."""
    folder = release.path.resolve()
    handed_out = [each for each in release.manifest["files"] if not each["path"].endswith(HOST_FILES)]
    listed = {each["path"]: file_of(folder, each) for each in [*handed_out, _manifest(release)]}
    files = {path: _with_twin(file, listed.get(f"{path}.{GZIP}")) for path, file in listed.items()}
    things = _things(files)
    described = [files[path] for path in ("dataset.html", DOCUMENT) if path in files]
    named = {"": [files["index.html"]] if "index.html" in files else [], about.dataset: described, ".well-known/void": described[-1:]}
    things |= {path: documents for path, documents in named.items() if documents}
    told_of = release.manifest.get("elsewhere", {})
    things |= {path: things[there] for path, there in told_of.items() if there in things and path not in things}
    gone: dict[str, tuple[str, ...]] = {}
    for path, successors in release.manifest.get("withdrawn", {}).items():
        things[path] = [files[f"{path}.{extension}"] for extension in _BESIDE if f"{path}.{extension}" in files]
        gone |= dict.fromkeys((path, *(file.path for file in things[path])), tuple(successors))
    return Resources(release.manifest["base"], files, {path: _sorted(found) for path, found in things.items()}, gone)


def with_files(there: Resources, files: Iterable[File]) -> Resources:
    """The same with other files in place of those of their paths, and documents about other things."""
    listed = {file.path: file for file in files}
    things = _things(listed)
    gone = {path: successors for path, successors in there.gone.items() if path not in listed and path not in things}
    known = there.things | {path: _sorted(found) for path, found in things.items()}
    return replace(there, files=there.files | listed, things=known, gone=gone)


def _things(files: dict[str, File]) -> dict[str, list[File]]:
    """The documents of each thing: a name with a dot, such as X.schema.jsonld, is one of a thing only where that has a page."""
    things: dict[str, list[File]] = {}
    for path, file in files.items():
        stem = path.removesuffix(f".{file.ending}")
        alone = file.ending in _PREFERRED and "." not in stem.rpartition("/")[2]
        if alone or (file.ending in _BESIDE and f"{stem}.{_HTML}" in files):
            things.setdefault(stem, []).append(file)
    return things


def file_of(folder: Path, listed: dict[str, Any]) -> File:
    """A file as a manifest lists it, in a folder."""
    return File(listed["path"], folder / listed["path"], listed["mediaType"], listed["size"], listed["sha256"])


def _manifest(release: Release) -> dict[str, Any]:
    body = (release.path / MANIFEST).read_bytes()
    return {"path": MANIFEST, "mediaType": MEDIA_TYPES["json"], "size": len(body), "sha256": sha256(body).hexdigest()}


def _with_twin(file: File, twin: File | None) -> File:
    return File(file.path, file.place, file.media_type, file.size, file.sha256, twin)


def _sorted(files: Iterable[File]) -> tuple[File, ...]:
    return tuple(sorted(files, key=lambda file: _BESIDE.index(file.ending)))
