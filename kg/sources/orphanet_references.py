"""What Orphanet's epidemiological records name as their sources, such as ``11389160[PMID]_9689990[PMID]_ [EXPERT]``.

Numbers of PubMed and DOIs are cited where they are marked as such; a number without its mark is not guessed to be one. Registers,
institutes and books have no identifier here: Orphanet is cited for what it read in them, and a note says whom it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kg.sources.model import Note, cited

_LIST: Final = re.compile(r"[&;,]")
"""Separates PMIDs from each other, where it does not stand in the name of a register."""
_MARKED: Final = re.compile(r"(?:PMID(?:\s+reference)?\s*:\s*)?(?P<number>[1-9][0-9]{0,8})\s*\[PMID[\])}`]*", re.IGNORECASE)
"""``11389160[PMID]``, ``314984 [PMID]``, and ``6638075[PMID``, whose last bracket is missing or another."""
_LED: Final = re.compile(r"(?:Source:\s*)?PMID(?:\s+reference)?\s*:\s*(?P<number>[1-9][0-9]{0,8})", re.IGNORECASE)
"""``PMID: 30488656``; after it, bare numbers are PMIDs as well (``PMID: 30488656 ; 31263216``)."""
_BARE: Final = re.compile(r"[1-9][0-9]{0,8}")
_DOI: Final = re.compile(r"DOI:\s*(?:https://doi\.org/)?(?P<doi>10\.[0-9]{4,9}/[^\s_\[\]]+)(?:\[OTHER\]|$)", re.IGNORECASE)
"""Up to its mark or the end; what is cut off at an underscore might be half of one."""
_OWN: Final = frozenset({"ORPHANET", "[EXPERT]", "EXPERT"})
"""Orphanet itself, and experts whom it does not name: the work that is cited anyhow stands for them."""


def evidence(source: str, work: str, locator: str) -> tuple[tuple[Mapping[str, str], ...], tuple[Note, ...]]:
    """Evidence lines for a source as Orphanet writes it, and a note on each of its parts that cannot be cited by an identifier.

    Where Orphanet or an expert is named beside articles, the work has a line of its own, as it has where nothing else is cited.
    """
    articles: list[str] = []
    unnamed: list[str] = []
    own = led = False
    found_dois = [f"DOI:{match['doi'].lower()}" for match in _DOI.finditer(source)]
    for part in _parts(_DOI.sub("", source)):
        marked = _MARKED.fullmatch(part.removeprefix("Source:").strip())
        leads = _LED.fullmatch(part)
        if marked or leads or (led and _BARE.fullmatch(part)):
            articles.append(f"PMID:{marked['number'] if marked else leads['number'] if leads else part}")
        elif part.upper() in _OWN:
            own = True
        else:
            unnamed.append(part)
        led = bool(leads) or (led and _BARE.fullmatch(part) is not None)
    references = [*articles, *found_dois]
    lines = cited(work, locator, references)
    if references and (own or unnamed):
        lines += cited(work, locator)
    return lines, tuple(Note("unnamed-work", part) for part in unnamed)


def _parts(source: str) -> list[str]:
    parts = [each.strip() for each in source.split("_")]
    lists = [_LIST.split(part) if "PMID" in part.upper() else [part] for part in parts]
    return [each.strip() for found in lists for each in found if each.strip()]
