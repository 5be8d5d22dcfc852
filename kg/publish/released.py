"""A release that is there, opened; nothing of what makes one is needed for that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import KgError

MANIFEST: Final = "manifest.json"
_KEYS: Final = {"name": str, "base": str, "counts": dict, "files": list}
_OF_FILE: Final = {"path", "mediaType", "size", "sha256"}


def _is_manifest(found: object) -> bool:
    """Whether this is what a build writes, as far as whoever opens a release asks for it."""
    if not isinstance(found, dict) or not all(isinstance(found.get(key), kind) for key, kind in _KEYS.items()):
        return False
    return "quads" in found["counts"] and all(isinstance(each, dict) and each.keys() >= _OF_FILE for each in found["files"])


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
            manifest = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            manifest = None
        if not _is_manifest(manifest):
            message = f"{path}: there is no release here ({MANIFEST} is missing or broken); make one with: kg build --out {path}"
            raise KgError(message)
        return cls(Path(path), manifest)

    def dump(self, extension: str) -> Path:
        """The dump of the whole with a file extension, such as ``nq``."""
        return self.path / f"{self.manifest['name']}.{extension}"
