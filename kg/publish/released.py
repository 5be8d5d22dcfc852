"""A release that is there, opened; nothing of what makes one is needed for that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import KgError

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Release:
    """A release on disk: its folder, and what its manifest says."""

    path: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, path: Path | str) -> Release:
        """The release at a path. Raises KgError where there is none."""
        file = Path(path) / MANIFEST
        try:
            return cls(Path(path), json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            message = f"{path}: there is no release here ({MANIFEST} is missing or broken); make one with: kg build --out {path}"
            raise KgError(message) from None

    def dump(self, extension: str) -> Path:
        """The dump of the whole with a file extension, such as ``nq``."""
        return self.path / f"{self.manifest['name']}.{extension}"
