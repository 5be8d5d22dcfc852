"""``kg watch``: what is wrong with a record, said when it is saved, and what that means for all others, said when it is known.

The first answer comes from the dataset in memory (``kg.resident``), in a moment. The second is that of ``kg check`` over everything,
worked out anew beside it; the next save ends it and asks again. Of that answer only what is new or mended is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import watchfiles

from kg.answer import Answer, Asked, Identity, identity_of
from kg.errors import KgError
from kg.layout import dataset_folder, ontology_folders, shapes_folders
from kg.recall import Recall
from kg.report import summary
from kg.resident import Resident

_MILLISECONDS: Final = 50
"""So long nothing more may happen until what happened is looked at: an editor saves in several steps."""
_MILLISECONDS_BETWEEN_LOOKS: Final = 200


def changes(folder: Path) -> Iterator[set[Path]]:
    """The files that were saved, removed or renamed, below a dataset and where its ontology and shapes lie; often none."""
    places = {folder, *ontology_folders(folder), *shapes_folders(folder)}
    tops = [place for place in places if not any(place != other and place.is_relative_to(other) for other in places)]
    seen = watchfiles.watch(
        *tops,
        watch_filter=None,
        step=_MILLISECONDS,
        rust_timeout=_MILLISECONDS_BETWEEN_LOOKS,
        yield_on_timeout=True,
    )
    for events in seen:
        yield {path for path in (Path(path) for _, path in events) if not _hidden(path, tops)}


def _hidden(path: Path, tops: Iterable[Path]) -> bool:
    below = next((path.relative_to(top) for top in tops if path.is_relative_to(top)), path)
    return any(part.startswith(".") for part in below.parts)


def watch(data: Path, recall: Recall, keep: bool, say: Callable[[str], object]) -> None:
    """Check at each save until it is interrupted. Raises KgError where there is no dataset."""
    watching = _Watching(dataset_folder(data).resolve(), str(data), recall, keep, say)
    try:
        for paths in changes(watching.folder):
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
