"""The commands that show shots and takes, as they are or as they were."""

# ruff: noqa: FBT001, PLC0415

import click

from daemon.cli.choices.selecting import is_one, select, take_id, takes_arguments
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer
from daemon.cli.past import as_of_option, position
from daemon.cli.served_project import ServedProject


@program.command()
@click.argument("shot", required=False)
@click.option("--deleted", is_flag=True, help="Deleted takes too.")
@as_of_option
@project_options
@click.pass_obj
def ls(options: Options, shot: str | None, deleted: bool, as_of: str | None) -> None:
    """The shots of the project, or the takes of SHOT."""
    project = options.choose_project()
    then = position(options, project, as_of)
    if shot:
        return _list_takes(options, project, project.shot(shot), then, deleted=deleted)
    found = project.ask("GET", "shots", asOf=then)
    if options.json:
        return print_answer(found)
    from daemon.cli import tables

    return tables.shots(project.facts, found["shots"])


@program.command()
@takes_arguments
@as_of_option
@project_options
@click.pass_obj
def show(options: Options, shot: str, words: tuple[str, ...], as_of: str | None) -> None:
    """Everything that is known about these takes."""
    project = options.choose_project()
    meant, then = project.shot(shot), position(options, project, as_of)
    takes = [take_id(words[0])] if is_one(words) else select(project, meant, words, as_of=then)
    found = [project.ask("GET", "shots", meant, "takes", one, asOf=then) for one in takes]
    if options.json:
        return print_answer(found[0] if is_one(words) else {"takes": found})
    from daemon.cli import tables

    for number, one in enumerate(found):
        if number:
            print_answer("")
        tables.take(one)
    return None


def _list_takes(
    options: Options, project: ServedProject, shot: str, then: int | None, *, deleted: bool
) -> None:
    if options.json:
        wanted = "true" if deleted else None
        return print_answer(project.ask("GET", "shots", shot, "takes", deleted=wanted, asOf=then))
    from daemon.cli import tables

    found = project.ask("GET", "shots", shot, "takes", deleted="true", asOf=then)["takes"]
    if found:
        return tables.takes(project.named(shot), found, deleted=deleted)
    return tables.no_takes(project.named(shot), project.folder_of(shot))
