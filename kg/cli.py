"""The command line: a sub-command per verb, each of which calls one function and prints what it gives.

Heavy libraries are imported where they are used, so that ``kg --help`` stays quick.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Final

import click

from kg.commands import built, executor_at, load, no_cache_option, scheduler_option, serve, watch
from kg.errors import KgError, UnreadableError, counted
from kg.import_command import import_
from kg.progress import spinner

_NO_READER: Final = 128 + signal.SIGPIPE
"""The exit code that a shell tells of a command which wrote where nobody reads any more."""


class _Group(click.Group):
    """Turns mistakes of the user's into a message and exit code 2, without a traceback, and ends in silence where nobody reads on."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UnreadableError as error:
            click.echo(str(error), err=True)
        except KgError as error:
            click.echo(f"kg: {error}", err=True)
        except BrokenPipeError:  # as of kg query ... | head: who read the output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python still has to write at its end
            return ctx.exit(_NO_READER)
        return ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(package_name="rarefacts", prog_name="kg")
def main() -> None:
    """Rare-disease facts as linked data: each with its citation, judged by shapes, published as RDF.

    \b
    Example:
      kg check data && kg build data --out release && kg query treatment-for-whom
    """


@main.command()
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "sarif", "turtle"]), default="text", help="How problems are written."
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@no_cache_option
@click.option(
    "--explain", is_flag=True, help="Say, on standard error, which shapes are judged over the whole graph, how a large dataset is, and why."
)
@scheduler_option
@click.pass_context
def check(
    ctx: click.Context, data: tuple[Path, ...], format_: str, strict: bool, no_cache: bool, explain: bool, scheduler: str | None
) -> None:
    """Check a dataset folder (default: data), or single records of one.

    Exit code 0: it conforms. 1: it breaks a rule. 2: something cannot be read.

    \b
    Examples:
      kg check
      kg check data/diseases/hyper-igm-syndrome-type-1.yaml
      kg check data --format sarif > kg.sarif
    """
    from kg.gate import check as run  # noqa: PLC0415
    from kg.recall import recalling  # noqa: PLC0415

    if explain:
        from kg.layout import dataset_folder  # noqa: PLC0415
        from kg.partwise import explain as lines  # noqa: PLC0415 (brings rdflib, which kg --help does not wait for)

        for line in lines(dataset_folder((data or (Path("data"),))[0])):
            click.echo(line, err=True)
    with spinner("checking"), executor_at(scheduler) as executor, recalling(not no_cache) as recall:
        report = run(*(data or (Path("data"),)), executor=executor, recall=recall)
    if report.verdict and report.verdict.whole:
        click.echo(f"note: this large dataset was judged as a whole, which takes memory in proportion: {report.verdict.whole}", err=True)
    click.echo(report.render(format_), nl=False)
    if format_ == "text":
        click.echo(report.summary, err=bool(report.problems) and not sys.stdout.isatty())
    ctx.exit(report.exit_code(strict=strict))


@main.command()
@click.argument("data", default="data", type=click.Path(path_type=Path))
@click.option("--out", default="release", type=click.Path(path_type=Path), help="Where the release is put (a link that kg makes).")
@click.option("--draft", is_flag=True, help="It is given to nobody: what only drafts have may be renamed or removed without a word.")
@no_cache_option
@scheduler_option
@click.pass_context
def build(ctx: click.Context, data: Path, out: Path, draft: bool, no_cache: bool, scheduler: str | None) -> None:
    """Check a dataset (default: data), derive what follows, and write a release: dumps, a document per disease, a manifest.

    Exit code 1 where the check fails, 2 where what was published is neither there nor withdrawn; the old release then stays as it was.

    \b
    Examples:
      kg build data --out release
      kg build data --out /shared/release --scheduler tcp://10.0.0.1:8786
    """
    release = built(ctx, data, out, scheduler, not no_cache, draft)
    counts = release.manifest["counts"]
    files = len(release.manifest["files"])
    made = ", ".join(counted(counts[f"{each}s"], each) for each in ("disease", "fact", "triple"))
    click.echo(f"{out}: {made} in {counted(files, 'file')}")


@main.command()
@click.argument("accession")
@click.option("--release", default="release", type=click.Path(path_type=Path), help="The release to take it from.")
def embed(accession: str, release: Path) -> None:
    """Print the snippet that makes a page of yours say what a disease is, with its cited facts, to search engines.

    \b
    Example:
      kg embed MONDO_0010626 > snippet.html
    """
    from kg.publish.embed import snippet  # noqa: PLC0415
    from kg.publish.released import Release  # noqa: PLC0415

    found = Release.open(release)
    click.echo(snippet(found.path, (file["path"] for file in found.manifest["files"]), accession), nl=False)


@main.command()
@click.argument("question", required=False)
@click.option("-e", "--execute", "text", metavar="QUERY", help="The query itself.")
@click.option("--release", default="release", type=click.Path(path_type=Path), help="The release to ask.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld"]),
    show_default="table, or turtle for a graph",
    help="How the answer is written.",
)
@click.option("-b", "--bind", "bound", multiple=True, metavar="NAME=VALUE", help="The value of a variable: a CURIE, an IRI or text.")
@click.option("--list", "list_", is_flag=True, help="List the questions that come with kg.")
def query(question: str | None, text: str | None, release: Path, format_: str | None, bound: tuple[str, ...], list_: bool) -> None:
    """Ask a release: a file with a SPARQL query, a question by name, or a query given with -e.

    \b
    Examples:
      kg query --list
      kg query treatment-for-whom
      kg query mapping-from-mondo --bind mondo=MONDO:0010626
      kg query -e 'SELECT ?name WHERE { ?disease rf:preferredName ?name }' --format csv
    """
    from kg.competency import questions, text_or_name  # noqa: PLC0415
    from kg.query import open_release  # noqa: PLC0415
    from kg.table import echo_answer, echo_questions  # noqa: PLC0415

    if list_:
        echo_questions(questions())
        return
    if (question is None) == (text is None):
        raise click.UsageError("give one of: a file, the name of a question (see --list), or -e with a query")
    bindings = {}
    for pair in bound:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--bind wants NAME=VALUE, not {pair!r}")
        bindings[name.lstrip("?$")] = value
    asked = text if text is not None else text_or_name(question or "")
    echo_answer(open_release(release).query(asked, bindings), format_)


main.add_command(serve)
main.add_command(load)
main.add_command(watch)
main.add_command(import_)
