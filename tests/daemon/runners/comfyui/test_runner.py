"""A job for ComfyUI that succeeds: what is made, what it is told to have been made with, and what is made anew."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from daemon.runners.comfyui import prompt as prompts
from daemon.runners.comfyui.messages import vram_in_use
from daemon.runners.comfyui.workflow import seed_for
from tests.comfyui.graphs import (
    ELSEWHERE,
    SHARED,
    SHOT,
    Graph,
    node,
    picture_graph,
    render_graph,
    video_graph,
)
from tests.daemon.runners.comfyui.stage import HAD, names, posted, staged

MEDIA = Path(__file__).parents[3] / "media" / "comfyui"


# A job that succeeds.


async def test_a_file_that_comfyui_wrote_into_the_takes_folder_is_the_take(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.make(one := stage.job(seed=7))
        assert made.path == one.takes / "shot_001_take_003_00001_.mp4"
        assert names(one.takes) == [made.path.name]
        assert not any(path == "/view" for _, path, _ in stage.comfy.asked)


async def test_a_file_that_comfyui_wrote_elsewhere_is_fetched(tmp_path: Path) -> None:
    async with staged(tmp_path, shared=False) as stage:
        made = await stage.make(one := stage.job(seed=7))
        assert made.path == one.folder / "shot_001_take_003.mp4"
        written = stage.comfy.output / "video" / "shot_001_take_003_00001_.mp4"
        assert made.path.read_bytes() == written.read_bytes()
        assert names(one.takes) == []


async def test_a_file_that_is_cut_short_is_fetched_again(tmp_path: Path) -> None:
    async with staged(tmp_path, shared=False) as stage:
        stage.comfy.cuts = 1
        made = await stage.make(one := stage.job(seed=7))
        written = stage.comfy.output / "video" / "shot_001_take_003_00001_.mp4"
        assert made.path.read_bytes() == written.read_bytes()
        assert names(one.folder) == [made.path.name]


async def test_a_shared_disk_that_is_not_here_is_fetched_from(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.output = tmp_path / "another_machine"
        made = await stage.make(one := stage.job(seed=7))
        assert made.path.parent == one.folder


async def test_what_is_asked_for_stands_in_the_graph(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.make(stage.job(seed="7", prompt="dawn", cfg=5, lens="35 mm"))
        graph = posted(stage)["prompt"]
        assert graph["2"]["inputs"]["text"] == "dawn"
        assert graph["3"]["inputs"]["text"] == "rain"
        assert (graph["5"]["inputs"]["seed"], graph["5"]["inputs"]["cfg"]) == (7, 5.0)
        assert graph["8"]["inputs"]["filename_prefix"] == f"MyFilm/{SHOT}/takes/shot_001_take_003"


async def test_our_mark_is_in_the_queue_and_not_in_the_file(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.make(stage.job())
        assert posted(stage)["extra_data"] == {"takes": {"id": "job-3"}}


async def test_a_seed_that_nobody_chose_is_chosen_and_reported(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.make(stage.job())
        assert made.params is not None
        assert made.params["seed"] == seed_for("job-3")
        assert posted(stage)["prompt"]["5"]["inputs"]["seed"] == seed_for("job-3")


async def test_what_the_workflow_had_where_it_might_have_been_asked_for_is_reported(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.make(stage.job(seed=7, prompt="dawn"))
        assert made.params == {name: value for name, value in HAD.items() if name != "prompt"}
        told = await stage.resume(stage.job(seed=7, prompt="dawn"))
        assert told is not None
        assert told.params == made.params


async def test_a_parameter_that_stands_in_two_places_as_two_things_is_not_reported(tmp_path: Path) -> None:
    graph = video_graph(SHARED, CLIPTextEncode="(Input:words)")
    async with staged(tmp_path, graph) as stage:
        assert "words" not in ((await stage.make(stage.job())).params or {})


async def test_the_workflow_is_read_for_each_job(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.make(stage.job(1))
        stage.use(video_graph(CLIPTextEncode="(Input:words)"))
        await stage.make(stage.job(2, words="dusk"))
        assert posted(stage)["prompt"]["2"]["inputs"]["text"] == "dusk"
        assert "words" in (stage.runner.inputs or ())


def graph_in(path: Path) -> Any:
    """The graph that ComfyUI has put into a file."""
    text = path.read_bytes().decode("latin-1")
    return json.JSONDecoder().raw_decode(text, text.index('{"1": {"class_type"'))[0]


@pytest.mark.parametrize("path", sorted(MEDIA.iterdir()), ids=lambda path: path.stem)
async def test_a_graph_that_a_real_one_ran_runs(tmp_path: Path, path: Path) -> None:
    async with staged(tmp_path, graph_in(path)) as stage:
        assert (await stage.make(stage.job(color=255))).path.suffix == path.suffix


TWO_SAVERS: Graph = {
    **video_graph("a", SaveVideo="a"),
    "0": node("SaveImage", images=["6", 0], filename_prefix="b"),
}


ONE_MEANT: Graph = {
    **video_graph("a", SaveVideo="a"),
    "9": node("SaveImage", "(Output)", images=["6", 0], filename_prefix="b"),
}


@pytest.mark.parametrize(
    ("graph", "suffix"),
    [
        (picture_graph("PreviewImage", "(Output:image)"), ".png"),
        (picture_graph("VHS_VideoCombine", filename_prefix="x", frame_rate=24.0), ".mp4"),
        (
            {
                "1": node("EmptyAudio", duration=1.0),
                "2": node("SaveAudio", audio=["1", 0], filename_prefix="audio/x"),
            },
            ".flac",
        ),
        (TWO_SAVERS, ".mp4"),
        (ONE_MEANT, ".png"),
    ],
    ids=[
        "a preview",
        "a saver with words of its own",
        "a sound",
        "a video before a picture",
        "a title before all",
    ],
)
async def test_the_file_of_the_output_that_is_meant_is_taken(
    tmp_path: Path, graph: Graph, suffix: str
) -> None:
    async with staged(tmp_path, graph) as stage:
        made = await stage.make(stage.job())
        assert made.path.name == f"shot_001_take_003{suffix}"


async def test_of_a_render_the_video_with_sound_is_the_take_and_the_rest_comes_along(tmp_path: Path) -> None:
    async with staged(tmp_path, render_graph(SHARED)) as stage:
        made = await stage.make(one := stage.job())
        stem = "shot_001_take_003_00001"
        assert made.path == one.takes / f"{stem}-audio.mp4"
        assert made.companions == {"picture": one.takes / f"{stem}.png", "silent": one.takes / f"{stem}.mp4"}


async def test_of_a_render_elsewhere_the_picture_is_fetched_with_the_video(tmp_path: Path) -> None:
    async with staged(tmp_path, render_graph(ELSEWHERE), shared=False) as stage:
        made = await stage.make(one := stage.job())
        assert made.path == one.folder / "shot_001_take_003.mp4"
        (picture,) = made.companions.values()
        written = stage.comfy.output / "video" / "shot_001_take_003_00001.png"
        assert picture.read_bytes() == written.read_bytes()


async def test_a_render_whose_picture_was_not_written_is_the_video_alone(tmp_path: Path) -> None:
    async with staged(tmp_path, render_graph(ELSEWHERE), shared=False) as stage:
        stage.comfy.hidden = ".png"
        made = await stage.make(stage.job())
        assert (made.path.suffix, made.companions) == (".mp4", {})


async def test_of_several_pictures_the_first_is_the_take(tmp_path: Path) -> None:
    graph = picture_graph(filename_prefix=SHARED)
    graph["1"]["inputs"]["batch_size"] = 3
    async with staged(tmp_path, graph) as stage:
        made = await stage.make(stage.job())
        assert made.path.name == "shot_001_take_003_00001_.png"


async def test_a_saver_that_takes_no_name_of_ours_is_found_in_the_takes_folder(tmp_path: Path) -> None:
    graph = picture_graph(filename_prefix=["1", 0])
    async with staged(tmp_path, graph) as stage:
        stage.comfy.prefix_of_links = f"MyFilm/{SHOT}/takes/render"
        made = await stage.make(one := stage.job())
        assert made.path == one.takes / "render_00001_.png"


# The cache.


@pytest.mark.parametrize("shared", [True, False])
async def test_the_same_graph_again_makes_nothing_new_and_says_so(tmp_path: Path, shared: bool) -> None:  # noqa: FBT001
    async with staged(tmp_path, shared=shared) as stage:
        await stage.make(stage.job(1, seed=7))
        said = await stage.refusal(again := stage.job(2, seed=7))
        assert "answered from its cache" in said
        assert said.endswith("Ask for another seed.")
        assert [name for name in names(again.takes) if "take_002" in name] == []


async def test_a_workflow_without_a_bound_seed_is_said_to_need_one(tmp_path: Path) -> None:
    async with staged(tmp_path, picture_graph(filename_prefix=ELSEWHERE)) as stage:
        await stage.make(stage.job(1))
        assert "(Input:seed)" in await stage.refusal(stage.job(2))


async def test_an_old_file_that_a_cached_node_names_is_never_taken(tmp_path: Path) -> None:
    async with staged(tmp_path, picture_graph("PreviewImage", "(Output)")) as stage:
        await stage.make(stage.job(1))
        assert "answered from its cache" in await stage.refusal(stage.job(2))


async def test_another_seed_makes_something_new(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        first, second = [await stage.make(stage.job(take, seed=take)) for take in (1, 2)]
        assert first.path.read_bytes() != second.path.read_bytes()


async def test_a_saver_with_a_parameter_of_the_request_makes_something_new(tmp_path: Path) -> None:
    title = "(Input:frame_rate) (Output)"
    graph = picture_graph("VHS_VideoCombine", title, filename_prefix=SHARED, frame_rate=24.0)
    async with staged(tmp_path, graph) as stage:
        await stage.make(stage.job(1, frame_rate=24))
        assert (await stage.make(stage.job(2, frame_rate=12))).path.name == "shot_001_take_002_00001.mp4"


async def test_a_name_that_is_given_anew_by_comfyui_is_a_new_file(tmp_path: Path) -> None:
    graph = picture_graph(filename_prefix=["1", 0])
    async with staged(tmp_path, graph) as stage:
        stage.comfy.prefix_of_links = f"MyFilm/{SHOT}/takes/render"
        first = await stage.make(stage.job(1, color=1))
        first.path.rename(tmp_path / "moved.png")
        second = await stage.make(stage.job(2, color=2))
        assert second.path == first.path


# The memory in use.


async def test_the_peak_of_the_memory_in_use_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "MEASURE_EVERY", 0.01)
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("KSampler")
        card = {"name": "cuda:0", "type": "cuda", "vram_total": 2**34, "vram_free": 2**33}
        stage.comfy.devices = [*stage.comfy.devices, card]
        async with stage.making(stage.job()) as making:
            await stage.comfy.until(lambda: stage.comfy.running)
            measured = len(stage.comfy.asked)
            await stage.comfy.until(lambda: len(stage.comfy.asked) > measured + 3)
            card["vram_free"] = 2**34
            gate.set()
            assert (await making).vram_used == 8192.0


async def test_no_memory_is_reported_where_there_is_no_card(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert (await stage.make(stage.job())).vram_used is None


@pytest.mark.parametrize("document", [None, {}, {"devices": 3}, {"devices": [3, {"type": "cuda"}]}])
def test_memory_in_another_shape_is_not_known(document: Any) -> None:
    assert vram_in_use(document) is None


async def test_the_time_is_comfyuis_own(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        made = await stage.make(replace(stage.job(), params={"seed": 1}))
        assert made.seconds is not None
        assert made.seconds >= 0
