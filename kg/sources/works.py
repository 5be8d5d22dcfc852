"""The files of an import, by role, and the works that facts from them cite: each file sort in its release."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.errors import KgError
from kg.ontology import Ontology
from kg.sources.gathering import Subject
from kg.sources.model import Importer, Reading, Role, SourceFile
from kg.sources.statements import Stating
from kg.terms import Value

_DAY = re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_DATATYPES = {10: "date", 7: "gYearMonth", 4: "gYear"}


def by_role(importer: Importer, paths: Sequence[Path]) -> dict[str, tuple[SourceFile, ...]]:
    """The files of each role, by their names, sorted. Raises KgError naming what is missing, unknown, or given twice."""
    files: dict[str, list[SourceFile]] = {role.name: [] for role in importer.roles}
    seen: dict[str, Path] = {}
    for path in sorted(paths):
        role = next((r for r in importer.roles if any(fnmatch(path.name.lower(), pattern) for pattern in r.patterns)), None)
        if role is None:
            raise KgError(f"{path}: is no file of {importer.name}, by its name; it takes {takes(importer)}")
        if path.name in seen:
            raise KgError(f"{path}: is called as {seen[path.name]} is; import one of them, or give it another name")
        seen[path.name] = path
        files[role.name].append(SourceFile(path, path.name))
    for role in importer.roles:
        if role.required and not files[role.name]:
            from_ = f"; get it from {role.page}" if role.page else ""
            raise KgError(f"{importer.name}: wants {role.what} ({' or '.join(role.patterns)}) as well{from_}")
    return {name: tuple(found) for name, found in files.items()}


def takes(importer: Importer) -> str:
    """The files of a source in words."""
    return "; ".join(f"{role.what} ({' or '.join(role.patterns)}){'' if role.required else ', if wanted'}" for role in importer.roles)


def reading(
    importer: Importer, files: Mapping[str, tuple[SourceFile, ...]], versions: Mapping[str, str], ontology: Ontology | None = None
) -> Reading:
    """What the importer reads; ``versions`` are those the user gives, by role. Raises KgError where one is missing or contradicted."""
    taken = [role for role in importer.roles if role.work and files[role.name]]
    works = {role.name: f"{role.work}-{_version(importer, role, files[role.name], versions)}" for role in taken}
    return Reading(files, works, ontology)


def _version(importer: Importer, role: Role, files: Sequence[SourceFile], versions: Mapping[str, str]) -> str:
    said = {version: file for file in files if (version := role.version(file))}
    same = (each.name for each in importer.roles if each.work == role.work)  # files of one work are of one release
    given = versions.get(role.name) or next((versions[name] for name in same if name in versions), None)
    if len(said) > 1:
        names = ", ".join(f"{file.name} of {version}" for version, file in sorted(said.items()))
        raise KgError(f"{importer.name}: the files are of different releases: {names}; import those of one")
    if given and said and given not in said:
        raise KgError(f"{importer.name}: {files[0].name} says that it is of {min(said)}, not of {given}; leave the version out")
    version = given or min(said, default="")
    if not version:
        needs = f"add --version {role.name}=2026-08-04 or the like"
        raise KgError(f"{importer.name}: {files[0].name} does not say of which release it is; {needs}")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", version):
        raise KgError(f"{importer.name}: a version is made of letters, digits, '.', '_' and '-', not {version!r}")
    return version


def work_nodes(importer: Importer, reading: Reading, stating: Stating) -> list[Subject]:
    """A node for each work, as a record in data/sources would describe it."""
    return [_node(role, reading.works[role.name], stating) for role in importer.roles if role.name in reading.works]


def _node(role: Role, key: str, stating: Stating) -> Subject:
    version = key.removeprefix(f"{role.work}-")
    said: list[tuple[NamedNode, Value]] = [
        (v.RDF_TYPE, v.SOURCE_CLASS),
        (v.DCTERMS_TYPE, v.DATA),
        (v.TITLE, Literal(role.title, language="en")),
        (v.PUBLISHER, Literal(role.publisher)),
        (v.VERSION, Literal(version)),
        (v.LICENSE, NamedNode(role.license)),
        (v.PAGE, NamedNode(role.page)),
    ]
    if _DAY.fullmatch(version):
        said.append((v.ISSUED, Literal(version, datatype=NamedNode(v.XSD + _DATATYPES[len(version)]))))
    return Subject(str(stating.work_iri(key)), [(str(p), str(o)) for p, o in said])
