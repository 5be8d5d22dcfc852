"""The commands that go on until they are ended, ``kg serve`` and ``kg watch``, and ``kg load``; and what commands share.

What is heavy is imported where it is used, so that ``kg --help`` and the other commands do not wait for it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.errors import counted
from kg.progress import bar, bars
from kg.serve.settings import Watched, server_options, settings_of

if TYPE_CHECKING:
    from kg.parallel import Executor
    from kg.publish.released import Release


scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Work on the Dask cluster of this scheduler, such as tcp://10.0.0.1:8786; a build needs storage "
    "for the release that all its workers share, under the same path.",
)


no_cache_option = click.option("--no-cache", is_flag=True, help="Use nothing that was kept of runs before, and keep nothing.")


@contextmanager
def executor_at(scheduler: str | None, out: Path | None = None) -> Iterator[Executor]:
    """Who does the work: this machine, or the cluster of a scheduler, with a folder beside the release at ``out`` for its files."""
    from kg.parallel import HERE  # noqa: PLC0415

    if scheduler is None:
        yield HERE
        return
    from kg.cluster import Cluster  # noqa: PLC0415

    with Cluster(scheduler, out.parent / f".{out.name}.scratch" if out else None) as cluster:
        yield cluster


def built(ctx: click.Context, data: Path, out: Path, scheduler: str | None = None, keep: bool = True, draft: bool = False) -> Release:
    """Build, with what was kept of runs before where that is wanted; where the check fails, print its report and end."""
    from kg.publish.build import NotConformingError  # noqa: PLC0415
    from kg.publish.build import build as run  # noqa: PLC0415
    from kg.recall import recalling  # noqa: PLC0415

    try:
        with bars("building") as tell, executor_at(scheduler, out) as executor, recalling(keep) as recall:
            return run(data, out, executor, tell, recall, draft, lambda line: click.echo(line, err=True))
    except NotConformingError as error:
        click.echo(error.report.render(), nl=False, err=True)
        click.echo(str(error), err=True)
        return ctx.exit(error.report.exit_code())


@click.command()
@click.argument("release", required=False, type=click.Path(path_type=Path))
@server_options
@click.option(
    "--watch",
    is_flag=True,
    help="Build the release from the folder data, and again at each save; open pages follow, and preview what was saved.",
)
@click.pass_context
def serve(ctx: click.Context, /, release: Path | None, watch: bool, **options: Any) -> None:
    """Serve a release: its pages and files with content negotiation, and a SPARQL endpoint.

    Without a release, or with --watch, one is built from the folder data first, at the path release unless one is given. Those that
    --watch builds are drafts.

    \b
    Examples:
      kg serve
      kg serve release --port 8080 --timeout 5
      kg serve release --endpoint http://127.0.0.1:7878/query
    """
    from kg.serve.server import bound  # noqa: PLC0415
    from kg.serve.server import serve as run  # noqa: PLC0415

    path, watched, settings = release or Path("release"), Watched(Path("data"), time.time()), settings_of(options)
    with bound(settings) as listener:  # before a release is put in place for nobody
        if release is None or watch:
            built(ctx, watched.folder, path, draft=watch)
        run(path, settings, listener, lambda line: click.echo(line, err=True), watched if watch else None)


@click.command()
@click.argument("data", default="data", type=click.Path(path_type=Path))
@no_cache_option
def watch(data: Path, no_cache: bool) -> None:
    """Check a dataset (default: data) whenever one of its files is saved.

    What is wrong with a record is said at once; what the change means for all others, and for what follows, once that is known.

    \b
    Example:
      kg watch data
    """
    from kg.recall import recalling  # noqa: PLC0415
    from kg.watch import watch as run  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with recalling(not no_cache) as recall:
        run(data, recall, not no_cache, click.echo)


@click.command()
@click.argument("release", default="release", type=click.Path(path_type=Path))
@click.option("--endpoint", required=True, metavar="URL", help="Where the engine is asked SPARQL queries.")
@click.option("--store", metavar="URL", help="Where it takes graphs; known of Oxigraph and Virtuoso.")
@click.option("--user", metavar="NAME", help="Who may write; the password is taken from the variable KG_PASSWORD.")
def load(release: Path, endpoint: str, store: str | None, user: str | None) -> None:
    """Put the graphs of a release (default: release) into a SPARQL engine, for kg serve --endpoint.

    Graphs that are there as they should be stay, those of an older release go; after an interruption, run it again.

    \b
    Examples:
      kg load release --endpoint http://127.0.0.1:7878/query
      KG_PASSWORD=... kg load release --endpoint http://127.0.0.1:8890/sparql --user dba
    """
    from kg.publish.released import Release  # noqa: PLC0415
    from kg.serve.engine import Engine  # noqa: PLC0415
    from kg.serve.load import load as run  # noqa: PLC0415

    found = Release.open(Release.open(release).path.resolve())
    with bar("loading", found.manifest["counts"]["quads"]) as tick:
        done = run(found, Engine(endpoint), store, user, os.environ.get("KG_PASSWORD", ""), tick)
    graphs = f"{counted(done.sent, 'graph')} sent, {done.kept} were there, {done.removed} removed"
    click.echo(f"{endpoint}: holds {release} ({counted(done.triples, 'triple')}; {graphs})")
