"""The questions that come with the project: SPARQL queries, one a file, each with the sentence that it answers."""

from __future__ import annotations

from dataclasses import dataclass

from kg.layout import questions_folder


@dataclass(frozen=True)
class Question:
    """A query that comes with the project, with the sentence that it answers."""

    name: str
    title: str
    text: str


def questions() -> dict[str, Question]:
    """The questions by name; the first comment line of each file is its title."""
    found = {}
    for path in sorted(questions_folder().glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = Question(path.stem, text.partition("\n")[0].lstrip("# ").strip(), text)
    return found
