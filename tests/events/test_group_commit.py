"""Group commit: everybody's is in one commit, and nobody waits for one who has gone."""

import asyncio
from collections.abc import Sequence

import pytest

from events.group_commit import GroupCommit

DEADLINE = 10.0


class Disk:
    """What is committed, one flush after another, each when it is let."""

    def __init__(self) -> None:
        self.flushes: list[Sequence[str]] = []
        self.refused: Exception | None = None
        self.lets = asyncio.Event()
        self.lets.set()

    async def flush(self, batch: list[str]) -> None:
        self.flushes.append(batch)
        await self.lets.wait()
        if self.refused:
            raise self.refused


async def begun(commits: GroupCommit[str], names: Sequence[str]) -> list[asyncio.Task[None]]:
    """Tasks that each wait for their own by now."""
    tasks = [asyncio.create_task(commits.join(name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def ended(tasks: Sequence[asyncio.Task[None]]) -> list[BaseException | None]:
    async with asyncio.timeout(DEADLINE):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def test_all_who_come_while_one_is_under_way_share_the_next() -> None:
    disk = Disk()
    disk.lets.clear()
    tasks = await begun(GroupCommit(disk.flush), "abcd")
    disk.lets.set()
    assert await ended(tasks) == [None] * 4
    assert disk.flushes == [["a"], ["b", "c", "d"]]


@pytest.mark.parametrize("gone", [{0}, {1}, {2}, {0, 1}, {1, 2, 3}])
async def test_one_who_goes_holds_up_nobody_and_is_in_no_later_commit(gone: set[int]) -> None:
    disk = Disk()
    disk.lets.clear()
    tasks = await begun(GroupCommit(disk.flush), "abcd")
    for number in gone:
        tasks[number].cancel()
    disk.lets.set()
    results = await ended(tasks)
    assert {number for number, result in enumerate(results) if result is not None} == gone
    committed = [name for batch in disk.flushes for name in batch]
    assert committed == ["a", *(name for number, name in enumerate("bcd", 1) if number not in gone)]


@pytest.mark.parametrize("turns", range(6))
async def test_one_who_goes_in_whatever_moment_holds_up_nobody(turns: int) -> None:
    disk = Disk()
    commits = GroupCommit(disk.flush)
    disk.lets.clear()
    crowd = await begun(commits, "abc")
    disk.lets.set()
    leader, other = await begun(commits, "de")
    for _ in range(turns):
        await asyncio.sleep(0)
    leader.cancel()
    assert (await ended([*crowd, other]))[3] is None
    assert await ended(await begun(commits, "f")) == [None]
    assert sorted(name for batch in disk.flushes for name in batch if name != "d") == list("abcef")


async def test_one_who_goes_while_it_waits_for_the_others_of_its_commit_is_not_in_it() -> None:
    disk = Disk()
    commits = GroupCommit(disk.flush)
    disk.lets.clear()
    crowd = await begun(commits, "abc")
    disk.lets.set()
    await ended(crowd)
    leader, other = await begun(commits, "de")  # the last commit was of many: it waits a turn for others
    leader.cancel()
    assert (await ended([other])) == [None]
    assert disk.flushes[2:] == [["e"]]


async def test_what_the_disk_refuses_all_hear_who_were_in_it_and_the_next_ones_do_not() -> None:
    disk = Disk()
    commits = GroupCommit(disk.flush)
    disk.lets.clear()
    tasks = await begun(commits, "abc")
    disk.refused = OSError("no")
    disk.lets.set()
    assert [str(error) for error in await ended(tasks)] == ["no"] * 3
    disk.refused = None
    assert await ended(await begun(commits, "d")) == [None]
