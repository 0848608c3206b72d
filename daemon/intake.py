"""The intake: a take whose number is given becomes a completed one, or a failed one.

Every step can be done again: after a crash the take is found in the log, and goes on where it was.
"""

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from daemon import faults
from daemon.hearing import Hearing
from daemon.marker import Marker
from daemon.place import DropGone, bring_in, freeze, place, rename_new, sync
from daemon.runner import Made
from daemon.scan import Entry, identity, media_of_take, recipe_beside
from daemon.settle import is_written
from daemon.shots import By, Rule, Shots
from events import AutoActivate, Identity, Media, Params, Resources, Shot, Take, TakeIsSettled
from events.shot import complete, fail
from projections.errors import Undecodable
from projections.labels import NotARecipe, from_recipe
from projections.layout import TAKES, media_name, recipe_name, take_name
from projections.look import Look
from projections.threads import in_thread

log = structlog.get_logger()

MOST_RECIPE = 16 * 2**20
"""Bytes of a recipe that are read; ComfyUI's largest graphs have a few."""


class Looker(Protocol):
    """Looks into a media file, in another process; raises Undecodable."""

    async def look(self, path: Path, *, name: str) -> Look:
        """What the file holds; `name` is what it was called when it was dropped."""


class Intake:
    """Finishes the takes of one project."""

    def __init__(
        self,
        root: Path,
        marker: Marker,
        shots: Shots,
        looker: Looker,
        hearing: Hearing,
        auto_activate: AutoActivate,
    ) -> None:
        self._root = root
        self._marker = marker
        self._shots = shots
        self._looker = looker
        self._hearing = hearing
        self._auto_activate = auto_activate

    async def finish(self, stream: str, number: int, made: Made | None = None) -> bool:
        """Place the take's file, look into it, and say what became of it; False while somebody writes it.

        `made` is what a runner has made for it; otherwise it is the file that was dropped.
        """
        shot = await self._shots.load(stream)
        take = shot.takes[number]
        if take.status != "generating":
            return True
        faults.point("created")
        rule = await self._make(shot, take, self._root / shot.path / TAKES / take_name(number), made)
        if rule is None:
            return False
        with suppress(TakeIsSettled):  # as it was before a crash
            await self._shots.change(stream, rule, By("watcher", take.created_by))
        faults.point("completed")
        log.info("take finished", shot=shot.path, take=number, status=shot.takes[number].status)
        return True

    async def _make(self, shot: Shot, take: Take, folder: Path, made: Made | None) -> Rule | None:
        """Do what is to be done on disk; the rule that says how it ended, None where it has not."""
        name = None
        try:
            entry, is_busy = await self._place(shot, take, folder, made)
            name = entry.name
            recipe = await self._recipe(shot, take, folder, name)
            if is_busy:
                return None
            called = take.source.name or (made.path.name if made else name)
            look = await self._look(folder / name, entry.identity, called)
        except (DropGone, FileNotFoundError):
            if take.is_awaited:
                return None  # what was there is not any more: a file is waited for as before
            await in_thread(self._marker.check)
            if not await in_thread(folder.parent.is_dir):
                raise  # the whole shot is gone, or has moved: the take goes on where it turns up
            gone = f"{take.source.name} was removed or replaced before it could be taken"
            return partial(fail, number=take.number, error=gone)
        except Undecodable as error:
            return partial(fail, number=take.number, error=error.reason, name=name)
        if look is None:
            return None
        return partial(
            complete,
            number=take.number,
            media=_media(name, look),
            params=_params(take, look, recipe, made),
            resources=_resources(take, made),
            auto_activate=self._auto_activate,
        )

    async def _place(
        self, shot: Shot, take: Take, folder: Path, made: Made | None
    ) -> tuple[Entry, bool | None]:
        """Have the file in its folder; what it is there, and whether somebody still writes it."""
        if take.is_awaited:
            return await in_thread(_bring, shot.path, take.number, folder, made)
        source, wanted = take.source, take.source.identity
        if source.name is None or wanted is None:
            raise DropGone(take_name(take.number))
        came_from = folder / source.name if source.kind == "adopted" else folder.parent / source.name
        name = media_name(shot.path, take.number, came_from.suffix)
        takes = f"{shot.path}/{TAKES}"
        self._hearing.ours(f"{takes}/{source.name}", f"{takes}/{take_name(take.number)}")
        placed = await in_thread(_place_and_see, came_from, wanted, folder, name)
        faults.point("placed")
        return placed

    async def _look(self, path: Path, before: Identity, name: str) -> Look | None:
        """Look into the file, and make it read-only; None where it is not what it was before."""
        look = await self._looker.look(path, name=name)
        faults.point("looked")
        if not await in_thread(_freeze_if, path, before):
            return None
        faults.point("frozen")
        return look

    async def _recipe(self, shot: Shot, take: Take, folder: Path, media: str) -> Params:
        """What the file beside the media says, which goes before what the media is labelled with."""
        try:
            if take.is_awaited:
                name = await in_thread(recipe_beside, folder, media)
                path = folder / name if name else None
            else:
                path = await in_thread(_recipe_at, shot, take, folder) if take.source.recipe else None
            text = await in_thread(_read_text, path) if path else ""
            return from_recipe(text, take.source.name or "") if path else {}
        except (NotARecipe, FileNotFoundError):
            return {}


def _place_and_see(source: Path, wanted: Identity, folder: Path, name: str) -> tuple[Entry, bool | None]:
    entry = place(source, wanted, folder, name)
    return entry, is_written(folder / entry.name)


def _bring(shot: str, number: int, folder: Path, made: Made | None) -> tuple[Entry, bool | None]:
    """Have the file that came for a take that was asked for under its name: what a runner made, or what lies there."""
    folder.mkdir(exist_ok=True)
    path = _found(folder, shot, number, made)
    name = media_name(shot, number, path.suffix)
    if path != folder / name:
        bring_in(path, folder, name, recipe_name(shot, number))
    entry = Entry(name, identity((folder / name).lstat()))
    return entry, is_written(folder / name)


def _found(folder: Path, shot: str, number: int, made: Made | None) -> Path:
    """What a runner has made, unless a file of that name came before it; else what lies in the take's folder."""
    if made and made.path.exists() and not (folder / media_name(shot, number, made.path.suffix)).exists():
        return made.path
    entry = media_of_take(folder, shot, number)
    if entry is None:
        raise DropGone(take_name(number))
    return folder / entry.name


def _params(take: Take, look: Look, recipe: Params, made: Made | None) -> Params | None:
    """What it was made with: as was asked, but for what the file, its recipe and its maker know better."""
    asked = take.request.params if take.request else {}
    return {**asked, **(look.params or {}), **recipe, **((made and made.params) or {})} or None


def _resources(take: Take, made: Made | None) -> Resources | None:
    if made is None:
        return None
    quality = take.request.quality if take.request else None
    return Resources(vram_used=made.vram_used, generation_time=made.seconds, quality=quality)


def _freeze_if(path: Path, looked_at: Identity) -> bool:
    """Make the file read-only, if it is still what was looked at and nobody writes it."""
    freeze(path)
    return identity(path.lstat()) == looked_at and not is_written(path)


def _media(name: str, look: Look) -> Media:
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
    )


def _recipe_at(shot: Shot, take: Take, folder: Path) -> Path | None:
    """Where the recipe lies, once it has followed its media into the take's folder."""
    name = take.source.recipe or ""
    home = folder if take.source.kind == "adopted" else folder.parent
    source, target = home / name, folder / recipe_name(shot.path, take.number)
    if not target.exists() and source.is_file() and not source.is_symlink():
        rename_new(source, target)
        sync(folder)
    return target if target.exists() else None


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_RECIPE).decode("utf-8", "replace")
