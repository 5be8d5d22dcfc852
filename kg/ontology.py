"""The ontology as tables: record types, kinds of fact, properties and names, all read from Turtle.

This is where the code learns which kinds of fact exist; there is no such list in Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import vocabulary as v
from kg.errors import KgError
from kg.layout import files_in
from kg.prefixes import Prefixes
from kg.terms import Value, subject_of, value_of
from kg.turtle import read_module


@dataclass(frozen=True, slots=True)
class Property:
    """A key of a record, and the property that it stands for."""

    key: str
    iri: NamedNode
    ranges: tuple[NamedNode, ...] = ()
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: the key that its facts stand under, and the keys of their object and predicate."""

    key: str
    iri: NamedNode
    label: str
    object: Property
    predicate: Property | None
    default_predicate: NamedNode | None
    predicates: tuple[NamedNode, ...]


@dataclass(frozen=True, slots=True)
class RecordType:
    """A class whose instances have a record of their own, and the path that their IRIs begin with."""

    key: str
    iri: NamedNode
    path: str


class Ontology:
    """The triples of the ontology, and the tables that are worked out of them."""

    def __init__(self, triples: Iterable[Triple], files: dict[Path, str] | None = None) -> None:
        self.triples = tuple(sorted(set(triples), key=str))
        self.files = files or {}
        self._index: dict[NamedNode, dict[NamedNode, list[Value]]] = {}
        for triple in self.triples:
            self._index.setdefault(subject_of(triple), {}).setdefault(triple.predicate, []).append(value_of(triple))

    @classmethod
    def load(cls, folders: list[Path]) -> Ontology:
        """Read every ``*.ttl`` of the folders and of their ``alignments/``. Raises KgError naming file and line."""
        triples: list[Triple] = []
        files: dict[Path, str] = {}
        for path in [*files_in(folders, "*.ttl"), *files_in(folders, "alignments/*.ttl")]:
            content, module = read_module(path)
            files[path] = hashlib.sha256(content).hexdigest()
            triples.extend(module)
        return cls(triples, files)

    def values(self, subject: NamedNode, predicate: NamedNode) -> list[Value]:
        """All objects of a subject and predicate, sorted."""
        return self._index.get(subject, {}).get(predicate, [])

    def text(self, subject: NamedNode, predicate: NamedNode) -> str | None:
        """The first object's text, or None."""
        return next((value.value for value in self.values(subject, predicate)), None)

    def best(self, subject: NamedNode, predicate: NamedNode) -> str | None:
        """The English text, or the first in another language, or None."""
        texts = [value for value in self.values(subject, predicate) if isinstance(value, Literal)]
        return min(texts, key=lambda each: (each.language != "en", each.language or "", each.value)).value if texts else None

    def quads(self) -> list[Quad]:
        """The ontology as the named graph that releases carry."""
        return [Quad(triple.subject, triple.predicate, triple.object, v.ONTOLOGY_GRAPH) for triple in self.triples]

    @cached_property
    def prefixes(self) -> Prefixes:
        """The one list of prefixes."""
        return Prefixes.of(Quad(t.subject, t.predicate, t.object) for t in self.triples)

    @cached_property
    def version(self) -> str:
        """``owl:versionInfo`` of the vocabulary."""
        return self.text(v.ONTOLOGY_GRAPH, v.OWL_VERSION_INFO) or ""

    @cached_property
    def superclasses(self) -> dict[NamedNode, set[NamedNode]]:
        """Each class with all classes above it, itself included."""
        direct = {s: {o for o in p.get(v.RDFS_SUBCLASS_OF, []) if isinstance(o, NamedNode)} for s, p in self._index.items()}
        closed: dict[NamedNode, set[NamedNode]] = {}
        for start in direct:
            above, todo = {start}, [start]
            while todo:
                for parent in direct.get(todo.pop(), set()) - above:
                    above.add(parent)
                    todo.append(parent)
            closed[start] = above
        return closed

    def label(self, iri: NamedNode) -> str:
        """The label, in English where there is one, or the local name."""
        return self.best(iri, v.RDFS_LABEL) or v.local_name(iri.value)

    def term(self, iri: NamedNode) -> str:
        """The word for a resource in records and JSON-LD: ``rf:term`` or the local name."""
        return self.text(iri, v.TERM) or v.local_name(iri.value)

    @cached_property
    def record_types(self) -> dict[str, RecordType]:
        """Record types by the key that a record begins with."""
        found = [s for s in self._index if self.values(s, v.RECORD_PATH)]
        types = [RecordType(self.text(s, v.RECORD_KEY) or "", s, self.text(s, v.RECORD_PATH) or "") for s in found]
        return {each.key: each for each in sorted(types, key=lambda each: each.key)}

    @cached_property
    def record_paths(self) -> dict[NamedNode, str]:
        """The path of each record type that has one, by class."""
        return {each.iri: each.path for each in self.record_types.values() if each.path}

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kinds of fact by the key that their facts stand under."""
        kinds = [self._kind(s) for s in self._index if s != v.FACT and v.FACT in self.superclasses[s] and self.values(s, v.RECORD_KEY)]
        return {kind.key: kind for kind in sorted(kinds, key=lambda kind: kind.key)}

    def _kind(self, iri: NamedNode) -> Kind:
        key = self.text(iri, v.RECORD_KEY) or ""
        object_key = self.text(iri, v.OBJECT_KEY)
        if object_key is None:
            raise KgError(f"ontology: <{iri.value}> is a kind of fact without rf:objectKey; say which key stands for its object")
        ranges = tuple(o for o in self.values(iri, v.OBJECT_RANGE) if isinstance(o, NamedNode))
        predicate_key = self.text(iri, v.PREDICATE_KEY)
        default = next((o for o in self.values(iri, v.DEFAULT_PREDICATE) if isinstance(o, NamedNode)), None)
        if predicate_key is None and default is None:
            raise KgError(f"ontology: <{iri.value}> has neither rf:predicateKey nor rf:defaultPredicate; give it one")
        return Kind(
            key=key,
            iri=iri,
            label=self.label(iri),
            object=Property(object_key, v.RDF_OBJECT, ranges),
            predicate=Property(predicate_key, v.RDF_PREDICATE) if predicate_key else None,
            default_predicate=default,
            predicates=tuple(s for s in self._index if iri in self.values(s, v.PREDICATE_OF)),
        )

    @cached_property
    def properties(self) -> dict[str, Property]:
        """Every property with a range, by key: the flat keys of records and of JSON-LD."""
        found: dict[str, Property] = {}
        for subject, predicates in self._index.items():
            if v.RDFS_RANGE not in predicates:
                continue
            ranges = sorted((o for o in predicates[v.RDFS_RANGE] if isinstance(o, NamedNode)), key=_precision)
            multiple = self.text(subject, v.MULTIPLE) == "true"
            key = self.term(subject)
            if key in found:
                raise KgError(f"ontology: <{subject.value}> and <{found[key].iri.value}> have the same term {key!r}; give one an rf:term")
            found[key] = Property(key, subject, tuple(ranges), multiple)
        return dict(sorted(found.items()))

    @cached_property
    def instances(self) -> dict[NamedNode, dict[str, NamedNode]]:
        """For each class of our own with individuals, their terms: ``absent``, ``low``, … of ``rf:Level``."""
        found: dict[NamedNode, dict[str, NamedNode]] = {}
        for subject, predicates in self._index.items():
            if not subject.value.startswith(v.RF):
                continue
            for cls in predicates.get(v.RDF_TYPE, []):
                if isinstance(cls, NamedNode) and cls.value.startswith(v.RF):
                    found.setdefault(cls, {})[self.term(subject)] = subject
        return found

    @cached_property
    def terms(self) -> dict[NamedNode, str]:
        """Resources whose word is not their local name in ``rf:``: they need an entry in the JSON-LD context."""
        return {s: self.term(s) for s in self._index if s.value != v.RF + self.term(s) and self.values(s, v.TERM)}


def _precision(datatype: NamedNode) -> int:
    """Dates come before months and years, so that the most precise datatype is the one JSON-LD coerces to."""
    return -len(datatype.value) if "#g" in datatype.value else -100
