"""An Idempotency-Key stands for one request: sent again it is done once, and any other one with it is refused."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.film import DAWN, NOON, make_film, still, until
from tests.support.inside import Daemon, running_daemon

D, N = (shot.replace("/", ":") for shot in (DAWN, NOON))

Asked = tuple[str, str, Any]

ACTIVATE: Asked = ("PUT", f"shots/{D}/active-take", {"takeId": "take_002"})
ACTIVATE_ANOTHER = ("PUT", f"shots/{D}/active-take", {"takeId": "take_003"})
ACTIVATE_THE_ACTIVE = ("PUT", f"shots/{D}/active-take", {"takeId": "take_001"})
ACTIVATE_ELSEWHERE = ("PUT", f"shots/{N}/active-take", {"takeId": "take_002"})
HIDE: Asked = ("DELETE", f"shots/{D}/takes/take_002", None)
HIDE_ANOTHER = ("DELETE", f"shots/{D}/takes/take_003", None)
RESTORE: Asked = ("POST", f"shots/{D}/takes/take_002/restore", None)
NEW: Asked = ("POST", f"shots/{D}/takes", {"generationParams": {"seed": 1}, "quality": "draft"})
NEW_SEED = ("POST", f"shots/{D}/takes", {"generationParams": {"seed": 2}, "quality": "draft"})
NEW_QUALITY = ("POST", f"shots/{D}/takes", {"generationParams": {"seed": 1}, "quality": "high"})
NEW_ELSEWHERE = ("POST", f"shots/{N}/takes", {"generationParams": {"seed": 1}, "quality": "draft"})

OTHERS: list[tuple[Asked, Asked]] = [
    (ACTIVATE, ACTIVATE_ANOTHER),
    (ACTIVATE, ACTIVATE_ELSEWHERE),
    (ACTIVATE, HIDE),
    (HIDE, HIDE_ANOTHER),
    (HIDE, RESTORE),
    (RESTORE, ACTIVATE),
    (NEW, NEW_SEED),
    (NEW, NEW_QUALITY),
    (NEW, NEW_ELSEWHERE),
    (NEW, ACTIVATE),
]


async def ask(daemon: Daemon, asked: Asked, key: str | None = None) -> httpx.Response:
    return await daemon.ask(*asked, {} if key is None else {"Idempotency-Key": key})


async def three_takes(daemon: Daemon) -> None:
    for shot in (DAWN, NOON):
        for number in (1, 2, 3):
            daemon.film.drop(still(number), shot=shot)
            await daemon.finished(number, shot)


async def both_shots(daemon: Daemon) -> int:
    """Where the log ends, once it and the index know both shots, and nothing more is to come."""

    async def known() -> bool:
        return len((await daemon.get("shots"))["shots"]) == 2

    await until(known)
    return int((await daemon.at_rest())["position"])


def is_refused(answer: httpx.Response) -> bool:
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:takes:key-used"
    return True


async def test_another_request_with_a_key_is_refused_and_the_same_is_answered_again(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await three_takes(daemon)
        for number, (first, other) in enumerate(OTHERS):
            key = f"key {number}"
            done = await ask(daemon, first, key)
            assert done.is_success, (first, done.text)
            before = (await daemon.status())["position"]
            assert is_refused(await ask(daemon, other, key)), (first, other)
            again = await ask(daemon, first, key)
            assert again.status_code == done.status_code
            assert again.json().get("takeId") == done.json().get("takeId")
            assert (await daemon.status())["position"] == before


async def test_what_a_key_was_for_is_known_after_a_restart(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await three_takes(daemon)
        for first in (ACTIVATE, HIDE, RESTORE, NEW):
            assert (await ask(daemon, first, f"{first}")).is_success
        before = (await daemon.status())["position"]
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        for first, other in OTHERS:
            assert is_refused(await ask(daemon, other, f"{first}")), (first, other)
            assert (await ask(daemon, first, f"{first}")).is_success
        asked = [one["cause"] for one in await daemon.events() if one["position"] > before]
        assert not [one for one in asked if one and one.startswith("request:")]


async def test_a_request_that_changed_nothing_has_its_key_too(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await three_takes(daemon)
        assert (await ask(daemon, ACTIVATE_THE_ACTIVE, "once")).is_success
        assert is_refused(await ask(daemon, ACTIVATE, "once"))
        assert (await ask(daemon, ACTIVATE)).is_success
        assert (await ask(daemon, ACTIVATE_THE_ACTIVE, "once")).is_success
        assert await daemon.active() == "take_002"


async def test_a_request_that_was_refused_leaves_its_key_free(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await three_takes(daemon)
        missing = ("DELETE", f"shots/{D}/takes/take_099", None)
        assert (await ask(daemon, missing, "mine")).status_code == 404
        assert (await ask(daemon, HIDE, "mine")).is_success


@pytest.mark.parametrize("more", [{}, {"Accept": "text/event-stream"}], ids=["as JSON", "as a stream"])
async def test_what_follows_a_position_beyond_the_log_is_a_problem(
    tmp_path: Path, more: dict[str, str]
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        head = await both_shots(daemon)
        for path in (f"events?after={head + 1}", f"events?shot={D}&after={head + 1}"):
            answer = await daemon.ask("GET", path, headers=more)
            assert answer.status_code == 409
            assert answer.headers["content-type"] == "application/problem+json"
            assert f"position {head}" in answer.json()["detail"]
            assert "after=0" in answer.json()["hint"]
        assert (await daemon.get(f"events?after={head}"))["events"] == []


async def test_a_stream_that_was_ahead_of_the_log_is_not_gone_on_with(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await both_shots(daemon)
        wanted = {"Accept": "text/event-stream", "Last-Event-ID": "99999"}
        assert (await daemon.ask("GET", "events?after=0", headers=wanted)).status_code == 409
