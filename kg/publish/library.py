"""What the reference pages are made of: the modules of a vocabulary and of its shapes, with the entries and rules in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import CanonicalizationAlgorithm as Algorithm
from pyoxigraph import Dataset, NamedNode, Quad
from rdflib import BNode, Graph
from rdflib.namespace import OWL, RDF, RDFS

from kg import vocabulary as v
from kg.demands import to_term
from kg.display import Value
from kg.examples import Examples, Survey
from kg.fields import Layout, layouts
from kg.layout import ontology_folders, shapes_folders
from kg.lexicon import CLASS, INDIVIDUAL, OUTSIDE, PROPERTY, Entry, Lexicon, anchor_of, terms_of
from kg.modules import Module, modules
from kg.naming import Naming
from kg.parallel import HERE
from kg.publish.content import Content
from kg.publish.frame import site_of
from kg.rulebook import Rule, rulebook, shape_names
from kg.shapes import to_rdflib
from kg.signpost import Signpost

_SORTS = ((CLASS, "Classes"), (PROPERTY, "Properties"), (INDIVIDUAL, "Individuals"), (OUTSIDE, "Words of other vocabularies"))
_LAST = (2, 0)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix: what it stands for, the name of its vocabulary, what else it is called, and what an identifier looks like."""

    prefix: str
    namespace: str
    name: Value | None
    aliases: tuple[str, ...]
    pattern: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A module of the vocabulary as its page shows it."""

    stem: str
    iri: str
    title: Value
    about: Value | None
    sections: tuple[tuple[str, tuple[Entry, ...]], ...]
    prefixes: tuple[Prefix, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All its entries, in the order of the page."""
        return tuple(entry for _, entries in self.sections for entry in entries)


@dataclass(frozen=True)
class Library:
    """Vocabulary and shapes of a release. Texts come from the content and from the graphs of the shapes, files only tell what is where."""

    content: Content
    vocabulary: tuple[Module, ...]
    shapes: Mapping[str, Graph]
    survey: Survey = HERE.map

    @classmethod
    def of(cls, content: Content, survey: Survey = HERE.map) -> Library:
        """That of a dataset: kg's own, and what the dataset brings. Raises KgError naming file and line."""
        folder = content.dataset.folder
        shapes = {module.stem: _graph(module) for module in modules(shapes_folders(folder))}
        return cls(content, modules(ontology_folders(folder)), shapes, survey)

    @cached_property
    def naming(self) -> Naming:
        """The labels of the release."""
        dataset = self.content.dataset
        return Naming(self.content.by_subject, dataset.ontology, dataset.base, site_of(self.content).language)

    @cached_property
    def _all_shapes(self) -> Graph:
        whole = Graph()
        for graph in self.shapes.values():
            for triple in graph:
                whole.add(triple)
        return whole

    @cached_property
    def signpost(self) -> Signpost:
        """Where each term and each rule has its entry."""
        ontology = self.content.dataset.ontology
        anchors = {iri: f"shapes.html#{name}" for iri, name in shape_names(self._all_shapes).items()}
        for module in self.vocabulary:
            anchors |= {
                t.value: f"vocab/{module.stem}.html#{anchor_of(t, ontology)}"
                for t in terms_of(module, ontology)
                if t.value.startswith(v.RF)
            }
        return Signpost(self.naming, anchors)

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        """The layout of the first kind of fact of each module that has one, by stem."""
        found = {layout.kind.iri: layout for layout in reversed(layouts(self.content.dataset.ontology, self._all_shapes))}
        stems = {module.stem: [found[term] for term in module.subjects if term in found] for module in self.vocabulary}
        return {stem: min(kinds, key=lambda layout: layout.order) for stem, kinds in stems.items() if kinds}

    @cached_property
    def rules(self) -> dict[str, tuple[Rule, ...]]:
        """The rules of each module of the shapes."""
        return rulebook(self.shapes, self.content.dataset.ontology, self.signpost.value)

    def shapes_head(self, stem: str) -> tuple[Value, Value | None]:
        """What a module of the shapes is headed with, and what it is for: as it says itself, or by its kind of fact."""
        graph = self.shapes[stem]
        head = graph.value(None, RDF.type, OWL.Ontology)
        label, comment = (graph.value(head, p) if head is not None else None for p in (RDFS.label, RDFS.comment))
        heading = self.layouts[stem].heading if stem in self.layouts else stem
        show = self.signpost.value
        return show(to_term(label)) if label else Value(heading), show(to_term(comment)) if comment else None

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The modules of the vocabulary: that of every fact first, then those of the kinds in the order of a page."""
        rules = [rule for stem in sorted(self.rules) for rule in self.rules[stem]]
        words = (term for module in self.vocabulary for term in module.subjects)
        examples = Examples(self.content.by_subject, self.naming, words, self.survey)
        lexicon = Lexicon(self.content.dataset.ontology, self.signpost, rules, examples)
        return tuple(self._chapter(module, lexicon) for module in sorted(self.vocabulary, key=self._place))

    def _place(self, module: Module) -> tuple[tuple[int, int], str]:
        if v.ONTOLOGY_GRAPH in module.subjects:
            return (0, 0), module.stem
        return (1, self.layouts[module.stem].order) if module.stem in self.layouts else _LAST, module.stem

    def _chapter(self, module: Module, lexicon: Lexicon) -> Chapter:
        ontology, show = self.content.dataset.ontology, self.signpost.value
        entries = [lexicon.entry(term) for term in terms_of(module, ontology)]
        kinds = {kind.iri for kind in ontology.kinds.values()}
        entries.sort(key=lambda entry: (entry.iri not in kinds, entry.label.text.casefold(), entry.anchor))
        sections = [(title, tuple(entry for entry in entries if entry.sort == sort)) for sort, title in _SORTS]
        head = next((each for each in module.subjects if v.OWL_ONTOLOGY in ontology.values(each, v.RDF_TYPE)), None)
        titles = [each for p in (v.TITLE, v.RDFS_LABEL) for each in (ontology.values(head, p) if head else [])]
        abouts = [each for p in (v.DESCRIPTION, v.RDFS_COMMENT) for each in (ontology.values(head, p) if head else [])]
        return Chapter(
            stem=module.stem,
            iri=head.value if head else "",
            title=show(titles[0]) if titles else Value(module.stem),
            about=show(abouts[0]) if abouts else None,
            sections=tuple(section for section in sections if section[1]),
            prefixes=tuple(self._prefix(each) for each in module.subjects if ontology.values(each, v.SH_PREFIX)),
        )

    def _prefix(self, declared: NamedNode) -> Prefix:
        ontology = self.content.dataset.ontology
        names = ontology.values(declared, v.RDFS_LABEL)
        return Prefix(
            prefix=ontology.text(declared, v.SH_PREFIX) or "",
            namespace=ontology.text(declared, v.SH_NAMESPACE) or "",
            name=self.naming.value(names[0]) if names else None,
            aliases=tuple(each.value for each in ontology.values(declared, v.PREFIX_ALIAS)),
            pattern=ontology.text(declared, v.PATTERN) or "",
        )


def _graph(module: Module) -> Graph:
    """The triples of a module for rdflib. Blank nodes are named by what is said of them, so that they are the same every time."""
    dataset = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in module.triples)
    dataset.canonicalize(Algorithm.RDFC_1_0)
    graph = Graph()
    for triple in to_rdflib(quad.triple for quad in dataset):
        subject, predicate, value = (BNode(f"{module.stem}-{node}") if isinstance(node, BNode) else node for node in triple)
        graph.add((subject, predicate, value))
    return graph
