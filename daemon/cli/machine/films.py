"""The films of this machine, on the command line: which are kept, and one that is not to be kept any more."""

# ruff: noqa: PLC0415, PTH100, PTH111, PTH112, PTH119 - paths are text, as all of `locations`

import os
import shlex
from collections.abc import Iterator, Sequence

import click

from daemon import locations
from daemon.cli.client import Daemon, Json, NoDaemon, NotOurs, api_path
from daemon.cli.main import Options, as_json, on_socket, program
from daemon.cli.output import print_answer
from daemon.printable import printable
from events import NotFound


class NotRegistered(NotFound):
    """Raised when a film is to be forgotten that nobody keeps."""

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"no film at {asked} is kept, so there is nothing to forget")
        self.hint = "`takes projects` lists those that are." if known else "None is kept yet."


@program.command()
@on_socket
@as_json
@click.pass_obj
def projects(options: Options) -> None:
    """The films that are kept on this machine, and how each is doing."""
    served, why_not = _served(options.daemon)
    found = list(_films(served or (), locations.registered_projects()))
    if options.json:
        return print_answer({"projects": found, "daemon": served is not None})
    from daemon.cli import tables_machine

    return tables_machine.films(found, why_not)


@program.command()
@click.argument("path")
@on_socket
@as_json
@click.pass_obj
def forget(options: Options, path: str) -> None:
    """Keep the film PATH no longer; its folder, its takes and its log stay as they are.

    PATH is its folder, which may be gone, or its id.
    """
    served, _ = _served(options.daemon)
    known = locations.registered_projects()
    film = _meant(path, list(_films(served or (), known)))
    if film is None:
        raise NotRegistered(path, known)
    if film["id"]:
        options.daemon.ask("DELETE", api_path("projects", film["id"]))
    locations.forget_project(film["path"])
    if options.json:
        return print_answer({"id": film["id"], "path": film["path"]})
    again = shlex.join(["takes", "init", film["path"]])
    return print_answer(
        f"{printable(film['path'])} is kept no longer. Nothing in it has changed; `{printable(again)}` has it kept again."
    )


def _served(daemon: Daemon) -> tuple[Sequence[Json] | None, str]:
    """The projects of the daemon; None where none runs, and why."""
    try:
        return daemon.ask("GET", api_path("projects"))["projects"], ""
    except NotOurs:
        raise
    except NoDaemon as error:
        return None, str(error)


def _films(served: Sequence[Json], registered: Sequence[str]) -> Iterator[Json]:
    """Every film that is registered or served, in that order; what is not served has no id and no state."""
    by_path = {str(one["path"]): one for one in served}
    for path in dict.fromkeys([*registered, *by_path]):
        facts = by_path.get(path)
        nothing = {"id": None, "name": os.path.basename(path), "path": path, "state": None}
        yield {**(facts or nothing), "registered": path in registered, "isThere": os.path.isdir(path)}


def _meant(asked: str, films: Sequence[Json]) -> Json | None:
    """The film of that folder, or of that id."""
    folder = os.path.abspath(os.path.expanduser(asked))
    paths = {folder, os.path.realpath(folder)}
    found = [one for one in films if one["path"] in paths] or [one for one in films if one["id"] == asked]
    return found[0] if found else None
