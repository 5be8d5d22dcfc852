"""How the IUIS list words inheritance, read into HPO's modes: "AD/AR", "AD rarely AR", "XL (females may be affected)".

The table of 2025 has the first word of such a cell in one column and the second in another ("AD" and "rarely"): what that leaves out is
not known, so such a row says no mode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MODES: Final = {"AR": "HP:0000007", "AD": "HP:0000006", "XL": "HP:0001417", "digenic": "HP:0010984"}
_FIRST = re.compile(r"(AR|AD|XL)\b")
_CELL = re.compile(r"(?P<modes>.*?)(?: (?P<beside>LOF|GOF|DN))?(?: \(?(?P<adds>females[ _][a-z _]+)\)?)?")
_ALL_ALIKE, _BETWEEN = re.compile(r"/| or "), re.compile(r"/| or | and | rarely ")


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a cell says: its modes, what else it says of them (``remark``), and what of it is not about inheritance (``beside``).

    Without modes, ``undecided`` tells whether there is one among what cannot be read.
    """

    modes: tuple[str, ...] = ()
    remark: str = ""
    beside: str = ""
    undecided: bool = False


def read_modes(text: str) -> Inherited:
    """All the modes of a cell, or none where a part of it cannot be read: the mode alone would say less than the list does."""
    match = _CELL.fullmatch(text)
    parts = _BETWEEN.split(match["modes"]) if match else []
    if not match or any(part not in _MODES for part in parts):
        return Inherited(undecided=bool(first_mode(text)))
    plain = not match["adds"] and len(_ALL_ALIKE.split(match["modes"])) == len(parts)
    return Inherited(tuple(_MODES[part] for part in parts), "" if plain else text.replace("_", " "), match["beside"] or "")


def first_mode(text: str) -> str:
    """The mode that a cell begins with: as much as all editions have of it, so that a disease goes by one name in all."""
    match = _FIRST.match(text)
    return match[0] if match else ""
