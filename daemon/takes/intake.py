"""The intake: a take whose number is given becomes a completed one, or a failed one.

Every step can be done again: after a crash the take is found in the log, and goes on where it was.
"""

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from msgspec import Struct

from daemon.disk import crash_points
from daemon.disk.leases import is_written
from daemon.disk.marker import Marker
from daemon.disk.moving import rename_new
from daemon.metrics import Steps
from daemon.policies import Policies
from daemon.protection.keeper import Frozen, Keeper, Known
from daemon.runners.runner import Made
from daemon.sequences import place as sequences
from daemon.sequences.look import SequenceLook
from daemon.sequences.place import is_sequence, recipe_in
from daemon.shots import Origin, Rule, Shots
from daemon.takes.completion import (
    as_logged,
    left_by,
    media_found,
    params_of,
    resources_of,
    resources_told,
    was_accepted,
)
from daemon.takes.place import DropGone, bring_in, give_back, picture_of, place, put_all_beside
from daemon.watching.mailbox import Mailbox
from daemon.watching.scan import Entry, media_of_take, recipe_beside
from events import Companion, Identity, Params, Resources, Shot, Take, TakeIsSettled, TakeKey
from events.shot import complete, fail
from projections.artifacts.active_link import active_on_disk
from projections.artifacts.large_recipes import PACKED
from projections.artifacts.objects import Store
from projections.board import Board
from projections.files.fingerprint import identity
from projections.files.hashing import sha256_of
from projections.files.threads import in_thread
from projections.files.writing import begin_sync, sync
from projections.layout import (
    companion_name,
    companion_role,
    media_name,
    recipe_name,
    sidecar_name,
    take_name,
    take_path,
    takes_path,
)
from projections.media.errors import Undecodable
from projections.media.jobs import Inspection

log = structlog.get_logger()

AWAY = 60.0
"""Seconds after which a take whose file was placed, and is away with its folder, counts as removed."""

LARGE = 1 << 20
"""Bytes of a file that the disk begins to write while it is looked into."""


class Placed(Struct, frozen=True):
    """A take's file in its folder: whether somebody still writes it, and whether it `was_there` before this look.

    Of what was there nobody knows whether the disk has refused it since: it may look whole and not be on the disk.
    """

    entry: Entry
    is_busy: bool | None
    was_there: bool


class Inspector(Protocol):
    """Looks into a media file, in another process; raises Undecodable."""

    async def inspect(
        self, path: Path, *, name: str, patient: bool = False, draw: bool = False
    ) -> Inspection:
        """What the file holds; `name` is what it was called when it was dropped. With `draw` the look goes on to its picture and sound."""

    async def inspect_as_it_is(self, path: Path, *, name: str) -> Inspection:
        """The same, or what can be told of it where nobody can look into it."""

    async def recipe(self, path: Path, *, name: str, patient: bool = False) -> Params:
        """The parameters in the recipe that lies beside that file."""


class Intake:
    """Finishes the takes of one project."""

    def __init__(
        self,
        root: Path,
        marker: Marker,
        shots: Shots,
        inspector: Inspector,
        mailbox: Mailbox,
        store: Store,
        policies: Policies,
        board: Board,
        steps: Steps,
    ) -> None:
        self._root = root
        self._marker = marker
        self._shots = shots
        self._inspector = inspector
        self._mailbox = mailbox
        self._policies = policies
        self._steps = steps
        self._keeper = Keeper(root, store, board)
        self._sequences = SequenceLook(inspector, self._keeper, policies.config.sequences.rate)
        self._seen: dict[TakeKey, float] = {}

    async def finish(
        self, stream: str, number: int, made: Made | None = None, *, patient: bool = False
    ) -> bool:
        """Place the take's file, look into it, and say what became of it; False while somebody writes it.

        `made` is what a runner has made for it; otherwise it is the file that was dropped. NeedsMore where it takes
        more than a first look has, unless it is `patient`.
        """
        shot = await self._shots.load(stream)
        take = shot.takes[number]
        if take.status != "generating":
            return True
        crash_points.point("created")
        rule = await self._make(shot, take, self._root / take_path(shot.path, number), made, patient=patient)
        if rule is None:
            return False
        with suppress(TakeIsSettled), self._steps.time("complete"):  # as it was before a crash
            await self._shots.change(stream, rule, Origin("watcher", take.created_by))
        crash_points.point("completed")
        self._seen.pop(TakeKey(stream, number), None)
        log.info("take finished", shot=shot.path, take=number, status=shot.takes[number].status)
        if shot.takes[number].status == "failed":
            self._mailbox.look_at(shot.path)  # whose folder is watched then: it may well be saved over
        return True

    async def _make(
        self, shot: Shot, take: Take, folder: Path, made: Made | None, *, patient: bool
    ) -> Rule | None:
        """Do what is to be done on disk; the rule that says how it ended, None where it has not."""
        name = file = None
        try:
            with self._steps.time("place"):
                placed = await self._place(shot, take, folder, made)
            self._seen[TakeKey(shot.stream, take.number)] = self._mailbox.clock()
            name, file = placed.entry.name, placed.entry.identity
            companions = await self._companions(shot, take, folder)
            recipe, trouble = await self.recipe(
                shot, take, folder, name, patient=patient, is_alone=not companions
            )
            if placed.is_busy:
                return None
            called = take.source.name or (made.path.name if made else name)
            rate = recipe.get("frameRate")
            found = await self._look(shot, take, folder / name, placed, called, rate, patient=patient)
        except (DropGone, FileNotFoundError) as error:
            if take.is_awaited:
                return None  # what was there is not any more: a file is waited for as before
            await in_thread(self._marker.check)
            if not await in_thread(folder.parent.is_dir):
                raise  # the whole shot is gone, or has moved: the take goes on where it turns up
            if not isinstance(error, DropGone) or await self._may_come_back(shot, take, folder):
                return None
            gone = f"{take.source.name} was removed or replaced before it could be taken"
            return partial(fail, number=take.number, error=gone, auto_activate=self._policies.auto_activate)
        except Undecodable as error:
            await in_thread(give_back, shot, take, folder)
            return partial(
                fail,
                number=take.number,
                error=error.reason,
                name=name,
                identity=file,
                auto_activate=self._policies.auto_activate,
            )
        if found is None:
            return None
        look, frozen = found
        params = params_of(take, look, recipe, made)

        def ask_folder() -> tuple[int | None, tuple[Params, dict[str, int]], Resources | None]:
            logged = as_logged(params, folder, sidecar_name(shot.path, take.number))
            return _linked(shot, self._root), logged, resources_told(shot, take, folder)

        linked, (logged, left_out), cost = await in_thread(ask_folder)
        return partial(
            complete,
            number=take.number,
            media=media_found(name, look),
            params=logged or None,
            left_out=left_out or None,
            recipe_error=trouble or (look.unread and f"its labels were not read: {look.unread}"),
            resources=cost or resources_of(take, made),
            refused=look.refused,
            identity=frozen.file,
            kept=frozen.kept,
            companions=companions,
            left=left_by(made),
            auto_activate="never" if linked else self._policies.auto_activate,
            is_linked=linked == take.number,
        )

    async def _may_come_back(self, shot: Shot, take: Take, folder: Path) -> bool:
        """Whether the take's file is away with its folder, where it was placed a moment ago."""
        seen = self._seen.get(TakeKey(shot.stream, take.number), -AWAY)
        return self._mailbox.clock() - seen < AWAY and not await in_thread(folder.is_dir)

    async def _place(self, shot: Shot, take: Take, folder: Path, made: Made | None) -> Placed:
        """Have the file in its folder."""
        if take.is_awaited:
            return await in_thread(_bring, shot.path, take.number, folder, made)
        source, wanted = take.source, take.source.identity
        if source.name is None or wanted is None:
            raise DropGone(take_name(take.number))
        if is_sequence(source):
            self._mailbox.ours(
                take_path(shot.path, take.number)
            )  # another folder of that name may come at once
            return await in_thread(_place_folder, shot.path, take, wanted, folder)
        came_from = folder / source.name if source.kind == "adopted" else folder.parent / source.name
        name = media_name(shot.path, take.number, came_from.suffix)
        self._mailbox.ours(f"{takes_path(shot.path)}/{source.name}", take_path(shot.path, take.number))
        placed = await in_thread(_place_and_see, came_from, wanted, folder, name)
        crash_points.point("placed")
        return placed

    async def _companions(self, shot: Shot, take: Take, folder: Path) -> list[Companion]:
        """Have the other files of the render beside the media; those that are there."""
        found = await in_thread(put_all_beside, shot, take, folder)
        dropped = {one.role: one.name for one in take.source.companions}
        return [
            Companion(
                role=role,
                name=one.name,
                identity=one.identity,
                sha256=await sha256_of(folder / one.name),
                origin=dropped.get(role),
            )
            for one in found
            if (role := companion_role(one.name))
        ]

    async def _look(
        self, shot: Shot, take: Take, path: Path, placed: Placed, name: str, rate: object, *, patient: bool
    ) -> tuple[Inspection, Frozen] | None:
        """Look into the file, make it read-only and keep its bytes; None where it is not what it was before."""
        is_adopted = take.source.kind == "adopted"
        as_it_is = is_adopted and await in_thread(was_accepted, shot, take, path.parent)
        if is_sequence(take.source):
            known = _known(take, placed)
            with self._steps.time("look"):
                return await self._sequences.look(path, name, rate, known, patient=patient, as_it_is=as_it_is)
        with self._steps.time("look"):
            if as_it_is:
                look = await self._inspector.inspect_as_it_is(path, name=name)
            else:
                look = await self._inspector.inspect(path, name=name, patient=patient, draw=True)
        crash_points.point("looked")
        with self._steps.time("keep"):
            frozen = await self.keep(take, path, placed, look)
        crash_points.point("frozen")
        return (look, frozen) if frozen else None

    async def keep(self, take: Take, path: Path, placed: Placed, look: Inspection) -> Frozen | None:
        """Have the file be the take's for good; None where it is not what was looked at, or somebody writes it."""
        return await self._keeper.keep(path, placed.entry.identity, _known(take, placed, look))

    async def keep_frames(
        self, take: Take, path: Path, placed: Placed, name: str, rate: object
    ) -> tuple[Inspection, Frozen] | None:
        """Have frames be the take's for good as they are, whose list is at that path."""
        known = _known(take, placed)
        return await self._sequences.look(path, name, rate, known, patient=True, as_it_is=True)

    async def recipe(
        self, shot: Shot, take: Take, folder: Path, media: str, *, patient: bool, is_alone: bool = False
    ) -> tuple[Params, str | None]:
        """What the file beside the media says, which goes before what the media is labelled with; or why it does not.

        Where it is known to be alone, with no other file of its render, none of those is looked for.
        """
        with suppress(FileNotFoundError):
            if take.is_awaited:
                name = await in_thread(recipe_beside, folder, media)
                path = folder / name if name else None
            elif take.source.recipe:
                path = await in_thread(_recipe_at, shot, take, folder)
            else:
                is_folder = take.source.is_folder
                path = await in_thread(recipe_in, folder, shot.path, take.number) if is_folder else None
            if path is None and not (is_alone and take.source.supersedes is None):
                path = await in_thread(picture_of, shot, take, folder)
            if path:
                return await self._read(path, take.source.name or "", patient=patient)
        return {}, None

    async def _read(self, path: Path, name: str, *, patient: bool) -> tuple[Params, str | None]:
        """What a recipe says, the whole of it where it is packed; else why it says nothing."""
        trouble = ""
        for one in (path.with_name(path.name + PACKED), path):
            try:
                return await self._inspector.recipe(one, name=name, patient=patient), None
            except (Undecodable, FileNotFoundError, PermissionError) as error:
                trouble = f"its recipe was not read: {error}"
        return {}, trouble


def _place_and_see(source: Path, wanted: Identity, folder: Path, name: str) -> Placed:
    was_there = not os.path.lexists(source)
    entry = place(source, wanted, folder, name)
    if entry.identity.size >= LARGE:
        begin_sync(folder / entry.name)
    return Placed(entry, is_written(folder / entry.name), was_there)


def _place_folder(shot: str, take: Take, wanted: Identity, folder: Path) -> Placed:
    """Have the folder of frames that was dropped be the take's, with a list of them in it."""
    name = take.source.name or ""
    was_there = not os.path.lexists(folder.parent / name)
    if take.source.kind == "drop" and not sequences.place(folder.parent / name, wanted, folder):
        raise DropGone(name)
    path = sequences.listed(folder, shot, take)
    crash_points.point("placed")
    return Placed(Entry(path.name, identity(path.lstat())), is_busy=False, was_there=was_there)


def _bring(shot: str, number: int, folder: Path, made: Made | None) -> Placed:
    """Have the file that came for a take that was asked for under its name: what a runner made, or what lies there."""
    folder.mkdir(exist_ok=True)
    path = _found(folder, shot, number, made)
    name = media_name(shot, number, path.suffix)
    was_there = path == folder / name
    if not was_there:
        came = made.companions if made and path == made.path else {}
        beside = {companion_name(shot, number, role, one.suffix): one for role, one in came.items()}
        bring_in(path, folder, name, recipe_name(shot, number), beside)
    return Placed(Entry(name, identity((folder / name).lstat())), is_written(folder / name), was_there)


def _found(folder: Path, shot: str, number: int, made: Made | None) -> Path:
    """What a runner has made, unless a file of that name came before it; else what lies in the take's folder."""
    if made and made.path.exists() and not (folder / media_name(shot, number, made.path.suffix)).exists():
        return made.path
    entry = media_of_take(folder, shot, number)
    if entry is None:
        raise DropGone(take_name(number))
    return folder / entry.name


def _linked(shot: Shot, root: Path) -> int | None:
    """The take that the link leads to, where nobody else is active and it is still to come, as in a clone."""
    number = active_on_disk(root / shot.path) if shot.active is None else None
    take = shot.takes.get(number or 0)
    if number is None or (take and (take.status != "generating" or take.deleted)):
        return None
    return number if (root / take_path(shot.path, number)).is_dir() else None


def _known(take: Take, placed: Placed, look: Inspection | None = None) -> Known:
    """What is known of a take's file; of a sequence it is each frame's own look that says what it holds."""
    sha256, size = (look.sha256, look.bytes) if look else ("", 0)
    # A film that was copied by hard links goes on sharing its bytes.
    return Known(sha256, size, was_there=placed.was_there, may_share=take.source.kind == "adopted")


def _recipe_at(shot: Shot, take: Take, folder: Path) -> Path | None:
    """Where the recipe lies, once it has followed its media into the take's folder."""
    name = take.source.recipe or ""
    home = folder if take.source.kind == "adopted" else folder.parent
    own = recipe_name(shot.path, take.number)
    source, target = home / name, (folder / own).with_suffix(Path(name).suffix)
    if take.source.kind == "adopted" and name == sidecar_name(shot.path, take.number):
        return source  # it stays what it is: our own sidecar
    if source.is_file() and not source.is_symlink():
        with suppress(FileExistsError):
            rename_new(source, target)
            sync(folder)
    return target if target.exists() else None
