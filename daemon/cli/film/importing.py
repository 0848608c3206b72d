"""Importing, on the command line: a folder of old renders is brought into the shots that they are of, once that was agreed."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from daemon.cli.client import Json
from daemon.cli.humanize import byte_size, count
from daemon.cli.main import Options
from daemon.cli.output import print_answer, say
from daemon.cli.served_project import ServedProject

BY = {"name": "by its name", "folder": "by the folder {}", "prompt": "by its prompt, as takes there have it"}
"""What told of which shot a file is, as a person would say it."""


def import_folder(
    options: Options, folder: str, *, move: bool, only_sure: bool, dry_run: bool, yes: bool
) -> int:
    """Bring in what in that folder is clearly of one shot, once somebody has agreed; the rest is named, and stays.

    Where that was interrupted, the same again brings in what is missing. `takes undo` takes it back.
    """
    if not (dry_run or yes or (sys.stdin.isatty() and not options.json)):
        raise click.UsageError("There is nobody to ask: say --yes, or --dry-run to only look.")
    project = options.choose_project()
    body = {"folder": str(Path(folder).expanduser().absolute()), "move": move, "onlySure": only_sure}
    plan = _ask(project, {**body, "dryRun": True})
    coming = [one for one in plan["renders"] if one["state"] in ("new", "resumed")]
    if not options.json:
        _print_plan(plan, move=move)
    if dry_run or not coming:
        if options.json:
            print_answer(plan)
        return 0
    if not yes:
        click.confirm(
            f"\n{'Move' if move else 'Copy'} {count(len(coming), 'render')} into the film?", abort=True
        )
    done = _ask(project, {**body, "plan": plan["plan"]})
    if options.json:
        print_answer(done)
    else:
        say(
            f"\n{count(done['brought'], 'render')} brought in. They have their numbers in a moment; `takes undo` takes it back."
        )
    return 0


def _ask(project: ServedProject, body: Json) -> Json:
    """Ask what the daemon may take its time for: prompts are looked for, and files copied."""
    return project.daemon.ask("POST", project.api_path("renders"), body, patience=None)


def _print_plan(plan: Json, *, move: bool) -> None:
    for line in _lines(plan, move=move):
        say(line)


def _lines(plan: Json, *, move: bool) -> Iterator[str]:
    renders = plan["renders"]
    coming = [one for one in renders if one["state"] in ("new", "resumed")]
    for shot in sorted({one["shotId"] for one in coming}):
        mine = [one for one in coming if one["shotId"] == shot]
        size = byte_size(sum(one["bytes"] for one in mine))
        yield f"{shot}: {count(len(mine), 'render')}, {size} to {'move' if move else 'copy'}"
        yield from (f"  {_within(plan, one)}  {_why(one)}" for one in mine)
    there = [one for one in renders if one["state"] in ("there", "coming")]
    if there:
        yield f"Here already: {count(len(there), 'render')}"
    unclear = [one for one in renders if one["state"] == "unclear"]
    if unclear:
        yield "Not clear, and left where they are; `takes add FILE... SHOT` says it:"
        yield from (f"  {_within(plan, one)}  {_shots(one['shotIds'])}" for one in unclear)
    if plan["left"]:
        yield "Can be no takes:"
        yield from (f"  {_within(plan, one)}  {one['reason']}" for one in plan["left"])
    if not (coming or there):
        yield f"Nothing in {plan['folder']} is clearly of a shot."


def _within(plan: Json, one: Json) -> str:
    return str(one["path"]).removeprefix(f"{plan['folder']}/")


def _why(one: Json) -> str:
    if one["state"] == "resumed":
        return "it was begun before"
    told = BY[one["by"]].format(one["matched"])
    return told if one["sure"] == "sure" else f"{told}, likely"


def _shots(shots: Sequence[str]) -> str:
    return f"may be of {' or '.join(shots)}" if shots else "nothing tells its shot"
