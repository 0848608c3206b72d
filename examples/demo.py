"""The demo: a film under `demo/`, real clips dropped into it one after another, and the takes that they become.

`DEMO=PATH` has it all somewhere else, such as on the disk that your films are on.

It removes only what it made itself; a take that somebody else dropped there is kept, and so is its film.
"""

import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

import click

from daemon.cli.client import Daemon, Json, NoDaemon, api_path
from examples.drops import DROPS, Drop, shortcomings
from examples.film import SHOTS, make_film

CHECKOUT = Path(__file__).resolve().parent.parent
DEMO = Path(os.environ.get("DEMO", "demo"))
FILM = DEMO / "MyFilm"
RUN = DEMO / "run"
TAKES = Path(sys.executable).with_name("takes")

GENERATED = "take_003"
PROMPT = "gulls over a wooden pier, first light, a red boat"

MARKER = ".made-by-make-demo"
LONGEST_SOCKET = 100
"""Bytes; the name of a Unix socket has room for 103 on a Mac, and for 107 on Linux."""

PATIENCE = 30.0
"""Seconds until something that should have happened counts as not happening."""


class DemoFailed(click.ClickException):
    """Raised when the demo cannot go on; the message says why, to the person who started it."""


class Stage(NamedTuple):
    """The daemon with the demo's film, and its events with the time of their arrival; None once it has gone."""

    daemon: Daemon
    project: str
    events: "SimpleQueue[tuple[float, Json] | None]"

    def ask(self, *parts: str) -> Json:
        return self.daemon.ask("GET", api_path("projects", self.project, *parts))


def play(stage: Stage, drop: Drop) -> bool:
    """Drop the file and tell what becomes of it; whether it became what it should."""
    source = RUN / "renders" / drop.name
    content = source.read_bytes()
    click.echo(f"\n{drop.shot}\n  {drop.name}: {drop.way}")
    drop.put(source, FILM / drop.takes)
    dropped = time.monotonic()
    tell(stage, dropped, until=("take.completed", "take.failed"))
    while wrong := list(shortcomings(drop, content, FILM, stage.ask("shots", drop.shot_id, "takes"))):
        if time.monotonic() > dropped + PATIENCE:
            break
        time.sleep(0.01)
    done = time.monotonic()
    tell(stage, dropped)
    for line in wrong:
        click.echo(f"  wrong: {line}", err=True)
    if not wrong:
        click.echo(f"  {since(dropped, done)}  its sidecar, its thumbnail and project.json are there")
    return not wrong


def tell(stage: Stage, dropped: float | None = None, until: Sequence[str] = ()) -> None:
    """Print what has happened, a line for each event; with `until`, wait for one of these types."""
    while True:
        try:
            news = stage.events.get(timeout=PATIENCE if until else 0)
        except Empty:
            return
        if news is None:
            raise DemoFailed(f"the daemon went away; {RUN / 'daemon.log'} may say why")
        arrived, event = news
        if event["type"].startswith("take."):
            when = since(dropped, arrived) if dropped else event["shotId"].rpartition(":")[2]
            click.echo(f"  {when}  {describe(event['type'], event['data'])}")
        if event["type"] in until:
            return


def since(start: float, end: float) -> str:
    return f"{round(1000 * (end - start)):6} ms"


def describe(kind: str, data: Json) -> str:
    """An event in words."""
    take = f"take_{data['take']:03d}"
    match kind:
        case "take.created":
            return f"{take} is given"
        case "take.completed":
            return f"{take} is complete: {', '.join(look_of(data['media']))}"
        case "take.started":
            return f"{take} is being made"
        case "take.failed":
            return f"{take} has failed: {data['error']}"
        case "take.activated":
            return f"{take} is the active take"
        case _:
            return f"{take} is {kind.removeprefix('take.')}"


def look_of(media: Json) -> Iterator[str]:
    yield media["kind"]
    if "duration" in media:
        yield f"{media['duration']:.1f} s"
    if "width" in media:
        yield f"{media['width']} x {media['height']}"
    if "codec" in media:
        yield media["codec"]


@contextmanager
def running_daemon(socket: str) -> Iterator[Stage]:
    """The daemon as a child process, serving the film; it is ended in the end, whatever happens."""
    with (RUN / "daemon.log").open("wb") as log:
        command = [str(TAKES), "daemon", str(FILM), "--socket", socket, "--port", "0", "--log-format", "text"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        stage = wait_for(Daemon(socket), process)
        Thread(target=listen, args=(stage,), daemon=True).start()
        yield stage
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.returncode:
        raise DemoFailed(f"the daemon ended with exit code {process.returncode}; see {RUN / 'daemon.log'}")


def wait_for(daemon: Daemon, process: "subprocess.Popen[bytes]") -> Stage:
    """Wait until the daemon answers and has the film open."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            for project in daemon.ask("GET", api_path("projects"))["projects"]:
                if project["state"] != "starting":
                    return Stage(daemon, project["id"], SimpleQueue())
        except NoDaemon:
            pass
        time.sleep(0.02)
    raise DemoFailed(f"the daemon does not answer; its log says:\n{(RUN / 'daemon.log').read_text()}")


def listen(stage: Stage) -> None:
    """Pass every event of the project on, as it happens."""
    try:
        for event in stage.daemon.follow(api_path("projects", stage.project, "events", after=0)):
            stage.events.put((time.monotonic(), event))
    except NoDaemon:
        pass
    stage.events.put(None)


@contextmanager
def own_folder() -> Iterator[None]:
    """`demo/`, ours and for us alone; DemoFailed where somebody else made it, or a demo is running in it."""
    if DEMO.exists() and not (DEMO / MARKER).exists():
        raise DemoFailed(f"{DEMO}/ is there, and `make demo` did not make it: move it away first")
    DEMO.mkdir(exist_ok=True)
    with (DEMO / MARKER).open("a") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoFailed("a demo is running here already; Ctrl-C ends it") from None
        yield


def begin_anew() -> None:
    """Remove the last demo's film; where somebody dropped a take of their own into it, put it aside instead."""
    ours = {FILM / drop.takes / drop.take for drop in DROPS} | {FILM / DROPS[0].takes / GENERATED}
    if set(FILM.glob("**/takes/*")) - ours:
        aside = next(path for n in count(2) if not (path := FILM.with_name(f"{FILM.name}_{n}")).exists())
        FILM.rename(aside)
        click.echo(f"You dropped takes of your own into the last demo's film: it is kept as {aside}.")
    for folder in (FILM, RUN):
        shutil.rmtree(folder, ignore_errors=True)


def remove() -> None:
    """Remove all that the demo made, but no take of somebody else."""
    if not DEMO.exists():
        return
    with own_folder():
        begin_anew()
        is_empty = set(DEMO.iterdir()) == {DEMO / MARKER}
    if is_empty:  # not before the marker is closed: a stick cannot remove an open file
        shutil.rmtree(DEMO)


def set_up() -> None:
    """Make the film, render what will be dropped, and make the film a project."""
    os.environ["TAKES_CONFIG"] = str((RUN / "config.toml").absolute())
    os.environ["PYTHONPATH"] = str(CHECKOUT)  # where the renderer is, which runs somewhere else
    os.environ.pop("TAKES_PROJECT", None)
    make_film(FILM)
    RUN.mkdir(mode=0o700)
    command = json.dumps([sys.executable, "-m", "examples.renderer"])
    (RUN / "config.toml").write_text(f'[runner]\nkind = "command"\ncommand = {command}\n')
    renders = RUN / "renders"
    renders.mkdir()
    for drop in DROPS:
        drop.make(renders / drop.name)
    click.echo(
        f"A film in {FILM}: 2 chapters, 3 scenes, {len(SHOTS)} shots, and {len(DROPS)} renders to drop into it."
    )


@contextmanager
def a_socket() -> Iterator[str]:
    """Where the daemon is to listen, and beside it what else is private; the user's own projects are none of ours."""
    with a_private_folder() as folder:
        os.environ["XDG_STATE_HOME"] = str((folder / "state").absolute())
        yield str(folder / "takes.sock")


@contextmanager
def a_private_folder() -> Iterator[Path]:
    """A folder for us alone, with a short path, since the name of a Unix socket has to be short."""
    is_short = len(os.fsencode((RUN / "takes.sock").absolute())) <= LONGEST_SOCKET
    if is_short and not RUN.stat().st_mode & 0o077:  # a card or a stick has no modes, and no sockets
        yield RUN
        return
    with tempfile.TemporaryDirectory(prefix="takes-") as folder:
        click.echo(f"{RUN} can hold no socket: it is in {folder} instead.")
        yield Path(folder)


def generate(stage: Stage, socket: str) -> bool:
    """Ask for another take, and tell what becomes of it; whether it was made."""
    command = ["new", DROPS[0].shot_id, "-p", f"prompt={PROMPT}", "-p", "seed=7"]
    begun = time.monotonic()
    run(socket, *command)
    tell(stage, begun, until=("take.completed", "take.failed"))
    made = stage.ask("shots", DROPS[0].shot_id, "takes")["takes"][-1]
    return bool(made["status"] == "complete" and made["generationParams"]["prompt"] == PROMPT)


def run(socket: str, *arguments: str) -> None:
    """Show a command and what it prints."""
    click.echo(f"\n$ {shlex.join(['takes', *arguments])}")
    subprocess.run([TAKES, "--socket", socket, *arguments], check=True)


def show(socket: str) -> None:
    """What the film holds now, as the command line shows it, and where the gallery is."""
    run(socket, "ls")
    run(socket, "ls", DROPS[0].shot_id)
    run(socket, "open", "--print")


def advise(project: str, socket: str) -> None:
    """What to try next, to be copied into another terminal."""
    takes = f"{os.path.relpath(TAKES)} --socket {socket}"
    shot = DROPS[0].shot_id
    click.echo(
        f"""
The daemon stays up until Ctrl-C. What to try next, in another terminal, in {CHECKOUT}:

  {takes} open
  {takes} new {shot} -p "prompt=gulls at noon" --wait
  {takes} activate {shot} 2
  {takes} show {shot} 3
  {takes} rm {shot} 1
  {takes} restore {shot} 1
  {takes} log
  curl --unix-socket {socket} http://takes{api_path("projects", project, "shots", shot, "takes")}
  ls -l {FILM / DROPS[0].shot}/ {FILM / DROPS[0].shot}/active_take/

Drop a file of your own, and it is told here:

  cp FILE {FILM / DROPS[-1].takes}/
"""
    )


@click.command()
@click.option(
    "--once", is_flag=True, help="End when the last drop is a take, with 0 if each became what it should."
)
@click.option("--remove", "removing", is_flag=True, help="Remove what earlier demos made, and do no more.")
def main(*, once: bool, removing: bool) -> None:
    """Make a film, drop clips into it, and tell of the takes that they become."""
    os.chdir(CHECKOUT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if removing:
        return remove()
    with own_folder():
        begin_anew()
        set_up()
        with a_socket() as socket:
            subprocess.run([TAKES, "init", FILM, "--socket", socket], check=True, stdout=subprocess.DEVNULL)
            with running_daemon(socket) as stage:
                click.echo("`takes init` has made it a project, and `takes daemon` keeps it.")
                results = [*[play(stage, drop) for drop in DROPS], generate(stage, socket)]
                good = all(results)
                show(socket)
                click.echo(f"\n{'Every' if good else 'NOT every'} take became what it should.")
                if not once:
                    stay_up(stage, socket)
    sys.exit(0 if good else 1)


def stay_up(stage: Stage, socket: str) -> None:
    advise(stage.project, socket)
    try:
        while True:
            tell(stage, until=("take.completed", "take.failed"))
    except KeyboardInterrupt:
        click.echo(f"\nThe film stays in {FILM} until the next demo.")


if __name__ == "__main__":
    main()
