"""Records in, release out: read, judge, derive, write."""

from __future__ import annotations

from pathlib import Path

from kg.errors import KgError
from kg.gate import Report, check
from kg.layout import dataset_folder
from kg.parallel import HERE, Executor
from kg.progress import Tell, silent
from kg.publish.content import Content
from kg.publish.place import Say, place_at, unheard
from kg.publish.release import write_release
from kg.publish.released import Release
from kg.publishable import publishable
from kg.recall import Recall


class NotConformingError(KgError):
    """The dataset breaks a rule, so nothing was written; ``report`` says where."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(f"{report.summary}; nothing was written")


def build(
    data: Path | str = "data",
    out: Path | str = "release",
    executor: Executor = HERE,
    tell: Tell = silent,
    recall: Recall | None = None,
    draft: bool = False,
    say: Say = unheard,
) -> Release:
    """Check a dataset folder, derive what follows, and put a release in place at ``out``; the executor does the work.

    What the release at ``out`` has already, and nothing that follows from a change, is taken from there: the bytes are the same. ``tell``
    is told what is being made, and ``say`` that another build is waited for, or that this one has to be done again. With ``recall``, what
    was read and judged before is not again, as in a check. A ``draft`` is given to nobody: what only drafts had may be missing from the
    next release.

    Raises NotConformingError (with the report) where it breaks a rule or cannot be read, and KgError where the release at ``out`` has
    a disease, a work or a fact that the data neither has nor says is withdrawn; the old release then stays as it was.
    """
    path = Path(data)
    if path.exists() and not path.is_dir():
        raise KgError(f"{path}: is no folder; a release is built from a whole dataset")
    dataset_folder(path)  # before anything is looked at where the release is to be
    with place_at(Path(out), path, say) as place:  # from here on, so that none that began later is undone by this one
        report = check(path, executor=executor, recall=recall, publishing=True)
        if not report.conforms:
            raise NotConformingError(report)
        assert report.dataset is not None and report.verdict is not None
        dataset, verdict = publishable(report.dataset, report.verdict, executor)
        if not verdict.conforms:
            raise NotConformingError(Report(verdict.problems, True, dataset, verdict))
        content = Content(dataset, verdict.store, executor, filled=dataset.entered is not None)
        content.begin()
        return write_release(content, place, tell, draft)
