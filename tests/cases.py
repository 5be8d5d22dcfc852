"""Case files: a small dataset in one text, laid over a base dataset, with what is to be reported written where it is.

The text up to the first line ``#--- path`` is ``diseases/case.yaml``; each such line begins another file. A comment
``# expect: rule-name`` at the end of a line says that the rule is to be reported there; a quoted text after the name
must be part of the message. Where no comment can stand, a first line ``#! expect FILE:LINE rule-name`` says so.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

_PART = re.compile(r"^#--- (\S+)$")
_EXPECT = re.compile(r"# expect: (?P<what>.+?)\s*$")
_ELSEWHERE = re.compile(r'^#! expect (?P<file>\S+?):(?P<line>\d+) (?P<rule>[\w-]+)(?: "(?P<text>[^"]+)")?')
_ONE = re.compile(r'(?P<rule>[\w-]+)(?: "(?P<text>[^"]+)")?')


@dataclass(frozen=True, order=True)
class Expected:
    """A problem that a case is to bring up."""

    file: str
    line: int
    rule: str
    text: str = ""


def parts_of(case: Path) -> dict[str, str]:
    """The files of a case by path; in bytes that are not UTF-8 the escape survives."""
    parts: dict[str, list[str]] = {}
    name = "diseases/case.yaml"
    for line in case.read_text(encoding="utf-8", errors="surrogateescape").splitlines(keepends=True):
        match = _PART.match(line.rstrip("\n"))
        if match:
            name = match[1]
        else:
            parts.setdefault(name, []).append(line)
    return {name: "".join(lines) for name, lines in parts.items() if "".join(lines).strip()}


def expected_of(case: Path) -> list[Expected]:
    """What a case is to bring up, by file and line."""
    found = []
    for name, text in parts_of(case).items():
        for number, line in enumerate(text.splitlines(), 1):
            elsewhere = _ELSEWHERE.match(line)
            if elsewhere:
                found.append(Expected(elsewhere["file"], int(elsewhere["line"]), elsewhere["rule"], elsewhere["text"] or ""))
                continue
            match = _EXPECT.search(line)
            for one in _ONE.finditer(match["what"]) if match else ():
                found.append(Expected(name, number, one["rule"], one["text"] or ""))
    return sorted(found)


def lay(case: Path, base: Path, folder: Path) -> Path:
    """A dataset folder with the base and the case in it."""
    shutil.copytree(base, folder, dirs_exist_ok=True)
    for name, text in parts_of(case).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    return folder
