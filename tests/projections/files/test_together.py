"""What many ask of a disk at once is done in few calls, and each hears what came of their own."""

import threading
from collections.abc import Sequence
from functools import partial

import anyio
import pytest

from projections.files import together
from projections.files.threads import Disk, only_while
from projections.files.together import Together, each


class Work:
    """Does nothing, and answers with what it was asked; not before it may, where it is held."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.may_end.set()

    def do(self, asked: Sequence[int]) -> list[int | Exception]:
        self.calls.append([*asked])
        self.begun.release()
        self.may_end.wait(20)
        return each(_odd, asked)


def _odd(number: int) -> int:
    if number % 2 == 0:
        raise LookupError(number)
    return number * 10


@pytest.fixture
def work() -> Work:
    return Work()


async def test_one_who_asks_alone_waits_for_nobody(work: Work) -> None:
    assert await Together(work.do).do(1) == 10
    assert work.calls == [[1]]


async def test_those_who_ask_meanwhile_are_done_in_one_call_and_each_hears_of_their_own(work: Work) -> None:
    asked, heard = Together(work.do), dict[int, int | str]()

    async def ask(number: int) -> None:
        try:
            heard[number] = await asked.do(number)
        except LookupError as error:
            heard[number] = str(error)

    work.may_end.clear()
    async with anyio.create_task_group() as group:
        for number in range(1, 8):
            group.start_soon(ask, number)
        for _ in range(together.CALLS):
            await anyio.to_thread.run_sync(work.begun.acquire)
        work.may_end.set()
    assert work.calls == [[1], [2], [3, 4, 5, 6, 7]]
    assert heard == {1: 10, 2: "2", 3: 30, 4: "4", 5: 50, 6: "6", 7: 70}


async def test_no_call_is_for_more_than_so_many(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 3)
    asked = Together(work.do)
    async with anyio.create_task_group() as group:
        for number in range(1, 21, 2):
            group.start_soon(asked.do, number)
    assert max(map(len, work.calls)) <= 3
    assert sorted(one for call in work.calls for one in call) == [*range(1, 21, 2)]


async def test_who_gives_up_before_the_turn_comes_is_not_done(work: Work) -> None:
    asked = Together(work.do)
    work.may_end.clear()
    async with anyio.create_task_group() as group:
        for number in (1, 3):
            group.start_soon(asked.do, number)
        for _ in range(together.CALLS):
            await anyio.to_thread.run_sync(work.begun.acquire)
        with anyio.move_on_after(0.01):
            await asked.do(5)
        work.may_end.set()
    assert await asked.do(7) == 70
    assert work.calls == [[1], [3], [7]]


async def test_what_fails_as_a_whole_fails_for_each() -> None:
    def fail(asked: Sequence[int]) -> list[int | Exception]:
        raise OSError(len(asked))

    asked = Together(fail)
    for _ in range(2):
        with pytest.raises(OSError, match="1"):
            await asked.do(1)


async def test_what_is_not_allowed_is_not_begun(work: Work) -> None:
    def no() -> None:
        raise PermissionError

    with pytest.raises(PermissionError), only_while(no):
        await Together(work.do).do(1)
    assert not work.calls


async def test_a_disk_that_is_used_no_more_is_heard_of(work: Work) -> None:
    asked, disk = Together(work.do), Disk("film")

    async def film() -> None:
        disk.use()
        disk.close()
        with pytest.raises(RuntimeError):
            await asked.do(1)

    async with anyio.create_task_group() as group:
        group.start_soon(film)
    assert await asked.do(3) == 30


def test_what_has_failed_at_one_step_is_not_tried_at_the_next() -> None:
    tried: list[int] = []

    def note(number: int) -> int:
        tried.append(number)
        return number

    kept = each(note, each(_odd, [1, 2, 3]))
    assert tried == [10, 30]
    assert [type(one) for one in kept] == [int, LookupError, int]
    assert partial(each, note)([]) == []
