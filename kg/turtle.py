"""Turtle files of an ontology or of shapes."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from kg.errors import KgError
from kg.files import read_own
from kg.guard import nested_too_deep


def read_module(path: Path) -> tuple[bytes, list[Triple]]:
    """The bytes and the triples of a Turtle file of an ontology or of shapes. Raises KgError naming file and line."""
    content = read_own(path)
    return content, triples_of(path, content)


def triples_of(path: Path, content: bytes) -> list[Triple]:
    """The triples of the bytes of such a file. Raises KgError naming file and line."""
    if nested_too_deep(content.decode("utf-8", errors="replace")):
        raise KgError(f"{path}: is nested too deeply; no ontology and no shape needs that")
    try:
        return [quad.triple for quad in parse(content, format=RdfFormat.TURTLE)]
    except SyntaxError as error:
        raise KgError(f"{path}:{error.lineno or 1}:{error.offset or 1}: not Turtle: {error.msg}") from None
