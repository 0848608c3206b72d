"""One prompt of a job in ComfyUI, from being handed in to the file that it has made.

ComfyUI's history is the authority on how it ended; what is said on the socket only tells of it sooner.
"""

from pathlib import Path, PurePosixPath
from typing import Any, Final, NoReturn

import anyio

from daemon.runners.comfyui.client import FIRST_PAUSE, LONGEST_PAUSE, ComfyUIAway, Ear, FileGone, Wire
from daemon.runners.comfyui.messages import (
    MARK,
    Course,
    Found,
    Outcome,
    files,
    has_queue_moved,
    is_stale,
    refusal,
    spoilt,
    vram_in_use,
)
from daemon.runners.comfyui.output_files import There, here, put_away
from daemon.runners.comfyui.workflow import Workflow, label
from daemon.runners.runner import Job, JobFailed, Made, Progress, Tell
from events import Params
from projections.files.threads import in_thread

LOOK_EVERY: Final = 10.0
"""Seconds between two looks whether ComfyUI still knows a job of which it says nothing."""

MEASURE_EVERY: Final = 2.0
"""Seconds between two looks at the memory in use."""

SUBMIT: Final = 15.0
"""Seconds that a workflow may take to be handed in; nothing stops that half way."""

CACHED: Final = "ComfyUI answered from its cache, so nothing new was made. "


class Restarted(Exception):
    """Raised when ComfyUI has lost its whole queue, and the prompt with it."""


class FileLost(JobFailed):
    """Raised when the file that a job has made cannot be found any more."""

    hint = "Ask for another take."


class Attended:
    """One prompt of a job; `prompt` is its id, once ComfyUI has it.

    `before` is what was in the shot's folder, `chosen` what the runner has chosen for it. `again`: an earlier
    prompt of the same job may have left its work in the cache.
    """

    def __init__(
        self,
        wire: Wire,
        ear: Ear,
        job: Job,
        tell: Tell,
        workflow: Workflow,
        before: There,
        *,
        chosen: Params,
        again: bool,
        prompt: str = "",
    ) -> None:
        self.prompt = prompt
        self._wire = wire
        self._ear = ear
        self._job = job
        self._workflow = workflow
        self._before = before
        self._again = again
        self._chosen = chosen
        self._telling = tell
        self._told: Progress | None = None
        self._vram: float | None = None
        self._measured = -MEASURE_EVERY
        self._losses = 0
        self._is_known = True
        self._course = Course("", workflow.graph, workflow.outputs)

    async def submit(self, prompt: str) -> None:
        """Hand it in, with the socket open before, so that nothing of it is missed."""
        if not await self._ear.is_well():
            await self._ear.open()
        body = {
            "prompt": self._workflow.graph,
            "prompt_id": prompt,
            "client_id": self._ear.client,
            "extra_data": {MARK: {"id": self._job.id}},
        }
        # Cut off, ComfyUI might begin after all, with nobody to know of it
        with anyio.CancelScope(shield=True, deadline=anyio.current_time() + SUBMIT):
            status, answer = await self._wire.submit(body)
            self._accept(status, answer, prompt)
        if not self.prompt:
            raise ComfyUIAway(self._wire.address.shown, "it takes too long to accept a workflow")
        if spoilt(self._workflow.graph, answer, self._workflow.outputs):
            await self._wire.delete(self.prompt)
            raise JobFailed(refusal(self._workflow.graph, answer))

    def _accept(self, status: int, answer: Any, prompt: str) -> None:
        if status != 200 or not isinstance(answer, dict):
            raise JobFailed(refusal(self._workflow.graph, answer))
        self.prompt = str(answer.get("prompt_id", prompt))

    async def follow(self) -> Made:
        """Listen, and look, until it has ended; Restarted where ComfyUI has lost it."""
        self._course = Course(self.prompt, self._workflow.graph, self._workflow.outputs)
        self._losses = self._ear.losses
        self._tell(Progress(None, "waits for its turn in ComfyUI"))
        pause, is_doubted = FIRST_PAUSE, False
        while True:
            try:
                found = await self._look()
            except ComfyUIAway as away:
                self._tell(self._course.said(str(away)))
                await anyio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            if found is not None:
                return await self.collect(found)
            if not self._is_known and is_doubted:
                await self._give_up()
            is_doubted = not self._is_known  # what it has said of it meanwhile may tell
            await self._listen(FIRST_PAUSE if is_doubted else LOOK_EVERY)

    async def _give_up(self) -> NoReturn:
        """ComfyUI does not know it any more: it was restarted, or it was told to forget it."""
        if self._ear.losses > self._losses or not await self._ear.is_well():
            raise Restarted
        raise JobFailed("it was removed from ComfyUI's queue")

    async def _look(self) -> Outcome | None:
        """How it ended, as ComfyUI remembers it; None where it is not through, or is not known."""
        if record := await self._wire.record(self.prompt):
            return record[1]
        running, waiting = await self._wire.queue()
        self._course.is_running |= any(each.id == self.prompt for each in running)
        self._is_known = any(each.id == self.prompt for each in (*running, *waiting))
        if not self._is_known and self._course.has_ended:
            return self._course.outcome()  # somebody has cleared the history
        return None

    async def _listen(self, seconds: float) -> None:
        """Hear what is said of it, until that is the end, the socket is lost, or it is time for a look."""
        if self._course.has_ended:
            await anyio.sleep(FIRST_PAUSE / 4)  # it is said a moment before it is in the history
            return
        look = anyio.current_time() + seconds
        while not self._course.has_ended and anyio.current_time() < look:
            await self._measure_now_and_then()
            message: Any = {}
            with anyio.move_on_after(min(look - anyio.current_time(), MEASURE_EVERY)):
                message = await self._ear.hear()
            if message is None or (self._is_waiting and has_queue_moved(message)):
                return
            if progress := self._course.hear(message):
                self._tell(progress)

    @property
    def _is_waiting(self) -> bool:
        return self._is_known and not self._course.is_running

    async def _measure_now_and_then(self) -> None:
        now = anyio.current_time()
        if self._course.is_running and now - self._measured >= MEASURE_EVERY:
            self._measured = now
            await self._measure()

    async def _measure(self) -> None:
        """Look at the memory in use; its peak is what counts."""
        with anyio.move_on_after(MEASURE_EVERY):
            try:
                used = vram_in_use(await self._wire.stats())
            except ComfyUIAway:
                return
            if used is not None:
                self._vram = max(used, self._vram or 0.0)

    async def collect(self, outcome: Outcome) -> Made:
        """The file that it has made; JobFailed where it has made none, or none that is new."""
        await self._ear.close()
        if outcome.state != "success":
            raise JobFailed(outcome.reason)
        found = files(outcome, self._workflow.outputs)
        if not found:
            raise JobFailed(f"ComfyUI has finished, and {self._savers()} reported no file that can be a take")
        fresh = [file for file in found if not self._is_stale(outcome, file)]
        if not fresh:
            for file in found:
                await in_thread(put_away, self._job, file, self._before)
            raise JobFailed(CACHED + self._advice())
        await self._measure()
        path = await in_thread(here, self._job, fresh[0], self._before) or await self._fetch(fresh[0])
        return Made(path, self._chosen or None, self._vram, outcome.seconds)

    def _is_stale(self, outcome: Outcome, file: Found) -> bool:
        params = {**self._job.params, "quality": self._job.quality}
        given = {each.node for each in self._workflow.bindings if params.get(each.name) is not None}
        return is_stale(self._workflow.graph, outcome, file.node, given, again=self._again)

    def _advice(self) -> str:
        if "seed" in self._workflow.inputs:
            return "Ask for another seed."
        return "Ask with another value, or title the node with the seed (Input:seed) in the workflow."

    def _savers(self) -> str:
        graph = self._workflow.graph
        return " and ".join(label(graph, each.node) for each in self._workflow.outputs)

    async def _fetch(self, file: Found) -> Path:
        """Bring the file here; while ComfyUI is away, wait for it."""
        self._tell(self._course.said("fetching it from ComfyUI"))
        path = self._job.folder / f"{self._job.stem}{PurePosixPath(file.name).suffix.lower()}"
        query = {"filename": file.name, "subfolder": file.subfolder, "type": file.store}
        pause = FIRST_PAUSE
        while True:
            try:
                await self._wire.fetch(query, path)
            except FileGone as gone:
                raise FileLost(str(gone)) from gone
            except ComfyUIAway as away:
                self._tell(self._course.said(str(away)))
                await anyio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                return path

    def _tell(self, progress: Progress) -> None:
        if progress != self._told:
            self._told = progress
            self._telling(progress)
