"""The completion: what the log is to say of a take that is complete, from all who know something of it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.intake.arrival import Placed, Work
from daemon.protection.freezing import Frozen
from daemon.runners.runner import Made
from daemon.shots.shots import Rule
from events import Companion, Left, Media, Params, Resources, Shot, Take
from events.shot import AutoActivate, complete
from projections.artifacts.active_link import active_on_disk
from projections.artifacts.large_recipes import PACKED, as_json, pack, shortened
from projections.artifacts.sidecars import Cost, read_sidecar
from projections.files.threads import in_thread
from projections.files.together import each
from projections.files.writing import write
from projections.layout import sidecar_name, take_path
from projections.media.jobs import Inspection

TOLD = frozenset({"nodes", "unsure", "stages", "inputs", "literals", "graph", "claims"})
"""What is told of how one file was made: a request that began as another take's recipe is not made so."""

LOGGED = 256_000
"""Bytes of parameters that an event holds at most: it is there for ever."""


def rule_of(
    work: Work,
    placed: Placed,
    look: Inspection,
    frozen: Frozen,
    told: "Told",
    trouble: str | None = None,
    companions: Sequence[Companion] = (),
    *,
    auto_activate: AutoActivate,
) -> Rule:
    """The rule that says what the take is; `trouble` is why its recipe was not read."""
    return partial(
        complete,
        number=work.take.number,
        media=media_found(placed.entry.name, look),
        params=told.params or None,
        left_out=told.left_out or None,
        recipe_error=recipe_error(look, trouble),
        resources=told.cost or _resources_of(work.take, work.made),
        refused=look.refused,
        identity=frozen.file,
        kept=frozen.kept,
        companions=companions,
        left=_left_by(work.made),
        auto_activate="never" if told.linked else auto_activate,
        is_linked=told.linked == work.take.number,
    )


def recipe_error(look: Inspection, trouble: str | None) -> str | None:
    """Why not all that is said of how it was made could be read: the recipe beside it, or its labels."""
    return trouble or (look.unread and f"its labels were not read: {look.unread}")


def params_of(take: Take, look: Inspection, recipe: Params, made: Made | None) -> Params:
    """What it was made with: as was asked, but for what the file, its recipe and its maker know better."""
    params = take.request.params if take.request else {}
    asked = {name: value for name, value in params.items() if name not in TOLD}
    return {**asked, **(look.params or {}), **recipe, **((made and made.params) or {})}


def as_logged(params: Params, folder: Path, sidecar: str) -> tuple[Params, dict[str, int]]:
    """As much of the parameters as a log is to hold, and the names of others; then all lie beside the sidecar."""
    kept, left_out = shortened(params, LOGGED)
    if left_out:
        write(folder / f"{sidecar}{PACKED}", pack(as_json({"generationParams": params})))
    return kept, left_out


class Told(Struct, frozen=True):
    """What the disk has to say of a take that is whole, and how much of its parameters the log is told.

    `cost` is what the sidecar of an adopted take says, `linked` the take that the shot's link leads to, where that
    chooses one.
    """

    params: Params = {}
    left_out: dict[str, int] = {}
    cost: Resources | None = None
    linked: int | None = None


def _is_told(work: Work, params: Params) -> bool:
    """Whether the disk can have anything to say of it."""
    return bool(params) or work.shot.active is None or work.take.source.kind == "adopted"


async def tell_each(root: Path, asked: Sequence[tuple[Work, Params]]) -> Sequence[Told | Exception]:
    """What else the log is told of each; the disk is asked where it can have anything to say."""

    def ask(one: tuple[Work, Params]) -> Told:
        work, params = one
        return _tell(root, work.shot, work.take, params) if _is_told(*one) else Told()

    if not any(_is_told(*one) for one in asked):
        return [Told()] * len(asked)
    return await in_thread(each, ask, asked)


def _tell(root: Path, shot: Shot, take: Take, params: Params) -> Told:
    """Ask the disk all of that at once."""
    folder = root / take_path(shot.path, take.number)
    kept, left_out = as_logged(params, folder, sidecar_name(shot.path, take.number))
    return Told(kept, left_out, _resources_told(shot, take, folder), _linked(shot, root))


def _linked(shot: Shot, root: Path) -> int | None:
    """The take that the link leads to, where nobody else is active and it is still to come, as in a clone."""
    number = active_on_disk(root / shot.path) if shot.active is None else None
    take = shot.takes.get(number or 0)
    if number is None or (take and (take.status != "generating" or take.deleted)):
        return None
    return number if (root / take_path(shot.path, number)).is_dir() else None


def _resources_told(shot: Shot, take: Take, folder: Path) -> Resources | None:
    """What the sidecar of an adopted take says that it cost."""
    told = read_sidecar(folder, shot.path, take.number) if take.source.kind == "adopted" else None
    if told is None or told.resources == Cost():
        return None
    return msgspec.convert(told.resources, Resources, from_attributes=True)


def was_accepted(shot: Shot, take: Take, folder: Path) -> bool:
    """Whether the sidecar of an adopted take says that a person wants it complete as it is."""
    told = read_sidecar(folder, shot.path, take.number) if take.source.kind == "adopted" else None
    return told is not None and bool(told.accepted)


def _resources_of(take: Take, made: Made | None) -> Resources | None:
    """What it cost to make, where somebody made it here."""
    if made is None:
        return None
    quality = take.request.quality if take.request else None
    return Resources(vram_used=made.vram_used, generation_time=made.seconds, quality=quality)


def _left_by(made: Made | None) -> list[Left]:
    """What its runner is to remove, from its own folder on."""
    return [Left(path=path, role=role) for role, path in made.left.items()] if made else []


def media_found(name: str, look: Inspection) -> Media:
    """What was found in the file."""
    return Media(
        name=name,
        bytes=look.bytes,
        sha256=look.sha256,
        kind=look.kind,
        duration=look.duration,
        width=look.width,
        height=look.height,
        frame_rate=look.frame_rate,
        codec=look.codec,
        frames=look.frames,
        channels=look.channels,
        timecode=look.timecode,
    )
