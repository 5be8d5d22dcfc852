"""SPARQL over a release: a query in, rows or a graph out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, Triple, Variable

from kg import vocabulary as v
from kg.competency import questions
from kg.context import Context
from kg.errors import KgError, one_line
from kg.formats import BY_NAME, JSON_LD, RESULTS
from kg.guard import explain, guard, names_graphs
from kg.jsonld import Nodes, context_of, document
from kg.ontology import Ontology
from kg.publish.released import Release
from kg.serialize import sorted_triples, write
from kg.values import did_you_mean

if TYPE_CHECKING:
    import rdflib

Term = NamedNode | BlankNode | Literal | Triple
"""What a query may bind or yield; releases have neither blank nodes nor triples in the place of terms, but a query can make them."""


class Graph:
    """A release, opened: its store, and queries over the union of its graphs. Raises KgError where its dump is gone or broken."""

    def __init__(self, release: Release) -> None:
        self.release = release

    @cached_property
    def store(self) -> Store:
        """All quads in a pyoxigraph store in memory."""
        store = Store()
        dump = self.release.dump("nq")
        try:
            store.load(path=str(dump), format=pyoxigraph.RdfFormat.N_QUADS)
        except (OSError, SyntaxError) as error:
            raise KgError(f"{dump}: cannot be read: {error}; build the release again") from None
        return store

    def to_rdflib(self) -> rdflib.Dataset:
        """All quads as an rdflib Dataset whose default graph is the union of the named ones."""
        import rdflib  # noqa: PLC0415

        from kg.shapes import to_rdflib  # noqa: PLC0415

        dataset = rdflib.Dataset(default_union=True)
        for quad in self.store:
            [triple] = to_rdflib([quad.triple])
            dataset.add((*triple, dataset.graph(rdflib.URIRef(quad.graph_name.value))))
        for prefix, namespace in self.ontology.prefixes.namespaces.items():
            dataset.bind(prefix, namespace, replace=True)
        return dataset

    @cached_property
    def ontology(self) -> Ontology:
        """The ontology that the release was made with."""
        return Ontology(quad.triple for quad in self.store.quads_for_pattern(None, None, None, v.ONTOLOGY_GRAPH))

    def query(self, query: str, bindings: Mapping[str, Term | str] | None = None) -> Answer:
        """Ask a SPARQL 1.1 query, or a question that comes with the project by its name.

        ``bindings`` gives variables their values: terms, or CURIEs, IRIs, paths below the base IRI and plain words as
        text. Raises KgError where the query
        cannot be read, or asks for another endpoint, or a value is none of these.
        """
        known = questions() if re.fullmatch(r"[\w-]+", query) else {}
        text = known[query].text if query in known else query
        if known and query not in known:
            near = did_you_mean(query, known) if len(known) > 1 else ""
            raise KgError(f'there is no question "{query}"{near}; see: kg query --list')
        guard(text)
        values: dict[Variable, Any] = {_variable(name, text): self._term(value) for name, value in (bindings or {}).items()}
        try:
            result = self.store.query(
                text, use_default_graph_as_union=not names_graphs(text), prefixes=self.ontology.prefixes.namespaces, substitutions=values
            )
        except (SyntaxError, ValueError) as error:
            raise KgError(explain(str(error), text)) from None
        except RuntimeError as error:
            raise KgError(f"{error}; what is bound must be among what the query selects") from None
        return Answer(result, self)

    def _term(self, value: Term | str) -> Term:
        if isinstance(value, Term):
            return value
        if not isinstance(value, str):
            raise KgError(f"{value!r:.200} is neither a term nor text; bind a term of pyoxigraph, such as Literal(20)")
        prefixes = self.ontology.prefixes
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise KgError(f'"{one_line(value)}" is no UTF-8, so no term can have it for its value')
        if any(value.startswith(path) for path in self.ontology.record_paths.values()):
            try:
                return NamedNode(self.release.manifest["base"] + value)
            except ValueError:
                raise KgError(f'"{value}" makes no IRI below {self.release.manifest["base"]}; write it as the release does') from None
        unknown = prefixes.unknown_prefix(value)
        if unknown:
            near = did_you_mean(unknown, [*prefixes.namespaces, *prefixes.aliases])
            raise KgError(f'"{value}" has the prefix "{unknown}", which is not declared{near}')
        try:
            return NamedNode(prefixes.expand(value) or value)
        except ValueError:
            return Literal(value)


class Answer:
    """What a query yields: rows, a truth value, or a graph."""

    def __init__(self, result: QuerySolutions | QueryBoolean | QueryTriples, graph: Graph) -> None:
        self._result = result
        self._graph = graph

    @property
    def variables(self) -> list[str]:
        """The names of the columns; none where the answer is no table."""
        return [variable.value for variable in self._result.variables] if isinstance(self._result, QuerySolutions) else []

    def __iter__(self) -> Iterator[dict[str, Term | None]]:
        """The rows of a SELECT, in order, None where a variable is not bound; each can be had once."""
        if not isinstance(self._result, QuerySolutions):
            raise KgError("only the answer of a SELECT has rows")
        names = self.variables
        return (dict(zip(names, solution, strict=True)) for solution in self._result)

    def __bool__(self) -> bool:
        """The answer of an ASK."""
        if not isinstance(self._result, QueryBoolean):
            raise KgError("only the answer of an ASK is true or false")
        return bool(self._result)

    def show(self, term: Term | None) -> str:
        """A term for people: CURIEs for IRIs, the bare text of literals."""
        if term is None:
            return ""
        if isinstance(term, NamedNode):
            return self._graph.ontology.prefixes.show(term.value, self._graph.release.manifest["base"])
        return str(getattr(term, "value", term))

    def serialize(self, format: str) -> bytes:
        """The answer as csv, tsv, json or xml (rows and truth values), or turtle, ntriples or jsonld (graphs). Raises KgError."""
        if isinstance(self._result, QueryTriples):
            if format not in BY_NAME or (BY_NAME[format].has_graphs and format != JSON_LD.name):
                raise KgError(f"the answer is a graph, which {format} cannot hold; take turtle, ntriples or jsonld")
            triples = sorted_triples(self._result)
            if format == JSON_LD.name:
                if any(isinstance(triple.object, Triple) for triple in triples):
                    raise KgError("the answer has a triple in the place of a term, which jsonld cannot hold; take turtle or ntriples")
                context = Context(self._graph.ontology, self._graph.release.manifest["base"])
                nodes = Nodes(triples, context_of(triples, context))
                return document(nodes.context, {"graph": [nodes.node(root) for root in nodes.roots()]})
            return write(triples, BY_NAME[format], self._graph.ontology)
        if format not in RESULTS:
            raise KgError(f"the answer is no graph, so it cannot be {format}; take table, csv, tsv, json or xml")
        if isinstance(self._result, QueryBoolean) and format in ("csv", "tsv"):
            return f"{str(bool(self._result)).lower()}\n".encode()
        body = self._result.serialize(format=RESULTS[format])
        assert body is not None
        return body if body.endswith(b"\n") else body + b"\n"

    @property
    def is_graph(self) -> bool:
        """Whether the answer is that of a CONSTRUCT or DESCRIBE."""
        return isinstance(self._result, QueryTriples)

    @property
    def is_boolean(self) -> bool:
        """Whether the answer is that of an ASK."""
        return isinstance(self._result, QueryBoolean)


def _variable(name: str, query: str) -> Variable:
    try:
        if re.search(rf"[?$]{re.escape(name)}\b", query):
            return Variable(name)
    except ValueError:  # no name of a variable
        pass
    raise KgError(f"the query has no variable ?{name} to bind")


def open_release(release: Path | str = "release") -> Graph:
    """A release, opened for queries. Raises KgError where there is none."""
    return Graph(Release.open(release))
