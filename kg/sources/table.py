"""The one table of importers: a source is a module of its own and a row here."""

from __future__ import annotations

from typing import Final

from kg.sources.doid import DOID
from kg.sources.iuis import IUIS
from kg.sources.maxo import MAXO
from kg.sources.model import Importer
from kg.sources.mondo import MONDO
from kg.sources.sssom import SSSOM

_ALL: tuple[Importer, ...] = (DOID, IUIS, MAXO, MONDO, SSSOM)

IMPORTERS: Final[dict[str, Importer]] = {each.name: each for each in _ALL}
