"""How a server is set up, and the options of ``kg serve`` that say so: one for each row of the table of limits, and a few more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.serve.limits import Limits, table

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Watched:
    """The folder that a release was built from, and when that build began, in seconds since 1970."""

    folder: Path
    since: float


@dataclass(frozen=True)
class Settings:
    """Where to listen, with how many workers, under which limits.

    ``proxy`` is whose X-Forwarded-For is believed; ``endpoint`` the address of an engine that answers queries in place of our store.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 4
    proxy: str | None = None
    endpoint: str | None = None
    log: bool = True
    limits: Limits = field(default_factory=Limits)


def settings_of(options: dict[str, Any]) -> Settings:
    """The settings that the options of a command say."""
    names = {each.name for each in fields(Limits)}
    limits = Limits(**{name: value for name, value in options.items() if name in names})
    return Settings(**{name: value for name, value in options.items() if name not in names}, limits=limits)


def server_options(command: Command) -> Command:
    """Give a command the options of a server."""
    for limit in reversed(table(Limits())):
        kind = click.FloatRange(min=0, min_open=True) if isinstance(limit.value, float) else click.IntRange(min=1)
        option = click.option(f"--{limit.name}", default=limit.value, show_default=True, type=kind, help=f"{limit.what} ({limit.unit}).")
        command = option(command)
    for option in (
        click.option("--log/--no-log", default=True, show_default=True, help="Print a line of JSON for each request."),
        click.option("--proxy", metavar="ADDRESS", help="A proxy whose X-Forwarded-For says who the client is."),
        click.option("--endpoint", metavar="URL", help="A SPARQL engine that holds the release (kg load), to answer queries."),
        click.option(
            "--workers", default=4, show_default=True, type=click.IntRange(min=1), help="Processes that answer; half as many in memory."
        ),
        click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 for any that is free."),
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 for all of this machine."),
    ):
        command = option(command)
    return command
