"""Upkeep, on the command line: how a project is kept, what it takes up, and what mends it."""

# ruff: noqa: FBT001, PLC0415

import sys

import click

from daemon.cli.client import Json, api_path
from daemon.cli.main import FOUND_WRONG, Options, program, project_options
from daemon.cli.output import print_answer
from daemon.cli.served_project import ServedProject

_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0}
"""Days in each unit of time."""

MOST_DAYS = 36_500
MOST_TAKES = 1_000_000_000
"""The limits of the configuration, which would take long to import."""


def _days(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A time such as 12h, 7d or 2w, in days."""
    if value is None:
        return None
    number, unit = value[:-1], value[-1:]
    if not (number.isascii() and number.isdigit() and int(number) and unit in _UNITS):
        raise click.BadParameter(f"{value!r} is no time; write 12h, 7d or 2w.", ctx, param)
    days = int(number) * _UNITS[unit]
    if days > MOST_DAYS:
        raise click.BadParameter(f"{value!r} is more than a hundred years.", ctx, param)
    return days


@program.command()
@project_options
@click.pass_obj
def status(options: Options) -> None:
    """How the project is doing, what waits and what is wrong."""
    project = options.choose_project()
    facts = project.ask("GET", "status")
    if options.json:
        return print_answer(facts)
    from daemon.cli.film import tables_upkeep as tables

    return tables.status(facts, project.daemon.ask("GET", api_path("health")))


@program.command()
@project_options
@click.pass_obj
def du(options: Options) -> None:
    """Where the space goes, by shot and by kind; what is shared is counted once."""
    project = options.choose_project()
    found = _ask(project, "GET", "du")
    if options.json:
        return print_answer(found)
    from daemon.cli.film import tables_upkeep as tables

    return tables.usage(project.facts, found)


@program.command()
@click.option("--dry-run", is_flag=True, help="Purge nothing; list every file and what would come back.")
@click.option(
    "--deleted-after", callback=_days, metavar="TIME", help="Takes deleted that long ago: 12h, 7d, 2w."
)
@click.option("--failed-after", callback=_days, metavar="TIME", help="Takes that failed that long ago.")
@click.option(
    "--keep-newest",
    type=click.IntRange(min=1, max=MOST_TAKES),
    metavar="N",
    help="Complete takes but the newest N of a shot.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@project_options
@click.pass_obj
def cleanup(
    options: Options,
    dry_run: bool,
    deleted_after: float | None,
    failed_after: float | None,
    keep_newest: int | None,
    yes: bool,
) -> int:
    """Purge takes: give up their bytes for good, and keep their recipes, pictures and hashes. It cannot be undone.

    Without a rule, by the policy of the configuration. Never the active take, nor one younger than a day.
    """
    if not (dry_run or yes or (sys.stdin.isatty() and not options.json)):
        raise click.UsageError("There is nobody to ask: say --yes, or --dry-run to only look.")
    project = options.choose_project()
    rules = {"deletedAfterDays": deleted_after, "failedAfterDays": failed_after, "keepNewest": keep_newest}
    plan = _ask(project, "POST", "cleanup", {**rules, "dryRun": True})
    if dry_run or not plan["takes"]:
        return _print_cleaned(options, plan)
    if not yes:
        _print_cleaned(options, plan)
        click.confirm("\nPurge these takes for good? This cannot be undone", abort=True)
    return _print_cleaned(options, _ask(project, "POST", "cleanup", {**rules, "plan": plan["plan"]}))


@program.command()
@click.argument("name", required=False)
@click.option("--verify", is_flag=True, help="Change nothing; build it beside and compare.")
@project_options
@click.pass_obj
def rebuild(options: Options, name: str | None, verify: bool) -> int:
    """Build the projection NAME, or all of them, anew."""
    project = options.choose_project()
    answer = _ask(project, "POST", "rebuild", {"name": name, "verify": verify})
    if options.json:
        print_answer(answer)
    else:
        _print_rebuilt(answer, name, verify=verify)
    return FOUND_WRONG if answer["differences"] else 0


@program.command()
@click.option("--dry-run", is_flag=True, help="Change nothing; say what could be shared.")
@project_options
@click.pass_obj
def dedupe(options: Options, dry_run: bool) -> None:
    """Have takes of the same bytes share them on the disk."""
    project = options.choose_project()
    answer = _ask(project, "POST", "dedupe", {"dryRun": dry_run})
    if options.json:
        return print_answer(answer)
    from daemon.cli.film import tables_upkeep as tables

    return tables.deduped(answer)


@program.command()
@project_options
@click.pass_obj
def verify(options: Options) -> int:
    """Check that the log and every kept file are as they were written."""
    project = options.choose_project()
    if options.json:
        result = project.verify(print_answer)
        print_answer(result)
    else:
        result = _verify_with_bars(project)
    return 0 if result["ok"] else FOUND_WRONG


def _ask(project: ServedProject, method: str, what: str, body: Json | None = None) -> Json:
    """Ask what the daemon may take its time for, since all of the film is looked at."""
    return project.daemon.ask(method, project.api_path(what), body, patience=None)


def _print_rebuilt(answer: Json, name: str | None, *, verify: bool) -> None:
    if answer["differences"]:
        from daemon.cli.film import tables_upkeep as tables

        tables.differences(answer["differences"])
    elif verify:
        print_answer(f"{name or 'All'} is as the log says.")
    else:
        print_answer(f"Built anew: {', '.join(answer['rebuilt'])}.")


def _print_cleaned(options: Options, answer: Json) -> int:
    """What was purged or would be; the exit code."""
    if options.json:
        print_answer(answer)
    else:
        from daemon.cli.film import tables_upkeep as tables

        tables.cleaned(answer)
    return FOUND_WRONG if answer["left"] and not answer["dryRun"] else 0


def _verify_with_bars(project: ServedProject) -> Json:
    from daemon.cli import progress
    from daemon.cli.film import tables_upkeep as tables

    with progress.checking() as advance:
        result = project.verify(advance)
    tables.verified(result)
    return result
