"""Importing, on the command line: a folder of old renders, or the choices of an edit, once somebody has agreed to them."""

# ruff: noqa: FBT001

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from daemon.cli.client import Json
from daemon.cli.film.handover import EDITS, import_edit
from daemon.cli.humanize import byte_size, count
from daemon.cli.main import FOUND_WRONG, Options, program, project_options
from daemon.cli.output import print_answer, say
from daemon.cli.served_project import ServedProject

BY = {"name": "by its name", "folder": "by the folder {}", "prompt": "by its prompt, as takes there have it"}
"""What told of which shot a file is, as a person would say it."""


@program.command("import")
@click.argument("path", type=click.Path(exists=True, allow_dash=True))
@click.option("--move", is_flag=True, help="Of a folder: move the files, instead of copying them.")
@click.option("--only-sure", is_flag=True, help="Of a folder: leave what is only likely of a shot.")
@click.option(
    "--format", "wanted", type=click.Choice(EDITS), help="Of an edit: what it is [by the end of its name]."
)
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would come of it.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@project_options
@click.pass_obj
def import_path(
    options: Options, path: str, move: bool, only_sure: bool, wanted: str | None, dry_run: bool, yes: bool
) -> int:
    """Bring a folder of old renders into the shots that they are of, or make the takes active that an edit has used.

    PATH is that folder: what is of one shot by its name, its folder or its prompt comes. Or PATH is an OTIO, FCPXML or
    CMX 3600 EDL. Either says first what would change, and what is left since it is not clear. All of it is one change,
    and `takes undo` takes it back.
    """
    if not (dry_run or yes or (sys.stdin.isatty() and not options.json)):
        raise click.UsageError("There is nobody to ask: say --yes, or --dry-run to only look.")
    if Path(path).is_dir():
        if wanted:
            raise click.UsageError("--format is for an edit, and PATH is a folder.")
        return _import_folder(options, path, move=move, only_sure=only_sure, dry_run=dry_run, yes=yes)
    if move or only_sure:
        raise click.UsageError("--move and --only-sure are for a folder of renders, and PATH is a file.")
    with click.open_file(path, "rb") as file:
        return import_edit(options, path, file.read(), wanted, dry_run=dry_run, yes=yes)


def _import_folder(
    options: Options, folder: str, *, move: bool, only_sure: bool, dry_run: bool, yes: bool
) -> int:
    """Bring in what in that folder is clearly of one shot, once somebody has agreed; the rest is named, and stays.

    Where that was interrupted, the same again brings in what is missing. The exit code says whether anything is left.
    """
    project = options.choose_project()
    body = {"folder": str(Path(folder).expanduser().absolute()), "move": move, "onlySure": only_sure}
    plan = _ask(project, {**body, "dryRun": True})
    coming = [one for one in plan["renders"] if one["state"] in ("new", "resumed")]
    code = FOUND_WRONG if any(one["state"] == "unclear" for one in plan["renders"]) else 0
    if not options.json:
        _print_plan(plan, move=move)
    if dry_run or not coming:
        if options.json:
            print_answer(plan)
        return code
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
    return code


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
