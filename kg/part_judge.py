"""One part of a dataset judged (``kg.partwise``): what was written, then what follows from it."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from kg import vocabulary as v
from kg.dataset import Dataset
from kg.division import Division
from kg.graph import derived_graph, follow_rules
from kg.judge import Result, judge
from kg.needs import NotLocalError
from kg.parallel import Pool
from kg.part import Part
from kg.serialize import to_bytes
from kg.terms import subject_of
from kg.verdicts import key_under


@dataclass(frozen=True)
class Said:
    """What is said of a part: the results, what settles it, its statements about those with results and about waivers, and its facts."""

    written: list[Result]
    derived: list[Result]
    settled: bytes
    shown: bytes
    facts: int

    def text(self) -> bytes:
        """It as it is kept."""
        results = [[astuple(each) for each in found] for found in (self.written, self.derived)]
        return json.dumps([*results, self.settled.decode(), self.shown.decode(), self.facts]).encode()

    @classmethod
    def of(cls, text: bytes) -> Said:
        """The same again."""
        *found, settled, shown, facts = json.loads(text)
        written, derived = ([Result(*each) for each in its] for its in found)
        return cls(written, derived, settled.encode(), shown.encode(), facts)


@dataclass(frozen=True)
class PartJudge:
    """Judges a part: what was written, then what follows from it. ``dataset`` has no statements here."""

    dataset: Dataset
    division: Division
    settles: bool

    def gather(self, part: Part) -> tuple[Path, int]:
        """What of a part is asked across parts."""
        return part.gather(self.division.gathering, self.dataset.base)

    def key(self, task: tuple[Part, bytes]) -> bytes:
        """What tells all that follows into what is said of a part: its statements, what settles it, shapes, ontology and rules."""
        (part, settled), division = task, self.division
        files = sorted(division.derived.files.values())  # those of the others are in any such key
        rules = json.dumps([files, division.settling, division.rules, self.settles, part.number, part.parts]).encode()
        return key_under("part", division.written, self.dataset, rules, part.digest(), settled)

    def say(self, task: tuple[Part, bytes]) -> Said:
        """What is said of a part that is settled from outside by some statements."""
        part, settled = task
        dataset, division, store = self.dataset, self.division, Store()
        store.extend(dataset.ontology.quads())
        for path in (part.own, part.others):
            store.load(path=str(path), format=RdfFormat.N_QUADS)
        if self.settles:
            follow_rules(dataset, store, division.settling)
            _demand_inside(store, derived_graph(dataset), part, division)
        store.load(settled, format=RdfFormat.N_QUADS)
        all_settled = store.dump(format=RdfFormat.N_TRIPLES, from_graph=derived_graph(dataset)) or b""
        written = judge(division.written, store, dataset.ontology, dataset.base, Pool(1), has=part.has)
        follow_rules(dataset, store, division.rules)
        _demand_outside(store, derived_graph(dataset), division, dataset.base)
        derived = judge(division.derived, store, dataset.ontology, dataset.base, Pool(1), has=part.has)
        facts = sum(1 for _ in store.quads_for_pattern(None, v.RDF_SUBJECT, None, None))
        waivers = (subject_of(quad).value for quad in store.quads_for_pattern(None, v.RDF_TYPE, v.WAIVER, None))
        shown = {result.focus for result in (*written, *derived)} | set(waivers)
        return Said(written, derived, all_settled, about(store, shown), facts)


def about(store: Store, nodes: set[str]) -> bytes:
    """What a store says of nodes, and of their evidence."""
    found: dict[Quad, None] = {}
    for node in sorted(nodes):
        said = list(store.quads_for_pattern(NamedNode(node), None, None, None))
        for quad in said:
            if quad.predicate == v.EVIDENCE and isinstance(quad.object, NamedNode):
                found.update(dict.fromkeys(store.quads_for_pattern(quad.object, None, None, None)))
        found.update(dict.fromkeys(said))
    return to_bytes(found, RdfFormat.N_QUADS)


def _demand_inside(store: Store, graph: NamedNode, part: Part, division: Division) -> None:
    """See to it that what settles a part is about its own nodes, and that it has what it has to know of what this leads to."""
    for quad in store.quads_for_pattern(None, None, None, graph):
        node = quad.object
        known = not isinstance(node, NamedNode) or node.value in division.led or part.has(node.value) or _leads_to(store, node, graph, part)
        if not part.has(subject_of(quad).value) or quad.predicate.value in division.known or not known:
            raise NotLocalError(f"sources meet in {quad.subject} by what other parts have to know")


def _leads_to(store: Store, node: NamedNode, graph: NamedNode, part: Part) -> bool:
    """Whether an own statement of a part, but for what settles it, leads to a node."""
    found = (quad for quad in store.quads_for_pattern(None, None, node, None) if quad.graph_name != graph)
    return any(part.has(subject_of(quad).value) for quad in found)


def _demand_outside(store: Store, graph: NamedNode, division: Division, base: str) -> None:
    """See to it that what follows about nodes that may be in other parts is about no nodes of the dataset."""
    for predicate in sorted(division.elsewhere):
        for quad in store.quads_for_pattern(None, NamedNode(predicate), None, graph):
            if subject_of(quad).value.startswith(base):
                raise NotLocalError(f"something follows about {quad.subject} in more than one part")
