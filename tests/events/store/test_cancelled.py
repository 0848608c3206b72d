"""Appends to the log on disk that are cancelled: wholly there, or wholly absent."""

import asyncio
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from events import SqliteLog, open_log
from tests.events.samples import append, some
from tests.events.store.cancelling import Way, cancel_at
from tests.events.store.sqlite_logs import gated, log, path, turns, verified
from tests.support.deadline import DEADLINE

__all__ = ["log", "path"]


# Appends that are cancelled.


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("company", [0, 1, 3])
@pytest.mark.parametrize("awaits", [(1,), (2,), (3,), (1, 2), (1, 2, 3)])
async def test_a_cancelled_append_is_wholly_there_or_wholly_absent(
    log: SqliteLog, way: Way, company: int, awaits: tuple[int, ...]
) -> None:
    others = [asyncio.create_task(log.append(append(f"shot_{number}"))) for number in range(company)]
    await asyncio.sleep(0)  # they go first, so that the cancelled one has to wait for them
    await cancel_at(awaits, lambda: log.append(append("cancelled", some(1), some(2))), way)
    await asyncio.gather(*others)
    with anyio.fail_after(DEADLINE):
        found = await log.stream("cancelled")
        assert len(found) in {0, 2}
        await log.append(append("cancelled", some(3), expected=len(found)))
        assert log.head == await verified(log) == company + len(found) + 1
        await log.wait(log.head)


async def test_an_append_that_is_cancelled_while_it_is_written_is_seen_by_those_who_wait(
    log: SqliteLog,
) -> None:
    waiting = asyncio.create_task(log.wait(1))
    async with gated(log) as opened:
        cancelled = asyncio.create_task(log.append(append("a")))
        await turns()
        cancelled.cancel()
        await turns()
        cancelled.cancel()
        await turns()
        assert not cancelled.done()
        opened()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
    await asyncio.wait_for(waiting, DEADLINE)
    assert log.head == 1


async def test_an_append_that_is_cancelled_before_its_turn_is_never_written(log: SqliteLog) -> None:
    async with gated(log):
        first = asyncio.create_task(log.append(append("a")))
        twins = [asyncio.create_task(log.append(append("b", cause="request:1"))) for _ in range(2)]
        cancelled = asyncio.create_task(log.append(append("c", some(1))))
        await turns()
        cancelled.cancel()
        twins[1].cancel()
        await asyncio.wait([cancelled, twins[1]])
    await asyncio.gather(first, twins[0])
    await log.append(append("c", some(2)))
    assert [(record.stream, record.event) for record in await log.read()] == [
        ("a", some(1)),
        ("b", some(1)),
        ("c", some(2)),
    ]


async def test_a_log_that_is_closed_in_a_cancelled_scope_is_closed_when_that_ends(path: Path) -> None:
    with anyio.CancelScope() as scope:
        async with open_log(path) as log:
            await log.append(append("a"))
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert [file.name for file in path.parent.iterdir()] == ["log.db"]  # the last to close removes the others
    async with open_log(path) as log:
        assert await verified(log) == 1
