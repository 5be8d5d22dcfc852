"""What a worker of a cluster does with what it is sent (``kg.cluster``)."""

from __future__ import annotations

import hashlib
import pickle
import platform
import threading
import zlib
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from kg.errors import KgError

_LIBRARIES: Final = ("distributed", "jinja2", "markupsafe", "pyoxigraph", "pyshacl", "rdflib")
_ONE: Final = threading.Lock()
"""A process works at one thing at a time, however many threads it has."""


@cache
def about() -> dict[str, str]:
    """What has to be the same for the same bytes: the code of kg, Python, and the libraries that write."""
    here = Path(__file__).resolve().parent
    code = hashlib.sha256()
    for path in sorted({*here.rglob("*.py"), *(path for path in (here / "publish").rglob("*.*") if "__pycache__" not in path.parts)}):
        code.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    python = ".".join(platform.python_version_tuple()[:2])
    libraries = {name: version(name) for name in _LIBRARIES}
    return {
        "kg": code.hexdigest()[:16],
        "rarefacts": version("rarefacts"),
        "python": python,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **libraries,
    }


def differs(wanted: dict[str, str]) -> str:
    """What a worker has to be told where it is not what the one that asks is; nothing where it is."""
    found = about()
    other = [f"{name} {found.get(name)} where {wanted[name]} is wanted" for name in wanted if found.get(name) != wanted[name]]
    return f"this worker would make other bytes: it has {', '.join(other)}; install the same on all machines" if other else ""


def made(wanted: dict[str, str], sent: bytes | Path, batch: Sequence[Any]) -> list[Any]:
    """What work makes of a batch; ``sent`` is the work, or the file that it is in."""
    with _ONE:
        if other := differs(wanted):
            raise KgError(f"{_me()}: {other}")
        return list(map(work_of(sent), batch))


@lru_cache(maxsize=1)
def work_of(sent: bytes | Path) -> Callable[[Any], Any]:
    """The work, which a process keeps until it gets other work."""
    try:
        body = sent if isinstance(sent, bytes) else sent.read_bytes()
    except OSError as error:
        raise KgError(
            f"{_me()}: this worker cannot read {sent!s} ({error.strerror}); all workers need the folder of the release in storage that "
            "they share, under the same path and for the same user"
        ) from None
    work: Callable[[Any], Any] = pickle.loads(body)  # noqa: S301 (all that comes from a scheduler is pickled)
    return work


def _me() -> str:
    from distributed import get_worker  # noqa: PLC0415

    return str(get_worker().address)
