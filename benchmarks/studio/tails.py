"""Tails of a studio's log: how long until other machines know what one has appended, while twenty of them append."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import quantiles
from time import monotonic
from uuid import uuid4

import anyio

from benchmarks.history import as_appends, registered, takes
from benchmarks.report import Bench, Row, at_most
from events import Append
from events.log import follow
from events.store.postgres.films import enter
from events.store.postgres.log import open_postgres_log
from events.store.postgres.migrations import migrate
from events.store.postgres.studio import open_studio
from tests.support.postgres import make_database, own_server, programs, write_services

DESKS, TAILS, PAUSE = 20, 5, 0.5
"""So many machines append, each every so many seconds, and so many others see it."""

TOGETHER = 5
"""Desks in one process, each with connections of its own: two processors have enough to do."""

Times = Mapping[str, float]
"""By a record's id, the moment by a clock that all processes share."""


def measure(bench: Bench) -> Iterator[Row]:
    """From the begin of an append to the moment at which another process has its record."""
    if not programs():
        yield Row(measure="a studio's tails", unit="ms", ours=None, note="no PostgreSQL here")
        return
    each = bench.scaled(60, 8)
    bench.say(f"{DESKS} desks append {each} records each, {1 / PAUSE:g} a second, and {TAILS} tails see them")
    with own_server(syncs=True, connections=200) as running:
        os.environ |= write_services(bench.folder / "services", running, takes=make_database(running))
        log = uuid4().hex
        anyio.run(_make_ready, log)
        spent = [1000 * one for one in _run(bench.folder, log, each)]
    cuts = quantiles(spent, n=100)
    for name, place, bound in (("p50", 49, 20), ("p99", 98, 100)):
        yield Row(
            measure=f"a record of one of {DESKS} desks, from the begin of its append to each of {TAILS} tails, {name}",
            unit="ms",
            ours=cuts[place],
            aims=[at_most(bound)],
            note=f"{len(spent):,} records seen, in order, none missing",
        )


async def _make_ready(log: str) -> None:
    async with open_studio("takes") as studio:
        await migrate(studio)
        film = await enter(studio, log, "A film")
        await film.turn("moving", "open")


def _run(folder: Path, log: str, each: int) -> list[float]:
    """The seconds of each record at each tail."""
    with ProcessPoolExecutor(TAILS + DESKS // TOGETHER, get_context("spawn")) as pool:
        tails = [pool.submit(_tail, log, folder / f"ready-{one}", DESKS * each) for one in range(TAILS)]
        desks = [pool.submit(_desks, log, folder, one, each) for one in range(0, DESKS, TOGETHER)]
        begun = {id_: moment for desk in desks for id_, moment in desk.result().items()}
        seen = [tail.result() for tail in tails]
    return [one[id_] - moment for one in seen for id_, moment in begun.items()]


def _tail(log: str, ready: Path, count: int) -> Times:
    return anyio.run(_see, log, ready, count)


async def _see(log: str, ready: Path, count: int) -> Times:
    """When each of so many records was seen; they come in order, and none is left out."""
    seen: dict[str, float] = {}
    async with open_studio("takes") as studio, open_postgres_log(studio, log) as events:
        await anyio.Path(ready).touch()
        async for record in follow(events, 0):
            seen[record.id] = monotonic()
            if record.position != len(seen):
                raise RuntimeError(f"record {record.position} came as number {len(seen)}")
            if len(seen) == count:
                break
    return seen


def _desks(log: str, folder: Path, first: int, each: int) -> Times:
    return anyio.run(_append_all, log, folder, range(first, first + TOGETHER), each)


async def _append_all(log: str, folder: Path, desks: Sequence[int], each: int) -> Times:
    """When each of those desks began to append each of its records."""
    while len([one async for one in anyio.Path(folder).glob("ready-*")]) < TAILS:  # noqa: ASYNC110 - of others
        await anyio.sleep(0.05)
    begun: dict[str, float] = {}
    async with anyio.create_task_group() as group:
        for desk in desks:
            group.start_soon(_append, log, _story(desk, each), begun)
    return begun


async def _append(log: str, story: Sequence[Append], begun: dict[str, float]) -> None:
    dice = Random(story[0].stream)
    async with open_studio("takes") as studio, open_postgres_log(studio, log) as events:
        for append in story:
            await anyio.sleep(dice.uniform(0, 2 * PAUSE))
            moment = monotonic()
            (record,) = await events.append(append)
            begun[record.id] = moment


def _story(desk: int, each: int) -> list[Append]:
    """A shot of that desk's own, event by event."""
    events = [*registered(f"01_A/01_B/{desk:03d}_C", desk), *takes("C", range(1, each), Random(desk))][:each]
    return list(as_appends((f"{desk:016x}", number, [event]) for number, event in enumerate(events)))
