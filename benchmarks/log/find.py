"""Finding among 100,000 takes, with what they have in common, beside bare sqlite3 that looks through the same rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import anyio

from benchmarks.history import append_all, as_appends, registered, takes
from benchmarks.report import Bench, Row, at_most
from events import Event, MemoryLog
from projections.index.index import open_index
from projections.index.search.conditions import Asker

SHOTS = 1000

QUERIES = {
    "gulls": "params LIKE '%gulls%'",
    "lant": "params LIKE '%lant%'",
    '"close, backlit" -fog': "params LIKE '%close, backlit%' AND params NOT LIKE '%fog%'",
    "model:wan shot:010": "params LIKE '%wan%' AND shot % 50 = 11",
    "seed:4711": "json_extract(params, '$.seed') = 4711",
    "scene:3 coin": "shot / 50 % 20 = 3 AND params LIKE '%coin%'",
    "is:active": "number = 1",
    "width:>1000 steps:30": "json_extract(media, '$.width') > 1000 AND json_extract(params, '$.steps') = 30",
    "after:2026-01-05 overcast": "created >= '2026-01-05' AND params LIKE '%overcast%'",
    "take:7": "number = 7",
    "kind:video -status:failed": "json_extract(media, '$.kind') = 'video' AND status <> 'failed'",
}
"""What is asked, and what a person would ask of the rows by hand."""


def measure(bench: Bench) -> Iterator[Row]:
    """Make the index, and ask each question again and again."""
    wanted, path = bench.scaled(100_000, 5_000), bench.folder / "index.db"
    bench.say(f"making an index of {wanted:,} takes")
    ours = anyio.run(_ask, path, wanted, bench.scaled(20, 3), backend_options={"use_uvloop": True})
    theirs = _by_hand(path, bench.scaled(5, 2))
    slowest = max(ours, key=lambda query: ours[query])
    yield Row(
        measure="finding, p50 of all questions",
        unit="ms",
        ours=1000 * median(ours.values()),
        peer="sqlite3, all rows looked through, one number",
        theirs=1000 * median(theirs),
        aims=[at_most(20)],
        note=f"{wanted:,} takes, 100 of them told, with five facets; the slowest {1000 * ours[slowest]:.0f} ms: {slowest}",
    )


async def _ask(path: Path, wanted: int, times: int) -> dict[str, float]:
    log = MemoryLog()
    await append_all(log, as_appends(_events(wanted)))
    async with open_index(path, log) as index:
        took, now = {}, datetime.now().astimezone()
        for query in QUERIES:
            seconds = []
            for _ in range(times):
                began = perf_counter()
                await index.find(query, Asker(now))
                seconds.append(perf_counter() - began)
            took[query] = median(seconds)
        return took


def _events(wanted: int) -> Iterator[tuple[str, int, Sequence[Event]]]:
    dice = Random(1)
    for shot in range(SHOTS):
        path = f"{shot // 50:02d}_Scene/{shot % 50:03d}_Gulls_Over_The_Pier"
        events = [*registered(path, shot), *takes(path, range(1, wanted // SHOTS + 1), dice)]
        yield f"{shot:016x}", 0, events


def _by_hand(path: Path, times: int) -> list[float]:
    took = []
    with closing(sqlite3.connect(path)) as db:
        for condition in QUERIES.values():
            seconds = []
            for _ in range(times):
                began = perf_counter()
                db.execute(f"SELECT count(*) FROM takes WHERE {condition}").fetchone()
                seconds.append(perf_counter() - began)
            took.append(median(seconds))
    return took
