"""What of dataset.yaml is needed before anything else can be read: the base IRI and the language."""

from __future__ import annotations

import re
from pathlib import Path

from kg.errors import KgError, Place, UnreadableError, reading_problem
from kg.layout import DATASET_FILE
from kg.strict_yaml import read_tree
from kg.tree import Mapping, Node, Scalar
from kg.values import LANGUAGE

_WANTED = {
    "base": (re.compile(r"https?://[^\s<>\"{}|\\^`]+[/#]"), "an IRI that ends in / or #, such as https://example.org/rare/"),
    "language": (LANGUAGE, "a language tag, such as en"),
}


def dataset_head(folder: Path) -> tuple[str, str]:
    """The base IRI and the language of a dataset, read from its dataset.yaml alone. Raises UnreadableError and KgError."""
    path = folder / DATASET_FILE
    if not path.is_file():
        raise KgError(f"{folder}: there is no {DATASET_FILE}")
    tree = read_tree(path, str(path))
    return head_text(tree, "base", str(path)), head_text(tree, "language", str(path))


def head_text(tree: Node, key: str, file: str) -> str:
    """The base or the language that a dataset.yaml gives. Raises UnreadableError."""
    entries = tree.entries if isinstance(tree, Mapping) else []
    value = next((value for name, value in entries if name.text == key), None)
    pattern, wanted = _WANTED[key]
    if not isinstance(value, Scalar) or value.kind != "text" or not pattern.fullmatch(value.text):
        place = value.place if value is not None else Place(file)
        raise UnreadableError([reading_problem(place, "dataset-head", f'"{key}" must be given: {wanted}')])
    return value.text
