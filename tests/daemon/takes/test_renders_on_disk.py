"""One render, one take, with the real files: what a person finds of it in the film, the API and the sidecar."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from projections.layout import full_id
from tests.comfyui.graphs import node, picture_graph
from tests.comfyui.server import running_comfyui
from tests.daemon.requests.asked import known
from tests.support.clips import make_audible, make_still, make_video, sine
from tests.support.film import DAWN, Film, make_film, until
from tests.support.inside import Daemon, running_daemon

GRAPH = {
    "1": node("CheckpointLoaderSimple", ckpt_name="wan.safetensors"),
    "2": node("CLIPTextEncode", text="gulls over a pier", clip=["1", 1]),
    "3": node("CLIPTextEncode", text="rain", clip=["1", 1]),
    "4": node("EmptyLatentImage", width=64, height=36, batch_size=12),
    "5": node(
        "KSampler",
        model=["1", 0],
        positive=["2", 0],
        negative=["3", 0],
        latent_image=["4", 0],
        seed=4217,
        steps=20,
        cfg=6.5,
        sampler_name="euler",
        scheduler="simple",
        denoise=1.0,
    ),
    "6": node("VAEDecode", samples=["5", 0], vae=["1", 2]),
    "7": node("EmptyAudio", duration=1.0),
    "8": node(
        "VHS_VideoCombine",
        images=["6", 0],
        audio=["7", 0],
        frame_rate=24,
        filename_prefix="AnimateDiff",
        format="video/h264-mp4",
        save_output=True,
    ),
}
TAGS = {"prompt": json.dumps(GRAPH), "workflow": "{}", "CreationTime": "2026-11-29 14:00:00"}
KEY = "AnimateDiff_00001"


def render(folder: Path, *, tags: dict[str, str] | None = None) -> tuple[Path, Path, Path]:
    """The three files, as VideoHelperSuite writes them; the formats without labels have none in the videos."""
    folder.mkdir(exist_ok=True)
    picture = make_still(folder / f"{KEY}.png", tags=TAGS)
    silent = make_video(folder / f"{KEY}.mp4", seconds=1.0, tags=TAGS if tags is None else tags)
    heard = make_audible(folder / f"{KEY}-audio.mp4", silent=silent, wave=sine(-20.0, 1.0))
    return picture, silent, heard


async def put_in(film: Film, *files: Path) -> None:
    for file in files:
        await anyio.to_thread.run_sync(film.drop, file.read_bytes(), file.name)


async def shown(daemon: Daemon, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = await daemon.get(f"shots/{full_id(DAWN)}/takes/take_{number:03d}")
    return found


@pytest.mark.parametrize("tags", [None, {}], ids=["labelled", "without labels"])
async def test_a_render_is_one_take_with_its_recipe_its_sound_and_its_files(
    tmp_path: Path, tags: dict[str, str] | None
) -> None:
    film = await make_film(tmp_path)
    files = render(tmp_path / "out", tags=tags)
    async with running_daemon(film) as daemon:
        await put_in(film, *files)
        await daemon.finished(1)
        await daemon.at_rest()
        take = await shown(daemon)
        assert (take["status"], take["active"], take["origin"]) == ("complete", True, f"{KEY}-audio.mp4")
        assert take["generationParams"]["seed"] == 4217
        assert take["generationParams"]["prompt"] == "gulls over a pier"
        assert take["channels"] == 2
        stem = "shot_001_take_001"
        assert {one["role"]: one["name"] for one in take["companions"]} == {
            "picture": f"{stem}_recipe.png",
            "silent": f"{stem}_silent.mp4",
        }
        sidecar = json.loads((film.take(1) / f"{stem}_metadata.json").read_bytes())
        assert sidecar["companions"] == take["companions"]
        assert len(await daemon.takes()) == 1
        assert [path.name for path in film.takes().iterdir()] == ["take_001"]
        await daemon.verify()


async def test_a_file_beside_a_take_that_is_gone_or_another_one_is_told(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await put_in(film, *render(tmp_path / "out"))
        await daemon.finished(1)
        await daemon.at_rest()
        assert not any("missing" in one for one in (await shown(daemon))["companions"])
        picture, silent = (
            film.take(1) / f"shot_001_take_001{ending}" for ending in ("_recipe.png", "_silent.mp4")
        )
        picture.unlink()
        silent.chmod(0o644)
        silent.write_bytes(silent.read_bytes()[:-1] + b"!")
        verdict = json.loads((await daemon.ask("POST", "verify")).text.splitlines()[-1])
        assert sorted(one["what"].rpartition("/")[2] for one in verdict["problems"]) == [
            f"{picture.name} is not there",
            f"{silent.name} is not what it was",
        ]
        missing = {one["name"]: one.get("missing") for one in (await shown(daemon))["companions"]}
        assert missing == {picture.name: True, silent.name: None}


async def test_the_log_says_as_much_to_an_index_that_is_made_anew(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    picture, silent, heard = render(tmp_path / "out")
    async with running_daemon(film) as daemon:
        await put_in(film, heard)
        await daemon.finished(1)
        await put_in(film, silent)
        await joined(daemon, 1)
        await put_in(film, picture)
        await joined(daemon, 2)
        before = await shown(daemon)
    film.root.joinpath(".takes", "index.db").unlink()
    async with running_daemon(film) as daemon:
        await daemon.at_rest()
        assert await shown(daemon) == before
        assert len(before["companions"]) == 2


async def joined(daemon: Daemon, count: int) -> None:
    async def enough() -> bool:
        return len((await shown(daemon)).get("companions", [])) == count

    await until(enough)
    await daemon.at_rest()


async def test_a_render_that_was_asked_for_is_one_take(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    graph = {
        **picture_graph(
            "VHS_VideoCombine",
            filename_prefix="{project}/{shot}/takes/render",
            frame_rate=24.0,
            audio=["2", 0],
        ),
        "2": node("EmptyAudio", duration=1.0),
    }
    await anyio.Path(film.root / "workflow.json").write_text(json.dumps(graph))
    async with running_comfyui(film.root.parent) as comfy:
        runner = {"kind": "comfyui", "url": comfy.url, "workflow": "workflow.json"}
        async with running_daemon(film, runner=runner) as daemon:
            await known(daemon)
            await daemon.scanned()
            await daemon.at_rest()
            answer = await daemon.ask(
                "POST", f"shots/{full_id(DAWN)}/takes", {"generationParams": {"color": 7}}
            )
            assert answer.status_code == 202, answer.text
            await daemon.finished(1)
            await daemon.at_rest()
            take = await shown(daemon)
            assert (take["status"], take["media"]["kind"], take["channels"]) == (
                "complete",
                "video",
                2,
            )
            assert {one["role"] for one in take["companions"]} == {"picture", "silent"}
            assert [path.name for path in film.takes().iterdir()] == ["take_001"]
            assert len(await daemon.takes()) == 1
