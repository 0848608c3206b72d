"""Familiar files: one that is as it was is never hashed, one that differs is hashed once."""

from pathlib import Path

from msgspec.structs import replace

from daemon.protection.known_files import KnownFiles
from events import Identity, MemoryLog, TakeKey
from projections.index.index import open_index

KEY = TakeKey("shot", 1)
LOGGED = Identity(device=1, inode=10, size=100, mtime_ns=5)
ELSEWHERE = replace(LOGGED, inode=77)


async def test_the_file_that_the_log_speaks_of_is_known_on_whatever_device(tmp_path: Path) -> None:
    async with open_index(tmp_path / "index.db", MemoryLog()) as index:
        known_files = KnownFiles(index)
        assert known_files.strange({KEY: LOGGED}, {1: replace(LOGGED, device=9)}) == []
        assert known_files.strange({KEY: LOGGED}, {}) == []


async def test_another_inode_or_size_or_time_is_strange_and_so_is_a_take_without_any(tmp_path: Path) -> None:
    async with open_index(tmp_path / "index.db", MemoryLog()) as index:
        known_files = KnownFiles(index)
        for found in (ELSEWHERE, replace(LOGGED, size=1), replace(LOGGED, mtime_ns=1)):
            assert known_files.strange({KEY: LOGGED}, {1: found}) == [KEY]
        assert known_files.strange({KEY: None}, {1: LOGGED}) == [KEY]


async def test_what_was_noted_is_known_after_a_start_too(tmp_path: Path) -> None:
    found = replace(LOGGED, inode=77, mtime_ns=9)
    log = MemoryLog()
    async with open_index(tmp_path / "index.db", log) as index:
        known_files = KnownFiles(index)
        await known_files.note(KEY, LOGGED, found)
        assert known_files.strange({KEY: LOGGED}, {1: found}) == []
        assert known_files.strange({KEY: LOGGED}, {1: LOGGED}) == []
    async with open_index(tmp_path / "index.db", log) as index:
        known_files = KnownFiles(index)
        await known_files.load()
        assert known_files.strange({KEY: LOGGED}, {1: found}) == []
        assert known_files.strange({KEY: LOGGED}, {1: replace(found, mtime_ns=10)}) == [KEY]


async def test_where_inodes_change_by_themselves_size_and_time_are_enough(tmp_path: Path) -> None:
    async with open_index(tmp_path / "index.db", MemoryLog()) as index:
        known_files = KnownFiles(index)
        await known_files.note(KEY, LOGGED, ELSEWHERE)
        assert known_files.strange({KEY: LOGGED}, {1: replace(LOGGED, inode=78)}) == []
        assert known_files.strange({KEY: LOGGED}, {1: replace(LOGGED, inode=78, mtime_ns=6)}) == [KEY]
