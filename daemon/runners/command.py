"""The command runner: a program of the user's makes the take, in a process group of its own.

It is given the request as JSON, on its standard input and as a file, and told where its file is to be. It may
say how far it is: each line of its output that is a JSON object may hold `progress` (0 to 1), `message`,
`vramUsed` (MB) and `generationParams`.
"""

import os
import shutil
import signal
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import anyio

from daemon.programs.program import Program, start
from daemon.runners.choice import Chosen, choose
from daemon.runners.program import (
    LAST_LINES,
    LONGEST_COMPLAINT,
    Said,
    environment,
    last_words,
    made_at,
    pipe,
    request,
    request_of,
)
from daemon.runners.runner import Job, JobFailed, Made, RunnerAway, Tell
from projections.files.threads import in_thread

GRACE = 5.0
"""Seconds that a program has to stop by itself once it is told to."""

LAST_WORDS = 1.0
"""Seconds in which what a program said before it ended is read to its end."""


class CommandRunner:
    """Runs one program for each take; its file is to end in `suffix`, or is the one media file that it leaves."""

    kind = "command"
    inputs: Sequence[str] | None = None

    def __init__(self, command: Sequence[str], suffix: str) -> None:
        self._command = command
        self._suffix = suffix

    async def ready(self) -> None:
        """Return where the program is there."""
        if not await in_thread(shutil.which, self._command[0]):
            raise RunnerAway(f"the program {self._command[0]} is not there, or may not be run")

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen | None:
        """The workflow that the program is told of, whatever that holds."""
        return await in_thread(choose, root, shot, named, "")

    async def run(self, job: Job, tell: Tell) -> Made:
        """Run the program to its end; JobFailed has its exit code and its last words."""
        output = job.folder / f"{job.stem}{self._suffix}"
        await in_thread(request_of(job).write_bytes, request(job, output))
        heard, complaints = Said(), deque[str](maxlen=LAST_LINES)
        async with (
            _started(self._command, job, output) as (program, stdout, stderr),
            anyio.create_task_group() as group,
        ):
            group.start_soon(_listen, stdout, heard, tell)
            group.start_soon(_remember, stderr, complaints)
            code = await program.wait()
            program.tell(signal.SIGKILL)  # what it has left behind would hold its output open
            group.cancel_scope.deadline = anyio.current_time() + LAST_WORDS  # as does what has left its group
        if code:
            raise JobFailed(last_words(self._command[0], code, complaints))
        return Made(await in_thread(made_at, output), heard.generation_params, heard.vram_used)

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """None: a program does not outlive its daemon."""
        return None

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Nothing is left of it: its folder goes."""
        return None

    async def cancel(self, job: Job) -> None:
        """Nothing is left to be cancelled."""


@asynccontextmanager
async def _started(
    command: Sequence[str], job: Job, output: Path
) -> AsyncIterator[tuple[Program, StreamReader, StreamReader]]:
    """The program under way, and what it says; at the end, however that comes, nothing of its process group is left."""
    env = {**os.environ, **environment(job, output)}
    with ExitStack() as ours, ExitStack() as lent:
        stdin = lent.enter_context(await in_thread(request_of(job).open, "rb"))
        (stdout, heard), (stderr, complaints) = await pipe(ours, lent), await pipe(ours, lent)
        program = await start(command, [stdin.fileno(), heard, complaints], env, job.folder)
        try:
            lent.close()
            yield program, stdout, stderr
        finally:
            await _stop(program)


async def _stop(program: Program) -> None:
    if program.returncode is None:
        program.tell(signal.SIGTERM)
        with anyio.move_on_after(GRACE, shield=True):
            await program.wait()
    program.close()


async def _listen(stdout: StreamReader, heard: Said, tell: Tell) -> None:
    async for line in _lines(stdout):
        if progress := heard.hear(line):
            tell(progress)


async def _remember(stderr: StreamReader, complaints: deque[str]) -> None:
    async for line in _lines(stderr):
        if words := line.decode(errors="replace").rstrip():
            complaints.append(words[:LONGEST_COMPLAINT])


async def _lines(stream: StreamReader) -> AsyncIterator[bytes]:
    """The lines of a stream; of a program that writes none for a megabyte, pieces of that size."""
    while True:
        try:
            yield await stream.readuntil(b"\n")
        except LimitOverrunError as error:
            yield await stream.readexactly(error.consumed)
        except IncompleteReadError as error:
            yield error.partial
            return
