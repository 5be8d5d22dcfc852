"""A file by which a user tells an importer what to do: YAML, read key by key; what is not asked for, and what is missing, are mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kg.errors import Place, Problem, UnreadableError, reading_problem
from kg.sources.model import Importer, Role, SourceFile
from kg.strict_yaml import read_tree
from kg.tree import Mapping, Node, Scalar, Sequence
from kg.values import did_you_mean


@dataclass
class Form:
    """A map of the file. Mistakes are gathered in ``problems``, which all maps of a file share."""

    place: Place
    entries: dict[str, tuple[Scalar, Node]]
    problems: list[Problem]
    asked: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, file: SourceFile) -> Form:
        """The map that a whole file is. Raises UnreadableError."""
        try:
            tree = read_tree(file.path, file.name)
        except UnreadableError as error:
            if error.problems[0].rule != "empty":
                raise
            raise UnreadableError([reading_problem(Place(file.name), "empty", "is empty; it should say what to make of a file")]) from None
        form = cls.of(tree, [])
        form.check()
        return form

    @classmethod
    def of(cls, node: Node, problems: list[Problem]) -> Form:
        """A node as a map."""
        if isinstance(node, Mapping):
            return cls(node.place, {key.text: (key, value) for key, value in node.entries}, problems)
        problems.append(reading_problem(node.place, "wrong-type", "wants keys here, each with a colon and its value"))
        return cls(node.place, {}, problems, set())

    def problem(self, place: Place, message: str, rule: str = "mapping") -> None:
        """Something that keeps the file from being read as meant."""
        self.problems.append(reading_problem(place, rule, message))

    def check(self) -> None:
        """Raises UnreadableError with all mistakes so far."""
        if self.problems:
            raise UnreadableError(self.problems)

    def node(self, key: str) -> Node | None:
        """What stands under a key, if anything."""
        self.asked.add(key)
        return self.entries[key][1] if key in self.entries else None

    def text(self, key: str, needed: bool = False) -> str:
        """One value as text; empty where there is none, which is a mistake where it is needed."""
        found = self.words(key)
        if len(found) > 1:
            self.problem(self.entries[key][0].place, f'"{key}" wants one value, not a list', "wrong-type")
        if not found and needed:
            self.problem(self.place, f'has no "{key}"; add it', "no-value")
        return found[0].text if found else ""

    def words(self, key: str) -> list[Scalar]:
        """A value or a list of values."""
        node = self.node(key)
        nodes = node.items if isinstance(node, Sequence) else [] if node is None else [node]
        for each in nodes:
            if not isinstance(each, Scalar) or each.kind == "nothing":
                self.problem(each.place, f'"{key}" wants a value or a list of values here', "wrong-type")
        return [each for each in nodes if isinstance(each, Scalar) and each.kind != "nothing"]

    def form(self, key: str) -> Form:
        """The map under a key; one without entries where there is none."""
        node = self.node(key)
        return Form(self.place, {}, self.problems) if node is None else Form.of(node, self.problems)

    def forms(self, key: str) -> list[Form]:
        """The maps of a list under a key, or the one map."""
        node = self.node(key)
        nodes = node.items if isinstance(node, Sequence) else [] if node is None else [node]
        return [Form.of(each, self.problems) for each in nodes]

    def others(self) -> list[tuple[Scalar, Node]]:
        """The entries whose keys nobody has asked for; from now on they have been."""
        left = [entry for key, entry in self.entries.items() if key not in self.asked]
        self.asked |= self.entries.keys()
        return left

    def done(self) -> None:
        """Call it an error where keys are left that nobody has asked for."""
        known = sorted(self.asked)
        for key, _ in self.others():
            self.problem(key.place, f'"{key.text}" is not a key that is known here{did_you_mean(key.text, known)}', "unknown-key")


_WHAT: dict[str, tuple[Callable[[str], object], str]] = {
    "key": (re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*").fullmatch, "letters, digits, '.', '_' and '-'"),
    "version": (re.compile(r"[A-Za-z0-9._-]+").fullmatch, "letters, digits, '.', '_' and '-', such as 2026-08"),
    "title": (str.strip, "a text"),
    "publisher": (str.strip, "a text"),
    "license": (re.compile(r"https?://[^\s<>\"{}|\\^`]+").fullmatch, "an IRI, such as https://creativecommons.org/licenses/by/4.0/"),
    "page": (re.compile(r"https?://[^\s<>\"{}|\\^`]+").fullmatch, "an IRI that begins with https:// or http://"),
}


def described(importer: Importer, form: Form) -> Importer:
    """An importer of users' files as ``work:`` describes it; every role whose files facts cite gets that work.

    It is named after the work, so that one dataset can hold several of its imports. Mistakes go to the form.
    """
    work = form.form("work")
    said = {key: work.text(key, needed=True) for key in _WHAT}
    for key, (holds, wanted) in _WHAT.items():
        if said[key] and not holds(said[key]):
            work.problem(work.entries[key][1].place, f'"{key}" wants {wanted}, not "{said[key]}"', "wrong-type")
    work.done()

    def version(_: SourceFile) -> str:
        return said["version"]

    def role(each: Role) -> Role:
        texts = {key: said[key] for key in ("title", "publisher", "license", "page")}
        return replace(each, work=said["key"], version=version, **texts)  # type: ignore[arg-type]

    roles = tuple(role(each) if each.work else each for each in importer.roles)
    return replace(importer, name=f"{importer.name}-{said['key']}", title=said["title"], roles=roles)
