"""Durable appends to a log in PostgreSQL, beside eventsourcing's recorder on the same server and our log in SQLite."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

import anyio

from benchmarks.history import as_appends, registered
from benchmarks.report import Bench, Row, at_least_of_peer
from events import Append, EventLog, open_log
from events.codec import CODEC
from events.store.postgres.films import enter
from events.store.postgres.log import open_postgres_log
from events.store.postgres.migrations import migrate
from events.store.postgres.studio import open_studio
from tests.support.postgres import Server, make_database, own_server, programs, write_services

PRODUCERS = (8, 64)

RECORDER = "eventsourcing's PostgreSQL recorder"
LOCAL = "our log in SQLite"


def measure(bench: Bench) -> Iterator[Row]:
    """For so many producers in one process; ours and the peers' runs take turns."""
    if not programs():
        yield Row(measure="appends to a studio's log", unit="events/s", ours=None, note="no PostgreSQL here")
        return
    rounds, seconds = bench.scaled(5, 1), bench.scaled(8, 1)
    with own_server(syncs=True) as running:
        os.environ |= write_services(bench.folder / "services", running, takes=make_database(running))
        anyio.run(_make_ready)
        for producers in PRODUCERS:
            bench.say(f"{rounds} rounds of {producers} producers, each of our logs and the recorder in turn")
            rates: dict[str, list[float]] = {"ours": [], RECORDER: [], LOCAL: []}
            each = seconds * 2000 // producers
            for number in range(rounds):
                appends = _appends(producers, each)
                rates["ours"].append(_run(partial(_studio, appends, producers)))
                rates[LOCAL].append(
                    _run(partial(_local, bench.folder / f"{producers}-{number}.db", appends, producers))
                )
                rates[RECORDER].append(_recorder(running, appends[: seconds * 150], producers))
            yield from _rows(producers, {name: median(found) for name, found in rates.items()})


def _rows(producers: int, rates: dict[str, float]) -> Iterator[Row]:
    for peer, share in ((RECORDER, 5), (LOCAL, 0.4)):
        yield Row(
            measure=f"appends to a studio's log, {producers} producers",
            unit="events/s",
            ours=rates["ours"],
            peer=peer,
            theirs=rates[peer],
            aims=[at_least_of_peer(share)],
        )


def _appends(producers: int, each: int) -> list[Append]:
    """Single events for a stream of each producer, in turns."""
    events = [registered(f"01_A/01_B/{number:03d}_C", number)[0] for number in range(producers)]
    streams = [f"{number:016x}" for number in range(producers)]
    return list(as_appends((stream, n, [events[s]]) for n in range(each) for s, stream in enumerate(streams)))


def _run(work: Any) -> float:
    return float(anyio.run(work, backend_options={"use_uvloop": True}))


async def _make_ready() -> None:
    async with open_studio("takes") as studio:
        await migrate(studio)


async def _studio(appends: Sequence[Append], producers: int) -> float:
    async with open_studio("takes") as studio:
        film = await enter(studio, uuid4().hex, "A film")
        await film.turn("moving", "open")
        async with open_postgres_log(studio, film.id) as log:
            return await _timed(log, appends, producers)


async def _local(path: Path, appends: Sequence[Append], producers: int) -> float:
    async with open_log(path) as log:
        return await _timed(log, appends, producers)


async def _timed(log: EventLog, appends: Sequence[Append], producers: int) -> float:
    async def produce(own: Sequence[Append]) -> None:
        for append in own:
            await log.append(append)

    began = perf_counter()
    await asyncio.gather(*(produce(appends[number::producers]) for number in range(producers)))
    return len(appends) / (perf_counter() - began)


def _recorder(running: Server, appends: Sequence[Append], producers: int) -> float:
    from eventsourcing.persistence import StoredEvent
    from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

    with PostgresDatastore(
        make_database(running),
        str(running.folder),
        5432,
        "postgres",
        "",
        pool_size=min(producers, 30),
        max_waiting=99,
    ) as datastore:
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        ids = {append.stream: uuid4() for append in appends}

        def produce(number: int) -> None:
            for append in appends[number::producers]:
                data = CODEC.encode(append.events[0]).encode()
                recorder.insert_events([StoredEvent(ids[append.stream], append.expected + 1, "event", data)])

        began = perf_counter()
        with ThreadPoolExecutor(producers) as pool:
            list(pool.map(produce, range(producers)))
        return len(appends) / (perf_counter() - began)
