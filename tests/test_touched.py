"""What a change touches of that which is asked part by part: for cases; what is made up is in ``test_locality``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, Store

from kg import touched as touching
from kg.needs import Needs
from kg.touched import differing, touched
from tests.test_locality import full

CASES = tomllib.loads((Path(__file__).parent / "touched.toml").read_text(encoding="utf-8"))["case"]


def _quads(lines: list[str]) -> set[Quad]:
    return {Quad(*(NamedNode(full(name)) for name in (*line.split(" "), "ex:g")[:4])) for line in lines}


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_what_a_change_touches(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes that something else may be said of are told by what came and went, and by what queries need."""
    monkeypatch.setattr(touching, "MANY", 4)
    near, everywhere, classes = ({full(each) for each in case.get(name, ())} for name in ("near", "everywhere", "classes"))
    needs = Needs(near, everywhere, classes)
    gone, new = _quads(case.get("gone", [])), _quads(case.get("new", []))
    store = Store()
    store.extend(_quads(case.get("kept", [])) | new)
    found = touched(differing(gone | new, store), store, needs)
    assert found == ({NamedNode(full(each)) for each in case["touched"]} if "touched" in case else None)
