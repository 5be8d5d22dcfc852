"""Where a long row of things is cut into parts, so that a change moves no cut but those beside it.

A part ends before a thing whose name says so, wherever that stands, if it is not very short: content-defined chunking, as in *A
low-bandwidth network file system* (https://doi.org/10.1145/502034.502052). So what was made of the other parts before can be found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from zlib import crc32

_SHORT: Final = 8
"""A part is no shorter than the eighth part of what most are, so that many cuts in a row make no small ones."""

Part = tuple[int, int]
"""Where a part of a file begins and ends, in bytes."""


class Named(NamedTuple):
    """A part of a file, with a name that tells what is in it, whatever stands before it."""

    start: int
    end: int
    name: str

    def __str__(self) -> str:
        return self.name


def cut_before(name: bytes, before: int, much: int, size: int) -> bool:
    """Whether a part of ``much`` bytes ends before the thing of this name, where parts are to have about ``size``.

    It is the more likely, the more bytes the thing has that stands ``before`` it; so what is cut does not depend on where the part began.
    """
    return much * _SHORT >= size and crc32(name) * size < before << 32


def document_of(term: bytes) -> bytes:
    """An IRI, as N-Quads has it, without its fragment; what is no IRI is in no document."""
    return term.partition(b"#")[0].rstrip(b"> ") if term.startswith(b"<") else b""


def parts_of(firsts: Sequence[bytes], starts: Sequence[int], size: int) -> list[Part]:
    """A file of blocks in parts of about so many bytes, none of which ends within a document.

    The blocks begin with the subjects ``firsts``, at ``starts``, which ends with the end of the file.
    """
    ends, begun = [0], 0
    for (last, first), at in zip(pairwise(firsts), starts[1:], strict=False):
        if (document := document_of(first)) != document_of(last):
            if cut_before(document, at - begun, at - ends[-1], size):
                ends.append(at)
            begun = at
    return list(pairwise(dict.fromkeys([*ends, starts[-1]])))
