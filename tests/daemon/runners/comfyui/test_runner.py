import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from msgspec.structs import replace

from daemon.runners.choice import BadWorkflow
from daemon.runners.comfyui import prompt as prompts
from daemon.runners.comfyui import runner as runners
from daemon.runners.comfyui.address import ComfyUIAway
from daemon.runners.comfyui.messages import vram_in_use
from daemon.runners.comfyui.progress import PromptProgress
from daemon.runners.comfyui.runner import ComfyRunner
from daemon.runners.comfyui.workflow import BadValue, Output, seed_for
from daemon.runners.runner import Job, JobFailed, Made, Progress
from projections.backoff import Backoff
from projections.layout import kind_of
from tests.comfyui.graphs import (
    ELSEWHERE,
    SHARED,
    SHOT,
    Graph,
    job,
    node,
    picture_graph,
    render_graph,
    video_graph,
)
from tests.comfyui.server import FakeComfyUI, running_comfyui
from tests.support.deadline import DEADLINE

MEDIA = Path(__file__).parents[3] / "media" / "comfyui"


class Stage:
    """A film, a ComfyUI that may write into it, and a runner between them."""

    def __init__(self, comfy: FakeComfyUI, root: Path) -> None:
        self.comfy = comfy
        self.root = root
        self.runner = ComfyRunner(comfy.url, "wan.json")
        self.told: list[Progress] = []

    def use(self, graph: Any) -> None:
        (self.root / "wan.json").write_text(json.dumps(graph))

    def job(self, take: int = 3, **params: Any) -> Job:
        return job(self.root, take, params)

    async def make(self, job: Job) -> Made:
        workflow = await self.runner.workflow(self.root, job.shot, None)
        with anyio.fail_after(DEADLINE):
            return await self.runner.run(replace(job, workflow=workflow), self.told.append)

    async def resume(self, job: Job) -> Made | None:
        with anyio.fail_after(DEADLINE):
            return await ComfyRunner(self.comfy.url, "wan.json").resume(job, self.told.append)

    async def refusal(self, job: Job) -> str:
        """Why the job fails."""
        with pytest.raises(JobFailed) as caught:
            await self.make(job)
        return caught.value.reason

    @asynccontextmanager
    async def making(self, job: Job) -> AsyncIterator["asyncio.Task[Made]"]:
        """The job is under way; left behind, it is cancelled as if the daemon had been stopped."""
        task = asyncio.create_task(self.make(job))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def heard(self, message: str) -> None:
        """Wait until the runner says that."""
        await self.comfy.until(lambda: message in [told.message for told in self.told])

    async def begin(self, job: Job) -> None:
        """Have the job begun by a daemon that is killed while the sampler is at it."""
        self.comfy.hold("KSampler")
        async with self.making(job):
            await self.comfy.until(lambda: self.comfy.running)


@asynccontextmanager
async def staged(tmp_path: Path, graph: Any = None, *, shared: bool = True) -> AsyncIterator[Stage]:
    """A stage; `shared`: ComfyUI's output folder is the one that the film is in."""
    root = tmp_path / "films" / "MyFilm"
    root.mkdir(parents=True)
    async with running_comfyui(root.parent if shared else tmp_path / "elsewhere") as comfy:
        stage = Stage(comfy, root)
        stage.use(graph or video_graph(SHARED if shared else ELSEWHERE))
        yield stage


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def posted(stage: Stage, number: int = -1) -> Any:
    return stage.comfy.posts("/prompt")[number]


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


HAD = {"model": "wan.safetensors", "prompt": "gulls", "negativePrompt": "rain", "steps": 4, "cfg": 7.0}


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


# How far it is.


async def test_progress_goes_forward_and_names_the_node_and_the_step(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("KSampler")
        async with stage.making(stage.job(steps=4)) as making:
            await stage.heard("Sampler")
            gate.set()
            await making
        fractions = [told.fraction for told in stage.told if told.fraction is not None]
        assert fractions == sorted(fractions)
        assert 0.5 < fractions[-1] <= 1
        said = [told.message for told in stage.told]
        assert said[0] == "waits for its turn in ComfyUI"
        assert "Sampler, step 3 of 4" in said
        assert "Create Video" in said
        assert "SaveVideo" in said


def test_an_older_comfyui_that_tells_no_states_has_a_progress_too() -> None:
    progress = PromptProgress("P", video_graph(), (Output("8", "video"),))
    messages: list[tuple[str, dict[str, Any]]] = [
        ("execution_cached", {"nodes": ["1"]}),
        ("executing", {"node": "2"}),
        ("executing", {"node": "5"}),
        ("progress", {"value": 2, "max": 4, "node": "5"}),
        ("progress", {"value": 1, "max": 4, "node": "5"}),
    ]
    heard = [progress.update({"type": kind, "data": {"prompt_id": "P", **data}}) for kind, data in messages]
    fractions = [told.fraction for told in heard if told]
    assert fractions == pytest.approx([1 / 11, 2 / 11, 4 / 11, 4 / 11])


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {"type": "progress"},
        {"type": "progress", "data": {"prompt_id": "P", "value": "x", "max": 0}},
        {"type": "progress_state", "data": {"prompt_id": "P", "nodes": {"1": 3, "2": {"state": "running"}}}},
        {"type": "execution_cached", "data": {"prompt_id": "P", "nodes": None}},
        {"type": "executed", "data": {"prompt_id": "P"}},
        {"type": "executing", "data": {"node": None, "prompt_id": "another"}},
        {"type": "executing", "data": {"node": "3"}},
        {"type": "crystools.monitor", "data": {"cpu": 3}},
    ],
)
def test_a_message_in_another_shape_is_passed_over(message: Any) -> None:
    progress = PromptProgress("P", video_graph(), (Output("8", "video"),))
    assert progress.update(message) is None
    assert not progress.has_ended


# What is said of a job that fails.


async def test_an_input_that_comfyui_refuses_is_named(tmp_path: Path) -> None:
    graph = video_graph()
    graph["7"]["inputs"]["fps"] = "x"
    async with staged(tmp_path, graph) as stage:
        assert await stage.refusal(stage.job()) == (
            "ComfyUI refuses the workflow: CreateVideo (Create Video), fps: "
            "Failed to convert an input value to a FLOAT value (fps, x)"
        )


async def test_a_workflow_whose_output_is_refused_is_not_run_for_the_rest(tmp_path: Path) -> None:
    graph = {**video_graph(), "9": node("SaveImage", images=["6", 0], filename_prefix="x")}
    graph["7"]["inputs"]["fps"] = "x"
    async with staged(tmp_path, graph) as stage:
        stage.comfy.hold("EmptyImage")
        assert "CreateVideo (Create Video), fps" in await stage.refusal(stage.job())


async def test_a_node_that_comfyui_does_not_know_is_named(tmp_path: Path) -> None:
    async with staged(tmp_path, picture_graph("NoSuchNode", filename_prefix="x")) as stage:
        said = await stage.refusal(stage.job())
        assert said.endswith("Cannot execute because node NoSuchNode does not exist.")


async def test_a_node_that_fails_says_why(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.failing["KSampler"] = "Allocation on device\nout of memory"
        assert await stage.refusal(stage.job()) == "KSampler (Sampler): Allocation on device out of memory"


async def test_a_prefix_that_leaves_the_output_folder_fails_at_the_saver(tmp_path: Path) -> None:
    async with staged(tmp_path, video_graph("../../x/render")) as stage:
        assert (await stage.refusal(stage.job())).startswith(
            "SaveVideo: Saving image outside the output folder"
        )


async def test_a_job_that_is_interrupted_in_comfyui_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("KSampler")
        async with stage.making(stage.job()) as making:
            await stage.comfy.until(lambda: stage.comfy.running)
            stage.comfy.interrupt()
            gate.set()
            with pytest.raises(JobFailed, match="it was interrupted in ComfyUI"):
                await making


async def test_a_job_that_is_taken_out_of_comfyuis_queue_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.hold("EmptyImage")
        await stage.comfy.prompt(picture_graph(filename_prefix="x"))
        await stage.comfy.until(lambda: stage.comfy.running)
        async with stage.making(stage.job()) as making:
            await stage.comfy.until(lambda: stage.comfy.pending)
            stage.comfy.pending.clear()
            await stage.comfy.tell_all()
            with pytest.raises(JobFailed, match="removed from ComfyUI's queue"):
                await making


async def test_a_job_without_a_file_says_which_node_had_none(tmp_path: Path) -> None:
    graph = picture_graph(filename_prefix="x")
    graph["1"]["_meta"]["title"] = "Colour (Output:image)"
    async with staged(tmp_path, graph) as stage:
        assert "Colour reported no file" in await stage.refusal(stage.job())


async def test_a_file_that_is_gone_before_it_is_fetched_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path, shared=False) as stage:
        stage.comfy.forgets_files = True
        assert "has no such file" in await stage.refusal(one := stage.job())
        assert names(one.folder) == []


async def test_a_value_that_does_not_fit_never_reaches_comfyui(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        with pytest.raises(BadValue, match=r"generationParams\.seed: 'x' is not a whole number"):
            await stage.make(stage.job(seed="x"))
        assert not stage.comfy.posts("/prompt")


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


# Lost sockets, and restarts.


async def test_a_job_whose_socket_is_lost_goes_on(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("KSampler")
        async with stage.making(stage.job()) as making:
            await stage.comfy.until(lambda: stage.comfy.running)
            await stage.comfy.drop_sockets()
            await stage.comfy.until(lambda: stage.comfy.sockets)
            gate.set()
            assert (await making).path.exists()
        assert len(stage.comfy.posts("/prompt")) == 1


async def test_a_job_that_ends_while_the_socket_is_lost_is_found_in_the_history(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("KSampler")
        async with stage.making(stage.job()) as making:
            await stage.comfy.until(lambda: stage.comfy.running)
            gate.set()
            await stage.comfy.drop_sockets()
            assert (await making).path.exists()


async def test_a_history_that_somebody_clears_does_not_lose_the_job(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.remembers = False
        assert (await stage.make(stage.job())).path.exists()


async def test_a_comfyui_that_was_restarted_is_given_the_job_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("KSampler")
        async with stage.making(stage.job(seed=7)) as making:
            await stage.comfy.until(lambda: stage.comfy.running)
            await stage.comfy.stop()
            gate.set()
            await stage.comfy.start()
            assert kind_of((await making).path.name) == "video"
        assert [post["prompt"]["5"]["inputs"]["seed"] for post in stage.comfy.posts("/prompt")] == [7, 7]


async def test_a_comfyui_that_stays_away_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "PAUSES", Backoff(0.2, 0.2))
    async with staged(tmp_path) as stage:
        stage.comfy.hold("KSampler")
        async with stage.making(stage.job()) as making:
            await stage.comfy.until(lambda: stage.comfy.running)
            await stage.comfy.stop()
            await stage.comfy.until(lambda: "cannot be reached" in (stage.told[-1].message or ""))
            assert not making.done()
            await stage.comfy.start()


async def test_a_comfyui_that_is_restarted_again_and_again_fails_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "RESTARTS", 1)
    async with staged(tmp_path) as stage:
        stage.comfy.hold("KSampler")
        async with stage.making(stage.job()) as making:
            for _ in range(2):
                await stage.comfy.until(lambda: stage.comfy.running)
                await stage.comfy.stop()
                await stage.comfy.start()
            with pytest.raises(JobFailed, match="restarted 2 times"):
                await making


# What an earlier daemon began.


async def test_a_job_that_runs_is_followed_to_its_end(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.begin(one := stage.job())
        stage.comfy.held["KSampler"].set()
        made = await stage.resume(one)
        assert made is not None
        assert made.path == one.takes / "shot_001_take_003_00001_.mp4"
        assert made.params == {**HAD, "seed": seed_for(one.id)}
        assert len(stage.comfy.posts("/prompt")) == 1


async def test_a_job_that_still_waits_is_followed_to_its_end(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("EmptyImage")
        await stage.comfy.prompt(picture_graph(filename_prefix="x"))
        await stage.comfy.until(lambda: stage.comfy.running)
        one = stage.job()
        async with stage.making(one):
            await stage.comfy.until(lambda: stage.comfy.pending)
        gate.set()
        assert await stage.resume(one) is not None


async def test_the_messages_of_a_job_that_is_followed_are_heard(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.begin(one := stage.job())
        stage.told.clear()
        resuming = asyncio.create_task(stage.resume(one))
        await stage.comfy.until(lambda: stage.comfy.sockets)
        stage.comfy.held["KSampler"].set()
        await resuming
        assert "Sampler, step 4 of 4" in [told.message for told in stage.told]


async def end_alone(stage: Stage, job: Job) -> None:
    """Have the job begun by a daemon that is killed, and ended by ComfyUI while nobody listens."""
    await stage.begin(job)
    stage.comfy.held["KSampler"].set()
    await stage.comfy.until(lambda: stage.comfy.history)


@pytest.mark.parametrize("shared", [True, False])
async def test_what_was_made_meanwhile_is_taken(tmp_path: Path, shared: bool) -> None:  # noqa: FBT001
    async with staged(tmp_path, shared=shared) as stage:
        await end_alone(stage, one := stage.job())
        made = await stage.resume(one)
        assert made is not None
        assert made.path.parent == (one.takes if shared else one.folder)


async def test_what_was_made_meanwhile_and_is_gone_is_made_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await end_alone(stage, one := stage.job())
        (one.takes / "shot_001_take_003_00001_.mp4").unlink()
        assert await stage.resume(one) is None
        made = await stage.make(one)
        assert made.path.exists()
        assert made.path.name.startswith("shot_001_take_003_again1_")


async def test_what_failed_meanwhile_has_failed(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.failing["VAEDecode"] = "out of memory"
        await end_alone(stage, one := stage.job())
        with pytest.raises(JobFailed, match="VAEDecode: out of memory"):
            await stage.resume(one)


async def test_what_was_interrupted_meanwhile_begins_anew_from_the_cache(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        gate = stage.comfy.hold("SaveVideo")
        one = stage.job()
        async with stage.making(one):
            await stage.comfy.until(lambda: stage.told and stage.told[-1].message == "SaveVideo")
        stage.comfy.interrupt()
        gate.set()
        await stage.comfy.until(lambda: stage.comfy.history)
        assert await stage.resume(one) is None
        assert (await stage.make(one)).path.exists()


async def test_what_comfyui_knows_nothing_of_begins_anew(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.make(stage.job(1))
        assert await stage.resume(stage.job(2)) is None


async def test_what_was_lost_while_it_is_followed_begins_anew(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.begin(one := stage.job())
        resuming = asyncio.create_task(stage.resume(one))
        await stage.comfy.until(lambda: stage.comfy.sockets)
        await stage.comfy.stop()
        await stage.comfy.start()
        assert await resuming is None


async def test_a_cached_answer_is_no_take_for_a_later_daemon_either(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.make(stage.job(1, seed=7))
        stage.comfy.hold("SaveVideo")
        again = stage.job(2, seed=7)
        async with stage.making(again):
            await stage.comfy.until(lambda: stage.comfy.running)
        stage.comfy.held["SaveVideo"].set()
        with pytest.raises(JobFailed, match="answered from its cache"):
            await stage.resume(again)


async def test_a_job_that_is_in_the_queue_already_is_not_handed_in_twice(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.begin(one := stage.job())
        stage.told.clear()
        async with stage.making(one) as making:
            await stage.heard("waits for its turn in ComfyUI")
            stage.comfy.held["KSampler"].set()
            assert (await making).path.exists()
        assert len(stage.comfy.posts("/prompt")) == 1


@pytest.mark.parametrize("ended", [True, False])
async def test_an_older_comfyui_is_asked_by_our_mark(tmp_path: Path, ended: bool) -> None:  # noqa: FBT001
    async with staged(tmp_path) as stage:
        stage.comfy.is_old = True
        await stage.begin(one := stage.job())
        stage.comfy.held["KSampler"].set()
        if ended:
            await stage.comfy.until(lambda: stage.comfy.history)
        assert await stage.resume(one) is not None


# What nobody wants any more.


@pytest.mark.parametrize("is_old", [True, False])
async def test_a_job_that_runs_is_interrupted(tmp_path: Path, is_old: bool) -> None:  # noqa: FBT001
    async with staged(tmp_path) as stage:
        stage.comfy.is_old = is_old
        await stage.begin(one := stage.job())
        await stage.runner.cancel(one)
        stage.comfy.held["KSampler"].set()
        await stage.comfy.until(lambda: stage.comfy.history)
        (record,) = stage.comfy.history.values()
        assert record["status"]["messages"][-1][0] == "execution_interrupted"


@pytest.mark.parametrize("is_old", [True, False])
async def test_a_job_that_waits_is_taken_out_and_the_one_that_runs_goes_on(
    tmp_path: Path,
    is_old: bool,  # noqa: FBT001
) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.is_old = is_old
        gate = stage.comfy.hold("EmptyImage")
        other = await stage.comfy.prompt(picture_graph(filename_prefix="x"))
        await stage.comfy.until(lambda: stage.comfy.running)
        async with stage.making(one := stage.job()):
            await stage.comfy.until(lambda: stage.comfy.pending)
        await stage.runner.cancel(one)
        assert not stage.comfy.pending
        gate.set()
        await stage.comfy.until(lambda: stage.comfy.history)
        assert stage.comfy.history[other]["status"]["status_str"] == "success"


async def test_a_job_that_is_through_interrupts_nobody(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.make(one := stage.job())
        gate = stage.comfy.hold("EmptyImage")
        await stage.comfy.prompt(picture_graph(filename_prefix="x"))
        await stage.comfy.until(lambda: stage.comfy.running)
        await stage.runner.cancel(one)
        assert not stage.comfy.posts("/interrupt")
        gate.set()


async def test_nothing_is_left_to_cancel_where_comfyui_is_gone(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.begin(one := stage.job())
        await stage.comfy.stop()
        with anyio.fail_after(DEADLINE):
            await stage.runner.cancel(one)
        await stage.comfy.start()


async def test_a_job_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.comfy.hold("KSampler")
        before = asyncio.all_tasks()
        async with stage.making(stage.job()):
            await stage.heard("Sampler")
        await stage.comfy.until(lambda: not stage.comfy.sockets)
        assert not {task for task in asyncio.all_tasks() - before if "websockets" in repr(task.get_coro())}
        assert stage.comfy.running


# Whether it can begin.


def test_what_speaks_to_comfyui_is_not_loaded_by_a_daemon_that_does_not() -> None:
    code = "import daemon.run, sys; sys.exit(bool({'httpx', 'websockets'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_comfyui_that_answers_is_ready(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.runner.ready()


async def test_a_comfyui_that_is_not_there_is_away() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ComfyUIAway, match=url) as caught:
            await ComfyRunner(url, "wan.json").ready()
    assert caught.value.is_gone
    assert caught.value.hint


async def test_a_comfyui_that_says_nothing_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "READY", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        runner = ComfyRunner(f"http://127.0.0.1:{silent.getsockname()[1]}", "wan.json")
        with pytest.raises(ComfyUIAway, match="it takes too long"):
            await runner.ready()


async def test_another_program_at_the_address_is_not_comfyui(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        runner = ComfyRunner(f"{stage.comfy.url}/elsewhere", "wan.json")
        with pytest.raises(ComfyUIAway, match="it answered 404"):
            await runner.ready()


async def test_a_job_for_a_comfyui_that_is_away_waits(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.comfy.stop()
        with pytest.raises(ComfyUIAway):
            await stage.make(stage.job())
        await stage.comfy.start()


def test_a_password_in_the_address_is_never_shown() -> None:
    from daemon.runners.comfyui.address import address

    found = address("https://me:secret@example.org/comfy/")
    assert found.shown == "https://example.org/comfy"
    assert found.url == "https://me:secret@example.org/comfy"


async def test_a_workflow_that_cannot_be_used_is_a_reason_to_wait(tmp_path: Path) -> None:
    path = tmp_path / "wan.json"
    runner = ComfyRunner("http://127.0.0.1:9", str(path))
    with pytest.raises(BadWorkflow, match=r"wan\.json: it is not there"):
        await runner.workflow(tmp_path, SHOT, None)
    path.write_text('{"nodes": [], "links": []}')
    with pytest.raises(BadWorkflow, match=r"wan\.json: .*Export"):
        await runner.workflow(tmp_path, SHOT, None)


async def test_a_workflow_may_be_in_the_films_folder(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert stage.runner.inputs is None
        (stage.root / "wan.json").unlink()
        with pytest.raises(BadWorkflow, match=str(stage.root / "wan.json")):
            await stage.make(stage.job())


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
