"""Finding, on the command line: the takes of a film that a query describes."""

# ruff: noqa: FBT001, PLC0415

import os
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import unquote

import click

from daemon.cli.choices.looked import looked_at
from daemon.cli.choices.selecting import TAKES, take_id
from daemon.cli.client import Json
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer
from daemon.cli.past import as_of_option, position
from daemon.cli.served_project import ServedProject
from daemon.printable import blanked
from events import SearchNotFound

ALIKE = {
    "seed": "Same prompt, another seed",
    "prompt": "Same seed, another prompt",
    "inputs": "Same inputs",
}
"""Why takes are like another one, as a person would say it."""

PAGE = 1000
"""Takes that are asked for at once."""


@program.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="QUERY...")
@click.option("--limit", type=click.IntRange(1, 1_000_000), help="List at most so many [100; --paths: all].")
@as_of_option
@click.option("--new-since", metavar="MOMENT", help="Only what is new since then.")
@click.option(
    "--sort",
    type=click.Choice(["newest", "number", "rating", "seed", "duration"]),
    help="In which order [newest].",
)
@click.option("--saved", metavar="NAME", help="What the saved search of that name finds; QUERY narrows it.")
@click.option("--like", nargs=2, metavar="SHOT TAKE", help="Those that are like this take, and no query.")
@click.option("--paths", is_flag=True, help="Print the paths of their files alone, for programs.")
@click.option("--null", is_flag=True, help="End each path with a zero byte, as `xargs -0` wants it.")
@project_options
@click.pass_obj
def find(
    options: Options,
    words: tuple[str, ...],
    limit: int | None,
    paths: bool,
    null: bool,
    as_of: str | None,
    new_since: str | None,
    sort: str | None,
    saved: str | None,
    like: tuple[str, str] | None,
) -> None:
    """Find takes: by words, "phrases", -not, and fields such as seed:7, model:wan, shot:010 or width:>1920.

    \b
    prompt: negative: model: lora: sampler: scheduler: input: file:    have words that begin so
    seed: codec: take: width: height: duration: rate: steps: cfg: bytes:    are 7, >7, <=7 or 2..7
    shot: scene: kind: status: is: by: after: before: new:
        shot:010 shot:gulls, kind:video, status:failed, is:active is:deleted,
        after:2026-11-01 before:yesterday after:7d, is:new for what came since you last used `takes ls --new`
    """  # noqa: D301 - \b is click's sign for lines to be left as they are
    project = options.choose_project()
    if like:
        if words or paths or null or as_of or new_since or sort or saved:
            raise click.UsageError("--like goes with no query, and with no other option than --limit.")
        return _find_alike(options, project, *like, limit=min(limit or 20, PAGE))
    kept = [_saved(project, saved)] if saved else []
    asked: Json = {
        "q": " ".join([*kept, *words]),
        "asOf": position(options, project, as_of),
        "sort": sort,
        "seen": looked_at(project.facts["path"]),
    }
    if new_since:
        asked["q"] += f" new:{position(options, project, new_since, 'New since')}"
    if paths or null:
        for path in _paths(project, asked, limit):
            _print_path(path, b"\0" if null else b"\n")
        return None
    found = project.ask("GET", "find", **asked, limit=min(limit or 100, PAGE))
    if options.json:
        return print_answer(found)
    from daemon.cli import tables

    return tables.found(project.facts["name"], found)


def _saved(project: ServedProject, name: str) -> str:
    """The query that is kept under that name; SearchNotFound."""
    known = {one["name"]: one["query"] for one in project.ask("GET", "searches")["searches"]}
    if name not in known:
        raise SearchNotFound(name, get_close_matches(name, known) or sorted(known)[:10])
    return str(known[name])


@program.group(cls=click.Group)
def search() -> None:
    """Keep searches under names, for everybody who works on the film."""


@search.command()
@click.argument("name")
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@project_options
@click.pass_obj
def save(options: Options, name: str, words: tuple[str, ...]) -> None:
    """Keep QUERY under NAME; `takes find --saved NAME` finds it. One with a minus goes behind `--`."""
    _tell(options, "PUT", name, body={"query": " ".join(words)}, done=f"{name} is saved.")


@search.command()
@click.argument("name")
@project_options
@click.pass_obj
def rm(options: Options, name: str) -> None:
    """Keep nothing under NAME any more; `takes undo` takes it back."""
    _tell(options, "DELETE", name, body=None, done=f"{name} is removed.")


@search.command("list")
@project_options
@click.pass_obj
def list_searches(options: Options) -> None:
    """The saved searches."""
    found = options.choose_project().ask("GET", "searches")
    if options.json:
        return print_answer(found)
    width = max((len(one["name"]) for one in found["searches"]), default=0)
    for one in found["searches"]:
        print_answer(f"{one['name']:<{width}}  {one['query']}")
    return None


def _tell(options: Options, method: str, name: str, *, body: Json | None, done: str) -> None:
    answer = options.choose_project().ask(method, "searches", name, body=body)
    print_answer(answer if options.json else done)


def _find_alike(options: Options, project: ServedProject, shot: str, take: str, *, limit: int) -> None:
    """The takes that are like that one, by why they are."""
    meant, one = project.shot(shot), take_id(str(TAKES.convert(take, None, None)))
    found = project.ask("GET", "shots", meant, "takes", one, "alike", limit=limit)
    if options.json:
        return print_answer(found)
    from daemon.cli import tables

    for why, title in ALIKE.items():
        tables.found(title, {"takes": found[why], "total": len(found[why]), "facets": {}})
    return None


def _paths(project: ServedProject, asked: Json, limit: int | None) -> Iterator[str]:
    """The paths of the media of all that is found, the newest first; of what has none, nothing."""
    offset, total = 0, limit or PAGE
    while offset < total:
        answer = project.ask("GET", "find", **asked, limit=min(PAGE, total - offset), offset=offset)
        total = min(limit or answer["total"], answer["total"])
        offset += PAGE
        for one in answer["takes"]:
            if one["take"]["mediaUrl"]:
                yield _path(project.facts["path"], one)


def _path(film: str, one: Json) -> str:
    shot = unquote(one["take"]["mediaUrl"].split("/")[5]).replace(":", "/")  # where it is today
    return f"{film}/{shot}/takes/{one['take']['id']}/{one['take']['media']['name']}"


def _print_path(path: str, end: bytes) -> None:
    """Print a path as it is to a program, and without what a terminal obeys to a person."""
    text = blanked(path) if sys.stdout.isatty() else path
    sys.stdout.buffer.write(os.fsencode(text) + end)
