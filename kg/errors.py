"""What can be wrong, and where: the one shape of a message that every part of kg speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Severity(Enum):
    """The three severities of SHACL (https://www.w3.org/TR/shacl/#severity), and the words kg prints for them."""

    VIOLATION = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES: Final = {f"http://www.w3.org/ns/shacl#{each.name.title()}": each for each in Severity}
"""The same by their IRIs."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; lines and columns count from 1, as editors do."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, under which rule, and what to do about it.

    ``subject`` names the thing for people, such as ``treatment "ivig"``; ``focus`` and ``value`` are the IRIs or
    lexical forms that a SHACL report would give. ``reading`` says that the file could not be read as meant,
    so that nothing was judged.
    """

    place: Place
    severity: Severity
    rule: str
    message: str
    subject: str = ""
    focus: str = ""
    path: str = ""
    value: str = ""
    reading: bool = False

    def __str__(self) -> str:
        sentence = f"{self.subject} {self.message}" if self.subject else self.message
        return one_line(f"{self.place}: {self.severity.value}: {sentence} [{self.rule}]")

    @property
    def order(self) -> tuple[Place, str, str, str, str]:
        """Sorting key: by place, then rule, so that the same input gives the same report."""
        return (self.place, self.rule, self.focus, self.value, self.message)


def one_line(text: str) -> str:
    """A text with control, format and line-breaking characters escaped, so that no value can forge a line of a report."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def counted(number: int, noun: str, separator: str = "") -> str:
    """``1 disease``, ``8 diseases``; with a separator of thousands ``21,999 facts``."""
    return f"{number:{separator}} {noun}{'' if number == 1 else 's'}"


class KgError(Exception):
    """A mistake of the user's that ends the command; the message says what to do. Never shown as a traceback."""


class UnreadableError(KgError):
    """Files that cannot be read as records or RDF; nothing can be judged or built until they can."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.order))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[UnreadableError], tuple[tuple[Problem, ...]]]:
        return UnreadableError, (self.problems,)


def reading_problem(place: Place, rule: str, message: str) -> Problem:
    """A mistake that keeps a file from being read."""
    return Problem(place, Severity.VIOLATION, rule, message, reading=True)
