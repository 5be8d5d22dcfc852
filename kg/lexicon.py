"""The vocabulary, as people look it up: an entry for each term, worked out of the ontology, the shapes and the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.display import Value
from kg.examples import Examples
from kg.modules import Module
from kg.ontology import Ontology
from kg.rulebook import EVERY, Rule
from kg.signpost import Signpost
from kg.terms import Value as Term

CLASS: Final = "class"
PROPERTY: Final = "property"
INDIVIDUAL: Final = "individual"
OUTSIDE: Final = "outside"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_SAYS: Final = {
    _RDFS + "subClassOf": "sub-class of",
    _RDFS + "subPropertyOf": "sub-property of",
    _SKOS + "broader": "narrower than",
    _RDFS + "domain": "said of",
    _RDFS + "range": "values",
}
_MATCHES: Final = {f"{_SKOS}{name}Match": f"{name} match" for name in ("exact", "close", "broad", "narrow", "related")}
_IS_SAID: Final = {
    v.RDFS_SUBCLASS_OF.value: "sub-classes",
    _RDFS + "subPropertyOf": "sub-properties",
    v.RDF_TYPE.value: "individuals",
    _SKOS + "broader": "includes",
    v.RDFS_RANGE.value: "values of",
    v.OBJECT_RANGE.value: "main value of",
    v.PREDICATE_OF.value: "relations",
}
_IN_WORDS: Final = frozenset({v.RDFS_LABEL, v.RDFS_COMMENT, v.SKOS_DEFINITION, v.RDF_TYPE, v.TERM})


@dataclass(frozen=True, slots=True)
class Entry:
    """A term with all that is said of it; ``rows`` are names with values, ``example`` is a piece of a record."""

    iri: NamedNode
    anchor: str
    code: str
    sort: str
    label: Value
    definition: tuple[Value, ...]
    usage: tuple[Value, ...]
    word: str
    rows: tuple[tuple[str, tuple[Value, ...]], ...]
    example: str


def sort_of(term: NamedNode, ontology: Ontology) -> str:
    """Whether a term is a class, a property, an individual, or a word of another vocabulary that we say something of."""
    types = [each.value for each in ontology.values(term, v.RDF_TYPE)]
    if not types:
        return OUTSIDE
    if _OWL + "Class" in types or _RDFS + "Class" in types:
        return CLASS
    return PROPERTY if any(each.endswith("Property") for each in types) else INDIVIDUAL


def anchor_of(term: NamedNode, ontology: Ontology) -> str:
    """The anchor of a term: its local name where it is of our vocabulary, so that its IRI leads there; else its CURIE or IRI."""
    return v.local_name(term.value) if term.value.startswith(v.RF) else ontology.prefixes.contract(term.value) or term.value


def terms_of(module: Module, ontology: Ontology) -> list[NamedNode]:
    """The terms that a module has entries for: what it declares, and what it says of outside terms, sorted; no prefixes, no ontologies."""
    declares = {triple.subject for triple in module.triples if triple.predicate == v.SH_PREFIX}
    found = [term for term in module.subjects if term not in declares and v.OWL_ONTOLOGY not in ontology.values(term, v.RDF_TYPE)]
    return [term for term in found if term != v.PREFIXES]


class Lexicon:
    """The entries of a vocabulary; rules and examples are looked up in it as well."""

    def __init__(self, ontology: Ontology, signpost: Signpost, rules: Iterable[Rule], examples: Examples) -> None:
        self.ontology = ontology
        self.show: Callable[[Term], Value] = signpost.value
        self.examples = examples
        self.rules = tuple(rules)
        self._by_iri: Mapping[str, Rule] = {rule.iri: rule for rule in self.rules}
        self._said: dict[Term, dict[str, list[NamedNode]]] = {}
        self._says: dict[object, set[NamedNode]] = {}
        for triple in ontology.triples:
            self._says.setdefault(triple.subject, set()).add(triple.predicate)
            if isinstance(triple.object, NamedNode) and isinstance(triple.subject, NamedNode):
                self._said.setdefault(triple.object, {}).setdefault(triple.predicate.value, []).append(triple.subject)

    def entry(self, term: NamedNode) -> Entry:
        """The entry of a term."""
        ontology, sort = self.ontology, sort_of(term, self.ontology)
        texts = [tuple(map(self.show, ontology.values(term, p))) for p in (v.SKOS_DEFINITION, v.RDFS_COMMENT)]
        is_kind = term in {kind.iri for kind in ontology.kinds.values()}
        return Entry(
            iri=term,
            anchor=anchor_of(term, ontology),
            code=ontology.prefixes.contract(term.value) or term.value,
            sort=sort,
            label=self.show(term),
            definition=texts[0],
            usage=texts[1],
            word=self._word(term, sort),
            rows=tuple((name, values) for name, values in self._rows(term, sort) if values),
            example=self.examples.fact(term) if is_kind else self.examples.use(term),
        )

    def _word(self, term: NamedNode, sort: str) -> str:
        """The word of a property or an individual in records."""
        written = self.ontology.values(term, v.TERM) or self.ontology.values(term, v.RDFS_RANGE) or sort == INDIVIDUAL
        return self.ontology.term(term) if written else ""

    def _rows(self, term: NamedNode, sort: str) -> Iterable[tuple[str, tuple[Value, ...]]]:
        types = [each for each in self.ontology.values(term, v.RDF_TYPE) if not each.value.startswith((_OWL, _RDFS))]
        yield "is a", tuple(map(self.show, types))
        predicates = sorted(self._says.get(term, set()) - _IN_WORDS, key=lambda each: each.value)
        yield from self._told(term, (each for each in predicates if each.value in _SAYS))
        for said, name in _IS_SAID.items():
            yield name, tuple(map(self.show, self._said.get(term, {}).get(said, [])))
        yield from self._judged(term, sort)
        yield from self._told(term, (each for each in predicates if each.value not in _SAYS | _MATCHES))
        yield from self._told(term, (each for each in predicates if each.value in _MATCHES))

    def _told(self, term: NamedNode, predicates: Iterable[NamedNode]) -> Iterable[tuple[str, tuple[Value, ...]]]:
        names = _SAYS | _MATCHES
        for each in predicates:
            yield names.get(each.value) or self.ontology.label(each), tuple(map(self.show, self.ontology.values(term, each)))

    def _judged(self, term: NamedNode, sort: str) -> Iterable[tuple[str, tuple[Value, ...]]]:
        """The fields of a class, what uses a property, and the rules for it."""
        judged = [rule for rule in self.rules if term in rule.mentions]
        if sort == CLASS:
            judged = [rule for rule in judged if (rule.fields or rule.queries) and term in {target for _, target in rule.targets}]
            own = [self._by_iri[iri] for rule in judged for iri in rule.fields if iri in self._by_iri]
            fields = {field.paths: field for field in reversed(own)}
            named = ((rule.label or Value(rule.name), rule) for rule in reversed(fields.values()))
            yield "fields", tuple(replace(label, href=_at(rule)) for label, rule in named)
        if sort == PROPERTY:
            judged = [rule for rule in judged if term in rule.paths]
            classes = {target for rule in judged for words, target in rule.targets if words == EVERY}
            yield "used by", tuple(map(self.show, sorted(classes, key=str)))
        yield "judged by", tuple(Value(rule.name, href=_at(rule)) for rule in judged)


def _at(rule: Rule) -> str:
    return f"shapes.html#{rule.name}"
