"""Which representation a client gets: RFC 9110, section 12 (https://www.rfc-editor.org/rfc/rfc9110#section-12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ELEMENT: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|$))+')
_PARAMETER: Final = re.compile(rf'\s*;\s*(?:({_WORD})\s*=\s*({_WORD}|"(?:[^"\\]|\\.)*"))?')
_RANGE: Final = re.compile(rf"\s*({_WORD})/({_WORD})")
_CODING: Final = re.compile(rf"\s*({_WORD})")
_QUALITY: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
_IGNORED: Final = ("profile", "charset", "version")
_ANY: Final = "*"
_USUAL: Final = 256
"""Characters of a header up to which the choice is kept, for those that send it again and again."""


@dataclass(frozen=True, slots=True)
class MediaRange:
    """A part of an Accept header: a type and a subtype, either of which may be ``*``, and how much it is wanted (0 to 1)."""

    type: str
    subtype: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """2 where it names the media type, 1 where its type, 0 where it is ``*/*``; -1 where it does not fit."""
        kind, _, sub = media_type.partition("/")
        if (self.type, self.subtype) == (_ANY, _ANY):
            return 0
        if self.type != kind:
            return -1
        return 1 if self.subtype == _ANY else 2 if self.subtype == sub else -1


def media_ranges(accept: str) -> tuple[MediaRange, ...]:
    """The parts of an Accept header; what is malformed is left out.

    A part with a parameter that none of our representations has, such as ``level=1``, fits none of them and is left out as
    well. ``charset``, ``profile`` and ``version`` are passed over: what is asked for is then sent as it is, as JSON-LD 1.1 (section 10)
    wants; the last says which RDF a client knows (https://www.w3.org/TR/rdf12-turtle/#sec-mediaReg).
    """
    found = []
    for element in _ELEMENT.findall(accept):
        match = _RANGE.match(element)
        parameters = None if match is None else _parameters(element[match.end() :])
        if match is None or parameters is None or (match[1] == _ANY and match[2] != _ANY):
            continue
        quality = _quality(parameters)
        if quality is not None and not parameters.keys() - {"q", *_IGNORED}:
            found.append(MediaRange(match[1].lower(), match[2].lower(), quality))
    return tuple(found)


def choose(accept: str | None, offers: Iterable[Sequence[str]]) -> int | None:
    """Which of the offers fits best, by its place; None where none is acceptable.

    An offer is the media types by which it may be asked for. The quality of a media type is that of the most specific range
    that fits it; the first of the best offers is chosen. Without a header, or with one that says nothing, the first is.
    """
    listed = tuple(map(tuple, offers))
    return _again(accept, listed) if len(accept or "") <= _USUAL else _choose(accept, listed)


def _choose(accept: str | None, offers: Sequence[Sequence[str]]) -> int | None:
    ranges = media_ranges(accept) if accept and accept.strip() else (MediaRange(_ANY, _ANY, 1.0),)
    qualities = [max(_wanted(ranges, media_type) for media_type in names) for names in offers]
    best = max(qualities, default=0.0)
    return qualities.index(best) if best > 0 else None


_again = lru_cache(maxsize=4096)(_choose)


def _wanted(ranges: Sequence[MediaRange], media_type: str) -> float:
    fitting = [(each.specificity(media_type), each.quality) for each in ranges]
    return max(((s, q) for s, q in fitting if s >= 0), default=(0, 0.0))[1]


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether a client would rather have gzip than the bytes as they are (RFC 9110, section 12.5.3)."""
    qualities = dict(_codings(accept_encoding or ""))
    gzip = qualities.get("gzip", qualities.get("x-gzip", qualities.get(_ANY, 0.0)))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def _codings(header: str) -> Iterator[tuple[str, float]]:
    for element in _ELEMENT.findall(header):
        match = _CODING.match(element)
        parameters = None if match is None else _parameters(element[match.end() :])
        quality = None if parameters is None else _quality(parameters)
        if match is not None and quality is not None:
            yield match[1].lower(), quality


def _parameters(text: str) -> dict[str, str] | None:
    """The parameters of a media type by name, in lower case; None where they are malformed."""
    found = {}
    at = 0
    while at < len(text.rstrip()):
        match = _PARAMETER.match(text, at)
        if match is None:
            return None
        if match[1]:
            found[match[1].lower()] = match[2].strip('"')
        at = match.end()
    return found


def _quality(parameters: dict[str, str]) -> float | None:
    weight = parameters.get("q", "1")
    return float(weight) if _QUALITY.fullmatch(weight) else None
