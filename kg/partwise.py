"""A large dataset judged part by part: each by itself in memory, by whoever works, and then what holds across parts.

The verdict is that of ``kg.validate`` over the whole. How large the dataset is tells how long it takes, not how much memory: a part has
some hundred thousand statements, and what is asked across parts is asked of what is gathered for it. Where a rule or a shape cannot be
asked so (``kg.division``), or the statements cannot be told apart (``kg.parting``), the whole is judged at once.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, RdfFormat, Store
from rdflib import Graph

from kg import part as parts
from kg.dataset import Dataset
from kg.division import Division, divided
from kg.graph import derived_graph, follow_rules
from kg.judge import in_order, judge
from kg.layout import ontology_folders
from kg.needs import NotLocalError
from kg.ontology import Ontology
from kg.parallel import HERE, Executor
from kg.part import Part, part_of
from kg.part_judge import PartJudge, Said, about
from kg.parting import Parting
from kg.recall import Recall
from kg.serialize import to_bytes
from kg.storing import fits_here, putting, store_for
from kg.validate import Judging, Verdict, validate
from kg.validate import explain as explain_shapes

_READ: Final = 1 << 20
"""Bytes of a file that are shared out at a time."""


def judged(dataset: Dataset, executor: Executor, recall: Recall | None) -> Verdict:
    """The verdict on a dataset, part by part where it is large and that can be done; why not, it says (``Verdict.whole``)."""
    number = parts.parts_for(len(dataset.quads) + (dataset.entered.statements if dataset.entered else 0))
    whole = ""
    if number > 1:
        try:
            return _in_parts(dataset, divided(dataset.folder, dataset.ontology), number, executor, recall)
        except NotLocalError as error:
            whole = str(error)
    return replace(validate(dataset, executor, recall), whole=whole)


def explain(folder: Path) -> Iterator[str]:
    """How the shapes of a dataset are judged, and how a large one with its rules and shapes is, and why."""
    yield from explain_shapes(folder)
    try:
        division = divided(folder, Ontology.load(ontology_folders(folder)))
    except NotLocalError as error:
        yield f"a large dataset is judged as a whole: {error}"
        return
    yield f"a large dataset is judged in parts of some {parts.STATEMENTS:,} statements"
    for name, reason in sorted(division.reasons.items()):
        yield f"{name} is asked across parts: it {reason}"


def _in_parts(dataset: Dataset, division: Division, number: int, executor: Executor, recall: Recall | None) -> Verdict:
    parting = Parting(number, division.needs, dataset.base, division.instances)
    parting.sort(_blocks(dataset))
    bare = Dataset(dataset.folder, dataset.name, dataset.base, dataset.ontology)
    part_judge = PartJudge(bare, division, dataset.entered is not None)
    across, put = _gathered(part_judge, parting)
    settled = _settled(part_judge, across, number)
    parting.know((line for lines in settled.values() for line in lines.splitlines(keepends=True)), division.led)
    said = _said(part_judge, [(part, settled[part.number]) for part in parting.parts], executor, recall)
    for each in said:
        put(input=each.settled, format=RdfFormat.N_TRIPLES, to_graph=derived_graph(dataset))
    only = replace(division.written, core=Graph(), constraints=tuple(division.across))
    found = judge(only, across, dataset.ontology, dataset.base, executor, core=[])
    judging = Judging(dataset, Store(), executor)
    judging.begin()
    for text in (about(across, {result.focus for result in found}), *(each.shown for each in said)):
        judging.store.load(text, format=RdfFormat.N_QUADS)
    judging.add(division.written, in_order([*found, *(result for each in said for result in each.written)]))
    judging.add(division.derived, in_order(result for each in said for result in each.derived))
    return judging.verdict(sum(each.facts for each in said))


def _blocks(dataset: Dataset) -> Iterator[Sequence[bytes]]:
    """The statements of a dataset, without its ontology, as lines of N-Quads."""
    for block in dataset.quads.blocks():
        yield io.BytesIO(block).readlines()
    for path in dataset.entered.judged if dataset.entered else ():
        with path.open("rb") as file:
            while lines := file.readlines(_READ):
                yield lines


def _gathered(part_judge: PartJudge, parting: Parting) -> tuple[Store, Callable[..., None]]:
    """A store with what is asked across parts, and what puts more into it."""
    found = list(HERE.map(part_judge.gather, parting.parts, batch=1, many=2))  # here is where the files are
    statements = sum(count for _, count in found)
    store = store_for(statements, parting.folder)
    put = putting(store, fits_here(statements))
    store.extend(part_judge.dataset.ontology.quads())
    put(input=b"".join(parting.common), format=RdfFormat.N_QUADS)
    for path, _ in found:
        put(path=str(path), format=RdfFormat.N_QUADS)
        path.unlink()
    return store, put


def _settled(part_judge: PartJudge, store: Store, number: int) -> dict[int, bytes]:
    """What settles each part from outside: how sources meet across parts, which is put into the store as well."""
    found, dataset, division = defaultdict[int, list[Quad]](list), part_judge.dataset, part_judge.division
    if part_judge.settles:
        follow_rules(dataset, store, division.settling_across)
        for quad in store.quads_for_pattern(None, None, None, derived_graph(dataset)):
            if quad.predicate.value in division.known:
                raise NotLocalError("sources meet by what other parts have to know")
            found[part_of(str(quad.subject).encode(), number)].append(quad)
    return {each: to_bytes(sorted(found[each], key=str), RdfFormat.N_QUADS) for each in range(number)}


def _said(part_judge: PartJudge, tasks: Sequence[tuple[Part, bytes]], executor: Executor, recall: Recall | None) -> list[Said]:
    """What is said of parts, each settled from outside; what was said of the same before is recalled."""
    keys = [part_judge.key(task) for task in tasks] if recall else []
    kept = [recall.get(key) if recall else None for key in keys] or [None] * len(tasks)
    new = [task for task, text in zip(tasks, kept, strict=True) if text is None]
    made = iter(list(executor.map(part_judge.say, new, batch=1, many=2)))
    found = [Said.of(text) if text is not None else next(made) for text in kept]
    for key, text, said in zip(keys, kept, found, strict=False):
        if recall and text is None:
            recall.put(key, said.text())
    return found
