"""Which disease is meant: the written rule, case by case, whatever the order in which claims come."""

from __future__ import annotations

import random
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.identity import Claims, Identity, decide, vocabulary
from tests.conftest import ROOT

CASES = tomllib.loads((ROOT / "tests/sources/identity.toml").read_text(encoding="utf-8"))["case"]
RANKS = {"MONDO": 1, "ORPHA": 2, "OMIM": 3, "GARD": 4, "DOID": 5}


def _decided(case: dict[str, Any], seed: int) -> Identity:
    mixed = random.Random(seed)  # noqa: S311 (a choice for a test, no secret)

    def shuffled(key: str) -> list[Any]:
        return mixed.sample(case.get(key, []), len(case.get(key, [])))

    claims = Claims(RANKS)
    for one, other in shuffled("exact"):
        claims.match(*mixed.sample([one, other], 2))
    for owner, target in shuffled("pins"):
        claims.pins[target].add(owner)
    for old, new in shuffled("replaced"):
        claims.replaced[old].add(new)
    claims.bans.update(frozenset(pair) for pair in shuffled("bans"))
    claims.curated.update(shuffled("curated"))
    return decide(claims, shuffled("diseases"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_rule(case: dict[str, Any]) -> None:
    """Each case is decided as it says, with the reason for what is not decided, in any order of claims."""
    for seed in range(10):
        found = _decided(case, seed)
        assert dict(found.accessions) == case["same"]
        assert {conflict.accession: conflict.why for conflict in found.conflicts} == case.get("apart", {})


def test_there_are_cases() -> None:
    """The table of cases is read."""
    assert len(CASES) == 11


_ACCESSIONS = st.builds(lambda prefix, number: f"{prefix}_{number}", st.sampled_from([*RANKS, "NANDO"]), st.integers(1, 4))


@given(st.lists(st.tuples(_ACCESSIONS, _ACCESSIONS), max_size=25), st.lists(st.tuples(_ACCESSIONS, _ACCESSIONS), max_size=3))
def test_never_two_of_one_vocabulary(exact: list[tuple[str, str]], replaced: list[tuple[str, str]]) -> None:
    """Whatever is claimed, no two diseases of one vocabulary become one, but for an obsolete one; no accession is of a later vocabulary."""
    case: dict[str, Any] = {"exact": exact, "replaced": replaced, "diseases": sorted({each for pair in exact for each in pair})}
    found = _decided(case, 0)
    assert found == _decided(case, 1)
    obsolete = {old for old, _ in replaced}
    meeting = [(found.of(each), vocabulary(each)) for each in case["diseases"] if each not in obsolete]
    assert len(meeting) == len(set(meeting))
    decided = [(vocabulary(old), vocabulary(final)) for old, final in found.accessions.items() if old not in obsolete]
    assert all(RANKS.get(final, 9) <= RANKS.get(old, 9) for old, final in decided)
