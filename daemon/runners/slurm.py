"""The Slurm runner: the program that makes a take is handed to a cluster's Slurm, and goes on there whatever becomes of us.

A job is known by its name, which has the take's id: so one that was handed in is found again by the next daemon. It has
a folder of its own in the film, on a disk that the nodes have too, and there its script says in the end with which code
the program has ended: Slurm forgets its jobs after a few minutes.
"""

import os
import shlex
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import anyio
from msgspec import Struct
from msgspec.structs import replace

from daemon.clock import CLOCK, Clock
from daemon.programs.program import start
from daemon.runners.choice import Chosen, choose
from daemon.runners.program import Said, environment, last_words, made_at, pipe, request, request_of
from daemon.runners.runner import Job, JobFailed, Made, Progress, RunnerAway, Tell
from projections.files.reading import read
from projections.files.threads import in_thread
from projections.layout import OWN_FOLDER, Role

POLL = 2.0
"""Seconds between two questions to Slurm, which are for all jobs together."""

SETTLE = 10.0
"""Seconds in which what a node has written is seen here, once its job has ended."""

OURS = "takes-"
"""How the names of our jobs begin."""

FOLDER = "slurm-"
"""How the names of their folders begin."""

OUTPUT, COMPLAINTS, CODE = "output.txt", "complaints.txt", "code"

MOST = 1 << 24
"""Bytes of what a program has said that are read."""

ENDED = frozenset(
    {
        *(
            "BOOT_FAIL",
            "CANCELLED",
            "COMPLETED",
            "DEADLINE",
            "FAILED",
            "NODE_FAIL",
            "OUT_OF_MEMORY",
            "REVOKED",
        ),
        "TIMEOUT",
    }
)


class Standing(Struct, frozen=True):
    """How a job is: its number, its state, and why it is in that."""

    number: str
    state: str
    reason: str


class SlurmRunner:
    """Hands one program for each take to Slurm; `options` are for its `sbatch`."""

    kind = "slurm"
    inputs: Sequence[str] | None = None

    def __init__(
        self, command: Sequence[str], suffix: str, options: Sequence[str] = (), clock: Clock = CLOCK
    ) -> None:
        self._command = command
        self._suffix = suffix
        self._options = options
        self._clock = clock
        self._asking = anyio.Lock()
        self._asked = -POLL
        self._found: dict[str, Standing] = {}

    async def ready(self) -> None:
        """Return where Slurm answers."""
        if not await in_thread(shutil.which, "sbatch"):
            raise RunnerAway("Slurm's sbatch is not there, or may not be run")
        await self._jobs()

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen | None:
        """The workflow that the program is told of, whatever that holds."""
        return await in_thread(choose, root, shot, named, "")

    async def run(self, job: Job, tell: Tell) -> Made:
        """Hand it in, and wait; JobFailed has the program's last words, or what Slurm says of it."""
        job = _in_its_folder(job)
        script = await in_thread(self._written, job)
        said = ("--parsable", f"--job-name={OURS}{job.id}", f"--chdir={job.folder}", "--output=/dev/null")
        code, _, complaints = await _ask("sbatch", *said, *self._options, str(script))
        if code:
            await self.ready()
            raise JobFailed(last_words("sbatch", code, complaints.splitlines()))
        return await self._wait(job, tell)

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """Go on with what Slurm has of it; None where it has nothing, and nothing was made."""
        job = _in_its_folder(job)
        if await in_thread(_code, job.folder) is None and job.id not in await self._jobs():
            return None
        return await self._wait(job, tell)

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Remove the folder in which a take was made, now that it is complete."""
        if left.startswith(FOLDER) and "/" not in left:
            await in_thread(_clear, root / OWN_FOLDER / "work" / left)
        return None

    async def cancel(self, job: Job) -> None:
        """Have Slurm end it."""
        await _ask("scancel", f"--name={OURS}{job.id}")
        await in_thread(_clear, _in_its_folder(job).folder)

    def _written(self, job: Job) -> Path:
        """The script of a job, in its folder, with nothing there of one before."""
        _clear(job.folder)
        job.folder.mkdir()
        output = self._output(job)
        request_of(job).write_bytes(request(job, output))
        path = job.folder / "job.sh"
        path.write_text(_script(self._command, job, output))
        return path

    def _output(self, job: Job) -> Path:
        return job.folder / f"{job.stem}{self._suffix}"

    async def _wait(self, job: Job, tell: Tell) -> Made:
        """Wait until it has ended, and tell how far it is meanwhile."""
        told, ended = None, None
        while True:
            try:
                standing = (await self._jobs()).get(job.id)
                progress = await in_thread(_progress, job.folder, standing)
            except RunnerAway as away:
                standing, progress = None, Progress(None, str(away))
            else:
                if (code := await in_thread(_code, job.folder)) is not None:
                    return await in_thread(self._made, job, code)
                if standing is None or standing.state in ENDED:
                    ended = self._clock() if ended is None else ended
                    if self._clock() - ended > SETTLE:
                        await in_thread(_clear, job.folder)
                        raise JobFailed(_lost(standing))
                else:
                    ended = None  # it may have been given to another node
            if progress != told:
                tell(progress)
                told = progress
            await self._clock.sleep(POLL)

    def _made(self, job: Job, code: int) -> Made:
        heard = _heard(job.folder)[0]
        if code:
            complaints = (read(job.folder / COMPLAINTS, MOST) or b"").decode(errors="replace").splitlines()
            _clear(job.folder)
            # a shell's way to say that a signal has ended it
            raise JobFailed(last_words(self._command[0], 128 - code if code > 128 else code, complaints))
        left: dict[Role | None, str] = {None: job.folder.name}
        return Made(made_at(self._output(job)), heard.generation_params, heard.vram_used, left=left)

    async def _jobs(self) -> dict[str, Standing]:
        """How all our jobs are, by the takes' ids, as Slurm said a moment ago; RunnerAway where it does not."""
        async with self._asking:
            if self._clock() - self._asked >= POLL:
                code, said, complaints = await _ask(
                    "squeue", "--me", "--noheader", "--states=all", "--format=%j|%A|%T|%r"
                )
                if code:
                    raise RunnerAway(f"Slurm does not answer: {' '.join(complaints.split())}")
                self._asked, self._found = self._clock(), _standings(said)
            return self._found


def _in_its_folder(job: Job) -> Job:
    """The same, to be made in a folder that outlives the daemon."""
    return replace(job, folder=job.folder.parent / f"{FOLDER}{job.id}")


def _script(command: Sequence[str], job: Job, output: Path) -> str:
    exports = [f"export {name}={shlex.quote(text)}" for name, text in environment(job, output).items()]
    says = f"{shlex.join(command)} <{shlex.quote(str(request_of(job)))} >{OUTPUT} 2>{COMPLAINTS}"
    lines = [f"cd {shlex.quote(str(job.folder))} || exit 1", f"rm -f {CODE}", *exports, says]
    return "\n".join(["#!/bin/sh", *lines, "code=$?", f"echo $code >{CODE}.part", "sync -f .", _AT_LAST, ""])


_AT_LAST = f"mv {CODE}.part {CODE} && exit $code"


def _standings(said: str) -> dict[str, Standing]:
    """By the ids of takes; of two jobs for one take the later one counts."""
    found = [line.strip().split("|", 3) for line in said.splitlines() if line.startswith(OURS)]
    found.sort(key=lambda one: int(one[1]))
    return {name.removeprefix(OURS): Standing(number, state, reason) for name, number, state, reason in found}


def _code(folder: Path) -> int | None:
    """With which code the program has ended; None while it has not."""
    said = (read(folder / CODE, MOST) or b"").strip()
    return int(said) if said.isdigit() else None


def _heard(folder: Path) -> tuple[Said, Progress | None]:
    """What the program has said so far, and how far it was at last."""
    heard, last = Said(), None
    for line in (read(folder / OUTPUT, MOST) or b"").splitlines():
        last = heard.hear(line) or last
    return heard, last


def _progress(folder: Path, standing: Standing | None) -> Progress:
    if standing and standing.state == "PENDING":
        why = "" if standing.reason in ("None", "") else f" ({standing.reason})"
        return Progress(None, f"it waits in Slurm's queue as job {standing.number}{why}")
    return _heard(folder)[1] or Progress()


def _lost(standing: Standing | None) -> str:
    if standing is None:
        return "Slurm does not know its job any more, and no node has said how it ended"
    return f"Slurm has ended its job {standing.number}: {standing.state} ({standing.reason})"


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


async def _ask(*command: str) -> tuple[int, str, str]:
    """The exit code of one of Slurm's programs, its output and its complaints."""
    with ExitStack() as ours, ExitStack() as lent:
        nothing, ends = os.pipe()
        lent.callback(os.close, nothing)
        os.close(ends)
        (stdout, said), (stderr, complaints) = await pipe(ours, lent), await pipe(ours, lent)
        program = await start(command, [nothing, said, complaints], os.environ)
        try:
            lent.close()
            found = [await stdout.read(), await stderr.read()]
            return await program.wait(), *(one.decode(errors="replace") for one in found)  # type: ignore[return-value]
        finally:
            program.close()
