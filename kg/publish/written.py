"""The files of a release that there are already, for what describes them, links to them or is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kg.publish.before import Notes
from kg.publish.file import File
from kg.publish.traces import Traces
from kg.reads import Noted, Reads


@dataclass
class Written:
    """The files that there are already, in the order in which they were made, the folder that they are in, and what they are made of."""

    files: list[File] = field(default_factory=list)
    folder: Path = Path("nowhere")
    traces: Traces = field(default_factory=lambda: Traces(Reads(), Path("nowhere"), Notes()))

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """The hash of each file that there is before the first page, by path; what of it is looked at is noted."""
        return Noted(self.traces.reads, "files", {file.path: file.sha256 for file in self.files})
