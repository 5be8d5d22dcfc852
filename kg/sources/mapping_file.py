"""The file that maps somebody's table, read; its form stands in ``kg.sources.tabular``. Each mistake is told with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from kg import vocabulary as v
from kg.errors import Place
from kg.ontology import Kind, Ontology, Property
from kg.sources.forms import Form
from kg.sources.mapping import Cell, Rule, Table, Where
from kg.sources.model import SourceFile
from kg.tree import Mapping, Node, Scalar
from kg.values import ValueRefusedError, Values, did_you_mean

EVIDENCE: Final = ("locator", "evidenceType", "strength", "direction", "curator", "checked")
"""What a mapping may say of the evidence of a row, beside its references."""
_OWN = (v.EVIDENCE, v.RDF_SUBJECT, v.RDF_PREDICATE, v.RDF_OBJECT)


def read_mapping(file: SourceFile, ontology: Ontology) -> Table:
    """The mapping that a file holds. Raises UnreadableError with every mistake."""
    form = Form.read(file)
    form.node("work")
    reader = _Reader(ontology, Values(ontology, "https://example.org/", "en", {}))
    evidence = reader.evidence(form.form("evidence"))
    how = form.form("table")
    before = how.text("before") or "0"
    if not re.fullmatch(r"[0-9]{1,3}", before):
        how.problem(how.place, f'"before" wants the number of lines above the header, not "{before}"')
    disease = reader.cell("disease", form.node("disease"), Property("disease", v.RDF_SUBJECT), form)
    rules = [reader.rule(each, evidence) for each in form.forms("facts")]
    if not rules:
        form.problem(form.place, 'has no "facts"; say which facts a row states')
    skip = [reader.where(each, "because") for each in form.forms("skip")]
    leave = {key.text: node.text for key, node in form.form("leave").others() if isinstance(node, Scalar)}
    found = Table(
        disease,
        tuple(each for each in rules if each),
        tuple(skip),
        frozenset(each.text for each in form.words("empty")),
        leave,
        how.text("sheet"),
        how.text("delimiter"),
        int(before) if before.isdigit() else 0,
        reader.columns,
    )
    how.done()
    form.done()
    form.check()
    return found


@dataclass
class _Reader:
    ontology: Ontology
    values: Values
    columns: dict[str, Place] = field(default_factory=dict)

    def rule(self, form: Form, evidence: tuple[Cell, ...]) -> Rule | None:
        name = form.text("kind", needed=True)
        kind = self.ontology.kinds.get(name)
        if kind is None:
            form.problem(form.place, f'"{name}" is no kind of fact{did_you_mean(name, self.ontology.kinds)}', "unknown-name")
            return None
        own = self.evidence(form.form("evidence")) if form.node("evidence") else evidence
        when = tuple(self.where(each) for each in form.forms("when"))
        flat = {key: prop for key, prop in self.ontology.properties.items() if prop.iri not in _OWN}
        known = {**flat, kind.object.key: kind.object, "lang": Property("lang", v.RDF_SUBJECT, (v.XSD_STRING,))}
        if kind.predicate:  # "kind", as names have it, says here which kind of fact it is
            known["predicate" if kind.predicate.key == "kind" else kind.predicate.key] = kind.predicate
        object_ = self.cell(kind.object.key, form.node(kind.object.key), kind.object, form, kind)
        others = []
        for key, node in form.others():
            if key.text in known:
                others.append(self.cell(key.text, node, known[key.text], form, kind))
            else:
                form.problem(key.place, f'"{key.text}" is no key of {kind.key}{did_you_mean(key.text, known)}', "unknown-key")
        if kind.predicate and kind.default_predicate is None and all(each.prop.key != kind.predicate.key for each in others):
            form.problem(form.place, f'{kind.key} wants "{kind.predicate.key}" as well', "no-value")
        return Rule(kind, object_, tuple(others), own, when)

    def evidence(self, form: Form) -> tuple[Cell, ...]:
        cells = []
        for key in ("references", *EVIDENCE):
            if (node := form.node(key)) is not None:
                prop = Property(key, v.SOURCE) if key == "references" else self.ontology.properties[key]
                cells.append(self.cell(key, node, prop, form))
        form.done()
        return tuple(cells)

    def where(self, form: Form, *also: str) -> Where:
        column = self.column(form)
        words = frozenset(each.text for each in form.words("is"))
        texts = [form.text(key, needed=True) for key in also]
        if not words:
            form.problem(form.place, 'has no "is"; write the words of the column for which it holds', "no-value")
        form.done()
        return Where(column, words, form.place, *texts)

    def column(self, form: Form) -> str:
        name = form.text("column", needed=True)
        self.columns.setdefault(name, form.place)
        return name

    def cell(self, key: str, node: Node | None, prop: Property, form: Form, kind: Kind | None = None) -> Cell:
        """What a key says: a map with ``column``, or a value, or a list of values."""
        if node is None:
            form.problem(form.place, f'has no "{key}"; write its column, or a value that holds for all rows', "no-value")
        if not isinstance(node, Mapping):
            constant = tuple(self.checked(each, prop, form, kind) for each in form.words(key))
            if len(constant) > 1 and (prop.iri == v.RDF_PREDICATE or v.XSD_BOOLEAN in prop.ranges):
                form.problem(node.place if node else form.place, f'"{key}" wants one value, not a list', "wrong-type")
            return Cell(prop, form.place, constant)
        below = Form.of(node, form.problems)
        column, strip, prefix = self.column(below), below.text("strip"), below.text("prefix")
        split = "|".join(re.escape(each.text) for each in below.words("split"))
        unpad = below.text("unpad") == "true"
        words = None
        if below.node("values") is not None:
            entries = below.form("values").others()
            words = {
                word.text: self.checked(to, prop, below, kind) if isinstance(to, Scalar) and to.kind != "nothing" else ""
                for word, to in entries
            }
        if prefix and prefix not in {**self.ontology.prefixes.namespaces, **self.ontology.prefixes.aliases}:
            near = did_you_mean(prefix, self.ontology.prefixes.namespaces)
            below.problem(below.place, f'"{prefix}" is no prefix that is declared{near}', "unknown-prefix")
        below.done()
        return Cell(prop, below.place, (), column, prefix, split, strip, unpad, words, self.ontology.text(prop.iri, v.QUANTITY) or "")

    def checked(self, scalar: Scalar, prop: Property, form: Form, kind: Kind | None) -> str:
        """A value of the mapping itself, which has to fit its key; a label after ``!`` is for people."""
        if kind and kind.predicate and prop.iri == v.RDF_PREDICATE:
            words = [self.ontology.term(each) for each in kind.predicates]
            if scalar.text not in words:
                form.problem(scalar.place, f'"{prop.key}" has no value "{scalar.text}"{did_you_mean(scalar.text, words)}', "unknown-name")
        elif prop.iri not in (v.RDF_SUBJECT, v.SOURCE) and v.DISEASE not in prop.ranges:
            try:
                self.values.read(scalar, prop, "en")
            except ValueRefusedError as error:
                form.problem(scalar.place, str(error), error.rule)
        elif prop.ranges != (v.XSD_STRING,) and self.ontology.prefixes.expand(scalar.text) is None:
            form.problem(scalar.place, f'"{prop.key}" wants a CURIE, such as OMIM:308230, not "{scalar.text}"', "unknown-name")
        return re.sub(r"\s+!\s.*$", "", scalar.text) if re.match(r"\S+\s+!\s", scalar.text) else scalar.text
