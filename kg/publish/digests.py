"""What other pages say of a disease as text, in which it is kept from one release to the next: JSON, and the same again when it is read."""

from __future__ import annotations

import json
from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.display import Value
from kg.facts import Citation, Cites, Digest
from kg.terms import Value as Term

Surveyed = tuple[Digest, Cites]


def to_text(surveyed: Surveyed) -> str:
    """A digest, and the works that its facts rest on."""
    digest, cites = surveyed
    return json.dumps(
        {
            "parents": [each.value for each in digest.parents],
            "values": {key: [_fields(value) for value in values] for key, values in digest.values.items()},
            "levels": {key: [[*map(_term, cell), works] for cell, works in found.items()] for key, found in digest.levels.items()},
            "counts": digest.counts,
            "certain": digest.certain,
            "sources": [[work.value, each.disease.value, each.kind, each.fact.value, each.disputes] for work, each in cites.sources],
            "read in": [each.value for each in cites.read_in],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def from_text(text: str) -> Surveyed:
    """The same again."""
    said: dict[str, Any] = json.loads(text)
    digest = Digest(
        parents=tuple(map(NamedNode, said["parents"])),
        values={key: tuple(Value(*each) for each in values) for key, values in said["values"].items()},
        levels={key: {(_read(column), _read(step)): works for column, step, works in found} for key, found in said["levels"].items()},
        counts={key: (facts, lines) for key, (facts, lines) in said["counts"].items()},
        certain=tuple(said["certain"]),
    )
    sources = tuple(
        (NamedNode(work), Citation(NamedNode(disease), kind, NamedNode(fact), disputes))
        for work, disease, kind, fact, disputes in said["sources"]
    )
    return digest, Cites(sources, tuple(map(NamedNode, said["read in"])))


def _fields(value: Value) -> list[str]:
    return [getattr(value, name) for name in Value.__slots__]


def _term(term: Term) -> list[str]:
    return [term.value] if isinstance(term, NamedNode) else [term.value, term.language or "", term.datatype.value]


def _read(said: list[str]) -> Term:
    value, *rest = said
    if not rest:
        return NamedNode(value)
    language, datatype = rest
    return Literal(value, language=language) if language else Literal(value, datatype=NamedNode(datatype))
