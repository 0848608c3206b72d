"""The threads in which calls wait for a disk, so that nothing else does."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import anyio.lowlevel
import pytest

from projections.files.threads import Disk, close_soon, in_thread
from tests.support.deadline import DEADLINE


async def test_a_file_whose_close_hangs_holds_up_nothing_else() -> None:
    answers, closed = threading.Event(), threading.Event()

    def close() -> None:
        answers.wait(20)
        closed.set()

    close_soon(close)
    await anyio.lowlevel.checkpoint()
    assert not closed.is_set()
    answers.set()
    with anyio.fail_after(DEADLINE):
        await anyio.to_thread.run_sync(closed.wait)


def test_a_file_is_closed_at_once_where_no_loop_waits() -> None:
    closed: list[int] = []
    close_soon(lambda: closed.append(threading.get_ident()))
    assert closed == [threading.get_ident()]


async def test_a_file_of_a_film_that_is_not_kept_any_more_is_closed_all_the_same() -> None:
    disk, closed = Disk("film"), list[bool]()
    disk.close()

    async def film() -> None:
        disk.use()
        close_soon(lambda: closed.append(True))
        await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(film)
    assert closed == [True]


async def test_a_file_may_go_while_a_thread_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where garbage is collected in the midst of it."""
    closed = threading.Event()
    begin = ThreadPoolExecutor._adjust_thread_count

    def collect(self: ThreadPoolExecutor) -> None:
        close_soon(closed.set)
        monkeypatch.undo()
        begin(self)

    monkeypatch.setattr(ThreadPoolExecutor, "_adjust_thread_count", collect)
    await in_thread(int)
    with anyio.fail_after(DEADLINE):
        await anyio.to_thread.run_sync(closed.wait)


async def test_whoever_waits_for_a_disk_that_is_not_used_any_more_is_told() -> None:
    disk, begun, goes_on = Disk("film", threads=1), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        goes_on.wait(20)

    first, second = asyncio.ensure_future(disk.run(work)), asyncio.ensure_future(disk.run(int))
    await anyio.to_thread.run_sync(begun.wait)
    disk.close()
    goes_on.set()
    with anyio.fail_after(DEADLINE):
        await first
        with pytest.raises(asyncio.CancelledError):
            await second


async def test_what_work_raises_is_raised_where_it_was_asked_for() -> None:
    with pytest.raises(FileNotFoundError):
        await in_thread(open, "/nothing/here")
