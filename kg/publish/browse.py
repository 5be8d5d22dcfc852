"""The index to click through: a page or several for each way to browse, and one for each value that many diseases have.

Every page is bounded, whatever the number of diseases: no page lists more than so many links, and no list stands twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pyoxigraph import NamedNode

from kg.catalogue import Catalogue
from kg.display import Value
from kg.publish.facets import INLINE, Entry, Facet

T = TypeVar("T")
Letters = tuple[tuple[str, str, str], ...]
"""Where each letter begins: the letter, its page, the anchor there."""

ENTRIES_A_PAGE: Final = 300
DISEASES_A_PAGE: Final = 600
FIRST: Final = 10
"""So many values of a way to browse stand on the home page."""
TREE_AT_HOME: Final = 24
TREE_WHOLE: Final = 600


@dataclass(frozen=True, slots=True)
class Branch:
    """A disease in the classification, with what is classified under it, and how many more are."""

    disease: Value
    below: tuple[Branch, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The classification from its tops down, as far as it is shown; ``more`` tops are left out."""

    branches: tuple[Branch, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the index: the entries of a facet, or the diseases of one entry, with the pages before and after it.

    ``near`` has the pages that begin with the same letter, by what they begin with.
    """

    path: str
    facet: Facet
    entry: Entry | None
    number: int
    of: int
    before: str
    after: str
    entries: tuple[Entry, ...]
    diseases: tuple[Value, ...]
    letters: Letters
    near: tuple[tuple[str, str], ...]


def listings(facet: Facet) -> Iterator[Listing]:
    """Every page of a facet."""
    parts = _parts(facet.entries, ENTRIES_A_PAGE)
    paths = [facet_path(facet, number) for number in range(1, len(parts) + 1)]
    letters = _letters(facet, parts, paths)
    firsts = [part[0] for part in parts if part]
    begins = {letter: [number for number, first in enumerate(firsts) if first.letter == letter] for letter, _, _ in letters}

    def near(number: int) -> tuple[tuple[str, str], ...]:
        same = begins[firsts[number].letter]
        return tuple((firsts[each].value.text, paths[each]) for each in same) if len(same) > 1 else ()

    for number, part in enumerate(parts):
        yield Listing(paths[number], facet, None, number + 1, len(parts), *_beside(paths, number), tuple(part), (), letters, near(number))
    for entry in facet.entries:
        if len(entry.diseases) > INLINE:
            shares = _parts(entry.diseases, DISEASES_A_PAGE)
            own = [entry_path(facet.key, entry.slug, number) for number in range(1, len(shares) + 1)]
            for number, share in enumerate(shares):
                yield Listing(own[number], facet, entry, number + 1, len(shares), *_beside(own, number), (), tuple(share), (), ())


def facet_path(facet: Facet, number: int = 1) -> str:
    """The path of a page of a facet."""
    return f"browse/{facet.key}.html" if number == 1 else f"browse/{facet.key}-{number}.html"


def entry_path(key: str, slug: str, number: int = 1) -> str:
    """The path of a page of a value that many diseases have."""
    return f"browse/{key}/{slug}.html" if number == 1 else f"browse/{key}/{slug}--{number}.html"


def _parts(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)] or [items]


def _beside(paths: list[str], at: int) -> tuple[str, str]:
    return paths[at - 1] if at else "", paths[at + 1] if at + 1 < len(paths) else ""


def _letters(facet: Facet, parts: list[Sequence[Entry]], paths: list[str]) -> Letters:
    first: dict[str, tuple[str, str, str]] = {}
    for part, path in zip(parts, paths, strict=True):
        for entry in part:
            first.setdefault(entry.letter, (entry.letter, path, entry.anchor))
    return tuple(first.values())


def foremost(facet: Facet) -> tuple[tuple[Entry, str], ...]:
    """The entries that the home page shows, with where each is listed: those with most diseases; no names, which are too many."""
    if facet.is_text:
        return ()
    numbered = sorted(enumerate(facet.entries), key=lambda each: (-len(each[1].diseases), each[0]))[:FIRST]
    return tuple(
        (entry, f"{facet_path(facet, number // ENTRIES_A_PAGE + 1)}#{entry.anchor}")
        for number, entry in sorted(numbered, key=lambda each: each[0])
    )


def letters(facet: Facet) -> Letters:
    """Where each letter of a facet begins."""
    parts = _parts(facet.entries, ENTRIES_A_PAGE)
    return _letters(facet, parts, [facet_path(facet, number) for number in range(1, len(parts) + 1)])


def tree(catalogue: Catalogue, most: int) -> Tree:
    """The classification, level by level, until so many diseases are shown; of more tops, those with most diseases below them.

    A disease with two parents stands under both; a circle is cut where it closes.
    """
    tops = [disease for disease in catalogue.diseases if not catalogue.digests[disease].parents]
    largest = set(sorted(tops, key=lambda top: -_size(catalogue, top))[:most]) if len(tops) > most else tops
    shown_tops = [top for top in tops if top in largest]
    queue: list[tuple[NamedNode, ...]] = [(top,) for top in shown_tops]
    unfolded: set[tuple[NamedNode, ...]] = set()
    shown = len(queue)
    for path in queue:
        below = _below(catalogue, path)
        if shown + len(below) <= most:
            unfolded.add(path)
            shown += len(below)
            queue.extend((*path, child) for child in below)
    branches = tuple(_branch(catalogue, (top,), unfolded) for top in shown_tops)
    return Tree(branches, len(tops) - len(branches))


def _size(catalogue: Catalogue, top: NamedNode) -> int:
    """How many diseases are below one, at whatever level."""
    reached = {top}
    queue = [top]
    for disease in queue:
        new = set(catalogue.children.get(disease, ())) - reached
        reached |= new
        queue.extend(new)
    return len(reached) - 1


def _below(catalogue: Catalogue, path: tuple[NamedNode, ...]) -> list[NamedNode]:
    return [child for child in catalogue.children.get(path[-1], []) if child not in path]


def _branch(catalogue: Catalogue, path: tuple[NamedNode, ...], unfolded: set[tuple[NamedNode, ...]]) -> Branch:
    below = _below(catalogue, path)
    disease = catalogue.naming.value(path[-1])
    if path not in unfolded:
        return Branch(disease, (), len(below))
    return Branch(disease, tuple(_branch(catalogue, (*path, child), unfolded) for child in below), 0)
