"""The commands that show shots and takes, as they are or as they were."""

# ruff: noqa: FBT001, PLC0415

import click

from daemon.cli.choices.looked import look, looked_at
from daemon.cli.choices.selecting import is_one, select, take_id, takes_arguments
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer
from daemon.cli.past import as_of_option, position
from daemon.cli.served_project import ServedProject

MOST = 1000
"""New takes that are listed; of more, the number is told."""


@program.command()
@click.argument("shot", required=False)
@click.option("--deleted", is_flag=True, help="Deleted takes too.")
@click.option("--new", is_flag=True, help="Only takes that are new since you last asked for those.")
@click.option("--new-since", metavar="MOMENT", help="Only takes that are new since then.")
@as_of_option
@project_options
@click.pass_obj
def ls(
    options: Options, shot: str | None, deleted: bool, new: bool, new_since: str | None, as_of: str | None
) -> None:
    """The shots of the project, or the takes of SHOT; or, with --new, what takes are new in either."""
    project = options.choose_project()
    if new or new_since:
        if as_of or (new and new_since):
            raise click.UsageError("--new, --new-since and --as-of are three questions.")
        return _list_new(options, project, shot, new_since, deleted=deleted)
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


def _list_new(
    options: Options, project: ServedProject, shot: str | None, new_since: str | None, *, deleted: bool
) -> None:
    """The takes that got their numbers since then, or since all that is new was asked for last, which is noted."""
    film, head = project.facts["path"], project.ask("GET", "moment", at="now")["position"]
    said, seen = position(options, project, new_since, "New since"), looked_at(film)
    last = seen if seen <= head else 0  # beyond the head the log is another one
    since = last if said is None else said
    if shot:
        found = project.ask("GET", "shots", project.shot(shot), "takes", deleted="true" if deleted else None)
        found = {"takes": [one for one in found["takes"] if (one["position"] or 0) > since]}
    else:
        found = project.ask("GET", "find", q=f"new:{since}", limit=MOST)
        if not new_since:
            look(film, head)
    if options.json:
        return print_answer(found)
    from daemon.cli import tables

    if shot:
        return tables.takes(project.named(project.shot(shot)), found["takes"], deleted=deleted)
    return tables.found(project.facts["name"], found)


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
