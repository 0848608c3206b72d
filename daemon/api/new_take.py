"""A new take: what somebody wants to have generated, looked through before it gets a number."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from daemon.api.answers.problems import BadParams, UnusableWorkflow
from daemon.intake.completion import TOLD
from daemon.project.parts import Parts
from daemon.runners.choice import BadWorkflow
from daemon.shots.shots import Origin, ShotAway
from daemon.watching.scan import look
from events import Again, Params, Quality, Record, Refused, Request, Source, WorkflowFile
from events.shot import create
from projections.files.threads import in_thread
from projections.index.rows import ShotRow, TakeRow
from projections.recipes.plain import DEEPEST, LARGEST, SMALLEST

Text = Annotated[str, Meta(max_length=100_000)]

KNOWN: Mapping[str, Any] = {
    "model": Text,
    "prompt": Text,
    "negativePrompt": Text,
    "seed": Annotated[int, Meta(ge=0)],
    "steps": Annotated[int, Meta(ge=1, le=10_000)],
    "cfg": Annotated[float, Meta(ge=0, le=1000)],
}
"""The parameters that mean the same to every tool, and what they may be; a tool may have more of its own."""

TEXT = "it has to be a text of at most 100,000 characters"
SAID = {
    **dict.fromkeys(("model", "prompt", "negativePrompt"), TEXT),
    "seed": "it has to be a whole number, 0 or more",
    "steps": "it has to be a whole number from 1 to 10,000",
    "cfg": "it has to be a number from 0 to 1,000",
}
"""What a person is told of a parameter that is something else."""


class NoRecipe(Refused):
    """Raised when a take is to be made again of which nobody knows how it was made."""

    hint = "Ask for it with `takes new`, and say by -p NAME=VALUE what it is to be."

    def __init__(self, take: str, why: str) -> None:
        super().__init__(f"{take} cannot be made again: {why}")


def checked(
    params: Params, quality: Quality | None, workflow: str | None = None, again: Again | None = None
) -> Request:
    """The request for those parameters; BadParams says which of them make no sense."""
    params = {name: _in_whole(value) if name in KNOWN else value for name, value in params.items()}
    wrong = [
        (name, SAID[name]) for name, kind in KNOWN.items() if name in params and not _is(params[name], kind)
    ]
    wrong += [(name, _why_not_kept(value)) for name, value in params.items()]
    fields = [{"field": f"generationParams.{name}", "message": why} for name, why in wrong if why]
    if fields:
        raise BadParams(fields)
    return Request(params=params, quality=quality, workflow=workflow, again=again)


def _in_whole(value: Any) -> Any:
    """7 for 7.0: to JSON they are the same, and some languages write no other."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _why_not_kept(value: Any, depth: int = 1) -> str:
    if isinstance(value, dict | list):
        if depth > DEEPEST:
            return f"it is nested more than {DEEPEST} levels deep"
        parts = value.values() if isinstance(value, dict) else value
        return next(filter(None, (_why_not_kept(one, depth + 1) for one in parts)), "")
    if isinstance(value, int | float) and not SMALLEST <= value <= LARGEST:
        return "it is larger than 2^64-1" if value > 0 else "it is smaller than -2^63"
    return ""


def recipe_of(take: TakeRow) -> dict[str, Any]:
    """What it was made with, without what is only told of how one file was made; NoRecipe where that is not all known."""
    if missing := take.read_left_out().keys() - TOLD:
        raise NoRecipe(take.id, f"{', '.join(sorted(missing))} of its recipe is too large for the log")
    recipe = {name: value for name, value in (take.read_params() or {}).items() if name not in TOLD}
    if not recipe:
        raise NoRecipe(take.id, "its recipe is not known")
    return recipe


async def ask_for_take(
    parts: Parts, root: Path, shot: ShotRow, request: Request, origin: Origin, expected: int | None
) -> Sequence[Record]:
    """Give the request the shot's next number, above those of take folders that were just made by hand."""
    seen = await in_thread(look, root, shot.path, ())
    if seen is None:
        raise ShotAway(shot.path)
    rule = partial(
        create,
        sources=[Source(kind="request")],
        at_least=max(seen.folders, default=0) + 1,
        request=request,
        workflow=await _workflow_now(parts, root, shot.path, request, origin),
    )
    records = await parts.shots.change(shot.stream, rule, origin, expected=expected)
    parts.mailbox.look_at(shot.path)  # which makes its folder
    return records


async def _workflow_now(
    parts: Parts, root: Path, shot: str, request: Request, origin: Origin
) -> WorkflowFile | None:
    """The workflow that the take would be made with now; UnusableWorkflow where one is named that cannot be."""
    runner, named = parts.queue.runner, request.workflow
    try:
        if runner is None and named is not None and not parts.keeping.is_desk:
            raise BadWorkflow(
                named, "no runner is set up that would use it; see `runner.kind` in the configuration"
            )
        found = await runner.workflow(root, shot, named) if runner else None
    except BadWorkflow as bad:
        if named is None or (origin.is_command and await parts.log.command(origin.cause or "")):
            return None  # it waits until there is one; or it was asked for before, and has its number
        raise UnusableWorkflow([{"field": "workflow", "message": str(bad)}]) from bad
    return found.file if found else None
