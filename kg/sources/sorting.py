"""Lines of text in order, however many: sorted pieces in a temporary folder, merged as they are read."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from kg import limits


def in_order(texts: Iterable[str], piece: int = limits.SORT_LETTERS) -> Iterator[str]:
    """The lines sorted by code point, those that are equal each as often as given; memory holds about ``piece`` letters of them.

    A line has no line break in it.
    """
    with tempfile.TemporaryDirectory(prefix="kg-sort-") as folder, ExitStack() as files:
        held: list[str] = []
        letters = count = 0

        def put_away() -> Path:
            path = Path(folder) / f"{count}"
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{text}\n" for text in held)
            return path

        pieces: list[Path] = []
        for text in texts:
            held.append(text)
            letters += len(text)
            if letters >= piece:
                held.sort()
                pieces.append(put_away())
                held, letters, count = [], 0, count + 1
        held.sort()
        opened = [files.enter_context(path.open(encoding="utf-8", newline="\n")) for path in pieces]
        yield from heapq.merge(*(map(_without_end, file) for file in opened), held)


def _without_end(text: str) -> str:
    return text[:-1]
