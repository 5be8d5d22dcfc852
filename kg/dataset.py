"""A dataset: a folder of records and RDF files, read into one graph of what was written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from kg import imports, limits
from kg import vocabulary as v
from kg.distinct import Distinct
from kg.entered import Entered, entered
from kg.errors import KgError, Place, Problem, UnreadableError, reading_problem
from kg.files import escaped, read_small, sha256, written
from kg.foreign import ForeignFile, read_foreign
from kg.formats import BY_EXTENSION
from kg.head import head_text
from kg.imports import Import
from kg.labels import labels_of
from kg.layout import DATASET_FILE, dataset_files, ontology_folders, passed_over, shapes_folders
from kg.literals import wants
from kg.ontology import Ontology
from kg.parallel import HERE, Executor
from kg.places import Places
from kg.quads import Quads
from kg.reading import Reading
from kg.recall import Recall
from kg.storing import fits_here, gathered, on_disk, putting, store_for
from kg.strict_yaml import parse_record
from kg.terms import subject_of, value_of
from kg.tree import Node
from kg.turtle import read_module
from kg.values import Values

RECORDS = (".yaml", ".yml")
IGNORED = (".md",)


@dataclass
class Dataset:
    """What was written: quads in the order of files, where each stands, and what was read.

    ``records`` has the name of each record by its file; its graph is called after it. ``foreign`` are those of RDF files, which come
    first. ``values`` is what records were read with.
    """

    folder: Path
    name: str
    base: str
    ontology: Ontology
    quads: Quads = field(default_factory=Quads)
    places: Places = field(default_factory=Places)
    files: dict[str, str] = field(default_factory=dict)
    imports: list[Import] = field(default_factory=list)
    entered: Entered | None = None
    records: dict[str, str] = field(default_factory=dict)
    foreign: list[Quad] = field(default_factory=list)
    values: Values | None = None

    def take(self, distinct: Distinct, contents: list[tuple[str, bytes]], executor: Executor) -> list[Problem]:
        """Add what the records in files say; what keeps others from being added."""
        assert self.values is not None
        for name, read in distinct.records(contents, self.values, executor):
            self.quads.add(read)
            self.places.add_later(self.base + name, read.placed)
            self.records[read.name] = name
        return distinct.problems

    def fill(self, store: Store, to_stay: bool = False) -> None:
        """Put what was written, and what imports say, into a new store (``new_store``)."""
        put = putting(store, in_memory=self.in_memory and not (to_stay and self.entered))
        for block in gathered(self.quads.blocks()):
            put(input=block, format=RdfFormat.N_QUADS)
        for path in self.entered.judged if self.entered else ():
            put(path=str(path), format=RdfFormat.N_QUADS)

    def new_store(self, to_stay: bool = False) -> Store:
        """An empty store: in memory for what people write, and for imports as far as they fit there (``kg.storing``).

        One that is to stay for long has them on disk in any case, and leaves the memory to others.
        """
        if self.entered is None:
            return Store()
        return on_disk(self.entered.folder) if to_stay else store_for(self.entered.statements, self.entered.folder)

    @property
    def in_memory(self) -> bool:
        """Whether a store that is not to stay is in memory, so that processes can share it by forking."""
        return self.entered is None or fits_here(self.entered.statements)

    def shown(self, path: Path) -> str:
        """A file of the dataset as messages name it: below the folder as the user named it."""
        relative = written(path.relative_to(self.folder))
        return relative if self.name == "." else f"{self.name}/{relative}"

    def place_of(self, focus: str, path: str = "", value: str = "", graph: str = "") -> Place:
        """The narrowest place known of a node, else the import whose graph is named; the dataset file where none is known."""
        shown = next((each.shown for each in self.imports if imports.graph_of(self.base, each.name) == graph), "")
        return self.places.find(focus, path, value) or Place(shown or self.shown(self.folder / DATASET_FILE))


def read_dataset(
    folder: Path, name: str | None = None, publishing: bool = False, executor: Executor = HERE, recall: Recall | None = None
) -> Dataset:
    """Read a dataset folder; ``name`` is how messages call it. For publishing, what is for checking only is told apart (``kg.entered``).

    With ``recall``, records that were read before are not read again.

    Raises UnreadableError with every mistake that keeps a file from being read, KgError where there is no dataset.
    """
    ontology = Ontology.load(ontology_folders(folder))
    shown = (name if name is not None else str(folder)).rstrip("/") or "/"
    dataset = Dataset(folder, shown, "", ontology)
    contents: list[tuple[str, bytes]] = []
    foreign: list[Path] = []
    graphs: dict[str, tuple[Path, str]] = {}
    problems = [reading_problem(Place(dataset.shown(path)), "unknown-file", why) for path, why in passed_over(folder)]
    for path in dataset_files(folder):
        try:
            if path.suffix in RECORDS:
                content = read_small(path, dataset.shown(path), limits.RECORD_BYTES)
                contents.append((dataset.shown(path), content))
                dataset.files[written(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
                continue
            if path.parent == folder / imports.FOLDER and path.name.endswith(imports.REPORT):
                continue
            if path.parent == folder / imports.FOLDER and path.name.endswith(imports.GRAPH):
                graphs[path.name.removesuffix(imports.GRAPH)] = (path, dataset.shown(path))
            elif path.suffix[1:] in BY_EXTENSION:
                foreign.append(path)
                continue  # its hash is known when it is read
            elif path.suffix not in IGNORED:
                known = ", ".join([*RECORDS, *(f".{extension}" for extension in BY_EXTENSION)])
                message = f"is no record and no RDF file ({known}); rename it or move it out of the dataset"
                problems.append(reading_problem(Place(dataset.shown(path)), "unknown-file", message))
            dataset.files[written(path.relative_to(folder))] = sha256(path, dataset.shown(path))
        except UnreadableError as error:
            problems.extend(error.problems)
    for path in (each for each in ontology.files if each.is_relative_to(folder)):
        dataset.places.add_foreign(path, dataset.shown(path), read_module(path)[1])
    main = dataset.shown(folder / DATASET_FILE)
    head = _head(contents, main, problems)
    if head is None:
        raise UnreadableError(problems) if problems else KgError(f"{shown}: there is no {DATASET_FILE}")
    dataset.base = head_text(head, "base", main)
    try:
        problems.extend(_read_foreign(dataset, foreign))
    except UnreadableError as error:
        problems.extend(error.problems)
    dataset.quads.extend(dataset.foreign)
    language, shapes = head_text(head, "language", main), tuple(shapes_folders(folder))
    dataset.values = Values(ontology, dataset.base, language, labels_of(dataset.foreign, language), shapes)
    problems.extend(dataset.take(Distinct(Reading(ontology, recall), main), contents, executor))
    if problems:
        raise UnreadableError(problems)
    dataset.imports = imports.find_imports(dataset.quads, graphs)
    if dataset.imports:
        dataset.entered = entered(ontology, dataset.base, dataset.quads, dataset.imports, publishing)
    return dataset


def _read_foreign(dataset: Dataset, paths: list[Path]) -> list[Problem]:
    graph = dataset.base + "graph/"
    files = [ForeignFile(path, dataset.shown(path), NamedNode(graph + escaped(path.relative_to(dataset.folder)))) for path in paths]
    read = list(read_foreign(files, dataset.base))
    for file, quads in read:
        dataset.files[written(file.path.relative_to(dataset.folder))] = file.sha256
        dataset.foreign.extend(quads)
        dataset.places.add_foreign(file.path, file.name, quads)
    return [_wrong_literal(quad, dataset) for _, quads in read for quad in quads if isinstance(quad.object, Literal) and wants(quad.object)]


def _wrong_literal(quad: Quad, dataset: Dataset) -> Problem:
    value = value_of(quad)
    place = dataset.place_of(subject_of(quad).value, quad.predicate.value, value.value)
    wanted = wants(value) if isinstance(value, Literal) else None
    return reading_problem(place, "wrong-type", f'"{v.local_name(quad.predicate.value)}" wants {wanted}, not "{value.value}"')


def _head(contents: list[tuple[str, bytes]], main: str, problems: list[Problem]) -> Node | None:
    """The tree of dataset.yaml; where there is none, the problems of all records that are no YAML of ours are added."""
    trees: dict[str, Node] = {}
    for name, content in sorted(contents, key=lambda each: each[0] != main):
        try:
            trees[name] = parse_record(content, name)
        except UnreadableError as error:
            problems.extend(error.problems)
        if main in trees:
            break
    return trees.get(main)
