"""People, on the command line: who may do what with a film by the hub."""

import click

from daemon.cli.client import Json
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer, say

ROLES = ("reader", "artist", "supervisor")


@program.command()
@project_options
@click.pass_obj
def people(options: Options) -> None:
    """Who may see the film by the hub, and what they may do with it."""
    found = options.choose_project().ask("GET", "people")
    return _tell(
        options, found, "Nobody may see the film by a hub: `takes grant NAME ROLE` lets somebody in."
    )


@program.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@project_options
@click.pass_obj
def grant(options: Options, name: str, role: str) -> None:
    """Have NAME, as the hub's proxy tells it, be a reader, an artist or a supervisor of the film.

    A reader looks and plays. An artist also brings in files, asks for takes, chooses, judges and notes. A supervisor
    also deletes and restores takes, cleans up, shares, and says who may see the film.
    """
    found = options.choose_project().ask("PUT", "people", name, body={"role": role})
    return _tell(options, found, "")


@program.command()
@click.argument("name")
@project_options
@click.pass_obj
def revoke(options: Options, name: str) -> None:
    """Have NAME see nothing of the film any more."""
    found = options.choose_project().ask("DELETE", "people", name)
    return _tell(options, found, "Nobody may see the film by a hub any more.")


def _tell(options: Options, found: Json, nobody: str) -> None:
    if options.json:
        return print_answer(found)
    lines = [
        f"{one['role']:<10}  {one['name']}" + (f"  (by {one['by']})" if one["by"] else "")
        for one in found["people"]
    ]
    return say("\n".join(lines or [nobody]))
