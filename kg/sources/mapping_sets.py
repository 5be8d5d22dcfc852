"""Mapping sets as SSSOM/TSV has them (https://mapping-commons.github.io/sssom/spec-formats-tsv/): metadata, CURIE map, and rows.

The metadata stand above the table behind ``#``, or in a YAML file beside it. Identifiers are expanded by the set's own CURIE map, since
two sets may mean two namespaces by one prefix, and written by our prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from kg import limits, tree
from kg.prefixes import Prefixes
from kg.sources.model import SourceFile
from kg.sources.opening import Row, lines, refuse, rows
from kg.strict_yaml import parse_tree

Slots = Mapping[str, tuple[str, ...]]

SUBJECT, PREDICATE, OBJECT, JUSTIFICATION = REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
BUILT_IN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "owl": "http://www.w3.org/2002/07/owl#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "semapv": "https://w3id.org/semapv/vocab/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "sssom": "https://w3id.org/sssom/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "linkml": "https://w3id.org/linkml/",
    }
)
"""Prefixes that a set need not declare (https://mapping-commons.github.io/sssom/spec-intro/#iri-prefixes)."""
PROPAGATED: Final = ("subject_type", "object_type")
"""Of the slots that a set may give for all its rows, those that decide how a row is read; the others describe the set."""
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_UNPADDED: Final = ("GARD",)
"""Vocabularies whose identifiers some files pad with zeros: GARD:73 and GARD:0000073 are one."""


@dataclass(frozen=True, slots=True)
class MappingSet:
    """The metadata of a set by slot, each with its values, and the namespace of each prefix of its CURIE map.

    ``direct`` has our prefix for each of its prefixes that means the same namespace: for these, no other has to be looked at.
    """

    file: SourceFile
    slots: Slots
    namespaces: Mapping[str, str]
    ours: Prefixes
    direct: Mapping[str, str]

    def one(self, slot: str) -> str:
        """The first value of a slot; empty where there is none."""
        return next(iter(self.slots.get(slot, ())), "")

    def expand(self, curie: str, line: int) -> str:
        """The IRI of a CURIE of the set. Raises UnreadableError: with an undeclared prefix nobody knows for certain what is meant."""
        prefix, colon, local = curie.partition(":")
        if not colon or local.startswith("//"):
            refuse(self.file.name, "no-curie", f'has "{curie}" where SSSOM wants a CURIE such as MONDO:0010626; write it as one', line)
        if prefix not in self.namespaces:
            refuse(self.file.name, "undeclared-prefix", f'has "{curie}", whose prefix no curie_map declares{self._hint()}', line)
        return self.namespaces[prefix] + local

    def _hint(self) -> str:
        return "; add it there" if self.slots else "; name the file of its metadata as well, or put them at its top"

    def written(self, curie: str, line: int) -> str | None:
        """A CURIE of the set as we write it; None where we have no prefix for its vocabulary. Raises UnreadableError."""
        prefix, _, local = curie.partition(":")
        if prefix in self.direct and _PLAIN.fullmatch(local):
            ours: str | None = f"{self.direct[prefix]}:{local}"
        else:
            ours = self.ours.recognise(self.expand(curie, line))
        prefix, _, local = (ours or "").partition(":")
        return f"{prefix}:{local.lstrip('0')}" if prefix in _UNPADDED else ours

    def rows(self) -> Iterator[Row]:
        """The rows of the table, each with what the set says for all where no row says it. Raises UnreadableError."""
        shared = {slot: self.one(slot) for slot in PROPAGATED if self.one(slot)}
        if shared:
            for row in self._table():
                shared = {slot: value for slot, value in shared.items() if not row.cells.get(slot)}
        for row in self._table():
            row.cells.update(shared)
            yield row

    def _table(self) -> Iterator[Row]:
        return rows(self.file, "\t", REQUIRED, skip=("#",))


def mapping_set(file: SourceFile, ours: Prefixes, beside: SourceFile | None = None) -> MappingSet:
    """The set that a file holds; ``beside`` has its metadata where the file has none. Raises UnreadableError."""
    above = _text(file, takewhile(lambda numbered: numbered[1].startswith("#"), lines(file)), 1)
    if above and beside:
        refuse(beside.name, "two-headers", f"has metadata for {file.name}, which has its own; leave one of them out")
    if beside:
        slots, namespaces = _metadata(_text(beside, lines(beside), 0), beside)
    else:
        slots, namespaces = _metadata(above, file)
    return MappingSet(file, slots, namespaces, ours, _direct(namespaces, ours))


def _direct(namespaces: Mapping[str, str], ours: Prefixes) -> Mapping[str, str]:
    known = {**ours.elsewhere, **{namespace: prefix for prefix, namespace in ours.namespaces.items()}}
    plain = {space: prefix for space, prefix in known.items() if not any(other != space and other.startswith(space) for other in known)}
    return {prefix: plain[space] for prefix, space in namespaces.items() if space in plain}


def _text(file: SourceFile, numbered: Iterable[tuple[int, str]], off: int) -> str:
    """Lines as one text, without their first ``off`` characters; blanks that all of them begin with are indentation to YAML."""
    taken, size = [], 0
    for number, text in numbered:
        size += len(text)
        if size > limits.RECORD_BYTES:
            refuse(file.name, "too-large", f"has more than {limits.RECORD_BYTES:,} characters of metadata, as no mapping set has", number)
        taken.append(text[off:])
    return "\n".join(taken)


def _metadata(text: str, file: SourceFile) -> tuple[Slots, Mapping[str, str]]:
    if not text.strip():
        return {}, BUILT_IN
    root = parse_tree(text.encode(), file.name)
    if not isinstance(root, tree.Mapping):
        refuse(file.name, "no-metadata", "has metadata that are no map of slots; write a slot, a colon and its value on each line")
    slots = {key.text: tuple(_scalars(value)) for key, value in root.entries}
    declared = next((value for key, value in root.entries if key.text == "curie_map"), None)
    if declared is not None and not isinstance(declared, tree.Mapping):
        refuse(
            file.name, "no-curie-map", "has a curie_map that is no map; write each prefix, a colon and its namespace", declared.place.line
        )
    written = {key.text: space.text for key, space in declared.entries if isinstance(space, tree.Scalar)} if declared else {}
    for prefix, namespace in BUILT_IN.items():
        if written.get(prefix, namespace) != namespace:
            refuse(file.name, "built-in-prefix", f'declares "{prefix}" as {written[prefix]}; SSSOM has it as {namespace}')
    return slots, {**BUILT_IN, **written}


def _scalars(node: tree.Node) -> Iterator[str]:
    """The values of a slot: a single value need not stand in a list. What is deeper, such as a definition of an extension, is none."""
    for each in node.items if isinstance(node, tree.Sequence) else [node]:
        if isinstance(each, tree.Scalar) and each.kind != "nothing":
            yield each.text


def several(cell: str) -> list[str]:
    """The values of a slot that may have several: between bars, of which ``\\|`` is none."""
    parts = re.findall(r"(?:\\\\|\\\||[^|])+", cell)
    return [text for part in parts if (text := re.sub(r"\\([\\|])", r"\1", part).strip())]


def is_orcid(text: str) -> bool:
    """Whether a text is an ORCID iD with the right check digit (ISO 7064 MOD 11-2)."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    return text[-1] == "0123456789X"[(12 - total % 11) % 11]


def said(file: SourceFile) -> MappingSet:
    """The set of a file with its metadata, also where those stand in a file of that name in the same folder. Raises UnreadableError."""
    alone = mapping_set(file, Prefixes({}))
    stem = file.path.name.removesuffix(".gz").removesuffix(".tsv").removesuffix(".txt")
    near = (file.path.with_name(stem + suffix) for suffix in (".yml", ".yaml"))
    beside = next((path for path in near if path.is_file()), None)
    return alone if alone.slots or beside is None else mapping_set(file, Prefixes({}), SourceFile(beside, beside.name))


def version(file: SourceFile) -> str | None:
    """The version of a set as a key may have it; of an IRI such as Mondo's the day in it. Raises UnreadableError."""
    told = said(file).one("mapping_set_version")
    if re.fullmatch(r"[A-Za-z0-9._-]+", told):
        return told
    day = re.search(r"(?<![0-9])[12][0-9]{3}-[01][0-9]-[0-3][0-9](?![0-9])", told)
    return day[0] if day else None
