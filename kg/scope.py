"""How JSON-LD says properties and IRIs within facts of a kind, or outside of them; each is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.context import Coercion, Context
from kg.ontology import Kind

_SORTS: Final = 1_000
"""So many sets of properties are at hand; most nodes of a kind have the same."""


class Scope:
    """The terms that hold within facts of a kind and within what those facts hold, and those that hold anywhere."""

    def __init__(self, context: Context, kind: Kind | None) -> None:
        self.context = context
        self.terms = context.scoped(kind) if kind else {}
        own = {coercion.key: iri.value for iri, coercion in reversed(self.terms.items())}
        anywhere = {coercion.key: iri.value for iri, coercion in context.coercions.items()}
        self._meanings = {word: iri for iri, word in context.words.items()} | anywhere | own
        self._keys: dict[NamedNode, tuple[str, Coercion | None]] = {}
        self._words: dict[str, str] = {}
        self.ordered: Callable[[tuple[NamedNode, ...]], list[tuple[NamedNode, str, Coercion | None]]] = lru_cache(_SORTS)(self._ordered)

    def key(self, predicate: NamedNode) -> tuple[str, Coercion | None]:
        """The key of a property, and how its values are written; in full where the scope means something else by its key."""
        if predicate not in self._keys:
            coercion = self.terms.get(predicate) or self.context.coercions.get(predicate)
            fits = coercion is not None and self._meanings.get(coercion.key) == predicate.value
            self._keys[predicate] = (coercion.key, coercion) if coercion and fits else (self.vocab(predicate.value), None)
        return self._keys[predicate]

    def _ordered(self, predicates: tuple[NamedNode, ...]) -> list[tuple[NamedNode, str, Coercion | None]]:
        """Properties in the order in which they are written, those that the scope has terms of its own for first, with their keys."""
        keys = {predicate: self.key(predicate) for predicate in predicates}
        own = [predicate for predicate in self.terms if predicate in keys]
        others = sorted(keys.keys() - self.terms.keys(), key=lambda predicate: keys[predicate][0])
        return [(predicate, *keys[predicate]) for predicate in (*own, *others)]

    def vocab(self, iri: str) -> str:
        """A property, a class or an individual of the vocabulary: its word, its local name, its CURIE, or the IRI."""
        if iri not in self._words:
            self._words[iri] = self._vocab(iri)
        return self._words[iri]

    def _vocab(self, iri: str) -> str:
        word = self.context.words.get(iri)
        if word is not None and self._meanings.get(word) == iri:
            return word
        local = iri.removeprefix(v.RF)
        known = local in self.context.document or self._meanings.get(local)
        if local not in ("", iri) and ":" not in local and not local.startswith("@") and not known:
            return local
        return contracted(self.context, iri)


@lru_cache(maxsize=100)
def scope_of(context: Context, kind: Kind | None) -> Scope:
    """The scope within facts of a kind, or of no fact."""
    return Scope(context, kind)


@lru_cache(maxsize=50_000)
def contracted(context: Context, iri: str) -> str:
    """The CURIE of an IRI, or the IRI."""
    return context.ontology.prefixes.contract(iri) or iri
