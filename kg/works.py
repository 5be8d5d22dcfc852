"""The works that one page cites, numbered in order of first citation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.display import Fact, Line, Reference, Row
from kg.fields import Field
from kg.naming import Naming

Rows = Callable[[NamedNode, Iterable[Field]], tuple[Row, ...]]
"""The rows that fields make of a node."""


def evidence_lines(naming: Naming, fact: NamedNode) -> list[NamedNode]:
    """The evidence lines of a fact, those that support it first."""
    found = [o for o in naming.objects(fact, v.EVIDENCE) if isinstance(o, NamedNode)]
    return sorted(found, key=lambda line: (v.DISPUTES in naming.objects(line, v.DIRECTION), line.value))


class Works:
    """The works that one page cites, numbered as they come."""

    def __init__(self, naming: Naming, line_fields: Iterable[Field], work_fields: Iterable[Field], rows: Rows) -> None:
        self._naming, self._line_fields, self._work_fields, self._rows = naming, line_fields, work_fields, rows
        self._numbers: dict[NamedNode, int] = {}
        self._cited: dict[NamedNode, int] = {}
        self._read_in: dict[int, set[int]] = {}

    def cited(self, fact: Fact) -> Fact:
        """The fact with its evidence, each line under the number of its work; the works that say it come before those that report them."""
        nodes = evidence_lines(self._naming, NamedNode(fact.iri))
        numbers = [self._number(node, v.SOURCE) for node in nodes]
        return replace(fact, lines=tuple(self._line(node, number) for node, number in zip(nodes, numbers, strict=True)))

    def _number(self, line: NamedNode, predicate: NamedNode) -> int:
        works = [o for o in self._naming.objects(line, predicate) if isinstance(o, NamedNode)]
        for work in works[:1]:
            self._cited[work] = self._cited.get(work, 0) + 1
            return self._numbers.setdefault(work, len(self._numbers) + 1)
        return 0

    def _line(self, node: NamedNode, number: int) -> Line:
        said = self._naming.objects
        via = self._number(node, v.VIA)
        self._read_in.setdefault(number, set()).add(via)
        shown = [f for f in self._line_fields if f.iri not in (v.SOURCE, v.VIA, v.DIRECTION, v.LOCATOR)]
        return Line(
            anchor=node.value.partition("#")[2],
            number=number,
            via=via,
            disputes=v.DISPUTES in said(node, v.DIRECTION),
            locator=", ".join(self._naming.value(each).text for each in said(node, v.LOCATOR)),
            rows=self._rows(node, shown),
        )

    def references(self) -> tuple[Reference, ...]:
        """The reference list."""
        return tuple(self._reference(work, number) for work, number in self._numbers.items())

    def _reference(self, work: NamedNode, number: int) -> Reference:
        rows, path, cited = self._rows(work, self._work_fields), self._naming.href(work), self._cited[work]
        read_in = sorted(self._read_in.get(number, {0}))  # 0 stands for the work itself
        return Reference(number, work.value, path, f":ref-{number}", rows, cited, () if 0 in read_in else tuple(read_in))
