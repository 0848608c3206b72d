"""A runner for a render manager that watches a folder: a job is a file in `asked/`, and what comes of it lies in `done/`."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import anyio
from anyio.to_thread import run_sync

from daemon.runners.choice import Chosen
from daemon.runners.runner import Job, JobFailed, Made, Progress, RunnerAway, Tell

POLL = 1.0
"""Seconds between two looks at what has come of a job."""


class HotFolder:
    """Makes each take by a file for the manager, and waits for the one that it writes."""

    kind = "hot-folder"
    inputs: Sequence[str] | None = None

    def __init__(self, folder: Path) -> None:
        self._asked, self._done = folder / "asked", folder / "done"

    async def ready(self) -> None:
        """Takes wait, and nothing is lost, until this returns."""
        if not await run_sync(self._asked.is_dir):
            raise RunnerAway(f"the render manager's folder {self._asked} is not there")

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen | None:
        """The manager knows by itself how a take is made."""
        return None

    async def run(self, job: Job, tell: Tell) -> Made:
        """Submit: the file is whole when it has its name, so the manager never reads half of one."""
        said = json.dumps({"id": job.id, "name": f"{job.shot} {job.take}", "params": job.params})
        part = self._asked / f".{job.id}"
        await run_sync(part.write_text, said)
        await run_sync(part.rename, self._asked / f"{job.id}.json")
        return await self._wait(job, tell)

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """Ask by the job's id, which is the same however often the daemon has started since."""
        for left in (self._asked / f"{job.id}.json", self._done / f"{job.id}.json"):
            if await run_sync(left.exists):
                return await self._wait(job, tell)
        return None

    async def _wait(self, job: Job, tell: Tell) -> Made:
        while not await run_sync((self._done / f"{job.id}.json").exists):
            tell(Progress(None, "it waits for the render manager"))
            await anyio.sleep(POLL)
        return await run_sync(self._taken, job)

    def _taken(self, job: Job) -> Made:
        """What was made, brought into the job's folder: on the film's disk, whole and closed."""
        said = self._done / f"{job.id}.json"
        result = json.loads(said.read_text())
        if reason := result.get("error"):
            said.unlink()
            raise JobFailed(reason)
        made = self._done / result["file"]
        path = Path(shutil.move(made, job.folder / f"{job.stem}{made.suffix}"))
        said.unlink()
        return Made(path, params=result.get("params"))

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Nothing is left with the manager, since the file was moved."""
        return None

    async def cancel(self, job: Job) -> None:
        """Nobody wants it any more; a manager with an API would be asked to end it, too."""
        await run_sync(lambda: (self._asked / f"{job.id}.json").unlink(missing_ok=True))
