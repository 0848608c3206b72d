"""People, programs and the daemon at the same time: nothing is lost, given twice, or half done."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx

from tests.support.film import (
    DAWN,
    NOON,
    bytes_of,
    check_numbers,
    check_on_disk,
    hashes,
    make_film,
    still,
    until,
)
from tests.support.inside import Daemon, running_daemon

DROPS = 200


COMMANDS = 200


async def change_at_random(daemon: Daemon, seed: int, answers: list[httpx.Response]) -> None:
    """Activate, delete and restore whatever takes there are just now."""
    chance = random.Random(seed)
    for _ in range(COMMANDS // 2):
        shot = chance.choice([DAWN, NOON])
        number = chance.randint(1, max(1, len(await daemon.takes(shot))))
        act = chance.choice([daemon.activate, daemon.activate, daemon.delete])
        answers.append(await act(number, shot))


async def test_two_hundred_drops_race_with_two_hundred_activations_and_deletions(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    contents = [still(number) for number in range(DROPS)]
    answers: list[httpx.Response] = []

    async def drop_all() -> None:
        for number, content in enumerate(contents):
            film.drop(content, f"render_{number}.png", DAWN if number % 2 else NOON)
            await anyio.lowlevel.checkpoint()

    async with running_daemon(film) as daemon:
        async with anyio.create_task_group() as group:
            group.start_soon(drop_all)
            group.start_soon(change_at_random, daemon, 1, answers)
            group.start_soon(change_at_random, daemon, 2, answers)
        takes = {shot: await daemon.finished(DROPS // 2, shot) for shot in (DAWN, NOON)}
        assert {answer.status_code for answer in answers} <= {200, 404, 409}
        assert bytes_of([one for some in takes.values() for one in some]) == hashes(*contents)
        await daemon.verify()
        check_numbers(await daemon.events())
        for shot in takes:
            await check_active(daemon, shot)
        for take in await daemon.takes(DAWN):
            check_on_disk(film, take, DAWN)


async def check_active(daemon: Daemon, shot: str) -> None:
    """The active take is complete and not deleted, one for the API, the index and the link."""
    takes = await daemon.takes(shot)
    active = [take["id"] for take in takes if take["active"]]
    assert len(active) <= 1
    assert all(take["status"] == "complete" and not take["deleted"] for take in takes if take["active"])
    assert daemon.film.link(shot) == (f"takes/{active[0]}" if active else None)
    if any(take["status"] == "complete" and not take["deleted"] for take in takes):
        assert active


async def test_of_many_who_decide_on_the_same_state_one_gets_its_way(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in (1, 2, 3):
            film.drop(still(number), f"{number}.png")
            await daemon.finished(number)
        seen = (await daemon.ask("GET", "shots/001_Dawn/takes")).headers["ETag"]
        answers: list[httpx.Response] = []

        async def choose(number: int) -> None:
            answers.append(await daemon.activate(number, headers={"If-Match": seen}))

        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(choose, 2 + number % 2)
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 39}
        assert len([one for one in await daemon.events() if one["type"] == "take.activated"]) == 2


async def test_a_command_that_is_sent_many_times_at_once_is_done_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still())
        await daemon.finished(1)
        answers: list[httpx.Response] = []

        async def delete() -> None:
            answers.append(await daemon.delete(1, headers={"Idempotency-Key": "once"}))

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(delete)
        assert {answer.status_code for answer in answers} == {200}
        assert len([one for one in await daemon.events() if one["type"] == "take.deleted"]) == 1


async def test_drops_that_come_in_order_are_numbered_in_order(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        for number in range(20):
            film.drop(still(number), f"{99 - number}.png")

            async def has_its_number(number: int = number) -> bool:
                return len(await daemon.takes()) > number

            await until(has_its_number)
        takes = await daemon.finished(20)
        assert [bytes_of([take]) for take in takes] == [hashes(still(number)) for number in range(20)]


async def test_a_client_that_wrote_reads_its_own_write_at_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1), "1.png")
        film.drop(still(2), "2.png")
        await daemon.finished(2)
        for number in (2, 1) * 10:
            answer: dict[str, Any] = (await daemon.activate(number)).json()
            assert (answer["number"], answer["active"]) == (number, True)
            assert await daemon.active() == answer["id"]


async def test_the_link_leads_somewhere_at_every_moment(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1), "1.png")
        film.drop(still(2), "2.png")
        await daemon.finished(2)
        await daemon.activate(1)

        async def is_there() -> bool:
            return film.link() is not None

        await until(is_there)
        seen: set[str | None] = set()
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:

                async def look() -> None:
                    while True:
                        seen.add(film.link())
                        await anyio.lowlevel.checkpoint()

                group.start_soon(look)
                for number in (2, 1) * 6:
                    await daemon.activate(number)

                    async def leads_there(number: int = number) -> bool:
                        return film.link() == f"takes/take_{number:03d}"

                    await until(leads_there)
                scope.cancel()
        assert seen == {"takes/take_001", "takes/take_002"}


async def test_shots_that_are_renamed_while_they_fill_lose_nothing(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    contents = [still(number) for number in range(60)]
    async with running_daemon(film, scan_every=5.0) as daemon:
        shot = DAWN
        for number, content in enumerate(contents):
            film.drop(content, f"{number}.png", shot)
            if number % 20 == 10:

                async def some_are_being_made(shot: str = shot, number: int = number) -> bool:
                    return len(await daemon.takes(shot)) > number // 2

                await until(some_are_being_made)
                renamed = f"01_Chapter/01_Scene/001_Dawn{number}"
                film.shot(shot).rename(film.shot(renamed))
                shot = renamed

        async def all_there() -> bool:
            takes = await daemon.takes(shot)
            return set(hashes(*contents)) <= set(bytes_of(takes))

        await until(all_there)
        await daemon.verify()
        check_numbers(await daemon.events())
        assert bytes_of(await daemon.takes(shot)) == hashes(*contents)
        assert not (await daemon.status())["problems"]
