"""Numbers as pages show them: grouped, with their sign, and sizes in the unit that fits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from kg import vocabulary as v
from kg.naming import Naming
from kg.publish.templating import size
from kg.reads import Reads


@pytest.mark.parametrize(
    ("written", "datatype", "shown"),
    [
        ("21999", v.XSD_INTEGER, "21,999"),
        ("-21999", v.XSD_INTEGER, "-21,999"),
        ("1234.50", v.XSD_DECIMAL, "1,234.50"),
        ("-0.5", v.XSD_DECIMAL, "-0.5"),
        ("-1234.5", v.XSD_DECIMAL, "-1,234.5"),
        ("1234", v.XSD_STRING, "1234"),
    ],
)
def test_numbers_are_grouped_and_keep_their_sign(written: str, datatype: NamedNode, shown: str) -> None:
    """A page shows the digits of a number in groups of three, with its sign; a text of digits stays as it is."""
    graph: Any = SimpleNamespace(reads=Reads())  # of which a literal needs nothing
    naming = Naming(graph, graph, "https://example.org/", "en")
    found = naming.value(Literal(written, datatype=datatype))
    assert (found.text, found.word) == (shown, written)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (999_960, "1.0 MB"),
        (1_449_999, "1.4 MB"),
        (4_100_000_000, "4100.0 MB"),
    ],
)
def test_a_size_is_shown_in_the_unit_that_fits_it_rounded(count: int, shown: str) -> None:
    """No size is shown as a thousand of a unit that has a larger one."""
    assert size(count) == shown
