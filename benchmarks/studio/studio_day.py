"""An hour of a studio's day, in minutes: what twenty desks, two keepers and two hundred workers ask of its database and its NAS.

The keepers are real machines. Desks and workers are theirs but for the process: each desk hears, attends and chooses over
connections of its own, and each of 25 workers makes eight takes at a time, which cost nothing.
"""

import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx

from benchmarks.report import Bench, Row
from benchmarks.studio.farm import Instant
from daemon.config.table import RunnerConfig, StudioConfig
from daemon.farm.jobs import work
from daemon.farm.making import Making
from daemon.logs.setup import set_level
from daemon.project.studio import KEEPERS
from daemon.runners.runner import Job, Made, Tell
from events.store.postgres.log import PostgresLog, open_postgres_log
from events.store.postgres.studio import open_studio
from projections.files.threads import in_thread
from projections.layout import full_id
from tests.e2e.film import Daemon
from tests.e2e.studio.seats import in_studio, machine, shared_by
from tests.support.film import Film, still
from tests.support.postgres import Server, make_database, own_server, programs
from tests.support.reads import Reads, reads_of

DESKS, KEEPING, WORKERS, PARALLEL, SHOTS = 20, 2, 25, 8, 50

QUEUE = StudioConfig().queue

FASTER = 12
"""So many times faster goes what people and renderers do; what machines ask by themselves keeps its pace."""

DROPS, ASKED, CHOICES = 1200, 1200, 600
"""In an hour: a take of each of twenty people every minute, one of each worker every ten minutes, and their choices."""


class Still(Instant):
    """A runner to which a take is a picture that nobody else has."""

    async def run(self, job: Job, tell: Tell) -> Made:
        """The picture."""
        path = job.folder / f"{job.stem}.png"
        await in_thread(path.write_bytes, still(random.getrandbits(32)))
        return Made(path)


def measure(bench: Bench) -> Iterator[Row]:
    """At rest, and while all are at work."""
    if not programs():
        yield Row(measure="an hour of a studio", unit="1/s", ours=None, note="no PostgreSQL here")
        return
    set_level("warning")
    seconds = bench.scaled(3600 // FASTER, 10)
    bench.say(f"{DESKS} desks, {KEEPING} keepers and {WORKERS * PARALLEL} workers for {seconds} s")
    rest, day, made = anyio.run(_measure, bench.folder, seconds)
    note = f"{made} takes at {FASTER} times a studio's pace; at rest "
    for what, unit in (
        ("transactions", "1/s"),
        ("processor time of PostgreSQL", "ms/s"),
        ("write-ahead log", "kB/s"),
        ("folders read on the NAS", "1/s"),
    ):
        yield Row(
            measure=f"a studio's day: {what}",
            unit=unit,
            ours=day[what],
            note=f"{note}{rest[what]:.1f} {unit}",
        )


async def _measure(folder: Path, seconds: float) -> tuple[Mapping[str, float], Mapping[str, float], int]:
    shots = [f"01_A/01_B/{number:03d}_Shot" for number in range(SHOTS)]
    with own_server(syncs=True, connections=600) as running:
        database = make_database(running)
        film, services = await in_studio(folder, running, database, *shots)
        os.environ |= services
        log = running.execute("SELECT id FROM takes.films", database)[0][0]
        async with AsyncExitStack() as stack:
            runner = {"kind": "command", "command": ["false"], "suffix": ".png"}  # which keepers do not call
            farm: dict[str, Any] = {"studio": {"make": "workers"}, "runner": runner}
            keepers = [
                await stack.enter_async_context(machine(film, f"keeper-{one}", services, **farm))
                for one in range(KEEPING)
            ]
            await shared_by(running, database, KEEPING)
            reads = stack.enter_context(reads_of(film.root))
            group = await stack.enter_async_context(anyio.create_task_group())
            desks = [await stack.enter_async_context(_desk(log)) for _ in range(DESKS)]
            for one, desk in enumerate(desks):
                group.start_soon(_attend, desk, f"desk-{one}/bench")
            making = Making(film.root, keepers[0].project, desks[0], Still(), RunnerConfig())
            for _ in range(WORKERS):
                group.start_soon(work, "takes", {desks[0].film: making.make}, [QUEUE], PARALLEL, 30.0)
            await anyio.sleep(5)  # until all have connected
            rest = await _during(running, database, reads, min(seconds, 30), _rest)
            day = await _during(running, database, reads, seconds, lambda: _work(film, keepers[0], seconds))
            made = running.execute(
                "SELECT count(*) FROM takes.events WHERE data LIKE '%take.completed%'", database
            )
            group.cancel_scope.cancel()
    return rest, day, made[0][0]


@asynccontextmanager
async def _desk(log: str) -> AsyncIterator[PostgresLog]:
    async with open_studio("takes", "takes/desk/bench") as studio, open_postgres_log(studio, log) as events:
        yield events


async def _attend(desk: PostgresLog, name: str) -> None:
    """As a desk does, for ever."""
    while True:
        await desk.keepers.look()
        await desk.keepers.attend(name)
        await anyio.sleep(KEEPERS)


async def _during(
    running: Server, database: str, reads: Reads, seconds: float, work: Callable[[], Awaitable[object]]
) -> Mapping[str, float]:
    """What there was to do each second meanwhile."""
    before, begun = await in_thread(_load, running, database, reads), anyio.current_time()
    await work()
    await anyio.sleep(max(0.0, begun + seconds - anyio.current_time()))
    after, spent = await in_thread(_load, running, database, reads), anyio.current_time() - begun
    return {name: (after[name] - count) / spent for name, count in before.items()}


def _load(running: Server, database: str, reads: Reads) -> Mapping[str, float]:
    """What there was to do until now."""
    query = "SELECT xact_commit + xact_rollback, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = %s"
    transactions, wal = running.execute(query.replace("%s", f"'{database}'"))[0]
    return {
        "transactions": transactions,
        "processor time of PostgreSQL": 1000 * running.cpu(),
        "write-ahead log": float(wal) / 1000,
        "folders read on the NAS": reads.count,
    }


async def _work(film: Film, keeper: Daemon, seconds: float) -> None:
    """What people drop, ask for and choose in that time, each at a moment of its own."""
    share, dice = seconds * FASTER / 3600, random.Random(11)
    deeds = [
        *[_drop] * round(DROPS * share),
        *[_ask] * round(ASKED * share),
        *[_choose] * round(CHOICES * share),
    ]
    dice.shuffle(deeds)
    async with anyio.create_task_group() as group:
        for number, deed in enumerate(deeds):
            group.start_soon(deed, film, keeper, f"01_A/01_B/{number % SHOTS:03d}_Shot", number)
            await anyio.sleep(dice.expovariate(len(deeds) / seconds))


async def _rest() -> None:
    """Nobody does anything."""


async def _drop(film: Film, _: Daemon, shot: str, number: int) -> None:
    await in_thread(film.drop, still(number), f"{number}.png", shot)


async def _ask(_: Film, keeper: Daemon, shot: str, number: int) -> None:
    await _say(keeper, "POST", f"shots/{full_id(shot)}/takes", {"generationParams": {"seed": number}})


async def _choose(_: Film, keeper: Daemon, shot: str, number: int) -> None:
    await _say(keeper, "PATCH", f"shots/{full_id(shot)}/takes/take_001", {"rating": number % 5 + 1})


async def _say(keeper: Daemon, method: str, path: str, body: Mapping[str, object]) -> None:
    """Ask once more where the connection was one that the daemon had just closed, since it was idle."""
    try:
        await keeper.ask(method, path, body)
    except httpx.RemoteProtocolError:
        await keeper.ask(method, path, body)
