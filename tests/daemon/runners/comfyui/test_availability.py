"""Whether a job for ComfyUI can begin, and what becomes of one that nobody wants any more."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from daemon.runners.choice import BadWorkflow
from daemon.runners.comfyui import runner as runners
from daemon.runners.comfyui.address import ComfyUIAway
from daemon.runners.comfyui.runner import ComfyRunner
from tests.comfyui.graphs import SHOT, picture_graph
from tests.daemon.runners.comfyui.stage import staged
from tests.support.deadline import DEADLINE

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
