"""What schema.org is told of each disease: a projection of ``ontology/alignments/``, made of what the disease and its facts lead to.

Nothing else is looked at, so it is made by whoever makes the documents of the disease, and memory holds what is said of some of them. To
read and plan the query takes longer than to answer it for one disease, so it is asked of some at once, and the answer is taken apart.
What a page says must not depend on which others are asked with it:

- of two diseases one of which names the other neither is asked together with the other: of what is only named the labels are there;
- so of each node that a disease leads to the same is said as if it were asked alone, and a pattern that leads outward from a disease,
  its facts and what they name, as those of a projection have to, finds the same;
- a page gets what leads from it and from what its disease leads to, and nothing that only others of them name.

The ontology, and what the dataset says of itself, are there for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Store, Triple

from kg import vocabulary as v
from kg.parallel import Travelling
from kg.publish.content import Content
from kg.publish.embed import language_of, nested, query_of
from kg.publish.nest import Nest
from kg.reads import Entries, Noted
from kg.serialize import to_bytes

_NAME: Final = "schema-org"


@dataclass(frozen=True, slots=True)
class _Led:
    """What a disease leads to: the statements of each node, the nodes that are named, other diseases among them, and what was read."""

    said: Mapping[NamedNode, Sequence[Triple]]
    named: frozenset[NamedNode]
    others: frozenset[NamedNode]
    read: Entries


class Projection(Travelling):
    """The projections of the diseases of a dataset."""

    def __init__(self, content: Content) -> None:
        dataset = content.dataset
        self._about = content.by_subject
        self._ontology = dataset.ontology
        self._query, self._language = query_of(_NAME, dataset), language_of(dataset)
        self._diseases = Noted(content.reads, "diseases", dict.fromkeys(content.diseases, True))
        given = [*dataset.ontology.triples, *self._about[content.head]]
        self._given = to_bytes(given, RdfFormat.N_TRIPLES)
        self._for_all = frozenset(each for t in given for each in (t.subject, t.object) if isinstance(each, NamedNode))
        self._told: dict[NamedNode, tuple[Nest, Entries]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_told": {}}

    def ask(self, diseases: Iterable[NamedNode]) -> None:
        """Work out now what is told of some diseases, instead of that of those before."""
        self._told = {}
        for group in _apart({disease: self._led(disease) for disease in diseases}):
            told = self._answer(group.values())
            named = frozenset[NamedNode]().union(*(led.named for led in group.values())) - self._for_all
            for disease, led in group.items():
                self._told[disease] = told.part(disease, led.named, named), led.read

    def of(self, disease: NamedNode) -> Nest:
        """What schema.org is told of a disease, ready to be written."""
        if disease not in self._told:
            self.ask([disease])
        told, read = self._told[disease]
        self._about.reads.also(read)
        return told

    def _answer(self, group: Iterable[_Led]) -> Nest:
        said = {node: triples for led in group for node, triples in led.said.items()}
        store = Store()  # a new one each time: one in memory keeps what was removed, and becomes slower with each disease
        # as text, which is read faster than objects are taken apart; and not in bulk, which pays for more than there is
        store.load(input=self._given + to_bytes(chain.from_iterable(said.values()), RdfFormat.N_TRIPLES), format=RdfFormat.N_TRIPLES)
        return nested(_NAME, self._query, store, self._ontology, self._language)

    def _led(self, disease: NamedNode) -> _Led:
        """What is said of a disease, its facts, and what they name, and so on; of another disease only how it is called."""
        with self._about.reads.noting() as noted:
            nodes = [disease, *self._about.facts(disease)]
            named, others = set(nodes), set()
            said: dict[NamedNode, Sequence[Triple]] = {}
            for node in nodes:
                said[node] = self._about.get(node, ())
                for each in {t.object for t in said[node]} - named:
                    if not isinstance(each, NamedNode) or each.value.startswith(v.RF):
                        continue
                    named.add(each)
                    if each in self._diseases:
                        others.add(each)
                        said[each] = self._about.labels(each)
                    else:
                        nodes.append(each)
        return _Led(said, frozenset(named), frozenset(others), tuple(noted))


def _apart(led: Mapping[NamedNode, _Led]) -> Iterator[dict[NamedNode, _Led]]:
    """The same in groups in which no disease names another."""
    groups: list[dict[NamedNode, _Led]] = []
    for disease, its in led.items():
        fits = (g for g in groups if its.others.isdisjoint(g) and not any(disease in other.others for other in g.values()))
        group = next(fits, None)
        if group is None:
            groups.append(group := {})
        group[disease] = its
    return iter(groups)
