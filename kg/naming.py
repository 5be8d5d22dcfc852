"""Terms as people read them: labels with fallback by language, codes, numbers, and where a page may link to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.display import PAGE_LANGUAGE, Value, link
from kg.ontology import Ontology
from kg.reads import Noted, Remembered
from kg.subjects import Subjects
from kg.terms import Value as Term
from kg.terms import subject_of, value_of

_NUMBERS = (v.XSD_INTEGER, v.XSD_DECIMAL)


class Naming:
    """The labels of one graph, in the language of the dataset where there is one, then in that of the pages, then in any."""

    def __init__(self, by_subject: Subjects, ontology: Ontology, base: str, language: str) -> None:
        self.by_subject = by_subject
        self.ontology = ontology
        self.base = base
        self.language = language
        self._shown = Remembered(by_subject.reads, self._resource)
        self._known: dict[NamedNode, Value] = {}
        self._noted: Mapping[NamedNode, Value] = {}

    @cached_property
    def _schemes(self) -> list[tuple[str, str, str]]:
        """Namespace, prefix and name of the vocabularies that have a name, longest namespace first."""
        found = []
        for subject in {subject_of(t) for t in self.ontology.triples if t.predicate == v.SH_NAMESPACE}:
            namespace, name = self.ontology.text(subject, v.SH_NAMESPACE), self.ontology.text(subject, v.RDFS_LABEL)
            if namespace and name:
                found.append((namespace, self.ontology.text(subject, v.SH_PREFIX) or "", name))
        return sorted(found, key=lambda each: (-len(each[0]), each))

    def objects(self, subject: NamedNode, predicate: NamedNode) -> list[Term]:
        """All objects of a subject and predicate, sorted."""
        return [value_of(t) for t in self.by_subject.get(subject, []) if t.predicate == predicate]

    def best(self, texts: list[Term]) -> Literal | None:
        """The text in the first language that there is one in."""
        literals = [text for text in texts if isinstance(text, Literal)]
        wanted = {self.language: 0, PAGE_LANGUAGE: 1}
        return min(literals, key=lambda each: (wanted.get(each.language or "", 2), each.language or "", each.value), default=None)

    def value(self, term: Term) -> Value:
        """A term as a page shows it; a resource is worked out once, since most are named on many pages."""
        if not isinstance(term, NamedNode):
            return self._literal(term)
        return self._noted[term] if term in self._known else self._shown(term)

    def know(self, nodes: Iterable[NamedNode]) -> None:
        """Work out now what is shown of some nodes: what names them later has read that, and not all that is said of them."""
        self._known = {node: self._shown(node) for node in nodes}
        self._noted = Noted(self.by_subject.reads, "names", self._known)

    def _literal(self, term: Literal) -> Value:
        text = term.value
        if term.datatype in _NUMBERS and text.lstrip("-").split(".")[0].isdecimal():
            whole, _, rest = text.partition(".")
            sign = "-" if whole.startswith("-") else ""  # apart, since -0.5 is -0 before the point
            text = f"{sign}{int(whole.lstrip('-')):,}" + (f".{rest}" if rest else "")
        language = term.language or ""
        datatype = "" if language else v.local_name(term.datatype.value)
        return Value(text, "" if language == PAGE_LANGUAGE else language, word=term.value, datatype=datatype)

    def _resource(self, iri: NamedNode) -> Value:
        label = self.best(self.objects(iri, v.RDFS_LABEL))
        below = iri.value.removeprefix(self.base) if iri.value.startswith(self.base) else ""
        subject = next((o for o in self.objects(iri, v.RDF_SUBJECT) if isinstance(o, NamedNode)), None)
        if label is None and subject is not None:
            return self._fact(iri, subject)
        scheme = next((name for namespace, _, name in self._schemes if iri.value.startswith(namespace)), "")
        code = self.ontology.prefixes.contract(iri.value) or ""
        own = iri.value.startswith(v.RF)
        language = (label.language or "") if label else ""
        return Value(
            text=label.value if label else code or below or iri.value,
            language="" if language == PAGE_LANGUAGE else language,
            href=self.href(iri),
            word=self.ontology.term(iri) if own else code,
            code="" if own or below else code,
            scheme=scheme,
        )

    def _fact(self, fact: NamedNode, disease: NamedNode) -> Value:
        """A fact that another one points to goes by its main value."""
        main = next((o for o in self.objects(fact, v.RDF_OBJECT) if o != fact), None)
        shown = self.value(main) if isinstance(main, Literal) or (main and not self.objects(main, v.RDF_OBJECT)) else None
        name = v.local_name(fact.value)
        return Value(shown.text if shown else name, shown.language if shown else "", href=f"{self.path(disease)}#{name}", word=name)

    def path(self, iri: NamedNode) -> str:
        """The path of the page of a disease or a work, below the root of the site."""
        return iri.value.removeprefix(self.base) + ".html"

    def has_page(self, iri: NamedNode) -> bool:
        """Whether it is a disease or a work of ours."""
        return not {v.DISEASE, v.SOURCE_CLASS}.isdisjoint(self.objects(iri, v.RDF_TYPE))

    def href(self, iri: NamedNode) -> str:
        """Where a term leads: to the page of a disease or a work of ours, to the web, or nowhere."""
        if iri.value.startswith(self.base):
            return self.path(iri) if self.has_page(iri) else ""
        return "" if iri.value.startswith(v.RF) else link(iri.value)
