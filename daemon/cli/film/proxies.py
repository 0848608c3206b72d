"""Proxies, on the command line: videos as every browser plays them."""

# ruff: noqa: FBT001, PLC0415

from pathlib import Path

import click

from daemon.cli.choices.selecting import select, takes_arguments
from daemon.cli.client import Json
from daemon.cli.film.handover import check_free, write_out
from daemon.cli.humanize import byte_size
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer, say
from daemon.cli.served_project import ServedProject


@program.command()
@takes_arguments
@click.option("--to", type=click.Path(file_okay=False, exists=True), help="Copy them into this folder.")
@click.option("--replace", is_flag=True, help="Write over files that are there.")
@project_options
@click.pass_obj
def proxy(options: Options, shot: str, words: tuple[str, ...], to: str | None, replace: bool) -> None:
    """Have videos made that every browser plays, of at most 1080p; the page asks for them by itself.

    They are kept with the film's pictures, as long as there is room.
    """
    project = options.choose_project()
    meant, found = project.shot(shot), []
    for take in select(project, meant, words):
        one = {"takeId": take, "bytes": _made(project, meant, take)["bytes"]}
        if to is not None:
            one["path"] = str(_copied(project, meant, take, Path(to), replace=replace))
        found.append(one)
    if options.json:
        return print_answer({"proxies": found})
    said = [f"{one['takeId']}: {byte_size(one['bytes'])} {one.get('path', '')}".strip() for one in found]
    return say("\n".join(said))


def _made(project: ServedProject, shot: str, take: str) -> Json:
    """What is told of the take's proxy once it is ready."""
    from daemon.cli.progress import making

    with making(take) as advance:
        return project.until_proxied(shot, take, advance)


def _copied(project: ServedProject, shot: str, take: str, folder: Path, *, replace: bool) -> Path:
    shot = project.named(shot)
    path = folder / f"{shot.rpartition(':')[2]}_{take}_proxy.mp4"
    check_free(str(path), replace=replace)
    made = project.daemon.read(project.api_path("shots", shot, "takes", take, "proxy"))
    write_out(str(path), made, replace=replace)
    return path
