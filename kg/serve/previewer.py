"""The process that makes previews: at each save what the next release says of the diseases whose records were saved.

It is given a dataset, a folder, in which each preview gets a folder of its own, and the time since which what was saved is of interest. Of
each record that was saved it tells by a line of JSON. It ends where records alone do not tell what changed, as after a change of the
ontology or of imports, and with who began it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad

from kg import vocabulary as v
from kg.dataset import RECORDS
from kg.errors import KgError, Problem
from kg.layout import DATASET_FILE
from kg.publish.disk import write
from kg.publish.file import File
from kg.publish.preview import Preview
from kg.recall import Recall, recalling
from kg.resident import Resident
from kg.saves import changed, saved_since, saves


def main() -> None:
    """The process."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    data, folder, since = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    try:
        with recalling() as recall:
            _preview(data, folder, since, recall)
    except KgError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:  # Ctrl+C reaches all processes of a terminal, and who began this one tells of it
        pass


def _preview(data: Path, folder: Path, since: float, recall: Recall) -> None:
    place, beginner = data.resolve(), os.getppid()
    saved = saves(place)
    next(saved)  # from now on nothing is missed that is saved while all is read
    previewing = _Previewing(Resident(place, str(data), recall), folder)
    _tell({})
    previewing.saved({path for path in saved_since(place, since) if path.suffix in RECORDS and path != place / DATASET_FILE})
    for paths in saved:
        if os.getppid() != beginner or (paths and not previewing.saved(paths)):
            return


class _Previewing:
    def __init__(self, resident: Resident, folder: Path) -> None:
        self._resident, self._folder = resident, folder
        self._preview = Preview(resident.dataset, resident.store)
        self._made = 0
        self._looked_at: dict[Path, float] = {}
        diseases = resident.store.quads_for_pattern(None, v.RDF_TYPE, v.DISEASE)
        for first in islice((quad.subject for quad in diseases if isinstance(quad.subject, NamedNode)), 1):
            self._preview.files(first)  # templates and queries are read now, and not when somebody waits

    def saved(self, paths: set[Path]) -> bool:
        """Tell of the records among files that were saved; no where all has to be read again.

        What was saved while all was read comes twice, as a file that is new and as an event; it is told once.
        """
        now = {path: changed(path) for path in paths}
        new = {path for path, at in now.items() if not at or self._looked_at.get(path) != at}
        self._looked_at |= now
        saved = self._resident.saved(new) if new else ([], [])
        if saved is None:
            return False
        for path in saved[0]:
            self._record(path, changed(path), saved[1])
        return True

    def _record(self, path: Path, at: float, problems: list[Problem]) -> None:
        dataset = self._resident.dataset
        shown = dataset.shown(path)
        name = dataset.records.get(shown, "")
        node, graph = NamedNode(dataset.base + name), NamedNode(f"{dataset.base}graph/{name}")
        told: dict[str, Any] = {"record": shown, "at": at, "readable": path not in self._resident.refused}
        told["problems"] = [str(each) for each in problems if each.place.path == shown]
        if Quad(node, v.RDF_TYPE, v.DISEASE, graph) in self._resident.store:
            self._made += 1
            try:
                files = [self._written(*file) for file in self._preview.files(node)]
            except KgError as error:
                told["problems"].append(f"{shown}: cannot be previewed: {error}")
            else:
                told |= {"thing": name, "folder": str(self._made), "files": files}
        _tell(told)

    def _written(self, path: str, body: bytes) -> dict[str, Any]:
        place = self._folder / str(self._made) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        size, sha256 = write(place, body)
        return {"path": path, "mediaType": File(path, size, sha256).media_type, "size": size, "sha256": sha256}


def _tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
