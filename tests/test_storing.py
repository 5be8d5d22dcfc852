"""Where statements are while they are judged: in memory up to a limit, on disk beyond it, with the same results."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import limits, storing

GIB = 1 << 30


@pytest.mark.parametrize(
    ("statements", "memory", "in_memory"),
    [
        (limits.MEMORY_STATEMENTS, 24 * GIB, True),
        (limits.MEMORY_STATEMENTS + 1, 24 * GIB, False),
        (1_000_000, 1_000_000_000, True),
        (1_000_001, 1_000_000_000, False),
        (0, 0, True),
    ],
    ids=["as many as the limit", "one more", "half of the memory", "more than half", "none"],
)
def test_fits(statements: int, memory: int, in_memory: bool) -> None:
    """In memory are no more statements than the limit, and no more than half of the machine's memory holds."""
    assert storing.fits(statements, memory) is in_memory


@pytest.mark.parametrize("limit", [10, 9])
def test_store_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """A store on disk is a folder, one in memory leaves no trace."""
    monkeypatch.setattr(limits, "MEMORY_STATEMENTS", limit)
    assert len(storing.store_for(10, tmp_path)) == 0
    assert [path.name for path in tmp_path.iterdir()] == ([] if limit == 10 else ["store"])
