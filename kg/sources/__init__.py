"""Importers: the public files of the rare-disease world, turned into cited facts; one module a source, in one table."""
