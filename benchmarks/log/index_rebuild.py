"""The index from 1,000,000 events, beside the eventsourcing library when it only reads as many."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from uuid import UUID

import anyio

from benchmarks.history import append_all, as_appends, registered, takes
from benchmarks.report import Bench, Row, at_least_of_peer, at_most
from events import Event, SqliteLog, open_log
from projections.index.building import CACHE
from projections.index.index import Index, open_index
from projections.index.past import Past
from projections.index.tables import TABLES, TEXTS, begin, create_indexes

AT_ONCE = 5
"""Takes that a shot gets in one go, before the next shot has its turn."""

PAGE = 10_000

ASKED = 25
"""Places of the log as of which a shot is asked for."""


def measure(bench: Bench) -> Iterator[Row]:
    """Make the log, then the index from nothing, then again as `takes rebuild` does; and ask for a shot of the past."""
    wanted, log = bench.scaled(1_000_000, 40_000), bench.folder / "log.db"
    bench.say(f"making a log of {wanted:,} events")
    count = anyio.run(_make_log, log, wanted)
    bench.say("building the index")
    made, rebuilt, past = anyio.run(_build, log, bench.scaled(3, 2), backend_options={"use_uvloop": True})
    bench.say("reading as many with the eventsourcing library")
    theirs = _peer(log, bench.folder / "peer.db", bench.scaled(3, 2))
    peer = "eventsourcing, select_notifications"
    aims = [at_least_of_peer(1.5)]
    yield Row(
        measure="rebuild of the index",
        unit="events/s",
        ours=count / median(rebuilt),
        peer=peer,
        theirs=count / theirs if theirs else None,
        aims=aims,
        note=f"{count:,} events; `takes rebuild index`, the old rows stay in sight until it is done",
    )
    yield Row(
        measure="index made from nothing",
        unit="events/s",
        ours=count / made,
        peer=peer,
        theirs=count / theirs if theirs else None,
        aims=aims,
        note="where the file is gone, or is of another version",
    )
    floor = _copied(log.with_name("index.db"), bench.folder / "floor.db")
    yield Row(
        measure="the rows of that index, copied by SQLite alone",
        unit="events/s",
        ours=count / floor,
        peer=peer,
        theirs=count / theirs if theirs else None,
        note="the floor of both: nothing is read, decoded or folded, and no row is made by Python",
    )
    yield Row(
        measure="one shot as of a moment",
        unit="ms",
        ours=1000 * median(past),
        aims=[at_most(200)],
        note=f"by its name, with all its takes, at {ASKED} places of the log; the slowest {1000 * max(past):.0f} ms",
    )


async def _make_log(path: Path, wanted: int) -> int:
    async with open_log(path) as log:
        await append_all(log, as_appends(_rounds(wanted)))
        return log.head


def _rounds(wanted: int) -> Iterator[tuple[str, int, Sequence[Event]]]:
    """The shots of a film, all registered, then a few takes for each in turns, until there are so many events."""
    dice, shots = Random(1), max(100, wanted // 200)
    versions = dict.fromkeys(range(shots), 1)
    for shot in range(shots):
        yield f"{shot:016x}", 0, registered(_path(shot), shot)
    made, first = shots, 1
    while made < wanted:
        for shot in range(shots):
            events = list(takes(_path(shot), range(first, first + AT_ONCE), dice))
            yield f"{shot:016x}", versions[shot], events
            versions[shot] += len(events)
            made += len(events)
        first += AT_ONCE


def _path(shot: int) -> str:
    return f"{shot // 1000:02d}_Chapter/{shot // 50 % 20:02d}_Scene/{shot % 50:03d}_Gulls_Over_The_Pier"


async def _build(path: Path, runs: int) -> tuple[float, list[float], list[float]]:
    """Seconds until an index stands that was not there, of each rebuild, and of each look at a shot of the past."""
    async with open_log(path) as log:
        began = perf_counter()
        async with open_index(path.with_name("index.db"), log) as index:
            made = perf_counter() - began
            rebuilt = [await _rebuild(index, log) for _ in range(runs)]
            return (
                made,
                rebuilt,
                [await _look_back(Past(log, index), log, one) for one in range(1, ASKED + 1)],
            )


async def _look_back(past: Past, log: SqliteLog, turn: int) -> float:
    """Seconds in which a shot is told as of one of those places."""
    began = perf_counter()
    await past.find_shot(_path(turn), log.head * turn // ASKED)
    return perf_counter() - began


async def _rebuild(index: Index, log: SqliteLog) -> float:
    began = perf_counter()
    await index.rebuild(log)
    return perf_counter() - began


def _copied(made: Path, path: Path) -> float:
    """Seconds in which the rows of an index come into another one, made as that is made: the words and what finds rows, too."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute(f"PRAGMA cache_size = {-1024 * CACHE}")
        db.execute("ATTACH ? AS made", [str(made)])
        began = perf_counter()
        db.execute("BEGIN")
        begin("", db)
        for table in TABLES:
            columns = "rowid, *" if table == "search" else "*"
            into = f"search (rowid, {', '.join(TEXTS)})" if table == "search" else table
            db.execute(f"INSERT INTO main.{into} SELECT {columns} FROM made.{table}")
        create_indexes(db)
        db.execute("COMMIT")
        return perf_counter() - began


def _peer(log: Path, path: Path, runs: int) -> float | None:
    """Seconds in which the eventsourcing library reads the same events; None where it is not installed."""
    try:
        from eventsourcing.persistence import StoredEvent
        from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
    except ImportError:
        return None
    recorder = SQLiteApplicationRecorder(SQLiteDatastore(str(path)))
    recorder.create_table()
    for rows in _pages(log):
        recorder.insert_events(
            [
                StoredEvent(UUID(hex=stream * 2), version, "take", data.encode())
                for stream, version, data in rows
            ]
        )
    return median([_read_all(recorder.select_notifications) for _ in range(runs)])


def _read_all(select: Callable[..., Sequence[object]]) -> float:
    began, start = perf_counter(), 1
    while select(start, PAGE):
        start += PAGE
    return perf_counter() - began


def _pages(log: Path) -> Iterator[list[tuple[str, int, str]]]:
    db = sqlite3.connect(log)
    try:
        rows = db.execute("SELECT stream, version, data FROM events ORDER BY position")
        while page := rows.fetchmany(PAGE):
            yield page
    finally:
        db.close()
