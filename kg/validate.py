"""A dataset judged: the results of the judges, less what is waived, each with file, line and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg import vocabulary as v
from kg.compiled import compile_shapes, lines_of
from kg.dataset import Dataset
from kg.errors import SEVERITIES, Problem, Severity
from kg.graph import follow
from kg.judge import Result, judge
from kg.layout import ontology_folders, shapes_folders
from kg.lookup import Lookup
from kg.ontology import Ontology
from kg.parallel import HERE, Executor
from kg.recall import Recall
from kg.searches import Data
from kg.shapes import DERIVED, ONTOLOGY, Shapes, load_shapes, require_all_judged
from kg.verdicts import written_results
from kg.waivers import waive


@dataclass(frozen=True)
class Verdict:
    """What the judges say of a dataset, with the number of its facts.

    What they looked at, and what follows from it, is in ``store``; of a dataset that was judged part by part (``kg.partwise``), what
    is said of the nodes that they have something to say of. ``whole`` is why it was not, if it is large.
    """

    results: tuple[Result, ...]
    waived: tuple[Result, ...]
    problems: tuple[Problem, ...]
    store: Store
    facts: int
    whole: str = ""

    @property
    def conforms(self) -> bool:
        """No violation; warnings and information are allowed."""
        return not any(problem.severity is Severity.VIOLATION for problem in self.problems)


@dataclass
class Judging:
    """A dataset in a store while it is judged: the results so far, the rules by which there may be some, and which nobody may waive."""

    dataset: Dataset
    store: Store
    executor: Executor
    results: list[Result] = field(default_factory=list)
    rules: set[str] = field(default_factory=lambda: {"closed"})
    never_waived: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Put the ontology into the store, and judge that of the dataset; kg's own is judged by its tests."""
        self.store.extend(self.dataset.ontology.quads())
        if len(ontology_folders(self.dataset.folder)) > 1:
            require_all_judged(load_shapes(shapes_folders(self.dataset.folder)), self.dataset.ontology)
            self.take(load_shapes(shapes_folders(self.dataset.folder), ONTOLOGY))

    def take(self, shapes: Shapes) -> None:
        """Judge by shapes what the store has by now."""
        self.add(shapes, judge(shapes, self.store, self.dataset.ontology, self.dataset.base, self.executor))

    def add(self, shapes: Shapes, found: Iterable[Result]) -> None:
        """Add what was found by shapes. What is wrong already is not wrong twice."""
        known = {(result.focus, result.path, result.value) for result in self.results}
        self.results.extend(result for result in found if (result.focus, result.path, result.value) not in known or not result.path)
        self.know(shapes)

    def know(self, shapes: Shapes) -> None:
        """Take note of the rules by which there are results, here or later."""
        self.rules.update(shapes.rules)
        self.never_waived.update(shapes.never_waived)

    def verdict(self, facts: int | None = None) -> Verdict:
        """What was found, less what is waived; of so many facts, or of those in the store."""
        dataset, store = self.dataset, self.store
        said = dataset.quads.saying(v.ENTITY, v.RULE)
        kept, waived, about_waivers = waive(self.results, said, frozenset(self.rules), frozenset(self.never_waived))
        problems = sorted((problem_of(result, dataset, store) for result in [*kept, *about_waivers]), key=lambda problem: problem.order)
        facts = sum(1 for _ in store.quads_for_pattern(None, v.RDF_SUBJECT, None, None)) if facts is None else facts
        return Verdict(tuple(kept + about_waivers), tuple(waived), tuple(problems), store, facts)


def validate(dataset: Dataset, executor: Executor = HERE, recall: Recall | None = None) -> Verdict:
    """Judge a dataset's own ontology, then what was written, then what follows from it; then take away what is waived.

    With ``recall``, what was judged before is judged again only where something was changed (``kg.verdicts``). Of a dataset that was
    read for publishing and has imports for checking only, nothing follows here: that is derived of what is published (``kg.publishable``).
    """
    folders = shapes_folders(dataset.folder)
    judging = Judging(dataset, dataset.new_store(), executor)
    judging.begin()
    dataset.fill(judging.store)
    if dataset.entered:
        follow(dataset, judging.store, "settling")
    written = load_shapes(folders)
    if recall:
        judging.add(written, written_results(written, judging.store, dataset, recall, executor))
    else:
        judging.take(written)
    derived = load_shapes(folders, DERIVED)
    if dataset.entered and dataset.entered.publishing:
        judging.know(derived)
        return judging.verdict()
    follow(dataset, judging.store)
    judging.take(derived)
    return judging.verdict()


def explain(folder: Path) -> list[str]:
    """How the shapes of a dataset are judged: in how many queries, and which of them over the whole graph and why."""
    found: list[str] = []
    for stage, words in ((None, "what was written"), (DERIVED, "what follows")):
        shapes = load_shapes(shapes_folders(folder), stage)
        plan = compile_shapes(Lookup(shapes.core), Data(lambda cls: (cls,)))
        found.extend(f"{words}: {line}" for line in lines_of(plan))
        found.append(f"{words}: {len(shapes.constraints)} SPARQL constraints are a query each")
    return found


def _said(focus: str, store: Store) -> list[Quad]:
    """What the data say of a node, not the ontology; its classes first."""
    try:
        quads = store.quads_for_pattern(NamedNode(focus), None, None, None)
    except ValueError:  # no IRI
        return []
    return sorted(
        (quad for quad in quads if quad.graph_name != v.ONTOLOGY_GRAPH), key=lambda quad: (quad.predicate != v.RDF_TYPE, str(quad))
    )


def problem_of(result: Result, dataset: Dataset, store: Store) -> Problem:
    """A result with its place, in words for people."""
    message = result.message
    if result.rule == "closed":
        name = dataset.ontology.term(NamedNode(result.path))
        message = f'has "{name}", which does not belong there; remove it or state it as a fact of its own'
    said = _said(result.focus, store)
    graph = next((quad.graph_name.value for quad in said if isinstance(quad.graph_name, NamedNode)), "")
    place = dataset.place_of(result.focus, result.path, result.value, graph)
    types = [quad.object for quad in said if quad.predicate == v.RDF_TYPE and isinstance(quad.object, NamedNode)]
    entry = _entry(said, NamedNode(graph), store) if place.path in {each.shown for each in dataset.imports} else ""
    return Problem(
        place=place,
        severity=SEVERITIES[result.severity],
        rule=result.rule,
        message=message,
        subject=describe(result.focus, dataset.ontology, types) + entry,
        focus=result.focus,
        path=result.path,
        value=result.value,
    )


def _entry(said: list[Quad], graph: NamedNode, store: Store) -> str:
    """Where in the files of the source an imported fact or evidence line stands: the first of its places, and how many more there are."""
    nodes = [quad.object for quad in said if quad.predicate == v.EVIDENCE] or [quad.subject for quad in said[:1]]
    found = set()
    for node in nodes:
        told = {quad.predicate: quad.object for quad in store.quads_for_pattern(node, None, None, graph)}  # type: ignore[arg-type]
        work, place = told.get(v.VIA, told.get(v.SOURCE)), told.get(v.LOCATOR)
        if isinstance(work, NamedNode) and isinstance(place, Literal):
            found.add(f"{place.value} in {v.local_name(work.value)}")
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f" ({min(found)}{more})" if found else ""


def describe(focus: str, ontology: Ontology, types: list[NamedNode]) -> str:
    """A node as people call it: the label of its class and its own name, such as ``treatment "ivig"``."""
    classes = sorted(types, key=lambda cls: (len(ontology.superclasses.get(cls, ())), cls.value))
    label = ontology.label(classes[-1]) if classes else "node"
    return f'{label} "{v.local_name(focus)}"' if classes else f"<{focus}>"
