"""A release into an engine: graph by graph, by the SPARQL 1.1 Graph Store HTTP Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).

Putting a graph replaces it, so an interrupted load is finished by doing it again; graphs that are there as they should be are
not sent anew. At the end the engine is asked whether it holds the release, as ``kg serve`` will ask it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import RdfFormat

from kg.errors import KgError
from kg.formats import N_TRIPLES
from kg.publish.released import Release
from kg.serialize import to_bytes
from kg.serve.engine import BrokenError, Engine, Received, UnreachableError, address
from kg.serve.holds import SECONDS, graphs_of, held, must_hold, print_of

_UNAUTHORIZED: Final = (401, 403)
_GONE: Final = 404


@dataclass(frozen=True)
class Loaded:
    """What a load did: how many graphs were sent, were there as they should be, and were removed; and the triples there now."""

    sent: int
    kept: int
    removed: int
    triples: int


def load(release: Release, engine: Engine, store: str | None, user: str | None, password: str, tick: Callable[[int], object]) -> Loaded:
    """Make an engine hold a release and nothing else of its dataset; ``tick`` is told of triples. Raises KgError."""
    expected = {graph: print_of(quads) for graph, quads in graphs_of(release)}
    there = held(engine, set(expected))
    gone = sorted(there.graphs.keys() - expected.keys())
    foreign = [graph for graph in gone if not graph.startswith(release.manifest["base"])]
    if foreign:
        raise KgError(f"{engine.url}: holds graphs of somebody else, such as <{foreign[0]}>; give the release an engine of its own")
    url = store or there.dialect.store(engine.url)
    if url is None:
        raise KgError(f"{engine.url}: where its graph store is cannot be told; name it with --store")
    target = Engine(address(url), user, password)
    known = there.prints(expected)
    old = [graph for graph in there.hidden if graph.startswith(release.manifest["base"])]
    if known != expected:  # learns how to say who asks, before anything large is sent
        _must(target, "GET", release.manifest["base"] + "graph/none", None)
    for graph in (*gone, *old):
        _must(target, "DELETE", graph, None)
    sent = 0
    for graph, quads in graphs_of(release):
        if known.get(graph) != expected[graph]:
            _must(target, "PUT", graph, to_bytes([quad.triple for quad in quads], RdfFormat.N_TRIPLES))
            sent += 1
        tick(len(quads))
    if sent or gone or old:
        must_hold(engine, release)
    return Loaded(sent, len(expected) - sent, len(gone) + len(old), sum(each.triples for each in expected.values()))


def _must(store: Engine, method: str, graph: str, body: bytes | None) -> Received:
    """Have something done with a graph. Raises KgError where it is not."""
    try:
        received = store.graph(method, graph, body, N_TRIPLES.media_type, SECONDS)
    except UnreachableError as error:
        raise KgError(f"{store.url}: the graph store cannot be reached: {error}; run the command again to go on") from None
    except BrokenError as error:
        raise KgError(f"{store.url}: {error}; run the command again to go on") from None
    if received.status in _UNAUTHORIZED:
        raise KgError(f"{store.url}: may not be written ({received.said}); name a user with --user, and put the password into KG_PASSWORD")
    if not (200 <= received.status < 300 or (received.status == _GONE and method != "PUT")):
        raise KgError(f"{store.url}: {method} of <{graph}> failed ({received.said}); is this the graph store? Name it with --store")
    return received
