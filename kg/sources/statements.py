"""From the language of records to RDF: each fact of an importer by the tables of the ontology, or the reason why it does not fit.

A fact is named by what it says (its kind, predicate, object, and a hash over its qualifiers), so that two sources which say the same meet
on one node, each with its evidence, whatever the order in which they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.literals import wants
from kg.ontology import Kind, Ontology, Property
from kg.sources.model import Fact, Term, Value
from kg.sources.naming import fact_name, work_key
from kg.sources.stated import Pairs, Stated
from kg.terms import Value as RdfTerm
from kg.values import LANGUAGE, ValueRefusedError, Values

_ACCESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BLANKS = re.compile(r"\s+")
_ARTICLES = ("PMID", "DOI")


class Stating:
    """Turns what importers say into RDF, for one dataset: its ontology, its base IRI and its language."""

    def __init__(self, ontology: Ontology, base: str, language: str) -> None:
        self.ontology = ontology
        self.base = base
        self.language = language
        self._values = Values(ontology, base, language, {})
        self._resource = lru_cache(maxsize=1 << 17)(self._read_resource)

    def accession(self, curie: str) -> str:
        """``MONDO_0010626`` of ``MONDO:0010626`` and its aliases; what has no colon is an accession already. Raises ValueRefusedError.

        An accession of a vocabulary that is known is judged as its identifier; a number alone may be one of any vocabulary.
        """
        if ":" not in curie and _ACCESSION.fullmatch(curie):
            if not re.search("[A-Za-z]", curie):
                raise ValueRefusedError("bare-number", f'"{curie}" names no vocabulary; give its prefix, as in MONDO:0010626')
            prefix, _, local = curie.partition("_")
            if prefix.casefold() not in self._vocabularies:
                return curie
            curie = f"{prefix}:{local}"
        iri = self._resource(curie, Property("disease", v.RDF_SUBJECT), v.RDFS_RESOURCE)
        short = self.ontology.prefixes.contract(iri.value) or ""
        accession = short.replace(":", "_", 1)
        if not short or not _ACCESSION.fullmatch(accession):
            raise ValueRefusedError("unknown-prefix", f'"{curie}" cannot name a disease')
        return accession

    def disease(self, accession: str) -> NamedNode:
        """The IRI of a disease."""
        return NamedNode(self.base + self.ontology.record_paths[v.DISEASE] + accession)

    def fact(self, fact: Fact) -> Stated:
        """A fact as RDF. Raises ValueRefusedError, whose ``rule`` is the reason, where something in it does not fit."""
        kind = self.ontology.kinds[fact.kind]
        keys = self._keys[fact.kind]
        language = str(fact.says.get("lang", self.language))
        if not LANGUAGE.fullmatch(language):
            raise ValueRefusedError("refused", f'"{language}" is no language tag')
        accession = self.accession(fact.about)
        disease = self.disease(accession)
        said: dict[str, list[RdfTerm]] = {}
        predicate = kind.default_predicate
        for key, value in fact.says.items():
            if key in ("lang", "comment"):
                continue
            if kind.predicate and key == kind.predicate.key:
                predicate = self._predicate(kind, str(value))
                continue
            if key not in keys:
                raise KeyError(f"{fact.kind} has no key {key!r}")  # a mistake of the importer's, not of the file's
            said[key] = self._terms(value, keys[key], language)
        if predicate is None or len(said.get(kind.object.key, [])) != 1:
            raise ValueRefusedError("no-value", f"has no {kind.object.key} or no {kind.predicate.key if kind.predicate else 'value'}")
        qualifiers = sorted((str(keys[key].iri), str(term)) for key, terms in said.items() if key != kind.object.key for term in terms)
        head = [(v.RDF_TYPE, kind.iri), (v.RDF_SUBJECT, disease), (v.RDF_PREDICATE, predicate), (v.RDF_OBJECT, said[kind.object.key][0])]
        name = fact_name(kind, predicate, said[kind.object.key][0], qualifiers, self.ontology)
        # what a source remarks is no part of what it states, so it goes with the evidence, and equal facts stay one
        remark = {"comment": str(fact.says["comment"])} if "comment" in fact.says else {}
        evidence = [self._line({**remark, **line}, language) for line in fact.evidence]
        return Stated(accession, name, [*((str(p), str(o)) for p, o in head), *qualifiers], evidence)

    def term(self, term: Term) -> tuple[str, Pairs]:
        """A term of an outside vocabulary: its IRI as N-Triples writes it, and its statements. Raises ValueRefusedError."""
        prop = Property("term", v.RDF_SUBJECT)
        iri = self._resource(term.curie, prop, v.RDFS_RESOURCE)
        said: list[tuple[NamedNode, RdfTerm]] = [(v.RDF_TYPE, v.TERM_CLASS), (v.CITED, self.work_iri(term.work))]
        if term.label:
            said.append((v.RDFS_LABEL, Literal(_one_line(term.label), language=term.lang)))
        if term.obsolete:
            said.append((v.OWL_DEPRECATED, Literal(True)))
        if term.replaced_by:
            said.append((v.REPLACED_BY, self._resource(term.replaced_by, prop, v.RDFS_RESOURCE)))
        said += [(v.CONSIDER, self._resource(each, prop, v.RDFS_RESOURCE)) for each in term.consider]
        return str(iri), [(str(p), str(o)) for p, o in said]

    @cached_property
    def _keys(self) -> dict[str, dict[str, Property]]:
        flat = {key: prop for key, prop in self.ontology.properties.items() if prop.iri not in (v.EVIDENCE, v.RDF_SUBJECT)}
        return {key: {**flat, kind.object.key: kind.object} for key, kind in self.ontology.kinds.items()}

    def _predicate(self, kind: Kind, word: str) -> NamedNode:
        found = next((each for each in kind.predicates if self.ontology.term(each) == word), None)
        if found is None:
            raise KeyError(f"{kind.key} has no {word!r}")
        return found

    def _terms(self, value: Value, prop: Property, language: str) -> list[RdfTerm]:
        texts: Sequence[str] = ("true",) if value is True else (value,) if isinstance(value, str) else tuple(map(str, value or ()))
        if not texts:
            raise ValueRefusedError("no-value", f'"{prop.key}" has no value')
        return list(dict.fromkeys(self._term(text, prop, language) for text in texts))

    def _term(self, text: str, prop: Property, language: str) -> RdfTerm:
        expected = prop.ranges[0] if prop.ranges else v.RDFS_RESOURCE
        if expected == v.DISEASE:
            return self.disease(self.accession(text))
        if expected in (v.RDF_LANG_STRING, v.XSD_STRING):
            cleaned = _one_line(text)
            if not cleaned:
                raise ValueRefusedError("no-value", f'"{prop.key}" is an empty text')
            return Literal(cleaned, language=language) if expected == v.RDF_LANG_STRING else Literal(cleaned)
        if expected.value.startswith(v.XSD):
            literal = Literal(text, datatype=expected)
            if wanted := wants(literal):
                raise ValueRefusedError("refused", f'"{prop.key}" wants {wanted}, not "{text}"')
            return literal
        return self._resource(text, prop, expected)

    def _read_resource(self, text: str, prop: Property, expected: NamedNode) -> NamedNode:
        try:
            iri = self._values.resource(text, prop, expected)
        except ValueRefusedError as error:
            raise ValueRefusedError(error.rule if error.rule == "unknown-prefix" else "refused", str(error)) from None
        for namespace, pattern in self._patterns:
            if iri.value.startswith(namespace) and not pattern.search(iri.value[len(namespace) :]):
                raise ValueRefusedError("identifier-pattern", f'"{text}" is no identifier of its vocabulary')
        return iri

    @cached_property
    def _vocabularies(self) -> set[str]:
        """Prefixes and their aliases, in small letters."""
        return {prefix.casefold() for prefix in (*self.ontology.prefixes.namespaces, *self.ontology.prefixes.aliases)}

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """The namespaces that have a pattern."""
        nodes = [t.subject for t in self.ontology.triples if t.predicate == v.PATTERN and isinstance(t.subject, NamedNode)]
        told = [(self.ontology.text(node, v.SH_NAMESPACE), self.ontology.text(node, v.PATTERN)) for node in nodes]
        return [(namespace, re.compile(pattern)) for namespace, pattern in told if namespace and pattern]

    def _line(self, said: Mapping[str, str], language: str) -> tuple[str, Pairs]:
        pairs: list[tuple[NamedNode, RdfTerm]] = [(v.RDF_TYPE, v.EVIDENCE_LINE)]
        names = []
        for key, value in {"direction": "supports", **said}.items():
            prop = self.ontology.properties[key]
            if prop.iri in (v.SOURCE, v.VIA):
                work = self.work(value)
                names.append((prop.iri != v.SOURCE, work))
                pairs.append((prop.iri, self.work_iri(work)))
            else:
                pairs.append((prop.iri, self._term(value, prop, language)))
        name = "-via-".join(work for _, work in sorted(names))
        return name, sorted((str(p), str(o)) for p, o in pairs)

    def work(self, source: str) -> str:
        """The key of a work: as given, or worked out of a CURIE (``pmid-14663287``). Raises ValueRefusedError."""
        if ":" not in source:
            return source
        iri = self._resource(source, Property("source", v.SOURCE), v.RDFS_RESOURCE)
        return work_key(self.ontology.prefixes.contract(iri.value) or source)

    def work_iri(self, key: str) -> NamedNode:
        """The IRI of a work."""
        return NamedNode(self.base + self.ontology.record_paths[v.SOURCE_CLASS] + key)

    def work_node(self, source: str) -> tuple[str, Pairs]:
        """The node of a work that is known by an identifier alone, such as ``PMID:14663287``."""
        iri = self._resource(source, Property("source", v.SOURCE), v.RDFS_RESOURCE)
        sort = v.ARTICLE if source.partition(":")[0] in _ARTICLES else v.DATA
        said: list[tuple[NamedNode, RdfTerm]] = [(v.RDF_TYPE, v.SOURCE_CLASS), (v.DCTERMS_TYPE, sort), (v.IDENTIFIER, iri)]
        return str(self.work_iri(self.work(source))), [(str(p), str(o)) for p, o in said]


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
