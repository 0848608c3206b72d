"""Takes whose files are put in another's place, on disks of several kinds."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from projections.files import sharing
from tests.support.film import (
    Daemon,
    Film,
    bytes_of,
    check_numbers,
    check_on_disk,
    hashes,
    put,
    still,
    until,
)
from tests.support.inside import running_daemon

OFTEN = 0.3


async def is_shared(one: Path, other: Path) -> bool:
    """Whether two files share their bytes on the disk."""
    return await anyio.to_thread.run_sync(sharing.is_shared, one, other)


def on(*kinds: str) -> Callable[[Any], Any]:
    return pytest.mark.parametrize("disk", kinds, indirect=True)


def rename_over(media: Path, content: bytes) -> None:
    put(media, content)


async def with_take(daemon: Daemon, number: int = 1, content: bytes | None = None) -> bytes:
    """One more complete take, of which everything is made."""
    content = content or still(number)
    daemon.film.drop(content, f"{number}.png")
    await daemon.finished(number)
    await daemon.at_rest()
    return content


async def check_both(daemon: Daemon, *contents: bytes) -> None:
    """The takes hold these, in order, and all is well with them."""
    takes = await daemon.finished(len(contents))
    await daemon.verify()
    assert [bytes_of([take]) for take in takes] == [hashes(one) for one in contents]
    for take in takes:
        check_on_disk(daemon.film, take)
    check_numbers(await daemon.events())
    status = await daemon.status()
    assert (status["problems"], status["notTaken"], status["waiting"]) == ([], [], [])
    assert not [one.name for one in (daemon.film.root / ".takes" / "work").glob("*")]
    assert sorted(one.name for one in daemon.film.takes().iterdir()) == [one["id"] for one in takes]


async def removed(daemon: Daemon, number: int) -> None:
    """Wait until the take counts as missing."""

    async def gone() -> bool:
        take = await daemon.take(number)
        return bool(take and take["deleted"])

    await until(gone)


async def restore(daemon: Daemon, number: int) -> Any:
    return await daemon.ask("POST", f"shots/001_Dawn/takes/take_{number:03d}/restore")


@asynccontextmanager
async def with_duplicates(film: Film, count: int) -> AsyncIterator[bytes]:
    """Takes of the same bytes from before there were objects, each with blocks of its own."""
    content = still(1) + bytes(300_000)
    async with running_daemon(film, objects="off") as daemon:
        for number in range(1, count + 1):
            await with_take(daemon, number, content)
        await daemon.stop()
    yield content
