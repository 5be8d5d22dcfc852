"""``kg import``: the files of a source in, one graph of cited facts with its report and its record out; all of it or nothing."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.errors import KgError
from kg.files import sha256
from kg.imports import FOLDER, GRAPH, RECORD, REPORT, graph_of
from kg.sources.gathering import Tally, gathered
from kg.sources.imported import Changes, arithmetic, changes, record, write_end, write_graph, write_report
from kg.sources.model import COMMON_REASONS, Importer
from kg.sources.statements import Stating
from kg.sources.table import IMPORTERS
from kg.sources.works import by_role, reading, work_nodes
from kg.values import did_you_mean

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Done:
    """What an import came to."""

    tally: Tally
    changes: Changes | None
    graph: Path
    report: Path

    def lines(self) -> list[str]:
        """It in words, line by line."""
        lines = arithmetic(self.tally)
        if self.changes:
            found = self.changes
            lines.append(f"against the import before: {found.added:,} facts added, {found.changed:,} changed, {found.removed:,} removed")
        return [*lines, f"what was lost, and why: {self.report}"]


def importer_of(name: str) -> Importer:
    """The importer of that name. Raises KgError."""
    if name not in IMPORTERS:
        raise KgError(f"there is no importer {name!r}{did_you_mean(name, IMPORTERS)}; see kg import --list")
    return IMPORTERS[name]


def import_files(
    name: str,
    paths: Sequence[Path],
    data: Path,
    stating: Stating,
    versions: Mapping[str, str],
    private: bool = False,
    called: str = "",
) -> Done:
    """Import files of a source into a dataset folder, for which ``stating`` is; ``versions`` are by role, that of the first under "".

    ``called`` is the name of the import, where it is to stand beside one of the source's own name. Raises KgError, and UnreadableError
    where a file cannot be read as what it should be; what was imported before then stays.
    """
    importer = importer_of(name)
    files = by_role(importer, paths)
    if importer.describe:
        importer = importer.describe(files)
        name = importer.name
    if called:
        if not _NAME.fullmatch(called):
            raise KgError(f"an import is called by letters, digits, '.', '_' and '-', not {called!r}")
        importer = replace(importer, name=called)
    given = {(role or importer.roles[0].name): version for role, version in versions.items()}
    unknown = given.keys() - files.keys()
    if unknown:
        raise KgError(f"{name}: has no files called {min(unknown)!r} to give a version of; there are {', '.join(files)}")
    plan = reading(importer, files, given, stating.ontology)
    read = [f"{f.name} {f.path.stat().st_size} sha256:{sha256(f.path, f.name)}" for found in files.values() for f in found]
    folder = data / FOLDER
    folder.mkdir(exist_ok=True)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix=".importing-", dir=folder) as made:
        graph, report = Path(made) / GRAPH, Path(made) / REPORT
        with report.open("w", encoding="utf-8", newline="\n") as file:
            subjects = gathered(importer.read(plan), work_nodes(importer, plan, stating), stating, importer, tally, write_report(file))
            checksum = write_graph(graph, graph_of(stating.base, importer.name), subjects)
            write_end(file, tally, {**COMMON_REASONS, **importer.reasons})
        described = Path(made) / RECORD
        described.write_text(
            record(importer.name, f"{name} {importer.version}", plan.works, read, checksum, tally, private), encoding="utf-8", newline="\n"
        )
        old = folder / f"{importer.name}{GRAPH}"
        told = changes(old, graph) if old.is_file() else None
        for path in (report, graph, described):  # the record last: until it is there, the graph does not count
            _put(path, folder / f"{importer.name}{path.name}")
    return Done(tally, told, folder / f"{importer.name}{GRAPH}", folder / f"{importer.name}{REPORT}")


def _put(path: Path, place: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.replace(place)
