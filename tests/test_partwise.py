"""A large dataset is judged part by part, with the verdict that the whole gets; and where it cannot be, the whole is judged."""

from __future__ import annotations

import errno
import os
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse
from rdflib.namespace import SH

from kg import again, part, part_judge, parting, partwise
from kg import vocabulary as v
from kg.cli import main
from kg.dataset import Dataset, read_dataset
from kg.division import divided
from kg.entered import Entered
from kg.judge import Result, judge
from kg.layout import ontology_folders
from kg.needs import Needs, NotLocalError
from kg.ontology import Ontology
from kg.parallel import HERE, Pool
from kg.part import Part, parts_for
from kg.part_judge import PartJudge
from kg.parting import Parting
from kg.publishable import publishable
from kg.quads import Quads
from kg.recall import Recall
from kg.scratch import Scratch
from kg.validate import Verdict, validate
from tests.cases import lay
from tests.conftest import ROOT
from tests.test_locality import NAMESPACES, full
from tests.test_shapes import BASE, INVALID, VALID

IRI = "https://w3id.org/rarefacts/"
PARTS = 16


def test_what_the_project_asks_is_asked_of_parts(data: Path) -> None:
    """Nothing keeps a dataset without rules of its own from being judged part by part, and few rules are asked across parts."""
    division = divided(data, Ontology.load(ontology_folders(data)))
    across = {"circle", "external-id-on-two-diseases", "imported-id-on-two-diseases", "subtype-cycle", "work-twice"}
    assert set(division.reasons) == across


def in_parts(dataset: Dataset, parts: int = PARTS, recall: Recall | None = None) -> Verdict:
    """The verdict on a dataset in so many parts. Raises NotLocalError."""
    return partwise._in_parts(dataset, divided(dataset.folder, dataset.ontology), parts, HERE, recall)


def _same(one: Verdict, other: Verdict) -> bool:
    return (one.results, one.waived, one.problems, one.facts) == (other.results, other.waived, other.problems, other.facts)


def test_all_faults_are_found_in_parts(tmp_path: Path) -> None:
    """The faults of all cases of the project, put together under names of their own, are found in parts as in the whole.

    Those apart are cases of shapes or an ontology of their own, and those whose statements cannot be told apart.
    """
    quads, apart = Quads(), list[str]()
    for number, case in enumerate(INVALID + VALID):
        folder = lay(case, BASE, tmp_path / str(number))
        dataset = read_dataset(folder)
        text = b"".join(dataset.quads.blocks()).replace(f"<{dataset.base}".encode(), f"<{dataset.base}{number}/".encode())
        text = text.replace(b"DOID_9999000>", b"DOID_9%06d>" % number)  # what all of them claim
        text = re.sub(rb"(pubmed\.ncbi\.nlm\.nih\.gov/|doi\.org/10\.1234/made-up\.)([1-9])>", rb"\g<1>\g<2>%05d>" % number, text)
        try:
            Parting(2, Needs(), dataset.base).sort([text.splitlines(keepends=True)])
        except NotLocalError:
            apart.append(case.stem)
            continue
        if not (folder / "shapes").exists() and not (folder / "ontology").exists():
            quads.extend(parse(text, format=RdfFormat.N_QUADS))
    dataset = Dataset(BASE, "cases", dataset.base, Ontology.load(ontology_folders()), quads)
    whole, recall = validate(dataset), Recall(tmp_path / "kept.sqlite")
    assert _same(in_parts(dataset, recall=recall), whole)
    assert _same(in_parts(dataset, recall=recall), whole)  # all of it recalled
    assert len({problem.rule for problem in whole.problems}) > 100
    assert sorted(apart) == sorted(
        [
            "invalid-evidence-named-elsewhere",
            "invalid-evidence-without-a-node",
            "invalid-fact-named-elsewhere",
        ]
    )


class Made:
    """A dataset of facts that contradict each other, lack what they need, and lead to what may be anywhere; the same for the same seed."""

    def __init__(self, seed: int, diseases: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (nothing is to be kept secret)
        self._diseases = [f"<{IRI}disease/MONDO_{n:07d}>" for n in range(diseases)]
        self._facts: list[str] = []
        self.lines = [
            *self._head(),
            *self._works(),
            *(line for each in self._diseases for line in self._disease(each)),
            *self._circle(),
            *self._denied(),
        ]

    def _line(self, s: str, p: str, o: str) -> str:
        name = full(p) if ":" in p and not p.startswith("<") else p.strip("<>")
        return f"{s} <{name}> {o} <{IRI}graph/{self._random.randrange(3)}> .\n"

    def _often(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _head(self) -> Iterator[str]:
        head, dcterms = f"<{IRI}dataset/made>", "<http://purl.org/dc/terms/"
        yield self._line(head, "rdf:type", "<http://www.w3.org/ns/dcat#Dataset>")
        yield self._line(head, "rf:base", f'"{IRI}"^^<{v.XSD}anyURI>')
        yield self._line(head, f"{dcterms}issued>", f'"2026-01-01"^^<{v.XSD}date>')
        yield self._line(f"<{IRI}import/made>", "rdf:type", f"<{v.IMPORT.value}>")

    def _works(self) -> Iterator[str]:
        for number in range(9):
            work = f"<{IRI}source/{number}>"
            yield self._line(work, "rdf:type", f"<{v.SOURCE_CLASS.value}>")
            yield self._line(work, "rf:identifier", f"<https://pubmed.ncbi.nlm.nih.gov/{1 + number % 7}>")
            if number < 2:
                yield self._line(work, "rf:standing", f"<{v.RF}retracted>")
        for number in range(6):
            term = f"<http://purl.obolibrary.org/obo/HP_000000{number}>"
            yield self._line(term, "rdf:type", f"<{v.TERM_CLASS.value}>")
            if self._often(30):
                yield self._line(term, f"<{v.OWL_DEPRECATED.value}>", f'"true"^^<{v.XSD}boolean>')

    def _circle(self) -> Iterator[str]:
        """Three diseases that are subtypes of each other by way of a fact of another kind, which only its object tells from others."""
        for number, kind in enumerate(("Classification", "Phenotype", "Classification")):
            lower, upper = (f"<{IRI}disease/OMIM_{each % 3}>" for each in (number, number + 1))
            for p, o in (("rdf:type", f"<{v.RF}{kind}>"), ("rdf:subject", lower), ("rdf:object", upper)):
                yield self._line(f"{lower[:-1]}#circle>", p, o)

    def _denied(self) -> Iterator[str]:
        """A mapping that another disease claims as well, and that is denied where it is stated, so that sources settle it."""
        for name, negated in (("OMIM_5#a", False), ("OMIM_5#b", True), ("OMIM_6#a", False)):
            fact, line = f"<{IRI}disease/{name}>", f"<{IRI}disease/{name}.0>"
            said = [("rdf:type", f"<{v.RF}Mapping>"), ("rdf:predicate", f"<{v.SKOS_EXACT_MATCH.value}>"), ("rf:evidence", line)]
            said += [("rdf:object", "<http://www.orpha.net/ORDO/Orphanet_5>"), ("rdf:subject", fact.partition("#")[0] + ">")]
            said += [("rf:negated", f'"true"^^<{v.XSD}boolean>')] if negated else []
            yield from (self._line(fact, *each) for each in said)
            yield from (self._line(line, *each) for each in self._evidence() if each[0] != "rf:checked")

    def _disease(self, disease: str) -> Iterator[str]:
        if self._often(95):
            yield self._line(disease, "rdf:type", f"<{v.DISEASE.value}>")
        for number in range(self._random.randrange(1, 8)):
            yield from self._fact(disease, f"{disease[:-1]}#{number}>")

    def _fact(self, disease: str, fact: str) -> Iterator[str]:
        kind, predicate, value = self._random.choice(
            [
                ("Classification", f"{v.RF}subtypeOf", self._random.choice([*self._diseases[:20], f"<{IRI}disease/none>"])),
                ("Mapping", v.SKOS_EXACT_MATCH.value, f"<http://www.orpha.net/ORDO/Orphanet_{self._random.randrange(40)}>"),
                ("ImmunoglobulinFinding", f"{v.RF}hasImmunoglobulinFinding", f"<{v.RF}IgG>"),
                ("Phenotype", f"{v.RF}hasPhenotype", f"<http://purl.obolibrary.org/obo/HP_000000{self._random.randrange(8)}>"),
                ("Name", f"{v.RF}preferredName", f'"{self._random.choice("ab")}"@en'),
                ("Prognosis", f"{v.RF}hasPrognosis", '"it depends"@en'),
            ]
        )
        said = [("rdf:type", f"<{v.RF}{kind}>"), ("rdf:subject", disease), ("rdf:predicate", f"<{predicate}>"), ("rdf:object", value)]
        said += [("rf:negated", f'"true"^^<{v.XSD}boolean>')] if self._often(20) else []
        said += [(f"<{v.OWL_DEPRECATED.value}>", f'"true"^^<{v.XSD}boolean>')] if self._often(10) else []
        if kind == "ImmunoglobulinFinding":
            said.append(("rf:level", f"<{v.RF}{self._random.choice(['low', 'absent', 'normal', 'elevated'])}>"))
        if self._facts and self._often(15):
            said.append((f"<{v.REPLACED_BY.value}>", self._random.choice([*self._facts[-20:], f"{disease[:-1]}#nothing>"])))
        if kind == "Prognosis":
            said.append(("rf:dependsOn", self._random.choice([*self._facts, f"{disease[:-1]}#nothing>"])))
        self._facts.append(fact)
        for number in range(self._random.choice([0, 1, 1, 1, 2])):
            line = f"{fact[:-1]}.{number}>"
            said.append(("rf:evidence", line))
            yield from (self._line(line, *each) for each in self._evidence())
        yield from (self._line(fact, *each) for each in said if self._often(98))

    def _evidence(self) -> Iterator[tuple[str, str]]:
        yield "rdf:type", f"<{v.EVIDENCE_LINE.value}>"
        yield "rf:source", f"<{IRI}source/{self._random.randrange(10)}>"
        yield "rf:direction", f"<{v.RF}{'disputes' if self._often(10) else 'supports'}>"
        if self._often(50):
            yield "rf:checked", f'"2025-0{self._random.randrange(1, 9)}-01"^^<{v.XSD}date>'


def _made(seed: int, imported: bool, diseases: int = 20) -> Dataset:
    """Such a dataset; part of it may be from imports, so that sources meet."""
    lines = [line.encode() for line in Made(seed, diseases).lines]
    written, entering = (lines[::2], lines[1::2]) if imported else (lines, [])
    dataset = Dataset(ROOT / "data", "made", IRI, Ontology.load(ontology_folders()))
    dataset.quads.extend(parse(b"".join(written), format=RdfFormat.N_QUADS))
    if imported:
        scratch = Scratch()
        (scratch.path / "common.nq").write_bytes(b"".join(entering))
        dataset.entered = Entered(scratch.path / "common.nq", None, None, len(entering), (), (), {}, scratch)
    return dataset


@pytest.mark.parametrize("imported", [False, True], ids=["written", "imported"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_meets_across_parts_is_judged_as_in_the_whole(seed: int, imported: bool) -> None:
    """Facts that contradict, follow, replace or lead to others get the same verdict in parts, whatever part these are in."""
    dataset = _made(seed, imported, 200)
    whole = validate(dataset)
    assert _same(in_parts(dataset), whole)
    assert (f"{IRI}disease/OMIM_2#circle", "subtype-cycle") in {(problem.focus, problem.rule) for problem in whole.problems}
    seen = {"imported-id-on-two-diseases", "subtype-cycle"}  # across parts
    seen |= {"source-known", "retracted-source", "obsolete-term", "term-known", "fact-replacement", "depends-on-known"}  # by others
    seen |= {"classification-parent", "said-twice", "one-preferred-name", "immunoglobulin-conflict", "fact-has-evidence"}
    assert seen - {problem.rule for problem in whole.problems} == set()


def test_a_part_is_recalled_while_it_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said of a part is not asked again until one of its statements, or one that it has to know, is another."""
    dataset = _made(1, True)
    asked: list[bool] = []

    def looking(*args: Any, **named: Any) -> list[Result]:
        asked.append(True)
        return judge(*args, **named)

    monkeypatch.setattr(part_judge, "judge", looking)

    def judged() -> int:
        asked.clear()
        recall = Recall(tmp_path / "kept.sqlite")
        verdict = partwise._in_parts(dataset, divided(dataset.folder, dataset.ontology), PARTS, Pool(1), recall)
        recall.close()
        assert _same(verdict, validate(dataset))
        return len(asked) // 2  # what was written, and what follows

    assert [judged(), judged()] == [PARTS, 0]
    dataset.quads.extend(parse(f"<{IRI}disease/MONDO_0000003> <http://example.org/new> <http://example.org/> .", format=RdfFormat.N_QUADS))
    assert judged() == 1
    retracted = f"<{IRI}source/3> <{v.RF}standing> <{v.RF}retracted> ."
    dataset.quads.extend(parse(retracted, format=RdfFormat.N_QUADS))
    assert 1 < judged() <= PARTS
    for one, other in ((0, 1), (1, 0)):  # by the second each is disputed by the work of the other, of which one is described
        assert len(_numbers([f"disease/OMIM_{one}", f"disease/OMIM_{other}"])) == 2
        assert len(_numbers(["source/work-0", "disease/OMIM_1"])) == 2
        dataset.quads.extend(parse(_link(one, other), format=RdfFormat.N_QUADS))
        judged()


def test_what_is_said_of_a_part_is_kept_under_all_that_it_follows_from(tmp_path: Path) -> None:
    """Another statement, rule, shape, ontology, base, number of parts or way to be settled has a key of its own."""
    dataset, scratch = _made(1, True), Scratch()
    division = divided(dataset.folder, dataset.ontology)
    mine = Part(3, 8, tmp_path / "own", tmp_path / "others", scratch)
    mine.own.write_bytes(b"one\n")
    mine.others.write_bytes(b"other\n")
    about = PartJudge(dataset, division, True)

    def another(**changed: Any) -> PartJudge:
        return replace(about, division=replace(division, **changed))

    shapes = {Path("x.ttl"): "another"}
    keys = [
        about.key((mine, b"")),
        about.key((mine, b"settled")),
        about.key((replace(mine, own=mine.others, others=mine.own), b"")),
        about.key((replace(mine, number=2), b"")),
        about.key((replace(mine, parts=4), b"")),
        replace(about, settles=False).key((mine, b"")),
        another(settling={**division.settling, "more": ""}).key((mine, b"")),
        another(rules={**division.rules, "more": ""}).key((mine, b"")),
        another(written=replace(division.written, files={**division.written.files, **shapes})).key((mine, b"")),
        another(derived=replace(division.derived, files={**division.derived.files, **shapes})).key((mine, b"")),
        replace(about, dataset=replace(dataset, base="https://example.org/")).key((mine, b"")),
        replace(about, dataset=replace(dataset, ontology=Ontology((), shapes))).key((mine, b"")),
    ]
    assert len(set(keys)) == len(keys)
    assert about.key((mine, b"")) == keys[0]


def _link(one: int, other: int) -> str:
    """A disease is a subtype of another, as a work says; the first of these is described."""
    disease, above, work = (f"{IRI}{each}" for each in (f"disease/OMIM_{one}", f"disease/OMIM_{other}", f"source/work-{one}"))
    fact, line = f"<{disease}#link>", f"<{disease}#link.one>"
    said = [(fact, v.RDF_TYPE.value, f"{v.RF}Classification"), (fact, v.RDF_SUBJECT.value, disease), (fact, v.RDF_OBJECT.value, above)]
    said += [(fact, v.EVIDENCE.value, line[1:-1]), (line, v.SOURCE.value, work), (line, v.DIRECTION.value, v.SUPPORTS.value)]
    said += [] if one else [(f"<{work}>", v.RDF_TYPE.value, v.SOURCE_CLASS.value)]
    return "".join(f"{s} <{p}> <{o}> <{IRI}graph/0> .\n" for s, p, o in said)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"_:b <{v.RDF_TYPE.value}> <{v.DISEASE.value}> .", "blank nodes"),
        (f"<{IRI}disease/X> <http://example.org/p> _:b .", "blank nodes"),
        (f"<{IRI}disease/X#a> <{v.RDF_SUBJECT.value}> <{IRI}disease/Y> .", "not called after it"),
        (f"<{IRI}disease/X#a> <{v.EVIDENCE.value}> <{IRI}disease/Y#a.b> .", "not called after it"),
        (f"<http://example.org/X#a> <{v.RDF_SUBJECT.value}> <http://example.org/X> .", "not called after the dataset"),
        (f"<http://example.org/X> <{v.RDF_TYPE.value}> <{v.DISEASE.value}> .", "not called after the dataset"),
        (
            f"<{IRI}disease/X#a> <{v.RDF_SUBJECT.value}> <{IRI}disease/X> .\n"
            f"<{IRI}disease/X#a> <{v.RDF_TYPE.value}> <http://www.w3.org/ns/dcat#Dataset> .",
            "something that every part has to know",
        ),
        (f"<http://example.org/C> <{v.RDFS_SUBCLASS_OF.value}> <{v.DISEASE.value}> .", "a class of facts, evidence or diseases"),
        ("".join(f"<http://example.org/{n}> <{v.RDFS_SUBCLASS_OF.value}> <http://example.org/C> .\n" for n in range(50_001)), "very much"),
    ],
    ids=[
        "about a blank node",
        "to one",
        "a fact",
        "a line",
        "another base",
        "a disease of it",
        "a fact for all",
        "a class",
        "much for all",
    ],
)
def test_what_cannot_be_told_apart_is_judged_as_a_whole(text: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where parts would not have what they need, that is said, and the verdict is that of the whole."""
    dataset = _made(1, False)
    dataset.quads.extend(parse(text, format=RdfFormat.N_QUADS))
    with pytest.raises(NotLocalError, match=reason):
        in_parts(dataset)
    monkeypatch.setattr(part, "STATEMENTS", 100)
    assert _same(partwise.judged(dataset, HERE, None), validate(dataset))


_ACROSS = """CONSTRUCT { ?fact owl:deprecated true } WHERE {
  ?fact a rf:Classification ; rdf:object ?value ; rdf:subject ?disease .
  ?other a rf:Classification ; rdf:object ?value ; rdf:subject ?another FILTER(?fact != ?other)
}"""
_RULE = "CONSTRUCT {{ {} }} WHERE {{ ?fact rdf:subject ?disease ; rdf:object ?value . {} }}"


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("ontology/rules/own.rq", _RULE.format("?value rf:made ?fact", ""), "in more than one part"),
        ("ontology/rules/own.rq", _RULE.format("?fact rf:made ?other", "?other rdf:object ?value"), None),
        ("ontology/rules/own.rq", _RULE.format("?fact rf:made ?other", "?other rdf:object ?value ; rdf:subject ?another"), "own looks for"),
        ("ontology/settling/own.rq", _RULE.format("?value rf:made ?fact", "?fact a rf:Classification"), "what other parts have to know"),
        ("ontology/settling/own.rq", _RULE.format("?value owl:deprecated true", "?value a rf:Disease"), "what other parts have to know"),
        ("ontology/settling/own.rq", _ACROSS, "what other parts have to know"),
    ],
    ids=["about others", "much for all", "by others", "settling others", "what others know", "what others know, across parts"],
)
def test_rules_of_a_dataset_that_parts_cannot_be_asked(file: str, text: str, reason: str | None, tmp_path: Path) -> None:
    """What a rule of a dataset says of nodes of other parts is not judged part by part."""
    dataset = _made(1, True)
    place = tmp_path / file
    place.parent.mkdir(parents=True)
    place.write_text(text, encoding="utf-8")
    (tmp_path / "ontology" / "own.ttl").write_text("", encoding="utf-8")
    dataset.folder = tmp_path
    if reason is None:
        assert _same(in_parts(dataset), validate(dataset))
        return
    with pytest.raises(NotLocalError, match=reason):
        in_parts(dataset)


def test_what_a_rule_by_which_sources_meet_asks_of_others_is_in_each_part(tmp_path: Path) -> None:
    """What such a rule of a dataset has to know of a node elsewhere comes into each part, also where nothing else asks for it."""
    rule = tmp_path / "ontology" / "settling" / "own.rq"
    rule.parent.mkdir(parents=True)
    rule.write_text(_RULE.format("?fact rf:made ?day", "?value dcterms:issued ?day"), encoding="utf-8")
    (tmp_path / "ontology" / "own.ttl").write_text("", encoding="utf-8")
    ontology = Ontology.load(ontology_folders(tmp_path))
    with_it = divided(tmp_path, ontology)
    rule.unlink()
    assert with_it.known - divided(tmp_path, ontology).known == {v.ISSUED.value}


@pytest.mark.parametrize(
    "line", [b"<http://example.org/\\u00e9> <p:p> <o:o> <g:g> .\n", b"<s:s> <p:p> <http://example.org/\\u00e9> <g:g> .\n"]
)
def test_an_iri_is_written_in_one_way(line: bytes) -> None:
    """By its text one tells which part it is in, so there is no other text for it."""
    with pytest.raises(NotLocalError, match="written with an escape"):
        Parting(2, Needs(), IRI).sort([[line]])


def test_what_the_ontology_says_to_be_of_a_class_is_known_everywhere() -> None:
    """What a dataset says of an instance that only the ontology calls so is in every part, as what it says of its own instances."""
    said = [f"<http://example.org/{name}> <http://example.org/p> <http://example.org/o> <g:g> .\n".encode() for name in "ab"]
    typed = b"<http://example.org/b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://example.org/C> <g:g> .\n"
    found = Parting(PARTS, Needs(classes={"http://example.org/C"}), IRI, ["<http://example.org/a>"])
    found.sort([[*said, typed]])
    assert sorted(found.common) == sorted([*said, typed])


def test_so_many_statements_so_many_parts() -> None:
    """A dataset of a common size is one part, and each part of a large one has no more statements than is said."""
    assert [parts_for(each) for each in (0, part.STATEMENTS, part.STATEMENTS + 1, 9 * part.STATEMENTS)] == [1, 1, 2, 16]


def _numbers(names: Iterable[str]) -> set[int]:
    scratch = Scratch()
    parts = [Part(number, PARTS, scratch.path, scratch.path, scratch) for number in range(PARTS)]
    return {each.number for name in names for each in parts if each.has(IRI + name)}


def test_a_node_is_in_one_part_with_its_facts() -> None:
    """A disease, its facts and their evidence are in the same part, and in no other."""
    assert len(_numbers(["disease/X", "disease/X#a", "disease/X#a.b"])) == 1
    assert len(_numbers([f"disease/{n}" for n in range(200)])) == PARTS


def test_a_large_dataset_is_judged_in_parts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``kg check`` judges in parts what has more statements than a part, and says the same."""
    expected = CliRunner().invoke(main, ["check", "--no-cache", str(data)])
    monkeypatch.setattr(part, "STATEMENTS", 2_000)
    monkeypatch.setattr(partwise, "validate", None)
    found = CliRunner().invoke(main, ["check", "--no-cache", str(data)])
    assert (found.output, found.exit_code) == (expected.output, expected.exit_code)


def test_a_full_disk_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are files: where there is no room for them, ``kg check`` says where more may be had."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/there")

    monkeypatch.setattr(part, "STATEMENTS", 2_000)
    monkeypatch.setattr(parting, "_write", full)
    found = CliRunner().invoke(main, ["check", "--no-cache", str(data)])
    assert (found.output, found.exit_code) == ("kg: /there: No space left on device; let TMPDIR name a folder with more room\n", 2)


def test_what_follows_is_judged_of_own_nodes(tmp_path: Path) -> None:
    """A shape of a dataset that demands what follows is not broken by what a part only has to know of nodes of others."""
    (tmp_path / "shapes").mkdir()
    query = "SELECT $this WHERE { $this a rf:Disease FILTER NOT EXISTS { $this rdfs:label ?label } }"
    shape = f"ex:named a sh:NodeShape ; sh:targetClass rf:Disease ; sh:sparql [ sh:select '{query}' ] ."
    namespaces = [*NAMESPACES.items(), ("sh", str(SH))]
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in namespaces)
    (tmp_path / "shapes" / "derived.ttl").write_text(prefixes + shape, encoding="utf-8")
    dataset = _made(1, False)
    dataset.folder = tmp_path
    whole = validate(dataset)
    assert _same(in_parts(dataset), whole)
    assert "named" in {problem.rule for problem in whole.problems}


def test_why_a_large_dataset_is_judged_as_a_whole_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``kg check`` says for which statement it is, beside the problems that it finds in any case."""
    case = next(each for each in INVALID if each.stem == "invalid-fact-named-elsewhere")
    command = ["check", "--no-cache", str(lay(case, BASE, tmp_path))]
    expected = CliRunner().invoke(main, command)
    monkeypatch.setattr(part, "STATEMENTS", 10)
    found = CliRunner().invoke(main, command)
    note, _, rest = found.output.partition("\n")
    assert note.startswith("note: this large dataset was judged as a whole") and note.endswith("not called after it")
    assert (rest, found.exit_code) == (expected.output, expected.exit_code)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_published_is_judged_where_something_changed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where some statements are for checking only, and others stand in their place, the rest gets the verdict that it has without them.

    What is for checking only always has a mapping by which a disease that it says nothing of breaks a rule that holds across diseases.
    """
    chance = random.Random(seed)  # noqa: S311 (nothing is to be kept secret)
    lines = [line.encode() for line in (*_claiming("OMIM_9"), *_claiming("MONDO_0000000"), *Made(seed, 20).lines)]
    apart = {place for place, line in enumerate(lines) if b"#claims>" in line and b"MONDO" in line}
    apart |= set(chance.sample(range(len(lines)), chance.choice([1, 3, 12])))
    common, checking = ([line for place, line in enumerate(lines) if (place in apart) == its] for its in (False, True))
    instead = [line.encode() for line in Made(seed + 1000, 20).lines if chance.random() < 0.004]
    everything = _imported(common, checking, instead)
    assert everything.entered is not None and everything.entered.publishing is not None
    monkeypatch.setattr(again, "_LARGE", 0)
    _, verdict = publishable(everything, validate(everything))
    assert _same(verdict, validate(_imported([*common, *instead])))


def _claiming(disease: str) -> Iterator[str]:
    """A mapping of a disease to the same code, whichever it is."""
    fact, line = f"<{IRI}disease/{disease}#claims>", f"<{IRI}disease/{disease}#claims.0>"
    said = {v.RDF_TYPE: f"{v.RF}Mapping", v.RDF_PREDICATE: v.SKOS_EXACT_MATCH.value, v.RDF_OBJECT: "http://www.orpha.net/ORDO/Orphanet_99"}
    said |= {v.RDF_SUBJECT: f"{IRI}disease/{disease}", v.EVIDENCE: line.strip("<>")}
    yield from (f"{fact} {p} <{o}> <{IRI}graph/{disease}> .\n" for p, o in said.items())
    yield f"{line} {v.RDF_TYPE} <{v.EVIDENCE_LINE.value}> <{IRI}graph/{disease}> .\n"


def _imported(common: list[bytes], checking: list[bytes] | None = None, publishing: list[bytes] | None = None) -> Dataset:
    """A dataset of imports, some for checking only, with what is published instead."""
    dataset, scratch, paths = Dataset(ROOT / "data", "made", IRI, Ontology.load(ontology_folders())), Scratch(), list[Path | None]()
    for number, said in enumerate((common, checking, publishing)):
        paths.append(scratch.path / f"{number}.nq" if said is not None else None)
        if said is not None:
            (scratch.path / f"{number}.nq").write_bytes(b"".join(said))
    assert paths[0] is not None
    dataset.entered = Entered(paths[0], paths[1], paths[2], len(common), (), (), {}, scratch)
    return dataset
