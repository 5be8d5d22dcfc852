"""What a release says of itself, in its ``void.ttl``: the prefixes, the dataset, and its document of questions."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg.errors import KgError
from kg.prefixes import Prefixes
from kg.publish.released import Release

_PRIMARY_TOPIC = NamedNode("http://xmlns.com/foaf/0.1/primaryTopic")
DOCUMENT = "void.ttl"


@dataclass(frozen=True)
class About:
    """The description of a release: its statements, what prefixes it declares, and the path of the dataset below the base IRI."""

    quads: tuple[Quad, ...]
    prefixes: Prefixes
    dataset: str


def about(release: Release) -> About:
    """What a release says of itself; prefixes and dataset are empty where it says nothing.

    Raises KgError where nobody can read it.
    """
    path = release.path / DOCUMENT
    try:
        quads = tuple(parse(path.read_bytes(), format=RdfFormat.TURTLE)) if path.is_file() else ()
    except SyntaxError as error:
        raise KgError(f"{path}: this is no Turtle: {error.msg}; build the release again") from None
    topics = [quad.object.value for quad in quads if quad.predicate == _PRIMARY_TOPIC and isinstance(quad.object, NamedNode)]
    base: str = release.manifest["base"]
    return About(quads, Prefixes.of(quads), topics[0].removeprefix(base) if topics else "")
