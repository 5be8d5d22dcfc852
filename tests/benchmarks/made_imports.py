"""Datasets of imports made for benchmarks: very many statements as ``kg import`` leaves them, and a known number of faults.

One import calls diseases by Mondo and names, maps and classifies them; the other calls them by Orphanet, has their phenotypes,
immunoglobulins, inheritance and treatment, and cites an article of each. By the mappings the two meet when they are read.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path
from typing import Final

from kg.files import sha256
from kg.imports import FOLDER, GRAPH, RECORD, REPORT, graph_of
from kg.sources.gathering import Tally
from kg.sources.imported import arithmetic, record
from tests.conftest import ROOT

BASE: Final = "https://w3id.org/rarefacts/"
POOL: Final = 5_000
"""Terms that phenotypes are taken from."""
PHENOTYPES: Final = 25
IMPORTS: Final = ("facts", "names")
_RF: Final = f"{BASE}vocab#"
_OBO: Final = "http://purl.obolibrary.org/obo/"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_TYPE, _SUBJECT, _PREDICATE, _OBJECT = (
    f"<http://www.w3.org/1999/02/22-rdf-syntax-ns#{each}>" for each in ("type", "subject", "predicate", "object")
)
_INTEGER, _DECIMAL = (f"<http://www.w3.org/2001/XMLSchema#{each}>" for each in ("integer", "decimal"))
_EVERY: Final = 100
_OFTEN: Final = {
    "-ef494512": [("frequency", f"<{_OBO}HP_0040281>")],
    "-79837aa4": [("affected", f'"3"^^{_INTEGER}'), ("total", f'"9"^^{_INTEGER}')],
    "-e199ae44": [("percentage", f'"12.5"^^{_DECIMAL}')],
    "": [],
}
"""How often a phenotype is found, by what its name ends in; each disease has all four."""
_SOURCE: Final = "source: made-{name}-1\nsourceType: data\ntitle: generated {name}\nversion: '1'\nlicense: https://creativecommons.org/licenses/by/4.0/\n"
_TERM: Final = '<{iri}> a <{rf}Term> ; <http://www.w3.org/2000/01/rdf-schema#label> "term {n}"@en .\n'
FAULTS: Final[dict[str, tuple[bytes, bytes]]] = {
    "percentage": (b'"12.5"^^', b'"125"^^'),
    "affected-within-total": (b'affected> "3"', b'affected> "10"'),
    "identifier-pattern": (b"<https://omim.org/entry/", b"<https://omim.org/entry/x"),
    "fact-has-evidence": (b"", b""),
    "said-twice": (b"", b""),
}
"""What makes a fault of what a disease has, by the rule that sees it; each once. Of the last two, ``_faulty`` knows how."""


def code_of(n: int, each: int) -> int:
    """The term of a phenotype of a disease."""
    return (n * 31 + each * 197) % POOL


class Making:
    """The statements of diseases, block by block, as one of the imports has them.

    In a block ``@A`` is the accession of the disease, ``@N`` its number, ``@P`` its parent's, ``@M`` OMIM's, ``@W`` its article's.
    """

    def __init__(self, name: str) -> None:
        self._work, self._graph = f"made-{name}-1", f"<{graph_of(BASE, f'made-{name}')}>"
        self._phenotypes = [[self._phenotype(code, ends) for ends in _OFTEN] for code in range(POOL)] if name == "facts" else []
        self._first, self._last = self._found() if name == "facts" else (self._named(), b"")

    def disease(self, n: int, accession: str) -> bytes:
        """What is said of a disease, called by an accession."""
        chosen = (self._phenotypes[code_of(n, each)][each % len(_OFTEN)] for each in range(PHENOTYPES)) if self._phenotypes else ()
        block = b"".join((self._first, *chosen, self._last))
        if not n:  # the root is below nothing
            block = b"".join(line for line in block.splitlines(keepends=True) if b"#classification-" not in line)
        block = block.replace(b"@A", accession.encode()).replace(b"@N", b"%d" % n)
        return block.replace(b"@P", b"%06d" % (n // 10)).replace(b"@M", b"%d" % (100_000 + n)).replace(b"@W", b"%07d" % n)

    def work(self, n: int) -> bytes:
        """What is said of the article that a disease cites."""
        pairs = [("<http://purl.org/dc/terms/type>", f"<{_RF}article>"), (_TYPE, f"<{_RF}Source>")]
        pairs.append(("identifier", f"<https://pubmed.ncbi.nlm.nih.gov/{10_000_000 + n}>"))
        return self._lines(f"<{BASE}source/pmid-{10_000_000 + n}>", pairs).encode() if self._phenotypes else b""

    def _lines(self, subject: str, pairs: list[tuple[str, str]]) -> str:
        said = ((name if name.startswith("<") else f"<{_RF}{name}>", value) for name, value in pairs)
        return "".join(f"{subject} {name} {value} {self._graph} .\n" for name, value in said)

    def _fact(self, name: str, cls: str, predicate: str, value: str, *qualifiers: tuple[str, str], work: str = "") -> str:
        line = f"<{BASE}disease/@A#{name}.{f'{work}-via-' if work else ''}{self._work}>"
        pairs = [(_TYPE, f"<{_RF}{cls}>"), (_SUBJECT, f"<{BASE}disease/@A>"), (_PREDICATE, predicate), (_OBJECT, value)]
        about = [(_TYPE, f"<{_RF}EvidenceLine>"), ("direction", f"<{_RF}supports>"), ("locator", '"row @N"')]
        about += [("source", f"<{BASE}source/{work or self._work}>"), *([("via", f"<{BASE}source/{self._work}>")] if work else [])]
        return self._lines(f"<{BASE}disease/@A#{name}>", [*pairs, *qualifiers, ("evidence", line)]) + self._lines(line, about)

    def _disease(self) -> str:
        return self._lines(f"<{BASE}disease/@A>", [(_TYPE, f"<{_RF}Disease>")])

    def _named(self) -> bytes:
        facts = (
            self._fact("classification-MONDO_8@P", "Classification", f"<{_RF}subtypeOf>", f"<{BASE}disease/MONDO_8@P>"),
            self._fact("mapping-exactMatch-OMIM_@M", "Mapping", f"<{_SKOS}exactMatch>", "<https://omim.org/entry/@M>"),
            self._fact("mapping-exactMatch-ORPHA_9@N", "Mapping", f"<{_SKOS}exactMatch>", "<http://www.orpha.net/ORDO/Orphanet_9@N>"),
            self._fact("name-abbreviation-gd@N-en-8375882a", "Name", f"<{_RF}abbreviation>", '"GD@N"@en'),
            self._fact("name-preferred-generated-disease-@N-en-8375882a", "Name", f"<{_RF}preferredName>", '"generated disease @N"@en'),
        )
        return (self._disease() + "".join(facts)).encode()

    def _found(self) -> tuple[bytes, bytes]:
        finding, hemizygous = (f"<{_RF}hasImmunoglobulinFinding>", f"<{_OBO}HP_0001419>")
        low, high = ([("level", f"<{_RF}{each}>") for each in levels] for levels in (("absent", "low"), ("elevated", "normal")))
        first = (
            self._fact("immunoglobulin-IgG-03cefbc0", "ImmunoglobulinFinding", finding, f"<{_RF}IgG>", *low),
            self._fact("immunoglobulin-IgM-1d1d2a4c", "ImmunoglobulinFinding", finding, f"<{_RF}IgM>", *high),
            self._fact("inheritance-HP_0001419", "Inheritance", f"<{_RF}hasInheritance>", hemizygous),
        )
        action, work = f"<{_OBO}MAXO_0001480>", "pmid-1@W"
        last = self._fact(
            "treatment-treats-MAXO_0001480-c5c53184", "Treatment", f"<{_RF}treatedBy>", action, ("supplies", f"<{_RF}IgG>"), work=work
        )
        return (self._disease() + "".join(first)).encode(), last.encode()

    def _phenotype(self, code: int, ends: str) -> bytes:
        name = f"HP_7{code:06d}"
        return self._fact(f"phenotype-{name}{ends}", "Phenotype", f"<{_RF}hasPhenotype>", f"<{_OBO}{name}>", *_OFTEN[ends]).encode()


def _faulty(block: bytes, rule: str) -> bytes:
    """A block with one fault."""
    right, wrong = FAULTS[rule]
    if rule == "fact-has-evidence":
        start = block.index(b"#inheritance-")
        at = block.index(b"vocab#evidence>", start)
        return block[: block.rindex(b"\n", 0, at) + 1] + block[block.index(b"\n", at) + 1 :]
    if rule == "said-twice":
        lines = b"".join(line for line in block.splitlines(keepends=True) if b"#inheritance-" in line)
        return block + lines.replace(b"#inheritance-HP_0001419", b"#inheritance-HP_0001419-twice")
    assert right in block, rule
    return block.replace(right, wrong, 1)


def accession(name: str, n: int) -> str:
    """What one of the imports calls a disease."""
    return f"ORPHA_9{n}" if name == "facts" else f"MONDO_8{n:06d}"


def diseases_of(statements: int) -> int:
    """How many diseases have so many statements."""
    making = map(Making, IMPORTS)
    return statements // sum((each.disease(1, "") + each.work(1)).count(b"\n") for each in making)


def write_imports(folder: Path, diseases: int) -> tuple[int, dict[str, int]]:
    """A dataset of two imports in a folder; how many statements they have, and how many faults of each kind, by rule."""
    for each in ("sources", "terms", FOLDER):
        (folder / each).mkdir(parents=True)
    shutil.copy(ROOT / "data" / "dataset.yaml", folder)
    names = ["HP_0001419", "HP_0040281", "MAXO_0001480", *(f"HP_7{code:06d}" for code in range(POOL))]
    terms = (_TERM.format(iri=_OBO + name, rf=_RF, n=n) for n, name in enumerate(names))
    (folder / "terms" / "terms.ttl").write_text("".join(terms), encoding="utf-8")
    statements, planted = 0, dict.fromkeys(FAULTS, 0)
    for name in IMPORTS:
        (folder / "sources" / f"made-{name}-1.yaml").write_text(_SOURCE.format(name=name), encoding="utf-8")
        statements += _write_import(folder, name, diseases, planted)
    return statements, planted


def _write_import(folder: Path, name: str, diseases: int, planted: dict[str, int]) -> int:
    making, statements, facts = Making(name), 0, 0
    start = folder / FOLDER / f"made-{name}"
    with gzip.open(f"{start}{GRAPH}", "wb", compresslevel=1) as file:
        for n in range(diseases):
            file.write(making.work(n))
        for n in range(diseases):
            block = making.disease(n, accession(name, n))
            rule = list(FAULTS)[n // _EVERY % len(FAULTS)] if n % _EVERY == _EVERY // 2 else ""
            if rule and (rule == "identifier-pattern") == (name == "names"):
                block = _faulty(block, rule)
                planted[rule] += 1
            file.write(block)
            statements += block.count(b"\n")
            facts += block.count(_SUBJECT.encode())
    statements += diseases * making.work(0).count(b"\n")
    tally = Tally(items=diseases, used=diseases, stated=facts, facts=facts, diseases=diseases)
    Path(f"{start}{REPORT}").write_text("".join(f"# {line}\n" for line in arithmetic(tally)), encoding="utf-8")
    read, works = [f"{name}.tsv 1 sha256:{'0' * 64}"], {name: f"made-{name}-1"}
    described = record(f"made-{name}", f"made-{name} 1", works, read, sha256(Path(f"{start}{GRAPH}"), name), tally, private=False)
    Path(f"{start}{RECORD}").write_text(described, encoding="utf-8")
    return statements


def write_dump(path: Path, diseases: int) -> tuple[int, str]:
    """The same statements as they enter the dataset, without faults, as N-Quads that are not sorted; how many, and their SHA-256."""
    found, quads = hashlib.sha256(), 0
    with path.open("wb") as file:
        for making in map(Making, IMPORTS):
            for n in range(diseases):
                block = making.work(n) + making.disease(n, accession("names", n))
                found.update(block)
                quads += block.count(b"\n")
                file.write(block)
    return quads, found.hexdigest()
