"""One prompt of a job in ComfyUI, from being handed in to the file that it has made.

ComfyUI's history is the authority on how it ended; what is told on the socket only tells of it sooner.
"""

from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple, NoReturn

import anyio
from msgspec import Struct

from daemon.runners.comfyui.address import ComfyUIAway
from daemon.runners.comfyui.client import ComfyClient, FileGone
from daemon.runners.comfyui.messages import (
    MARK,
    OutputFile,
    PromptOutcome,
    has_queue_moved,
    is_stale,
    output_files,
    refusal,
    spoilt,
    vram_in_use,
)
from daemon.runners.comfyui.output_files import Snapshot, discard, written_in_place
from daemon.runners.comfyui.progress import PromptProgress
from daemon.runners.comfyui.socket import PAUSES, ComfySocket
from daemon.runners.comfyui.workflow import Workflow, label, shortened
from daemon.runners.runner import Job, JobFailed, Made, Progress, Tell
from events import Params
from projections.files.threads import in_thread
from projections.layout import PICTURE, SILENT, Role

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


class Connection(NamedTuple):
    """What a job is handed in by, and the socket on which it is heard of."""

    client: ComfyClient
    socket: ComfySocket


class Plan(Struct, frozen=True):
    """What is handed in for a job: the workflow, filled in, and what was `chosen` for it.

    `before` is what was in the shot's folder. `again`: an earlier prompt of the same job may have left its work
    in the cache. `moves`: what is made is to go from where it was made, so that all of it is brought here.
    """

    workflow: Workflow
    chosen: Params
    before: Snapshot
    again: bool
    moves: bool

    def progress(self, prompt: str) -> PromptProgress:
        """Where the prompt of that id stands, before anything was heard of it."""
        return PromptProgress(prompt, self.workflow.graph, self.workflow.outputs)

    def is_stale(self, job: Job, outcome: PromptOutcome, file: OutputFile) -> bool:
        """Whether the file is nothing new."""
        params = {**job.params, "quality": job.quality}
        given = {each.node for each in self.workflow.bindings if params.get(each.name) is not None}
        return is_stale(self.workflow.graph, outcome, file.node, given, again=self.again)

    @property
    def advice(self) -> str:
        """What to ask for where nothing new was made."""
        if "seed" in self.workflow.inputs:
            return "Ask for another seed."
        return "Ask with another value, or title the node with the seed (Input:seed) in the workflow."

    @property
    def savers(self) -> str:
        """The nodes whose file would be the take, for an error."""
        return " and ".join(label(self.workflow.graph, each.node) for each in self.workflow.outputs)


class PeakMemory:
    """The most memory that was in use on the graphics cards; `megabytes` is None until that is known."""

    def __init__(self, client: ComfyClient) -> None:
        self.megabytes: float | None = None
        self._client = client
        self._measured = -MEASURE_EVERY

    async def measure_now_and_then(self) -> None:
        """Look at it, where the last look is long enough ago."""
        now = anyio.current_time()
        if now - self._measured >= MEASURE_EVERY:
            self._measured = now
            await self.measure()

    async def measure(self) -> None:
        """Look at the memory in use."""
        with anyio.move_on_after(MEASURE_EVERY):
            try:
                used = vram_in_use(await self._client.stats())
            except ComfyUIAway:
                return
            if used is not None:
                self.megabytes = max(used, self.megabytes or 0.0)


class PromptRun:
    """One prompt of a job; `prompt` is its id, where ComfyUI has it already."""

    def __init__(self, connection: Connection, job: Job, tell: Tell, plan: Plan, prompt: str = "") -> None:
        self._client, self._socket = connection
        self._job = job
        self._plan = plan
        self._tell = _changes_only(tell)
        self._memory = PeakMemory(self._client)
        self._losses = 0
        self._is_known = True
        self._progress = plan.progress(prompt)

    async def submit(self, prompt: str) -> None:
        """Hand it in, with the socket open before, so that nothing of it is missed."""
        if not await self._socket.is_well():
            await self._socket.open()
        body = {
            "prompt": self._plan.workflow.graph,
            "prompt_id": prompt,
            "client_id": self._socket.client_id,
            "extra_data": {MARK: {"id": self._job.id}},
        }
        # Cut off, ComfyUI might begin after all, with nobody to know of it
        with anyio.CancelScope(shield=True, deadline=anyio.current_time() + SUBMIT):
            status, answer = await self._client.submit(body)
            self._accept(status, answer, prompt)
        if not self._progress.id:
            raise ComfyUIAway(self._client.address.shown, "it takes too long to accept a workflow")
        if spoilt(self._plan.workflow.graph, answer, self._plan.workflow.outputs):
            await self._client.delete(self._progress.id)
            raise JobFailed(refusal(self._plan.workflow.graph, answer))

    def _accept(self, status: int, answer: Any, prompt: str) -> None:
        if status != 200 or not isinstance(answer, dict):
            raise JobFailed(refusal(self._plan.workflow.graph, answer))
        self._progress = self._plan.progress(str(answer.get("prompt_id", prompt)))

    async def follow(self) -> Made:
        """Listen, and look, until it has ended; Restarted where ComfyUI has lost it."""
        self._losses = self._socket.losses
        self._tell(Progress(None, "waits for its turn in ComfyUI", waits=True))
        pause, is_doubted = 0.0, False
        while True:
            try:
                found = await self._look()
            except ComfyUIAway as away:
                self._tell(self._progress.with_message(str(away), waits=True))
                pause = PAUSES.after(pause)
                await anyio.sleep(pause)
                continue
            pause = 0.0
            if found is not None:
                return await self.collect(found)
            if not self._is_known and is_doubted:
                await self._give_up()
            is_doubted = not self._is_known  # what it has said of it meanwhile may tell
            await self._listen(PAUSES.first if is_doubted else LOOK_EVERY)

    async def _give_up(self) -> NoReturn:
        """ComfyUI does not know it any more: it was restarted, or it was told to forget it."""
        if self._socket.losses > self._losses or not await self._socket.is_well():
            raise Restarted
        raise JobFailed("it was removed from ComfyUI's queue")

    async def _look(self) -> PromptOutcome | None:
        """How it ended, as ComfyUI remembers it; None where it is not through, or is not known."""
        prompt = self._progress.id
        if record := await self._client.record(prompt):
            return record[1]
        running, waiting = await self._client.queue()
        self._progress.is_running |= any(each.id == prompt for each in running)
        self._is_known = any(each.id == prompt for each in (*running, *waiting))
        before = next((n for n, each in enumerate(waiting, len(running)) if each.id == prompt), 0)
        if before:
            said = f"waits for its turn in ComfyUI, where {before} {'is' if before == 1 else 'are'} before it"
            self._tell(Progress(None, said, waits=True))
        if not self._is_known and self._progress.has_ended:
            return self._progress.outcome()  # somebody has cleared the history
        return None

    async def _listen(self, seconds: float) -> None:
        """Hear what is told of it, until that is the end, the socket is lost, or it is time for a look."""
        if self._progress.has_ended:
            await anyio.sleep(PAUSES.first / 4)  # it is told a moment before it is in the history
            return
        look = anyio.current_time() + seconds
        while not self._progress.has_ended and anyio.current_time() < look:
            if self._progress.is_running:
                await self._memory.measure_now_and_then()
            message: Any = {}
            with anyio.move_on_after(min(look - anyio.current_time(), MEASURE_EVERY)):
                message = await self._socket.receive()
            if message is None or (self._is_waiting and has_queue_moved(message)):
                return
            if progress := self._progress.update(message):
                self._tell(progress)

    @property
    def _is_waiting(self) -> bool:
        return self._is_known and not self._progress.is_running

    async def collect(self, outcome: PromptOutcome) -> Made:
        """The file that it has made; JobFailed where it has made none, or none that is new."""
        job, plan = self._job, self._plan
        await self._socket.close()
        if outcome.state != "success":
            raise JobFailed(outcome.reason)
        found = output_files(outcome, plan.workflow.outputs)
        if not found:
            raise JobFailed(f"ComfyUI has finished, and {plan.savers} reported no file that can be a take")
        found = [file for file in found if file.is_below] or _refuse(found[0])
        fresh = [file for file in found if not plan.is_stale(job, outcome, file)]
        if not fresh:
            for file in found:
                for one in (file, *file.companions.values()):
                    await in_thread(discard, job, one, plan.before)
            raise JobFailed(CACHED + plan.advice)
        await self._memory.measure()
        left: dict[Role | None, str] = {}
        path = await in_thread(written_in_place, job, fresh[0], plan.before)
        if path is None:
            path = await self._fetch(fresh[0])
            left |= {None: fresh[0].left} if fresh[0].left and self._plan.moves else {}
        companions = await self._companions(fresh[0], left)
        return Made(path, plan.chosen or None, self._memory.megabytes, outcome.seconds, left, companions)

    async def _companions(self, file: OutputFile, left: dict[Role | None, str]) -> dict[Role, Path]:
        """The other files of the same render: those in the shot's folder, and the picture from wherever it is.

        What was fetched, and is still where it was made, is added to what is `left`.
        """
        found: dict[Role, Path] = {}
        for role, one in file.companions.items():
            path = await in_thread(written_in_place, self._job, one, self._plan.before)
            if path is None and (role == "picture" or self._plan.moves):
                with suppress(FileLost):  # it is only written where that is chosen
                    path = await self._fetch(one, PICTURE if role == "picture" else _silent(one))
                    left |= {role: one.left} if one.left and self._plan.moves else {}
            if path:
                found[role] = path
        return found

    async def _fetch(self, file: OutputFile, ending: str = "") -> Path:
        """Bring the file here; while ComfyUI is away, wait for it."""
        self._tell(self._progress.with_message("fetching it from ComfyUI"))
        path = self._job.folder / f"{self._job.stem}{ending or PurePosixPath(file.name).suffix.lower()}"
        query = {"filename": file.name, "subfolder": file.subfolder, "type": file.store}
        pause = 0.0
        while True:
            try:
                await self._client.fetch(query, path)
            except FileGone as gone:
                raise FileLost(str(gone)) from gone
            except ComfyUIAway as away:
                self._tell(self._progress.with_message(str(away), waits=True))
                pause = PAUSES.after(pause)
                await anyio.sleep(pause)
            else:
                return path


def _silent(file: OutputFile) -> str:
    return f"{SILENT}{PurePosixPath(file.name).suffix.lower()}"


def _refuse(file: OutputFile) -> NoReturn:
    folder = shortened(repr(file.subfolder), 200)
    raise JobFailed(f"ComfyUI names a file in {folder}, which is no folder below its own")


def _changes_only(tell: Tell) -> Tell:
    """Tells what is not what was told last."""
    told: Progress | None = None

    def changed(progress: Progress) -> None:
        nonlocal told
        if progress != told:
            told = progress
            tell(progress)

    return changed
