"""A job for ComfyUI whose socket is lost, or that an earlier daemon began: it is followed, found, or begun anew."""

import asyncio
from pathlib import Path

import pytest

from daemon.runners.comfyui import prompt as prompts
from daemon.runners.comfyui import runner as runners
from daemon.runners.comfyui.workflow import seed_for
from daemon.runners.runner import Job, JobFailed
from projections.backoff import Backoff
from projections.layout import kind_of
from tests.comfyui.graphs import picture_graph
from tests.daemon.runners.comfyui.stage import HAD, Stage, staged

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
