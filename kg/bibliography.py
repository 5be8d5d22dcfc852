"""References in the forms that reference managers read: BibTeX, RIS and plain text, an entry each.

Values are texts as they are; what a form needs escaped is escaped here. Entries are joined by one empty line, and there is
none inside of an entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_REPEATED: Final = 1_000
"""So many texts are at hand as they are written: most are those of works that many facts rest on, and are asked for by each form."""
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Unicode's category Cc."""
_LATEX: Final = str.maketrans(
    {
        "\\": "{\\textbackslash}",
        "{": "{\\textbraceleft}",  # not \{: BibTeX counts braces, whatever stands before them
        "}": "{\\textbraceright}",
        "~": "{\\textasciitilde}",
        "^": "{\\textasciicircum}",
        "<": "{\\textless}",
        ">": "{\\textgreater}",
        "|": "{\\textbar}",
        **{special: f"\\{special}" for special in "$&#_%"},
    }
)


@dataclass(frozen=True, slots=True)
class Work:
    """A work that a fact rests on, or that disputes it: in words, and where it is."""

    text: str
    address: str
    disputes: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A fact as a part of its dataset, to be cited; ``day`` is an ISO 8601 date."""

    iri: str
    key: str
    title: str
    author: str
    day: str
    dataset: str
    version: str
    works: tuple[Work, ...]

    @property
    def container(self) -> str:
        """The dataset with its version."""
        return f"{self.dataset}, version {self.version}" if self.version else self.dataset


def entries(written: Iterable[str]) -> bytes:
    """Entries with one empty line between them, in UTF-8."""
    return "\n".join(written).encode()


def bibtex(reference: Reference) -> str:
    """An entry of BibTeX's type ``misc``, which every style knows (https://ctan.org/pkg/bibtex, btxdoc).

    Titles and names are in braces of their own, since they are not to be taken apart or put in lower case; ``url`` is verbatim.
    """
    fields = {
        "author": f"{{{latex(reference.author)}}}",
        "title": f"{{{latex(reference.title)}}}",
        "howpublished": latex(reference.container),
        "publisher": f"{{{latex(reference.author)}}}",
        "year": reference.day[:4],
        "date": reference.day,
        "version": latex(reference.version),
        "url": reference.iri,
        "note": " ".join(f"{_rests(work)}: {latex(work.text)}, \\url{{{_verbatim(work.address)}}}." for work in reference.works),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "".join(f"{line}\n" for line in [f"@misc{{{reference.key},", *lines, "}"])


def ris(reference: Reference) -> str:
    """An entry of RIS: a tag a line, ``TY`` first, ``ER`` last (https://en.wikipedia.org/wiki/RIS_(file_format))."""
    tags = [
        ("TY", "DATA"),
        ("ID", reference.key),
        ("AU", one_line(reference.author)),
        ("TI", one_line(reference.title)),
        ("T2", one_line(reference.dataset)),
        ("ET", one_line(reference.version)),
        ("PB", one_line(reference.author)),
        ("PY", reference.day[:4]),
        ("DA", reference.day.replace("-", "/")),
        ("UR", reference.iri),
        *(("N1", f"{_rests(work)}: {one_line(work.text)}, {work.address}") for work in reference.works),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in tags if value) + "ER  - \n"


def plain(reference: Reference) -> str:
    """A reference for people: who, what, where, and a line for each work."""
    head = f"{one_line(reference.author)} ({reference.day[:4]}). {one_line(reference.title)}. {one_line(reference.container)}."
    works = [f"{_rests(work)}: {one_line(work.text)}, {work.address}" for work in reference.works]
    return "".join(f"{line}\n" for line in [head, reference.iri, *works])


@lru_cache(maxsize=_REPEATED)
def one_line(text: str) -> str:
    """A text without line breaks or controls, its blanks single."""
    return " ".join(_CONTROLS.sub(" ", text).split())


@lru_cache(maxsize=_REPEATED)
def latex(text: str) -> str:
    """A text as LaTeX shows it: what is special there is written so that it shows itself; the braces are balanced."""
    return one_line(text).translate(_LATEX)


def key(text: str) -> str:
    """A text as the key of an entry, where only some characters may stand; different texts have different keys."""
    return re.sub(r"[^A-Za-z0-9_:./-]", lambda match: f"+{ord(match[0]):x}+", text)


def _rests(work: Work) -> str:
    return "Disputed by" if work.disputes else "Resting on"


def _verbatim(address: str) -> str:
    return address.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
