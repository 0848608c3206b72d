"""What tests of the decoders have in common: waiting for what is so, and a look at a child."""

import os
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from daemon.decoding import pool as module
from daemon.decoding.decoders import Decoders
from tests.support.deadline import DEADLINE


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first look has as much time as any: on a machine that is busy it costs more than where that is idle."""
    monkeypatch.setattr("daemon.decoding.pool.FIRST", module.LIMIT)


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact, up to a deadline."""
    with anyio.fail_after(DEADLINE):
        while not fact():  # noqa: ASYNC110 - what another process does has no event of ours
            await anyio.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def the_child(decoders: Decoders) -> Any:
    """The one child, which waits for a job."""
    (child,) = decoders._pool._idle
    return child
