"""Phrases on the immunoglobulins in the blood that name no isotype, read into HPO's terms for immunoglobulins as such: "Very low".

Such a phrase is no finding of an isotype, since nothing tells which were measured. That some immunoglobulin is decreased, or increased, is
certain all the same, and these terms say no more. "Normal" is left: to deny that any is abnormal would speak of isotypes that may not have
been measured, such as IgE. So is what allows several levels, of which no term is true for certain.
"""

from __future__ import annotations

import re
from typing import Final

_DEGREE: Final = r"(?:(?:slightly|mildly|markedly|severely|very) )?"
_TERMS: Final = (
    (re.compile(rf"{_DEGREE}(?:low|decreased|reduced)|absent|undetectable"), "HP:0004313"),  # what is absent is low as well
    (re.compile(rf"{_DEGREE}(?:high|elevated|increased|raised)"), "HP:0010702"),
    (re.compile(r"agammaglobulina?emia"), "HP:0004432"),
    (re.compile(r"pan-?hypogammaglobulina?emia"), "HP:0003139"),
)
"""Whole phrases, in small letters, and the term whose label says the same (HPO, 2026-06)."""


def read_overall(text: str) -> str:
    """The HPO term of a phrase without an isotype; empty where none is certain."""
    phrase = text.strip().removesuffix(".").rstrip().lower()
    return next((term for pattern, term in _TERMS if pattern.fullmatch(phrase)), "")
