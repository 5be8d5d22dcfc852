"""The JSON-LD 1.1 context, worked out of the ontology; it is written nowhere else.

``coercions`` is the same knowledge as a table, for the writer of JSON-LD (``kg.jsonld``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.ontology import Kind, Ontology, Property

ID: Final = "@id"
VOCAB: Final = "@vocab"
LANGUAGE_MAP: Final = "@language"
_ALIASES: Final = {"id": "@id", "type": "@type", "graph": "@graph", "included": "@included"}


@dataclass(frozen=True, slots=True)
class Coercion:
    """How the values of a term are written: ``@id``, ``@vocab``, a datatype IRI, a language map, or in full (None)."""

    key: str
    type: str | None
    multiple: bool = False


class Context:
    """Terms, and how their values are written."""

    def __init__(self, ontology: Ontology, base: str) -> None:
        self.ontology = ontology
        self.base = base

    @cached_property
    def coercions(self) -> dict[NamedNode, Coercion]:
        """Terms that hold anywhere, by property."""
        found = {prop.iri: self._coercion(prop) for prop in self.ontology.properties.values()}
        for kind in self.ontology.kinds.values():
            for predicate in kind.predicates:
                found[predicate] = self._coercion(Property(self.ontology.term(predicate), predicate, kind.object.ranges, True))
        found[v.RDF_PREDICATE] = Coercion("predicate", VOCAB)
        found[v.RDFS_LABEL] = Coercion("label", LANGUAGE_MAP)
        del found[v.RDF_SUBJECT]
        return found

    def scoped(self, kind: Kind) -> dict[NamedNode, Coercion]:
        """Terms that hold within facts of a kind.

        None is the key that the facts stand under: jsonld.js, PyLD and jsonld-streaming-parser mistake a term that is defined again in a
        context of its own, which JSON-LD 1.1 allows. Where a record has the same word for both, this is ``object`` (or ``predicate``).
        """
        own = {v.RDF_OBJECT: self._coercion(kind.object)}
        if kind.predicate:
            own[v.RDF_PREDICATE] = Coercion(kind.predicate.key, VOCAB)
        return {iri: replace(each, key=self.ontology.term(iri)) if each.key == kind.key else each for iri, each in own.items()}

    def _coercion(self, prop: Property) -> Coercion:
        return Coercion(prop.key, self._type(prop), prop.multiple)

    def _type(self, prop: Property) -> str | None:
        first = prop.ranges[0] if prop.ranges else None
        if first is None:
            return None
        if first == v.RDF_LANG_STRING:
            return LANGUAGE_MAP
        if first.value.startswith(v.XSD):
            return first.value
        return ID if first in self.ontology.record_paths or first == v.RDFS_RESOURCE else VOCAB

    @cached_property
    def words(self) -> dict[str, str]:
        """Resources whose word is not their local name in the vocabulary: word by IRI."""
        keys = {prop.iri.value: prop.key for prop in self.ontology.properties.values()}
        return {iri.value: word for iri, word in self.ontology.terms.items() if iri.value not in keys} | keys

    @cached_property
    def document(self) -> dict[str, Any]:
        """The value of ``@context``, in a fixed order."""
        context: dict[str, Any] = {"@base": self.base, "@vocab": v.RF, **_ALIASES}
        for prefix, namespace in self.ontology.prefixes.namespaces.items():
            plain = namespace.endswith(("/", "#", ":", "?", "[", "]", "@"))
            context[prefix] = namespace if plain else {"@id": namespace, "@prefix": True}
        terms = {coercion.key: self._definition(iri, coercion) for iri, coercion in self.coercions.items()}
        for iri, word in self.words.items():
            terms.setdefault(word, self._iri(iri))
        context.update(sorted(terms.items()))
        for kind in self.ontology.kinds.values():
            scoped = {coercion.key: self._definition(iri, coercion) for iri, coercion in self.scoped(kind).items()}
            context[kind.key] = {"@reverse": self._iri(v.RDF_SUBJECT.value), "@container": "@set", "@context": dict(sorted(scoped.items()))}
        return context

    def _definition(self, iri: NamedNode, coercion: Coercion) -> Any:
        definition: dict[str, Any] = {"@id": self._iri(iri.value)}
        if coercion.type == LANGUAGE_MAP:
            definition["@container"] = "@language"
        elif coercion.type is not None:
            definition["@type"] = self._iri(coercion.type)
        if coercion.multiple and coercion.type != LANGUAGE_MAP:
            definition["@container"] = "@set"
        return definition if len(definition) > 1 else definition["@id"]

    def _iri(self, iri: str) -> str:
        return iri if iri.startswith("@") else self.ontology.prefixes.contract(iri) or iri
