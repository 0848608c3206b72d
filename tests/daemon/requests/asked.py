"""Takes that are asked for, and the program that makes them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx

from projections.layout import full_id
from tests.daemon.requests import renderer
from tests.support.film import (
    DAWN,
    Daemon,
    Film,
    check_numbers,
    check_on_disk,
    until,
)

RENDERER = [sys.executable, renderer.__file__]


COMMAND: Mapping[str, Any] = {"kind": "command", "command": RENDERER, "suffix": ".png"}


async def known(daemon: Daemon) -> None:
    """Wait until the daemon knows both shots."""

    async def both() -> bool:
        return len((await daemon.get("shots"))["shots"]) == 2

    await until(both)


async def ask_for(
    daemon: Daemon,
    params: Any,
    shot: str = DAWN,
    quality: Any = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    body = {"generationParams": params} | ({"quality": quality} if quality else {})
    return await daemon.ask("POST", f"shots/{full_id(shot)}/takes", body, headers)


async def asked(daemon: Daemon, shot: str = DAWN, **params: Any) -> str:
    """The id of a take that was asked for."""
    answer = await ask_for(daemon, params, shot)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "queued"
    name: str = answer.json()["takeId"]
    return name


async def settled(daemon: Daemon, number: int, shot: str = DAWN) -> dict[str, Any]:
    """The take, once it is complete or has failed."""

    async def done() -> dict[str, Any] | None:
        take = await daemon.take(number, shot)
        return take if take and take["status"] != "generating" else None

    return await until(done)


async def appears(path: Path) -> str:
    """What stands in the file at that path, once something does."""

    async def written() -> str | None:
        there = anyio.Path(path)
        return await there.read_text() if await there.exists() else None

    return await until(written)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def gone(pid: int) -> None:
    async def is_gone() -> bool:
        return not is_alive(pid)

    await until(is_gone)


async def check_made_once(daemon: Daemon, film: Film, count: int = 1) -> None:
    takes = [await settled(daemon, number) for number in range(1, count + 1)]
    await daemon.verify()
    for take in takes:
        check_on_disk(film, take)
    assert len(await daemon.takes()) == count
    check_numbers(await daemon.events())


async def stage(daemon: Daemon, number: int, wanted: str) -> dict[str, Any]:
    """The take, once it has come so far."""

    async def there() -> dict[str, Any] | None:
        take = await daemon.take(number)
        return take if take and take["stage"] == wanted else None

    return await until(there)
