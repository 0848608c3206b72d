"""A take that is asked for: its number, and what a request may say."""

from pathlib import Path
from typing import Any

from tests.daemon.requests.asked import ask_for, asked, known
from tests.support.film import make_film, still
from tests.support.inside import running_daemon


async def test_a_take_that_is_asked_for_has_its_number_at_once(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        answer = await ask_for(daemon, {"prompt": "gulls", "seed": 7}, quality="high")
        assert answer.json() == {"takeId": "take_001", "status": "queued"}
        assert answer.headers["etag"]
        take = await daemon.get(answer.headers["location"])
        assert (take["status"], take["stage"]) == ("generating", "waiting")
        assert take["generationParams"] == {"prompt": "gulls", "seed": 7}
        assert take["resources"]["quality"] == "high"
        assert await asked(daemon, seed=8) == "take_002"


async def test_a_number_is_above_that_of_a_folder_made_by_hand_just_now(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        film.take(7).mkdir()
        assert await asked(daemon) == "take_008"


async def test_a_request_that_is_sent_twice_is_one_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        key = {"Idempotency-Key": "once"}
        first, second = [await ask_for(daemon, {"seed": 7}, headers=key) for _ in range(2)]
        assert first.json() == second.json()
        assert len(await daemon.takes()) == 1


async def test_a_stale_client_asks_for_nothing(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        tag = (await ask_for(daemon, {})).headers["etag"]
        assert (await ask_for(daemon, {}, headers={"If-Match": tag})).status_code == 202
        assert (await ask_for(daemon, {}, headers={"If-Match": tag})).status_code == 412
        assert len(await daemon.takes()) == 2


async def test_bad_parameters_are_named(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await known(daemon)
        bad: list[tuple[Any, str]] = [
            ({"seed": "seven"}, "generationParams.seed"),
            ({"seed": -1}, "generationParams.seed"),
            ({"steps": 0}, "generationParams.steps"),
            ({"cfg": "high"}, "generationParams.cfg"),
            ({"prompt": ["gulls"]}, "generationParams.prompt"),
            ({"loras": [2**70]}, "generationParams.loras"),
        ]
        for params, field in bad:
            answer = await ask_for(daemon, params)
            assert answer.status_code == 400, answer.text
            assert [one["field"] for one in answer.json()["errors"]] == [field]
            assert field in answer.json()["detail"]
            assert answer.json()["hint"]
        both = await ask_for(daemon, {"seed": -1, "steps": 0})
        assert len(both.json()["errors"]) == 2
        assert (await ask_for(daemon, {}, quality="best")).status_code == 400
        assert (await ask_for(daemon, [1])).status_code == 400
        assert not await daemon.takes()


async def test_nothing_can_be_asked_of_a_shot_whose_folder_is_away(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    film.drop(still())
    async with running_daemon(film) as daemon:
        await daemon.finished(1)
        film.shot().rename(tmp_path / "elsewhere")
        answer = await ask_for(daemon, {})
        assert answer.status_code == 409
        assert "not there" in answer.json()["detail"]
