"""What is said of a job for ComfyUI: how far it is, and why it fails."""

from pathlib import Path
from typing import Any

import pytest

from daemon.runners.comfyui.progress import PromptProgress
from daemon.runners.comfyui.workflow import BadValue, Output
from daemon.runners.runner import JobFailed
from tests.comfyui.graphs import node, picture_graph, video_graph
from tests.daemon.runners.comfyui.stage import names, staged

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
