"""Durable appends: one by one, and 64 producers at once, beside bare sqlite3 with the same rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import anyio

from benchmarks.history import PRODUCERS, as_appends, registered, takes
from benchmarks.report import Bench, Row, at_least_of_peer
from events import Append, EventLog, open_log

BATCH = 100
TABLE = """CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL,
    at TEXT NOT NULL, actor TEXT NOT NULL, cause TEXT, schema INTEGER NOT NULL, data TEXT NOT NULL,
    hash TEXT NOT NULL, UNIQUE (stream, version)) STRICT"""
INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

Rows = Sequence[tuple[Any, ...]]


def measure(bench: Bench) -> Iterator[Row]:
    """Both measures; ours and the peer's runs take turns."""
    rounds, singles, each = bench.scaled(7, 3), bench.scaled(1000, 200), bench.scaled(200, 20)
    results: dict[str, list[float]] = {"one": [], "bare": [], "many": [], "batches": []}
    bench.say(f"{rounds} rounds of {singles} single appends, and of {PRODUCERS} producers with {each} each")
    for number in range(rounds):
        path = bench.folder / f"one-{number}.db"
        results["one"].append(_rate(path, _one_by_one, _appends(singles // PRODUCERS + 1)[:singles]))
        results["bare"].append(_bare(bench.folder / f"bare-{number}.db", _rows(path), 1))
        path = bench.folder / f"many-{number}.db"
        results["many"].append(_rate(path, _at_once, _appends(each)))
        results["batches"].append(_bare(bench.folder / f"batches-{number}.db", _rows(path), BATCH))
    best = {name: median(rates) for name, rates in results.items()}
    yield Row(
        measure="durable single appends",
        unit="events/s",
        ours=best["one"],
        peer="bare sqlite3, FULL",
        theirs=best["bare"],
        aims=[at_least_of_peer(0.85)],
    )
    yield Row(
        measure=f"durable appends, {PRODUCERS} producers at once",
        unit="events/s",
        ours=best["many"],
        peer=f"bare sqlite3, FULL, batches of {BATCH}",
        theirs=best["batches"],
        aims=[at_least_of_peer(0.6)],
    )


def _appends(each: int) -> list[Append]:
    """Single events for 64 streams, so many for each, in turns."""
    streams = [f"{number:016x}" for number in range(PRODUCERS)]
    stories = [
        [*registered(f"01_A/01_B/{number:03d}_C", number), *takes("C", range(1, each), Random(number))]
        for number in range(PRODUCERS)
    ]
    return list(
        as_appends(
            (stream, n, stories[s][n : n + 1]) for n in range(each) for s, stream in enumerate(streams)
        )
    )


def _rate(path: Path, work: Any, appends: Sequence[Append]) -> float:
    return anyio.run(partial(_timed, path, work, appends), backend_options={"use_uvloop": True})


async def _timed(path: Path, work: Any, appends: Sequence[Append]) -> float:
    async with open_log(path) as log:
        began = perf_counter()
        await work(log, appends)
        return len(appends) / (perf_counter() - began)


async def _one_by_one(log: EventLog, appends: Sequence[Append]) -> None:
    for append in appends:
        await log.append(append)


async def _at_once(log: EventLog, appends: Sequence[Append]) -> None:
    async def produce(own: Sequence[Append]) -> None:
        for append in own:
            await log.append(append)

    async with anyio.create_task_group() as group:
        for number in range(PRODUCERS):
            group.start_soon(produce, appends[number::PRODUCERS])


def _rows(path: Path) -> Rows:
    """The rows of a log, as any program can read them."""
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT * FROM events ORDER BY position").fetchall()
    finally:
        db.close()


def _bare(path: Path, rows: Rows, batch: int) -> float:
    """The same rows into a bare table, so many in a transaction."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(TABLE)
        began = perf_counter()
        for start in range(0, len(rows), batch):
            db.execute("BEGIN IMMEDIATE")
            db.executemany(INSERT, rows[start : start + batch])
            db.execute("COMMIT")
        return len(rows) / (perf_counter() - began)
    finally:
        db.close()
