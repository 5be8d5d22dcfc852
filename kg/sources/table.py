"""The one table of importers: a source is a module of its own and a row here."""

from __future__ import annotations

from typing import Final

from kg.sources.clingen import CLINGEN
from kg.sources.doid import DOID
from kg.sources.gard import GARD
from kg.sources.hpo import HPO
from kg.sources.iuis import IUIS
from kg.sources.maxo import MAXO
from kg.sources.model import Importer
from kg.sources.mondo import MONDO
from kg.sources.orphanet import ORPHANET
from kg.sources.rdf import RDF
from kg.sources.sssom import SSSOM
from kg.sources.tabular import TABLE

_ALL: tuple[Importer, ...] = (
    CLINGEN,
    DOID,
    GARD,
    HPO,
    IUIS,
    MAXO,
    MONDO,
    ORPHANET,
    RDF,
    SSSOM,
    TABLE,
)

IMPORTERS: Final[dict[str, Importer]] = {each.name: each for each in _ALL}
