"""The files that go to ComfyUI because a take is made from them, and those that go from it because a take has them."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import pytest

from daemon.intake.intake import Intake
from daemon.runners.comfyui import input_files
from daemon.runners.comfyui.input_files import BadInput
from daemon.runners.comfyui.output_files import remove_left
from daemon.runners.comfyui.runner import ComfyRunner
from tests.comfyui.graphs import ELSEWHERE, Graph, node, render_graph, video_graph
from tests.comfyui.server import running_comfyui
from tests.daemon.requests.asked import asked, known, settled
from tests.daemon.runners.comfyui.stage import Stage, posted, staged
from tests.support.film import bytes_of, hashes, make_film, still, until
from tests.support.inside import running_daemon

LOADED: Graph = {
    "1": node("LoadImage", "First (Input:start_image)", image="example.png"),
    "2": node("CLIPTextEncode", "(Input:prompt)", text="gulls", clip=["1", 0]),
    "3": node("SaveImage", "(Output)", images=["1", 0], filename_prefix=ELSEWHERE),
}


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def loaded(stage: Stage) -> Any:
    return posted(stage)["prompt"]["1"]["inputs"]["image"]


# To ComfyUI.


@pytest.mark.parametrize("is_in_film", [True, False])
async def test_a_picture_on_this_machine_is_brought_to_comfyui(tmp_path: Path, is_in_film: bool) -> None:  # noqa: FBT001
    async with staged(tmp_path, LOADED, shared=False) as stage:
        folder = stage.root / "stills" if is_in_film else tmp_path / "mine"
        path = put(folder / "Start Here.PNG", still())
        await stage.make(stage.job(start_image="stills/Start Here.PNG" if is_in_film else str(path)))
        name = f"takes/{sha256(still()).hexdigest()}.png"
        assert loaded(stage) == name
        assert (stage.comfy.input / name).read_bytes() == still()
        assert "brings Start Here.PNG to ComfyUI" in [told.message for told in stage.told]


async def test_what_comfyui_has_itself_is_left_to_it(tmp_path: Path) -> None:
    async with staged(tmp_path, LOADED, shared=False) as stage:
        put(stage.root / "mine.png", still())
        for take, name in enumerate(("mine.png", "clips/theirs.png", "../mine.png", "a.png [output]")):
            await stage.make(stage.job(take, start_image=name))
            assert loaded(stage) == name
        assert not stage.comfy.posts("/upload/image")


async def test_a_path_that_the_workflow_says_or_that_is_no_input_is_not_brought(tmp_path: Path) -> None:
    path = put(tmp_path / "mine.png", still())
    graph = {**LOADED, "1": node("LoadImage", "(Input:start_image)", image=str(path))}
    async with staged(tmp_path, graph, shared=False) as stage:
        await stage.make(stage.job(1))
        assert loaded(stage) == str(path)
        await stage.make(stage.job(2, start_image="example.png", prompt=str(path)))
        assert not stage.comfy.posts("/upload/image")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone.png", "it cannot be read (No such file or directory)"),
        ("secret.txt", "it is no picture, clip or sound"),
        ("folder.png", "it is a folder"),
        ("large.png", "larger than 0 GB"),
        ("refused.png", "start it with --max-upload-size"),
    ],
)
async def test_a_file_that_cannot_be_brought_fails_the_take_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    async with staged(tmp_path, LOADED, shared=False) as stage:
        (tmp_path / "folder.png").mkdir()
        for each in ("secret.txt", "refused.png", "large.png"):
            put(tmp_path / each, bytes(2000 if each == "large.png" else 1000))
        monkeypatch.setattr(input_files, "LARGEST", 1500)
        stage.comfy.most_uploaded = 1000
        with pytest.raises(BadInput) as caught:
            await stage.make(stage.job(start_image=str(tmp_path / name)))
        assert why in caught.value.reason
        assert caught.value.reason.startswith(f"generationParams.start_image: {tmp_path / name}: ")
        assert not stage.comfy.posts("/prompt")


# From ComfyUI.


def test_only_what_the_take_has_is_removed_and_never_from_the_film(tmp_path: Path) -> None:
    output, film = tmp_path / "output", tmp_path / "output" / "MyFilm"
    digest = sha256(b"render").hexdigest()
    path, own = put(output / "video" / "a.mp4", b"render"), put(film / "a.mp4", b"render")
    assert "does not hold what the take holds" in str(remove_left(output, "video/a.mp4", film, "0" * 64))
    assert "lies in the film" in str(remove_left(output, "MyFilm/a.mp4", film, digest))
    assert "cannot be removed" in str(remove_left(tmp_path / "elsewhere", "video/a.mp4", film, digest))
    (output / "linked").symlink_to(output / "video")
    assert "cannot be removed" in str(remove_left(output, "linked/a.mp4", film, digest))
    assert (path.exists(), own.exists()) == (True, True)
    assert remove_left(output, "video/a.mp4", film, digest) is None
    assert not path.exists()


@pytest.mark.parametrize("known_folder", [True, False])
async def test_the_render_goes_from_comfyuis_folder_once_the_take_is_complete(
    tmp_path: Path,
    known_folder: bool,  # noqa: FBT001
) -> None:
    film = await make_film(tmp_path)
    async with running_comfyui(tmp_path / "output") as comfy:
        film.root.joinpath("wan.json").write_text(json.dumps(video_graph(ELSEWHERE)))
        output = comfy.output if known_folder else tmp_path / "another"
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "wan.json", "keep_output": False}
        async with running_daemon(film, runner={**runner, "output": str(output)}) as daemon:
            await known(daemon)
            await asked(daemon, seed=7)
            take = await settled(daemon, 1)
            assert take["status"] == "complete"

            async def left() -> list[str]:
                return hashes(*[path.read_bytes() for path in (comfy.output / "video").iterdir()])

            async def is_done() -> bool:
                problems = [one["what"] for one in (await daemon.status())["problems"]]
                return not await left() or any("cannot be removed" in one for one in problems)

            await until(is_done)
            assert await left() == ([] if known_folder else bytes_of([take]))


async def test_the_render_goes_from_comfyuis_folder_though_the_queue_has_let_go_of_the_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Intake.finish

    async def finish_late(self: Intake, *args: Any, **choices: Any) -> bool:
        done = await finish(self, *args, **choices)
        await anyio.sleep_forever()  # until the queue has seen that the take is complete
        return done

    film = await make_film(tmp_path)
    async with running_comfyui(tmp_path / "output") as comfy:
        film.root.joinpath("wan.json").write_text(json.dumps(video_graph(ELSEWHERE)))
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "wan.json", "keep_output": False}
        async with running_daemon(film, runner={**runner, "output": str(comfy.output)}) as daemon:
            await known(daemon)
            monkeypatch.setattr(Intake, "finish", finish_late)
            await asked(daemon, seed=7)
            assert (await settled(daemon, 1))["status"] == "complete"

            async def is_gone() -> bool:
                return not any((comfy.output / "video").iterdir())

            await until(is_gone)


async def test_what_a_daemon_was_to_remove_when_it_was_killed_the_next_one_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(self: ComfyRunner, root: Path, left: str, sha256: str) -> str | None:
        return None

    film = await make_film(tmp_path)
    async with running_comfyui(tmp_path / "output") as comfy:
        film.root.joinpath("wan.json").write_text(json.dumps(render_graph(ELSEWHERE)))
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "wan.json", "keep_output": False}
        runner["output"] = str(comfy.output)
        with monkeypatch.context() as patched:
            patched.setattr(ComfyRunner, "tidy", killed)
            async with running_daemon(film, runner=runner) as daemon:
                await known(daemon)
                await asked(daemon)
                assert (await settled(daemon, 1))["status"] == "complete"
        left = sorted((comfy.output / "video").iterdir())
        assert len(left) == 3
        left[0].write_bytes(b"another render, by the same name")
        async with running_daemon(film, runner=runner):

            async def is_gone() -> bool:
                return sorted((comfy.output / "video").iterdir()) == left[:1]

            await until(is_gone)


async def test_all_files_of_a_render_go_from_comfyuis_folder_and_lie_beside_the_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_comfyui(tmp_path / "output") as comfy:
        film.root.joinpath("wan.json").write_text(json.dumps(render_graph(ELSEWHERE)))
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "wan.json", "keep_output": False}
        async with running_daemon(film, runner={**runner, "output": str(comfy.output)}) as daemon:
            await known(daemon)
            await asked(daemon)
            assert (await settled(daemon, 1))["status"] == "complete"

            async def is_gone() -> bool:
                return not any((comfy.output / "video").iterdir())

            await until(is_gone)
        (folder,) = film.root.rglob("take_001")
        names = {path.name.partition("_take_001")[2] for path in folder.iterdir()}
        assert names >= {".mp4", "_recipe.png", "_silent.mp4"}
