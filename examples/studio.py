"""A studio: a PostgreSQL, two keepers, three desks and two workers of one film, and what is left when one of each is killed.

All of it lies in a folder of its own, which is removed in the end, unless something is not as it should be.
"""

import hashlib
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import click

from daemon.cli.client import Json
from examples.film import DUSK, SHOTS, draw
from examples.machines import Machine, StudioFailed, address
from examples.postgres import Server, programs, write_services

KEEPERS = ("keeper-1", "keeper-2")
DESKS = ("desk-1", "desk-2", "desk-3")
WORKERS = ("worker-1", "worker-2")
KILLED = (KEEPERS[0], DESKS[0], WORKERS[0])
"""Those that are killed while all users drop files and takes are made, and started again at the end."""

PAUSE = 0.05
"""Seconds between two drops of one user."""

HEARD = 30.0
"""Seconds in which a machine has to have heard of what another one knows."""

PATIENCE = 120.0
"""Seconds until something that should have happened counts as not happening: a lease runs out meanwhile, and more."""


class Dropped(NamedTuple):
    """A file that was dropped: where, by whom, and its hash."""

    shot: str
    by: str
    sha256: str


def drop_all(name: str, film: Path, shots: Sequence[str], count: int, dropped: list[Dropped]) -> None:
    """Drop so many pictures into the shots in turn, one after another, as that machine's user."""
    for number in range(count):
        shot = shots[number % len(shots)]
        path = film / shot / "takes" / f"{name}_{number:03d}.png"
        part = path.with_name(f".{path.name}.part")
        draw((192, 108), f"{name} {number}", DUSK, number / count).save(part, "PNG")
        sha256 = hashlib.sha256(part.read_bytes()).hexdigest()
        if number % 2:
            part.rename(path)
        else:
            shutil.copyfile(part, path)
            part.unlink()
        dropped.append(Dropped(shot, name, sha256))
        time.sleep(PAUSE)


def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    """Return once that is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise StudioFailed(f"there was no sign of {what} in {PATIENCE:.0f} s")
        time.sleep(0.1)


def wrong_takes(shot: str, takes: Sequence[Json], film: Path) -> Iterator[str]:
    """What is not as it should be with the takes of a shot: they count from 1, and each has its bytes."""
    numbers = [take["number"] for take in takes]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"{shot}: the numbers are {numbers}"
    for take in takes:
        path = film / shot / "takes" / take["id"] / (take["media"] or {}).get("name", "")
        if take["status"] != "complete" or not path.is_file():
            yield f"{shot}/{take['id']} is {take['status']}, or its file is not there"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != take["media"]["sha256"]:
            yield f"{shot}/{take['id']}: its bytes are others"
    if left := [path.name for path in (film / shot / "takes").iterdir() if not path.name.startswith("take_")]:
        yield f"{shot}: takes/ still holds {', '.join(left)}"


def wrong_drops(shot: str, takes: Sequence[Json], dropped: Sequence[Dropped]) -> Iterator[str]:
    """Where the drops are not the takes of a shot, each of them one."""
    wanted = sorted(one.sha256 for one in dropped if one.shot == shot)
    if wanted != sorted((take["media"] or {}).get("sha256", "") for take in takes):
        yield f"{shot}: {len(wanted)} files were dropped, and the takes are not those"


def wrong_answers(shot: str, machines: Sequence[Machine]) -> Iterator[str]:
    """Where the machines do not say the same of a shot."""
    first = machines[0]
    for machine in machines[1:]:
        deadline = time.monotonic() + HEARD
        while (said := machine.takes(shot)) != (wanted := first.takes(shot)):
            if time.monotonic() > deadline:
                yield f"{shot}: {machine.name} says {said}, and {first.name} says {wanted}"
                break
            time.sleep(0.1)


class Studio:
    """All that there is of the studio, in one folder; each user drops `count` files, and asks for half as many takes."""

    def __init__(self, folder: Path, count: int) -> None:
        self.film = folder / "StudioFilm"
        self.shots = SHOTS[:3]
        self.asked = SHOTS[3]
        self.dropped: list[Dropped] = []
        self._folder = folder
        self._count = count
        self._seeds = list(range(1, 1 + count // 2))
        self._begun = time.monotonic()
        self.machines: list[Machine] = []

    def tell(self, what: str) -> None:
        """Print that, with the time that has gone by."""
        click.echo(f"{time.monotonic() - self._begun:6.1f} s  {what}")

    def set_up(self, server: Server) -> None:
        """A database, a film in it, and machines that have it."""
        server.execute("CREATE DATABASE takes")
        services = write_services(self._folder / "services", server, takes="takes")
        for shot in (*self.shots, self.asked):
            (self.film / shot / "takes").mkdir(parents=True)
        names = (*KEEPERS, *DESKS, *WORKERS)
        self.machines = [Machine(self._folder, name, self.film, services) for name in names]
        first = self.machines[0]
        first.run("studio", "init")
        first.run("init", self.film, "--socket", first.folder / "s")
        first.run("studio", "join", self.film)
        for machine in self.machines:
            machine.start()
        for shot in (*self.shots, self.asked):
            for desk in self.those("desk"):
                wait_for(f"{desk.name} to know the shots", partial(desk.knows, shot))
        counts = f"{len(KEEPERS)} keepers, {len(DESKS)} desks and {len(WORKERS)} workers"
        self.tell(f"{counts} have the film, whose log is in PostgreSQL.")

    def those(self, *roles: str) -> list[Machine]:
        """The machines of these roles."""
        return [one for one in self.machines if one.role in roles]

    def work(self) -> None:
        """Have takes asked for and files dropped by all users at once, and kill one machine of each role in the midst of it."""
        desk = self.those("desk")[-1]
        for seed in self._seeds:
            params = {"prompt": "night swell", "seed": seed}
            desk.ask(
                "POST",
                "shots",
                address(self.asked),
                "takes",
                body={"generationParams": params, "quality": "draft"},
            )
        self.tell(f"{desk.name} has asked for {len(self._seeds)} takes, which the workers make.")
        arguments = (self.film, self.shots, self._count, self.dropped)
        users = [
            Thread(target=drop_all, args=(one.name, *arguments), daemon=True)
            for one in self.those("keeper", "desk")
        ]
        for user in users:
            user.start()
        wait_for("half of the drops", lambda: len(self.dropped) >= len(users) * self._count // 2)
        for machine in self.machines:
            if machine.name in KILLED:
                machine.end(signal.SIGKILL)
                self.tell(f"{machine.name} is killed, after {len(self.dropped)} drops.")
        for user in users:
            user.join()
        self.tell(f"{len(self.dropped)} files have been dropped, {self._count} by the user of each machine.")

    def choose(self) -> None:
        """Have the user of a desk choose another active take, and see it on the disk."""
        desk, shot = self.those("desk")[-1], self.shots[0]
        wait_for("a complete take", partial(desk.has, shot, 2))
        last = [one["id"] for one in desk.takes(shot) if one["status"] == "complete"][-1]
        desk.ask("PUT", "shots", address(shot), "active-take", body={"takeId": last})
        link = self.film / shot / "active_take"
        wait_for("the link", lambda: link.is_symlink() and str(link.readlink()) == f"takes/{last}")
        self.tell(
            f"{desk.name} has made {last} of the first shot the active one, and a keeper has set the link."
        )

    def settle(self) -> None:
        """Wait until everything is taken in, and all machines have heard of it."""
        last = self.those("desk")[-1]
        for shot, count in self._wanted().items():
            wait_for(f"all takes of {shot}", partial(last.has, shot, count))
        self.tell("All of them are takes.")
        for machine in self.machines:
            if not machine.is_running:
                machine.start()
                self.tell(f"{machine.name} is started again.")
        for machine in self.those("keeper", "desk"):
            for shot, count in self._wanted().items():
                wait_for(f"{machine.name} to know all takes", partial(machine.has, shot, count))

    def _wanted(self) -> dict[str, int]:
        """How many takes each shot is to have."""
        drops = {shot: sum(one.shot == shot for one in self.dropped) for shot in self.shots}
        return {**drops, self.asked: len(self._seeds)}

    def judge(self) -> None:
        """Tell what is not as it should be; StudioFailed where anything is not."""
        wrong = [*self._shortcomings()]
        for line in wrong:
            click.echo(f"  wrong: {line}", err=True)
        if wrong:
            raise StudioFailed(f"{len(wrong)} things are not as they should be")
        self.tell(
            f"Each of {len(self.dropped)} drops is one take with its bytes, numbered from 1 in its shot."
        )
        self.tell(
            f"Each of {len(self._seeds)} takes that were asked for was made once. All machines say the same."
        )

    def _shortcomings(self) -> Iterator[str]:
        last = self.machines[len(KEEPERS)]
        for shot in self._wanted():
            yield from wrong_takes(shot, last.takes(shot), self.film)
            yield from wrong_answers(shot, self.those("keeper", "desk"))
        for shot in self.shots:
            yield from wrong_drops(shot, last.takes(shot), self.dropped)
        made = [take["generationParams"]["seed"] for take in last.takes(self.asked)]
        if made != self._seeds:
            yield f"{self.asked}: asked for were the seeds {self._seeds}, and there are {made}"

    def end(self) -> None:
        """End all that runs."""
        for machine in reversed(self.machines):
            machine.end()


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder for all of it, with a short path; it stays where something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="takes-studio-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    except BaseException:
        click.echo(f"All of it is left in {folder}: each machine's folder has a log.", err=True)
        raise
    shutil.rmtree(folder)


@contextmanager
def a_server() -> Iterator[Server]:
    """A PostgreSQL of its own."""
    if not (found := programs()):
        raise StudioFailed("there is no PostgreSQL here; on Debian: apt-get install postgresql")
    server = Server(found)
    try:
        server.start()
        yield server
    finally:
        server.end()


@click.command()
@click.option("--quick", is_flag=True, help="Drop few files.")
def main(*, quick: bool) -> None:
    """Run a studio for a moment, kill some of it, and end with 0 only if every drop is one take and all say the same."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with a_server() as server, a_folder() as folder:
        studio = Studio(folder, 6 if quick else 40)
        try:
            studio.set_up(server)
            studio.work()
            studio.choose()
            studio.settle()
            studio.judge()
        finally:
            studio.end()


if __name__ == "__main__":
    main()
