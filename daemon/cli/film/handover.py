"""Handing over, on the command line: a film as a file for an editing program, and the choices that come back from one."""

# ruff: noqa: FBT001, PLC0415

import os
import sys
from collections.abc import Sequence

import click

from daemon.cli.client import Json
from daemon.cli.humanize import count, still_to_follow
from daemon.cli.main import FOUND_WRONG, Options, program, project_options
from daemon.cli.output import print_answer, say
from daemon.cli.past import as_of_option, position
from daemon.cli.served_project import ServedProject

FORMATS = ("otio", "fcpxml", "edl", "csv", "resolve", "sha256")
EDITS = ("otio", "fcpxml", "edl")
"""The formats that can be read, too."""

ENDINGS = {"resolve": ".py"}
"""How the names of files end of those formats that are not called so."""

LEFT = 20
"""Clips that are named, of those which change nothing."""


class NoFormat(click.UsageError):
    """Raised when nobody says what is to be written, or read."""


@program.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--html",
    metavar="FOLDER",
    help="Write a page into FOLDER that plays without a server: of all, or of FILE.",
)
@click.option(
    "--format", "wanted", type=click.Choice(FORMATS), help="What to write [by the end of FILE's name]."
)
@click.option("--still", type=click.FloatRange(0.04, 3600), help="Seconds of a picture, and of a gap [3].")
@click.option("--handles", type=click.IntRange(0, 1000), help="Frames left out at both ends of a take [0].")
@click.option("--active", is_flag=True, help="Only the active take of each shot.")
@click.option("--relative", is_flag=True, help="Paths from the film's folder: keep FILE there.")
@click.option(
    "--copy-to", "folder", metavar="FOLDER", help="Put FILE into FOLDER, with the media that it names."
)
@click.option(
    "--link", is_flag=True, help="Where the disk cannot share bytes, link the media, and copy none."
)
@as_of_option
@click.option("--since", metavar="MOMENT", help="Write down what has changed since then, too.")
@click.option("--replace", is_flag=True, help="Write over a FILE that is there.")
@project_options
@click.pass_obj
def export(
    options: Options,
    file: str | None,
    html: str | None,
    wanted: str | None,
    still: float | None,
    handles: int | None,
    active: bool,
    relative: bool,
    folder: str | None,
    link: bool,
    replace: bool,
    as_of: str | None,
    since: str | None,
) -> int:
    """Write the film to FILE for an edit, each shot with its takes, and the active one chosen; - is the output.

    \b
    otio      OpenTimelineIO: all takes of a shot are there to choose from
    fcpxml    Final Cut Pro and DaVinci Resolve: each shot is an audition of its takes
    edl       CMX 3600: the active takes, with take, model and seed as comments
    csv       all takes as a table
    resolve   a script (.py) for DaVinci Resolve, that puts all takes into its take selector
    sha256    the hashes of the files, as `sha256sum --check` reads them

    With --copy-to the paths in FILE are from FOLDER, and beside it are the hashes. Nothing there is written over; where
    it was interrupted, say it again, and it goes on.

    With --html, FILE is a shot, or the path of a scene, and may be left out: FOLDER is then a page with the takes to look
    at, for somebody who has no takes, to be opened from a stick as well as from a server; with --active only those.
    """  # noqa: D301 - \b is click's sign for lines to be left as they are
    if html:
        from daemon.cli.guests.folder import write_page

        return write_page(options, html, file, only_active=active)
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    chosen = chosen_format(file, wanted, FORMATS, "write")
    project = options.choose_project()
    then = position(options, project, as_of)
    query = {"format": chosen, "still": still, "handles": handles, "active": _yes(active), "asOf": then}
    query["since"] = position(options, project, since, "Changes since")
    if folder:
        from daemon.cli.film.copying import Folder

        there, alone = Folder(project, folder, file, replace=replace), _yes(active or chosen == "edl")
        if not there.fill(_read(project, format="sha256", active=alone, asOf=then), link=link):
            return FOUND_WRONG
        file = there.file
    written = _read(project, **query, relative=_yes(relative or bool(folder)))
    if file == "-":
        sys.stdout.buffer.write(written)
        return 0
    write_out(file, written, replace=replace)
    return _print_export(options, project.ask("GET", "shots", asOf=then)["shots"], file, len(written))


def _yes(is_so: bool) -> str | None:
    return "true" if is_so else None


def _read(project: ServedProject, **query: object) -> bytes:
    return project.daemon.read(project.api_path("export", **query))


def _print_export(options: Options, shots: Sequence[Json], file: str, size: int) -> int:
    missing = [shot["id"] for shot in shots if not shot["activeTakeId"]]
    if options.json:
        print_answer({"path": file, "bytes": size, "shots": len(shots), "missing": missing})
    else:
        lines = [
            f"{file}: {count(len(shots), 'shot')}",
            *(f"  {shot} has no active take" for shot in missing),
        ]
        say("\n".join(lines))
    return 0


def import_edit(
    options: Options, file: str, content: bytes, wanted: str | None, *, dry_run: bool, yes: bool
) -> int:
    """Make the takes active that an edit has used, of which that is the file, once somebody has agreed.

    Says first what would change, and which clips are left since it is not clear what they are.
    """
    project = options.choose_project()
    body = {"format": chosen_format(file, wanted, EDITS, "read"), "text": _text(content)}
    plan = project.ask("POST", "import", body={**body, "dryRun": True})
    if dry_run or not plan["chosen"]:
        return _print_import(options, plan)
    if not yes:
        _print_import(options, plan)
        click.confirm("\nMake these takes active?", abort=True)
    return _print_import(options, project.ask("POST", "import", body=body))


def chosen_format(file: str, wanted: str | None, known: Sequence[str], what: str) -> str:
    """The format that is meant: the one that is named, or that the end of the file's name says; NoFormat."""
    endings = {ENDINGS.get(name, f".{name}"): name for name in known}
    chosen = wanted or endings.get(f".{file.rpartition('.')[2].lower()}")
    if chosen is None:
        raise NoFormat(
            f"{file!r} does not say what to {what}: end it in {', '.join(endings)}, or give --format."
        )
    return chosen


def _text(content: bytes) -> str:
    """The text of a file; older programs write no UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _print_import(options: Options, answer: Json) -> int:
    """Say what an edit has chosen; the exit code says whether anything is left."""
    code = FOUND_WRONG if answer["left"] else 0
    if options.json:
        print_answer(answer)
        return code
    for one in answer["chosen"]:
        say(f"{one['shotId']}: {one['takeId']}, was {one['was'] or 'none'}")
    more = " would be" if answer["dryRun"] else ""
    say(
        f"{len(answer['chosen'])}{more} active now, {answer['unchanged']} as before, {len(answer['left'])} left."
    )
    for one in answer["left"][:LEFT]:
        say(f"  {one['name']}: {one['reason']}" + (f" ({one['file']})" if one["file"] else ""))
    if len(answer["left"]) > LEFT:
        say(f"  and {len(answer['left']) - LEFT} more; --json has them all")
    if answer["behind"]:
        say(still_to_follow(answer["behind"]), err=True)
    return code


def check_free(file: str, *, replace: bool) -> None:
    """UsageError where there is a file that may not be replaced: before anything is made that takes its time."""
    if os.path.lexists(file) and not replace:
        raise click.UsageError(f"{file} is there already; --replace writes over it.")


def write_out(file: str, content: bytes, *, replace: bool) -> None:
    """Write a file that is not there yet, or may be replaced, all of it or nothing; UsageError."""
    from pathlib import Path

    from projections.files.writing import ChangedMeanwhile, write

    check_free(file, replace=replace)
    path = Path(os.path.realpath(file))
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a pipe, or what else is no file
        else:
            write(path, content, instead_of=path.stat() if path.exists() else None, anew=not replace)
    except ChangedMeanwhile:
        check_free(file, replace=replace)
        raise
    except OSError as error:
        error.filename = file  # and not what is written beside it
        raise
