"""The ComfyUI runner: makes of a job a prompt for ComfyUI, and knows its own prompts again.

A job that is begun again is a new prompt, unless ComfyUI still has the earlier one in its queue.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import anyio
import structlog

from daemon.runners.choice import NAME, BadWorkflow, Chosen, choose
from daemon.runners.comfyui.address import ComfyUIAway, address
from daemon.runners.comfyui.client import ComfyClient, open_client
from daemon.runners.comfyui.input_files import with_inputs
from daemon.runners.comfyui.messages import Prompt, PromptOutcome
from daemon.runners.comfyui.output_files import Snapshot, remove_left, snapshot, snapshot_before
from daemon.runners.comfyui.prompt import Connection, FileLost, Plan, PromptRun, Restarted
from daemon.runners.comfyui.socket import PAUSES, ComfySocket
from daemon.runners.comfyui.workflow import Workflow, filled, named, parse, seed_for, understand
from daemon.runners.runner import Job, JobFailed, Made, Tell
from events import Params
from projections.files.threads import in_thread

log = structlog.get_logger()

READY: Final = 4.0
"""Seconds that ComfyUI has to say that it is there."""

STOP: Final = 8.0
"""Seconds that ComfyUI has to say what it is at, so that a job can be stopped."""

RESTARTS: Final = 3
"""How often a job is handed in anew, because ComfyUI was restarted and has forgotten it."""

RECENT: Final = 64
"""Prompts of the history that are looked through for one that an older ComfyUI has given an id of its own."""

_OURS: Final = UUID("6f1e2f0a-54c6-4f0f-9a55-6d9d1f4c7a21")
"""Under which the ids of our prompts are made from those of our jobs."""


class Attempt(NamedTuple):
    """A prompt that was handed in for a job, and how it ended, if it has."""

    prompt: Prompt
    outcome: PromptOutcome | None


class ComfyRunner:
    """Has takes made by the ComfyUI at `url`; `workflow` is the file for all whose film, shot or take has none.

    From the folder `output`, which is ComfyUI's own, what a complete take was fetched from is removed.
    """

    kind = "comfyui"

    def __init__(self, url: str, workflow: str, output: Path | None = None) -> None:
        self._address = address(url)
        self._inputs: dict[Path, tuple[str, ...]] = {}
        self._configured = workflow
        self._output = output

    @property
    def inputs(self) -> Sequence[str] | None:
        """The parameters that the workflow binds; None until it was read, or where there are several that differ."""
        found = set(self._inputs.values())
        return found.pop() if len(found) == 1 else None

    async def ready(self) -> None:
        """Return where ComfyUI answers."""
        async with open_client(self._address, READY) as client:
            await client.stats()

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen:
        """The workflow that a take of the shot would be made with now."""
        chosen, inputs = await in_thread(_understood, root, shot, named, self._configured)
        self._inputs[chosen.path] = inputs
        return chosen

    async def run(self, job: Job, tell: Tell) -> Made:
        """Make the take; with the prompt for it that is in ComfyUI's queue already, where there is one."""
        workflow, chosen = _composed(_workflow_of(job), job)
        async with self._connected(job) as connection:
            begun = await _attempts(connection.client, job)
            if begun and begun[-1].outcome is None:
                with suppress(Restarted):
                    return await self._go_on(connection, job, tell, begun)
            workflow = await with_inputs(connection.client, workflow, job, tell)
            before = await in_thread(snapshot, job.takes)
            for attempt in range(len(begun), len(begun) + RESTARTS + 1):
                graph = named(workflow, _stem(job, attempt), job.root.name, job.shot)
                run = PromptRun(connection, job, tell, self._plan(graph, chosen, before, again=attempt > 0))
                try:
                    await run.submit(_prompt_id(job, attempt))
                    return await run.follow()
                except Restarted:
                    log.warning("comfyui has lost its queue", shot=job.shot, take=job.take)
        raise JobFailed(f"ComfyUI was restarted {RESTARTS + 1} times while it was at it")

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """Go on with a prompt of ours, or take what it has made; None where there is none, or its file is gone."""
        async with self._connected(job) as connection:
            begun = await _attempts(connection.client, job, look_back=True)
            if not begun or (begun[-1].outcome and begun[-1].outcome.state == "interrupted"):
                return None
            try:
                return await self._go_on(connection, job, tell, begun)
            except (Restarted, FileLost):
                return None

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Remove the render from ComfyUI's output folder, where the user wants that and knows where it is."""
        return await in_thread(remove_left, self._output, left, root, sha256) if self._output else None

    async def cancel(self, job: Job) -> None:
        """Take the job's prompt out of ComfyUI's queue, or interrupt it; what others asked for goes on."""
        async with open_client(self._address, STOP) as client:
            for _ in range(3):  # one that waited may have begun meanwhile
                try:
                    if await _stop(client, job):
                        return
                except ComfyUIAway as away:
                    if away.is_gone:
                        return  # and its queue with it
                await anyio.sleep(PAUSES.first)

    async def _go_on(self, connection: Connection, job: Job, tell: Tell, begun: list[Attempt]) -> Made:
        """Take up the last prompt as it was handed in, whatever the workflow's file says by now."""
        prompt, outcome = begun[-1]
        workflow = understand(prompt.graph, "the workflow in ComfyUI")
        chosen = _unasked(workflow, job)
        before = await in_thread(snapshot_before, job, outcome)
        plan = self._plan(workflow, chosen, before, again=len(begun) > 1)
        run = PromptRun(connection, job, tell, plan, prompt.id)
        return await (run.collect(outcome) if outcome else run.follow())

    def _plan(self, workflow: Workflow, chosen: Params, before: Snapshot, *, again: bool) -> Plan:
        return Plan(workflow, chosen, before, again=again, moves=self._output is not None)

    @asynccontextmanager
    async def _connected(self, job: Job) -> AsyncIterator[Connection]:
        """What a job is handed in by, and heard of; the same client again after a restart of ours."""
        client_id = uuid5(_OURS, f"client {job.id}").hex
        async with (
            open_client(self._address) as client,
            ComfySocket(self._address, client_id) as socket,
        ):
            yield Connection(client, socket)


def _understood(root: Path, shot: str, named: str | None, configured: str) -> tuple[Chosen, tuple[str, ...]]:
    """The workflow that was chosen, and the parameters that it binds; BadWorkflow where it cannot be used."""
    chosen = choose(root, shot, named, configured)
    if chosen is None:
        raise BadWorkflow(str(root / NAME), "it is not there, and the configuration names no workflow")
    return chosen, parse(chosen.content, str(chosen.path)).inputs


def _workflow_of(job: Job) -> Workflow:
    assert job.workflow is not None  # noqa: S101 - without one nothing is begun
    return parse(job.workflow.content, str(job.workflow.path))


def _composed(workflow: Workflow, job: Job) -> tuple[Workflow, Params]:
    """The workflow with what was asked for, and what the recipe is to have besides that."""
    seed = seed_for(job.id) if "seed" in workflow.inputs else None
    found = filled(workflow, {"seed": seed, **_asked(job)}, job.quality)
    return found, _unasked(found, job)


def _asked(job: Job) -> Params:
    return {name: value for name, value in job.params.items() if value is not None}


def _unasked(workflow: Workflow, job: Job) -> Params:
    """What the workflow has where it might have been asked for, and was not; the quality is no part of a recipe."""
    names = [name for name in workflow.inputs if name != "quality" and name not in _asked(job)]
    had = {name: workflow.value(name) for name in names}
    return {name: value for name, value in had.items() if value is not None}


def _prompt_id(job: Job, attempt: int) -> str:
    return str(uuid5(_OURS, f"prompt {attempt} {job.id}"))


def _stem(job: Job, attempt: int) -> str:
    """How its file's name begins; another one for each attempt, so that a saver does not answer from the cache."""
    return f"{job.stem}_again{attempt}" if attempt else job.stem


async def _attempts(client: ComfyClient, job: Job, *, look_back: bool = False) -> list[Attempt]:
    """The prompts that were handed in for a job, in order.

    `look_back` finds those, too, that an older ComfyUI has given ids of its own.
    """
    running, waiting = await client.queue()  # before the history: what leaves the one is in the other
    alive = next((each for each in (*running, *waiting) if each.job == job.id), None)
    found: list[Attempt] = []
    while record := await client.record(_prompt_id(job, len(found))):
        found.append(Attempt(*record))
    if not found and look_back:
        found = [Attempt(*each) for each in await client.recent(RECENT) if each[0].job == job.id]
    if alive is not None and alive.id not in {each.prompt.id for each in found}:
        found.append(Attempt(alive, None))
    return found


async def _stop(client: ComfyClient, job: Job) -> bool:
    """Whether the job's prompt is stopped, or was not there; where it waited, another look is needed."""
    running, waiting = await client.queue()
    for each in waiting:
        if each.job == job.id:
            await client.delete(each.id)
            return False
    for each in running:
        if each.job == job.id:
            await client.interrupt(each.id)
    return True
