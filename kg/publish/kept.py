"""An IRI once published goes on answering: what the release in place has, and the new one would no longer say a word of."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kg.errors import KgError
from kg.formats import TURTLE
from kg.publish.content import Content
from kg.publish.released import Release
from kg.scratch import no_room

_LISTED: Final = 10
"""So many of those that are missing are named in a message."""


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


def refuse_missing(content: Content, out: Path) -> None:
    """Raise KgError where something of the release at ``out`` is missing; that release decides nothing else of the new one."""
    if not out.is_symlink():
        return
    try:
        found = missing(content, Release.open(out))
    except KgError:  # what is there is no whole release, so nobody has read it
        return
    except OSError as error:  # the statements of the content are put in order when they are looked at
        raise no_room(error) from None
    if found:
        named = ", ".join(found[:_LISTED]) + (f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else "")
        raise KgError(
            f"{out}: has {named}, which the data neither has nor says is withdrawn. What was published goes on answering: write a record "
            f"that begins with withdrawn: {found[0]}. If nobody was ever given that release, remove {out} and build again"
        )
