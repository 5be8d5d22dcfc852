"""What each thousand diseases cost: time and memory of check and build over generated datasets. Run by hand.

    python -m tests.benchmarks.scale 100 200 400
    python -m tests.benchmarks.scale --keep generated 10000
    python -m tests.benchmarks.scale --stored 1000 4000
    python -m tests.benchmarks.scale --again 1000

The second keeps what it makes in a folder, for other benchmarks: the dataset in ``data``, the release in ``release``. The third only
writes: the diseases are in a store and nowhere else, as imports are, and each part of the release has a line with its time, that of the
processors (also of processes that it starts), the memory that is held after it, the most that this process held meanwhile, and the most
that any process which it started has held so far. The fourth builds again, after nothing and after one record has changed. Each size
runs in a process of its own. Machines are noisy: read the ratios between sizes, not the times.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kg.publish.content import Content, Part
from kg.publish.file import Body
from kg.publish.written import Written
from tests.conftest import ROOT

_RECORD = """disease: MONDO_8{n:06d}
modified: 2026-01-01
checked: 2026-01-01
name:
  label: {{kind: preferred, name: generated disease {n}, evidence: made at row {n}}}
  short: {{kind: abbreviation, name: GD{n}, evidence: made}}
mapping:
  orpha: {{relation: exactMatch, to: "ORPHA:9{n}", evidence: made}}
  omim: {{relation: exactMatch, to: "OMIM:8{n:05d}", evidence: made}}
classification:
  parent: {{parent: MONDO_8{parent:06d}, evidence: made}}
immunoglobulin:
  igg: {{isotype: IgG, level: [low, absent], evidence: made}}
  igm: {{isotype: IgM, level: [normal, elevated], evidence: made}}
inheritance:
  xlr: {{mode: HP:0001419, evidence: made}}
phenotype:
  neutropenia: {{feature: HP:0001875, affected: 3, total: 9, evidence: made}}
  diarrhea: {{feature: HP:0002014, percentage: 12.5, evidence: made}}
treatment:
  ivig: {{intent: treats, action: MAXO:0001480, supplies: IgG, evidence: made}}
"""
_SOURCE = "source: made\nsourceType: data\ntitle: generated data\nversion: '1'\n"
_TERMS = """@prefix rf: <https://w3id.org/rarefacts/vocab#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
obo:HP_0001419 a rf:Term ; rdfs:label "a"@en .
obo:HP_0001875 a rf:Term ; rdfs:label "b"@en .
obo:HP_0002014 a rf:Term ; rdfs:label "c"@en .
obo:MAXO_0001480 a rf:Term ; rdfs:label "d"@en .
"""


def generate(folder: Path, diseases: int, children: int = 10) -> None:
    """A dataset of so many diseases, in a tree whose nodes have so many children."""
    for name in ("diseases", "sources", "terms"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "data" / "dataset.yaml", folder)
    (folder / "sources" / "made.yaml").write_text(_SOURCE, encoding="utf-8")
    (folder / "terms" / "terms.ttl").write_text(_TERMS, encoding="utf-8")
    for n in range(diseases):
        text = _RECORD.format(n=n, parent=n // children)
        if n == 0:
            text = text.replace("classification:\n", "").replace("  parent: {parent: MONDO_8000000, evidence: made}\n", "")
        (folder / "diseases" / f"{n}.yaml").write_text(text, encoding="utf-8")


def measure(folder: Path) -> None:
    """Time of each step, printed as it ends, and the peak of memory."""
    from kg.dataset import read_dataset  # noqa: PLC0415
    from kg.publish.release import write_release  # noqa: PLC0415
    from kg.validate import validate  # noqa: PLC0415

    started = time.perf_counter()
    dataset = read_dataset(folder, "generated")
    read = time.perf_counter()
    verdict = validate(dataset)
    judged = time.perf_counter()
    release = write_release(Content(dataset, verdict.derived), folder.parent / "release")
    written = time.perf_counter()
    problems = len(verdict.problems)
    size = sum(file["size"] for file in release.manifest["files"]) / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counts = release.manifest["counts"]
    print(
        f"{counts['diseases']:>8} {counts['triples']:>9} {read - started:>8.2f} {judged - read:>8.2f} {written - judged:>8.2f} "
        f"{memory:>10.0f} {len(release.manifest['files']):>7} {size:>8.0f} {problems:>9}",
        flush=True,
    )


def store(folder: Path) -> None:
    """All quads of a dataset and what follows from them, not judged, as N-Quads beside it."""
    from kg.dataset import read_dataset  # noqa: PLC0415
    from kg.graph import add_derived, store_of  # noqa: PLC0415

    dataset = read_dataset(folder, "generated")
    whole = store_of([*dataset.ontology.quads(), *dataset.quads])
    add_derived(dataset, whole)
    whole.dump(str(folder.parent / "stored.nq"), format=RdfFormat.N_QUADS)


def write_stored(folder: Path) -> None:
    """The release of what is stored, part by part. The dataset in the folder has no diseases."""
    from kg.dataset import read_dataset  # noqa: PLC0415
    from kg.publish import release  # noqa: PLC0415

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
    made = release.write_release(Content(dataset, filled=filled), folder.parent / "release")
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


def again(size: int) -> None:
    """A build from nothing, one after nothing has changed, one after an edit of a record, and one from nothing of that: the same bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        generate(data, size)
        record = data / "diseases" / f"{size // 2}.yaml"
        print(f"{'':>12} {'s':>8} {'cpu s':>8} {'peak MB':>8}  made", flush=True)
        for name, out in (("from nothing", "one"), ("unchanged", "one"), ("one edit", "one"), ("from nothing", "other")):
            if name == "one edit":
                record.write_text(record.read_text(encoding="utf-8").replace("12.5", "13.5"), encoding="utf-8")
            print(f"{name:>12} ", end="", flush=True)
            subprocess.run([sys.executable, "-m", "tests.benchmarks.scale", "--build", str(data), str(Path(scratch) / out)], check=True)
        assert (Path(scratch) / "one" / "manifest.json").read_bytes() == (Path(scratch) / "other" / "manifest.json").read_bytes()


def build(data: Path, out: Path) -> None:
    """A build with its time, the time of the processors, the peak of memory of a process, and how many things were made."""
    import kg  # noqa: PLC0415

    made: dict[str, int] = {}
    started = time.perf_counter()
    kg.build(data, out, tell=lambda what, _, of: made.update({what: of}))
    peak = max(resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(f"{time.perf_counter() - started:>8.2f} {_worked():>8.2f} {peak:>8.0f}  {sum(made.values())}", flush=True)


def main() -> None:
    """Sizes are the arguments; without any, three sizes that show whether cost grows in proportion."""
    modes = {"--one": measure, "--store": store, "--write-stored": write_stored}
    if sys.argv[1:2] and sys.argv[1] in modes:
        modes[sys.argv[1]](Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--build"]:
        build(*map(Path, sys.argv[2:]))
    elif sys.argv[1:2] == ["--again"]:
        for size in map(int, sys.argv[2:]):
            again(size)
    elif sys.argv[1:2] == ["--stored"]:
        for size in map(int, sys.argv[2:]):
            with tempfile.TemporaryDirectory() as scratch:
                generate(Path(scratch) / "data", size)
                generate(Path(scratch) / "head", 0)
                _alone("--store", Path(scratch) / "data")
                _alone("--write-stored", Path(scratch) / "head")
    else:
        whole()


def whole() -> None:
    """Reading, judging and writing, a line for each size."""
    kept = Path(sys.argv[2]) if sys.argv[1:2] == ["--keep"] else None
    times = f"{'read s':>8} {'judge s':>8} {'write s':>8}"
    print(f"{'diseases':>8} {'triples':>9} {times} {'memory MB':>10} {'files':>7} {'MB':>8} {'problems':>9}", flush=True)
    for size in [int(argument) for argument in sys.argv[3 if kept else 1 :]] or [100, 200, 400]:
        with tempfile.TemporaryDirectory() as scratch:
            data = (kept or Path(scratch)) / "data"
            generate(data, size)
            _alone("--one", data)


def _alone(mode: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.benchmarks.scale", mode, str(folder)], check=True)


if __name__ == "__main__":
    main()
