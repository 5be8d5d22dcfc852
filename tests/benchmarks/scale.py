"""What the whole chain costs, size by size: check, build, build again, load, and the dumps. Run by hand.

    python -m tests.benchmarks.scale 1000 10000
    python -m tests.benchmarks.scale --patience 0 --without build 100000
    python -m tests.benchmarks.scale --data FOLDER
    python -m tests.benchmarks.scale --keep generated 10000

Diseases are generated, each with a dozen facts, and one in a hundred with a fault when they are checked; ``--data`` takes a dataset that
is there, and plants nothing. ``--keep`` leaves the dataset (``data``) and the release (``release``) in a folder, for other benchmarks;
``--without`` leaves out ``check`` or ``build``, and what comes after it.

Each line is a command of its own: the time by the clock, that of the processors, and the most memory that any one process of it held.
``pySHACL`` is what SHACL Core alone takes over the whole graph, given up after ``--patience`` seconds (0 leaves it out); ``Core`` is the
same by compiled queries: both are given the graph. ``floor`` is what pyoxigraph alone takes to read the dump, to load it into memory,
and to write it as N-Quads, TriG, Turtle and N-Triples. Machines are noisy: read the ratios, between lines of one run and between sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import RdfFormat, Store, parse, serialize

from tests.benchmarks.made import generate, plant

_KG: Final = (sys.executable, "-c", "from kg.cli import main; main()")
_SELF: Final = (sys.executable, "-m", "tests.benchmarks.scale")
_FLOOR: Final = ("parse", "bulk load", "serialize")


class Took(NamedTuple):
    """What a command took: seconds by the clock, seconds of processors, megabytes of its largest process; what it printed, if it ended."""

    clock: float
    worked: float
    memory: float
    output: str | None


def run(*command: str, patience: float = float("inf")) -> Took:
    """Run a command, for so many seconds at most. Raises SystemExit with what it printed where it fails."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if time.perf_counter() - started > patience:
                process.kill()
                patience, ended = float("inf"), os.wait4(process.pid, 0)
                break
            time.sleep(0.002)
        _, status, usage = ended
        clock = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode > 1:
            sys.exit(f"{' '.join(command)}: {process.returncode}\n{errors.read()}")
        printed = output.read() if process.returncode >= 0 else None
        return Took(clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed)


class Chain:
    """The commands over datasets in a folder, with a line for each."""

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder, self._patience = folder, patience

    def check(self, data: Path, planted: dict[str, int]) -> None:
        """Check what has faults, and judge the same with pySHACL over the whole graph."""
        command = [*_KG, "check", str(data), "--format", "json"]
        problems = json.loads(self._line("check", *command, "--no-cache").output or "")["problems"]
        found = Counter(each["rule"] for each in problems if each["severity"] == "error")
        print(f"  planted {planted}; found {'the same' if found == Counter(planted) else dict(found)}", flush=True)
        run(*command)
        self._line("cached", *command)
        if self._patience:
            quads = str(self._folder / "quads.nq")
            subprocess.run([*_SELF, "--quads", str(data), quads], check=True)
            for name, way in (("Core", "new"), ("pySHACL", "old")):
                self._line(name, sys.executable, "-m", "tests.benchmarks.gate", "--one", way, quads)
            Path(quads).unlink()

    def build(self, data: Path) -> None:
        """Build, build after nothing has changed, and after an edit; load what is built; the floor, and the sizes of the dumps."""
        out = self._folder / "release"
        command = [*_KG, "build", str(data), "--out", str(out)]
        self._line("build", *command)
        self._line("unchanged", *command)
        record = max((data / "diseases").iterdir())
        text = record.read_text(encoding="utf-8")
        record.write_text(re.sub(r"(?m)^modified: .*", "modified: 2026-01-02", text), encoding="utf-8")
        self._line("one edit", *command)
        record.write_text(text, encoding="utf-8")
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        files = {each["path"]: each for each in manifest["files"]}
        dump = f"{manifest['name']}.nq"
        with tempfile.TemporaryDirectory(dir=self._folder) as store:
            self._line("load", sys.executable, "-m", "kg.serve.store", str(out / dump), store, files[dump]["sha256"])
        for what in _FLOOR:
            self._line(what, *_SELF, "--floor", what, str(out / dump))
        print(f"  {len(files)} files, {sum(each['size'] for each in files.values()) / 1e6:.0f} MB; {manifest['counts']}")
        dumps = (each for path, each in files.items() if path.startswith(manifest["name"]))
        print("  MB:", ", ".join(f"{each['path'].removeprefix(manifest['name'])} {each['size'] / 1e6:.1f}" for each in dumps), flush=True)

    def _line(self, name: str, *command: str) -> Took:
        took = run(*command, patience=self._patience if name == "pySHACL" else float("inf"))
        given_up = "  given up" if took.output is None else ""
        print(f"{name:>12} {took.clock:>9.2f} {took.worked:>9.2f} {took.memory:>8.0f}{given_up}", flush=True)
        return took


def floor(what: str, dump: str) -> None:
    """A part of what pyoxigraph alone takes."""
    if what == "parse":
        for _ in parse(path=dump, format=RdfFormat.N_QUADS):
            pass
    elif what == "bulk load":
        Store().bulk_load(path=dump, format=RdfFormat.N_QUADS)
    else:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 (a path would be synchronized, which it cannot be)
            for format in (RdfFormat.N_QUADS, RdfFormat.TRIG, RdfFormat.TURTLE, RdfFormat.N_TRIPLES):
                quads = parse(path=dump, format=RdfFormat.N_QUADS)
                serialize(quads if format.supports_datasets else (quad.triple for quad in quads), nowhere, format=format)


def write_quads(data: str, to: str) -> None:
    """All that is judged of a dataset, as N-Quads."""
    from kg.dataset import read_dataset  # noqa: PLC0415 (no part of the floor, whose memory is measured)

    dataset = read_dataset(Path(data))
    serialize(chain(dataset.ontology.quads(), dataset.quads), to, format=RdfFormat.N_QUADS)


def main() -> None:
    """A table for each size."""
    modes = {"--floor": floor, "--quads": write_quads}
    if sys.argv[1:2] and sys.argv[1] in modes:
        modes[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description="What the whole chain costs.")
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--patience", type=float, default=600)
    parser.add_argument("--without", choices=("check", "build"), action="append", default=[])
    arguments = parser.parse_args()
    for size in arguments.sizes or [0]:
        with tempfile.TemporaryDirectory() as scratch:
            folder = arguments.keep or Path(scratch)
            data, steps = folder / "data", Chain(folder, arguments.patience)
            os.environ["XDG_CACHE_HOME"] = str(Path(scratch) / "cache")
            print(f"{size or arguments.data!s:>12} {'s':>9} {'cpu s':>9} {'MB':>8}", flush=True)
            if arguments.data:
                shutil.copytree(arguments.data, data)
            else:
                generate(data, size)
            if "check" not in arguments.without:
                faulty = data
                if not arguments.data:
                    generate(faulty := Path(scratch) / "faulty", size)
                steps.check(faulty, {} if arguments.data else plant(faulty))
            if "build" not in arguments.without:
                steps.build(data)


if __name__ == "__main__":
    main()
