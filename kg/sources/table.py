"""The one table of importers: a source is a module of its own and a row here."""

from __future__ import annotations

from typing import Final

from kg.sources.hpo import HPO
from kg.sources.model import Importer
from kg.sources.rdf import RDF
from kg.sources.tabular import TABLE

_ALL: tuple[Importer, ...] = (HPO, RDF, TABLE)

IMPORTERS: Final[dict[str, Importer]] = {each.name: each for each in _ALL}
