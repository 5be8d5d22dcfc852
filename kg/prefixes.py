"""CURIEs and IRIs, by the one list in ``ontology/prefixes.ttl`` (SHACL's ``sh:declare``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import Quad

from kg.terms import value_of
from kg.vocabulary import NAMESPACE_ALIAS, PREFIX_ALIAS, SH_NAMESPACE, SH_PREFIX

_CURIE = re.compile(r"(?P<prefix>[A-Za-z][A-Za-z0-9.]*):(?!//)(?P<local>\S+)")
_LOCAL = re.compile(r"[A-Za-z0-9_.\-][^\s:]*")


@dataclass(frozen=True)
class Prefixes:
    """Prefix to namespace, and the aliases that are read but never written: of prefixes, and (to prefixes) of namespaces."""

    namespaces: dict[str, str]
    aliases: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> Prefixes:
        """The prefixes that a graph declares, sorted by prefix."""
        prefix: dict[object, str] = {}
        namespace: dict[object, str] = {}
        alias: list[tuple[object, str]] = []
        elsewhere: list[tuple[object, str]] = []
        for quad in quads:
            if quad.predicate == SH_PREFIX:
                prefix[quad.subject] = value_of(quad).value
            elif quad.predicate == SH_NAMESPACE:
                namespace[quad.subject] = value_of(quad).value
            elif quad.predicate == PREFIX_ALIAS:
                alias.append((quad.subject, value_of(quad).value))
            elif quad.predicate == NAMESPACE_ALIAS:
                elsewhere.append((quad.subject, value_of(quad).value))
        namespaces = {prefix[node]: namespace[node] for node in sorted(prefix, key=lambda node: prefix[node]) if node in namespace}

        def by_name(pairs: list[tuple[object, str]]) -> dict[str, str]:
            return {name: prefix[node] for node, name in sorted(pairs, key=lambda pair: pair[1]) if node in prefix}

        return cls(namespaces, by_name(alias), by_name(elsewhere))

    def expand(self, curie: str) -> str | None:
        """The IRI of ``HP:0002721``; None where the text is no CURIE or its prefix is not declared."""
        match = _CURIE.fullmatch(curie)
        if match is None:
            return None
        prefix = self.aliases.get(match["prefix"], match["prefix"])
        namespace = self.namespaces.get(prefix)
        return None if namespace is None else namespace + match["local"]

    def show(self, iri: str, base: str) -> str:
        """An IRI for people: a CURIE, or the path below the base IRI, or the IRI in angle brackets."""
        below = iri.removeprefix(base)
        return self.contract(iri) or (below if below != iri else f"<{iri}>")

    def unknown_prefix(self, text: str) -> str | None:
        """The prefix of a text that looks like a CURIE but has an undeclared prefix."""
        match = _CURIE.fullmatch(text)
        return match["prefix"] if match and self.expand(text) is None else None

    def recognise(self, iri: str) -> str | None:
        """The CURIE by which we write what a file of others means by an IRI: as ``contract``, but by aliases of namespaces too."""
        fitting = [(len(namespace), prefix) for namespace, prefix in self.elsewhere.items() if iri.startswith(namespace)]
        length, prefix = max(fitting, default=(0, ""))
        return self.contract(self.namespaces[prefix] + iri[length:] if prefix in self.namespaces else iri)

    def contract(self, iri: str) -> str | None:
        """The CURIE of an IRI under the longest namespace that fits, if its local part is plain."""
        for length in self._lengths:
            prefix = self._by_namespace.get(iri[:length])
            if prefix is not None:
                local = iri[length:]
                return f"{prefix}:{local}" if _LOCAL.fullmatch(local) else None
        return None

    @cached_property
    def _by_namespace(self) -> dict[str, str]:
        return {namespace: prefix for prefix, namespace in sorted(self.namespaces.items())}

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(namespace) for namespace in self._by_namespace}, reverse=True)
