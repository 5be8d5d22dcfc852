"""The one table of limits on what is read. Foreign bytes are bounded before anything looks at them."""

from __future__ import annotations

from typing import Final

RECORD_BYTES: Final = 1 << 18
"""A record is written by hand; a quarter of a megabyte of YAML is no record."""
RECORD_DEPTH: Final = 16
"""Record, kind, fact, evidence, line, property, list: seven levels are in use."""
JSON_DEPTH: Final = 64
"""Levels of nesting in a JSON-LD file."""
TURTLE_DEPTH: Final = 500
"""Levels of brackets in a module of an ontology or of shapes."""
RDF_BYTES: Final = 1 << 30
"""An RDF file of the data folder."""
RDF_SECONDS: Final = 8
"""What the child that parses RDF files may take, and per 10 MB one second more."""
RDF_SECONDS_PER_BYTE: Final = 1e-7
RDF_MEMORY: Final = 1 << 30
"""Address space of that child, and 20 times the size of the files more."""
RDF_MEMORY_PER_BYTE: Final = 20
QUERY_BYTES: Final = 1 << 16
"""A SPARQL query."""
QUERY_DEPTH: Final = 100
"""Levels of brackets in a query; the engine's parser recurses."""
PROBLEMS_PER_FILE: Final = 100
"""After so many mistakes in one file the rest are not looked for: something is wrong with the whole of it."""
