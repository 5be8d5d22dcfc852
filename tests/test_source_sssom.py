"""The importer of SSSOM mapping sets: each set of tests/sources/sssom with what it says in the file beside it."""

from __future__ import annotations

import csv
import gzip
import random
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import kg
from kg.errors import KgError, UnreadableError
from kg.layout import ontology_folders
from kg.ontology import Ontology
from kg.sources.importing import import_files
from kg.sources.mapping_sets import is_orcid, several, version
from kg.sources.model import Importer, Item, Reading, SourceFile
from kg.sources.sssom import SSSOM
from kg.sources.statements import Stating
from kg.sources.works import by_role, reading, work_nodes
from tests.conftest import ROOT
from tests.importing import shown, spoilt

FOLDER = ROOT / "tests" / "sources" / "sssom"
SETS = sorted(FOLDER.glob("*.sssom.tsv"))
ONTOLOGY = Ontology.load(ontology_folders())


def described(files: Mapping[str, tuple[SourceFile, ...]]) -> Importer:
    """The importer with what the sets say of their work."""
    assert SSSOM.describe is not None
    return SSSOM.describe(files)


def _plan(paths: list[Path], versions: dict[str, str] | None = None) -> Reading:
    files = by_role(SSSOM, paths)
    return reading(described(files), files, versions or {}, ONTOLOGY)


def _items(path: Path) -> list[Item]:
    beside = path.with_suffix(".yml")
    return list(
        SSSOM.read(_plan([path, beside] if beside.is_file() else [path], {"mappings": "1"} if version(_file(path)) is None else None))
    )


def _file(path: Path) -> SourceFile:
    return SourceFile(path, path.name)


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.name.partition(".")[0])
def test_each_set_says_what_stands_beside_it(path: Path) -> None:
    """Every row of a set is a fact or is reported, with what stands in the file beside the set."""
    assert shown(_items(path)) == path.with_suffix("").with_suffix(".items.txt").read_text(encoding="utf-8")


def test_there_are_sets() -> None:
    """The cases above are all there."""
    assert len(SETS) == 6


HEADER = "#curie_map:\n#  MONDO: http://purl.obolibrary.org/obo/MONDO_\n#  OMIM: https://omim.org/entry/\n"
ROW = "subject_id\tpredicate_id\tobject_id\tmapping_justification\nMONDO:9999001\tskos:exactMatch\tOMIM:999001\tsemapv:LexicalMatching\n"
REFUSED = [
    (ROW, "undeclared-prefix", "name the file of its metadata as well"),
    (HEADER + ROW.replace("OMIM:", "OTHER:"), "undeclared-prefix", "add it there"),
    (HEADER + ROW.replace("semapv:", "semap:"), "undeclared-prefix", "semap:LexicalMatching"),
    (HEADER + ROW.replace("OMIM:", "https://omim.org/entry/"), "no-curie", "write it as one"),
    (HEADER + ROW.replace("MONDO:9999001", "made-up disease"), "no-curie", "made-up disease"),
    (HEADER + "#  skos: http://example.org/skos#\n" + ROW, "built-in-prefix", "skos"),
    ("#curie_map: [MONDO]\n" + ROW, "no-curie-map", "map"),
    ("#- one\n#- two\n" + ROW, "no-metadata", "slot"),
    ("#license: a\n#license: b\n" + ROW, "duplicate-key", "license"),
    ("#a: &x b\n#c: *x\n" + ROW, "yaml-alias", "anchor"),
    ("# a: b\n#c: d\n" + ROW, "yaml-syntax", "YAML"),
    (HEADER + ROW.replace("object_id", "target"), "no-column", "object_id"),
    (HEADER + ROW.replace("mapping_justification\n", "mapping_justification\tobject_id\n"), "column-twice", "object_id"),
    (HEADER, "no-column", "empty"),
    (HEADER + ROW.replace("OMIM:999001", '"OMIM:999001'), "broken-table", "table"),
    ("#" + "x" * (1 << 18) + "\n" + ROW, "too-large", "metadata"),
]


@pytest.mark.parametrize(("text", "rule", "part"), REFUSED, ids=[f"{n}-{rule}" for n, (_, rule, _) in enumerate(REFUSED)])
def test_what_is_no_mapping_set_is_refused(text: str, rule: str, part: str, tmp_path: Path) -> None:
    """A set that cannot be read for certain is refused with file, line and what to do, as SSSOM demands of undeclared prefixes."""
    path = tmp_path / "x.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError) as caught:
        list(SSSOM.read(Reading({"mappings": (_file(path),)}, {"mappings": "made-up"}, ONTOLOGY)))
    (problem,) = caught.value.problems
    assert (problem.rule, part in problem.message, problem.place.path) == (rule, True, "x.sssom.tsv"), problem


WORKS = [
    (
        "relations",
        {},
        "sssom-relations-2026-01-02",
        {"Made-up mappings", "2026-01-02", "https://creativecommons.org/publicdomain/zero/1.0/"},
    ),
    ("slots", {}, "sssom-slots-2026-02-03", {"Ann Author; Béla Bíró", "https://example.org/sets/slots.sssom.tsv"}),
    ("beside", {}, "sssom-beside-3", {"https://creativecommons.org/licenses/by/4.0/"}),
    ("literals", {"mappings": "7"}, "sssom-literals-7", {"https://example.org/sets/literals.sssom.tsv"}),
]


@pytest.mark.parametrize(("name", "versions", "key", "told"), WORKS, ids=[name for name, *_ in WORKS])
def test_a_set_says_which_work_it_is(name: str, versions: dict[str, str], key: str, told: set[str]) -> None:
    """Key, title, version, licence and makers of the cited work are those of the set's metadata, and the user names a missing version."""
    files = by_role(SSSOM, sorted(FOLDER.glob(f"{name}.sssom.*")))
    importer = described(files)
    plan = reading(importer, files, versions, ONTOLOGY)
    assert plan.works == {"mappings": key}
    (node,) = work_nodes(importer, plan, Stating(ONTOLOGY, "https://example.org/", "en"))
    assert told <= {value.strip("<>").partition('"@')[0].partition('"^^')[0].strip('"') for _, value in node.pairs}
    assert not any(value == "<>" for _, value in node.pairs)


def test_two_works_are_not_cited_as_one() -> None:
    """Two mapping sets at a time are refused, since facts of both would cite the one."""
    with pytest.raises(KgError, match="two works; import them one at a time"):
        _plan([FOLDER / "relations.sssom.tsv", FOLDER / "slots.sssom.tsv"])


def test_two_sets_are_two_imports(tmp_path: Path) -> None:
    """Sets that are imported one after the other stand side by side, each named after itself, and the rules find them right."""
    shutil.copy(ROOT / "data" / "dataset.yaml", tmp_path)
    stating = Stating(ONTOLOGY, "https://w3id.org/rarefacts/", "en")
    for name in ("relations", "slots"):
        import_files("sssom", [FOLDER / f"{name}.sssom.tsv"], tmp_path, stating, {})
    assert {path.name.partition(".")[0] for path in (tmp_path / "imports").iterdir()} == {"sssom-relations", "sssom-slots"}
    report = kg.check(tmp_path)
    assert report.conforms, report.render()
    assert {problem.rule for problem in report.problems} <= {"two-exact-matches"}  # one disease of the cases has two


def test_metadata_stand_in_one_place(tmp_path: Path) -> None:
    """A set with metadata at its top and in a file beside it is refused: nobody knows which of them holds."""
    for suffix, text in ((".tsv", HEADER + ROW), (".yml", "license: a\n")):
        (tmp_path / f"x{suffix}").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError, match="which has its own"):
        list(SSSOM.read(_plan(sorted(tmp_path.iterdir()), {"mappings": "1"})))


def test_metadata_belong_to_a_set(tmp_path: Path) -> None:
    """A file of metadata whose name is that of no set is refused, not passed over."""
    (tmp_path / "x.tsv").write_text(HEADER + ROW, encoding="utf-8")
    (tmp_path / "y.yml").write_text("license: a\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match="metadata of no set"):
        list(SSSOM.read(_plan(sorted(tmp_path.iterdir()), {"mappings": "1"})))


def test_a_packed_set_is_the_same_set(tmp_path: Path) -> None:
    """A set that is compressed says what it says unpacked."""
    path = tmp_path / "relations.sssom.tsv.gz"
    path.write_bytes(gzip.compress((FOLDER / "relations.sssom.tsv").read_bytes()))
    assert shown(_items(path)).replace(".gz:", ":") == shown(_items(FOLDER / "relations.sssom.tsv"))


@pytest.mark.parametrize(
    ("cell", "values"),
    [("", []), ("a", ["a"]), ("a|b", ["a", "b"]), (r"a\|b|c", ["a|b", "c"]), (r"a\\|b", ["a\\", "b"]), ("a||b", ["a", "b"])],
)
def test_values_between_bars(cell: str, values: list[str]) -> None:
    r"""Values of one slot stand between bars; ``\|`` is a bar in a value, ``\\`` a backslash."""
    assert several(cell) == values


@pytest.mark.parametrize(
    ("text", "right"),
    [("0000-0002-1825-0097", True), ("0000-0002-1694-233X", True), ("0000-0002-1825-0098", False), ("0000-0002-1825", False)],
)
def test_orcid(text: str, right: bool) -> None:
    """An ORCID iD is right where its check digit is."""
    assert is_orcid(text) is right


SEEDS = range(70)


@pytest.mark.parametrize("seed", SEEDS)
def test_damage_is_reported(seed: int, tmp_path: Path) -> None:
    """A damaged set is refused or its rows are reported; no fact comes out of it whose values the damaged text does not hold."""
    path = SETS[seed % len(SETS)]
    content = spoilt(path.read_bytes(), "\t", seed)[1]
    damaged_path = tmp_path / path.name
    damaged_path.write_bytes(content)
    whole = [(fact.about, fact.says) for item in _items(path) for fact in item.facts]
    try:
        items = list(SSSOM.read(Reading({"mappings": (_file(damaged_path),)}, {"mappings": "w"}, ONTOLOGY)))
    except UnreadableError as error:
        assert error.problems
        return
    text = content.decode("utf-8", "replace")
    for item in items:
        assert item.lost or item.facts
        for fact in item.facts:
            if (fact.about, fact.says) in whole:
                continue
            for curie in (fact.about, str(fact.says["to"])):
                assert curie.partition(":")[2] in text
            assert str(fact.says["relation"]) in {*re.findall(r"\w+Match", text), "crossReference"}


def test_real_sets_row_by_row(real_data: Path) -> None:
    """Of a hundred rows of Mondo's sets, drawn by a seed, each says what its cells say when they are read by themselves."""
    checked = 0
    for name in ("exactmatch_orphanet", "exactmatch_mesh", "hasdbxref_gard", "broadmatch_icd10cm", "closematch_meddra"):
        path = real_data / "mondo" / "sssom" / f"mondo_{name}.sssom.tsv"
        with path.open(encoding="utf-8") as file:
            raw = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
        items = list(SSSOM.read(Reading({"mappings": (_file(path),)}, {"mappings": "w"}, ONTOLOGY)))
        assert len(items) == len(raw)
        for number in random.Random(7).sample(range(len(raw)), 20):  # noqa: S311 (a choice for a test, no secret)
            row, (fact,) = raw[number], items[number].facts
            vocabulary, _, local = row["object_id"].partition(":")
            ours = {"Orphanet": "ORPHA", "mesh": "MESH", "MedDRA": "MEDDRA"}.get(vocabulary, vocabulary)
            relation = {"oboInOwl:hasDbXref": "crossReference"}.get(row["predicate_id"], row["predicate_id"][5:])
            to = f"{ours}:{int(local)}" if ours == "GARD" else f"{ours}:{local}"
            assert (fact.about, fact.kind, fact.says) == (row["subject_id"], "mapping", {"relation": relation, "to": to})
            assert fact.evidence == ({"source": "w", "locator": row["subject_id"], "evidenceType": row["mapping_justification"]},)
            checked += 1
    assert checked == 100
