"""The command runner: a program of the user's makes the take, in a process group of its own.

It is given the request as JSON, on its standard input and as a file, and told where its file is to be. It may
say how far it is: each line of its output that is a JSON object may hold `progress` (0 to 1), `message`,
`vramUsed` (MB) and `generationParams`.
"""

import asyncio
import os
import shutil
import signal
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamReaderProtocol
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import msgspec
from msgspec import Struct

from daemon.programs import leash
from daemon.programs.program import Program, start
from daemon.runners.choice import Chosen, choose
from daemon.runners.runner import Job, JobFailed, Made, Progress, RunnerAway, Tell
from daemon.watching.scan import media_in
from events import Params
from projections.files.threads import in_thread
from projections.layout import take_name

GRACE = 5.0
"""Seconds that a program has to stop by itself once it is told to."""

LAST_WORDS = 1.0
"""Seconds in which what a program said before it ended is read to its end."""

LAST_LINES = 12
"""Lines of a failed program's complaints that its take keeps."""

LONGEST_LINE = 1 << 20


class Said(Struct, rename="camel"):
    """What a program may say on a line of its output."""

    progress: float | None = None
    message: str | None = None
    vram_used: float | None = None
    generation_params: Params | None = None


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
        request = msgspec.json.encode(_request(job, output))
        await in_thread(_request_of(job).write_bytes, request)
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
            raise JobFailed(_last_words(self._command[0], code, complaints))
        return Made(await in_thread(_made, output), heard.generation_params, heard.vram_used)

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """None: a program does not outlive its daemon."""
        return None

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Nothing is left of it: its folder goes."""
        return None

    async def cancel(self, job: Job) -> None:
        """Nothing is left to be cancelled."""


def _request_of(job: Job) -> Path:
    """The file that the request is in."""
    return job.folder / "request.json"


def _request(job: Job, output: Path) -> dict[str, Any]:
    return {
        "id": job.id,
        "project": job.project,
        "shotId": job.shot,
        "takeId": take_name(job.take),
        "generationParams": job.params,
        "quality": job.quality,
        "workflow": str(job.workflow.path) if job.workflow else None,
        "output": str(output),
    }


@asynccontextmanager
async def _started(
    command: Sequence[str], job: Job, output: Path
) -> AsyncIterator[tuple[Program, StreamReader, StreamReader]]:
    """The program under way, and what it says; at the end, however that comes, nothing of its process group is left."""
    env = {**os.environ, **_environment(job, output)}
    with ExitStack() as ours, ExitStack() as lent:
        stdin = lent.enter_context(await in_thread(_request_of(job).open, "rb"))
        (stdout, heard), (stderr, complaints) = await _pipe(ours, lent), await _pipe(ours, lent)
        program = await start(command, [stdin.fileno(), heard, complaints], env, job.folder)
        try:
            lent.close()
            yield program, stdout, stderr
        finally:
            await _stop(program)


async def _pipe(ours: ExitStack, lent: ExitStack) -> tuple[StreamReader, int]:
    """Our end of a pipe, and the one that a program is lent to write into."""
    reading, writing = os.pipe()
    lent.callback(os.close, writing)
    stream = StreamReader(LONGEST_LINE)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: StreamReaderProtocol(stream), os.fdopen(reading, "rb")
    )
    ours.callback(transport.close)
    return stream, writing


def _environment(job: Job, output: Path) -> dict[str, str]:
    return {
        "TAKES_REQUEST": str(_request_of(job)),
        "TAKES_OUTPUT": str(output),
        "TAKES_PROJECT": job.project,
        "TAKES_SHOT": job.shot,
        "TAKES_TAKE": take_name(job.take),
        "TAKES_QUALITY": job.quality or "",
        "TAKES_WORKFLOW": str(job.workflow.path) if job.workflow else "",
    }


async def _stop(program: Program) -> None:
    if program.returncode is None:
        program.tell(signal.SIGTERM)
        with anyio.move_on_after(GRACE, shield=True):
            await program.wait()
    program.close()


async def _listen(stdout: StreamReader, heard: Said, tell: Tell) -> None:
    async for line in _lines(stdout):
        said = _understood(line)
        if said is None:
            continue
        heard.vram_used = said.vram_used or heard.vram_used
        heard.generation_params = said.generation_params or heard.generation_params
        if said.progress is not None or said.message is not None:
            tell(Progress(_fraction(said.progress), said.message))


def _understood(line: bytes) -> Said | None:
    try:
        return msgspec.json.decode(line, type=Said) if line.startswith(b"{") else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def _fraction(said: float | None) -> float | None:
    return None if said is None else min(1.0, max(0.0, said))


async def _remember(stderr: StreamReader, complaints: deque[str]) -> None:
    async for line in _lines(stderr):
        if words := line.decode(errors="replace").rstrip():
            complaints.append(words[:500])


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


def _last_words(program: str, code: int, complaints: Sequence[str]) -> str:
    name = Path(program).name
    how = f"exit code {code}" if code > 0 else f"was killed by {signal.Signals(-code).name}"
    if code == leash.NOT_RUN:
        how = f"exit code {code}, as of a program that cannot be run"
    said = "\n".join(complaints)
    return f"{name}: {how}" + (f"\n{said}" if said else "")


def _made(output: Path) -> Path:
    """The file that was made: at the place that was asked for, else the only media file there."""
    if output.is_file() and output.stat().st_size:
        return output
    found = [one for one in media_in(output.parent) if one.identity.size]
    if len(found) == 1:
        return output.parent / found[0].name
    what = f"{len(found)} media files" if found else "no media file"
    raise JobFailed(f"the program has ended well and left {what}; it is to write one, to $TAKES_OUTPUT")
