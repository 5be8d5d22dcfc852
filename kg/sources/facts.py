"""What a row of somebody's table says, by its mapping: facts in the language of records, and what did not become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg import vocabulary as v
from kg.ontology import Ontology
from kg.sources.hpo_terms import EXCLUDED
from kg.sources.mapping import Cell, Rule, Table
from kg.sources.model import Fact, Note, Value, cited

_BOOLEANS = {"true": True, "false": False}
_RESTRICTS = ("direction",)
"""What of the evidence decides whether it speaks for the fact."""
Row = Mapping[str, str]


def facts_of_row(row: Row, table: Table, work: str, ontology: Ontology) -> tuple[list[Fact], list[Note]]:
    """The facts of a row, and what they leave out; where there is no fact, the first note is the reason for that."""
    for where in table.skip:
        if where.holds(row):
            return [], [Note("skipped", f"{where.column}: {row[where.column]}: {where.because}")]
    diseases, notes = _values(table.disease, row, table)
    if not diseases:
        return [], [*notes, Note("no-value", f"{table.disease.column}: no disease")]
    rules = [rule for rule in table.rules if all(where.holds(row) for where in rule.when)]
    if not rules:
        return [], [Note("not-mapped", "; ".join(f"{where.column}: {row[where.column]}" for rule in table.rules for where in rule.when))]
    facts: list[Fact] = []
    told = {rule.object.column for rule in rules}
    untold = dict.fromkeys(rule.object.column for rule in table.rules if rule.object.column not in told)
    notes += [Note("not-mapped", f"{column}: {row[column]}") for column in untold if row[column] and row[column] not in table.empty]
    for rule in rules:
        for disease in diseases:
            made, left_out = _facts(rule, disease, row, table, work, ontology)
            facts += made
            notes += [note for note in left_out if note not in notes]
    return facts, notes if facts or notes else [Note("no-value", "no cell that a fact is made of has a value")]


def denies(says: Mapping[str, Value], ontology: Ontology) -> bool:
    """Whether a number or a class that a fact gives means that it was found in nobody."""
    quantities = {key: ontology.text(ontology.properties[key].iri, v.QUANTITY) for key in says if key in ontology.properties}
    return any(
        (quantity in ("percent", "part") and says[key] == "0") or (quantity == "class" and says[key] == EXCLUDED)
        for key, quantity in quantities.items()
    )


def _values(cell: Cell, row: Row, table: Table) -> tuple[list[str], list[Note]]:
    """The known values of a cell, each once, and a note for each word that is unknown."""
    read = list(dict.fromkeys(cell.read(row, table.empty)))
    return [value for value, known in read if known], [
        Note("unknown-value", f"{cell.column}: {value}") for value, known in read if not known
    ]


def _facts(rule: Rule, disease: str, row: Row, table: Table, work: str, ontology: Ontology) -> tuple[list[Fact], list[Note]]:
    objects, notes = _values(rule.object, row, table)
    if not objects:
        return [], notes
    says, wrong = _says(rule, row, table, ontology)
    evidence, left_out, doubtful = _evidence(rule.evidence, disease, row, table, work, ontology)
    if wrong or doubtful:
        return [], [*wrong, *doubtful, *notes, *left_out]
    facts = [Fact(disease, rule.kind.key, {rule.object.prop.key: each, **says}, evidence) for each in objects]
    return facts, [*notes, *left_out]


def _says(rule: Rule, row: Row, table: Table, ontology: Ontology) -> tuple[dict[str, Value], list[Note]]:
    """What stands beside the object, and what of it cannot be understood, so that there is no fact."""
    says: dict[str, Value] = {}
    wrong: list[Note] = []
    predicates = [ontology.term(each) for each in rule.kind.predicates]
    for cell in rule.others:
        values, unknown = _values(cell, row, table)
        wrong += unknown
        is_predicate, is_boolean = cell.prop.iri == v.RDF_PREDICATE, v.XSD_BOOLEAN in cell.prop.ranges
        allowed = predicates if is_predicate else _BOOLEANS if is_boolean else values
        wrong += [Note("unknown-value", f"{cell.column}: {value}") for value in values if value not in allowed]
        single = is_predicate or is_boolean or cell.prop.key == "lang" or set(cell.prop.ranges) & {v.XSD_INTEGER, v.XSD_DECIMAL}
        if len(values) > 1 and single:
            wrong.append(Note("several-values", f"{cell.column}: {'; '.join(values)}"))
        if not values or wrong:
            continue
        if not is_boolean:
            says[cell.prop.key] = values[0] if len(values) == 1 else tuple(values)
        elif _BOOLEANS[values[0]]:
            says[cell.prop.key] = True
    if denies(says, ontology):
        says["negated"] = True
    if rule.kind.predicate and rule.kind.default_predicate is None and rule.kind.predicate.key not in says and not wrong:
        wrong.append(Note("no-value", f"no {rule.kind.predicate.key}"))
    return says, wrong


def _evidence(
    cells: Sequence[Cell], disease: str, row: Row, table: Table, work: str, ontology: Ontology
) -> tuple[tuple[dict[str, str], ...], list[Note], list[Note]]:
    """The evidence lines of a row, what they leave out, and what makes it doubtful whether they speak for the fact at all."""
    left_out: list[Note] = []
    doubtful: list[Note] = []
    references: list[str] = []
    also: dict[str, str] = {}
    for cell in cells:
        values, unknown = _values(cell, row, table)
        problems = list(unknown)
        if cell.prop.iri == v.SOURCE:
            references = [value for value in values if ontology.prefixes.expand(value)]
            problems += [Note("reference", value) for value in values if value not in references]
        elif len(values) > 1:
            problems.append(Note("several-values", f"{cell.column}: {'; '.join(values)}"))
        elif values:
            also[cell.prop.key] = values[0]
        (doubtful if cell.prop.key in _RESTRICTS else left_out).extend(problems)
    return cited(work, also.pop("locator", disease), references, **also), left_out, doubtful
