"""The runner: whatever turns a request into a rendered file, as the queue sees it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from daemon.runners.choice import Chosen
from events import Params, Quality, TakesError
from projections.layout import Role


class JobFailed(TakesError):
    """Raised when a job has come to nothing; `reason` is what the take says of it."""

    hint = "Mend what it complains of, and ask for another take."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RunnerAway(TakesError):
    """Raised when a runner cannot be reached; what it was to do waits until it can."""

    hint = "Start it: it is asked again every few seconds, and what is queued stays queued."


class Job(Struct, frozen=True, kw_only=True):
    """One take that is to be made.

    `id` tells this take from every other one, and stays the same however often it is begun. `stem` is how
    the name of its file begins (`shot_001_take_003`), `root` the film's folder, `takes` the shot's `takes/`.
    `folder` is empty, ours, on the film's disk, and removed after the job. `workflow` is what it is to be made with,
    where the runner knows of workflows and begins with it now.
    """

    id: str
    project: str
    shot: str
    take: int
    stem: str
    params: Params
    quality: Quality | None
    root: Path
    takes: Path
    folder: Path
    workflow: Chosen | None = None


class Progress(Struct, frozen=True):
    """How far a job is, 0 to 1 where that is known, and what it says of it; `waits` where nobody is at it, and why."""

    fraction: float | None = None
    message: str | None = None
    waits: bool = False


class Made(Struct, frozen=True):
    """The file that a job has made, in its folder or in the shot's `takes/`, whole and closed.

    `params` are those that the runner itself has chosen, such as a seed; `vram_used` is the peak in MB.
    `seconds` is how long it took, where the runner knows better than a clock around `run`. `companions` are the other
    files of the same render, by what they are, and `left` is what the runner still has of all these, from its own folder
    on; None stands for the media.
    """

    path: Path
    params: Params | None = None
    vram_used: float | None = None
    seconds: float | None = None
    left: Mapping[Role | None, str] = field(default_factory=dict)
    companions: Mapping[Role, Path] = field(default_factory=dict)


Tell = Callable[[Progress], None]


class Runner(Protocol):
    """Makes takes, one for each call of `run`; several may be under way at once."""

    kind: str

    @property
    def inputs(self) -> Sequence[str] | None:
        """The parameters that it listens to; None where it is given all of them."""

    async def ready(self) -> None:
        """Return where it can take a job now; RunnerAway says why not."""

    async def workflow(self, root: Path, shot: str, named: str | None) -> Chosen | None:
        """The workflow that a take of the shot would be made with now, and `named` the one for this take alone.

        None where it makes takes without one. BadWorkflow says why it cannot be used.
        """

    async def run(self, job: Job, tell: Tell) -> Made:
        """Make the take. JobFailed says why not. Cancelled, it leaves no process of ours behind."""

    async def resume(self, job: Job, tell: Tell) -> Made | None:
        """Go on with what an earlier daemon had begun; None where nothing is left of it, and it can begin anew."""

    async def tidy(self, root: Path, left: str, sha256: str) -> str | None:
        """Remove what it has `left` of a take that is complete, if it is to and that holds the same; why it does not."""

    async def cancel(self, job: Job) -> None:
        """After `run` was cancelled because nobody wants the take any more: have it stopped elsewhere, too."""
