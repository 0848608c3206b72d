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
from daemon.place import DropGone, freeze, place, rename_new, sync
from daemon.scan import Entry, identity
from daemon.settle import is_written
from daemon.shots import By, Rule, Shots
from events import AutoActivate, Identity, Media, Params, Shot, Source, Take, TakeIsSettled
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

    async def finish(self, stream: str, number: int) -> bool:
        """Place the take's file, look into it, and say what became of it; False while somebody writes it."""
        shot = await self._shots.load(stream)
        take = shot.takes[number]
        if take.status != "generating":
            return True
        faults.point("created")
        rule = await self._make(shot, take, self._root / shot.path / TAKES / take_name(number))
        if rule is None:
            return False
        with suppress(TakeIsSettled):  # as it was before a crash
            await self._shots.change(stream, rule, By("watcher", take.created_by))
        faults.point("completed")
        log.info("take finished", shot=shot.path, take=number, status=shot.takes[number].status)
        return True

    async def _make(self, shot: Shot, take: Take, folder: Path) -> Rule | None:
        """Do what is to be done on disk; the rule that says how it ended, None where it has not."""
        name = None
        try:
            entry, is_busy = await self._place(shot, take, folder)
            name = entry.name
            recipe = await self._recipe(shot, take, folder)
            if is_busy:
                return None
            look = await self._look(folder / name, entry.identity, take.source)
        except (DropGone, FileNotFoundError):
            await in_thread(self._marker.check)
            if not await in_thread(folder.parent.is_dir):
                raise  # the whole shot is gone, or has moved: the take goes on where it turns up
            gone = f"{take.source.name} was removed or replaced before it could be taken"
            return partial(fail, number=take.number, error=gone)
        except Undecodable as error:
            return partial(fail, number=take.number, error=error.reason, name=name)
        if look is None:
            return None
        media, params = _media(name, look), {**(look.params or {}), **recipe} or None
        return partial(
            complete, number=take.number, media=media, params=params, auto_activate=self._auto_activate
        )

    async def _place(self, shot: Shot, take: Take, folder: Path) -> tuple[Entry, bool | None]:
        """Have the file in its folder; what it is there, and whether somebody still writes it."""
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

    async def _look(self, path: Path, before: Identity, source: Source) -> Look | None:
        """Look into the file, and make it read-only; None where it is not what it was before."""
        look = await self._looker.look(path, name=source.name or path.name)
        faults.point("looked")
        if not await in_thread(_freeze_if, path, before):
            return None
        faults.point("frozen")
        return look

    async def _recipe(self, shot: Shot, take: Take, folder: Path) -> Params:
        """What the file beside the media says, which goes before what the media is labelled with."""
        try:
            path = await in_thread(_recipe_at, shot, take, folder) if take.source.recipe else None
            text = await in_thread(_read_text, path) if path else ""
            return from_recipe(text, take.source.name or "") if path else {}
        except (NotARecipe, FileNotFoundError):
            return {}


def _place_and_see(source: Path, wanted: Identity, folder: Path, name: str) -> tuple[Entry, bool | None]:
    entry = place(source, wanted, folder, name)
    return entry, is_written(folder / entry.name)


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
