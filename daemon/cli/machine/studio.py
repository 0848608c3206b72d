"""The studio, on the command line: its database is made ready, and films move into it and out of it."""

# ruff: noqa: PLC0415

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

import click

from daemon.cli.main import Options, as_json, program
from daemon.cli.output import print_answer

if TYPE_CHECKING:
    from daemon.project.studio_moves import Standing

T = TypeVar("T")

SHARDS = 16
"""Of each film."""

SILENT = 15.0
"""Seconds after which a machine that was not heard of has lost what it had."""

in_service = click.option(
    "--service",
    default="takes",
    show_default=True,
    metavar="NAME",
    help="How ~/.pg_service.conf calls the studio's database.",
)


@program.group(cls=click.Group)
def studio() -> None:
    """Have a film's log in a PostgreSQL that a studio has.

    It needs the extra `studio`, and a service of that name in ~/.pg_service.conf.
    """


@studio.command("init")
@in_service
@as_json
@click.pass_obj
def make_ready(options: Options, service: str) -> None:
    """Make the tables and the roles in the database, or bring them to this release."""
    from daemon.project import studio_moves

    steps = _run(studio_moves.make_ready(service))
    if options.json:
        return print_answer({"steps": steps})
    if not steps:
        return print_answer("The database is ready already.")
    return print_answer(
        f"The database is ready: {', '.join(steps)}.\n"
        "Let each user in who keeps films: GRANT takes_keeper TO name; who works at a desk: GRANT takes_desk TO name; "
        "a hub: GRANT takes_hub TO name; a worker: GRANT takes_worker TO name; "
        "who only looks: GRANT takes_reader TO name;"
    )


@studio.command()
@click.argument("film")
@in_service
@as_json
@click.pass_obj
def join(options: Options, film: str, service: str) -> None:
    """Have the log of the folder FILM be in the studio's database; no daemon may keep the film meanwhile."""
    from daemon.project import studio_moves

    _tell(options, _run(studio_moves.join(_path(film), service)), "Its log is in the studio's database")


@studio.command()
@click.argument("film")
@as_json
@click.pass_obj
def leave(options: Options, film: str) -> None:
    """Have the log of the folder FILM be on this machine again; no daemon may keep the film meanwhile."""
    from daemon.project import studio_moves

    _tell(options, _run(studio_moves.leave(_path(film))), "Its log is on this machine")


@studio.command()
@click.argument("film")
@as_json
@click.pass_obj
def mend(options: Options, film: str) -> None:
    """Bring back what this machine has seen of FILM and a database has lost that was restored."""
    from daemon.project import studio_moves

    found = _run(studio_moves.mend(_path(film)))
    _tell(options, found, f"{found.added} records are brought back" if found.added else "Nothing is missing")


@studio.command()
@in_service
@as_json
@click.pass_obj
def status(options: Options, service: str) -> None:
    """The films of the studio, where the log of each ends, and how its server is."""
    from daemon.project import studio_moves

    found = _run(studio_moves.look_at(service))
    if options.json:
        server = {
            "version": found.version,
            "clockAhead": found.ahead,
            "synchronousStandby": found.has_standby,
        }
        told = [{**_as_json(one, "name"), "members": _members(one)} for one in found.films]
        return print_answer({"server": server, "films": told})
    for line in [*_lines(found.films)] or [
        "There is no film in it yet: `takes studio join FILM` brings one in."
    ]:
        print_answer(line)
    standby = (
        "a synchronous standby"
        if found.has_standby
        else "no synchronous standby: a failover may lose records"
    )
    return print_answer(
        f"PostgreSQL {found.version}, its clock {found.ahead:+.1f} s from this machine's, {standby}."
    )


def _lines(films: Sequence["Standing"]) -> Iterator[str]:
    wide = max((len(one.path) for one in films), default=0)
    for one in films:
        yield f"{one.path:{wide}}  {one.state:6}  {one.position:>9}  {one.log}"
        for member in one.members:
            yield f"  {member.host}  {member.role}{_shards(member.shards)}{_silence(member.silent)}"
        kept = {shard for member in one.members for shard in member.shards}
        if one.members and one.state == "open" and len(kept) < SHARDS:
            yield f"  nobody keeps{_shards(sorted({*range(SHARDS)} - kept))} now"


def _shards(shards: Sequence[int]) -> str:
    """Such as `shards 0-3, 7`."""
    numbered = groupby(enumerate(shards), lambda one: one[1] - one[0])
    runs = [[shard for _, shard in run] for _, run in numbered]
    told = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"  shards {told}" if told else ""


def _silence(seconds: float) -> str:
    return f"  not heard of for {seconds:.0f} s" if seconds > SILENT else ""


def _tell(options: Options, found: "Standing", what: str) -> None:
    print_answer(_as_json(found, "path") if options.json else f"{what}, up to position {found.position}.")


def _as_json(found: "Standing", called: str) -> dict[str, Any]:
    facts = {"log": found.log, "position": found.position, "hash": found.hash, "state": found.state}
    return {called: found.path, **facts, "added": found.added}


def _members(found: "Standing") -> list[dict[str, Any]]:
    return [
        {"host": one.host, "role": one.role, "silent": one.silent, "shards": list(one.shards)}
        for one in found.members
    ]


def _path(film: str) -> Any:
    from pathlib import Path

    return Path(film)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """What comes of it; what a disk refuses is told as such."""
    from daemon.cli.film.safekeeping import NotWritten
    from daemon.logs.setup import spare_what_is_told

    spare_what_is_told()
    with NotWritten.told():
        return asyncio.run(work)
