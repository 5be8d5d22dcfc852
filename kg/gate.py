"""The gate: read a dataset, judge it, say what is wrong and where."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.dataset import IGNORED, Dataset, read_dataset
from kg.errors import KgError, Problem, Severity, UnreadableError, counted
from kg.files import written
from kg.layout import EXTENSIONS, dataset_folder, places_of
from kg.parallel import HERE, Executor
from kg.partwise import judged
from kg.recall import Recall
from kg.report import as_json, as_sarif, as_text, as_turtle, summary
from kg.scratch import no_room
from kg.validate import Verdict, validate


@dataclass(frozen=True)
class Report:
    """What is wrong with a dataset, or with the records that were asked about.

    ``problems`` is sorted by file and line. ``readable`` is False where something could not be read; then nothing
    was judged, since a verdict on half of the facts would mislead. ``asked`` are the records that were asked about, if not all were.
    """

    problems: tuple[Problem, ...]
    readable: bool
    dataset: Dataset | None = None
    verdict: Verdict | None = None
    asked: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """Everything could be read, and no rule is violated; warnings are allowed."""
        return self.readable and not any(problem.severity is Severity.VIOLATION for problem in self.problems)

    @cached_property
    def summary(self) -> str:
        """One line: how many problems, and what was looked at."""
        if not self.readable:
            return f"{summary(self.problems)}; nothing was judged, since not everything could be read"
        assert self.dataset is not None and self.verdict is not None
        among = f"{counted(self.verdict.facts, 'fact')} of {counted(len(self.dataset.files), 'file')}"
        if self.asked:
            return f"{summary(self.problems)} in {', '.join(self.asked)}, judged among {among}"
        waived = f", {len(self.verdict.waived)} waived" if self.verdict.waived else ""
        return f"{summary(self.problems)} in {among}{waived}"

    def exit_code(self, *, strict: bool = False) -> int:
        """0 conforms, 1 violates a rule (with ``strict`` a warning does too), 2 cannot be read."""
        if not self.readable:
            return 2
        return 0 if self.conforms and not (strict and self.problems) else 1

    def render(self, format: str = "text") -> str:
        """The problems as ``text``, ``json``, ``sarif`` or ``turtle`` (the SHACL report; empty of results where nothing was judged)."""
        match format:
            case "text":
                return as_text(self.problems)
            case "json":
                return as_json(self.problems, conforms=self.conforms)
            case "sarif":
                from importlib.metadata import version  # noqa: PLC0415

                return as_sarif(self.problems, version("rarefacts"))
            case "turtle" if self.verdict is not None and self.dataset is not None:
                shown = {(problem.focus, problem.rule) for problem in self.problems}
                results = [result for result in self.verdict.results if (result.focus, result.rule) in shown]
                return as_turtle(results, self.dataset.ontology, conforms=self.conforms)
            case "turtle":
                raise UnreadableError(self.problems)
        raise KgError(f"there is no format {format!r}; take text, json, sarif or turtle")


def check(*data: Path | str, executor: Executor = HERE, recall: Recall | None = None, publishing: bool = False) -> Report:
    """Check one dataset folder, or some of its records; with ``recall``, what was read and judged before is not again.

    The whole dataset is read and judged even for single records, since rules hold across records; what is reported
    is then what lies in those records. The executor reads records, and judges where something may be wrong. For publishing, what is for
    checking only is told apart, and where there is such nothing is derived yet (``kg.publishable``).
    Raises KgError where there is no dataset.
    """
    paths = [Path(path) for path in data or ("data",)]
    folder = dataset_folder(paths[0])
    records = [path for path in paths if not path.is_dir()]
    for path in paths:
        if dataset_folder(path).resolve() != folder.resolve():
            raise KgError(f"{path}: belongs to another dataset than {paths[0]}; check them one at a time")
    name = _shown(folder, paths[0])
    try:
        dataset = read_dataset(folder, name, publishing, executor, recall)
        verdict = validate(dataset, executor, recall) if publishing else judged(dataset, executor, recall)
    except UnreadableError as error:
        return Report(error.problems, readable=False)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_room(error) from None
        raise
    wanted = tuple(_named(path, dataset) for path in records) if len(records) == len(paths) else ()
    problems = tuple(problem for problem in verdict.problems if not wanted or problem.place.path in wanted)
    return Report(problems, True, dataset, verdict, wanted)


def _named(path: Path, dataset: Dataset) -> str:
    """How messages call a file of the dataset. Raises KgError where it is none that is read."""
    top = dataset.folder.resolve()
    relative = next(file.relative_to(top) for file in places_of(path) if file.is_relative_to(top))
    if relative.parts[0] not in EXTENSIONS and (relative.suffix in IGNORED or written(relative) not in dataset.files):
        raise KgError(f"{path}: is no file that is read as a part of the dataset; name a record")
    return dataset.shown(dataset.folder / relative)


def _shown(folder: Path, asked: Path) -> str:
    """How messages name the dataset: as the user did, or relative to where the user is."""
    if asked.is_dir():
        return str(asked)
    try:
        return folder.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(folder)
