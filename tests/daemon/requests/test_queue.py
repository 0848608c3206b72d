"""The queue: what is asked for is made in order, by a program; what stands in the way is told, and waited for."""

import json
from pathlib import Path
from typing import Any

import anyio

from projections.layout import full_id
from tests.comfyui.graphs import video_graph
from tests.comfyui.server import running_comfyui
from tests.daemon.requests.asked import (
    COMMAND,
    appears,
    ask_for,
    asked,
    check_made_once,
    known,
    settled,
    stage,
)
from tests.support.clock import Hurried
from tests.support.deadline import DEADLINE
from tests.support.film import DAWN, NOON, check_on_disk, hashes, make_film, still, until
from tests.support.inside import Daemon, running_daemon


async def test_a_program_makes_the_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        said = {"vramUsed": 812.5, "generationParams": {"sampler": "none"}}
        params = {"seed": 7, "prompt": "gulls", "lines": ["hello", json.dumps(said)]}
        await ask_for(daemon, params, quality="draft")
        take = await settled(daemon, 1)
        await daemon.verify()
        check_on_disk(film, take)
        assert take["generationParams"] == {**params, "sampler": "none"}
        assert take["resources"]["vramUsed"] == 812.5
        assert take["resources"]["quality"] == "draft"
        assert take["resources"]["generationTime"] > 0
        types = [one["type"] for one in await daemon.events(DAWN)]
        assert types == [
            "shot.registered",
            "take.created",
            "take.started",
            "take.completed",
            "take.activated",
        ]
        assert not list((film.root / ".takes" / "work").iterdir())


async def test_takes_are_made_in_the_order_in_which_they_were_asked_for(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        for number in range(4):
            await asked(daemon, (DAWN, NOON)[number % 2], seed=number)
        for number in (1, 2):
            await settled(daemon, number, DAWN)
            await settled(daemon, number, NOON)
        made = [one for one in await daemon.events() if one["type"] in ("take.started", "take.completed")]
        assert [(one["shotId"], one["data"]["take"], one["type"]) for one in made] == [
            (full_id(shot), number, kind)
            for number in (1, 2)
            for shot in (DAWN, NOON)
            for kind in ("take.started", "take.completed")
        ]


async def test_as_many_are_made_at_once_as_was_chosen(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner={**COMMAND, "parallel": 2}) as daemon:
        await known(daemon)
        go = tmp_path / "go"
        for _ in range(3):
            await asked(daemon, wait=str(go))
        await stage(daemon, 1, "running")
        await stage(daemon, 2, "running")
        runner = (await daemon.status())["runner"]
        assert (runner["kind"], runner["running"], runner["queued"]) == ("command", 2, 1)
        await stage(daemon, 3, "queued")
        go.touch()
        await daemon.finished(3)


async def test_progress_is_told_and_enters_no_log(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        go = tmp_path / "go"
        line = json.dumps({"progress": 0.25, "message": "step 5 of 20"})
        await asked(daemon, wait=str(go), lines=[line])
        address = f"/api/projects/myfilm/events?after={len(await daemon.events())}"
        headers = {"Accept": "text/event-stream"}
        async with daemon.client.stream("GET", address, headers=headers) as answer:
            lines = answer.aiter_lines()
            told: dict[str, Any] = {}
            event, id_ = "", ""
            with anyio.fail_after(DEADLINE):
                async for text in lines:
                    key, _, value = text.partition(": ")
                    event = value if key == "event" else event
                    id_ = value if key == "id" else id_ if text else ""
                    if key == "data" and event == "take.progress":
                        assert not id_
                        told = json.loads(value)
                        if told["fraction"] is not None:
                            break
        assert told == {
            "shotId": full_id(DAWN),
            "takeId": "take_001",
            "fraction": 0.25,
            "message": "step 5 of 20",
        }
        go.touch()
        await settled(daemon, 1)
        assert not [one for one in await daemon.events() if "progress" in one["type"]]


async def test_a_queued_take_is_cancelled_before_it_is_begun(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go = tmp_path / "go"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        for _ in range(3):
            await asked(daemon, wait=str(go))
        await stage(daemon, 1, "running")
        await daemon.delete(2)
        go.touch()
        await settled(daemon, 3)
        begun = [one["data"]["take"] for one in await daemon.events() if one["type"] == "take.started"]
        assert begun == [1, 3]


async def test_a_program_that_is_not_there_holds_the_queue_and_says_so(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    runner = {"kind": "command", "command": [str(tmp_path / "nothing")]}
    async with running_daemon(film, runner=runner, clock=Hurried()) as daemon:
        await known(daemon)
        await asked(daemon)

        async def complains() -> str | None:
            problem: str | None = (await daemon.status())["runner"]["problem"]
            return problem

        assert "nothing" in await until(complains)
        await stage(daemon, 1, "queued")
        health = await daemon.get("/api/health")
        assert health["status"] == "degraded"


async def runner_problem(daemon: Daemon) -> str | None:
    problem: str | None = (await daemon.status())["runner"]["problem"]
    return problem


async def test_nothing_is_complained_of_once_nothing_is_asked_for_any_more(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    runner = {"kind": "command", "command": [str(tmp_path / "nothing")]}
    async with running_daemon(film, runner=runner, clock=Hurried()) as daemon:
        await known(daemon)
        await asked(daemon)
        await until(lambda: runner_problem(daemon))
        await daemon.delete(1)

        async def is_well() -> bool:
            return not await runner_problem(daemon)

        await until(is_well)
        await asked(daemon)
        await until(lambda: runner_problem(daemon))
        film.drop(still(), "take_002.png")
        await settled(daemon, 2)
        await until(is_well)


async def problems(daemon: Daemon) -> list[str]:
    return [one["what"] for one in (await daemon.status())["problems"]]


async def test_a_film_whose_workflow_is_missing_holds_up_no_other(tmp_path: Path) -> None:
    one, other = await make_film(tmp_path, "One"), await make_film(tmp_path, "Other")
    async with running_comfyui(tmp_path / "output") as comfy:
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "wan.json"}
        other.root.joinpath("wan.json").write_text(json.dumps(video_graph("render")))
        async with running_daemon(one, other, runner=runner, clock=Hurried()) as daemon:
            daemon.project = "one"
            await known(daemon)
            await asked(daemon)
            (problem,) = await until(lambda: problems(daemon))
            assert "wan.json" in problem
            assert not await runner_problem(daemon)
            daemon.project = "other"
            await known(daemon)
            await asked(daemon)
            assert (await settled(daemon, 1))["status"] == "complete"


async def test_an_empty_file_for_a_queued_take_does_not_fail_it(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go = tmp_path / "go"
    async with running_daemon(film, runner=COMMAND, clock=Hurried()) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go))
        await asked(daemon, seed=2)
        await stage(daemon, 1, "running")

        async def has_folder() -> bool:
            return film.take(2).is_dir()

        await until(has_folder)
        film.take(2).joinpath("render.png").touch()
        go.touch()
        assert (await settled(daemon, 2))["status"] == "complete"


async def test_a_shot_that_is_taken_away_holds_up_no_other(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go = tmp_path / "go"
    async with running_daemon(film, runner=COMMAND, clock=Hurried()) as daemon:
        await known(daemon)
        await asked(daemon, NOON, wait=str(go))
        await asked(daemon, seed=1)
        await asked(daemon, NOON, seed=2)
        film.shot().rename(tmp_path / "elsewhere")
        go.touch()
        assert (await settled(daemon, 2, NOON))["status"] == "complete"
        assert "not there" in (await until(lambda: problems(daemon)))[0]
        begun = [one for one in await daemon.events(DAWN) if one["type"] == "take.started"]
        assert not begun
        (tmp_path / "elsewhere").rename(film.shot())
        assert (await settled(daemon, 1))["status"] == "complete"


async def test_what_was_made_for_a_shot_that_is_away_is_kept_and_told_of(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go, begun = tmp_path / "go", tmp_path / "begun"
    async with running_daemon(film, runner=COMMAND, clock=Hurried()) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go), begun=str(begun))
        await appears(begun)
        film.shot().rename(tmp_path / "elsewhere")
        go.touch()
        assert "not there" in (await until(lambda: problems(daemon)))[0]
        (tmp_path / "elsewhere").rename(film.shot())
        assert (await settled(daemon, 1))["status"] == "complete"
        assert len(begun.read_text().split()) == 1


async def has_become(daemon: Daemon, state: str) -> None:
    """Wait until the project is in that state."""

    async def it_is() -> bool:
        return bool((await daemon.get("/api/projects/myfilm"))["state"] == state)

    await until(it_is)


async def test_nothing_is_made_where_a_film_was_that_has_moved_away(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go, begun = tmp_path / "go", tmp_path / "begun"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go), begun=str(begun))
        for number in range(3):
            await asked(daemon, seed=number)
        await appears(begun)
        film.root.rename(tmp_path / "elsewhere")
        go.touch()
        await has_become(daemon, "suspended")
        assert not film.root.exists()
        (tmp_path / "elsewhere").rename(film.root)
        await has_become(daemon, "live")
        await check_made_once(daemon, film, 4)


async def test_a_file_that_comes_for_a_take_being_made_is_a_take_of_its_own(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    go = tmp_path / "go"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        await asked(daemon, wait=str(go), seed=3)
        await stage(daemon, 1, "running")
        film.drop(still(9), "take_001.png")

        async def waits() -> bool:
            return bool((await daemon.status())["waiting"])

        await until(waits)
        go.touch()
        await settled(daemon, 2)
        await daemon.verify()
        one, two = await daemon.takes()
        assert one["resources"]["generationTime"]
        assert two["media"]["sha256"] == hashes(still(9))[0]
