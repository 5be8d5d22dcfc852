"""What one machine makes of very many statements: generate, load, serve and query, check. Run by hand.

    python -m tests.benchmarks.large --folder FOLDER 84000000
    python -m tests.benchmarks.large --folder FOLDER --patience 3600 --without check 84000000

So many statements are written as imports (``made_imports.py``), a fault in one of a hundred diseases. Each line is a command of its own:
the time by the clock, that of the processors, the most memory that any one process of it held, and the most that lay in the folder.

What is loaded, served and asked are the same statements as they enter a dataset, without faults, as a release that has neither pages nor
what follows from them; ``check`` derives that too. Each question is asked of ``kg serve`` with its own limits, over HTTP: the first time,
and the best of five more about other diseases. What ends in a limit has the status and its reason instead. ``check`` is given up after
``--patience`` seconds; a line for each of its stages says when it ended, how long it took, and how much memory its process held then.

The folder must be empty or missing, and on a disk with room for about 600 bytes a statement. What is no longer needed is removed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce, wraps
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import GeneratorType
from typing import Any, Final

from kg.cli import main as kg
from kg.publish.released import MANIFEST
from tests.benchmarks.asked import ask
from tests.benchmarks.made_imports import BASE, diseases_of, write_dump, write_imports
from tests.benchmarks.scale import Took, run

_SELF: Final = (sys.executable, "-m", "tests.benchmarks.large")
_STAGES: Final = (
    ("kg.imports", "sha256", "checksum"),
    ("kg.entered", "_learn", "learning"),
    ("kg.dataset", "entered", "entering, with learning"),
    ("kg.parting", "Parting.sort", "sharing out to parts"),
    ("kg.partwise", "_gathered", "gathering what is asked across parts"),
    ("kg.partwise", "_settled", "settling across parts"),
    ("kg.parting", "Parting.know", "what parts have to know of others"),
    ("kg.partwise", "_said", "judging parts"),
    ("kg.partwise", "judge", "judging across parts"),
    ("kg.validate", "Judging.verdict", "verdict"),
)


class Lines:
    """The table: a line for each command, with the most that lay in the folder meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        print(f"{'':>12} {'s':>9} {'cpu s':>9} {'MB':>8} {'disk MB':>8}", flush=True)

    def line(self, name: str, *command: str, patience: float = float("inf")) -> Took:
        """Run a command and print its line."""
        with most_on_disk(self._folder) as most:
            took = run(*command, patience=patience)
        given_up = "  given up" if took.output is None else ""
        print(f"{name:>12} {took.clock:>9.1f} {took.worked:>9.1f} {took.memory:>8.0f} {most() / 1e6:>8.0f}{given_up}", flush=True)
        return took


@contextmanager
def most_on_disk(folder: Path) -> Iterator[Callable[[], int]]:
    """The most that lies in a folder, in bytes; looked at each second."""
    found, ended = [0], threading.Event()

    def look() -> None:
        while True:
            found.append(sum(map(_size, folder.rglob("*"))))
            if ended.wait(1):
                return

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield lambda: max(found)
    finally:
        ended.set()
        looking.join()


def _size(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:  # it has gone meanwhile
        return 0


def generate(folder: str, statements: str) -> None:
    """The dataset; what was made, as JSON."""
    diseases = diseases_of(int(statements))
    written, planted = write_imports(Path(folder), diseases)
    print(json.dumps({"diseases": diseases, "statements": written, "planted": planted}))


def release(folder: str, diseases: str) -> None:
    """The release."""
    (made := Path(folder)).mkdir()
    dump = made / "rarefacts.nq"
    quads, sha256 = write_dump(dump, int(diseases))
    listed = {"path": dump.name, "mediaType": "application/n-quads", "size": dump.stat().st_size, "sha256": sha256}
    counts = {"diseases": int(diseases), "quads": quads}
    said = {"name": "rarefacts", "base": BASE, "issued": "2026-01-01", "counts": counts, "files": [listed]}
    (made / MANIFEST).write_text(json.dumps(said), encoding="utf-8")


def check(data: str, log: str) -> None:
    """``kg check``, which also tells each stage that has ended."""
    started, asking = time.perf_counter(), os.getpid()

    def told(function: Callable[..., Any], what: str) -> Callable[..., Any]:
        @wraps(function)
        def tells(*arguments: Any, **named: Any) -> Any:
            if os.getpid() != asking:
                return function(*arguments, **named)
            began = time.perf_counter()
            found = function(*arguments, **named)
            found = list(found) if isinstance(found, GeneratorType) else found
            now = time.perf_counter()
            held = re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(f"{now - started:>12.1f} {now - began:>9.1f} {int(held[0]) / 1024:>18.0f}  {what}\n")
            return found

        return tells

    for module, name, what in _STAGES:
        *within, last = name.split(".")
        holder = reduce(getattr, within, import_module(module))
        setattr(holder, last, told(getattr(holder, last), what))
    sys.argv = ["kg", "check", data, "--no-cache", "--format", "json"]
    kg()


def main() -> None:
    """The table."""
    modes: dict[str, Callable[..., None]] = {"--generate": generate, "--release": release, "--check": check}
    if sys.argv[1:2] and sys.argv[1] in modes:
        modes[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description="What one machine makes of very many statements.")
    parser.add_argument("statements", type=int)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--patience", type=float, default=float("inf"))
    parser.add_argument("--without", choices=("ask", "check"), action="append", default=[])
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    data, made, log = folder / "data", folder / "release", folder / "stages"
    data.mkdir(parents=True)
    os.environ["TMPDIR"] = str(folder)
    lines = Lines(folder)
    there = json.loads(lines.line("generate", *_SELF, "--generate", str(data), str(arguments.statements)).output or "")
    print(f"  {there['statements']:,} statements of {there['diseases']:,} diseases", flush=True)
    if "ask" not in arguments.without:
        load(lines, made, there["diseases"])
        ask(made, there["diseases"])
        for each in (made, store_of(made).parent):
            shutil.rmtree(each)
    if "check" not in arguments.without:
        log.touch()
        took = lines.line("check", *_SELF, "--check", str(data), str(log), patience=arguments.patience)
        print(f"{'ended at s':>14} {'took s':>9} {'holds MB':>18}\n{log.read_text(encoding='utf-8')}", end="", flush=True)
        if took.output is not None:
            found, planted = Counter(each["rule"] for each in json.loads(took.output)["problems"]), there["planted"]
            print(f"  planted {planted}; found {'the same' if found == Counter(planted) else dict(found)}", flush=True)
    shutil.rmtree(folder)


def load(lines: Lines, made: Path, diseases: int) -> None:
    """Write the release, and put its store where ``kg serve`` looks for it; the dump is removed."""
    lines.line("dump", *_SELF, "--release", str(made), str(diseases))
    manifest = json.loads((made / MANIFEST).read_text(encoding="utf-8"))
    dump, store = made / manifest["files"][0]["path"], store_of(made)
    store.mkdir(parents=True)
    lines.line("load", sys.executable, "-m", "kg.serve.store", str(dump), str(store), manifest["files"][0]["sha256"])
    print(f"  the dump has {_size(dump) / 1e6:,.0f} MB, the store {sum(map(_size, store.rglob('*'))) / 1e6:,.0f} MB", flush=True)
    dump.unlink()


def store_of(made: Path) -> Path:
    """Where the store of a release is looked for (``kg.serve.store``)."""
    manifest = json.loads((made / MANIFEST).read_text(encoding="utf-8"))
    return made.parent / f".{made.name}.stores" / f"{manifest['files'][0]['sha256'][:16]}-{version('pyoxigraph')}"


if __name__ == "__main__":
    main()
