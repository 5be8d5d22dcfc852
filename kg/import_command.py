"""The command ``kg import``: the files of a source into a dataset, and what was not certain on the way.

What is heavy is imported where it is used, so that ``kg --help`` and the other commands do not wait for it.
"""

from __future__ import annotations

from pathlib import Path

import click

from kg.errors import counted
from kg.progress import spinner


@click.command("import")
@click.argument("source", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--data", default="data", type=click.Path(path_type=Path), help="The dataset that they are imported into.")
@click.option("--version", "versions", multiple=True, metavar="[FILES=]VERSION", help="The release of files that do not say it themselves.")
@click.option(
    "--as",
    "called",
    default="",
    show_default=False,
    metavar="NAME",
    help="Stands beside what was imported from the source, such as hpo-2023.",
)
@click.option("--for-checking-only", "private", is_flag=True, help="The source may not be redistributed: its facts never reach a release.")
@click.option("--list", "list_", is_flag=True, help="List the sources, what they need, and where to get it.")
@click.option(
    "--identity",
    is_flag=True,
    help="List the diseases that stay apart since it is not certain which they are, and links whose ends are one disease.",
)
def import_(
    source: str | None,
    files: tuple[Path, ...],
    data: Path,
    versions: tuple[str, ...],
    called: str,
    private: bool,
    list_: bool,
    identity: bool,
) -> None:
    """Import the files of a source into a dataset: a graph of cited facts, and a report of what was lost and why.

    Nothing is fetched. Running it again with the same files gives the same bytes; newer files take the place of older ones, unless --as
    gives the import a name of its own.

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
        done = import_files(source, files, folder, stating, {role: version for role, _, version in pairs}, private, called)
    click.echo(f"{called or source}:")
    for line in done.lines():
        click.echo(f"  {line}")


def _tell_apart(folder: Path) -> None:
    """The diseases that ``kg.identity`` does not decide on, a line each: accession, rule, and those that it might be or competes with.

    Then the links between entries that are one disease here, which no dataset can have, with what says so and where.
    """
    from kg.dataset import read_dataset  # noqa: PLC0415

    with spinner("reading"):
        entered = read_dataset(folder).entered
    conflicts, within = (entered.conflicts, entered.within) if entered else ((), ())
    click.echo("disease\twhy\tothers\tsays\tplace")
    for conflict in conflicts:
        click.echo(f"{conflict.accession}\t{conflict.why}\t{' '.join(conflict.others)}\t\t")
    for each in within:
        place = f"{each.place.path}:{each.place.line}"
        click.echo(f"{each.accession}\tlinked-with-itself\t{' '.join(each.entries)}\t{' '.join(each.works)}\t{place}")
    apart, left_out = counted(len(conflicts), "disease"), counted(len(within), "link")
    click.echo(f"{apart} apart; {left_out} left out, since both ends are one disease here", err=True)
