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
JSON_BYTES: Final = 1 << 23
"""A JSON-LD file; it is read twice, and takes thirty times its size as Python objects."""
RDF_BYTES: Final = 1 << 26
"""Any other RDF file of the data folder."""
RDF_SECONDS: Final = 7
"""What the children that parse RDF files may take by the clock, all together, and per 20 MB one second more."""
RDF_FILE_SECONDS: Final = 3
"""What one of the files may take of a processor, and per 20 MB one second more."""
RDF_SECONDS_PER_BYTE: Final = 5e-8
RDF_MEMORY: Final = 900_000_000
"""Address space of a child, in bytes."""
QUERY_BYTES: Final = 1 << 16
"""A SPARQL query."""
QUERY_DEPTH: Final = 100
"""Levels of brackets in a query; the engine's parser recurses."""
QUERY_STEPS: Final = 200
"""Triple patterns and steps of paths in a query that a stranger asks; the engine plans a path of 1,000 steps for half a minute."""
PROBLEMS_PER_FILE: Final = 100
"""After so many mistakes in one file the rest are not looked for: something is wrong with the whole of it."""
SOURCE_BYTES: Final = 1 << 32
"""A file that is imported, decompressed."""
SOURCE_LINE: Final = 1 << 20
"""A line of it; the longest definitions have some thousand letters."""
SOURCE_MEMBERS: Final = 200_000
"""Files in an archive; Orphanet's has ten thousand."""
SOURCE_MEMBER_BYTES: Final = 1 << 24
"""A file in an archive."""
SOURCE_FRAME_BYTES: Final = 1 << 20
"""A frame of an OBO file; its parser takes a hundred times as much."""
SHEET_BYTES: Final = 1 << 27
"""An Excel workbook, unpacked: its texts are kept in memory, since its cells point at them."""
SHEET_PARTS: Final = 2_000
"""Files in a workbook, which is a ZIP archive."""
SHEET_ROWS: Final = 1 << 20
"""Rows of a sheet; Excel itself has no more."""
SHEET_CELLS: Final = 1 << 24
"""Cells of a sheet, with the empty ones before those that are written: rows with one cell at the far right have sixteen thousand each."""
CONSTRUCT_SECONDS: Final = 60
"""What a query may take of a processor to make facts of foreign RDF."""
CONSTRUCT_MEMORY: Final = 3 << 30
"""Address space of the child that asks it, in bytes."""
CONSTRUCT_TRIPLES: Final = 1_000_000
"""What it may make: some 200,000 facts."""
MEMORY_STATEMENTS: Final = 8_000_000
"""Statements of imports that are judged in memory; more are on disk."""
STATEMENT_BYTES: Final = 500
"""What one of them takes there, with what follows from it: 3.2 GB of 6.3 million."""
