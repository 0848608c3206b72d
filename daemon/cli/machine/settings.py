"""The settings, on the command line: each with its value, where that comes from, and what it means."""

# ruff: noqa: FBT001, PLC0415

from collections.abc import Sequence

import click

from daemon import locations
from daemon.cli.main import Options, WithoutArguments, as_json, program
from daemon.cli.output import print_answer


def _instead(given: Sequence[str]) -> str:
    return (
        f"It takes no {given[0]!r}, and only shows. To change a setting, write it into {locations.config_path()}; "
        "`takes config --template` prints a file to begin with."
    )


@program.command("config", cls=WithoutArguments, instead=_instead)
@click.option("--template", "only_template", is_flag=True, help="Print a file of all defaults instead.")
@as_json
@click.pass_obj
def show_config(options: Options, only_template: bool) -> None:
    """Every setting, its value, where that comes from, and what it means.

    A setting comes from the environment, else from the file, else it has its default. `takes config --template`
    prints a file to begin with.
    """
    from pathlib import Path

    from daemon.config.file import load_choices
    from daemon.config.settings import settings, template

    if only_template:
        return click.echo(template(), nl=False)
    path = locations.config_path()
    chosen = load_choices(Path(path))
    found = []
    for one in settings():
        origin, line = chosen.origin(one)
        about = {
            "default": one.default,
            "variable": one.variable,
            "reloaded": one.reloaded,
            "meaning": one.meaning,
        }
        found.append(
            {"name": one.name, "value": one.of(chosen.config), "origin": origin, "line": line, **about}
        )
    if options.json:
        return print_answer({"file": path, "settings": found})
    from daemon.cli import tables_machine

    return tables_machine.settings(path, found, is_there=Path(path).exists())
