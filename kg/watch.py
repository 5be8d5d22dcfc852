"""``kg watch``: what is wrong with a record, said when it is saved, and what that means for all others, said when it is known.

The first answer comes from the dataset in memory (``kg.resident``), in a moment. The second is that of ``kg check`` over everything,
worked out anew beside it; the next save ends it and asks again. Of that answer only what is new or mended is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kg.answer import Answer, Asked, Identity, identity_of
from kg.errors import KgError
from kg.layout import dataset_folder
from kg.recall import Recall
from kg.report import summary
from kg.resident import Resident
from kg.saves import saves


def watch(data: Path, recall: Recall, keep: bool, say: Callable[[str], object]) -> None:
    """Check at each save until it is interrupted. Raises KgError where there is no dataset."""
    watching = _Watching(dataset_folder(data).resolve(), str(data), recall, keep, say)
    try:
        for paths in saves(watching.folder):
            watching.look(paths)
    except KeyboardInterrupt:
        pass
    finally:
        watching.close()


class _Watching:
    def __init__(self, folder: Path, name: str, recall: Recall, keep: bool, say: Callable[[str], object]) -> None:
        self.folder = folder
        self._name = name
        self._recall, self._keep, self._say = recall, keep, say
        self._told: dict[Identity, str] = {}
        self._resident: Resident | None = None
        self._asked: Asked | None = Asked(name, keep)

    def close(self) -> None:
        """End what runs beside."""
        if self._asked is not None:
            self._asked.end()

    def look(self, paths: set[Path]) -> None:
        """Say what there is to say of files that were saved, and of the answer over everything if it is there."""
        if paths:
            self._saved(paths)
        elif self._asked is not None and (answer := self._asked.answer()) is not None:
            self.close()
            self._asked = None
            self._tell(answer)

    def _saved(self, paths: set[Path]) -> None:
        saved = self._resident.saved(paths) if self._resident else None
        if saved is None:
            self._resident = None
        else:
            files, problems = saved
            if not files:  # what an editor leaves for a moment beside the file that it saves
                return
            for problem in problems:
                self._told[identity_of(problem)] = str(problem)
                self._say(str(problem))
            self._say(f"{', '.join(path.name for path in files)}: {summary(problems)}")
        self.close()
        self._asked = Asked(self._name, self._keep)

    def _tell(self, answer: Answer | str) -> None:
        if isinstance(answer, str):
            self._say(f"kg: {answer}")
            return
        for identity, line in self._told.items() if answer.readable else ():
            if identity not in answer.problems:
                self._say(f"mended: {line}")
        for identity, line in answer.problems.items():
            if identity not in self._told:
                self._say(line)
        self._say(answer.summary)
        self._told = answer.problems if answer.readable else {**self._told, **answer.problems}
        if self._resident is None and answer.readable:
            try:
                self._resident = Resident(self.folder, self._name, self._recall)
            except KgError:  # it was saved meanwhile, and that is looked at next
                return
            self._say(f"{self._name} is watched; Ctrl+C ends it")
