"""rarefacts: rare-disease facts as linked data, each with its citation.

From Python::

    import kg

    report = kg.check("data")                      # what is wrong, and where
    release = kg.build("data", "release")          # checked, derived, written
    graph = kg.open("release")                     # graph.store, graph.to_rdflib()
    for row in graph.query("treatment-for-whom"):  # a question by name, or SPARQL
        print(row["action"], row["source"])

Importing ``kg`` loads none of the libraries below; each name is fetched when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.cluster import Cluster
    from kg.competency import questions
    from kg.errors import KgError, Problem, Severity, UnreadableError
    from kg.gate import Report, check
    from kg.publish.build import NotConformingError, build
    from kg.publish.released import Release
    from kg.query import Answer, Graph
    from kg.query import open_release as open

__all__ = [
    "Answer",
    "Cluster",
    "Graph",
    "KgError",
    "NotConformingError",
    "Problem",
    "Release",
    "Report",
    "Severity",
    "UnreadableError",
    "build",
    "check",
    "open",
    "questions",
]

_HOMES = {
    "Answer": "query",
    "Cluster": "cluster",
    "Graph": "query",
    "NotConformingError": "publish.build",
    "Release": "publish.released",
    "Report": "gate",
    "build": "publish.build",
    "check": "gate",
    "open": "query",
    "questions": "competency",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    home = importlib.import_module(f"kg.{_HOMES.get(name, 'errors')}")
    return getattr(home, "open_release" if name == "open" else name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
