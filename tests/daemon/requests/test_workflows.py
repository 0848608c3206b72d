"""A workflow for each film, shot or take, from the request to the recipe; and what a take that waits says."""

import json
from pathlib import Path
from typing import Any

import pytest

from projections.layout import full_id
from tests.comfyui.graphs import ELSEWHERE, Graph, video_graph
from tests.comfyui.server import FakeComfyUI, running_comfyui
from tests.daemon.requests.asked import COMMAND, appears, asked, known, settled
from tests.support.clock import Hurried
from tests.support.film import DAWN, NOON, Daemon, Film, make_film, until
from tests.support.inside import running_daemon


def graph(model: str) -> Graph:
    """A workflow that can be told from others by its model."""
    found = video_graph(ELSEWHERE)
    found["1"]["inputs"]["ckpt_name"] = model
    return found


def write(path: Path, model: str) -> None:
    path.write_text(json.dumps(graph(model)))


def served(comfy: FakeComfyUI) -> dict[str, Any]:
    return {"kind": "comfyui", "url": comfy.url, "workflow": "all.json"}


async def ask_with(daemon: Daemon, workflow: str, key: str = "once") -> Any:
    body = {"generationParams": {"seed": 7}, "workflow": workflow}
    headers = {"Idempotency-Key": key}
    return await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes", body, headers)


async def waits(daemon: Daemon, number: int, words: str) -> None:
    """Wait until the take says that it waits, in those words."""

    async def said() -> bool:
        take = await daemon.get(f"shots/{full_id(DAWN)}/takes/take_{number:03}")
        return words in take.get("waits", "")

    await until(said)


async def test_the_takes_own_goes_before_the_shots_and_that_before_the_films(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_comfyui(tmp_path / "output") as comfy:
        for path in ("all.json", "workflow.json", "own.json", f"{DAWN}/workflow.json"):
            write(film.root / path, path)
        async with running_daemon(film, runner=served(comfy)) as daemon:
            await known(daemon)
            assert (await ask_with(daemon, str(film.root / "own.json"))).status_code == 202
            await asked(daemon)
            await asked(daemon, shot=NOON)
            for number, shot, path, whose in (
                (1, DAWN, "own.json", "take"),
                (2, DAWN, f"{DAWN}/workflow.json", "shot"),
                (1, NOON, "workflow.json", "film"),
            ):
                take = await settled(daemon, number, shot)
                assert take["generationParams"]["model"] == path
                assert (take["workflow"]["path"], take["workflow"]["chosenFor"]) == (path, whose)
                assert take["workflow"]["was"] is None
            started = [one["data"] for one in await daemon.events(DAWN) if one["type"] == "take.started"]
            assert started[0]["workflow"]["path"] == "own.json"
            await daemon.verify()


@pytest.mark.parametrize(
    ("workflow", "why"), [("gone.json", "it is not there"), ("bad.json", "it is not JSON")]
)
async def test_a_workflow_that_cannot_be_used_is_refused_at_once(
    tmp_path: Path, workflow: str, why: str
) -> None:
    film = await make_film(tmp_path)
    film.root.joinpath("bad.json").write_text("{")
    async with (
        running_comfyui(tmp_path / "output") as comfy,
        running_daemon(film, runner=served(comfy)) as daemon,
    ):
        await known(daemon)
        answer = await ask_with(daemon, workflow)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == "workflow"
        assert why in error["message"]
        assert not await daemon.takes()


async def test_a_workflow_that_nobody_would_use_is_refused(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    write(film.root / "own.json", "own")
    async with running_daemon(film) as daemon:
        await known(daemon)
        answer = await ask_with(daemon, "own.json")
        assert "no runner is set up" in answer.json()["errors"][0]["message"]


async def test_a_request_that_is_sent_twice_is_one_take_though_its_workflow_changed_or_went(
    tmp_path: Path,
) -> None:
    film = await make_film(tmp_path)
    async with (
        running_comfyui(tmp_path / "output") as comfy,
        running_daemon(film, runner=served(comfy)) as daemon,
    ):
        comfy.hold("KSampler")
        await known(daemon)
        path = film.root / "own.json"
        write(path, "one")
        first = await ask_with(daemon, "own.json")
        write(path, "two")
        assert (await ask_with(daemon, "own.json")).json() == first.json()
        path.unlink()
        assert (await ask_with(daemon, "own.json")).json() == first.json()
        assert (await ask_with(daemon, "all.json")).status_code == 409
        assert len(await daemon.takes()) == 1


async def test_a_workflow_that_changed_while_its_take_waited_is_told(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with (
        running_comfyui(tmp_path / "output") as comfy,
        running_daemon(film, runner=served(comfy)) as daemon,
    ):
        sampler = comfy.hold("KSampler")
        await known(daemon)
        write(film.root / "workflow.json", "one")
        for _ in range(2):
            await asked(daemon)
        await comfy.until(lambda: comfy.running)
        await waits(daemon, 2, "one take is before it")
        write(film.root / "workflow.json", "two")
        sampler.set()
        first, second = [await settled(daemon, number) for number in (1, 2)]
        assert [one["generationParams"]["model"] for one in (first, second)] == ["one", "two"]
        assert first["workflow"]["was"] is None
        assert second["workflow"]["was"] == first["workflow"]["sha256"] != second["workflow"]["sha256"]
        await daemon.verify()


async def test_a_take_whose_workflow_is_away_says_so_and_holds_up_no_other(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_comfyui(tmp_path / "output") as comfy:
        write(film.root / "all.json", "all")
        write(film.root / "own.json", "own")
        async with running_daemon(film, runner=served(comfy), clock=Hurried()) as daemon:
            sampler = comfy.hold("KSampler")
            await known(daemon)
            await asked(daemon)
            await comfy.until(lambda: comfy.running)
            await ask_with(daemon, "own.json")
            film.root.joinpath("own.json").unlink()
            await asked(daemon)
            sampler.set()
            assert (await settled(daemon, 3))["status"] == "complete"
            await waits(daemon, 2, "own.json: it is not there")
            (problem,) = (await daemon.status())["problems"]
            assert "own.json: it is not there" in problem["what"]
            write(film.root / "own.json", "back")
            assert (await settled(daemon, 2))["generationParams"]["model"] == "back"
            assert not (await daemon.status())["problems"]


async def test_a_take_says_that_its_runner_is_away(tmp_path: Path) -> None:
    film: Film = await make_film(tmp_path)
    write(film.root / "all.json", "all")
    async with running_comfyui(tmp_path / "output") as comfy:
        await comfy.stop()
        async with running_daemon(film, runner=served(comfy), clock=Hurried()) as daemon:
            await known(daemon)
            await asked(daemon)
            await waits(daemon, 1, "ComfyUI cannot be reached")
            await comfy.start()
            await settled(daemon, 1)
            assert "waits" not in await daemon.get(f"shots/{full_id(DAWN)}/takes/take_001")


async def test_a_take_says_how_many_are_before_it_in_comfyui(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    write(film.root / "all.json", "all")
    async with (
        running_comfyui(tmp_path / "output") as comfy,
        running_daemon(film, runner=served(comfy)) as daemon,
    ):
        sampler = comfy.hold("KSampler")
        for _ in range(2):
            await comfy.prompt(graph("theirs"))
        await known(daemon)
        await asked(daemon)
        await waits(daemon, 1, "2 are before it")
        sampler.set()
        await settled(daemon, 1)


async def test_a_program_is_told_which_workflow_was_chosen(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    write(film.root / "own.json", "own")
    told = tmp_path / "told"
    async with running_daemon(film, runner=COMMAND) as daemon:
        await known(daemon)
        body = {"generationParams": {"told": str(told)}, "workflow": "own.json"}
        await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes", body)
        await settled(daemon, 1)
        assert json.loads(await appears(told))["workflow"] == str(film.root / "own.json")
