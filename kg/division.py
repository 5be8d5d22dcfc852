"""Which rules and constraints of a dataset are asked part by part, and which across parts (``kg.locality``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from rdflib import BNode, Literal
from rdflib.namespace import RDF, RDFS, SH

from kg import vocabulary as v
from kg.compiled import compile_shapes
from kg.graph import queries
from kg.layout import ontology_folders, shapes_folders
from kg.locality import gathered, led_to, of_constraint, of_rule, terms_of
from kg.lookup import Lookup
from kg.needs import TOGETHER, Needs, NotLocalError
from kg.ontology import Ontology
from kg.searches import Data
from kg.shapes import DERIVED, Shapes, SparqlConstraint, load_shapes
from kg.terms import value_of

T = TypeVar("T")
_MANY: Final = frozenset({v.SOURCE_CLASS.value, v.TERM_CLASS.value})
"""Classes that imports bring very many instances of: too many for every part."""


@dataclass
class Division:
    """What is asked of each part, and what of that which is gathered from all: what each of them needs."""

    written: Shapes
    derived: Shapes
    settling: dict[str, str]
    rules: dict[str, str]
    across: list[SparqlConstraint] = field(default_factory=list)
    settling_across: dict[str, str] = field(default_factory=dict)
    needs: Needs = field(default_factory=lambda: Needs(near={str(RDF.type)}, everywhere={str(RDFS.subClassOf)}))
    gathering: Needs = field(default_factory=Needs)
    elsewhere: frozenset[str] = frozenset()
    """The predicates of what follows about nodes elsewhere than in their own parts."""
    led: frozenset[str] = frozenset()
    """What the rules by which sources meet in a part lead to, whatever they find."""
    instances: frozenset[str] = frozenset()
    """What the ontology says to be of a class whose instances every part has to know."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why what is asked across parts is not asked part by part, by its name."""

    @property
    def known(self) -> frozenset[str]:
        """The predicates, but for that of classes, by which parts have to know something of nodes of others."""
        return frozenset((self.needs.near | self.needs.everywhere) - {str(RDF.type)})

    def take_constraints(self, namespaces: Mapping[str, str]) -> None:
        """Tell apart the constraints of what was written. Raises NotLocalError."""
        local = []
        for each in self.written.constraints:
            try:
                needs = of_constraint(each.select, namespaces)
                if needs.classes & _MANY:
                    raise NotLocalError("compares with works or terms, of which there may be very many")
                self.needs.add(needs)
                local.append(each)
            except NotLocalError as error:
                self._across(v.local_name(each.shape), each.select, namespaces, error)
                self.across.append(each)
        self.written = replace(self.written, constraints=tuple(local))

    def take_rules(self, namespaces: Mapping[str, str]) -> None:
        """Tell apart the rules by which sources meet; all others are asked of parts alone, since what follows is judged there."""
        for name, text in list(self.settling.items()):
            try:
                self.needs.add(of_rule(text, namespaces)[0])
            except NotLocalError as error:
                self._across(name, text, namespaces, error)
                self.settling_across[name] = self.settling.pop(name)
        self.led = frozenset[str]().union(*(led_to(text, namespaces) for text in self.settling.values()))
        for name, text in self.rules.items():
            needs, elsewhere = _named(name, of_rule, text, namespaces)
            self.needs.add(needs)
            self.elsewhere |= elsewhere

    def _across(self, name: str, query: str, namespaces: Mapping[str, str], reason: NotLocalError) -> None:
        try:
            needs = gathered(query, namespaces)
        except NotLocalError as error:
            raise NotLocalError(f"{name} {reason}, and {error}") from None
        self.gathering.add(needs)
        self.needs.add(Needs(everywhere=needs.everywhere, classes=needs.classes))
        self.reasons[name] = str(reason)

    def take_derived(self, ontology: Ontology) -> None:
        """Take the constraints of what follows. Raises NotLocalError.

        A rule may say something of nodes that are in other parts, such as of the codes of other vocabularies. Nothing may be demanded of
        that: what is judged are nodes of the dataset, by constraints that do not name such a predicate, and none of these rules says
        anything of nodes of the dataset (``kg.part_judge``).
        """
        if any(each.queries for each in compile_shapes(Lookup(self.derived.core), Data(lambda cls: (cls,))).compiled):
            raise NotLocalError("what follows is judged by SHACL Core")
        for each in self.derived.constraints:
            name, namespaces = v.local_name(each.shape), ontology.prefixes.namespaces
            needs = _named(name, of_constraint, each.select, namespaces)
            if needs.near or self.elsewhere & _named(name, terms_of, each.select, namespaces):
                raise NotLocalError(f"{name} asks for what follows about nodes of other parts")
            if any(target != "targetClass" for target, _ in each.targets):
                raise NotLocalError(f"{name} judges what follows about others than the instances of classes")
            self.needs.add(needs)
            classes = {iri for _, iri in each.targets}
            self.needs.inside |= classes
            self.needs.inside |= {cls.value for cls, above in ontology.superclasses.items() if {each.value for each in above} & classes}

    def take_ontology(self, ontology: Ontology) -> None:
        """Take what every part has anyway, which is no fact and nothing that is judged as one. Raises NotLocalError."""
        types = [triple for triple in ontology.triples if triple.predicate == v.RDF_TYPE]
        facts = [triple for triple in ontology.triples if triple.predicate.value in map(str, TOGETHER)]
        facts += [triple for triple in types if value_of(triple).value in self.needs.inside]
        if facts:
            raise NotLocalError(f"the ontology has the fact or disease {facts[0].subject}")
        self.instances = frozenset(str(triple.subject) for triple in types if value_of(triple).value in self.needs.classes)


def divided(folder: Path, ontology: Ontology) -> Division:
    """How a dataset can be judged part by part. Raises NotLocalError with the rule for which it cannot, and why."""
    shapes, own, namespaces = shapes_folders(folder), ontology_folders(folder), ontology.prefixes.namespaces
    division = Division(load_shapes(shapes), load_shapes(shapes, DERIVED), queries(own, "settling"), queries(own, "rules"))
    _demand_near(division.written)
    _demand_near(division.derived)
    division.take_constraints(namespaces)
    division.take_rules(namespaces)
    division.take_derived(ontology)
    division.take_ontology(ontology)
    return division


def _named(name: str, asked: Callable[[str, Mapping[str, str]], T], query: str, namespaces: Mapping[str, str]) -> T:
    try:
        return asked(query, namespaces)
    except NotLocalError as error:
        raise NotLocalError(f"{name} {error}") from None


def _demand_near(shapes: Shapes) -> None:
    """See to it that SHACL Core looks at what parts have. Raises NotLocalError."""
    lookup = Lookup(shapes.core)
    plan = compile_shapes(lookup, Data(lambda cls: (cls,)))
    for shape, reason in plan.whole.items():
        raise NotLocalError(f"{v.local_name(str(shape))} is judged over the whole graph: {reason}")
    for each in plan.compiled:
        if not each.towards <= TOGETHER:
            raise NotLocalError(f"{v.local_name(str(each.shape))} goes against a property that leads from part to part")
        led = lookup.objects(each.shape, SH.targetObjectsOf)
        if any(isinstance(node, (BNode, Literal)) for node in each.nodes) or not TOGETHER.issuperset(led):
            raise NotLocalError(f"{v.local_name(str(each.shape))} has targets that are in many parts")
