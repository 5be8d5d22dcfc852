"""Where a long row of things is cut into parts, so that a change moves no cut but those beside it.

Once a part is long enough it ends before the next thing whose name says so, wherever that stands: content-defined chunking, as in *A
low-bandwidth network file system* (https://doi.org/10.1145/502034.502052). So what was made of the other parts before can be found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from zlib import crc32

_ONE_OF: Final = 4

Part = tuple[int, int]
"""Where a part of a file begins and ends, in bytes."""


class Named(NamedTuple):
    """A part of a file, with a name that tells what is in it, whatever stands before it."""

    start: int
    end: int
    name: str

    def __str__(self) -> str:
        return self.name


def cut_before(name: bytes) -> bool:
    """Whether a part that is long enough ends before the thing of this name: one of four says so."""
    return crc32(name) % _ONE_OF == 0


def document_of(term: bytes) -> bytes:
    """An IRI, as N-Quads has it, without its fragment; what is no IRI is in no document."""
    return term.partition(b"#")[0].rstrip(b"> ") if term.startswith(b"<") else b""


def parts_of(firsts: Sequence[bytes], starts: Sequence[int], size: int) -> list[Part]:
    """A file of blocks in parts of about so many bytes, none of which ends within a document.

    The blocks begin with the subjects ``firsts``, at ``starts``, which ends with the end of the file.
    """
    ends = [0]
    for (last, first), at in zip(pairwise(firsts), starts[1:], strict=False):
        if at - ends[-1] >= size and (document := document_of(first)) != document_of(last) and cut_before(document):
            ends.append(at)
    return list(pairwise(dict.fromkeys([*ends, starts[-1]])))
