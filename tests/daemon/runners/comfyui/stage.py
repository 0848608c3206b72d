"""A film, a ComfyUI that may write into it, and a runner between them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from msgspec.structs import replace

from daemon.runners.comfyui.runner import ComfyRunner
from daemon.runners.runner import Job, JobFailed, Made, Progress
from tests.comfyui.graphs import ELSEWHERE, SHARED, job, video_graph
from tests.comfyui.server import FakeComfyUI, running_comfyui
from tests.support.deadline import DEADLINE


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


HAD = {"model": "wan.safetensors", "prompt": "gulls", "negativePrompt": "rain", "steps": 4, "cfg": 7.0}
