"""Building: an index that is made at once is the one that was folded as things happened, and is there whole or not at all."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events import (
    DiskRefused,
    Identity,
    LogDamaged,
    MemoryLog,
    Source,
    TakeActivated,
    TakeCreated,
    TakeKey,
    open_log,
)
from projections.index import building
from projections.index.index import BESIDE, open_index
from projections.index.tables import TABLES
from tests.events.samples import append, some
from tests.projections.histories import STEPS, Step, Teller

KEY, FILE = TakeKey("one", 1), Identity(device=1, inode=2, size=3, mtime_ns=4)

OF_LONG_AGO: list[Step] = [
    *((0, "create", 1),) * 4,
    *((0, "complete", number) for number in range(1, 5)),
    *((0, what, 1) for what in ("delete", "restore", "delete", "purge")),
    (0, "miss", 3),
]
"""Much happens to takes that were made before others of their shot, and of other shots."""


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that an index says of the log."""
    with closing(sqlite3.connect(path)) as db:
        found = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in (*TABLES, "head")}
        found["search"] = db.execute("SELECT rowid, * FROM search").fetchall()
        names = "SELECT name, sql FROM sqlite_master ORDER BY name"
        return found | {"schema": db.execute(names).fetchall()}


async def told(folder: Path, steps: Sequence[Step]) -> tuple[MemoryLog, Path]:
    """A log of that history, and an index that followed it one event at a time."""
    log, path = MemoryLog(), folder / "live.db"
    async with open_index(path, log) as index:
        teller = Teller(folder, log)
        await teller.begin()
        await index.advance(log)
        for turn, step in enumerate(steps):
            await teller.tell(step, turn)
            await index.advance(log)
    return log, path


@settings(max_examples=40)
@example(OF_LONG_AGO, 1)
@example(OF_LONG_AGO, 3)
@given(STEPS, st.integers(1, 9))
def test_an_index_made_at_once_is_the_one_that_followed(steps: list[Step], size: int) -> None:
    async def both(folder: Path) -> None:
        log, live = await told(folder, steps)
        async with open_index(folder / "made.db", log):
            pass
        assert rows(folder / "made.db") == rows(live)
        async with open_index(live, log) as index:
            await index.rebuild(log)
        assert rows(folder / "made.db") == rows(live)

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "SIZE", size)
        asyncio.run(both(Path(folder)))


async def test_a_building_that_was_cut_short_leaves_what_was_there_and_is_begun_again(tmp_path: Path) -> None:
    log, path = await told(tmp_path, OF_LONG_AGO)
    before = rows(path)
    (tmp_path / BESIDE).write_bytes(b"half of an index")
    async with open_index(path, log) as index:
        assert not (tmp_path / BESIDE).exists()
        (tmp_path / BESIDE).write_bytes(b"half of another one")
        await index.rebuild(log)
    assert rows(path) == before
    assert not (tmp_path / BESIDE).exists()


async def test_what_is_no_fold_survives_a_rebuild(tmp_path: Path) -> None:
    log, path = await told(tmp_path, OF_LONG_AGO)
    async with open_index(path, log) as index:
        await index.save_position("sidecars", 3, 7)
        await index.save_away("sidecars", [KEY], [])
        await index.note_file(KEY, FILE)
        await index.rebuild(log)
        assert await index.position_of("sidecars", 3) == 7
        assert await index.away_of("sidecars") == [KEY]
        assert await index.noted_files() == {KEY: FILE}


async def test_an_index_of_another_version_is_made_anew_and_keeps_which_files_were_found(
    tmp_path: Path,
) -> None:
    log, path = await told(tmp_path, OF_LONG_AGO)
    before = rows(path)
    async with open_index(path, log) as index:
        await index.save_position("sidecars", 3, 7)
        await index.note_file(KEY, FILE)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE head SET version = version - 1")
        db.execute("DROP TABLE takes")
    async with open_index(path, log) as index:
        assert await index.position_of("sidecars", 3) == 0
        assert await index.noted_files() == {KEY: FILE}
    assert rows(path) == before


async def test_whoever_asks_during_a_rebuild_is_answered_from_the_old_rows(tmp_path: Path) -> None:
    log, path = await told(tmp_path, OF_LONG_AGO)
    async with open_index(path, log) as index:
        before, answers = await index.takes(1), []
        rebuild = asyncio.create_task(index.rebuild(log))
        while not rebuild.done():
            answers.append(await index.takes(1))
        await rebuild
        assert answers
        assert all(answer == before for answer in [*answers, await index.takes(1)])


@pytest.mark.parametrize(
    "data",
    ["{", '{"type":"take.completed","take":1,"media":{}}', '{"type":"take.deleted","take":9}', "{},{}"],
    ids=["no JSON", "no media", "of a take that was never created", "two of them"],
)
async def test_of_a_damaged_log_is_known_what_is_before_the_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    monkeypatch.setattr(building, "SIZE", 2)
    async with open_log(tmp_path / "log.db") as log:
        for number in range(4):
            await log.append(append(f"shot {number}", some(number)))
        created = TakeCreated(take=1, source=Source(kind="drop"))
        await log.append(append("shot 1", created, TakeActivated(take=1), some(5), expected=1))
    with closing(sqlite3.connect(tmp_path / "log.db")) as db, db:
        db.execute("DROP TRIGGER events_no_update")
        db.execute("UPDATE events SET data = ? WHERE position = 7", (data,))
    async with open_log(tmp_path / "log.db") as log:
        with pytest.raises(LogDamaged):
            await building.build(tmp_path / "built.db", log)
        found = rows(tmp_path / "built.db")
        assert [row[1] for row in found["shots"]] == [f"shot {number}" for number in range(4)]
        assert found["head"][0][2] == 6
        assert len(found["takes"]) == 1


async def test_a_rebuild_from_a_damaged_log_leaves_the_rows_that_were_there(tmp_path: Path) -> None:
    async with open_log(tmp_path / "log.db") as log, open_index(tmp_path / "index.db", log) as index:
        for number in range(6):
            await log.append(append(f"shot {number}", some(number)))
        await index.advance(log)
        with closing(sqlite3.connect(tmp_path / "log.db")) as db, db:
            db.execute("DROP TRIGGER events_no_update")
            db.execute("UPDATE events SET data = '{' WHERE position = 5")
        with pytest.raises(LogDamaged):
            await index.rebuild(log)
        assert len(await index.shots()) == 6
    assert not (tmp_path / BESIDE).exists()


async def test_a_disk_that_takes_no_more_leaves_the_rows_that_were_there(tmp_path: Path) -> None:
    log, path = await told(tmp_path, OF_LONG_AGO)
    before, (soft, hard) = rows(path), getrlimit(RLIMIT_FSIZE)
    async with open_index(path, log) as index:
        setrlimit(RLIMIT_FSIZE, (8192, hard))  # the kernel lets no file grow beyond that
        try:
            with pytest.raises(DiskRefused):
                await index.rebuild(log)
        finally:
            setrlimit(RLIMIT_FSIZE, (soft, hard))
        assert not (tmp_path / BESIDE).exists()
        await index.rebuild(log)
    assert rows(path) == before
