"""The one table of importers: a source is a module of its own and a row here."""

from __future__ import annotations

from typing import Final

from kg.sources.hpo import HPO
from kg.sources.model import Importer

_ALL: tuple[Importer, ...] = (HPO,)

IMPORTERS: Final[dict[str, Importer]] = {each.name: each for each in _ALL}
