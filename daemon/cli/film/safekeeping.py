"""Safekeeping, on the command line: copies of a film's log, and a new log where the old one is lost or damaged."""

# ruff: noqa: FBT001, PLC0415

import os
from collections.abc import Sequence

import click

from daemon.cli.main import Options, as_json, program, project_options
from daemon.cli.output import DiskError, print_answer


class NotWritten(DiskError):
    """Raised when the disk does not let a log be copied, or a new one be made."""

    hint = "See to that, and run it again: what was there before is there still."


@program.command()
@click.argument("path", required=False)
@project_options
@click.pass_obj
def backup(options: Options, path: str | None) -> None:
    """Copy the film's log to PATH, while everything goes on.

    PATH is a new file or a folder; without it, the copy is among those that the daemon keeps. Where PATH is a film,
    it is that film's log which is copied there.
    """
    from pathlib import Path

    from daemon.home.home import find_home
    from daemon.home.init import describe
    from daemon.recovery.copies import make_copy

    is_film = path is not None and os.path.isdir(os.path.join(path, ".takes"))  # noqa: PTH112, PTH118
    film = os.path.realpath(path or "") if is_film else options.choose_project().facts["path"]
    target = Path(path).absolute() if path and not is_film else None
    with NotWritten.told():
        copy, end = make_copy(find_home(Path(film)).log, target, describe(Path(film)).id)
    made = {"path": str(copy), "log": end.log, "position": end.position}
    print_answer(made if options.json else f"The log is copied up to position {end.position}: {copy}")


@program.command()
@click.argument("path")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would come of it.")
@click.option(
    "--copy",
    "copies",
    multiple=True,
    metavar="FILE",
    help="A copy of the log that is not on this machine's list.",
)
@as_json
@click.pass_obj
def recover(options: Options, path: str, dry_run: bool, copies: tuple[str, ...]) -> None:
    """Make a new log for the film PATH from whatever is left of it.

    The daemon may not keep the film meanwhile. The old log is put aside, and nothing is removed.
    """
    from pathlib import Path

    from msgspec.structs import asdict

    from daemon.home.recovering import recover_project

    with NotWritten.told():
        found = recover_project(Path(path), [Path(one) for one in copies], dry_run=dry_run)
    if options.json:
        return print_answer({**asdict(found), "lost": list(found.lost)})
    if found.log is None:
        return print_answer(f"There is nothing to recover: all {found.kept} records of the log are whole.")
    would = "would be" if dry_run else "are"
    lines = [
        f"{found.kept} records {would} in the new log, of {found.shots} shots; {found.added} say what else is known."
    ]
    if found.lost:
        lines.append(f"Lost: {len(found.lost)} records, {_places(found.lost)}.")
    if found.waiting:
        lines.append(
            f"{found.waiting} takes lie in their folders and are taken in when the daemon is started."
        )
    if found.aside:
        lines.append(f"The old log is in {found.aside}.")
    return print_answer("\n".join(lines))


def _places(positions: Sequence[int]) -> str:
    shown = ", ".join(map(str, positions[:5]))
    return f"at the positions {shown}{' and others' if len(positions) > 5 else ''}"
