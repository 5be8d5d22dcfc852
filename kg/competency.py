"""The questions that come with the project: SPARQL queries, one a file, each with the sentence that it answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.errors import KgError
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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a query is longer than the name of a file may be
        return False


def text_or_name(name: str) -> str:
    """The text of a file with a query; what names no file is taken for a query, or the name of a question. Raises KgError."""
    path = Path(name)
    if path.suffix == ".rq" or _is_file(path):
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KgError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return name
