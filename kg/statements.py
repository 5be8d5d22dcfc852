"""What a reader of records puts together: quads with their places, and problems where something does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad

from kg import limits
from kg import vocabulary as v
from kg.errors import Place, Problem, UnreadableError, reading_problem
from kg.ontology import Property
from kg.places import Places
from kg.terms import Value
from kg.tree import Mapping, Node, Scalar, Sequence
from kg.values import ValueRefusedError, Values, did_you_mean, language_tag


@dataclass
class Statements:
    """The quads of one graph, as they are read from the nodes of a file."""

    values: Values
    places: Places
    graph: NamedNode
    quads: list[Quad] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, rule: str, message: str) -> None:
        """Something that keeps the file from being read as meant; reading goes on, to find the rest."""
        self.problems.append(reading_problem(place, rule, message))
        if len(self.problems) >= limits.PROBLEMS_PER_FILE:
            raise UnreadableError(self.problems)

    def state(self, subject: NamedNode, predicate: NamedNode, value: Value, place: Place) -> None:
        """One quad, and where it is written."""
        self.quads.append(Quad(subject, predicate, value, self.graph))
        self.places.add(place, subject.value, predicate.value, value.value)
        self.places.add(place, subject.value, predicate.value)

    def compare(self, subject: NamedNode, key: Scalar, label: str) -> None:
        """Compare a label after the key of a record with that of its accession, where that is known, else with what the record says."""
        if not label:
            return
        texts = (q.object for q in self.quads if q.predicate in (v.RDF_OBJECT, v.TITLE) and isinstance(q.object, Literal))
        given = [text.value for text in texts if text.language]
        try:
            if self.values.compare(subject, key.text, label) or label in given:
                return
        except ValueRefusedError as error:
            self.problem(key.place, error.rule, str(error))
            return
        if given:
            message = f'{key.text} is called "{given[0]}" below, not "{label}"; mend whichever is wrong'
        else:
            message = f'{key.text} has the label "{label}", and nothing to compare it with; write a name or a title, or remove the label'
        self.problem(key.place, "label-mismatch", message)

    def language_of(self, tree: Mapping, inherited: str | None = None) -> tuple[str, list[tuple[Scalar, Node]]]:
        """The language of the texts in a mapping, and its other entries; defaults stand first, whatever their order."""
        language = inherited or self.values.language
        rest: list[tuple[Scalar, Node]] = []
        for key, node in tree.entries:
            if key.text != "lang":
                rest.append((key, node))
            elif isinstance(node, Scalar):
                try:
                    language = language_tag(node)
                except ValueRefusedError as error:
                    self.problem(node.place, error.rule, str(error))
            else:
                self.problem(node.place, "wrong-type", '"lang" wants one language tag')
        return language, sorted(rest, key=lambda entry: isinstance(entry[1], Mapping))

    def property_of(self, key: Scalar, known: Table[str, Property], also: Iterable[str] = ()) -> Property | None:
        """The property of a key; a problem, with the nearest known key, where there is none."""
        prop = known.get(key.text)
        if prop is None:
            name, colon, value = key.text.partition(":")
            near = did_you_mean(key.text, [*known, *also])
            hint = f'; the colon wants a blank behind it: "{name}: {value}"' if colon and name in known else near
            self.problem(key.place, "unknown-key", f'"{key.text}" is not a key that is known here{hint}')
        return prop

    def values_of(self, node: Node, prop: Property, language: str) -> list[tuple[Value, Place]]:
        """The terms of a value or a list of values, with their places."""
        found: list[tuple[Value, Place]] = []
        seen: set[Value] = set()
        items = node.items if isinstance(node, Sequence) else [node]
        if not items:
            self.problem(node.place, "no-value", f'"{prop.key}" is an empty list; write a value or remove the key')
        for item in items:
            if not isinstance(item, Scalar):
                hint = "; a text with a colon in it wants quotes" if isinstance(item, Mapping) else ""
                message = f'"{prop.key}" wants a value or a list of values, not a list or map in it{hint}'
                self.problem(item.place, "wrong-type", message)
                continue
            try:
                value = self.values.read(item, prop, language)
            except ValueRefusedError as error:
                self.problem(item.place, error.rule, str(error))
                continue
            if value in seen:
                self.problem(item.place, "duplicate-value", f'"{item.text}" stands twice; keep one of them')
            seen.add(value)
            found.append((value, item.place))
        return found

    def state_all(self, subject: NamedNode, prop: Property, values: list[tuple[Value, Place]], key: Scalar) -> None:
        """One quad a value; the key stands for the property as a whole."""
        for value, place in values:
            self.state(subject, prop.iri, value, place)
        self.places.add(key.place, subject.value, prop.iri.value)
