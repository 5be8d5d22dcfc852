"""The files of an import, by role, and the works that facts from them cite: each file sort in its release."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.errors import KgError
from kg.prefixes import Prefixes
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
            raise KgError(f"{importer.name}: wants {role.what} ({' or '.join(role.patterns)}) as well; get it from {role.page}")
    return {name: tuple(found) for name, found in files.items()}


def takes(importer: Importer) -> str:
    """The files of a source in words."""
    return "; ".join(f"{role.what} ({' or '.join(role.patterns)}){'' if role.required else ', if wanted'}" for role in importer.roles)


def as_said(importer: Importer, files: Mapping[str, tuple[SourceFile, ...]]) -> Importer:
    """The importer with what the files themselves say of their works. Raises KgError where files of one role are of several works.

    It is named after the work that they say they are, so that the import of one mapping set leaves that of another as it is.
    """
    roles, name = [], importer.name
    for role in importer.roles:
        said = {file.name: dict(role.says(file)) for file in files[role.name]}
        for file, found in said.items():
            first = next(iter(said))
            if found != said[first]:
                raise KgError(f"{importer.name}: {first} and {file} are of two works; import them one at a time")
            name = found.get("work", name)
            role = replace(role, **found)  # type: ignore[arg-type]  # noqa: PLW2901
        roles.append(role)
    return replace(importer, name=name, roles=tuple(roles))


def reading(importer: Importer, files: Mapping[str, tuple[SourceFile, ...]], versions: Mapping[str, str], prefixes: Prefixes) -> Reading:
    """What the importer reads; ``versions`` are those the user gives, by role. Raises KgError where one is missing or contradicted.

    Roles of one work are of one release: what one of its files says, or the user of one of them, holds for all.
    """
    taken: dict[str, list[Role]] = {}
    for role in importer.roles:
        if files[role.name] and role.work:
            taken.setdefault(role.work, []).append(role)
    keys = {work: f"{work}-{_version(importer, roles, files, versions)}" for work, roles in taken.items()}
    return Reading(files, {role.name: keys[role.work] for roles in taken.values() for role in roles}, prefixes)


def _version(importer: Importer, roles: Sequence[Role], files: Mapping[str, tuple[SourceFile, ...]], versions: Mapping[str, str]) -> str:
    said = {version: file for role in roles for file in files[role.name] if (version := role.version(file))}
    told = sorted({versions[role.name] for role in roles if role.name in versions})
    given, first, file = next(iter(told), ""), roles[0], files[roles[0].name][0]
    if len(told) > 1:
        raise KgError(f"{importer.name}: the files are of one work, so not of {' and '.join(told)}; import those of one release")
    if len(said) > 1:
        names = ", ".join(f"{file.name} of {version}" for version, file in sorted(said.items()))
        raise KgError(f"{importer.name}: the files are of different releases: {names}; import those of one")
    if given and said and given not in said:
        raise KgError(f"{importer.name}: {said[min(said)].name} says that it is of {min(said)}, not of {given}; leave the version out")
    version = given or min(said, default="")
    if not version:
        needs = f"add --version {first.name}=2026-08-04 or the like"
        raise KgError(f"{importer.name}: {file.name} does not say of which release it is; {needs}")
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
        (v.VERSION, Literal(version)),
    ]
    said += [(v.PUBLISHER, Literal(role.publisher))] if role.publisher else []
    said += [(v.LICENSE, NamedNode(role.license))] if role.license else []
    said += [(v.PAGE, NamedNode(role.page))] if role.page else []
    if _DAY.fullmatch(version):
        said.append((v.ISSUED, Literal(version, datatype=NamedNode(v.XSD + _DATATYPES[len(version)]))))
    return Subject(str(stating.work_iri(key)), [(str(p), str(o)) for p, o in said])
