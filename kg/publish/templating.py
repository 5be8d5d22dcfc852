"""The templates' surroundings: everything is escaped, nothing undefined passes, and links lead only where they may."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateNotFound

from kg.display import Value, link
from kg.errors import KgError, counted

_HERE: Final = Path(__file__).resolve().parent
ASSETS: Final = _HERE / "assets"
VERSION: Final = 16
"""Digits of its SHA-256 by which a page names a file."""
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_DATE = re.compile(r"(?P<year>\d{4})(-(?P<month>0[1-9]|1[0-2])(-(?P<day>\d{2}))?)?")


def day(date: str) -> str:
    """``2013-08-01`` as ``1 August 2013``, ``2013-08`` as ``August 2013``; what is no date stays as it is."""
    match = _DATE.fullmatch(date)
    if match is None or not match["month"]:
        return date
    month = f"{_MONTHS[int(match['month']) - 1]} {match['year']}"
    return f"{int(match['day'])} {month}" if match["day"] else month


def is_outside(href: str) -> bool:
    """Whether a link leaves the site."""
    return bool(link(href))


def href(target: str, root: str) -> str:
    """A link's address on a page whose way to the top of the site is ``root`` (``./`` or ``../``), which no scheme can hide behind."""
    return target if is_outside(target) else root + target


def size(count: int) -> str:
    """Bytes for people: ``1.4 MB``."""
    if count < 1_000:
        return f"{count} bytes"
    if round(count / 1_000, 1) < 1_000:
        return f"{count / 1_000:.1f} kB"
    return f"{count / 1_000_000:.1f} MB"


def number(count: int) -> str:
    """A count for people: ``21,999``."""
    return f"{count:,}"


def together(values: Iterable[Value]) -> list[tuple[str, list[Value]]]:
    """Values that follow each other with the same note, and the note: what is said of all of them need be said only once."""
    return [(note, list(its)) for note, its in groupby(values, lambda value: value.note)]


def versioned(path: str, body: bytes) -> str:
    """The address of a file with the hash of its bytes: a page names these bytes, whatever a cache has or a later release brings."""
    return f"{path}?v={hashlib.sha256(body).hexdigest()[:VERSION]}"


class _Surroundings(Environment):
    """Is made anew where it is sent to: another process has the same templates."""

    def __reduce__(self) -> tuple[Callable[[], Environment], tuple[()]]:
        return environment, ()


def environment() -> Environment:
    """Jinja with the templates of the package, and the addresses of its assets; the same bytes for the same values.

    A template is compiled once while all are as they were, which takes longer than to fill in a page.
    """
    folder = _HERE / "templates"
    assets = {path.name: versioned(f"assets/{path.name}", path.read_bytes()) for path in ASSETS.iterdir()}
    templates = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*.html")]
    return _environment(tuple(sorted(assets.items())), tuple(sorted(templates)))


@lru_cache(maxsize=1)
def _environment(assets: tuple[tuple[str, str], ...], templates: tuple[tuple[str, bytes], ...]) -> Environment:
    found = _Surroundings(
        loader=DictLoader({name: text.decode() for name, text in templates}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    found.filters |= {"day": day, "href": href, "number": number, "size": size, "together": together}
    found.filters["counted"] = partial(counted, separator=",")
    found.globals["assets"] = dict(assets)
    found.tests["outside"] = is_outside
    return found


def check_viewer(surroundings: Environment, name: str, kind: str) -> None:
    """Raise KgError where the ontology names a viewer that there is not."""
    try:
        surroundings.get_template(f"viewers/{name}.html")
    except TemplateNotFound:
        viewers = [path for path in surroundings.list_templates() if path.startswith("viewers/")]
        known = ", ".join(sorted(path.removeprefix("viewers/").removesuffix(".html") for path in viewers))
        raise KgError(f"ontology: <{kind}> names the viewer {name}, which there is not; take one of {known}") from None
