"""The questions that come with the project, put to the graph of a release: each once, with all its rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, Store

from kg import vocabulary as v
from kg.competency import Question
from kg.errors import KgError
from kg.guard import guard, names_graphs
from kg.ontology import Ontology
from kg.publish.delimited import line_of
from kg.publish.ordering import ordered, split
from kg.serialize import sorted_triples
from kg.terms import Value


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns of an answer, and its rows in the order that the query gives them; None is what a row leaves unbound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]

    def write_csv(self, stream: BinaryIO) -> None:
        """Write it as SPARQL 1.1 Query Results CSV (https://www.w3.org/TR/sparql11-results-csv-tsv/), as ``kg query`` does."""
        rows = ([term.value if term is not None else "" for term in row] for row in self.rows)
        stream.writelines(line_of(row).encode() for row in chain([self.columns], rows))


def answer(store: Store, question: Question, ontology: Ontology) -> Answer:
    """What a question yields over the union of all graphs; the answer of an ASK is one row, that of a CONSTRUCT its triples.

    Raises KgError naming the question.
    """
    text = question.text
    try:
        guard(text)
        unordered, keys = split(text)
        result = store.query(unordered, use_default_graph_as_union=not names_graphs(text), prefixes=ontology.prefixes.namespaces)
    except (KgError, SyntaxError, ValueError) as error:
        raise KgError(f"{question.name}.rq: {error}") from None
    if isinstance(result, QuerySolutions):
        columns = tuple(variable.value for variable in result.variables)
        terms: dict[object, Value | None] = {}  # of half a million rows most terms are the same few thousand
        rows = (tuple(terms.get(term) or terms.setdefault(term, _plain(term)) for term in solution) for solution in result)
        return Answer(columns, ordered(rows, columns, keys))
    if isinstance(result, QueryBoolean):
        return Answer(("answer",), ((Literal(str(bool(result)).lower(), datatype=v.XSD_BOOLEAN),),))
    triples = sorted_triples(result)
    return Answer(("subject", "predicate", "object"), tuple((_plain(t.subject), t.predicate, _plain(t.object)) for t in triples))


def _plain(term: object) -> Value | None:
    """A term of a row; our graphs have no blank nodes, so that what is neither IRI nor literal goes by its text."""
    return term if term is None or isinstance(term, NamedNode | Literal) else Literal(str(term))
