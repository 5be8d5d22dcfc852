"""Real files of all sources, cut down to some diseases: in the sources' own form, so that importers read them in seconds."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

MAPPINGS = ["exactmatch_orphanet", "exactmatch_omim", "exactmatch_doid", "hasdbxref_gard"]
PACKETS, MEANS = "orphapacket-json-2025-12.tar.gz", "orphanet_epidemiology.csv.gz"


class Cut:
    """The entries of some diseases of Mondo, and of what Mondo maps them to, in a folder for each importer."""

    def __init__(self, real: Path, out: Path, diseases: set[str]) -> None:
        self.real, self.out, self.codes = real, out, set(diseases)
        for name in MAPPINGS:
            for line in self._text(f"mondo/sssom/mondo_{name}.sssom.tsv").splitlines():
                if line.partition("\t")[0] in diseases:
                    self.codes |= {_code(cell) for cell in line.split("\t") if re.fullmatch(r"(Orphanet|OMIM|DOID|GARD):\d+", cell)}

    def all(self) -> dict[str, list[Path]]:
        """The files of each importer, cut."""
        done = {
            "mondo": [self._lines(f"mondo/sssom/mondo_{name}.sssom.tsv", self._begins, _is_head) for name in MAPPINGS]
            + [self._lines(f"mondo/{name}", self._begins) for name in ("class-stats.tsv", "mondo_subsets.csv", "obsoletes.tsv")]
            + [self._lines("mondo/mondo-rare_edges.tsv", lambda line: line.split("\t")[1] in self.codes)],
            "orphanet": [self._packets(), self._means()],
            "gard": [self._lines(f"gard/{name}.csv", self._begins) for name in ("GARD", "GARD_xrefs", "GARD_genes")],
            "hpo": [self._lines("hpo/hpo_frequencies.tsv.gz", self._begins)],
            "maxo": [self._lines("treatment/maxo-annotations.tsv", self._begins), self.real / "treatment/maxo-base.obo"],
            "clingen": [self._lines("iei/ClinGen-Gene-Disease-Validity-2021-11-24.csv", self._graded, _is_head_of_clingen)],
            "doid": [self._terms()],
            "iuis": [self.real / "iei/iusis_iei_table_2025.tsv", self.real / "gard/GARD_genes.csv"],
        }
        features = {each for path in (self.out / "hpo", self.out / "orphanet") for each in re.findall(r"HP:\d{7}", _all_text(path))}
        done["hpo"].append(self._lines("hpo/hp-es-preprocessed.babelon.tsv", lambda line: not features.isdisjoint(line.split("\t"))))
        return done

    def _begins(self, line: str) -> bool:
        return _code(re.split(r"[\t,]", line, maxsplit=1)[0]) in self.codes

    def _graded(self, line: str) -> bool:
        return not self.codes.isdisjoint(re.findall(r"MONDO:\d+", line))

    def _text(self, name: str) -> str:
        content = (self.real / name).read_bytes()
        return (gzip.decompress(content) if name.endswith(".gz") else content).decode()

    def _write(self, name: str, content: bytes) -> Path:
        folder, _, file = name.rpartition("/")
        path = self.out / folder.partition("/")[0] / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return path

    def _lines(self, name: str, keep: Callable[[str], bool], head: Callable[[int, str], bool] | None = None) -> Path:
        """A table that has an entry on each line: its head, and the lines to be kept."""
        lines = self._text(name).splitlines(keepends=True)
        is_head = head or (lambda number, _: number == 0)
        return self._write(name, "".join(line for number, line in enumerate(lines) if is_head(number, line) or keep(line)).encode())

    def _means(self) -> Path:
        rows = list(csv.reader(io.StringIO(self._text(f"orphanet/{MEANS}").removeprefix("\ufeff"), newline="")))
        at = rows[0].index("/DisorderList/Disorder/OrphaCode")
        out = io.StringIO(newline="")
        csv.writer(out).writerows([rows[0], *(row for row in rows[1:] if f"ORPHA:{row[at]}" in self.codes)])
        return self._write(f"orphanet/{MEANS}", out.getvalue().encode())

    def _packets(self) -> Path:
        path = self.out / "orphanet" / PACKETS
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(self.real / "orphanet" / PACKETS) as whole, tarfile.open(path, "w:gz") as some:
            for member in whole:
                code = re.search(r"(\d+)\.json$", member.name)
                if code and f"ORPHA:{code[1]}" in self.codes:
                    some.addfile(member, whole.extractfile(member))
        return path

    def _terms(self) -> Path:
        head, *frames = self._text("doid/DO_rare_slim.obo").split("\n\n[")
        kept = [
            frame
            for frame in frames
            if frame.startswith("Typedef]") or (re.findall(r"^id: (\S+)", frame, re.MULTILINE) or [""])[0] in self.codes
        ]
        return self._write("doid/DO_rare_slim.obo", "\n\n[".join([head, *kept]).encode() + b"\n")


def _code(cell: str) -> str:
    """A code in one spelling: ``Orphanet:73`` is ``ORPHA:73`` and ``GARD:0000073`` is ``GARD:73``."""
    prefix, _, number = cell.partition(":")
    prefix = {"Orphanet": "ORPHA", "ORDO": "ORPHA", "ORPHANET": "ORPHA"}.get(prefix, prefix)
    return f"{prefix}:{number.lstrip('0')}" if prefix == "GARD" else f"{prefix}:{number}"


def _is_head(number: int, line: str) -> bool:
    return line.startswith(("#", "subject_id")) or number == 0


def _is_head_of_clingen(number: int, _: str) -> bool:
    return number < 6


def _all_text(folder: Path) -> str:
    """All that the cut files of a source say, packed or not."""
    texts: list[bytes] = []
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                texts += [archive.extractfile(member).read() for member in archive]  # type: ignore[union-attr]
        else:
            texts.append(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    return b"\n".join(texts).decode()


def imported(real: Path, folder: Path, diseases: Iterable[str]) -> dict[str, list[Path]]:
    """The cut files for these diseases, written below a folder."""
    return Cut(real, folder, set(diseases)).all()
