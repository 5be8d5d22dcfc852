"""The importer of the Human Disease Ontology: a hand-written slim beside its items, the real slim, an independent reading, spoilt files."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache
from pathlib import Path

from kg.errors import UnreadableError
from kg.sources.doid import DOID
from kg.sources.model import Fact, Item, Term
from tests.conftest import ROOT
from tests.importing import MANGLED, mangled, read, shown, sources, values

CASES = ROOT / "tests" / "sources" / "doid"
WORK = "doid-2026-01-31"
WRITTEN_ANEW = {"OMIM", "OMIMPS", "ORPHA", "NCIT", "UMLS", "SCTID", "GARD"}


def _items(path: Path) -> list[Item]:
    return read(DOID, {"ontology": sources(path)}, {"ontology": WORK})


def test_a_file_becomes_its_items() -> None:
    """Each line of the hand-written file becomes the fact, term, notes or reason that stand beside it."""
    assert shown(_items(CASES / "terms.obo")) == (CASES / "items.txt").read_text(encoding="utf-8")


def test_what_replaces_an_obsolete_term() -> None:
    """An obsolete term, and an identifier that was merged, name the term that stands in their place."""
    replaced = {term.curie: term.replaced_by for item in _items(CASES / "terms.obo") for term in item.terms if term.obsolete}
    assert replaced == {"DOID:9900004": "DOID:9900002", "DOID:9900009": "DOID:9900001"}


def test_the_version_is_that_of_the_header() -> None:
    """The key of the work ends with the day that the file says it was released on."""
    [role] = DOID.roles
    assert (role.work, role.version(sources(CASES / "terms.obo")[0])) == ("doid", "2026-01-31")


def test_spoilt_files(tmp_path: Path) -> None:
    """However the file is spoilt, it is refused or its losses are reported, and no fact says what does not stand in it."""
    path = CASES / "terms.obo"
    known = values(_items(path))
    outcomes: Counter[str] = Counter()
    for number, (what, content) in enumerate([*mangled(path.read_bytes(), ": "), *mangled(path.read_bytes(), '"', first=MANGLED)]):
        spoilt = tmp_path / f"{number}.obo"
        spoilt.write_bytes(content)
        try:
            items = _items(spoilt)
        except UnreadableError as error:
            assert spoilt.name in str(error)
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        text = content.decode().replace("\\", "")
        for value in values(items) - known:
            prefix, _, local = value.partition(":")
            assert value in text or (prefix in WRITTEN_ANEW and local and local in text), (what, value)
    assert outcomes["refused"] + outcomes["read"] == 2 * MANGLED
    assert min(outcomes.values()) > MANGLED / 8


def test_no_line_of_another_entry(tmp_path: Path) -> None:
    """Where the head or the identifier of an entry is lost, its names and mappings become nobody's: never those of the entry above."""
    lines = (CASES / "terms.obo").read_text(encoding="utf-8").splitlines()
    second = lines.index("id: DOID:9900002")
    for lost in (second - 1, second, second + 1):
        path = tmp_path / f"{lost}.obo"
        path.write_text("\n".join(lines[:lost] + lines[lost + 1 :]) + "\n", encoding="utf-8")
        facts = [fact for item in _items(path) for fact in item.facts]
        assert [fact.says["name"] for fact in facts if fact.says.get("kind") == "preferred" and fact.about == "DOID:9900001"] == [
            "made-up syndrome"
        ]
        assert all(fact.about == "DOID:9900002" for fact in facts if fact.says.get("name") in ("made-up group", "another name"))


# --- the real slim ---


@cache
def _real(path: Path) -> list[Item]:
    return _items(path)


def test_the_real_slim(real_data: Path) -> None:
    """Each of the 3,460 terms, 16,802 xrefs, 8,661 synonyms and 1,259 matches is a fact or reported, and no line is broken."""
    items = _real(real_data / "doid" / "DO_rare_slim.obo")
    facts = [fact for item in items for fact in item.facts]
    assert len(items) == 35_561
    assert Counter(fact.kind for fact in facts) == {"name": 12_113, "mapping": 18_048, "classification": 1_609}
    assert Counter(fact.says.get("kind", fact.says.get("relation")) for fact in facts if fact.kind != "classification") == {
        **{"preferred": 3_458, "exact": 6_735, "abbreviation": 1_748, "related": 172},
        **{"crossReference": 16_794, "exactMatch": 1_096, "closeMatch": 40, "broadMatch": 69, "narrowMatch": 27, "relatedMatch": 22},
    }
    assert Counter(item.lost for item in items if item.lost) == {"not-copied": 3_281, "obsolete": 21, "aside": 4, "no-kind": 4}
    assert Counter(note.reason for item in items for note in item.notes) == {"edition": 1_847, "scope": 50, "reference": 7, "remark": 1}
    terms = [term for item in items for term in item.terms]
    assert (len(terms), sum(term.obsolete for term in terms)) == (3_460 + 479, 479 + 2)


def _expected(entry: str) -> tuple[set[tuple[str, ...]], str]:
    """What an entry of the file states, read from its text by regular expressions alone, and its identifier."""
    said: set[tuple[str, ...]] = set()
    found = re.search(r"^id: (\S+)$", entry, re.MULTILINE)
    assert found is not None
    if "\nis_obsolete: true" in entry:
        return said, found[1]
    said |= {("name", "preferred", name) for name in re.findall(r"^name: (.*)$", entry, re.MULTILINE)}
    for text, scope, rest in re.findall(r'^synonym: "((?:[^"\\]|\\.)*)" ([A-Z]+)(.*)$', entry, re.MULTILINE):
        kind = "related" if scope != "EXACT" else "abbreviation" if "OMO:0003012" in rest or '"acronym"' in rest else "exact"
        said.add(("name", kind, re.sub(r"\\(.)", r"\1", text)))
    targets = [("crossReference", xref) for xref in re.findall(r"^xref: (\S+)$", entry, re.MULTILINE)]
    targets += re.findall(r'^property_value: skos:(\w+) "([^"]*)" xsd:string$', entry, re.MULTILINE)
    for relation, target in targets:
        for old, new in [
            *[(r"^MIM:PS", "OMIMPS:"), (r"^MIM:", "OMIM:"), (r"^ORDO:", "ORPHA:"), (r"^NCI:", "NCIT:"), (r"^UMLS_CUI:", "UMLS:")],
            *[(r"^GARD:0*", "GARD:"), (r"^SNOMEDCT_US_\d+_\d+_\d+:", "SCTID:")],
        ]:
            target = re.sub(old, new, target)  # noqa: PLW2901
        said.add(("mapping", relation, target))
    said |= {("classification", "", parent) for parent in re.findall(r"^is_a: (\S+)", entry, re.MULTILINE)}
    return said, found[1]


def _said(fact: Fact) -> tuple[str, ...]:
    relation = fact.says.get("kind", fact.says.get("relation", ""))
    value = fact.says.get("name", fact.says.get("to", fact.says.get("parent")))
    return fact.kind, str(relation), str(value)


def test_a_hundred_real_entries_by_another_reading(real_data: Path) -> None:
    """For a hundred entries, and the two obsolete ones, a reading that shares no code with the importer comes to the same facts."""
    path = real_data / "doid" / "DO_rare_slim.obo"
    entries = path.read_text(encoding="utf-8").split("\n[Term]\n")[1:]
    drawn = random.Random(20261125).sample(entries, 100) + [entry for entry in entries if "\nis_obsolete: true" in entry]  # noqa: S311 (a choice for a test, no secret)
    facts: dict[str, set[tuple[str, ...]]] = {}
    for item in _real(path):
        for fact in item.facts:
            facts.setdefault(fact.about, set()).add(_said(fact))
    assert len(drawn) == 102
    for entry in drawn:
        said, about = _expected(entry)
        assert facts.get(about, set()) == said, about


def test_the_real_terms_by_another_reading(real_data: Path) -> None:
    """Every term has the label that its entry has, and the two obsolete ones name what replaces them."""
    path = real_data / "doid" / "DO_rare_slim.obo"
    labels = dict(re.findall(r"^id: (\S+)\nname: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE))
    terms: list[Term] = [term for item in _real(path) for term in item.terms if term.label]
    assert {term.curie: term.label for term in terms} == labels
    assert {term.curie: term.replaced_by for term in terms if term.obsolete} == {
        **{"DOID:0050786": "DOID:0060648", "DOID:0080191": "DOID:0050657"}
    }
