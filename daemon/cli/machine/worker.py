"""The worker, on the command line: a process that makes what is asked for in films of a studio."""

# ruff: noqa: PLC0415

import click

from daemon.cli.main import program


@program.command()
@click.argument("films", metavar="[FILM]...", nargs=-1)
@click.option("--queue", "queues", multiple=True, metavar="NAME", help="Only what is asked for there.")
@click.option("--one", is_flag=True, help="Make one take, if any waits, and end.")
@click.option("--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", show_default=True)
def worker(films: tuple[str, ...], queues: tuple[str, ...], log_format: str, *, one: bool) -> None:
    """Make what is asked for in a studio's films, on this machine.

    Each FILM is a folder; without one, those that this user has registered. The runner is the one under [runner] in this
    machine's configuration, and --queue may be said more than once. With --one it ends as soon as there is nothing to do, or
    one thing was done: with 0, unless something stood in its way. It needs the extra `studio`.
    """
    from pathlib import Path

    from daemon.farm.worker import main

    main([Path(film) for film in films], queues, log_format, one=one)
