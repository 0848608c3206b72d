"""The signal: nothing that happens is missed, and a thousand things are one waking."""

import anyio

from events import Signal
from tests.support.deadline import DEADLINE


async def test_a_signal_that_was_given_before_is_not_lost() -> None:
    signal = Signal()
    signal.give()
    with anyio.fail_after(DEADLINE):
        await signal.wait()


async def test_many_that_are_given_together_wake_once() -> None:
    signal = Signal()
    for _ in range(3):
        signal.give()
    await signal.wait()
    with anyio.move_on_after(0.01) as silence:
        await signal.wait()
    assert silence.cancelled_caught


async def test_one_that_is_given_while_somebody_waits_wakes_him() -> None:
    signal, woken = Signal(), anyio.Event()

    async def wait() -> None:
        await signal.wait()
        woken.set()

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        signal.give()
        with anyio.fail_after(DEADLINE):
            await woken.wait()


async def test_a_wait_of_some_seconds_ends_after_them_and_takes_nothing_from_the_next() -> None:
    signal = Signal()
    with anyio.fail_after(DEADLINE):
        await signal.wait(0.001)
    signal.give()
    with anyio.fail_after(DEADLINE):
        await signal.wait(10 * DEADLINE)
    with anyio.move_on_after(0.01) as silence:
        await signal.wait()
    assert silence.cancelled_caught
