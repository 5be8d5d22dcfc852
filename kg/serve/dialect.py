"""What an engine has to be told beside the query, so that it answers what SPARQL 1.1 means. One row of the table per engine.

The default graph of ours is the union of the named graphs of the release. Most engines for large data take the union of all
they hold for it, and need no word. Oxigraph takes it where it is asked to. Virtuoso does, but holds graphs of its own, which
are kept out by its pragmas; it also has GRAPH range over everything where FROM is given and FROM NAMED is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.errors import KgError
from kg.guard import names_graphs, unescaped

Fields = list[tuple[str, str]]
_NO_GRAPH: Final = "urn:x-rarefacts:no-graph"
_NAMED: Final = re.compile(r"FROM\s+NAMED", re.IGNORECASE)
_GRAPH_IRI: Final = re.compile(r"\bGRAPH\b\s*+(?![?$])", re.IGNORECASE)
_IRI: Final = re.compile(r"""<[^<>"{}|^`\\\x00-\x20]*>""")


class Graphs(NamedTuple):
    """The graphs of an engine that queries are to see, and those that they are not."""

    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """How to speak with a sort of engine.

    ``server`` begins its Server header; ``stores`` leads from the path of its endpoint to that of its graph store. ``union``
    are fields that make the default graph the union. ``pragmas`` says that graphs can be hidden by Virtuoso's pragmas.
    ``milliseconds`` is the field for its own limit of time, ``partial`` are headers of an answer that is not the whole one.
    ``forbidden`` are words by which a query would do more than ask.
    """

    name: str
    server: str
    stores: tuple[tuple[str, str], ...] = ()
    union: tuple[tuple[str, str], ...] = ()
    pragmas: bool = False
    milliseconds: str = ""
    partial: tuple[str, ...] = ()
    forbidden: re.Pattern[str] | None = None

    def ask(self, query: str, graphs: Graphs, default: list[str] | None, named: list[str] | None, union: bool) -> tuple[str, Fields]:
        """A query and the fields beside it, as the protocol has them. What is put before the query has no line break."""
        fields = [("default-graph-uri", iri) for iri in default or ()] + [("named-graph-uri", iri) for iri in named or ()]
        if union:
            fields += self.union
        if not self.pragmas:
            return query, fields
        pragmas = []
        if union:
            # where graphs are excluded, a GRAPH that is named finds nothing; where they are listed, it does, but the list is long
            listed = _GRAPH_IRI.search(_IRI.sub("<>", unescaped(query))) is not None
            pragmas = [("default-graph-exclude", iri) for iri in graphs.hidden]
            pragmas += (
                [("named-graph-uri", iri) for iri in graphs.shown] if listed else [("named-graph-exclude", iri) for iri in graphs.hidden]
            )
        elif not named and (default or not _NAMED.search(query)):
            pragmas = [("named-graph-uri", _NO_GRAPH)]
        return "".join(f"define input:{name} <{iri}> " for name, iri in pragmas) + query, fields

    def refuse(self, query: str, given: bool) -> None:
        """Raises KgError where this engine would do more than answer a query, or mix its graphs with those ``given`` beside it."""
        found = self.forbidden.search(unescaped(query)) if self.forbidden else None
        if found:
            raise KgError(f'the query has "{found[0]}", by which {self.name} does more than answer a query; leave it out')
        if self.pragmas and given and names_graphs(unescaped(query)):
            raise KgError(f"{self.name} does not let the graphs of a request stand in for those of FROM; leave one of the two out")

    def store(self, endpoint: str) -> str | None:
        """Where the graph store of an endpoint is, as far as one can tell."""
        for ending, other in self.stores:
            if endpoint.endswith(ending):
                return endpoint.removesuffix(ending) + other
        return None


OTHER: Final = Dialect("an engine", "")
DIALECTS: Final = (
    Dialect("Oxigraph", "oxigraph", (("/query", "/store"),), (("union-default-graph", ""),)),
    Dialect(
        "Virtuoso",
        "virtuoso",
        (("/sparql-auth", "/sparql-graph-crud-auth"), ("/sparql", "/sparql-graph-crud-auth")),
        pragmas=True,
        milliseconds="timeout",
        partial=("x-sparql-maxrows", "x-sql-state"),
        # functions of its own read files and reach the network; pragmas fetch what FROM names
        forbidden=re.compile(r"\b(?:bif|sql):|\bdefine\s+[\w-]+:", re.IGNORECASE),
    ),
    OTHER,
)


def dialect_of(headers: Mapping[str, str]) -> Dialect:
    """The dialect of the engine that sent these headers."""
    server = headers.get("server", "").lower()
    return next(each for each in DIALECTS if server.startswith(each.server))


def dialect_named(name: str) -> Dialect:
    """The dialect with a name."""
    return next(each for each in DIALECTS if each.name == name)
