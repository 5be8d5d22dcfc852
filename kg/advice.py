"""What to write instead: an example that fits the property, as its shape gives one, and the key of a record where its CURIE was written."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg import vocabulary as v
from kg.layout import files_in
from kg.ontology import Ontology, Property
from kg.turtle import read_module

_EXAMPLE: Final = re.compile(r"https?://[^\s,;]+|\b[A-Za-z]+:[A-Za-z0-9][^\s,;]*|\b[a-z]+/[^\s,;]+")


def wanted(prop: Property, folders: tuple[Path, ...]) -> str:
    """What a value should be that is no IRI: by example of the shapes in some folders."""
    examples = _examples(folders)
    word = _folded(prop.key) if prop.iri == v.RDF_OBJECT else ""
    example = examples.get((prop.iri.value, word), "HP:0002721")
    return f"an IRI such as {example}" if re.match(r"https?://|[a-z]+/", example) else f"a CURIE such as {example} or an IRI"


@lru_cache
def _examples(folders: tuple[Path, ...]) -> dict[tuple[str, str], str]:
    """The first term in the description of a shape, by its path, and by its name as well where many kinds of fact have that path."""
    told: dict[str, dict[str, str]] = {}
    for path in files_in(list(folders), "*.ttl"):
        for triple in read_module(path)[1]:
            _take(triple, told)
    found: dict[tuple[str, str], str] = {}
    for said in told.values():
        example = _EXAMPLE.search(said.get("description", ""))
        if "path" in said and example:
            word = _folded(said.get("name", "")) if said["path"] == v.RDF_OBJECT.value else ""
            found.setdefault((said["path"], word), example[0].rstrip(".)"))
    return found


def _take(triple: Triple, told: dict[str, dict[str, str]]) -> None:
    word = v.local_name(triple.predicate.value)
    if word in ("path", "name", "description") and isinstance(triple.object, (NamedNode, Literal)):
        told.setdefault(str(triple.subject), {})[word] = triple.object.value


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def numbers(text: str, prop: Property, ontology: Ontology) -> str:
    """``; numbers stand under percentage: …`` where a number was written for a class of numbers."""
    if not re.search("[0-9]", text) or ontology.text(prop.iri, v.QUANTITY) is None:
        return ""
    keys = [key for key, other in ontology.properties.items() if ontology.text(other.iri, v.QUANTITY) not in (None, "class")]
    return f"; numbers stand under {', '.join(f'{key}:' for key in keys)}" if keys else ""


def record_key(kind: NamedNode, text: str) -> str:
    """A key of a record of some type for example: that of what goes by a CURIE, ``pmid-14663287`` for ``PMID:14663287``."""
    curie = re.match(r"([A-Za-z]+)(?::\s*|\s+)([0-9]+)(?!\S)", text)
    if kind == v.DISEASE:
        return f"{curie[1].upper()}_{curie[2]}" if curie else "MONDO_0010626"
    return f"{curie[1].lower()}-{curie[2]}" if curie else "pmid-14663287"
