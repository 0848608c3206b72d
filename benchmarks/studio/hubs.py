"""A thousand people who choose now and then, through two hubs of a studio whose film a third machine keeps."""

import random
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import anyio
import msgspec

from benchmarks.report import Bench, Row, at_most
from benchmarks.wire import Wires
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import in_studio, machine
from tests.support.film import Film, still, until
from tests.support.postgres import make_database, own_server, programs

CLIENTS, PAUSE = 1000, 10.0
"""So many people, each of whom chooses every so many seconds."""

SHOTS, NAMES = 40, 50
"""Of the film; and under how many names those people come."""

HOST = "takes.studio.example"
URL = f"https://{HOST}"
HEADERS = {"host": HOST, "origin": URL, "content-type": "application/json"}

OPEN = 64
"""Connections that a proxy keeps open to a hub, at most."""


class Hub(NamedTuple):
    """The way to a hub, as its proxy has it."""

    wires: Wires
    secret: str

    async def rate(self, shot: str, person: str, rating: int) -> bool:
        """Rate the take of a shot; whether that was done."""
        answer = await self.wires.ask(
            "PATCH",
            f"/api/projects/myfilm/shots/{shot}/takes/take_001",
            msgspec.json.encode({"rating": rating}),
            {**HEADERS, "x-takes-secret": self.secret, "x-forwarded-user": person},
        )
        return answer.status == 200


def measure(bench: Bench) -> Iterator[Row]:
    """How long a choice takes from the proxy's question to the hub's answer, when a hundred are made each second."""
    if not programs():
        yield Row(measure="a choice through a hub", unit="ms", ours=None, note="no PostgreSQL here")
        return
    seconds, clients = bench.scaled(30, 5), bench.scaled(CLIENTS, 100)
    bench.say(f"{clients} people choose through two hubs for {seconds} s")
    found, errors = anyio.run(_measure, bench.folder, clients, seconds)
    cuts = quantiles(found, n=100)
    note = f"{len(found):,} choices, {errors} refused or failed; p50 {cuts[49]:.0f} ms"
    measure = f"a choice of {clients:,} people at {1 / PAUSE:g}/s through two hubs, p99"
    yield Row(measure=measure, unit="ms", ours=cuts[98], aims=[at_most(100)], note=note)


async def _measure(folder: Path, clients: int, seconds: float) -> tuple[Sequence[float], int]:
    """The milliseconds of each choice, and how many were not made."""
    shots = [f"01_A/01_B/{number:03d}_Shot" for number in range(SHOTS)]
    with own_server(syncs=True) as running:
        film, services = await in_studio(folder, running, make_database(running), *shots)
        async with machine(film, "keeper", services) as keeper:
            for number, shot in enumerate(shots):
                film.drop(still(number), shot=shot)
            for shot in shots:
                await keeper.finished(1, shot)
            for number in range(NAMES):
                await keeper.ask("PUT", f"people/person-{number}", {"role": "artist"})
            await keeper.at_rest()
            async with _hub(film, "first", services) as first, _hub(film, "second", services) as second:
                return await _crowd([first, second], clients, seconds)


@asynccontextmanager
async def _hub(film: Film, name: str, services: dict[str, str]) -> AsyncIterator[Hub]:
    """A hub on a machine of its own, which knows all that there is."""
    async with AsyncExitStack() as stack:
        socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="takes-"))) / "hub"
        secret = film.folder / f"{name}-secret"
        choices = {"urls": [URL], "listen": str(socket), "secret_file": str(secret)}
        desk = await stack.enter_async_context(machine(film, name, services, "desk", hub=choices))
        wires = await stack.enter_async_context(Wires(str(socket), OPEN))
        await until(lambda: _is_ready(desk))
        yield Hub(wires, (await anyio.Path(secret).read_text()).strip())


async def _is_ready(desk: Daemon) -> bool:
    people = await desk.ask("GET", "people")
    return people.status_code == 200 and len(people.json()["people"]) == NAMES


async def _crowd(hubs: Sequence[Hub], clients: int, seconds: float) -> tuple[Sequence[float], int]:
    """Have all of them choose for so long, each at moments of its own."""
    found, errors, dice = list[float](), list[str](), random.Random(7)

    async def choose(number: int, first: float) -> None:
        await anyio.sleep(first)
        end = anyio.current_time() + seconds
        rating = number % 5
        while anyio.current_time() < end:
            began = anyio.current_time()
            rating = rating % 5 + 1
            try:
                is_done = await hubs[number % 2].rate(
                    f"{number % SHOTS:03d}_Shot", f"person-{number % NAMES}", rating
                )
            except (OSError, EOFError) as error:
                is_done = False
                errors.append(repr(error))
            else:
                errors.extend([] if is_done else ["refused"])
            found.append(1000 * (anyio.current_time() - began))
            await anyio.sleep(max(0.0, PAUSE - (anyio.current_time() - began)))

    async with anyio.create_task_group() as group:
        for number in range(clients):
            group.start_soon(choose, number, dice.uniform(0, PAUSE))
    return found, len(errors)
