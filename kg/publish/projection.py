"""What schema.org is told of each disease: a projection of ``ontology/alignments/``, made of what the disease and its facts lead to.

Nothing else is looked at, so it is made disease by disease, by whoever makes the documents of the disease, and memory holds what is said
of one of them. The ontology, and what the dataset says of itself, are there for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from kg import vocabulary as v
from kg.parallel import Travelling
from kg.publish.content import Content
from kg.publish.embed import Nest, language_of, nested, query_of
from kg.reads import Noted

_NAME: Final = "schema-org"


class Projection(Travelling):
    """The projections of the diseases of a dataset, one after the other."""

    def __init__(self, content: Content) -> None:
        dataset = content.dataset
        self._about = content.by_subject
        self._ontology = dataset.ontology
        self._query, self._language = query_of(_NAME, dataset), language_of(dataset)
        self._diseases = Noted(content.reads, "diseases", dict.fromkeys(content.diseases, True))
        given = [*dataset.ontology.triples, *self._about[content.head]]
        self._given = [Quad(t.subject, t.predicate, t.object) for t in given]

    def of(self, disease: NamedNode) -> Nest:
        """What schema.org is told of a disease, ready to be written."""
        store = Store()  # a new one each time: one in memory keeps what was removed, and becomes slower with each disease
        store.bulk_extend(self._given)
        store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in self._led_to(disease))
        return nested(_NAME, self._query, store, self._ontology, self._language)

    def _led_to(self, disease: NamedNode) -> Iterator[Triple]:
        """What is said of a disease, its facts, and what they name, and so on; of another disease only how it is called."""
        nodes = [disease, *self._about.facts(disease)]
        seen = set(nodes)
        for node in nodes:
            for triple in self._about.get(node, ()):
                yield triple
                named = triple.object
                if not isinstance(named, NamedNode) or named in seen or named.value.startswith(v.RF):
                    continue
                seen.add(named)
                if named in self._diseases:
                    yield from self._about.labels(named)
                else:
                    nodes.append(named)
