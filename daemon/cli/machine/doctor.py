"""The doctor, on the command line: what is wrong on this machine, with the daemon or without one, and in a film."""

# ruff: noqa: PLC0415, PTH110, PTH112, PTH118 - paths are text, as all of `locations`

import os
import shlex
from collections.abc import Iterator

import click

from daemon import locations
from daemon.cli.client import DaemonSilent, Json, NoDaemon, NotOurs, api_path
from daemon.cli.main import FOUND_WRONG, Options, program, project_options
from daemon.cli.output import print_answer
from events import NotFound, TakesError


@program.command()
@project_options
@click.pass_obj
def doctor(options: Options) -> int:
    """Check the daemon, the films, git and the codecs, and say what mends what is wrong.

    Without a daemon all is checked that can be; with one, the film that is meant, too.
    """
    checks = [*_check_settings(), *_check_films()]
    daemon, runs = _check_daemon(options)
    checks += daemon
    if runs:
        checks += _check_film(options)
    elif all(one["ok"] for one in _check_settings()):
        checks += _check_decoders()
    found = {"ok": all(one["ok"] for one in checks), "checks": checks}
    if options.json:
        print_answer(found)
    else:
        from daemon.cli.film import tables_upkeep as tables

        tables.checks(checks)
    return 0 if found["ok"] else FOUND_WRONG


def _check(name: str, what: str, mend: str | None = None, *, ok: bool = False) -> Json:
    return {"name": name, "ok": ok, "what": what, "mend": mend}


def _wrong(name: str, error: TakesError) -> Json:
    return _check(name, str(error), error.hint or None)


def _check_settings() -> Iterator[Json]:
    """Whether the configuration makes sense."""
    from pathlib import Path

    from daemon.config.file import load_config
    from daemon.config.settings import unknown

    for name in unknown(os.environ):
        what = f"{name} is in the environment, and there is no such setting"
        yield _check("configuration", what, "`takes config` shows all of them.")
    path = locations.config_path()
    try:
        load_config(Path(path))
    except TakesError as error:
        yield _wrong("configuration", error)
    else:
        where = path if os.path.exists(path) else "no file, so all is as it is by default"
        yield _check("configuration", where, ok=True)


def _check_films() -> Iterator[Json]:
    """Whether each registered film is there, and is one."""
    try:
        known = locations.registered_projects()
    except TakesError as error:
        yield _wrong("films", error)
        return
    gone = [path for path in known if not os.path.isdir(os.path.join(path, ".takes"))]
    for path in gone:
        forget = shlex.join(["takes", "forget", path])
        what = f"{path} is away" if not os.path.isdir(path) else f"{path} has no .takes any more"
        yield _check("films", what, f"Bring it back, or have it kept no longer: {forget}")
    if not gone:
        yield _check("films", f"{len(known)} registered, and all are there" if known else "none yet", ok=True)


def _check_daemon(options: Options) -> tuple[list[Json], bool]:
    """Whether the daemon answers, what is wrong with its socket if not, and where its gallery is."""
    try:
        daemon = options.daemon
        health = daemon.ask("GET", api_path("health"))
    except (DaemonSilent, NotOurs) as error:
        return [_wrong("daemon", error)], False
    except NoDaemon as error:
        return [_check("daemon", str(error), _start(error.path))], False
    except TakesError as error:
        return [_wrong("daemon", error)], False
    answers = f"{health['version']}, process {health['pid']}, answers at {daemon.path}"
    return [_check("daemon", answers, ok=True), _check_gallery(health)], True


def _start(path: str) -> str:
    """How to have a daemon where none answers."""
    from daemon.cli.machine.background import log_path

    told = (
        f" What the last one that it started said is in {log_path()}." if os.path.exists(log_path()) else ""
    )
    if os.path.lexists(path):
        told = f" A socket was left there by one that was killed, which is no obstacle.{told}"
    return f"`takes open` starts one, or `takes daemon` here.{told}"


def _check_gallery(health: Json) -> Json:
    gallery = health.get("gallery")
    if not gallery:
        return _check("gallery", "the daemon serves none, as it was told", ok=True)
    from daemon.http.token import read_token

    try:
        read_token(gallery["tokenFile"])
    except TakesError as error:
        return _wrong("gallery", error)
    except FileNotFoundError:
        what = f"its key, {gallery['tokenFile']}, is gone"
        return _check("gallery", what, "`takes stop`, then `takes open`: another key is made.")
    return _check("gallery", f"at port {gallery['port']}; `takes open` opens it", ok=True)


def _check_film(options: Options) -> list[Json]:
    """What the daemon finds in the film that is meant; nothing where it has none at all."""
    try:
        project = options.choose_project()
    except locations.NoProjects:
        return [_check("film", "none yet: `takes init PATH` makes a folder one", ok=True)]
    except NotFound as error:
        return [_wrong("film", error)]
    found: list[Json] = project.ask("GET", "doctor")["checks"]
    return found


def _check_decoders() -> list[Json]:
    """What the daemon would find of the codecs."""
    import anyio
    from msgspec import to_builtins

    from daemon.decoding.decoders import open_decoders
    from daemon.doctor import check_decoders
    from daemon.programs.program import LEASHES

    LEASHES.begin()

    async def look() -> list[Json]:
        async with open_decoders(1) as decoders:
            checks: list[Json] = to_builtins(await check_decoders(decoders))
            return checks

    return anyio.run(look)
