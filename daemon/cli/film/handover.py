"""Handing over, on the command line: a film as a file for an editing program."""

# ruff: noqa: FBT001

import sys
from typing import BinaryIO

import click

from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer, say

FORMATS = ("otio", "fcpxml", "edl", "csv")


class NoFormat(click.UsageError):
    """Raised when nobody says what is to be written."""


@program.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--format", "wanted", type=click.Choice(FORMATS), help="What to write [by the end of FILE's name]."
)
@click.option("--still", type=click.FloatRange(0.04, 3600), help="Seconds of a picture, and of a gap [3].")
@click.option("--handles", type=click.IntRange(0, 1000), help="Frames left out at both ends of a take [0].")
@click.option("--relative", is_flag=True, help="Paths from the film's folder: keep FILE there.")
@click.option("--replace", is_flag=True, help="Write over a FILE that is there.")
@project_options
@click.pass_obj
def export(
    options: Options,
    file: str,
    wanted: str | None,
    still: float | None,
    handles: int | None,
    relative: bool,
    replace: bool,
) -> None:
    """Write the film to FILE for an edit, each shot with its takes, and the active one chosen; - is the output.

    \b
    otio      OpenTimelineIO: all takes of a shot are there to choose from
    fcpxml    Final Cut Pro and DaVinci Resolve: each shot is an audition of its takes
    edl       CMX 3600: the active takes, with take, model and seed as comments
    csv       all takes as a table
    """  # noqa: D301 - \b is click's sign for lines to be left as they are
    chosen = wanted or file.rpartition(".")[2].lower()
    if chosen not in FORMATS:
        raise NoFormat(
            f"{file!r} does not say what to write: end it in .{', .'.join(FORMATS)}, or give --format."
        )
    project = options.choose_project()
    shots = project.ask("GET", "shots")["shots"]
    query = {"format": chosen, "still": still, "handles": handles, "relative": "true" if relative else None}
    written = project.daemon.read(project.api_path("export", **query))
    if file == "-":
        sys.stdout.buffer.write(written)
        return None
    with _opened(file, replace=replace) as out:
        out.write(written)
    missing = [shot["id"] for shot in shots if not shot["activeTakeId"]]
    if options.json:
        return print_answer({"path": file, "bytes": len(written), "shots": len(shots), "missing": missing})
    return say(
        "\n".join([f"{file}: {len(shots)} shots", *(f"  {shot} has no active take" for shot in missing)])
    )


def _opened(file: str, *, replace: bool) -> BinaryIO:
    try:
        return open(file, "wb" if replace else "xb")  # noqa: PTH123 - pathlib is slow
    except FileExistsError as error:
        raise click.UsageError(f"{file} is there already; --replace writes over it.") from error
