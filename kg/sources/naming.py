"""What a fact and the works that it cites are called: worked out of what is said, so that two sources which say the same use one name."""

from __future__ import annotations

import hashlib
import re

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.ontology import Kind, Ontology
from kg.terms import Value

_LONGEST = 40


def fact_name(kind: Kind, predicate: NamedNode, value: Value, qualifiers: list[tuple[str, str]], ontology: Ontology) -> str:
    """``phenotype-HP_0001250-1a2b3c4d``: the kind, the predicate where it is not the usual one, the object, a hash over the qualifiers."""
    usual = predicate == kind.default_predicate
    parts = [kind.key, *([] if usual else [ontology.term(predicate)]), _short(value, ontology)]
    return "-".join([*parts, *([_hash("\n".join(" ".join(pair) for pair in qualifiers))] if qualifiers else [])])


def work_key(curie: str) -> str:
    """The key of a work that is known by an identifier: ``pmid-14663287`` of ``PMID:14663287``."""
    prefix, _, local = curie.partition(":")
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", local)
    return f"{prefix.lower()}-{plain}" if plain == local else f"{prefix.lower()}-{plain}-{_hash(local)}"


def _short(value: Value, ontology: Ontology) -> str:
    """A value as part of a name: letters, digits, ``-`` and ``_``. Texts that are cut or changed get a hash."""
    if isinstance(value, NamedNode):
        text = (ontology.prefixes.contract(value.value) or v.local_name(value.value)).removeprefix("rf:").replace(":", "_")
    else:
        text = value.value if value.language is None else f"{value.value}@{value.language}"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", text)
    return text if plain == text and len(text) <= _LONGEST else f"{plain[:_LONGEST].strip('-').lower()}-{_hash(text)}".lstrip("-")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
