"""The reel, on the command line: the film as one file to be looked at."""

# ruff: noqa: FBT001

import click

from daemon.cli import progress
from daemon.cli.client import AnswerCutOff, Json
from daemon.cli.film.handover import check_free, chosen_format, write_out
from daemon.cli.humanize import byte_size, count
from daemon.cli.main import FOUND_WRONG, Options, program, project_options
from daemon.cli.output import print_answer, say
from daemon.cli.served_project import ServedProject


@program.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.argument("part", required=False, metavar="[SHOT|SCENE]")
@click.option("--still", type=click.FloatRange(0.04, 3600), help="Seconds of a picture, and of a gap [3].")
@click.option("--replace", is_flag=True, help="Write over a FILE that is there.")
@project_options
@click.pass_obj
def reel(options: Options, file: str, part: str | None, still: float | None, replace: bool) -> int:
    """Write the film to FILE, an .mp4: its active takes in story order, with shot, take and time burnt in, and sound.

    Of a SCENE, which is a folder's path, or of a SHOT, only that. A shot without an active take is a slate, and so is
    what cannot be shown.
    """
    chosen_format(file, None, ("mp4",), "write")
    project = options.choose_project()
    check_free(file, replace=replace)
    body = {"of": project.part(part) if part else None, **({"still": still} if still else {})}
    made = _make(project, body)
    film = project.daemon.read(project.api_path("reel"))
    write_out(file, film, replace=replace)
    if options.json:
        print_answer({"path": file, **made})
    else:
        say(f"{file}: {count(made['shots'], 'shot')}, {byte_size(made['bytes'])}")
        for one in made["left"]:
            say(f"  {one['name']} is a slate: {one['reason']}")
    return FOUND_WRONG if made["left"] else 0


def _make(project: ServedProject, body: Json) -> Json:
    """Have it made, and tell how far that is."""
    with progress.checking() as advance:
        for line in project.daemon.lines("POST", project.api_path("reel"), body):
            if "bytes" in line:
                return line
            advance(line)
    raise AnswerCutOff(project.daemon.path)
