"""Facts as nodes of RDF, read back into the language of records by the tables of the ontology.

Such a node is what our own data are made of: a class, ``rdf:subject``, ``rdf:object``, perhaps ``rdf:predicate`` and qualifiers. Its
evidence may be left out, or said of the node itself: ``dcterms:source`` for an article, ``rf:locator``, ``rf:evidenceType`` and the like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg import vocabulary as v
from kg.ontology import Kind, Ontology, Property
from kg.sources.facts import denies
from kg.sources.mapping import canonical
from kg.sources.mapping_file import EVIDENCE
from kg.sources.model import Fact, Value, cited

Node = NamedNode | BlankNode
Pair = tuple[NamedNode, NamedNode | BlankNode | Literal]


class NoFactError(Exception):
    """A node that is no fact; ``reason`` is one of the table of reasons."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)


def by_subject(triples: Iterable[Triple]) -> dict[Node, list[Pair]]:
    """The statements of each node, sorted."""
    found: dict[Node, list[Pair]] = {}
    for triple in triples:
        if isinstance(triple.subject, Node) and isinstance(triple.object, NamedNode | BlankNode | Literal):
            found.setdefault(triple.subject, []).append((triple.predicate, triple.object))
    return {node: sorted(pairs, key=str) for node, pairs in found.items()}


@dataclass
class Nodes:
    """Reads nodes by an ontology; facts without an article cite the work."""

    ontology: Ontology
    work: str
    kinds: dict[NamedNode, Kind] = field(init=False)
    properties: dict[NamedNode, Property] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = {kind.iri: kind for kind in self.ontology.kinds.values()}
        own = (v.EVIDENCE, v.CITED, v.RDF_SUBJECT, v.RDF_PREDICATE, v.RDF_OBJECT)
        self.properties = {prop.iri: prop for prop in self.ontology.properties.values() if prop.iri not in own}

    def fact(self, pairs: list[Pair]) -> Fact:
        """The fact that a node states. Raises NoFactError."""
        said: dict[NamedNode, list[NamedNode | BlankNode | Literal]] = {}
        for predicate, value in pairs:
            said.setdefault(predicate, []).append(value)
        kinds = [self.kinds[each] for each in said.pop(v.RDF_TYPE, []) if isinstance(each, NamedNode) and each in self.kinds]
        if len(kinds) != 1:
            raise NoFactError("no-kind", "the node has not one class that is a kind of fact")
        kind = kinds[0]
        about = self.curie(self._one(said.pop(v.RDF_SUBJECT, []), "rdf:subject"))
        object_ = self._one(said.pop(v.RDF_OBJECT, []), "rdf:object")
        says: dict[str, Value] = {kind.object.key: self._text(object_, kind.object)}
        says.update(self._predicate(said.pop(v.RDF_PREDICATE, []), kind))
        language = object_.language if isinstance(object_, Literal) else None
        references = [self.curie(each) for each in said.pop(v.CITED, [])]
        also: dict[str, str] = {}
        for iri, values in said.items():
            prop = self.properties.get(iri)
            if prop is None:
                raise NoFactError("no-key", f"<{iri.value}> is no property of a fact")
            texts = [self._text(each, prop) for each in values]
            if len(texts) > 1 and set(prop.ranges) & {v.XSD_INTEGER, v.XSD_DECIMAL, v.XSD_BOOLEAN}:
                raise NoFactError("several-values", f"the node has {len(texts)} of {prop.key}")
            language = self._language(values, language)
            if prop.key in EVIDENCE:
                also[prop.key] = texts[0] if len(texts) == 1 else "; ".join(texts)
            elif v.XSD_BOOLEAN in prop.ranges:
                says.update({prop.key: True} if texts == ["true"] else {})
            else:
                says[prop.key] = texts[0] if len(texts) == 1 else tuple(texts)
        if language:
            says["lang"] = language
        if denies(says, self.ontology):
            says["negated"] = True
        return Fact(about, kind.key, says, cited(self.work, also.pop("locator", about), references, **also))

    def curie(self, term: NamedNode | BlankNode | Literal) -> str:
        """An IRI as a CURIE. Raises NoFactError."""
        if not isinstance(term, NamedNode):
            raise NoFactError("unknown-value", f"{term} is no IRI")
        curie = self.ontology.prefixes.contract(term.value)
        if curie is None:
            raise NoFactError("unknown-prefix", f"<{term.value}>")
        return curie

    def _one(self, values: list[NamedNode | BlankNode | Literal], name: str) -> NamedNode | BlankNode | Literal:
        if len(values) != 1:
            raise NoFactError("no-value" if not values else "several-values", f"the node has {len(values)} of {name}")
        return values[0]

    def _text(self, term: NamedNode | BlankNode | Literal, prop: Property) -> str:
        if isinstance(term, Literal):
            numeric = prop.ranges and prop.ranges[0] in (v.XSD_INTEGER, v.XSD_DECIMAL)
            return canonical(term.value) if numeric else term.value
        if prop.iri == v.LOCATOR and isinstance(term, NamedNode):
            return self.ontology.prefixes.contract(term.value) or term.value
        own = {iri: word for cls in prop.ranges for word, iri in self.ontology.instances.get(cls, {}).items()}
        return own[term] if isinstance(term, NamedNode) and term in own else self.curie(term)

    def _predicate(self, values: list[NamedNode | BlankNode | Literal], kind: Kind) -> dict[str, Value]:
        if not values and kind.default_predicate is not None:
            return {}
        predicate = self._one(values, "rdf:predicate")
        if predicate not in kind.predicates or not isinstance(predicate, NamedNode):
            raise NoFactError("unknown-value", f"{predicate} is no predicate of {kind.key}")
        return {kind.predicate.key: self.ontology.term(predicate)} if kind.predicate else {}

    def _language(self, values: list[NamedNode | BlankNode | Literal], known: str | None) -> str | None:
        for tag in (each.language for each in values if isinstance(each, Literal) and each.language):
            if known not in (None, tag):
                raise NoFactError("several-values", f"the node has texts in {known} and in {tag}")
            known = tag
        return known
