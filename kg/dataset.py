"""A dataset: a folder of records and RDF files, read into one graph of what was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from kg import vocabulary as v
from kg.errors import KgError, Place, Problem, UnreadableError, reading_problem
from kg.foreign import ForeignFile, read_foreign
from kg.formats import BY_EXTENSION
from kg.layout import DATASET_FILE, dataset_files, ontology_folders
from kg.ontology import Ontology
from kg.places import Places
from kg.records import read_record, record_type
from kg.terms import subject_of
from kg.tree import Mapping, Node, Scalar, read_tree
from kg.values import Values

_RECORDS = (".yaml", ".yml")
_IGNORED = (".md",)


@dataclass
class Dataset:
    """What was written: quads in the order of files, where each stands, and what was read."""

    folder: Path
    name: str
    base: str
    ontology: Ontology
    quads: list[Quad] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    files: dict[str, str] = field(default_factory=dict)

    def shown(self, path: Path) -> str:
        """A file of the dataset as messages name it: below the folder as the user named it."""
        return f"{self.name}/{path.relative_to(self.folder).as_posix()}" if self.name != "." else path.relative_to(self.folder).as_posix()

    def place_of(self, focus: str, path: str = "", value: str = "") -> Place:
        """The narrowest place known of a node; the dataset file where none is."""
        return self.places.find(focus, path, value) or Place(self.shown(self.folder / DATASET_FILE))


def read_dataset(folder: Path, name: str | None = None) -> Dataset:
    """Read a dataset folder; ``name`` is how messages call it.

    Raises UnreadableError with every mistake that keeps a file from being read, KgError where there is no dataset.
    """
    ontology = Ontology.load(ontology_folders(folder))
    shown = (name if name is not None else str(folder)).rstrip("/") or "/"
    dataset = Dataset(folder, shown, "", ontology)
    trees: dict[str, Node] = {}
    foreign: list[Path] = []
    problems: list[Problem] = []
    for path in dataset_files(folder):
        try:
            if path.suffix in _RECORDS:
                trees[dataset.shown(path)] = read_tree(path, dataset.shown(path))
            elif path.suffix[1:] in BY_EXTENSION:
                foreign.append(path)
            elif path.suffix not in _IGNORED:
                known = ", ".join([*_RECORDS, *(f".{extension}" for extension in BY_EXTENSION)])
                message = f"is no record and no RDF file ({known}); rename it or move it out of the dataset"
                problems.append(reading_problem(Place(dataset.shown(path)), "unknown-file", message))
            dataset.files[path.relative_to(folder).as_posix()] = _sha256(path)
        except UnreadableError as error:
            problems.extend(error.problems)
    head = trees.get(dataset.shown(folder / DATASET_FILE))
    if head is None:
        raise UnreadableError(problems) if problems else KgError(f"{shown}: there is no {DATASET_FILE}")
    dataset.base = _head(head, "base", dataset)
    try:
        _read_foreign(dataset, foreign)
    except UnreadableError as error:
        problems.extend(error.problems)
    values = Values(ontology, dataset.base, _head(head, "language", dataset), _labels(dataset.quads))
    problems.extend(_read_records(dataset, trees, values))
    if problems:
        raise UnreadableError(problems)
    return dataset


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _head(tree: Node, key: str, dataset: Dataset) -> str:
    """A text of dataset.yaml that is needed before anything else can be read."""
    entries = tree.entries if isinstance(tree, Mapping) else []
    value = next((value for name, value in entries if name.text == key), None)
    fits = isinstance(value, Scalar) and value.kind == "text"
    if key == "base" and fits:
        assert isinstance(value, Scalar)
        fits = value.text.startswith(("https://", "http://")) and value.text.endswith(("/", "#"))
    if not isinstance(value, Scalar) or not fits:
        wants = {"base": "an IRI that ends in / or #, such as https://example.org/rare/", "language": "a language tag, such as en"}[key]
        place = value.place if value is not None else Place(dataset.shown(dataset.folder / DATASET_FILE))
        raise UnreadableError([reading_problem(place, "dataset-head", f'"{key}" must be given: {wants}')])
    return value.text


def _read_foreign(dataset: Dataset, paths: list[Path]) -> None:
    graph = dataset.base + "graph/"
    files = [ForeignFile(path, dataset.shown(path), NamedNode(graph + path.relative_to(dataset.folder).as_posix())) for path in paths]
    for file, quads in read_foreign(files, dataset.base):
        dataset.quads.extend(quads)
        dataset.places.add_foreign(file.path, file.name, quads)


def _labels(quads: Iterable[Quad]) -> dict[str, frozenset[str]]:
    """The labels of terms that RDF files give: what the label after ``!`` is compared with."""
    labels: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate == v.RDFS_LABEL and isinstance(quad.object, Literal):
            labels.setdefault(subject_of(quad).value, set()).add(quad.object.value)
    return {iri: frozenset(texts) for iri, texts in labels.items()}


def _read_records(dataset: Dataset, trees: dict[str, Node], values: Values) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[str, Place] = {}
    for tree in trees.values():
        try:
            kind, key = record_type(tree, dataset.ontology)
            name = kind.path + key.text
            if name in first:
                message = f'is a second record of {kind.key} "{key.text}", the first is {first[name]}; keep one'
                problems.append(reading_problem(key.place, "duplicate-record", message))
                continue
            first[name] = key.place
            dataset.quads.extend(read_record(tree, values, dataset.places))
        except UnreadableError as error:
            problems.extend(error.problems)
    return problems
