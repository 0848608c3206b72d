"""The index: what it is asked for it answers, whatever numbers a disk gives to its folders."""

from pathlib import Path

from events import Append, MemoryLog, ShotMoved, ShotRegistered
from projections.index.index import open_index
from projections.index.queries import BEING_MADE

AT = "2026-11-23T12:53:00.000000Z"
LARGE = 2**64 - 5
"""An inode of a disk that uses all 64 bits, as those of mergerfs do."""


async def test_a_folder_of_any_inode_is_found_by_it(tmp_path: Path) -> None:
    log = MemoryLog()
    shot = ShotRegistered(path="001_Dawn", device=2**63, inode=LARGE)
    await log.append(Append(stream="one", events=[shot], expected=0, at=AT, actor="watcher"))
    async with open_index(tmp_path / "index.db", log) as index:
        assert [one.path for one in await index.shots_with_inode(LARGE)] == ["001_Dawn"]
        moved = ShotMoved(path="002_Noon", device=2**63, inode=LARGE - 1)
        await log.append(Append(stream="one", events=[moved], expected=1, at=AT, actor="watcher"))
        assert await index.advance(log)
        assert await index.shots_with_inode(LARGE) == []
        assert [one.path for one in await index.shots_with_inode(LARGE - 1)] == ["002_Noon"]
        assert await index.differences(log, tmp_path) == []


async def test_any_number_of_paths_can_be_asked_for(tmp_path: Path) -> None:
    log = MemoryLog()
    await log.append(
        Append(stream="one", events=[ShotRegistered(path="001_Dawn")], expected=0, at=AT, actor="watcher")
    )
    async with open_index(tmp_path / "index.db", log) as index:
        known = await index.on_disk([*(f"elsewhere/{number}" for number in range(300_000)), "001_Dawn"])
        assert set(known) == {"001_Dawn"}


async def test_what_is_asked_every_few_seconds_looks_at_no_take_that_is_made(tmp_path: Path) -> None:
    async with open_index(tmp_path / "index.db", MemoryLog()) as index:
        plan = await index._fetch(f"EXPLAIN QUERY PLAN {BEING_MADE}")
        assert "USING INDEX takes_making" in " ".join(row[3] for row in plan)
