"""The commands about serving: ``kg serve`` and ``kg load``, and what they share with the others.

What is heavy is imported where it is used, so that ``kg --help`` and the other commands do not wait for it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.progress import bar, bars, spinner
from kg.serve.settings import server_options, settings_of

if TYPE_CHECKING:
    from kg.publish.release import Release


def built(ctx: click.Context, data: Path, out: Path) -> Release:
    """Build; where the check fails, print its report and end."""
    from kg.publish.build import NotConformingError  # noqa: PLC0415
    from kg.publish.build import build as run  # noqa: PLC0415

    try:
        with bars("building") as tell:
            return run(data, out, tell)
    except NotConformingError as error:
        click.echo(error.report.render(), nl=False, err=True)
        click.echo(str(error), err=True)
        return ctx.exit(error.report.exit_code())


@click.command()
@click.argument("release", required=False, type=click.Path(path_type=Path))
@server_options
@click.pass_context
def serve(ctx: click.Context, /, release: Path | None, **options: Any) -> None:
    """Serve a release: its pages and files with content negotiation, and a SPARQL endpoint.

    Without a release, one is built from the folder data first.

    \b
    Examples:
      kg serve
      kg serve release --port 8080 --timeout 5
      kg serve release --endpoint http://127.0.0.1:7878/query
    """
    from kg.serve.server import serve as run  # noqa: PLC0415

    path = release or Path("release")
    if release is None:
        built(ctx, Path("data"), path)
    run(path, settings_of(options), lambda line: click.echo(line, err=True))


@click.command("import")
@click.argument("source", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--data", default="data", type=click.Path(path_type=Path), help="The dataset that they are imported into.")
@click.option("--version", "versions", multiple=True, metavar="[FILES=]VERSION", help="The release of files that do not say it themselves.")
@click.option("--for-checking-only", "private", is_flag=True, help="The source may not be redistributed: its facts never reach a release.")
@click.option("--list", "list_", is_flag=True, help="List the sources, what they need, and where to get it.")
@click.option("--identity", is_flag=True, help="List the diseases of the imports that stay apart since it is not certain which they are.")
def import_(
    source: str | None, files: tuple[Path, ...], data: Path, versions: tuple[str, ...], private: bool, list_: bool, identity: bool
) -> None:
    """Import the files of a source into a dataset: a graph of cited facts, and a report of what was lost and why.

    Nothing is fetched. Running it again with the same files gives the same bytes; newer files take the place of older ones.

    \b
    Examples:
      kg import --list
      kg import maxo maxo-annotations.tsv maxo-base.obo --version annotations=2026-08
      kg import --identity > apart.tsv
    """
    from kg.head import dataset_head  # noqa: PLC0415
    from kg.layout import dataset_folder, ontology_folders  # noqa: PLC0415
    from kg.ontology import Ontology  # noqa: PLC0415
    from kg.sources.importing import import_files, importer_of  # noqa: PLC0415
    from kg.sources.statements import Stating  # noqa: PLC0415
    from kg.sources.table import IMPORTERS  # noqa: PLC0415
    from kg.sources.works import takes  # noqa: PLC0415

    if list_:
        for importer in IMPORTERS.values():
            click.echo(f"{importer.name}: {importer.title}\n  files: {takes(importer)}")
            for role in (each for each in importer.roles if each.page):
                click.echo(f"  {role.name}: {role.publisher}, {role.license}, from {role.page}")
        return
    if identity:
        _tell_apart(dataset_folder(data))
        return
    if source is None or not files:
        raise click.UsageError("name a source and its files; kg import --list tells which there are")
    importer_of(source)
    folder = dataset_folder(data)
    pairs = (version.rpartition("=") for version in versions)
    stating = Stating(Ontology.load(ontology_folders(folder)), *dataset_head(folder))
    with spinner("importing"):
        done = import_files(source, files, folder, stating, {role: version for role, _, version in pairs}, private)
    click.echo(f"{source}:")
    for line in done.lines():
        click.echo(f"  {line}")


def _tell_apart(folder: Path) -> None:
    """The diseases that ``kg.identity`` does not decide on, a line each: accession, rule, and those that it might be or competes with."""
    from kg.dataset import read_dataset  # noqa: PLC0415

    with spinner("reading"):
        entered = read_dataset(folder).entered
    click.echo("disease\twhy\tothers")
    for conflict in entered.conflicts if entered else ():
        click.echo(f"{conflict.accession}\t{conflict.why}\t{' '.join(conflict.others)}")


@click.command()
@click.argument("release", default="release", type=click.Path(path_type=Path))
@click.option("--endpoint", required=True, metavar="URL", help="Where the engine is asked SPARQL queries.")
@click.option("--store", metavar="URL", help="Where it takes graphs; known of Oxigraph and Virtuoso.")
@click.option("--user", metavar="NAME", help="Who may write; the password is taken from the variable KG_PASSWORD.")
def load(release: Path, endpoint: str, store: str | None, user: str | None) -> None:
    """Put the graphs of a release into a SPARQL engine, for kg serve --endpoint.

    Graphs that are there as they should be stay, those of an older release go; after an interruption, run it again.

    \b
    Examples:
      kg load release --endpoint http://127.0.0.1:7878/query
      KG_PASSWORD=... kg load release --endpoint http://127.0.0.1:8890/sparql --user dba
    """
    from kg.publish.release import Release  # noqa: PLC0415
    from kg.serve.engine import Engine  # noqa: PLC0415
    from kg.serve.load import load as run  # noqa: PLC0415

    found = Release.open(Release.open(release).path.resolve())
    with bar("loading", found.manifest["counts"]["quads"]) as tick:
        done = run(found, Engine(endpoint), store, user, os.environ.get("KG_PASSWORD", ""), tick)
    graphs = f"{done.sent} graphs sent, {done.kept} were there, {done.removed} removed"
    click.echo(f"{endpoint}: holds {release} ({done.triples} triples; {graphs})")
