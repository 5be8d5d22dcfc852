"""The terms of HPO whose standing an annotation file takes for granted: modes of inheritance, and what is no phenotype.

All are taken from files: the modes from ``shapes/inheritance.ttl``, the classes of frequency with their labels from HPO's labels of
2026-06, and what stands below "Mode of inheritance", "Clinical modifier" and "Past medical history" from ``hp.obo`` of 2025-01-16, as far
as the annotations of that day or those of mid 2023 use it.
"""

from __future__ import annotations

from typing import Final


def _curies(numbers: str) -> frozenset[str]:
    return frozenset(f"HP:{number}" for number in numbers.split())


MODES: Final = _curies(
    """0000006 0000007 0001417 0001419 0001423 0001426 0001427 0001450 0010982 0010983 0010984 0012274 0012275 0032113 0034339 0034340
    0034341 0034345"""
)
"""Modes of inheritance: what the shape of the kind takes."""

INHERITED_OTHERWISE: Final = _curies(
    """0000005 0001428 0001442 0001466 0001470 0001475 0003743 0003744 0003745 0003829 0003831 0025352 0032382 0032383 0032384 0034335
    0034338 0034343 0034344 0034857 0034950 4000158 4000159 4000160"""
)
"""What else stands below "Mode of inheritance" (HP:0001428 did, before it became obsolete): penetrance, anticipation and the like."""

ONSETS: Final = _curies(
    """0003577 0003581 0003584 0003593 0003596 0003621 0003623 0011460 0011461 0011462 0011463 0025708 0025709 0025710 0030674 0034197
    0034198 0034199 0410280"""
)
"""Ages at which a disease begins: the terms of HPO that the shape of the kind takes."""

NO_PHENOTYPE: Final = _curies(
    """0001522 0002686 0003577 0003581 0003584 0003587 0003593 0003596 0003621 0003623 0003676 0003677 0003678 0003680 0003811 0003819
    0003826 0003828 0005268 0008071 0008072 0008073 0009800 0011421 0011432 0011433 0011434 0011437 0011438 0011461 0011462 0011463
    0012188 0025282 0025303 0025315 0025708 0025709 0025710 0030244 0030674 0031437 0031456 0031796 0032468 0032500 0032542 0033349
    0033764 0034197 0034198 0034199 0034241 0100601 0100602 0100603 0100613 0200067 0410280"""
)
"""Onset, course, death, modifiers and past history, which tell of the disease, or of how a feature is, and are no feature of a patient."""

EXCLUDED: Final = "HP:0040285"
FREQUENCIES: Final = {
    "Obligate": "HP:0040280",
    "Very frequent": "HP:0040281",
    "Frequent": "HP:0040282",
    "Occasional": "HP:0040283",
    "Very rare": "HP:0040284",
    "Excluded": EXCLUDED,
}
"""The classes of frequency by their labels."""

MODIFIERS: Final = {
    "HP:0003676": "Progressive",
    "HP:0003680": "Nonprogressive",
    "HP:0012825": "Mild",
    "HP:0012826": "Moderate",
    "HP:0012827": "Borderline",
    "HP:0012828": "Severe",
    "HP:0012829": "Profound",
    "HP:0012832": "Bilateral",
    "HP:0012833": "Unilateral",
    "HP:0012834": "Right",
    "HP:0012835": "Left",
    "HP:0025303": "Episodic",
    "HP:0031796": "Recurrent",
}
"""What features are modified by most often, with their labels: a remark says it, and names others by their identifier alone."""
