"""A log that is damaged or gone: how long its chain takes to be checked, and a new log to be made."""

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.report import Bench, Row, at_most
from daemon.home.init import init_project
from daemon.home.recovering import recover_project
from daemon.recovery import chain
from events import (
    Append,
    Event,
    Identity,
    Media,
    ShotRegistered,
    Source,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    open_log,
)
from projections.layout import media_name, sidecar_name, take_name

SHOTS = 100
AT = "2026-11-23T12:53:00.000000Z"


async def fill(root: Path, takes: int) -> None:
    """A film of so many takes in each shot, each in its folder, and all of them in the log."""
    async with open_log(root / ".takes" / "log.db") as log:
        for shot in range(SHOTS):
            path = f"01_Chapter/{shot:03d}_Shot"
            events: list[Event] = [ShotRegistered(path=path)]
            for number in range(1, takes + 1):
                events += _take(root, path, number)
            append = Append(stream=f"s{shot}", events=events, expected=0, at=AT, actor="watcher")
            await log.append(append)


def _take(root: Path, shot: str, number: int) -> list[Event]:
    folder, name = root / shot / "takes" / take_name(number), media_name(shot, number, ".png")
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"%d" % number)
    told = {"id": take_name(number), "shotId": Path(shot).name, "created": AT, "status": "complete"}
    (folder / sidecar_name(shot, number)).write_text(json.dumps(told))
    file = Identity(device=1, inode=number, size=9, mtime_ns=1)
    media = Media(name=name, bytes=9, sha256="ab" * 32, kind="image", width=64, height=36)
    return [
        TakeCreated(take=number, source=Source(kind="drop", name=name, identity=file)),
        TakeCompleted(take=number, media=media, params={"prompt": "waves", "seed": number}, identity=file),
        TakeActivated(take=number, why="latest"),
    ]


def damage(log: Path) -> None:
    """Have a record in the middle be another one than was written."""
    with closing(sqlite3.connect(log)) as db:
        db.execute("DROP TRIGGER events_no_update")
        db.execute("UPDATE events SET at = '' WHERE position = (SELECT max(position) / 2 FROM events)")
        db.commit()


def measure(bench: Bench) -> Iterator[Row]:
    """Check the chain of a film's log, then make it anew: with one bad record, and with nothing of it left."""
    takes, root = bench.scaled(100_000, 2_000), bench.folder / "Film"
    bench.say(f"making a film of {takes:,} takes")
    init_project(root)
    asyncio.run(fill(root, takes // SHOTS))
    log = root / ".takes" / "log.db"
    records, seconds = asyncio.run(_check(log))
    yield Row(
        measure="check of a log's chain, of 1,000,000 events",
        unit="s of CPU",
        ours=seconds / records * 1e6,
        aims=[at_most(20.0)],
        note=f"in the background after a start; {records:,} were checked",
    )
    damage(log)
    for what in ("with one bad record", "where there is no log"):
        begun = time.perf_counter()
        recover_project(root)
        yield Row(
            measure=f"takes recover, {what}",
            unit="s",
            ours=time.perf_counter() - begun,
            aims=[at_most(120.0)],
            note=f"{takes:,} takes in {SHOTS} shots",
        )
        for path in log.parent.glob("log*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


async def _check(path: Path) -> tuple[int, float]:
    """How many records there are, and the seconds of CPU for all of them, without the pauses."""
    chain.QUIET, chain.SHARE = 0.0, 1
    async with open_log(path) as log:
        begun = time.process_time()
        await chain.check_all(log)
        return log.head, time.process_time() - begun
