"""Examples for the reference pages, as a record would have them, taken from the facts that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.cuts import Named
from kg.fields import key_of
from kg.naming import Naming
from kg.ontology import Kind, Ontology
from kg.parallel import HERE, Travelling
from kg.subjects import Subjects
from kg.terms import Value as Term
from kg.terms import value_of

AT_ONCE: Final = 2**20
"""Bytes of the statements that are looked through at once."""
_UNWRITTEN: Final = frozenset({v.RDF_TYPE, v.RDF_SUBJECT, v.CITED, v.STATUS, v.EVIDENCE, v.MODIFIED, v.RDFS_COMMENT})
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ,;()'/.-]*[A-Za-z0-9).]")
_RESERVED: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "nan", "inf"})


Survey = Callable[[Callable[[Named], str], Sequence[Named]], Iterable[str]]
"""How what is found in each part is asked for, in their order; others may work on some, or know it."""


class Examples(Travelling):
    """One example of each kind of fact, and one use of each of some words, the same for the same graph."""

    def __init__(self, by_subject: Subjects, naming: Naming, words: Iterable[NamedNode], survey: Survey = HERE.map) -> None:
        self.by_subject = by_subject
        self.naming = naming
        self.ontology: Ontology = naming.ontology
        self._kinds = {kind.iri: kind for kind in self.ontology.kinds.values()}
        self._words = frozenset(words)
        self._richest: dict[str, tuple[int, str]] = {}
        self._uses: dict[str, str] = {}
        for found in survey(self._found, by_subject.named(AT_ONCE)):
            richest, uses = json.loads(found)
            for kind, rank in richest.items():
                self._richest[kind] = min(self._richest.get(kind, tuple(rank)), tuple(rank))
            for word, line in uses.items():
                self._uses.setdefault(word, line)

    def _found(self, part: Named) -> str:
        """In a part: of each kind the fact that says most, and the first use of each word; as JSON."""
        richest: dict[str, tuple[int, str]] = {}
        uses: dict[str, str] = {}
        classes = self._kinds.keys() | set(self.ontology.record_paths) | {v.EVIDENCE_LINE}
        for node, triples in self.by_subject.within(part).items():
            predicates = {t.predicate for t in triples} - _UNWRITTEN
            for cls in {t.object for t in triples if t.predicate == v.RDF_TYPE and isinstance(t.object, NamedNode)} & classes:
                kind = self._kinds.get(cls)
                if kind:
                    rank = (-len(predicates), node.value)
                    richest[kind.iri.value] = min(richest.get(kind.iri.value, rank), rank)
                for predicate in sorted(predicates, key=lambda each: each.value):
                    values = [value_of(t) for t in triples if t.predicate == predicate]
                    new = [each for each in (predicate, *values) if each in self._words and str(each) not in uses]
                    line = self._line(kind, predicate, values) if new else ""
                    uses |= dict.fromkeys(map(str, new if line else ()), line)
        return json.dumps([richest, uses])

    def use(self, term: NamedNode) -> str:
        """A line of a record in which a property or an individual stands, such as ``level: [low, absent]``; nothing where none does."""
        return self._uses.get(str(term), "")

    def fact(self, kind: NamedNode) -> str:
        """A fact of a kind as a record has it: the one that says most, and of several the first; nothing where there is none."""
        if kind.value not in self._richest:
            return ""
        node, its = NamedNode(self._richest[kind.value][1]), self._kinds[kind]
        order = {v.RDF_PREDICATE: 0, v.RDF_OBJECT: 1}
        predicates = {t.predicate for t in self.by_subject[node]} - _UNWRITTEN
        ordered = sorted(predicates, key=lambda each: (order.get(each, 2), each.value))
        lines = [line for each in ordered if (line := self._line(its, each, self.naming.objects(node, each)))]
        evidence = list(self._evidence(node))
        lines += [f"evidence: {evidence[0]}"] if len(evidence) == 1 else ["evidence:", *(f"  - {each}" for each in evidence)]
        return "\n".join([f"{its.key}:", f"  {v.local_name(node.value)}:", *(f"    {line}" for line in lines)])

    def _line(self, kind: Kind | None, predicate: NamedNode, values: list[Term]) -> str:
        if kind and predicate == v.RDF_PREDICATE and (not kind.predicate or values == [kind.default_predicate]):
            return ""
        words = [word for each in values if (word := self._word(each))]
        listed = words[0] if len(words) == 1 else f"[{', '.join(words)}]"
        return f"{key_of(kind, self.ontology, predicate)}: {listed}" if words else ""

    def _evidence(self, fact: NamedNode) -> Iterator[str]:
        """The evidence lines in short, with what a record says of them in one line."""
        for line in self.naming.objects(fact, v.EVIDENCE):
            if isinstance(line, NamedNode) and v.DISPUTES not in self.naming.objects(line, v.DIRECTION):
                source, via, at = ([self._word(each) for each in self.naming.objects(line, p)] for p in (v.SOURCE, v.VIA, v.LOCATOR))
                if source:
                    place = [each.value for each in self.naming.objects(line, v.LOCATOR)]
                    text = source[0] + (f" via {via[0]}" if via else "") + (f" at {place[0]}" if at else "")
                    yield text if re.fullmatch(r"[\w .,()/-]+", text) else _quoted(text)

    def _word(self, term: Term) -> str:
        if isinstance(term, Literal):
            if term.language and term.language != self.naming.language:
                return ""
            is_text = term.language is not None or term.datatype == v.XSD_STRING
            plain = not is_text or (_PLAIN.fullmatch(term.value) and ", " not in term.value and term.value.lower() not in _RESERVED)
            return term.value if plain else _quoted(term.value)
        if term.value.startswith(v.RF) or self.ontology.values(term, v.PREDICATE_OF):
            return self.ontology.term(term)
        below = term.value.removeprefix(self.naming.base)
        if below != term.value:
            return below if "#" in below else v.local_name(below)
        label = self.naming.best(self.naming.objects(term, v.RDFS_LABEL))
        code = self.ontology.prefixes.contract(term.value) or f"<{term.value}>"
        return f"{code} ! {label.value}" if label and "," not in label.value and "]" not in label.value else code


def _quoted(text: str) -> str:
    """A text as a quoted scalar of YAML (https://yaml.org/spec/1.2.2/#73-flow-scalar-styles), in the quotes that need no escape."""
    return f"'{text}'" if '"' in text and "'" not in text and text.isprintable() else json.dumps(text, ensure_ascii=False)
