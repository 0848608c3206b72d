"""The program that makes a take: what it is told, what it may say meanwhile, and what counts as its file."""

import asyncio
import os
import signal
from asyncio import StreamReader, StreamReaderProtocol
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.programs import leash
from daemon.runners.runner import Job, JobFailed, Progress
from daemon.watching.scan import media_in
from events import Params
from projections.layout import take_name

LONGEST_LINE = 1 << 20

LAST_LINES = 12
"""Lines of a failed program's complaints that its take keeps."""

LONGEST_COMPLAINT = 500


class Said(Struct, rename="camel"):
    """What a program may say on a line of its output."""

    progress: float | None = None
    message: str | None = None
    vram_used: float | None = None
    generation_params: Params | None = None

    def hear(self, line: bytes) -> Progress | None:
        """Keep what another line says beyond how far it is; that, where it says so."""
        said = _understood(line)
        if said is None:
            return None
        self.vram_used = said.vram_used or self.vram_used
        self.generation_params = said.generation_params or self.generation_params
        if said.progress is None and said.message is None:
            return None
        return Progress(_fraction(said.progress), said.message)


def _understood(line: bytes) -> Said | None:
    try:
        return msgspec.json.decode(line, type=Said) if line.startswith(b"{") else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def _fraction(said: float | None) -> float | None:
    return None if said is None else min(1.0, max(0.0, said))


def request_of(job: Job) -> Path:
    """The file that the request is in."""
    return job.folder / "request.json"


def request(job: Job, output: Path) -> bytes:
    """What is asked for, as JSON; `output` is where the file is to be."""
    said = {
        "id": job.id,
        "project": job.project,
        "shotId": job.shot,
        "takeId": take_name(job.take),
        "generationParams": job.params,
        "quality": job.quality,
        "workflow": str(job.workflow.path) if job.workflow else None,
        "output": str(output),
    }
    return msgspec.json.encode(said)


def environment(job: Job, output: Path) -> dict[str, str]:
    """What the program has in its environment beyond ours."""
    return {
        "TAKES_REQUEST": str(request_of(job)),
        "TAKES_OUTPUT": str(output),
        "TAKES_PROJECT": job.project,
        "TAKES_SHOT": job.shot,
        "TAKES_TAKE": take_name(job.take),
        "TAKES_QUALITY": job.quality or "",
        "TAKES_WORKFLOW": str(job.workflow.path) if job.workflow else "",
    }


async def pipe(ours: ExitStack, lent: ExitStack) -> tuple[StreamReader, int]:
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


def last_words(program: str, code: int, complaints: Iterable[str]) -> str:
    """How it has ended, with the last of what it complained of; a code below 0 is that of a signal."""
    name = Path(program).name
    how = f"exit code {code}" if code > 0 else f"was killed by {signal.Signals(-code).name}"
    if code == leash.NOT_RUN:
        how = f"exit code {code}, as of a program that cannot be run"
    said = "\n".join(deque(complaints, LAST_LINES))
    return f"{name}: {how}" + (f"\n{said}" if said else "")


def made_at(output: Path) -> Path:
    """The file that was made: at the place that was asked for, else the only media file there."""
    if output.is_file() and output.stat().st_size:
        return output
    found = [one for one in media_in(output.parent) if one.identity.size]
    if len(found) == 1:
        return output.parent / found[0].name
    what = f"{len(found)} media files" if found else "no media file"
    raise JobFailed(f"the program has ended well and left {what}; it is to write one, to $TAKES_OUTPUT")
