"""What a second process brings: check and build by one and by two processes of this machine, and on a Dask cluster. Run by hand.

    python -m tests.benchmarks.cluster 1000

The cluster is a scheduler with one and with two workers on this machine, so what it takes more than the processes that share memory is
what sending costs. Each line has the time of reading, judging and writing, what this process took of a processor, what the others took,
and the speed-up over one process here by the clock; ``same`` says whether the release is the same. The clock is worth something on a
machine that does nothing else; of one that is busy, read the processors: no run is shorter than what one process takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.made import generate
from tests.machines import Machines


def measure(folder: Path, who: str) -> None:
    """Check and build with so many processes, or on the cluster at an address; a line of numbers."""
    from kg.cluster import Cluster  # noqa: PLC0415
    from kg.dataset import read_dataset  # noqa: PLC0415
    from kg.parallel import Executor, Pool  # noqa: PLC0415
    from kg.publish.content import Content  # noqa: PLC0415
    from kg.publish.place import place_at  # noqa: PLC0415
    from kg.publish.release import write_release  # noqa: PLC0415
    from kg.validate import validate  # noqa: PLC0415

    executor: Executor = Pool(int(who)) if who.isdecimal() else Cluster(who, folder.parent / "shared")
    ends = [time.perf_counter()]
    dataset = read_dataset(folder, "generated", executor=executor)
    ends.append(time.perf_counter())
    verdict = validate(dataset, executor)
    ends.append(time.perf_counter())
    # a folder of its own: what a release in place has already would not be made again
    with place_at(Path(tempfile.mkdtemp(dir=folder.parent)) / "release", folder) as place:
        release = write_release(Content(dataset, verdict.store, executor), place)
    ends.append(time.perf_counter())
    seconds = [after - before for before, after in pairwise(ends)]
    here = os.times()
    print(*seconds, sum(here[:2]), sum(here[2:4]), release.path.resolve().name)
    sys.stdout.flush()
    os._exit(0)  # no goodbyes: they are not what is measured


def _worked(processes: list[int]) -> float:
    fields = (Path(f"/proc/{each}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for each in processes)
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """A table for a number of diseases."""
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]), sys.argv[3])
        return
    times = "".join(f"{name:>9}" for name in ("read s", "judge s", "write s", "all s", "cpu here", "others", "speed-up"))
    print(f"{'':>12}{times} same", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "data", int(sys.argv[1]))
        first: tuple[float, str] | None = None
        for name, processes, workers in (("1 process", 1, 0), ("2 processes", 2, 0), ("1 worker", 0, 1), ("2 workers", 0, 2)):
            machines = Machines(Path(scratch) / name) if workers else None
            others = [machines.worker().pid for _ in range(workers)] if machines else []
            before = _worked(others)
            command = [sys.executable, "-m", "tests.benchmarks.cluster", "--one", str(Path(scratch) / "data")]
            command.append(machines.address if machines else str(processes))
            *numbers, made = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            read, judged, wrote, here, children = map(float, numbers)
            total, elsewhere = read + judged + wrote, children + _worked(others) - before
            if machines:
                machines.end()
            first = first or (total, made)
            said = "".join(f"{number:>9.2f}" for number in (read, judged, wrote, total, here, elsewhere, first[0] / total))
            print(f"{name:>12}{said} {'yes' if made == first[1] else 'NO'}", flush=True)


if __name__ == "__main__":
    main()
