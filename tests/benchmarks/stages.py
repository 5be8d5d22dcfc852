"""What each part of writing a release costs. Run by hand.

    python -m tests.benchmarks.stages 1000 4000

The diseases are in a store and nowhere else, as imports are, and are only written: each part of the release has a line with its time,
that of the processors (also of processes that it starts), the memory that is held after it, the most that this process held meanwhile,
and the most that any process which it started has held so far. Machines are noisy: read the ratios between sizes, not the times.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kg.dataset import read_dataset
from kg.graph import follow, store_of
from kg.publish import release
from kg.publish.content import Content, Part
from kg.publish.file import Body
from kg.publish.place import place_at
from kg.publish.written import Written
from tests.benchmarks.made import generate


def store(folder: Path) -> None:
    """All quads of a dataset and what follows from them, not judged, as N-Quads beside it."""
    dataset = read_dataset(folder, "generated")
    whole = store_of([*dataset.ontology.quads(), *dataset.quads])
    follow(dataset, whole)
    whole.dump(str(folder.parent / "stored.nq"), format=RdfFormat.N_QUADS)


def write_stored(folder: Path) -> None:
    """The release of what is stored, part by part. The dataset in the folder has no diseases."""
    stage = Stage()
    dataset = read_dataset(folder, "generated")
    stage.ends("reading")
    filled = Store()
    filled.bulk_load(path=str(folder.parent / "stored.nq"), format=RdfFormat.N_QUADS)
    stage.ends("loading")

    def measured(part: Part) -> Part:
        def made(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
            yield from part(content, written)
            stage.ends(part.__name__)

        return made

    release.PARTS = tuple(measured(part) for part in release.PARTS)  # type: ignore[misc]
    with place_at(folder.parent / "release", folder) as place:
        made = release.write_release(Content(dataset, filled, filled=True), place)
    stage.ends("the rest")
    print(f"{made.manifest['counts']}, {len(made.manifest['files'])} files", flush=True)


class Stage:
    """Time and memory from one end of a stage to the next."""

    def __init__(self) -> None:
        print(f"{'':>12} {'s':>8} {'cpu s':>8} {'MB':>8} {'peak MB':>8} {'other MB':>8}")
        self._begin()

    def _begin(self) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        self._clock, self._worked = time.perf_counter(), _worked()

    def ends(self, name: str) -> None:
        """Print what the stage took."""
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        held, peak = (next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key)) for key in ("VmRSS", "VmHWM"))
        other = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        seconds = time.perf_counter() - self._clock
        print(f"{name:>12} {seconds:>8.2f} {_worked() - self._worked:>8.2f} {held:>8.0f} {peak:>8.0f} {other:>8.0f}", flush=True)
        self._begin()


def _worked() -> float:
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main() -> None:
    """A table for each size."""
    modes = {"--store": store, "--write": write_stored}
    if sys.argv[1:2] and sys.argv[1] in modes:
        modes[sys.argv[1]](Path(sys.argv[2]))
        return
    for size in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as scratch:
            generate(Path(scratch) / "data", size)
            generate(Path(scratch) / "head", 0)
            for mode, folder in (("--store", "data"), ("--write", "head")):
                subprocess.run([sys.executable, "-m", "tests.benchmarks.stages", mode, str(Path(scratch) / folder)], check=True)


if __name__ == "__main__":
    main()
