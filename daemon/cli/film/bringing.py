"""Bringing in, on the command line: files become takes of a shot, and a film gets another shot; with a daemon or without."""

# ruff: noqa: FBT001

import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from daemon.cli.client import NotFoundAnswered
from daemon.cli.film.arriving import AGAIN, numbers_of
from daemon.cli.film.on_disk import MeantFilm
from daemon.cli.main import FOUND_WRONG, Options, program, project_options
from daemon.cli.output import DiskError, print_answer, say
from daemon.cli.served_project import NoSuchShot, ServedProject
from daemon.ingest.new_shot import make_shot
from daemon.ingest.placing import Placed, bring_in
from daemon.locations import NotAShot
from projections.layout import full_id, short_id, takes_path

PATIENCE = 50
"""Looks at the shots until one that was just made is not waited for any more."""


class NotBroughtIn(DiskError):
    """Raised when the disk does not let something be brought in; what is there by then is whole."""

    hint = "See to that, and say it again for what is missing."


@program.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.argument("shot")
@click.option("--move", is_flag=True, help="Move them here, instead of copying them.")
@click.option("--no-wait", is_flag=True, help="Do not wait until they have their numbers.")
@project_options
@click.pass_obj
def add(options: Options, files: tuple[str, ...], shot: str, move: bool, no_wait: bool) -> int:
    """Bring files into SHOT, each as another take: copies of them, or with --move the files themselves.

    A folder of frames is one take, and so are frames that are named one by one. Recipes that lie beside a file come with
    it. Nothing is ever replaced. Without a daemon, they wait in the shot's folder for its next start.
    """
    film = MeantFilm(options)
    try:
        path = film.shot(shot)
    except NotAShot as error:
        error.hint = f"The shot comes last, behind the files: takes add FILE... SHOT. {error.hint}"
        raise
    after = film.served.ask("GET", "status")["position"] if film.served else 0
    with NotBroughtIn.told():
        paths = [Path(one).expanduser().absolute() for one in files]
        placed = bring_in(Path(film.root) / takes_path(path), paths, move=move)
    if film.served:
        _say_whole(film.project, path, placed)
    if film.served and not no_wait:
        return _tell_numbers(options, film, path, placed, after)
    if options.json:
        print_answer({"shotId": full_id(path), "takes": [], "waiting": [one.name for one in placed]})
        return 0
    for one in placed:
        print_answer(f"{one.file} is in {path} as {one.name}")
    if not film.served:
        say("No daemon is running: they get their numbers when it starts, as by `takes open`.", err=True)
    return 0


@program.command("new-shot")
@click.argument("name")
@click.option(
    "--in", "scene", metavar="SCENE", help="The scene: its path, its number, or a part of its name."
)
@click.option("--make-scene", is_flag=True, help="Make the scene's folder, too.")
@project_options
@click.pass_obj
def new_shot(options: Options, name: str, scene: str | None, make_scene: bool) -> None:
    """Make another shot, called as the film's others are, and print the path of its folder.

    A NAME such as "010 Gulls Over The Pier" says its number; without one, it gets the next. Without --in, it is in the
    scene that you stand in, or in the only one.
    """
    film = MeantFilm(options)
    with NotBroughtIn.told():
        path = make_shot(Path(film.root), name, scene, Path.cwd(), make_scene=make_scene)
    if film.served:
        _until_known(film.project, path)
    folder = f"{film.root}/{path}"
    made = {"id": full_id(path), "shotId": short_id(path), "path": path, "folder": folder}
    return print_answer(made if options.json else folder)


def _until_known(project: ServedProject, shot: str) -> None:
    """Wait until the daemon has looked at a shot, so that what is said next of one by its name is clear; not for ever."""
    for _ in range(PATIENCE):
        if any(one["path"] == shot for one in project.ask("GET", "shots")["shots"]):
            return
        time.sleep(AGAIN)


def _say_whole(project: ServedProject, shot: str, placed: Sequence[Placed]) -> None:
    """Say that these came whole: on a share nobody hears of it."""
    names = sorted({name for one in placed for name in one.names})
    # The shot may be so new that the daemon has not looked at it.
    with suppress(NotFoundAnswered, NoSuchShot):
        project.ask("POST", "shots", full_id(shot), "files", body={"names": names})


def _tell_numbers(options: Options, film: MeantFilm, shot: str, placed: Sequence[Placed], after: int) -> int:
    """Wait until each has its number, or is known not to get one, and say so."""
    left, takes = [], []
    for one, take, reason in numbers_of(film.project, shot, placed, after):
        if take is None:
            left.append({"file": one.file, "name": one.name, "reason": reason})
            say(f"{one.file} is not taken: {reason}", err=True)
        elif not options.json:
            print_answer(f"{take}  {one.file}")
        takes += [{"takeId": take, "file": one.file}] if take else []
    if options.json:
        print_answer({"shotId": full_id(shot), "takes": takes, "notTaken": left, "waiting": []})
    if left:
        say(f"They lie in {shlex.quote(f'{film.root}/{shot}/takes')}; nothing of them is lost.", err=True)
    return FOUND_WRONG if left else 0
