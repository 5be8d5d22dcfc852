"""What a record is about, which one of its keys says: its head."""

from __future__ import annotations

from kg import vocabulary as v
from kg.errors import UnreadableError, reading_problem
from kg.ontology import Ontology, RecordType
from kg.tree import Mapping, Node, Scalar
from kg.values import KEY, PATH, labelled

_A_KEY = 'a word of letters, digits, ".", "_", "-"'
_A_PATH = "a path, such as disease/MONDO_0010626; a fact is withdrawn by its name, below this key in the record of its disease"


def record_type(tree: Node, ontology: Ontology) -> tuple[RecordType, Scalar, str]:
    """What a record is about: its type, the key that it gives, and the label after ``!``. Raises UnreadableError."""
    keys = ", ".join(f"{key}:" for key in ontology.record_types)
    if not isinstance(tree, Mapping):
        raise UnreadableError([reading_problem(tree.place, "no-record", f"is no record; a record has keys and begins with one of {keys}")])
    heads = [(ontology.record_types[key.text], value) for key, value in tree.entries if key.text in ontology.record_types]
    if len(heads) > 1:  # the tombstones of facts stand in the record of their disease
        heads = [(kind, value) for kind, value in heads if kind.iri != v.TOMBSTONE or not isinstance(value, Mapping)]
    if len(heads) != 1:
        what = "no key that says what it is about" if not heads else "two keys that say what it is about"
        raise UnreadableError([reading_problem(tree.place, "no-record", f"has {what}; begin it with one of {keys}")])
    kind, value = heads[0]
    wanted, called = (KEY, _A_KEY) if kind.path else (PATH, _A_PATH)
    name, label = labelled(value.text) if isinstance(value, Scalar) and value.kind != "nothing" else ("", "")
    if not wanted.fullmatch(name):
        raise UnreadableError([reading_problem(value.place, "wrong-type", f'"{kind.key}" wants {called}')])
    return kind, Scalar(value.place, name, "text"), label
