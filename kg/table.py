"""Answers and lists as tables: fitted to a terminal, or one line a row where the output is piped.

No word is broken: where a terminal is too narrow for all columns, each row is a block with a line for each of its values.
"""

from __future__ import annotations

import sys

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg.competency import Question
from kg.errors import counted, one_line
from kg.query import Answer


def echo_answer(answer: Answer, format: str | None) -> None:
    """Print an answer; as a table, or Turtle for a graph, where no format is given."""
    chosen = format or ("turtle" if answer.is_graph else "table")
    if chosen != "table":
        sys.stdout.buffer.write(answer.serialize(chosen))
        sys.stdout.buffer.flush()
    elif answer.is_boolean:
        click.echo("yes" if answer else "no")
    else:
        rows = [[answer.show(term) for term in row.values()] for row in answer]
        _print(answer.variables, rows)
        click.echo(counted(len(rows), "row"), err=True)


def echo_questions(questions: dict[str, Question]) -> None:
    """Print the questions by name."""
    _print(["name", "question"], [[each.name, each.title] for each in questions.values()])


def _print(names: list[str], rows: list[list[str]]) -> None:
    rows = [list(map(one_line, row)) for row in rows]
    if not sys.stdout.isatty():
        widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
        for row in [names, *rows]:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        return
    console, table = Console(), Table(box=SIMPLE_HEAD)
    for place, name in enumerate(names):
        table.add_column(name, no_wrap=not any(" " in row[place] for row in rows), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    with console.capture() as caught:
        console.print(table)
    shown = caught.get()
    if {word for row in rows for cell in row for word in cell.split()}.issubset(shown.split()):
        click.echo(shown, nl=False)
    else:
        for row in rows:
            click.echo("".join(f"{name}: {cell}\n" for name, cell in zip(names, row, strict=True) if cell))
