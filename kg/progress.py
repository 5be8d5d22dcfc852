"""What may take more than a second, shown on a terminal: what is being done, how much of it, how fast, and how long it will take.

Nothing is shown where standard error is no terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, int, int], object]
"""Who is told what is being made, how many of it are made, and how many have to be."""


def silent(what: str, made: int, of: int) -> None:
    """Nobody is told."""


@contextmanager
def spinner(what: str) -> Iterator[None]:
    """For work that comes as a whole."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415

    with Console(stderr=True).status(what):
        yield


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], object]]:
    """For work that comes in parts."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda done: shown.advance(task, done)


@contextmanager
def bars(what: str) -> Iterator[Tell]:
    """For work in several stages, a bar each as they begin, with how many are made a second and how long the rest takes."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, Task, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(""), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        shown.add_task(what, total=None)
        tasks = {}

        def tell(stage: str, made: int, of: int) -> None:
            if of and stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=of)
            if of:
                shown.update(tasks[stage], completed=made)

        yield tell
